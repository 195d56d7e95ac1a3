#include "ungil.h"
#include <stdlib.h>
typedef struct node { struct node *next; int v; } node STM_OBJECT;
int global;
void translated(void) { global = 1; }
void leave(void) { for (;;) { STM_ATOMIC { break; } } }
void again(void) { while (1) STM_BLOCKING { if (1) continue; } }
void in_switch(void) { for (;;) STM_ATOMIC { switch (global) { case 1: break; default: continue; } } }
void accesses(node *n) { STM_BLOCKING { n->v = global; } }
void allocates(void) { STM_BLOCKING { (void)STM_NEW(node); (void)malloc(3); } }
void calls(void (*fp)(void)) { STM_BLOCKING { translated(); fp(); STM_SAFEPOINT(); STM_ATOMIC { } } }
