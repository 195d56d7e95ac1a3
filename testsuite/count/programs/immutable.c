/* Immutable fields need no barrier and count in no bound, but are accesses. */
/* count: accesses 3 0  naive 1 0  final 1 0  activation 1 0  transaction 1 0 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    return a->fixed + a->fixed + b->value;
}
MAIN
