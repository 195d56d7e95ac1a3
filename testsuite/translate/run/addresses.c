/* Addresses of library functions, in tables and locals, called with pointers into the heap. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*compare_function)(const char *, const char *);

static const struct entry {
    const char *name;
    compare_function compare;
} table[] = {{"strcmp", strcmp}, {"strcasecmp", strcasecmp}};

static void (*release)(void *) = free;
static char *(*find)(const char *, int) = strchr;
static int (*closer)(FILE *) = fclose;
static int (*put)(const char *) = puts;

static int apply(int (*f)(int), int c)
{
    return f(c);
}

int main(void)
{
    char *a = malloc(16), *b = malloc(16);
    strcpy(a, "Alpha");
    strcpy(b, "alpha");
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        printf("%s %d\n", table[i].name, table[i].compare(a, b) == 0);
    char *p = find(a, 'p');
    *p = 'P';
    printf("%s %d %d\n", a, (int)(p - a), apply(toupper, 'x'));
    size_t (*length)(const char *) = strlen;
    printf("%d %d\n", (int)length(b), length == strlen);
    put(b);
    FILE *f = tmpfile();
    printf("%d %d\n", f ? closer(f) : 0, ((int (*)(int))close)(-1));
    release(a);
    release(b);
    return 0;
}
