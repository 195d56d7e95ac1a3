/* Names that may be one place: what one is stored changes what the other is loaded.  Names that no pointer
 * leads to are apart from all; what is volatile is never read twice alike; nor is what assembly changed. */
#include "ungil.h"
struct STM_OBJECT node { long x, y; struct node *next; };
struct node *named __asm__("symbol");
struct node *plain, *plain_too;
extern struct node *renamed __asm__("symbol");
extern struct node *elsewhere;
static struct node *own, *other, *reached;


long label(struct node *p) { long s = named->x; renamed = p; return s + named->y; }
long external(struct node *p) { long s = plain->x; elsewhere = p; return s + plain->y; }
long both_here(struct node *p) { long s = plain->x; plain_too = p; own = p; return s + plain->y; }
long alone(struct node **at, struct node *p) { long s = own->x; *at = p; other = p; return s + own->y; }
struct node **lead(void) { return &reached; }
long not_alone(struct node **at, struct node *p) { long s = reached->x; *at = p; return s + reached->y; }
struct STM_OBJECT cell { struct node *volatile now; struct node *then; };
long is_volatile(struct cell *c) { return c->now->x + c->now->y; }
long is_not(struct cell *c) { return c->then->x + c->then->y; }
long assembly(struct cell *c)
{ long s = c->then->x; __asm__ volatile("" ::: "memory"); return s + c->then->y; }
