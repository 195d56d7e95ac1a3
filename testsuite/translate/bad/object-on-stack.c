#include "ungil.h"
typedef struct node { struct node *next; int v; } node STM_OBJECT;
struct first { node n; int after; };
void use(node *);
void in_raw(void) { struct first f = {{0, 1}, 2}; use(&f.n); }
void parameter(node n) { use(&n); }
node *head = &(node){0, 1};
void literal(void) { use(&(node){0, 1}); use((node[]){{0, 1}, {0, 2}}); }
void array(void) { node a[2] = {{0, 1}}; use(a); }
int fine(void) { struct first f = {{0, 1}, 2}; return f.n.v + (node){0, 3}.v; }
