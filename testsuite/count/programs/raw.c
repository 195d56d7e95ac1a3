/* Through a pointer that turns out to lead outside: no barrier executed, and no access to shared memory. */
/* count: accesses 3 0  raw 2 0  naive 3 0  activation 3 0  transaction 1 0 */
#include "count.h"

static void setup(void) {}

static __attribute__((noinline)) long get(const long *p)
{
    return *p;
}

static long measured(struct cell *a, struct cell *b)
{
    long local = 3;
    (void)b;
    long s = get(&local) + get(&local);
    return s + get(&a->value) + get(&a->more) + get(&a->value);
}
MAIN
