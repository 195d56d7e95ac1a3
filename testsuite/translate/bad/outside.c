#include "ungil.h"
#include <stdint.h>
typedef struct node { struct node *next; long v; uintptr_t u; } node STM_OBJECT;
typedef unsigned long value STM_TAGGED(0xfffffffffffful, 0xfffc000000000000ul);
static volatile long v, free_of_it STM_RAW;
static _Atomic unsigned long a;
static volatile struct { int n; long w[2]; } r;
static long added;
extern volatile long elsewhere;
static uintptr_t swapped;
static struct node *volatile p;
extern uintptr_t perhaps;
extern long perhaps_too;
uintptr_t hash(node *);
void casts(node *n) { v = (long)n; a = (unsigned long)n | 1; r.w[1] = n ? (long)n : 0; }
void inner(node *n) { elsewhere = -1 + (long)&n->v; }
void kept(node *n, value x) { v = n->u; a = x & ~7ul; v = hash(n); r.w[0] += (v = 2, (long)n); }
void locals(node *n, value x) { long w = 0; unsigned long k = x; w = (long)n; w |= 1; v = w; a = k; }
void builtins(node *n, long w)
{
    __atomic_store_n(&added, (long)n, 0);
    __sync_lock_test_and_set(&added, (long)n);
    __atomic_exchange_n(&added, w, 0);
    w = (long)n;
    long o;
    __atomic_exchange(&added, &w, &o, 0);
    __atomic_store(&added, &w, 0);
    __atomic_compare_exchange(&added, &o, &w, 0, 0, 0);
}
void right(node *n, value x, long w)
{
    free_of_it = (long)n;
    v = (long)&w;
    v = (long)&v;
    v = (long)n >> 3;
    v = x & 7;
    v = n->v;
    v = (long)&right;
    r.n = (int)(long)n;
    v = w;
    v = sizeof n;
    v = n == p;
    __atomic_store_n(&swapped, (uintptr_t)n, 0);
    __atomic_store_n(&perhaps, (uintptr_t)n, 0);
    __atomic_store_n(&perhaps_too, (long)n, 0);
    long k = (long)n;
    __atomic_load(&added, &k, 0);
    w = 0;
    __atomic_exchange(&added, &w, &k, 0);
    __atomic_compare_exchange_n(&added, &k, 3, 0, 0, 0);
    __atomic_compare_exchange(&added, &k, &w, 0, 0, 0);
}
void blocking(node *n)
{
    STM_BLOCKING { p = n; __atomic_store_n(&swapped, 1, 0); v = (long)n; __atomic_store_n(&added, 1, 0); }
}
