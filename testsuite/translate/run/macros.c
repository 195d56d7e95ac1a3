/* Macros, multi-line calls of them, #line inside expressions, names that system headers define as macros. */
#include <stdio.h>
#include <errno.h>
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <stdarg.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/param.h>
#undef MAX
#undef linux
#undef MIN
static int MAX(int a, int b)
{
    return a > b ? a : b;
}
struct s {
    int linux, errno_, v;
    struct s *next;
} pool[4], *head;
static int MIN = 3;
#define FIELD(p, f) ((p)->f)
#define SWAP(a, b)                                                                                           \
    do {                                                                                                     \
        __typeof__(a) t_ = (a);                                                                              \
        (a) = (b);                                                                                           \
        (b) = t_;                                                                                            \
    } while (0)
#define EACH(x) x(one) x(two) x(three)
#define DEF(n)                                                                                               \
    static int n(void)                                                                                       \
    {                                                                                                        \
        return __LINE__ + sizeof #n;                                                                         \
    }
#define CAT(a, b) a##b
#define VA(...) sum(__VA_ARGS__, 0)
#define TWICE(s)                                                                                             \
    s;                                                                                                       \
    s
#define FOR_EACH(p) for (struct s *p = head; p; p = p->next)
#define malloc(n) (mallocs++, malloc(n))
static int mallocs;
EACH(DEF)
static int sum(int x, ...)
{
    va_list ap;
    va_start(ap, x);
    int t = x;
    for (int y; (y = va_arg(ap, int)) != 0;)
        t += y;
    va_end(ap);
    return t;
}
static int log2_(int n)
{
    assert(n > 0);
    int r = 0;
    while (n >>= 1)
        r++;
    return r;
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
static void unused_function(void) {}
#pragma GCC diagnostic pop
int main(void)
{
    head = &pool[0];
    pool[0].next = pool + 1;
    pool[0].v = 1;
    pool[1].v = 2;
    int x = FIELD(head, v) + FIELD(FIELD(head, next), v) + FIELD(head, v);
    SWAP(pool[0].v, pool[1].v);
    TWICE(x += head->v);
    FOR_EACH(p)
    {
        x += p->v;
        FIELD(p, linux) = x;
    }
    printf("%d %d %d %d\n", x, one() - two(), CAT(he, ad)->v, VA(head->v, pool[1].v, 3));
    errno = 0;
    int big = (int)strtol("99999999999999999999", NULL, 10);
    printf("%d %d\n", errno == ERANGE, big != 0);
    errno = 3;
    errno++;
    printf("%d\n", errno);
    fprintf(stderr, "%s\n", "err");
    fputs("out\n", stdout);
    printf("%d %d %d\n", isalpha('a') != 0, toupper('b'), isdigit('x'));
    char *m = malloc(5);
    m[0] = 'm';
    m[1] = 0;
    printf("%s %d %d\n", m, mallocs, MAX(2, MIN));
    free(m);
    bool b = true;
    printf("%d %d %s\n", b, INT_MAX == 2147483647, __func__);
    assert(head != NULL && "message, with comma");
    printf("%d\n", log2_(1000));
    printf("%d\n", __LINE__);
    char *e;
    long l = strtol("12abc", &e, 10);
    printf("%ld %s\n", l, e);
    int n = -1;
    sscanf("42", "%d", &n);
    printf("%d\n", n);
    return EXIT_SUCCESS;
}
