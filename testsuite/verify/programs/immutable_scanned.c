/* whole program: written through a pointer of another kind. */
#include "immutable.h"

int main(void)
{
    make(1);
    stm_safepoint();
    (void)stm_rd(&all), (void)stm_rd(&others);
    struct node *p = *STM_AT(&all, struct node *);
    struct other *o = *STM_AT(&others, struct other *);
    long sum = AT(p)->value;                   /* FOUND: read value */
    sum += AT(p)->more;                        /* FOUND: read value */
    sum += STM_AT(o, struct other)->untouched; /* FOUND: read value */
    stm_safepoint();
    as_twin(p);
    sscanf("1", "%ld", (long *)stm_x_wr(p)); /* FOUND: writer */
    return (int)sum;
}
