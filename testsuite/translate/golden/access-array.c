/* Arrays inside objects: the element is cast to the segment by itself, since gcc 12 drops %gs through
 * pointers to arrays. */
#include "ungil.h"
typedef struct vec { int n; int small[4]; int grid[3][5]; struct { int x, y; } pair[8]; struct vec *items[];
    } vec STM_OBJECT;
int element(vec *v, int i) { return v->small[i]; }
int reversed(vec *v, int i) { return i[v->small]; }
int grid(vec *v, int i, int j) { return v->grid[i][j]; }
void set_grid(vec *v, int i, int j) { v->grid[i][j] = 1; v->grid[0][0] = 2; }
int pair(vec *v, int i) { return v->pair[i].y; }
vec *flex(vec *v, int i) { return v->items[i]; }
void set_flex(vec *v, int i, vec *x) { v->items[i] = x; }
int star(vec *v) { return *v->small + *(v->small + 2) + **v->grid; }
int *decay(vec *v) { return v->small; }
int *interior(vec *v, int i) { return &v->small[i]; }
int *row(vec *v, int i) { return v->grid[i]; }
int nested(vec *v) { return v->small[v->small[v->n]]; }
int comma(vec *v, int i) { return v->small[i++, i]; }
unsigned long size(vec *v) { return sizeof v->small + sizeof v->grid[0] + sizeof(v->items[0]); }
