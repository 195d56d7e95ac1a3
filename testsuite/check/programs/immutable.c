/* Breaks its promise: line 18 stores to an immutable field of an object that others may have read by then. */
#include <stdio.h>

#include "ungil.h"

struct STM_OBJECT node { STM_IMMUTABLE long id; long value; };
static struct node *shared;

int main(void)
{
    struct node *n = STM_NEW(struct node);
    n->id = 1;
    shared = n;
    STM_SAFEPOINT();
    n = shared;
    n->value = n->id;
    STM_SAFEPOINT();
    n->id = 2;
    printf("%ld\n", shared->id);
    return 0;
}
