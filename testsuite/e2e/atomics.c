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

struct STM_OBJECT named {
    _Atomic(char *) name;
};

NOINLINE void printed(void)
{
    struct named *n = STM_NEW(struct named);
    static char text[] = "name";
    text[0] = 'f';
    n->name = text;
    STM_SAFEPOINT();
    printf("%s %d\n", n->name, n->name == text);
}

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

/* Variables that hold references are part of transactions, whatever their qualifiers, and the collector looks
 * at them. */
static struct node *volatile shown;
static _Atomic(struct node *) held;
static struct node *listed;
struct ends {
    int n;
    struct node *first;
};
static volatile struct ends ends;

NOINLINE void push_all(int i)
{
    struct node *m = STM_NEW(struct node), *k = STM_NEW(struct node), *l = STM_NEW(struct node);
    struct node *e = STM_NEW(struct node);
    m->a = k->a = l->a = e->a = i;
    m->next = shown;
    shown = m;
    k->next = held;
    held = k;
    l->next = __atomic_load_n(&listed, __ATOMIC_SEQ_CST);
    __atomic_store_n(&listed, l, __ATOMIC_SEQ_CST);
    e->next = ends.first;
    ends.first = e;
    ends.n++;
}

NOINLINE long sum_of(struct node *n)
{
    long s = 0;
    for (int i = 0; n && i < 60; i++, n = n->next)
        s += n->a;
    return s;
}

NOINLINE void collected(void)
{
    for (int i = 0; i < 50; i++) {
        push_all(i);
        STM_SAFEPOINT();
    }
    for (int i = 0; i < 400000; i++) {
        struct node *m = STM_NEW(struct node);
        m->a = -1;
        m->next = m;
        STM_SAFEPOINT();
    }
    printf("%ld %ld %ld %ld %d\n", sum_of(shown), sum_of(held), sum_of(listed), sum_of(ends.first), ends.n);
}

/* What one thread shows, another sees only when it is complete. */
static long incomplete;
static void *show(void *arg)
{
    for (int i = 0; i < 40000; i++) {
        ENTER();
        if (arg) {
            struct node *m = STM_NEW(struct node);
            m->sum = m->a = 1;
            shown = m;
            held = m;
            m->sum = 2;
        } else {
            struct node *m = shown, *k = held;
            incomplete += m->sum != 2 || k->sum != 2 || m != k;
        }
        LEAVE();
    }
    return NULL;
}

int main(void)
{
    pthread_t t[2];
    root = STM_NEW(struct node);
    printed();
    sync_values(root);
    expected(root);
    root->was = NULL;
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, push, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    collected();
    shown->sum = 2;
    held = shown;
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, show, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%ld\n", incomplete);
    long n = 0, sum = 0;
    for (struct node *m = root->was; m; m = m->next)
        n++, sum += m->a;
    printf("%ld %ld\n", n, sum);
    return 0;
}
