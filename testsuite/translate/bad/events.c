#define _GNU_SOURCE
#include "ungil.h"
#include <search.h>
#include <stdlib.h>
#include <threads.h>
typedef struct STM_OBJECT node node;
struct STM_OBJECT node { node *next; long x; };
long g(void);
long cond(node *p) { long i = 0; while (({ if (i++ > 3) break; p->x; })) ; return i; }
long step(node *p) { long i = 0; for (; i < 4; ({ if (p->x) continue; i++; })) ; return i; }
long again(node *p) { long i = 0; do ; while (({ switch (i++) { case 3: break; default: continue; } p->x;
    })); return i; }
long outer(node *p) { long i = 0; for (;;) { for (({ if (p->x) break; 1; }); i < 4; i++) ;
    switch (({ if (i) break; 1; })) { default: ; } } return i; }
void operand(void) { __asm__("" : : "r"(g())); }
void cleans(int *p);
void operand_cleans(int k) { __asm__("" : : "r"(({ int v __attribute__((cleanup(cleans))) = k; v; }))); }
STM_DROP void unlock(int *p) { (void)p; }
STM_IRREVERSIBLE void fire(int *p);
void dropped(void) { int v __attribute__((cleanup(unlock))) = 1; (void)v; }
void irreversible(void) { int v __attribute__((cleanup(fire))) = 1; (void)v; }
void untranslated(void) { char *v __attribute__((cleanup(free))) = 0; (void)v; }
void cleans(int *p) { (void)p; }
void blocking(void) { STM_BLOCKING { int v __attribute__((cleanup(cleans))) = 1; (void)v; } }
static node *root;
static int compare(const void *a, const void *b) { return a != b; }
void keeps(node *p) { tsearch(p, (void **)&root, compare); }
void thread(void) { thrd_t t; thrd_create(&t, (int (*)(void *))g, NULL); }
