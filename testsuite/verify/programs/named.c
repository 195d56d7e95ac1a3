/* Two structs of one name, of which one is an object. */
#include "ungil_abi.h"
static const char stm_claims[] __attribute__((__section__("ungil_claims"), __used__)) =
    "object node 16\nimmutable node.0 16\n";

struct node {
    long id, value;
};
long object(struct node *p)
{
    (void)stm_rd(p);
    return STM_AT(p, struct node)->id + STM_AT(p, struct node)->value;
}
long unmarked(struct node *p)
{
    return STM_AT(p, struct node)->id + STM_AT(p, struct node)->value; /* FOUND: read start */
}
long no_object(void *q)
{
    struct node {
        long id, value, more;
    } *p = q;
    (void)stm_rd(&p->value);
    return STM_AT(p, struct node)->id; /* FOUND: read start */
}
long start_only(void *q)
{
    struct node {
        long id, value, more;
    } *p = q;
    (void)stm_rd(p);
    return STM_AT(p, struct node)->more; /* FOUND: read start */
}
