/* The transaction's number, and becoming inevitable. */
#include "common.h"
CLAIMS("object node\n")

void unknown(void);

long right(struct node *p)
{
    STM_TX(void) stm_wr(p, 24);
    unknown();
    STM_RECHECK((void)stm_wr(p, 24));
    AT(p)->value = 1;
    unknown();
    unknown();
    STM_RECHECK((void)stm_rd(p));
    return AT(p)->value;
}
long weaker(struct node *p)
{
    STM_TX(void) stm_wr(p, 24);
    unknown();
    STM_RECHECK((void)stm_rd(p));
    AT(p)->value = 1; /* FOUND: write call */
    return 0;
}
long another(struct node *p, struct node *q)
{
    STM_TX(void) stm_rd(p);
    unknown();
    STM_RECHECK((void)stm_rd(q));
    return AT(p)->value; /* FOUND: read call */
}
long stale(struct node *p)
{
    (void)stm_rd(p);
    unknown();
    STM_TX /* too late: it says nothing of the call before */
    unknown();
    STM_RECHECK((void)0);
    return AT(p)->value; /* FOUND: read call */
}
long again(struct node *p, int n)
{
    STM_TX(void) stm_rd(p);
    long sum = 0;
    while (n--) {
        sum += AT(p)->value;
        STM_TX_NOW;
        unknown();
        STM_RECHECK((void)stm_rd(p));
    }
    return sum;
}
long turned(struct node *p, struct node *q, int c)
{
    if (c)
        stm_inevitable("x");
    else
        (void)stm_rd(p);
    long v = AT(p)->value;
    stm_inevitable("y");
    v += AT(q)->value + AT(AT(q)->next)->value;
    AT(q)->value = v; /* FOUND: write start */
    return v;
}
long before_the_turn(struct node *p)
{
    long v = AT(p)->value; /* FOUND: read start */
    stm_inevitable("x");
    return v;
}
long behind_the_turn(struct node *p)
{
    stm_inevitable("x");
    stm_safepoint();
    return AT(p)->value; /* FOUND: read end */
}
int setjmp(void *) __attribute__((returns_twice));
long comes_back(struct node *p, void *b)
{
    (void)stm_rd(p);
    if (setjmp(b))
        return 0;
    return AT(p)->value; /* FOUND: read twice */
}

/* A new object is nothing that was there before. */
struct node *root __attribute__((section("ungil_data")));
long beside_new(struct node *p)
{
    struct node *n = NEW();
    long v = AT(stm_rd(*STM_AT(stm_rd(&root), struct node *)))->value;
    AT(n)->next = p;
    return v + AT(*STM_AT(&root, struct node *))->value;
}
long beside_any(struct node *p, struct node **at)
{
    long v = AT(stm_rd(*STM_AT(stm_rd(&root), struct node *)))->value;
    *(struct node **)stm_any_wr(at, 8) = p;
    return v + AT(*STM_AT(&root, struct node *))->value; /* FOUND: read value */
}
