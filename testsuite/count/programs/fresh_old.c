/* A fresh object is an old one in the next transaction. */
/* count: accesses 2 1  naive 2 1  after:fresh 2 0  activation 2 0  transaction 2 0 */
#include "count.h"

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    struct cell *c = STM_NEW(struct cell);
    (void)a, (void)b;
    c->value = 1;
    END_TRANSACTION();
    long v = c->value;
    END_TRANSACTION();
    return v + c->value;
}
MAIN
