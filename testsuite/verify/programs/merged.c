/* What the optimiser makes of values: a phi merges the loads of a place on several paths; of two values that
 * a branch has found to be equal, one stands for both. */
#include "common.h"
CLAIMS("object node\n")
#define ITEM(p, i) (*STM_AT(&(p)->items[i], struct node *))

static struct node *first __attribute__((__section__("ungil_data")));
#define FIRST (*STM_AT(&first, struct node *))

/* Made when first used. */
long lazy(struct node *p)
{
    (void)stm_wr(&first, 8);
    struct node *q = FIRST;
    if (!q)
        FIRST = q = NEW();
    AT(stm_wr(q, 24))->value++;
    AT(stm_wr(p, 24))->value++;
    return AT(FIRST)->value;
}
long not_stored(struct node *p)
{
    (void)stm_wr(&first, 8);
    struct node *q = FIRST;
    if (!q)
        q = NEW();
    AT(stm_wr(q, 24))->value++;
    return AT(FIRST)->value; /* FOUND: read value */
}
long stored_elsewhere(struct node *p)
{
    (void)stm_wr(&first, 8);
    (void)stm_wr(p, 24);
    struct node *q = FIRST;
    if (!q)
        AT(p)->next = q = NEW();
    AT(stm_wr(q, 24))->value++;
    return AT(FIRST)->value; /* FOUND: read value */
}
long stored_again(struct node *p, int c)
{
    (void)stm_wr(&first, 8);
    struct node *q = FIRST;
    if (!q)
        FIRST = q = NEW();
    AT(stm_wr(q, 24))->value++;
    if (c)
        FIRST = p;
    return AT(FIRST)->value; /* FOUND: read value */
}
/* On the way round, too. */
void rounds(struct node *p, struct node *r, int n)
{
    (void)stm_wr(&first, 8);
    FIRST = p;
    for (; n--; p = n & 1 ? r : p, FIRST = p) {
        (void)stm_wr(p, 24);
        AT(p)->more = n;
        AT(FIRST)->value++;
    }
}
void last_round(struct node *p, struct node *r, int n)
{
    (void)stm_wr(&first, 8);
    FIRST = p;
    for (; n--; FIRST = p, p = n & 1 ? r : p) {
        (void)stm_wr(p, 24);
        AT(p)->more = n;
        AT(FIRST)->value = n; /* FOUND: write value */
    }
}
void stays(struct node *p, struct node *q, struct node *r, int c, int n)
{
    (void)stm_wr(&first, 8);
    if (c)
        FIRST = p;
    else
        FIRST = p = q;
    for (; n--; p = r) {
        (void)stm_wr(p, 24);
        AT(FIRST)->value = n; /* FOUND: write start */
    }
}
/* What is loaded in the round before is the element before. */
long elements(struct node *p, struct node *q, int n)
{
    long sum = 0;
    (void)stm_wr_whole(p);
    (void)stm_rd(q);
    ITEM(p, 0) = q;
    for (int i = 0; i < n; i++)
        sum += AT(ITEM(p, i))->value; /* FOUND: read value */
    return sum;
}
long one_element(struct node *p, struct node *q, int n)
{
    long sum = 0;
    (void)stm_wr_whole(p);
    (void)stm_rd(q);
    ITEM(p, 0) = q;
    for (int i = 0; i < n; i++)
        sum += AT(ITEM(p, 0))->value;
    return sum;
}

long equal(struct node *p, struct node *q, int c)
{
    (void)stm_rd(p);
    if (p == q)
        return AT(q)->value;
    if (AT(p)->next != p || !c)
        return 0;
    return AT(AT(p)->next)->value;
}
long unequal(struct node *p, struct node *q)
{
    (void)stm_rd(p);
    if (p == q)
        return 0;
    return AT(q)->value; /* FOUND: read start */
}
long perhaps_equal(struct node *p, struct node *q, int c)
{
    (void)stm_rd(p);
    if (p == q)
        c++;
    return AT(q)->value; /* FOUND: read start */
}
long equal_kind(struct node *p, struct node *q)
{
    (void)stm_rd(p);
    if (p == q)
        AT(q)->value = 1; /* FOUND: write start */
    return 0;
}
long no_longer_equal(struct node *p, struct node *q, int c)
{
    (void)stm_rd(p);
    if (p == q) {
        q = AT(p)->next;
        return AT(q)->value; /* FOUND: read value */
    }
    return 0;
}
long equal_later(struct node *p, struct node *q)
{
    (void)stm_rd(p);
    stm_safepoint();
    if (p == q)
        return AT(q)->value; /* FOUND: read end */
    return 0;
}
long equal_numbers(struct node *p, struct node *q) /* a real address is no reference, whatever its number */
{
    (void)stm_rd(q);
    if (stm_real(q) == p)    /* FOUND: taken */
        return AT(p)->value; /* FOUND: read start */
    return 0;
}
long neither(struct node *p, struct node *q)
{
    if (p == q)
        return AT(q)->value; /* FOUND: read start */
    return 0;
}
