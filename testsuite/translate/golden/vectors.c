#include "ungil.h"
typedef int v4 __attribute__((vector_size(16)));
struct STM_OBJECT node {
    v4 v, many[2];
    _Complex double c;
};
int step(int x);
static v4 global, never = {1, 2, 3, 4};
void constant(struct node *n) { n->v[2] = 5; }
void called(struct node *n) { n->v[step(1)] = step(2); }
void added(struct node *n) { n->v[step(1)] += 5; (n->many[1])[step(2)] = 3; n->v[1] += 4; }
void changed(struct node *n) { n->v[step(1)]++; }
void element(struct node *n, int i) { n->many[i][step(1)] += step(2); }
void part(struct node *n) { __imag__ n->c = step(1); }
void parts(_Complex double *z) { double *re = &__real__ *z, *im = &__imag__ *z; *re = 1; *im = 2; }
int values(struct node *n) { return n->v[step(1)] + never[step(2)]; }
int variables(v4 *p) { global[step(1)] = step(2); (*p)[1] = step(3); return global[1]; }
