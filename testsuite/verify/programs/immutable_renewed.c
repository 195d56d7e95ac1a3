/* whole program: what realloc returns is new, or what it was given. */
#include "common.h"
CLAIMS("object node\n")

static struct node *all __attribute__((__section__("ungil_data")));
static char *text __attribute__((__section__("ungil_data")));
static char *before __attribute__((__section__("ungil_data")));

static __attribute__((__noinline__)) void fill(long at)
{
    char *p = stm_realloc(0, 100);
    __builtin_memset(stm_any_wr_range(p + at, 8), 1, 8);
    (void)stm_wr(&text, 8), *STM_AT(&text, char *) = p;
    stm_safepoint();
}

static __attribute__((__noinline__)) void grow(void)
{
    (void)stm_rd(&before);
    char *p = stm_realloc(*STM_AT(&before, char *), 100);
    __builtin_memset(stm_any_wr_range(p + 16, 8), 1, 8); /* FOUND: writer */
    (void)stm_wr(&text, 8), *STM_AT(&text, char *) = p;
}

static __attribute__((__noinline__)) void late(void)
{
    char *p = stm_realloc(0, 100);
    (void)stm_wr(&text, 8), *STM_AT(&text, char *) = p;
    stm_safepoint();
    __builtin_memset(stm_any_wr_range(p + 24, 8), 1, 8); /* FOUND: writer */
}

int main(int argc, char **argv)
{
    struct node *n = NEW();
    AT(n)->value = AT(n)->more = 1;
    (void)stm_wr(&all, 8), *STM_AT(&all, struct node *) = n;
    fill(argc);
    stm_safepoint();
    grow();
    late();
    stm_safepoint();
    (void)stm_rd(&all);
    n = *STM_AT(&all, struct node *);
    long sum = AT(n)->value;
    sum += AT(n)->more;     /* FOUND: read value */
    sum += AT(n)->items[0]; /* FOUND: read value */
    return (int)sum;
}
