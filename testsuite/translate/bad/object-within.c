/* Objects at computed places in memory that was allocated as a whole. */
#include <stdlib.h>
#include "ungil.h"
typedef struct node { struct node *next; long v[40]; } node STM_OBJECT;
static char *arena;
static size_t used;
node *carved(void) { char *c = arena + used; used += sizeof(node); return (node *)c; }
node *element(void *all, int i) { return (node *)((char *)all + i * sizeof(node)); }
node *slot(long *words, int i) { node *n = (void *)&words[i]; return n; }
node *whole(void) { return malloc(sizeof(node)); }
node *untagged(char *word) { return (node *)(word - 1); }
node *member(long *v) { return (node *)((char *)v - 8); }
node *masked(unsigned long word) { return (node *)(word & ~7ul); }
#include <stddef.h>
struct inner { int k; };
typedef struct outer { long a; struct inner in; } outer STM_OBJECT;
outer *container(struct inner *i) { return (outer *)((char *)i - offsetof(outer, in)); }
outer *container2(struct inner *i) { enum { D = 8 }; char *c = (char *)i - D; return (outer *)c; }
node *of_slot(node **slots, int i) { return slots[i]; }
