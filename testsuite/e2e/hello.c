/* No annotation at all: macros, strings, varargs, arguments, exit status. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQUARE(x) ((x) * (x))
#define STR2(x) #x
#define STR(x) STR2(x)

static int sum(int n, ...)
{
    va_list ap;
    int total = 0;
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        total += va_arg(ap, int);
    va_end(ap);
    return total;
}

int main(int argc, char **argv)
{
    char line[64];
    printf("%s %d %s\n", "hello", SQUARE(7), STR(SQUARE(2)));
    snprintf(line, sizeof line, "%d:%s", argc, argc > 1 ? argv[1] : "none");
    puts(line);
    printf("%d %d\n", sum(4, 1, 2, 3, 4), (int)strlen(line));
    return argc == 3 ? 17 : 1;
}
