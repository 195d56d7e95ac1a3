/* Allocation: precise descriptors where the type says all; fresh objects need no barriers. */
#include "ungil.h"
#include <stddef.h>
typedef struct node { struct node *next; int value; void *data; double d; int (*fn)(void); STM_RAW char *raw;
    long word; } node STM_OBJECT;
typedef struct vec { int n; node *items[]; } vec STM_OBJECT;
typedef struct old { int n; node *items[1]; } old STM_OBJECT;
typedef struct str { int n; char text[]; } str STM_OBJECT;
typedef struct map { int n; struct { long key; node *value; } slots[]; } map STM_OBJECT;
typedef struct fixed { int n; node *items[4]; } fixed STM_OBJECT;
typedef struct { node *a; } unnamed STM_OBJECT;
int g(void);
node *one(node *next) { node *n = STM_NEW(node); n->next = next; n->value = 1; return n; }
vec *many(int k) { vec *v = STM_NEW_FLEX(vec, items, k); v->n = k; v->items[0] = 0; return v; }
void *others(int k) { return k ? (void *)STM_NEW_FLEX(old, items, k) : k > 1 ? (void *)STM_NEW_FLEX(str,
    text, k) : (void *)STM_NEW_FLEX(map, slots, g()); }
void *beyond(int k) { return STM_NEW_FLEX(fixed, items, k); }
unnamed *nameless(void) { return STM_NEW(unnamed); }
int stale(void) { node *n = STM_NEW(node); n->value = g(); n->value++; return n->value; }
STM_ALLOC_FN(size) void *allocate(size_t size) { return (void *)(size + 1); }
STM_REALLOC_FN(p, size) void *reallocate(void *p, size_t old, size_t size)
{
    (void)old;
    return (char *)p + size;
}
node *funnel(void) { node *n = allocate(sizeof *n); n->value = 2; n = reallocate(n, 1, 2); n->value = 3;
    return n; }
