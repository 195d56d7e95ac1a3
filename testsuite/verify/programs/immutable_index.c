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
    stm_safepoint();                           /* else what it marks were good for the reads */
    as_twin(p);
    *(char *)stm_any_wr((char *)p + sum, 1) = 1; /* FOUND: writer */
    return (int)sum;
}
