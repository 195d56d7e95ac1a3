#include "ungil.h"
#include <stdlib.h>
#include <unistd.h>
struct STM_OBJECT node { struct node *next; long v; };
void elsewhere(struct node *p);
STM_NO_SAFEPOINT void itself(struct node *p) { STM_SAFEPOINT(); p->next = NULL; }
static void twice_removed(struct node *p) { if (p->v) STM_SAFEPOINT(); }
static void removed(struct node *p, int n) { if (n) removed(p, n - 1); else twice_removed(p); }
STM_NO_SAFEPOINT static void by_call(struct node *p) { p->v++; removed(p, 3); }
STM_TRANSACTION_PURE long waits(long n) { if (n) sleep(1); return n; }
STM_NO_SAFEPOINT void blocks(long *n) { STM_BLOCKING { (void)n; } }
void declared(struct node *p) STM_NO_SAFEPOINT;
void declared(struct node *p) { STM_ATOMIC { p->v++; } }
/* The word of the program: */
static void fails(struct node *p) { STM_SAFEPOINT(); p->v = 0; exit(1); }
STM_NO_SAFEPOINT void right(struct node *p) { if (!p) fails(p); elsewhere(p); p->v++; }
STM_NO_SAFEPOINT void told_once(struct node *p) { itself(p); }
void f(struct node *p) { p->v++; by_call(p); right(p); told_once(p); p->v++; }
