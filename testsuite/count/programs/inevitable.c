/* Reads in an inevitable transaction: no barriers, and none in the bounds; writes as ever, and reads in the
 * transaction behind it. */
/* count: accesses 12 1  naive 12 1  after:inevitable 2 1  final 2 1  activation 2 1  transaction 2 1 */
#include "count.h"

static __attribute__((noinline)) long sum(const struct cell *c)
{
    return c->value + c->more;
}

static __attribute__((noinline)) long before(const struct cell *c)
{
    return c->more;
} /* the turn does not move up over a call */

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    long s = before(b); /* one */
    stm_become_inevitable("measured");
    for (int i = 0; i < 4; i++)
        s += sum(a); /* inevitable in every caller */
    a->more = b->value + s;
    s += b->more;
    END_TRANSACTION();
    return s + b->value; /* and behind it: the other */
}
MAIN
