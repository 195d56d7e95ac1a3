/* Barriers before loops, and those that stay in them. */
#include "ungil.h"

struct STM_OBJECT vector { int n; int items[]; };

void fill(struct vector *a, int hi, int x)
{
    for (int i = 0; i < hi; i++)
        a->items[i] = x;
}

void negate(struct vector *a)
{
    for (int i = 0; i < a->n; i++)
        if (a->items[i] > 0)
            a->items[i] = -a->items[i];
}

int replace(struct vector *a, int n, int x)
{
    for (int i = 0; i < n; i++) {
        a->items[i] = x;
        if (i == x)
            return i;
    }
    return n;
}
