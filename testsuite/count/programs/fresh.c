/* What was allocated in this transaction needs no barrier, however it is reached. */
/* count: accesses 3 3  naive 3 3  activation 0 0  transaction 0 0 */
#include "count.h"

static void setup(void) {}

static __attribute__((noinline)) long sum(struct cell *c)
{
    return c->value + c->more + (c->next == c);
}

static long measured(struct cell *a, struct cell *b)
{
    struct cell *c = STM_NEW(struct cell);
    (void)a, (void)b;
    c->value = 1;
    c->more = 2;
    c->next = c;
    return sum(c);
}
MAIN
