/* STM_DROP: stores vanish, loads give 0, calls evaluate their arguments; what an address takes to compute
 * is done. */
#include "ungil.h"
typedef struct node { struct node *next; int value; STM_DROP int mark; STM_DROP struct { int a, b[3]; } gc;
    STM_DROP struct node *all; } node STM_OBJECT;
STM_DROP static int bytes; STM_DROP static node *first, *stack[10], **top; 
STM_DROP static struct { int count; } heap;
STM_DROP static void mark(node *n) { if (n) n->mark = 1; }
STM_DROP int collect(int all);
node *g(int x);
void stores(node *n) { n->mark = 1; bytes += n->value; n->gc.b[2]++; heap.count--; n->all = first; first = n;
    *top++ = n; stack[bytes++] = n; }
int loads(node *n) { return n->mark + bytes + n->gc.a + (first != 0)
    + heap.count + (n->all ? n->all->value : 1); }
void addresses(node *n, int i) { g(i)->mark = 2; n->next->gc.b[i++] = g(3)->value; }
int after(node *n) { n->next->mark = 1; return n->next->value; }
int calls(node *n) { mark(n); mark(g(n->value)); return collect(n->value + 1); }
int locals(node *n) { STM_DROP int saved = n->value; saved++; return saved; }
STM_DROP void take(void *lock, int how);
void arguments(node *n) { STM_DROP int local; take(&heap, 1);
    take((char *)(&n->gc.b[g(1)->value]), n->value++); take(&local, 0); }
