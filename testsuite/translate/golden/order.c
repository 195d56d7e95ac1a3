/* Trap 1: a safepoint never lies between a barrier, or turning inevitable, or resolving an address, and
 * what it is for. */
#include "ungil.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
typedef struct node { struct node *next; int value, more; char text[16]; int arr[4]; } node STM_OBJECT;
int g(void);
node *gn(void);
const char *gs(void);
void gv(void);
STM_IRREVERSIBLE int fire(int x);
void assignment(node *p) { p->value = g(); }
void assignment_call(void) { gn()->value = g(); }
void chained(node *p, node *q) { p->value = q->value = g(); }
void compound(node *p) { p->value += g(); p->arr[g()] -= g(); }
void incdec(node *p) { p->arr[g()]++; --gn()->value; }
int binary(node *p) { return p->value + g(); }
int binary_right(node *p) { return g() + p->value; }
int three(node *p) { return p->value * g() + p->more; }
int compare(node *p) { return p->value < g() && p->more == g(); }
int use(int a, int b, node *c);
int arguments(node *p) { return use(p->value, g(), p->next); }
int nested(node *p) { return use(use(g(), p->value, p), g(), p); }
int indexed(node *p) { return p->arr[g()]; }
int index_any(int *p) { return p[g()]; }
int index_of_field(node *p) { return p->next->arr[g()]; }
int no_split(node *p) { return p->value + p->more; }
int shorted(node *p) { return p->value || g() || p->more; }
int chosen(node *p) { return p->value ? g() : p->more; }
int gnu(node *p) { return p->value ?: g(); }
int comma(node *p) { return gv(), p->value; }
void condition(node *p) { if (p->value == g()) p->more = 1; while (p->value + g()) gv();
    for (int i = p->value + g(); i < p->more - g(); i += p->more + g()) gv(); }
int initialiser(node *p) { int x = p->value + g(), y[2] = {p->value, g()}; return x + y[0]; }
int switched(node *p) { switch (p->value + g()) { case 1: return p->value; default: return 0; } }
void external(node *p) { printf("%d\n", g()); printf("%s %d\n", p->text, g()); fire(g()); }
int resolved(node *p) { return memcmp(p->text, gs(), 3) + (int)strlen(gs()); }
int external_beside(node *p) { return (int)strlen(p->text) + g(); }
void waits(node *p) { usleep(g() + p->value); usleep(p->value); }
void store_struct(node *p) { *p = *gn(); }
int two_writes(node *p) { return (p->value = 1) + (p->more = 2); }
int read_and_write(node *p) { return p->value + (p->more = 2); }
int statement(node *p) { return ({ int x = g(); x + p->value; }) + p->more; }
int callee(node *p, int (*f[])(int)) { return f[p->value](g()); }
int commas(node *p) { return p->arr[g(), 1] + p->arr[1]; }
