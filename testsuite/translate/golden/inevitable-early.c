/* Turning inevitable moves up to before reads that are close, and onto the other paths of a join: every
 * kind of place. */
#include "ungil.h"
#include <unistd.h>
typedef struct node { struct node *next; int value, more; char text[16]; } node STM_OBJECT;
void f(void);
int g(node *p);
void start(node *p) { f(); if (p) { p = p->next; p->value = 1; unlink(p->text); } }
void declared(node *p) { node *q = p->next; int x = q->value; unlink(x ? q->text : p->text); }
void behind(node *p) { f(); p = p->next; unlink(p->text); }
int behind_value(node *p) { int x = g(p) + p->more; unlink(p->text); return x; }
void behind_checked(node *p) { p->value = 1; f(); p->value = p->next->more; unlink("x"); }
void arm(node *p) { if (p) unlink(p->next->text); else f(); }
int returns(node *p) { f(); f(); if (p) return unlink(p->next->text); return 0; }
void middle(node *p, int n) { for (int i = 0; i < n; i++) f(); unlink(p->next->text); for (; n; n--) f();
    int x = unlink(p->next->text); (void)x; }
int tested(node *p, int n) { while (n--) f(); if (unlink(p->next->text)) return 1; return 0; }
void diamond(int c, int d) { if (c) unlink("x"); d++; unlink(d ? "y" : "z"); }
void do_loop(int n) { f(); do { unlink("x"); } while (n--); }
void while_loop(node *p, int n) { while (n--) unlink(p->text); }
void for_init(node *p) { for (int i = unlink(p->next->text); i; i--) f(); }
void label(node *p, int n) { while (n--) f(); again: unlink(p->next->text); if (n) goto again; }
void chosen(node *p, int n) { switch (n) { case 1: unlink(p->next->text); break; default: f(); } }
void block(node *p) { STM_ATOMIC { p = p->next; unlink(p->text); } }
void expression(node *p) { f(); int x = ({ f(); unlink(p->next->text); }); (void)x; }
void assembly(node *p) { int x = p->value; __asm__ volatile("" : "+r"(x)); }
void too_far(node *p) { p = p->next; f(); unlink("x"); }
int asked(node *p) { int x = p->value; stm_become_inevitable("a reason"); return x; }
void for_body(node *p, int n) { for (int i = 0; i < n; i++) unlink(p->next->text); }
void while_body(node *p, int n) { while (n--) unlink(p->next->text); }
void else_if(node *p, int n) { if (n) f(); else if (unlink(p->next->text)) f(); else f(); }
void else_arm(node *p, int n) { if (n) f(); else unlink(p->next->text); }
#define REMOVE(p) unlink((p)->next->text)
void macro(node *p, int n) { f(); while (n--) f(); REMOVE(p); }
void pragma(node *p, int n) {
    while (n--) f();
#pragma GCC unroll 4
    for (int i = 0; i < 3; i++) unlink(p->next->text);
}
