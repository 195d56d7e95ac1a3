/* Attributes that tell a compiler what a call does not do: of translated functions they are no longer
 * true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ungil.h"

#define ATTR(...) __attribute__((__VA_ARGS__))
#define N __attribute__((noinline))
struct STM_OBJECT node {
    long x, y;
    struct node *next;
};
static struct node *head;

ATTR(pure) static N long get(struct node *p)
{
    return p->x;
}
static N long get_late(struct node *p);
static N long get_late(struct node *p) ATTR(__pure__);
static N long get_late(struct node *p)
{
    return p->x;
}
static N long get_c23(struct node *p) ATTR(unused, pure, cold);
static long get_c23(struct node *p)
{
    return p->y;
}
typedef long reader(struct node *) ATTR(pure);
static reader get_typedef;
static N long get_typedef(struct node *p)
{
    return p->x + p->y;
}
static N long first(struct node *p)
{
    return p->x;
}
static N long second(struct node *p)
{
    return p->y;
}
static long (*choose[2])(struct node *) ATTR(pure) = {first, second};
static N ATTR(malloc, returns_nonnull, assume_aligned(8), nothrow, leaf)
struct node *make(long n)
{
    struct node *p = STM_NEW(struct node);
    p->x = n;
    return p;
}
ATTR(nonnull(1), access(read_only, 1)) static N long sum(struct node *p, const char *s)
{
    long a = p ? p->x : 7;
    return s ? a + (long)strlen(s) : a;
}
static N long elements(long a[static 4])
{
    return a[0] + a[3];
}
static N void twice(void)
{
    STM_SAFEPOINT();
    head->x *= 2;
    STM_SAFEPOINT();
}

static N long f(struct node *p)
{
    (void)get(p);
    long a = p->y;
    (void)get_late(p);
    STM_SAFEPOINT();
    (void)get_late(p);
    a += p->x;
    STM_SAFEPOINT();
    (void)get_c23(p);
    a += p->x;
    STM_SAFEPOINT();
    (void)get_typedef(p);
    a += p->y;
    STM_SAFEPOINT();
    (void)choose[a & 1](p);
    return a + p->x;
}
static N long g(struct node *p)
{
    (void)make(5);
    struct node *q = make(3);
    q->next = p;
    p->x++;
    twice();
    p->x++;
    return q->next->x + q->x + sum(p, "ab") + sum(q, NULL);
}
/* Attributes of a function's type, which its pointers have too. */
typedef int (*plain)(int);
typedef int (*others)(int) __attribute__((ms_abi));
struct STM_OBJECT calls {
    void (*die)(int) __attribute__((noreturn));
    int(__attribute__((ms_abi)) * add)(int, long);
    int(__attribute__((ms_abi)) * *where)(int, long);
    plain(__attribute__((ms_abi)) * get)(int);
    others two[2];
    void (*with)(void (*)(int) __attribute__((noreturn)), int) __attribute__((noreturn));
};
static __attribute__((noreturn)) void quit(int n)
{
    printf("bye %d\n", n);
    exit(n);
}
static __attribute__((noreturn)) void with(void (*f)(int) __attribute__((noreturn)), int n)
{
    f(n);
}
static __attribute__((ms_abi)) int add(int a, long b)
{
    return a + (int)b;
}
static __attribute__((ms_abi)) int one(int a)
{
    return a + 1;
}
static int two(int a)
{
    return a + 2;
}
static __attribute__((ms_abi)) plain getter(int a)
{
    return a ? two : NULL;
}
static void calls(void)
{
    struct calls *c = STM_NEW(struct calls);
    STM_SAFEPOINT();
    c->die = quit;
    c->add = add;
    c->where = &c->add;
    c->with = with;
    c->get = getter;
    c->two[0] = c->two[1] = one;
    STM_SAFEPOINT();
    printf("%d %d %d %d\n", c->add(1, 2), (*c->where)(3, 4), c->get(1)(5), c->two[1](7));
    __typeof__(&c->die) p = &c->die;
    STM_SAFEPOINT();
    if (c->add(1, 2) == 4)
        (*p)(3);
    c->with(c->die, 4);
}
#ifdef __x86_64__
/* What only the declaration says is true of copies, too. */
static int checked;
unsigned checksum(struct node *n) __attribute__((__target__("sse4.2")));
unsigned checksum(struct node *n)
{
    checked++;
    n->x++;
    return __builtin_ia32_crc32si(7, (unsigned)n->y);
}
#else
static int checked;
#define checksum(n) ((n)->x++, 1646430521u)
#endif

int main(void)
{
    head = STM_NEW(struct node);
    head->x = 3;
    head->y = 4;
    checked = 1;
    printf("%u\n", checksum(head));
    STM_SAFEPOINT();
    printf("%u\n", checksum(head));
    long *v = calloc(4, sizeof *v);
    v[0] = v[3] = 2;
    for (int i = 0; i < 3; i++) {
        STM_SAFEPOINT();
        printf("%ld\n", f(head));
        STM_SAFEPOINT();
        printf("%ld\n", g(head));
        STM_SAFEPOINT();
        printf("%ld\n", elements(v));
    }
    calls();
    return 0;
}
