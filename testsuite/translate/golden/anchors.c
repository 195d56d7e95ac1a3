/* Barriers that motion puts elsewhere: each kind of anchor (lower/anchors.c). */
#include "ungil.h"
typedef struct node { struct node *next; int value, more; } node STM_OBJECT;
int g(node *n);
void gv(void);
struct pair { int a, b; } pair(node *);
int pure(int x) STM_TRANSACTION_PURE;
int before_do(node *n, int k) { int s = 0; do s += n->value; while (--k); return s; }
int before_forever(node *n) { for (;;) { if (n->value) return 1; if (pure(n->more)) break; } return 0; }
int before_while(node *n, int c) { int s = 0; if (c) while (n->value != s) s++; else do s++;
    while (s < n->more); return s; }
int label(node *n, int c) { int s = 0; if (c) goto in; again: do { s++; in: s += n->value; }
    while (s < n->more); if (pure(s)) goto again; return s; }
int missing_else(node *n, int c) { int s = 0; if (c) s = n->value; return s + n->more; }
int dangling(node *n, int c, int d) { int s = 0; if (c) if (d) s = n->value; return s + n->more; }
int arm(node *n, int c) { int s; if (c) s = n->value; else s = c; return s + n->more; }
int arms(node *n, int c) { int s; if (c == 1) s = n->value; else if (c) { s = c; }
    else for (s = 0; s < 3; s++) {} return s + n->more; }
int body(node *n, int c) { int s = 0; while (c-- > 0) { if (n->value) continue; if (c == 7) break; gv(); s++;
    } return s; }
int jumps(node *n, int c) { int s = 0; switch (c) { case 0: s = n->value; break; case 1: s = 1; break;
    case 2: if (s) break; s = n->more; goto end; default: s = 2; } end: return s + n->more; }
int fall(node *n, int c) { int s = 0; switch (c) { case 0: s = n->value; __attribute__((fallthrough));
    case 1: s += n->more; break; default: return 0; } return s + n->value; }
int call(node *n) { int s = n->value; gv(); s += n->value + g(n); return s + n->more; }
void writes(node *n) { n->value = 1; gv(), gv(); n->value = 2; STM_SAFEPOINT(); n->value = g(n); }
node *fresh(int k) { node *n = STM_NEW(node); for (; k > 0; k--) { gv(); n->value = k; } return n; }
int nested(node *n) { int s = n->value; s = ({ int t = g(n); t + n->more; }) + (n->value ? g(n) : 2);
    return s + n->value; }
int loop_parts(node *n) { int s = 0;
    for (int i = g(n) + n->value; i < g(n) + n->value; i += g(n) + n->value) s += n->more;
    return s; }
int stale(node *n) { int s = pair(n).a + n->value; s += g(n); return s + n->more; }
int shadowed(node *n) { int s = n->value; { node *n = 0; s += g(n); } gv(); return s + n->more; }
int assigned(node *n) { int s = n->value; s += g(n) + ((n = n->next) != 0); return s + n->more; }
node *interpreter(node *f, const char *p) { for (;;) { f->value++; switch (*p++) { case 'c': gv(); break;
    case 'n': f = STM_NEW(node); gv(); continue; case 'u': f = f->next; break; default: return f; } } }
int indirect(node *n, void (*h)(void)) { int s = n->value; h(); (*h)(); return s + n->value; }
struct vec { long n; long items[]; } STM_OBJECT;
struct vec *whole(long n) { struct vec *v = STM_NEW_FLEX(struct vec, items, n);
    for (long i = 0; i < n; i++) { long x = g(0); v->items[i] = x; } return v; }
int offset(node *n, int **pp) { int *p = &n->more, s = *p; gv(); **pp = 1; return s + *p; }
