/* whole program: what lies in two structs of the same types is at the same place in both; the address of a
 * scalar is that of nothing behind it, but for that of a complex number's part. */
#include "common.h"
CLAIMS("object outer\nobject one\nobject three\n")

struct inner {
    long a, b;
};
struct outer {
    long pad[2];
    struct inner first, second, row[2];
};
struct one {
    long pad[2], a, b, c;
};
struct three {
    long pad[2];
    _Complex double z;
    double more;
};
static struct stm_type type;
#define VARIABLE __attribute__((__section__("ungil_data")))
static struct outer *outers VARIABLE;
static struct one *ones VARIABLE;
static struct three *threes VARIABLE;
static long *slot VARIABLE;
static double *part VARIABLE;

#define AS(name) STM_AT(*STM_AT(&name##s, struct name *), struct name)
static __attribute__((__noinline__)) void put(void)
{
    (void)stm_rd(&outers), (void)stm_rd(&ones), (void)stm_rd(&slot), (void)stm_rd(&part);
    (void)stm_rd(&threes);
    struct outer *o = *STM_AT(&outers, struct outer *);
    (void)stm_wr(&o->first.b, 8), STM_AT(o, struct outer)->first.b = 1; /* FOUND: writer */
    (void)stm_wr(&slot, 8), *STM_AT(&slot, long *) = &(*STM_AT(&ones, struct one *))->b;
    *(long *)stm_any_wr(*STM_AT(&slot, long *), 8) = 1; /* FOUND: writer */
    (void)stm_wr(&part, 8), *STM_AT(&part, double *) = &__real__(*STM_AT(&threes, struct three *))->z;
    *(double *)stm_any_wr(*STM_AT(&part, double *) + 1, 8) = 1;
}
int main(int argc, char **argv)
{
    (void)argv;
    stm_safepoint();
    (void)stm_rd(&outers), (void)stm_rd(&ones), (void)stm_rd(&threes);
    long sum = AS(outer)->second.b + AS(outer)->row[argc].a + AS(outer)->first.a;
    sum += AS(outer)->first.b; /* FOUND: read value */
    sum += AS(one)->a;
    sum += AS(one)->b; /* FOUND: read value */
    sum += AS(one)->c;
    sum += (long)__imag__(AS(three)->z); /* FOUND: read value */
    put();
    return (int)sum;
}
