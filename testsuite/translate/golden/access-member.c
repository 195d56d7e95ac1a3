/* Fields of objects: one barrier for all accesses to one object between safepoints. */
#include "ungil.h"
typedef struct node { struct node *next; int value; char c; double d; } node STM_OBJECT;
int read_one(node *n) { return n->value; }
int read_two(node *n) { return n->value + n->c; }
void write_one(node *n, int v) { n->value = v; }
void write_then_read(node *n) { n->value = 1; n->d = n->value; }
void read_then_write(node *n) { n->value = n->c; }
node *chain(node *n) { return n->next->next; }
int star(node *n) { return (*n).value; }
int zero(node *n) { return n[0].value; }
int parens(node *n) { return ((n))->value + (*(n)).c + (&*n)->c; }
int cast(void *v) { return ((node *)v)->value; }
int constant(const node *n) { return n->value; }
node *chained(node *a, node *b) { return a->next = b->next = 0; }
int volatile_field(volatile node *n) { return n->value; }
void discarded(node *n) { (void)n->value; }
int incdec(node *n) { return n->value++ + --n->c; }
void compound(node *n) { n->value += n->c; n->d *= 2; n->value <<= 1; }
