/* A function that assembly may call has callers that nobody sees. */
#include "ungil.h"

struct STM_OBJECT node {
    long value;
};

__attribute__((used)) static long from_assembly(struct node *n)
{
    return n->value--;
}
static __attribute__((noinline)) long from_here(struct node *n)
{
    return n->value--;
}
long both(struct node *node)
{
    node->value++;
    return from_assembly(node) + from_here(node);
}
