#include "ungil.h"
struct STM_OBJECT node { long x; };
void vla(struct node *p, int n) { int a[n]; __typeof__(*(p->x++, &a)) b; (void)b; }
