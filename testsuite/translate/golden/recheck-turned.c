/* A call whose argument turns the transaction inevitable: behind it barriers are done again only if that
 * ended. */
#include "ungil.h"

struct STM_OBJECT node {
    long value, more;
    struct node *next;
};
static inline unsigned long turn(unsigned long x)
{
    stm_become_inevitable("turn");
    return x;
}
void out(struct node *p, unsigned long v);
long turned(struct node *p, struct node *q, unsigned long v)
{
    STM_SAFEPOINT();
    out(p, turn(v));
    p->more += 2;
    v ^= q->value + 1;
    out(p, 3);
    return v + q->value + q->more;
}
/* Both arms are one value. */
long same_arms(struct node *p, long n)
{
    long sum = 0;
    for (long i = 0; i < n; i++) {
        STM_SAFEPOINT();
        p = p->next;
    }
    sum += (n & 1 ? p : p)->value;
    return sum + (sum & 2 ? p : p)->value;
}
