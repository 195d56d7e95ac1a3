#include "ungil.h"
typedef struct node { struct node *next; int v; } node STM_OBJECT;
struct inside { int before; node n; };
struct holds { node many[3]; };
struct fine { node n; int after; };
union fine_too { int i; node n; };
struct deep { struct { int a; node n; } in; };
int f(void) { struct local { int a; node n; } l = {0}; return l.a; }
struct outer { int before; struct fine within; };
struct rows { struct fine rows[2]; };
struct outermost { union { int i; struct fine f; } u; };
