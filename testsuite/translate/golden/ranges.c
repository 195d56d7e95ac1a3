/* Loops over arrays: one barrier before the loop, if it is entered. */
#include "ungil.h"

struct STM_OBJECT vector { int n; int items[]; };
struct STM_OBJECT grid { double cell[20][20]; long more; };
static unsigned table[100], size;

void fill(struct vector *a, int lo, int hi, int x)
{
    for (int i = lo; i < hi; i++)
        a->items[i] = x;
}

/* the bound is a field, which stores to an array behind it do not change; the loop is an arm */
void copy(struct vector *to, const struct vector *from, int really)
{
    if (really)
        for (int i = 0; i < from->n; ++i)
            to->items[i] = from->items[i] * 2;
    else
        size++;
}

long down(const struct vector *a, unsigned n)
{
    long s = 0;
    unsigned i;
    for (i = n; i > 0; i -= 2)
        s += a->items[i - 1];
    return s;
}

void several(int *p, struct grid *g, int k)
{
    int i, j;
    for (i = 0, j = 7; i != 8; j--, i = i + 1) {
        p[2 * i + k] ^= 1;
        g->cell[k][7 - i] = 0;
        g->cell[i][k] += 1; /* one row after the other */
        g->cell[j][k] = 0;  /* nothing is known of j */
        g->cell[0][k] += i; /* always the same place */
    }
    for (unsigned long n = 0; n < size; n++)
        table[n] = 1;
}

/* some rounds only: not before the loop, but covered by what is */
void some(struct vector *a, int n)
{
    for (int i = 0; i < n; i++)
        if (a->items[i] < 0)
            a->items[i] = 0;
    for (int i = 0; i < n; i++) {
        a->items[i]++;
        if (i & 1)
            a->items[i] = 0;
    }
}

/* steps and gaps are what they are at run time */
void strides(struct vector *a, const double *m, double *to, int by, int w)
{
    for (int i = 2 * by; i < a->n; i += by)
        a->items[i] = 0;
    for (int i = w - 1; i >= 0; i -= by + 1)
        to[i << 1] = m[by + i * w];
}

int external(int x);

/* no ranges */
void none(struct vector *a, struct vector *b, int n, int *p)
{
    for (int i = 0; i < n; i++) { /* ends early */
        a->items[i] = 1;
        if (i == 7)
            break;
    }
    for (int i = 0; i < n; i++) /* may end the transaction */
        a->items[i] = external(i);
    for (int i = 0; i < a->n; i++) /* may change its bound */
        p[i] = 1;
    for (int i = 0; i < n; i++) { /* its variable is changed elsewhere */
        a->items[i] = 1;
        i += b->n;
    }
    for (int i = 0; i < n; i++) { /* ... or its base */
        a->items[i] = 1;
        a = b;
    }
    for (int i = 0; i < n; i++, p = &i) /* ... or may be */
        a->items[i] = 1;
    for (int i = 0; i < n; i++) /* not linear */
        a->items[i * i] = 1;
    for (int i = 0; i < n && i < 9; i++)
        a->items[i] = 1;
    int k = 0;
    if (n)
        goto in;
    for (k = 0; k < n; k++) { /* can be entered from elsewhere */
    in:
        b->items[n] = 1;
    }
}
