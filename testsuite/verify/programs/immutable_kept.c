/* whole program: written through the address of an element that was kept, and moved back. */
#include "common.h"
CLAIMS("object hold\n")

struct hold {
    long before;
    short h[4];
    long after;
};
static struct stm_type type_hold;
static struct hold *holds __attribute__((__section__("ungil_data")));
static short *kept __attribute__((__section__("ungil_data")));

static __attribute__((__noinline__)) void put(void)
{
    (void)stm_rd(&kept);
    *(short *)stm_any_wr(*STM_AT(&kept, short *), 2) = 1; /* FOUND: writer */
}

int main(int argc, char **argv)
{
    struct hold *o = stm_new(sizeof *o, &type_hold);
    (void)stm_wr(&holds, 8), *STM_AT(&holds, struct hold *) = o;
    stm_safepoint();
    (void)stm_rd(&holds), (void)stm_wr(&kept, 8);
    o = *STM_AT(&holds, struct hold *);
    long sum = STM_AT(o, struct hold)->before;
    sum += STM_AT(o, struct hold)->h[1]; /* FOUND: read value */
    sum += STM_AT(o, struct hold)->after;
    *STM_AT(&kept, short *) = &o->h[2];
    *STM_AT(&kept, short *) = *STM_AT(&kept, short *) - argc;
    stm_safepoint();
    put();
    return (int)sum;
}
