/* Bit-fields have no address: the struct around them is what is reached through the segment. */
#include "ungil.h"
typedef struct bits { unsigned a : 3, b : 5; int : 0; unsigned long long c : 40; struct { unsigned d : 2; }
    in[3]; } bits STM_OBJECT;
struct plain { unsigned a : 3; unsigned b : 7; };
unsigned get(bits *p) { return p->a + p->b + (unsigned)p->c; }
void set(bits *p) { p->a = 1; p->b++; p->c |= 4; }
unsigned nested(bits *p, int i) { return p->in[i].d; }
void set_nested(bits *p, int i) { p->in[i].d = 1; }
unsigned any(struct plain *p) { return p->a + (*p).b + p[1].b; }
void set_any(struct plain *p, int i) { p->a = 1; p[i].b = 2; (*p).a ^= 1; }
unsigned g(void);
void safepoint(bits *p) { p->a = g(); p->b += g(); }
unsigned sum(bits *p) { return p->c + g(); }
