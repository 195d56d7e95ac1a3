/* arrays.c - loops over arrays: fill, running sums, a sieve, two sorts, a product of matrices.
 *
 *   arrays [N [ROUNDS]]
 *
 * Each phase is a transaction.  Prints what the phases have made. */
#include <stdio.h>
#include <stdlib.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

#define NEXT_TRANSACTION() (stm_hint_commit_soon(), STM_SAFEPOINT())

struct STM_OBJECT vector {
    int n;
    int items[];
};

struct STM_OBJECT matrix {
    int n;
    double cells[];
};

static void fill(struct vector *a, unsigned seed)
{
    for (int i = 0; i < a->n; i++) {
        seed = seed * 1103515245u + 12345u;
        a->items[i] = (int)(seed >> 16 & 4095);
    }
}

static void running_sums(struct vector *to, const struct vector *from)
{
    int sum = 0;
    for (int i = 0; i < from->n; i++) {
        sum = (sum + from->items[i]) & 0xffff;
        to->items[i] = sum;
    }
}

static int sieve(struct vector *a)
{
    int found = 0;
    for (int i = 0; i < a->n; i++)
        a->items[i] = 1;
    for (int i = 2; i < a->n; i++) {
        if (!a->items[i])
            continue;
        found++;
        for (int k = 2 * i; k < a->n; k += i)
            a->items[k] = 0;
    }
    return found;
}

static void insertion_sort(struct vector *a, int lo, int hi)
{
    for (int i = lo + 1; i < hi; i++) {
        int x = a->items[i], k;
        for (k = i; k > lo && a->items[k - 1] > x; k--)
            a->items[k] = a->items[k - 1];
        a->items[k] = x;
    }
}

static void quicksort(struct vector *a, int lo, int hi)
{
    if (hi - lo < 12) {
        insertion_sort(a, lo, hi);
        return;
    }
    int pivot = a->items[lo + (hi - lo) / 2], i = lo, k = hi - 1;
    while (i <= k) {
        while (a->items[i] < pivot)
            i++;
        while (a->items[k] > pivot)
            k--;
        if (i <= k) {
            int x = a->items[i];
            a->items[i++] = a->items[k];
            a->items[k--] = x;
        }
    }
    quicksort(a, lo, k + 1);
    quicksort(a, i, hi);
}

/* c = a * b, transposed. */
static void multiply(struct matrix *c, const struct matrix *a, const struct matrix *b, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            c->cells[i * n + j] = 0;
            for (int k = 0; k < n; k++)
                c->cells[i * n + j] += a->cells[i * n + k] * b->cells[j * n + k];
        }
}

static void number(struct matrix *m, int n)
{
    for (int i = n * n - 1; i >= 0; i--)
        m->cells[i] = i % 7;
}

static long sum(const struct vector *a)
{
    long s = 0;
    for (int i = 0; i < a->n; i++)
        s += a->items[i];
    return s;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 20000, rounds = argc > 2 ? atoi(argv[2]) : 5, side = 1;
    while ((side + 1) * (side + 1) * 4 <= n)
        side++;
    struct vector *v = STM_NEW_FLEX(struct vector, items, (size_t)n),
                  *w = STM_NEW_FLEX(struct vector, items, (size_t)n);
    struct matrix *m[3];
    for (int i = 0; i < 3; i++)
        m[i] = STM_NEW_FLEX(struct matrix, cells, (size_t)side * (size_t)side);
    v->n = w->n = n;
    NEXT_TRANSACTION();
    int primes = 0;
    long total = 0;
    for (int r = 0; r < rounds; r++) {
        fill(v, (unsigned)r);
        NEXT_TRANSACTION();
        running_sums(w, v);
        NEXT_TRANSACTION();
        quicksort(v, 0, n);
        NEXT_TRANSACTION();
        total += sum(w) + v->items[n / 2];
        primes = sieve(w);
        NEXT_TRANSACTION();
    }
    number(m[0], side);
    number(m[1], side);
    NEXT_TRANSACTION();
    multiply(m[2], m[0], m[1], side);
    NEXT_TRANSACTION();
    printf("%d %ld %g\n", primes, total, m[2]->cells[side]);
    return 0;
}
