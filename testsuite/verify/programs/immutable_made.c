/* whole program: what is stored to memory that a call has just made goes to no field whose address is kept.
 */
#include "common.h"
CLAIMS("object one\n")

struct one {
    long pad[2], a;
};
#define VARIABLE __attribute__((__section__("ungil_data")))
static struct one *ones VARIABLE;
static long *slot VARIABLE;

static void *make(unsigned long n)
{
    return stm_calloc(1, n);
}
static __attribute__((__noinline__)) void fill(long *p, long k)
{
    *(long *)stm_any_wr(p + k, 8) = 1;
}

int main(int argc, char **argv)
{
    (void)argv;
    (void)stm_rd(&ones), (void)stm_wr(&slot, 8);
    *STM_AT(&slot, long *) = &(*STM_AT(&ones, struct one *))->a;
    stm_safepoint();
    long *p = make(argc), *q = argc > 1 ? stm_realloc(p, 9) : stm_malloc(8);
    fill(p, argc);
    fill(q, argc);
    stm_safepoint();
    (void)stm_rd(&ones);
    return (int)STM_AT(*STM_AT(&ones, struct one *), struct one)->a;
}
