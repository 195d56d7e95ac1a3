/* A large object is one object, however many cards of it are written. */
/* count: accesses 1 3  naive 1 3  activation 0 1  transaction 0 1 */
#include "count.h"

struct STM_OBJECT big {
    long n STM_IMMUTABLE;
    long v[];
};

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)a, (void)b;
    struct big *g = STM_NEW_FLEX(struct big, v, 10000);
    END_TRANSACTION();
    g->v[0] = 1;
    g->v[5000] = 2;
    g->v[9999] = 3;
    return g->v[77];
}
MAIN
