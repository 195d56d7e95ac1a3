/* Reads in an inevitable transaction have no barrier, wherever C allows to read before it turns so. */
#include "ungil.h"
#include <unistd.h>
typedef struct node { struct node *next; int value, more; } node STM_OBJECT;
STM_TRANSACTION_PURE int pure(int x);
void after(node *p) { int x = p->value; unlink("x"); p->value = x + p->more + p->next->value; }
void ends(node *p) { unlink("x"); STM_SAFEPOINT(); unlink(p->value ? "x" : "y"); }
int left(node *p) { return unlink("x") + p->value; }
int right(node *p) { return p->value + unlink("x"); }
int both(node *p, node *q) { return pure(p->value) + (unlink("x") + unlink("y")) * q->value; }
int arguments(node *p) { return pure(unlink("x")) + link("x", p->value ? "y" : "z"); }
static int turns(void) { return unlink("x"); }
int through_call(node *p) { return turns() + p->value; }
static int inside(node *p) { return p->value; }
int given(node *p) { unlink("x"); return inside(p); }
void exclusive(node *p) { STM_ATOMIC_EXCLUSIVE { p->value = p->next->more; } p->more = p->next->value; }
int asked(node *p) { stm_become_inevitable("a"); stm_become_inevitable("b"); return p->value; }
int assembly(node *p) { int x = 0; __asm__ volatile("" : "+r"(x)); __asm__ volatile("" : "+r"(x));
    return p->value + x; }
int any(int *p) { unlink("x"); return *p; }
