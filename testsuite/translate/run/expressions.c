/* Every kind of expression, on memory of every kind. */
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include <complex.h>

#ifndef ALL
#define ALL
#endif
struct in {
    short s;
    char c;
};
struct ALL all {
    signed char sc;
    unsigned char uc;
    short s;
    unsigned us : 5;
    int bf : 7;
    long l;
    unsigned long long b40 : 40;
    float f;
    double d;
    long double ld;
    _Bool b;
    enum { RED, GREEN = 7 } e;
    void *p;
    int (*fn)(int);
    union {
        int i;
        float g;
        struct {
            unsigned char lo, hi;
        };
    };
    struct in in;
    struct in arr[3];
    int m[2][3];
    double _Complex z;
};
static struct all g = {.sc = -1,
                       .uc = 200,
                       .us = 31,
                       .bf = -3,
                       .l = 1L << 40,
                       .arr[1].c = 'x',
                       .m = {{1, 2, 3}, [1] = {[2] = 6}}};
struct all *gp = &g;
static struct all st2;
static int twice(int x)
{
    return 2 * x;
}
static int calls;
#ifndef SAFEPOINT
#define SAFEPOINT
#endif
static struct all *get(void)
{
    calls++;
    SAFEPOINT;
    return gp;
}
static struct in make(int a, int b)
{
    return (struct in){a, b};
}
static int sum(int n, ...);
#include <stdarg.h>
static int sum(int n, ...)
{
    va_list ap, aq;
    int t = 0;
    va_start(ap, n);
    va_copy(aq, ap);
    for (int i = 0; i < n; i++)
        t += va_arg(ap, int);
    t += va_arg(aq, int);
    va_end(aq);
    va_end(ap);
    return t;
}

static void scalars(struct all *p)
{
    p->sc += 3;
    p->uc += 100;
    p->s = p->sc << 2;
    p->us++;
    p->us++;
    p->bf--;
    p->l <<= 2;
    p->b40 = ~0ull;
    p->f = 1.5f;
    p->d = p->f * 3;
    p->ld = p->d / 7;
    p->b = 5;
    p->e = GREEN;
    p->p = p;
    p->fn = twice;
    printf("%d %d %d %u %d %ld %llu %g %g %.10Lg %d %d %d %d\n", p->sc, p->uc, p->s, p->us, p->bf, p->l,
           (unsigned long long)p->b40, p->f, p->d, p->ld, p->b, p->e, p->p == p, p->fn(21));
    printf("%d %d %d\n", (*p->fn)(2), (**p->fn)(3), ((struct all *)p->p)->fn(4));
    printf("%zu %zu %zu %zu\n", sizeof p->arr, sizeof *p, sizeof p->m[0],
           offsetof(struct all, arr[2].c) - offsetof(struct all, arr[1].c));
    printf("%d %d\n", (int)sizeof(p->uc + 0), (int)_Alignof(struct all));
    p->i = 0x1234;
    printf("%x %x\n", p->lo, p->hi);
    p->hi = 0x56;
    printf("%x\n", p->i);
    p->z = 1 + 2 * I;
    __real__ p->z = 5;
    __imag__ p->z += 1;
    p->z *= p->z; /* by functions of the compiler's own */
    p->z /= 2 + I;
    printf("%g %g\n", creal(p->z), cimag(p->z));
}

static void pointers(struct all *p)
{
    int *q = &p->m[0][0], **qq = &q, *end = &p->m[1][3];
    int t = 0;
    while (q < end)
        t = t * 3 + *q++;
    printf("%d %d %td\n", t, (*qq)[-1], end - *qq);
    q = p->m[1];
    *q++ = 4;
    *q = 5;
    ++*q;
    (*q)++;
    q[1]--;
    1 [q] += 10;
    printf("%d %d %d %d\n", p->m[1][0], p->m[1][1], p->m[1][2], *(*(p->m + 1) + 1));
    int(*row)[3] = &p->m[1];
    (*row)[0] = 9;
    printf("%d %d\n", row[0][0], row[-1][2]);
    struct in *i = p->arr;
    i->s = 1;
    (i + 1)->s = 2;
    i[2].s = 3;
    (*(i + 2)).c = 'z';
    (&p->arr[1])->c++;
    printf("%d %d %d %c %c\n", p->arr[0].s, (*(p->arr + 1)).s, p->arr->s, 2 [p->arr].c, p->arr[1].c);
    printf("%d %d\n", (*&p->in).s, (&*p)->arr[0].s);
    char text[] = "hello", *s = text;
    while (*s)
        *s++ ^= 0x20;
    puts(text);
    const char *lit = "a\"b"
                      "c\\"
                      "\x41"
                      "d";
    printf("%s %c %zu\n", lit, lit[3], sizeof "abc");
}

static void order(struct all *p)
{
    get()->l = 5;
    get()->l += get()->l;
    get()->m[0][get()->m[0][1]]++;
    printf("%ld %d %d\n", p->l, p->m[0][2], calls);
    int i = 0, a[5] = {0};
    a[0] = i++;
    a[++i] += 7;
    i = a[2] ? i-- : i++, i + 1;
    printf("%d %d %d %d\n", a[0], a[1], a[2], i);
    p->l = p->s = p->sc = 300;
    printf("%ld %d %d\n", p->l, p->s, p->sc);
    p->in = make(3, 4), g.arr[0] = p->in;
    printf("%d %d %d\n", g.arr[0].s, make(5, 6).c, (p->in = make(7, 8)).s);
    printf("%d %d\n", sum(3, p->in.s, g.sc, (int)p->us), sum(1, 5, 6));
    int x = p->b ? p->b ?: 3 : 4, y = (p->i = 0) ?: 17, z = p->in.s ? p->sc : p->s ? 1 : 2;
    printf("%d %d %d\n", x, y, z);
    printf("%d %d %d\n", p->b && !p->i, p->i || p->in.s > 3, !(p->b && p->i));
    int v = ({
        int w = p->in.s;
        for (int k = 0; k < 3; k++)
            w += p->m[0][k];
        w;
    });
    printf("%d\n", v);
    printf("%s\n", _Generic(p->d, float : "float", double : "double", default : "other"));
    printf("%d\n", _Generic(p->s, short : p->m[1][0], default : p->e));
    __typeof__(p->arr[0]) copy = p->arr[2];
    __auto_type l = p->l;
    printf("%c %ld\n", copy.c, l);
    struct all all = *p, *pa = &st2;
    all.l++;
    *p = all;
    *pa = *gp;
    printf("%ld %ld\n", p->l, pa->l);
    printf("%d\n", (int)(p->s, p->sc));
    printf("%d\n", __builtin_choose_expr(1, p->m[0][0], p->l) + (int)__builtin_expect(p->m[0][1], 2));
}

int main(int argc, char **argv)
{
    scalars(&g);
    pointers(&g);
    order(&g);
#ifndef OBJECTS
    struct all local = g;
    scalars(&local);
    pointers(&local);
#else
    struct all *heap = STM_NEW(struct all);
    *heap = g;
    scalars(heap);
    pointers(heap);
    gp = heap;
    order(heap);
    order(&g);
#endif
    static struct all st;
    st = g;
    scalars(&st);
    printf("%d %s %s\n", argc, argv[1], argv[2] + 1);
    printf("%d\n", memcmp(&g, &g, sizeof g));
}
