/* <stdatomic.h>, with each compiler: variables, objects, pointers, structs. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <ungil.h>

struct pair {
    int x, y;
};
struct STM_OBJECT node {
    struct node *next;
    atomic_int n;
    _Atomic(struct node *) other;
    _Atomic struct pair both;
};
static atomic_long count;
static _Atomic(int *) at;
static int cells[8];

static __attribute__((noinline)) struct node *pass(struct node *n)
{
    STM_SAFEPOINT();
    atomic_fetch_add(&n->n, 1);
    return n;
}

int main(void)
{
    struct node *n = STM_NEW(struct node), *m = STM_NEW(struct node), *seen = NULL;
    atomic_init(&count, 4);
    long old = atomic_fetch_add(&count, 3), next = atomic_exchange(&count, old + 5), expected = 1;
    int first = atomic_compare_exchange_strong(&count, &expected, 2),
        second = atomic_compare_exchange_strong_explicit(&count, &expected, 2, memory_order_seq_cst,
                                                         memory_order_relaxed);
    printf("%ld %ld %ld %d %d %ld\n", old, next, expected, first, second, atomic_load(&count));
    atomic_store(&at, cells);
    int *was = atomic_exchange(&at, cells + 2); /* gcc's header adds bytes to pointers */
    printf("%d %d\n", (int)(was - cells), (int)(atomic_load(&at) - cells));
    STM_SAFEPOINT();
    atomic_store(&n->other, m);
    STM_SAFEPOINT();
    int a = atomic_compare_exchange_strong(&n->other, &seen, pass(n));
    STM_SAFEPOINT();
    while (!atomic_compare_exchange_weak(&n->other, &seen, n))
        ;
    STM_SAFEPOINT();
    printf("%d %d %d\n", a, seen == m, atomic_load(&n->other) == n);
    atomic_store(&n->both, ((struct pair){pass(n) != NULL, 7}));
    STM_SAFEPOINT();
    struct pair p = atomic_load(&n->both), q = atomic_exchange(&n->both, p);
    atomic_fetch_or(&pass(n)->n, 8);
    atomic_fetch_and(&n->n, 14);
    atomic_thread_fence(memory_order_seq_cst);
    int bits = atomic_fetch_xor(&n->n, 2);
    printf("%d %d %d %d\n", p.x, q.y, n->n, bits);
    return 0;
}
