/* An object read and then written in one scope counts as written; reading it again counts nothing. */
/* count: accesses 2 1  naive 2 1  after:upgrade 1 2  final 0 1  activation 0 1  transaction 0 1 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)b;
    long v = a->value;
    a->value = v + 1;
    return a->more;
}
MAIN
