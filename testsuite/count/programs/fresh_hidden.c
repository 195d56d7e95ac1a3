/* A fresh object that no analysis can know for one: the barrier is executed, counts in no bound, and is told
 * apart. */
/* count: accesses 1 1  naive 1 1  final 1 0  final_on_fresh 1 0  activation 0 0  transaction 0 0 */
#include "count.h"

static struct cell *same(struct cell *c)
{
    return c;
}
static struct cell *(*volatile get)(struct cell *) = same;

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    struct cell *c = STM_NEW(struct cell);
    (void)a, (void)b;
    c->value = 1;
    return get(c)->value;
}
MAIN
