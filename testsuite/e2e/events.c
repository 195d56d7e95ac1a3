/* What happens where no call or access stands in the text, or does not happen although one does: cleanup
 * functions, jumps out of assembly, labels of one name, initialisers, library functions that call back,
 * operands that are not evaluated. Between two uses of an object the transaction ends in such a place: in the
 * checking build, with STM_BREAK=1, the second use must have a barrier of its own. */
#define _GNU_SOURCE
#include <pthread.h>
#include <search.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ungil.h>

struct STM_OBJECT node {
    long x, y;
    struct node *next;
};
static struct node *head;
static long trace;

#define NOINLINE static __attribute__((noinline))

NOINLINE long pass(long v)
{
    STM_SAFEPOINT();
    return v;
}

/* ---- cleanup ---- */

static void leave(int *v)
{
    trace = trace * 10 + *v;
    STM_SAFEPOINT();
}
#define GUARD(name, n) int name __attribute__((cleanup(leave))) = n

NOINLINE long falls_through(struct node *p)
{
    p->x++;
    {
        GUARD(a, 1);
        GUARD(b, 2);
    }
    p->y++;
    return p->x;
}

NOINLINE long breaks(struct node *p)
{
    for (long i = 0; i < 3; i++) {
        GUARD(a, 3);
        p->x++;
        if (i == 1)
            break;
    }
    p->y++;
    return p->x;
}

NOINLINE long continues(struct node *p)
{
    long n = 0;
    for (GUARD(a, 4); n < 2; p->y++) {
        GUARD(b, 5);
        n++;
        p->x++;
        if (p->x > 0)
            continue;
        n = 9;
    }
    p->y++;
    return p->x;
}

NOINLINE long jumps_back(struct node *p)
{
    long n = 0;
again:
    p->x++;
    GUARD(a, 6);
    p->y++;
    if (n++ < 2)
        goto again;
    p->x++;
    return p->y;
}

NOINLINE long jumps_out(struct node *p)
{
    {
        GUARD(a, 7);
        {
            GUARD(b, 8);
            p->x++;
            if (a + b == 15)
                goto out;
        }
        p->y = 0;
    }
out:
    p->y++;
    return p->x;
}

NOINLINE long returned(struct node *p)
{
    GUARD(a, 9);
    p->y++;
    return p->x; /* before the cleanup */
}
NOINLINE long returns(struct node *p)
{
    p->x++;
    long r = returned(p);
    return r + p->x;
}

NOINLINE long in_expression(struct node *p)
{
    long v = ({
        GUARD(a, 1);
        p->x + a;
    });
    p->y++;
    return v + p->x;
}

NOINLINE long in_switch(struct node *p, int k)
{
    for (int i = 0; i < 2; i++) {
        GUARD(a, 2);
        switch (k) {
        case 1: {
            GUARD(b, 3);
            p->x++;
            break;
        }
        default: {
            GUARD(c, 4);
            p->x += 2;
            continue;
        }
        }
        p->y++;
    }
    return p->x + p->y;
}

static void turn(struct node **p)
{
    (*p)->x += 3;
    STM_SAFEPOINT();
}
NOINLINE long of_a_pointer(struct node *p)
{
    p->y++;
    {
        struct node *q __attribute__((cleanup(turn))) = p;
        q->x++;
    }
    p->y++;
    return p->x;
}

static jmp_buf back;
NOINLINE long not_at_longjmp(struct node *p)
{
    if (!setjmp(back)) {
        GUARD(a, 5);
        p->x++;
        longjmp(back, 1);
    }
    p->y++;
    return p->x + p->y;
}

/* ---- jumps ---- */

NOINLINE long asm_goto(struct node *p, int taken)
{
    p->y++;
    STM_SAFEPOINT();
    if (taken)
        __asm__ goto("jmp %l0" : : : : skip);
    else
        __asm__ goto("" : : "r"(taken) : "memory" : skip);
    p->x++;
skip:
    p->y++;
    return p->y;
}

#define FIND(p, v)                                                                                           \
    ({                                                                                                       \
        __label__ out;                                                                                       \
        long r_ = 0;                                                                                         \
        if ((p)->x == (v)) {                                                                                 \
            r_ = 1;                                                                                          \
            goto out;                                                                                        \
        }                                                                                                    \
        r_ = 2;                                                                                              \
    out:                                                                                                     \
        r_;                                                                                                  \
    })
NOINLINE long local_labels(struct node *p, struct node *q)
{
    long a = FIND(p, 3);
    STM_SAFEPOINT();
    a += 10 * FIND(q, 3);
    STM_SAFEPOINT();
    p->y++;
    return a + p->y;
}

NOINLINE long same_labels(struct node *p, struct node *q, int taken)
{
    long a = FIND(p, 3) + pass(FIND(q, 5));
    if (taken)
        __asm__ goto("jmp %l0" : : : : out);
    p->x++;
    STM_SAFEPOINT();
out:
    p->y++;
    return a + p->y;
}

NOINLINE long labelled_value(struct node *p, int k)
{
    long v = ({
        if (k)
            goto out;
        p->x++;
    out:
        pass(p->y);
    });
    return v + p->x;
}

NOINLINE long computed(struct node *p, int k)
{
    static const void *const to[] = {&&one, &&two, &&three};
    long n = 0;
next:
    p->y++;
    goto *to[k + n];
one:
    n++;
    p->x++;
    STM_SAFEPOINT();
    goto next;
two:
    n++;
    p->x += pass(2);
    goto next;
three:
    return p->x + p->y;
}

NOINLINE long duff(struct node *p, long n)
{
    long k = (n + 3) / 4;
    switch (n % 4) {
    case 0:
        do {
            p->x += pass(1);
            /* fall through */
        case 3:
            p->x += pass(1);
            /* fall through */
        case 2:
            p->x++;
            /* fall through */
        case 1:
            p->x++;
        } while (--k > 0);
    }
    return p->x;
}

/* ---- initialisers ---- */

struct pair {
    long a, b;
};
struct deep {
    struct pair p;
    long c;
};
union either {
    long a;
    double b;
};

NOINLINE long out_of_order(struct node *p)
{
    struct pair s = {.b = pass(1), .a = p->x};
    long v[2] = {[1] = pass(2), [0] = p->y};
    struct deep d = {.c = p->x, .p.b = pass(3), .p.a = p->y};
    return s.a + s.b + v[0] + v[1] + d.c + d.p.a + d.p.b + p->y;
}

NOINLINE long in_order(struct node *p)
{
    long v[4] = {p->x, pass(1), p->y, pass(2)};
    struct deep d = {{pass(1), p->x}, p->y};
    struct pair s = {.a = p->x, .b = p->y++};
    p->x++;
    return v[0] + v[1] + v[2] + v[3] + d.p.a + d.p.b + d.c + s.a + s.b;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Winitializer-overrides"
NOINLINE long overridden(struct node *p)
{
    struct pair s = {.a = p->x, .a = 7, .b = 1};
    long v[3] = {[0] = p->x, [1] = 2, [0] = 3};
    union either e = {.a = p->x, .b = 1};
    struct deep d = {.p = {p->x, 1}, .p.a = 2};
    STM_SAFEPOINT();
    struct deep f = {.c = p->x, .p = {1, 2}, .c = 3};
    return s.a + v[0] + v[1] + (long)e.b + d.p.a + f.c + p->x + p->y;
}
#pragma GCC diagnostic pop

NOINLINE long ranged(struct node *p)
{
    long v[5] = {[0 ... 2] = p->x, [3] = pass(p->y), [4 ... 4] = p->y};
    struct pair s[2] = {[0 ... 1] = {p->x, 1}};
    return v[0] + v[1] + v[2] + v[3] + v[4] + s[1].a + p->y;
}

NOINLINE long literals(struct node *p)
{
    struct pair *s = &(struct pair){.b = pass(1), .a = p->x};
    p->y += ((struct deep){.c = pass(1), .p = {p->x, p->y}}).p.b;
    return s->a + s->b + p->x;
}

/* ---- the library calls back ---- */

static void once(void)
{
    STM_SAFEPOINT();
}
static int compare(const void *a, const void *b)
{
    STM_SAFEPOINT();
    return *(const int *)a - *(const int *)b;
}
static int compare_with(const void *a, const void *b, void *with)
{
    STM_SAFEPOINT();
    ++*(long *)with;
    return *(const int *)a - *(const int *)b;
}
static void *tree STM_RAW;
static void visit(const void *at, VISIT which, int depth)
{
    (void)depth;
    if (which == postorder || which == leaf)
        trace = trace * 10 + **(const int *const *)at;
    STM_SAFEPOINT();
}

NOINLINE long calls_back(struct node *p)
{
    static pthread_once_t o = PTHREAD_ONCE_INIT;
    static int kept[] STM_RAW = {3, 1, 2};
    int v[5] = {3, 1, 2}, k = 2, absent = 9;
    size_t n = 3;
    long calls = 0;
    p->x++;
    pthread_once(&o, once);
    p->y++;
    p->x += lfind(&k, v, &n, sizeof *v, compare) == v + 2;
    p->y++;
    p->x += lsearch(&absent, v, &n, sizeof *v, compare) == v + 3 && n == 4;
    p->y++;
    qsort(v, n, sizeof *v, compare);
    p->y++;
    qsort_r(v, n, sizeof *v, compare_with, &calls);
    p->y += calls > 0;
    p->x += bsearch(&k, v, n, sizeof *v, compare) == v + 1;
    for (int i = 0; i < 3; i++)
        p->x += tsearch(&kept[i], &tree, compare) != NULL;
    p->y++;
    twalk(tree, visit);
    p->x += tfind(&kept[1], &tree, compare) != NULL;
    p->y += tdelete(&kept[1], &tree, compare) != NULL;
    return p->x + p->y + v[0];
}

/* ---- what is not evaluated ---- */

NOINLINE long unevaluated(struct node *p)
{
    long n = (long)sizeof(int(*)[p->x]) + (long)sizeof(p->next->x) + __builtin_constant_p(p->x) +
             (__builtin_object_size(p->next, 0) == 0) + (__builtin_classify_type(p->x) == 0);
    n += p->x;
    STM_SAFEPOINT();
    n += (long)sizeof(char[p->x]) + p->y;
    STM_SAFEPOINT();
    n += _Generic(p->next, long : 1, default : p->x);
    return n + p->y;
}

/* ---- writes to locals that other pointers reach ---- */

struct list {
    struct node *first;
    long n;
};
NOINLINE long first_twice(struct list *l, struct node *p, struct node *q)
{
    long sum = 0;
    for (int i = 0; i < 2; i++) {
        struct list here = {i ? q : p, 1}, *at = i < 2 ? &here : l;
        sum += at->first->x;
        here = (struct list){q, 2};
        at->first->x++;
        here.first = p, here.n++;
        sum += at->first->x + at->n;
        STM_SAFEPOINT();
    }
    return sum;
}

#define TELL(call) tell(#call, call, p)
static void tell(const char *what, long r, const struct node *p)
{
    printf("%s: %ld, trace %ld, %ld %ld\n", what, r, trace, p->x, p->y);
}

int main(void)
{
    struct node *p, *q;
    head = STM_NEW(struct node);
    head->x = 3;
    head->y = 4;
    head->next = STM_NEW(struct node);
    head->next->x = 5;
    STM_SAFEPOINT();
    p = head;
    q = p->next;
    TELL(falls_through(p));
    TELL(breaks(p));
    TELL(continues(p));
    TELL(jumps_back(p));
    trace = 0;
    TELL(jumps_out(p));
    TELL(returns(p));
    TELL(in_expression(p));
    TELL(in_switch(p, 1));
    TELL(in_switch(p, 2));
    TELL(of_a_pointer(p));
    TELL(not_at_longjmp(p));
    trace = 0;
    TELL(asm_goto(p, 1));
    TELL(asm_goto(p, 0));
    TELL(local_labels(p, q));
    TELL(same_labels(p, q, 1));
    TELL(same_labels(p, q, 0));
    TELL(labelled_value(p, 0));
    TELL(labelled_value(p, 1));
    TELL(computed(p, 0));
    TELL(duff(p, 11));
    TELL(out_of_order(p));
    TELL(in_order(p));
    TELL(overridden(p));
    TELL(ranged(p));
    TELL(literals(p));
    TELL(calls_back(p));
    TELL(unevaluated(p));
    TELL(first_twice(NULL, p, q));
    return 0;
}
