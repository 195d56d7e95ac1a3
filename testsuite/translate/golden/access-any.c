/* Pointers of which nothing is known are resolved at run time; those proven local are left alone. */
#include "ungil.h"
struct point { int x, y; };
int any(int *p) { return *p; }
void set_any(int *p) { *p = 1; }
int index_any(int *p, int i) { return p[i]; }
int member_any(struct point *p) { return p->y; }
void set_member(struct point *p) { p->y = 2; p->x++; }
int deep(struct point **p, int i) { return (*p)->x + p[i]->y; }
int walk(const char *s) { int n = 0; while (*s++) n++; return n; }
int local(void) { int a[4] = {1, 2}, *p = a; p[1] = 3; return *p + p[2]; }
int local_struct(void) { struct point q = {1, 2}, *p = &q; p->x = 3; return p->x + q.y; }
int literal(int i) { return "abc"[i] + *"x"; }
int maybe(int *p, int c) { int x = 0; int *q = c ? p : &x; return *q; }
int row(int (*p)[5], int i) { return (*p)[i] + p[i][2]; }
int null(void) { int *p = 0; return p ? *p : 0; }
