/* whole program: a variable that no pointer leads to is written to by its name only. */
#include "common.h"
CLAIMS("object node\nview row *\n")

struct row {
    long a, b;
};
#define VARIABLE __attribute__((__section__("ungil_data")))
static struct row alone[2] VARIABLE = {{1, 2}, {3, 4}}, kept[2] VARIABLE = {{1, 2}, {3, 4}},
                           named[2] VARIABLE = {{1, 2}, {3, 4}}, other[2] VARIABLE = {{1, 2}, {3, 4}};
extern struct row second_name[2] __attribute__((__alias__("other")));
static struct row *slot VARIABLE;

static __attribute__((__noinline__)) void put(int k)
{
    (void)stm_rd(&slot);
    *(long *)stm_any_wr(*STM_AT(&slot, struct row *), 8) = 1;           /* FOUND: writer */
    (void)stm_wr(&named[k].b, 8), STM_AT(&named[k], struct row)->b = 1; /* FOUND: writer */
}
int main(int argc, char **argv)
{
    (void)argv;
    (void)stm_wr(&slot, 8), *STM_AT(&slot, struct row *) = &kept[argc];
    stm_safepoint();
    long sum = STM_AT(&alone[argc], struct row)->a + STM_AT(&named[argc], struct row)->a;
    sum += STM_AT(&kept[argc], struct row)->a;  /* FOUND: read end */
    sum += STM_AT(&named[argc], struct row)->b; /* FOUND: read end */
    sum += STM_AT(&other[argc], struct row)->a; /* FOUND: read end */
    put(argc);
    return (int)sum;
}
