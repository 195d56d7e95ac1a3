/* whole program: the program's own memset reaches what pointers to no struct are made of; a struct that is
 * copied goes anywhere. */
#include "common.h"
CLAIMS("object node\nobject given\nview given *\n")

struct given {
    long a, b;
};
static struct stm_type type_given;
static struct node *all __attribute__((__section__("ungil_data")));
static struct given *others __attribute__((__section__("ungil_data")));
static char *text __attribute__((__section__("ungil_data")));

static __attribute__((__noinline__)) void fill(void)
{
    (void)stm_rd(&text);
    stm_memset(*STM_AT(&text, char *), 0, 16);
}

int main(void)
{
    struct node *n = NEW();
    struct given *g = stm_new(sizeof *g, &type_given);
    (void)stm_wr(&all, 8), *STM_AT(&all, struct node *) = n;
    (void)stm_wr(&others, 8), *STM_AT(&others, struct given *) = g;
    stm_safepoint();
    fill();
    stm_safepoint();
    (void)stm_rd(&all), (void)stm_rd(&others);
    long sum = AT(*STM_AT(&all, struct node *))->value;
    sum += STM_AT(*STM_AT(&others, struct given *), struct given)->b; /* FOUND: read value */
    return (int)sum;
}
