/* To be translated: loads that the optimiser merges, and values that it gives another name. */
#include "ungil.h"

struct STM_OBJECT cell {
    struct cell *next;
    long count;
};
static struct cell *root, *spare;

long lazy(void)
{
    STM_SAFEPOINT();
    if (!spare)
        spare = STM_NEW(struct cell);
    spare->count++;
    root->count += spare->count;
    return root->count;
}
struct cell *renamed(void)
{
    STM_SAFEPOINT();
    struct cell **at = &root;
    return (*at)->next == *at ? (*at)->next->next : 0;
}
