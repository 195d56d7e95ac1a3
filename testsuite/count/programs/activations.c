/* Each activation of a function reads the object first; the transaction does once. */
/* count: accesses 21 0  naive 21 0  activation 11 0  transaction 1 0 */
#include "count.h"

static void setup(void) {}

static __attribute__((noinline)) long get(struct cell *c)
{
    return c->value + c->more;
}

static long measured(struct cell *a, struct cell *b)
{
    long s = a->value;
    (void)b;
    for (int i = 0; i < 10; i++)
        s += get(a);
    return s;
}
MAIN
