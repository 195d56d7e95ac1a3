/* A safepoint that ends the transaction starts both scopes anew; one that does not leaves them. */
/* count: accesses 4 0  naive 4 0  final 2 0  activation 2 0  transaction 2 0 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)b;
    long v = a->value;
    STM_SAFEPOINT();
    v += a->value;
    END_TRANSACTION();
    v += a->value;
    STM_SAFEPOINT();
    return v + a->value;
}
MAIN
