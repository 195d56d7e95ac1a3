/* Blocks that run once, as STM_ATOMIC's: what they assign is known behind them. */
#include "common.h"
CLAIMS("object node\n")

long assigned(struct node *p, struct node *q)
{
    struct node *o = q;
    for (int once = 1; once; once = 0)
        o = p;
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value;
}
long nested(struct node *p, struct node *q, int c)
{
    struct node *o = q;
    for (int once = 1; once; once = 0)
        for (int twice = 1; twice; twice = 0) {
            o = p;
            if (c)
                continue;
            c++;
        }
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value;
}
long the_other(struct node *p, struct node *q)
{
    struct node *o = q;
    for (int once = 1; once; once = 0)
        o = p;
    stm_safepoint();
    (void)stm_rd(q);
    return AT(o)->value; /* FOUND: read end */
}
long left(struct node *p, struct node *q, int c)
{
    struct node *o = q;
    for (int once = 1; once; once = 0) {
        if (c)
            break;
        o = p;
    }
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value; /* FOUND: read end */
}
long perhaps_not(struct node *p, struct node *q, int c)
{
    struct node *o = q;
    for (int once = c; once; once = 0)
        o = p;
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value; /* FOUND: read end */
}
long twice(struct node *p, struct node *q)
{
    struct node *o = q;
    for (int twice = 2; twice; twice--) {
        (void)stm_rd(p);
        o = p;
        p = q;
    }
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value; /* FOUND: read end */
}
long other_variable(struct node *p, struct node *q, int c)
{
    struct node *o = q;
    int zero = 1;
    for (int once = 1; once; zero = 0) {
        o = p;
        p = q;
        once = c--;
    }
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value + zero; /* FOUND: read end */
}
long seen_elsewhere(struct node *p, struct node *q)
{
    struct node *o = q;
    for (volatile int once = 1; once; once = 0) {
        o = p;
        p = q;
    }
    stm_safepoint();
    (void)stm_rd(p);
    return AT(o)->value; /* FOUND: read end */
}

/* A hint writes nothing. */
struct place {
    struct node *p;
};
extern struct place *elsewhere __attribute__((__section__("ungil_data")));
long hinted(void)
{
    struct place *at = *STM_AT(stm_rd(&elsewhere), struct place *);
    (void)stm_rd(STM_AT(stm_rd(at), struct place)->p);
    __builtin_prefetch(STM_AT(at, struct place)->p);
    return AT(STM_AT(at, struct place)->p)->value;
}
