#include "ungil.h"
typedef struct node { struct node *next; int v; } node STM_OBJECT;
static _Thread_local node per_thread;
node table[4];
static node grid[2][2];
void use(node *);
void on_stack(void) { node n = {0, 1}; use(&n); }
node fine(void) { node n = {0, 1}; return n; }
void *unused(void) { per_thread.v = 1; return &table[1]; }
void *local(void) { static node many[2]; return many; }
struct fine { node n; int after; };
static struct fine lone, several[2];
void *used(void) { return lone.after ? (void *)several : (void *)&lone; }
