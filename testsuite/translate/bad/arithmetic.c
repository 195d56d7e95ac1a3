#include "ungil.h"
typedef struct node { struct node *next; int v; } node STM_OBJECT;
node *second(node *p) { return p + 1; }
int indexed(node *p, int i) { return p[i].v; }
void steps(node *p) { p++; p += 2; --p; }
long distance(node *a, node *b) { return a - b; }
int fine(node *p) { return p[0].v; }
