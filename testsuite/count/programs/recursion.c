/* Recursive activations are distinct, and the outer ones are not forgotten when the inner ones end. */
/* count: accesses 18 0  naive 18 0  activation 9 0  transaction 1 0 */
#include "count.h"

static void setup(void) {}

static long down(struct cell *c, int n)
{
    long v = c->value;
    if (n > 0)
        v += down(c, n - 1);
    return v + c->more;
}

static long measured(struct cell *a, struct cell *b)
{
    (void)b;
    return down(a, 8);
}
MAIN
