/* main in the old style, after a prototype of it. */
#include <stdio.h>

int main(int argc, char *argv[]);
static int twice();

int main(argc, argv)
int argc;
char *argv[];
{
    printf("%d %d %d\n", argc, argv[argc] == 0, twice(21));
    return 0;
}

static int twice(n)
int n;
{
    return 2 * n;
}
