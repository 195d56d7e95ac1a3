/* ++ and += are one access, which needs a write barrier. */
/* count: accesses 0 2  naive 0 2  final 0 1  activation 0 1  transaction 0 1 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)b;
    a->value++;
    a->value += 2;
    return 0;
}
MAIN
