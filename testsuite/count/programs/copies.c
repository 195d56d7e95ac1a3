/* Of six calls of add, five find the cell written: their copy has no barrier.  The copy's accesses count for
 * the passes before it as the original's. */
/* count: accesses 1 7  naive 1 7  after:available 0 7  after:clone 0 7  final 0 1  activation 0 7
 * transaction 0 1 */
#include "count.h"

static void setup(void) {}

__attribute__((noinline)) static void add(struct cell *c)
{
    c->value++;
}

static long measured(struct cell *a, struct cell *b)
{
    (void)b;
    add(a);
    a->more = 1;
    for (int i = 0; i < 5; i++)
        add(a);
    return a->value;
}
MAIN
