/* Atomic built-ins in objects: which arguments are addresses that they access, and which are values,
 * references among them. */
#include <pthread.h>
#include <stdio.h>
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    int a, flags[4];
    long sum;
    struct node *was;
};
static struct node *root;

#define NOINLINE static __attribute__((noinline))

NOINLINE struct node *make(int a)
{
    struct node *n = STM_NEW(struct node);
    n->a = a;
    STM_SAFEPOINT();
    return n;
}

NOINLINE void sync_values(struct node *n)
{
    struct node *m = make(1), *k = make(2);
    int r = __sync_bool_compare_and_swap(&n->next, NULL, m);
    STM_SAFEPOINT();
    struct node *old = __sync_val_compare_and_swap(&n->next, m, k);
    STM_SAFEPOINT();
    struct node *other = __sync_lock_test_and_set(&n->next, old);
    STM_SAFEPOINT();
    __sync_fetch_and_add(&n->flags[1], n->next->a + other->a);
    STM_SAFEPOINT();
    __sync_fetch_and_or(n->flags, 8);
    printf("%d %d %d %d %d %d %d\n", r, n->next == m, old == m, other == k, n->next->a, n->flags[1],
           n->flags[0]);
}

/* The expected value, which is written where it differs, and what is exchanged, lie in objects. */
NOINLINE void expected(struct node *n)
{
    struct node *m = make(3);
    m->next = __atomic_load_n(&n->next, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(&n->next, &m->next, m, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    STM_SAFEPOINT();
    m->was = NULL;
    int r = __atomic_compare_exchange_n(&n->next, &m->was, make(4), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    printf("%d %d %d %d\n", r, m->was == m, n->next == m, m->next->a);
    r = __atomic_compare_exchange(&n->next, &m->was, &m->next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    printf("%d %d\n", r, n->next == m->next);
    __atomic_exchange(&n->next, &m->was, &n->was, __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    printf("%d %d\n", n->next == m, n->was->a);
    __atomic_store(&n->next, &n->was, __ATOMIC_SEQ_CST);
    __atomic_load(&n->next, &m->was, __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    __atomic_store_n(&n->sum, m->was->a + make(7)->a, __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    __atomic_fetch_add(n->flags, m->a, __ATOMIC_SEQ_CST);
    printf("%d %ld %d %d\n", m->was == n->was, n->sum, n->flags[0],
           __atomic_test_and_set(&n->flags[3], __ATOMIC_SEQ_CST));
    __atomic_clear((_Bool *)&n->flags[3], __ATOMIC_SEQ_CST);
    STM_SAFEPOINT();
    printf("%d\n", n->flags[3]);
}

static void *push(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3000; i++) {
        ENTER();
        struct node *m = STM_NEW(struct node), *old;
        m->a = i;
        if (i % 2) {
            do
                m->next = old = root->was;
            while (!__sync_bool_compare_and_swap(&root->was, old, m));
        } else {
            m->next = __atomic_load_n(&root->was, __ATOMIC_SEQ_CST);
            while (
                !__atomic_compare_exchange_n(&root->was, &m->next, m, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                ;
        }
        LEAVE();
    }
    return NULL;
}

int main(void)
{
    pthread_t t[2];
    root = STM_NEW(struct node);
    sync_values(root);
    expected(root);
    root->was = NULL;
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, push, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    long n = 0, sum = 0;
    for (struct node *m = root->was; m; m = m->next)
        n++, sum += m->a;
    printf("%ld %ld\n", n, sum);
    return 0;
}
