/* whole program: written through an address that the library gives back. */
#include "common.h"
CLAIMS("object node\nexternal pthread_getspecific\nexternal getenv\nview node *\n")

int stm_setspecific(unsigned, const void *);
void *pthread_getspecific(unsigned);
char *getenv(const char *);
static struct node *shared __attribute__((__section__("ungil_data")));

static __attribute__((__noinline__)) void put(void)
{
    *(long *)stm_any_wr((long *)pthread_getspecific(1), 8) = 5; /* FOUND: writer */
}
int main(void)
{
    (void)stm_wr(&shared, 8);
    struct node *p = *STM_AT(&shared, struct node *) = NEW();
    stm_safepoint();
    stm_setspecific(1, &p->more);
    *(char *)stm_any_wr(getenv("A"), 1) = 5;
    put();
    stm_safepoint();
    (void)stm_rd(&shared);
    p = *STM_AT(&shared, struct node *);
    long sum = AT(p)->value;
    return (int)(sum + AT(p)->more); /* FOUND: read value */
}
