/* A static object counts as one, whichever field; other statics count by granule of 16 bytes. */
/* count: accesses 6 2  naive 6 2  activation 2 2  transaction 2 2 */
#include "count.h"

static struct cell object;
static struct {
    long a, b, c, d, e;
} plain __attribute__((aligned(16)));

static void setup(void) {}

static long measured(struct cell *a, struct cell *b)
{
    (void)a, (void)b;
    object.value = 1;
    long s = object.more + (object.next != 0);
    plain.a = 2;
    s += plain.b;           /* the granule written */
    s += plain.c + plain.d; /* another */
    return s + plain.e;     /* a third */
}
MAIN
