/* only: clang */
#include "ungil.h"
struct STM_OBJECT node {
    int k;
    unsigned _BitInt(64) wide;
    _BitInt(17) odd;
    _BitInt(200) many[2];
};
static unsigned _BitInt(64) global;
static _BitInt(100) table[3];
void set(struct node *n, int i) { n->wide = 3; n->many[i] = 4; n->odd += 1; }
void variables(int i) { global = 3; table[i] = 5; }
void through(_BitInt(64) *p) { p++; *p = 5; }
void *make(void) { return STM_NEW(struct node); }
struct STM_OBJECT bits { _BitInt(9) c : 5; unsigned _BitInt(70) d : 66; };
int call(struct bits *o);
int operands(struct bits *o) { return (int)(o->c + call(o)) + (int)(o->d - (unsigned)call(o)); }
