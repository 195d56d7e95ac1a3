/* External functions that call back: atomically, since the addresses that they are given are good for one
 * transaction only. */
#include "ungil.h"
#include <stdlib.h>
typedef struct vec { int n; int items[]; } vec STM_OBJECT;
int g(int x);
static int compare(const void *a, const void *b) { return g(*(const int *)a) - *(const int *)b; }
void sort(vec *v) { qsort(v->items, (size_t)v->n, sizeof *v->items, compare); }
int *find(vec *v, int key) { return bsearch(&key, v->items, (size_t)g(v->n), sizeof(int), compare); }
