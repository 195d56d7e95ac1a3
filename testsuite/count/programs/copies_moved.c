/* A copy of a function with a barrier that motion has put before a loop, in place of five: it counts there
 * from motion on, in the copy as in the original. */
/* count: accesses 10 3  naive 10 3  after:available 10 3  after:motion 2 3  after:clone 2 3  final 2 2 */
#include "count.h"

static void setup(void) {}

__attribute__((noinline)) static long run(struct cell *c, struct cell *d)
{
    long s = 0;
    int k = 5;
    c->value = 1;
    for (;;) {
        s += d->value;
        if (!--k)
            break;
    }
    return s;
}

static long measured(struct cell *a, struct cell *b)
{
    long s = run(a, b);
    END_TRANSACTION();
    a->more = 2;
    return s + run(a, b);
}
MAIN
