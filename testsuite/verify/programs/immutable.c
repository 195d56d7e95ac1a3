/* whole program: fields that are written in ways that are hard to see. */
#include "immutable.h"

int main(void)
{
    make(1);
    stm_safepoint();
    (void)stm_rd(&all), (void)stm_rd(&others);
    struct node *p = *STM_AT(&all, struct node *);
    struct other *o = *STM_AT(&others, struct other *);
    long sum = AT(p)->value; /* FOUND: read value */
    sum += AT(p)->more;
    sum += STM_AT(o, struct other)->untouched;
    stm_safepoint(); /* else what it marks were good for the reads */
    as_twin(p);
    return (int)sum;
}
