/* Activations that longjmp ends leave nothing behind; those around it keep what they had. */
/* count: accesses 15 0  naive 15 0  activation 5 0  transaction 1 0 */
#include "count.h"

static void setup(void) {}

#include <setjmp.h>

static _Thread_local jmp_buf out;

static __attribute__((noinline)) void leave(struct cell *c)
{
    if (c->value == 0 && c->more == 0)
        longjmp(out, 1);
}

static long measured(struct cell *a, struct cell *b)
{
    volatile long s = a->value;
    (void)b;
    for (volatile int i = 0; i < 4; i++) {
        if (!setjmp(out))
            leave(a);
        s += a->value;
    }
    return s + a->more + a->value;
}
MAIN
