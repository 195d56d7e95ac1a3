/* Places that do not meet: so what is loaded twice is the same, and a barrier on the one is one on the other.
 */
#include "common.h"
CLAIMS("object node\n")

static struct node *alone __attribute__((__section__("ungil_data")));
static struct node *reached __attribute__((__section__("ungil_data")));
static struct node *aliased __attribute__((__section__("ungil_data")));
extern struct node *alias __attribute__((__alias__("aliased")));
extern struct node *weak __attribute__((__weak__, __alias__("aliased")));
static struct node **const table[] __attribute__((__section__("ungil_roots"), __used__)) = {&alone};

struct node **lead(void)
{
    return &reached;
}

#define LOAD(v) (*STM_AT(stm_rd(&v), struct node *))
#define STORE(v, p) (*STM_AT(stm_wr(&v, 8), struct node *) = (p))

long no_pointer_leads_there(struct node **at, struct node *p)
{
    (void)stm_rd(LOAD(alone));
    *STM_AT(stm_wr(at, 8), struct node *) = p;
    return AT(LOAD(alone))->value;
}
long one_does(struct node **at, struct node *p)
{
    (void)stm_rd(LOAD(reached));
    *STM_AT(stm_wr(at, 8), struct node *) = p;
    return AT(LOAD(reached))->value; /* FOUND: read value */
}
long nor_does_a_number(unsigned long v)
{
    (void)stm_rd(LOAD(alone));
    AT(stm_wr((struct node *)(v & ~7ul), 24))->value = 1;
    return AT(LOAD(alone))->value;
}
long a_number_does(unsigned long v)
{
    (void)stm_rd(LOAD(reached));
    AT(stm_wr((struct node *)(v & ~7ul), 24))->value = 1;
    return AT(LOAD(reached))->value; /* FOUND: read value */
}
long two_names(struct node *p)
{
    (void)stm_rd(LOAD(aliased));
    STORE(alias, p);
    return AT(LOAD(aliased))->value; /* FOUND: read start */
}
long one_place(void)
{
    (void)stm_rd(LOAD(aliased));
    return AT(LOAD(alias))->value;
}
long perhaps_another(struct node *p)
{
    (void)stm_rd(LOAD(aliased));
    STORE(weak, p);
    return AT(LOAD(aliased))->value; /* FOUND: read value */
}

/* What a callee writes. */
static __attribute__((__noinline__)) void count(struct node *p)
{
    AT(stm_wr(p, 16))->value++;
}
static __attribute__((__noinline__)) void move(struct node *p)
{
    AT(stm_wr(p, 8))->next = p;
}
static __attribute__((__noinline__)) void count_all(struct node *p)
{
    count(p), count(p);
}
long other_bytes(struct node *p)
{
    (void)stm_rd(p), (void)stm_rd(AT(p)->next);
    count_all(p);
    return AT(AT(p)->next)->value;
}
long those_bytes(struct node *p)
{
    (void)stm_rd(p), (void)stm_rd(AT(p)->next);
    move(p);
    return AT(AT(p)->next)->value; /* FOUND: read value */
}
/* The callee's p and q are not the caller's. */
long recursion(struct node *p, int n)
{
    (void)stm_rd(p), (void)stm_rd(AT(p)->next);
    struct node *q = AT(p)->next;
    if (n)
        recursion(AT(stm_wr(q, 8))->next = p, n - 1);
    return AT(AT(p)->next)->value; /* FOUND: read value */
}
