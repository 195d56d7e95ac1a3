/* Counted loops over arrays whose first places are simpler than those of the other rounds: (n - 1) + 1, k -
 * k, 0 * n + i. */
#include <stdio.h>
#include <stdlib.h>
#include "ungil.h"

#define NOINLINE static __attribute__((noinline))

NOINLINE void make_room(long *a, int n, int i)
{
    for (int j = n - 1; j >= i; j--)
        a[j + 1] = a[j];
}
NOINLINE void move_down(long *a, int n, int k)
{
    for (int i = k; i < n; i++)
        a[i - k] = a[i];
}
NOINLINE long column(const long *a, int n, int m, int i)
{
    long sum = 0;
    for (int j = 0; j < m; j++)
        sum += a[j * n + i];
    return sum;
}
NOINLINE void multiply(long *z, const long *x, const long *y, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            long s = 0;
            for (int k = 0; k < n; k++)
                s += x[i * n + k] * y[k * n + j];
            z[i * n + j] = s;
        }
}
int main(void)
{
    enum { SIDE = 5 };
    long *x = calloc(SIDE * SIDE + 1, sizeof *x), *z = calloc(SIDE * SIDE, sizeof *z);
    for (int i = 0; i < SIDE * SIDE; i++)
        x[i] = i % 7;
    STM_SAFEPOINT();
    make_room(x, SIDE * SIDE, 3);
    STM_SAFEPOINT();
    move_down(x, SIDE * SIDE, 2);
    STM_SAFEPOINT();
    multiply(z, x, x, SIDE);
    STM_SAFEPOINT();
    for (int i = 0; i < SIDE; i++)
        printf("%ld%c", column(z, SIDE, SIDE, i), i + 1 < SIDE ? ' ' : '\n');
    free(x);
    free(z);
    return 0;
}
