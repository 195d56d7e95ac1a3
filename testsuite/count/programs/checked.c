/* A checked store of what is there already is a read; else a read, and a write behind it. */
/* count: accesses 3 1  naive 3 1  final 2 1  activation 1 1  transaction 1 1 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    a->flag = 0;
    b->flag |= 1;
    a->flag |= 0;
    return 0;
}
MAIN
