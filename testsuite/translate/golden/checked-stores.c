/* options: --checked-stores */
/* Stores look first whether they change anything; not to fresh or written objects, of floating point,
 * bit-fields, volatile. */
#include "ungil.h"
enum color { RED, GREEN };
struct STM_OBJECT node { struct node *next; unsigned flags; unsigned char small; _Bool b; enum color color;
    int *raw; double d; int items[8]; unsigned bit:3; volatile int v; };
extern struct node *get(void);
void flags(struct node *n) { n->flags = 1; }
void set_bits(struct node *n, unsigned m) { n->flags |= m; n->flags &= ~2u; n->flags += 1; }
int value(struct node *n) { return n->flags = 3; }
void fresh(void) { struct node *n = STM_NEW(struct node); n->flags = 2; }
void written(struct node *n) { n->small = 1; n->flags = 2; }
void narrow(struct node *n, int i) { n->small = i; n->b = i; n->color = (enum color)i; n->d = i; n->bit = i;
    n->v = i; }
void element(struct node *n, int i, int v) { n->items[i + 1] = v; n->next->items[i++] = v; }
void effects(struct node *n) { get()->flags = n->flags; n->next = get(); }
void pointer(int *p, int v) { *p = v; p[2] = v; }
struct node *chain(struct node *a, struct node *b) { return a->next = b->next = 0; }
void loop(struct node *n) { for (; n; n->flags = 0) n = n->next; }
