/* Reads right before the transaction turns inevitable: it turns before them. */
/* count: accesses 6 1  naive 6 1  after:inevitable 0 1  final 0 1  activation 0 1  transaction 0 1 */
#include "count.h"

static __attribute__((noinline)) void log_to(const struct cell *c, int quiet)
{
    long s = c->value;
    if (quiet)
        s += c->more;
    stm_become_inevitable("log");
    s += c->flag;
}

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    log_to(b, 1);
    END_TRANSACTION();
    long s = a->value + b->value;
    if (s) {
        stm_become_inevitable("one");
    } else {
        a->more = b->more;
        stm_become_inevitable("other");
    }
    return s;
}
MAIN
