#include "ungil.h"
struct later;
typedef struct node node STM_OBJECT;
typedef node *ref;
struct early { STM_RAW struct later *soon; STM_RAW node *now; };
struct STM_OBJECT later { struct later *next; long v; };
struct node {
    STM_RAW ref next;
    STM_RAW struct later *array[3];
    struct { STM_RAW node *deep; } in;
    STM_RAW struct { node *a; } hidden;
    STM_RAW union { long b; node *a; } either;
    STM_RAW char text[];
};
static STM_RAW node *head, *other;
extern STM_RAW const node *elsewhere;
static STM_THREAD_LOCAL STM_RAW node *own;
static STM_RAW ref array[4], *refs, **refs_too;
struct holder { long n; node *to; };
static STM_RAW struct holder one, some[3];
static STM_THREAD_LOCAL STM_RAW struct holder looked_at;
static STM_RAW node by_value;
int parameters(STM_RAW node *p, STM_RAW node **right, STM_REF int (*g)(void));
int locals(STM_RAW struct later *p, STM_RAW struct later *list[])
{
    STM_RAW struct later *l = p;
    STM_RAW struct holder looked_at_too = {1, 0};
    static STM_RAW node *lasting;
    static STM_RAW STM_REF int *both;
    STM_REF STM_PRIVATE_STACK long *both_too;
    return 0;
}
