/* Loops over an array: a barrier for each element, or one before the loop; none if it is not entered. */
/* count: accesses 2100 3000  naive 2100 3000  final 3 4 */
#include "count.h"

struct STM_OBJECT vector {
    long n STM_IMMUTABLE;
    long v[1000];
};

static __attribute__((noinline)) void fill(struct vector *a, int lo, int hi)
{
    for (int i = lo; i < hi; i++)
        a->v[i] = i;
}
static __attribute__((noinline)) void reverse(struct vector *a, struct vector *b)
{
    for (int i = 999; i >= 0; i--)
        a->v[999 - i] = b->v[i];
}
static __attribute__((noinline)) void raise(struct vector *a)
{
    for (unsigned i = 0; i < 900; i++)
        a->v[i] += 2;
}

static __attribute__((noinline)) long sum(const struct vector *a, int from)
{
    long s = 0;
    for (int i = from; i < 1000; i++)
        s += a->v[i];
    return s;
}

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)a, (void)b;
    struct vector *x = STM_NEW(struct vector), *y = STM_NEW(struct vector);
    END_TRANSACTION();
    fill(x, 0, 1000);
    fill(x, 0, 0);
    fill(x, 5, -5);
    reverse(y, x);
    END_TRANSACTION();
    raise(x);
    fill(y, 900, 1000);
    return sum(x, 0) + sum(y, 900) + sum(y, 1000);
}
MAIN
