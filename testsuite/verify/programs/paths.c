/* Barriers and accesses in one function. */
#include "common.h"
CLAIMS("object node\n")

long right(struct node *p, int c)
{
    long sum = AT(stm_rd(p))->value + AT(p)->more;
    if (c)
        (void)stm_wr(p, 24);
    else
        (void)stm_wr(p, 24);
    AT(p)->value = sum;
    AT(p)->more = AT(p)->items[c];
    for (int i = 0; i < c; i++)
        sum += AT(p)->items[i];
    return sum;
}
long none(struct node *p)
{
    return AT(p)->value; /* FOUND: read start */
}
long late(struct node *p)
{
    long v = AT(p)->value; /* FOUND: read start */
    stm_safepoint();
    return v + AT(stm_rd(p))->more;
}
long ended(struct node *p)
{
    (void)stm_rd(p);
    stm_safepoint();
    return AT(p)->value; /* FOUND: read end */
}
long one_arm(struct node *p, int c)
{
    if (c)
        (void)stm_rd(p);
    return AT(p)->value; /* FOUND: read start */
}
long in_a_loop(struct node *p, int n)
{
    long sum = 0;
    (void)stm_rd(p);
    while (n--) {
        sum += AT(p)->value; /* FOUND: read end */
        stm_safepoint();
    }
    return sum;
}
void one_card(struct node *p) /* the first 128 bytes of an object are logged at once */
{
    (void)stm_wr(p, 4);
    AT(p)->more = 1;
    AT(p)->items[12] = 2;
    AT(p)->items[13] = 3; /* FOUND: write start */
}
void some_bytes(struct node *p)
{
    (void)stm_wr(&p->value, 8);
    AT(p)->more = 1; /* FOUND: write start */
}
long never_behind(struct node *p)
{
    for (int once = (stm_safepoint(), 1); once; once = 0)
        for (;;)
            ;
    return AT(p)->value;
}
long another(struct node *p, struct node *q)
{
    (void)stm_rd(p);
    p = q;
    return AT(p)->value; /* FOUND: read start */
}
long followed(struct node *p)
{
    (void)stm_rd(p);
    p = AT(p)->next;
    return AT(p)->value; /* FOUND: read value */
}
void kind(struct node *p)
{
    (void)stm_rd(p);
    AT(p)->value = 1; /* FOUND: write start */
}
void beyond(struct node *p, int i)
{
    (void)stm_wr(p, 24);
    AT(p)->value = 1;
    *STM_AT(&p->items[i], long) = 1; /* FOUND: write start */
    *STM_AT(stm_wr(&p->items[i], 8), long) = 1;
    *STM_AT(&p->items[i], long) = 2;
    *STM_AT(&p->items[i + 1], long) = 2; /* FOUND: write start */
}
void size(struct node *p)
{
    *STM_AT(stm_wr(&p->value, 4), long) = 1; /* FOUND: write start */
}
long part(struct node *p, long *a)
{
    (void)stm_rd(&p->value);               /* the address of a field: good for that alone */
    return AT(p)->value + AT(p)->items[9]; /* FOUND: read start */
}
long loaded_again(struct node *p)
{
    (void)stm_wr(p, 24);
    (void)stm_rd(AT(p)->next);
    long v = AT(AT(p)->next)->value;
    AT(p)->value = v;
    v += AT(AT(p)->next)->value;
    AT(p)->next = 0;
    return v + AT(AT(p)->next)->value;
}
long written_between(struct node *p, struct node *q)
{
    (void)stm_wr(p, 24);
    (void)stm_rd(AT(p)->next);
    (void)stm_wr(q, 24);
    AT(q)->next = q;
    return AT(AT(p)->next)->value; /* FOUND: read value */
}
void fresh(int c)
{
    struct node *p = NEW(), *q = NEW();
    AT(p)->value = 1;
    *STM_AT(&p->items[c], long) = 2;
    p = c ? p : q;
    AT(p)->next = q;
    stm_safepoint();
    AT(p)->more = 3; /* FOUND: write end */
    (void)stm_wr_whole(p);
    *STM_AT(&p->items[c], long) = 2;
}
void perhaps_fresh(struct node *p, int c)
{
    if (c)
        p = NEW();
    AT(p)->value = 1; /* FOUND: write start */
}
/* A loop that is not entered: what its condition says of the first round is a comparison of constants. */
long never_entered(struct node *p)
{
    long sum = 0;
    for (int i = 4; i < 3; i++)
        for (int k = i; k < 3; k += AT(p)->more)
            sum += AT(p)->value;
    for (int i = 3; i < 3; i++)
        for (int k = i; k < 3; k += AT(p)->more)
            sum += AT(p)->value;
    for (int i = -1; i > 0; i--)
        for (int k = i; k > 0; k -= AT(p)->more)
            sum += AT(p)->value;
    return sum;
}
/* Control does not come back from every call. */
void jump(void) __attribute__((noreturn));
static void thrower(struct node *p)
{
    AT(stm_wr(p, 24))->value++;
    stm_safepoint();
    jump();
}
static void perhaps(struct node *p, int c)
{
    AT(stm_wr(p, 24))->value++;
    stm_safepoint();
    if (c)
        jump();
}
long not_back(struct node *p, int c)
{
    (void)stm_rd(p);
    if (c)
        thrower(p);
    return AT(p)->value;
}
long dead(struct node *p)
{
    thrower(p);
    return AT(p)->value;
}
long perhaps_back(struct node *p, int c)
{
    (void)stm_rd(p);
    if (c > 2)
        perhaps(p, c > 5);
    return AT(p)->value; /* FOUND: read end */
}

/* An index that each round makes more complex: the object is covered all the same. */
long up_and_down(struct node *p, long n)
{
    short d = 0;
    long s = 0;
    (void)stm_rd(p);
    while (s < n) {
        d += 1;
        s += AT(p)->items[d];
        d -= 1;
    }
    return s;
}
long up_and_down_uncovered(struct node *p, long n)
{
    short d = 0;
    long s = 0;
    while (s < n) {
        d += 1;
        s += AT(p)->items[d]; /* FOUND: read start */
        d -= 1;
    }
    return s;
}

/* What is returned is null, or has been marked. */
static struct node *look_up(struct node *p, long k)
{
    for (; p; p = AT(p)->next) {
        (void)stm_rd(p);
        if (AT(p)->value == k)
            break;
    }
    return p;
}
long found_or_null(struct node *p, long k)
{
    return AT(look_up(p, k))->more;
}
static struct node *look_at(struct node *p, struct node *other, long k)
{
    for (; p != other; p = AT(p)->next) {
        (void)stm_rd(p);
        if (AT(p)->value == k)
            break;
    }
    return p;
}
long found_or_other(struct node *p, struct node *other, long k)
{
    return AT(look_at(p, other, k))->more; /* FOUND: read start */
}
