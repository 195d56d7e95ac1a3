#include "ungil.h"
struct pair { long z; long a[2]; };
struct STM_OBJECT node { long v; };
long sp(long);
long cast(void *p, struct node *n)
{
    return sp(1) + n->v + ((struct pair { long a[2]; } *)p)->a[sp(1)] + ((struct pair *)p)->a[0];
}
long enumerators(struct node *n) { long x = sp(2) + (enum { A = 5, B }){A} + sp(B); return x + A + n->v; }
long fine(void *p) { return ((struct pair { long a[2]; } *)p)->a[1] + ((struct pair *)p)->a[0]; }
long untagged(struct node *n) { return sp(1) + sizeof(struct { char c[3]; }) + sp(n->v); }
