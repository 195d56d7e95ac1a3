/* Ten reads of one object in a loop. */
/* count: accesses 10 1  naive 10 1  final<= 10 1  activation 1 1  transaction 1 1 */
#include "count.h"

static __attribute__((noinline)) long ten(const struct cell *c)
{
    long s = 0;
    for (int i = 0; i < 10; i++)
        s += c->value;
    return s;
}

static void setup(void) {}

static long measured(struct cell *old, struct cell *other)
{
    other->value = 1;
    return ten(old);
}
MAIN
