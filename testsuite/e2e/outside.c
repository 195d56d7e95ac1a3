/* Variables that stay outside of transactions, flags and counters, may hold numbers that are addresses, which
 * the collector sees; those whose type says so are part of transactions. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <ungil.h>
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    long a, as_number;
};
typedef unsigned long value STM_TAGGED(0x0000fffffffffffful, 0xfffc000000000000ul);
typedef value word;
#define TAG 0xfffc000000000000ul

#define NOINLINE static __attribute__((noinline))

/* Nothing says that these are addresses: they come from an object's field, and stay outside. */
static volatile long number;
static _Atomic unsigned long atomic_number;
static long by_builtin;
static volatile struct {
    int n;
    unsigned long w[3];
} record;
static volatile char bytes[64];

NOINLINE long at(long number)
{
    return ((struct node *)number)->a;
}

NOINLINE struct node *make(int i)
{
    struct node *n = STM_NEW(struct node);
    n->a = i;
    n->as_number = (long)n;
    return n;
}

NOINLINE void keep(void)
{
    static volatile unsigned long local;
    static _Atomic long atomic_local;
    number = make(1)->as_number;
    atomic_number = (unsigned long)make(2)->as_number;
    __atomic_store_n(&by_builtin, make(3)->as_number, __ATOMIC_SEQ_CST);
    record.w[2] = (unsigned long)make(4)->as_number;
    long in = make(5)->as_number;
    for (int i = 0; i < 8; i++)
        bytes[24 + i] = ((char *)&in)[i];
    if (local)
        printf("%ld %ld\n", at((long)local), at(atomic_local));
    local = (unsigned long)make(6)->as_number;
    atomic_local = make(7)->as_number;
}

/* Overwrites what dead frames left. */
NOINLINE int scratch(int v)
{
    volatile int room[2000];
    for (int i = 0; i < 2000; i++)
        room[i] = v;
    return room[77];
}

NOINLINE void churn(int n, int ends)
{
    for (int i = 0; i < n; i++) {
        struct node *m = STM_NEW(struct node);
        m->a = -1;
        if (ends)
            STM_SAFEPOINT();
    }
}

NOINLINE void show(void)
{
    long in;
    for (int i = 0; i < 8; i++)
        ((char *)&in)[i] = bytes[24 + i];
    printf("%ld %ld %ld %ld %ld\n", at(number), at((long)atomic_number),
           at(__atomic_load_n(&by_builtin, __ATOMIC_SEQ_CST)), at((long)record.w[2]), at(in));
}

/* What is declared as an address is shown when it is complete. */
static volatile uintptr_t address;
static _Atomic uintptr_t atomic_address;
static volatile word words[2];
static volatile struct {
    int n;
    intptr_t in;
} pair;
static long incomplete;

static void *publish(void *arg)
{
    for (int i = 0; i < 30000; i++) {
        ENTER();
        if (arg) {
            struct node *m = STM_NEW(struct node);
            m->a = 1;
            address = (uintptr_t)m;
            atomic_address = (uintptr_t)m;
            words[1] = (word)m | TAG;
            pair.in = (intptr_t)m;
            m->a = 2;
        } else {
            uintptr_t m = address, k = atomic_address, t = words[1] & ~TAG, p = (uintptr_t)pair.in;
            incomplete += m != k || t != m || p != m || ((struct node *)m)->a != 2;
        }
        LEAVE();
    }
    return NULL;
}

/* Flags and counters are as they were. */
static volatile int flag;
static _Atomic long counter;
static volatile long plain_counter;
static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2000; i++) {
        STM_BLOCKING
        {
            counter++;
            __atomic_fetch_add(&plain_counter, 2, __ATOMIC_SEQ_CST);
        }
        counter++;
    }
    STM_BLOCKING
    {
        flag = 1;
    }
    return NULL;
}

int main(void)
{
    pthread_t t[2];
    keep();
    scratch(1);
    churn(60000, 0); /* in the transaction that made them */
    show();
    STM_SAFEPOINT();
    churn(200000, 1);
    show();
    keep();
    scratch(1);
    churn(60000, 0);
    show();
    struct node *n = make(2);
    address = atomic_address = (uintptr_t)n;
    words[1] = (word)n | TAG;
    pair.in = (intptr_t)n;
    n = NULL;
    scratch(2);
    churn(200000, 1);
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, publish, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%ld\n", incomplete);
    pthread_create(&t[0], NULL, count, NULL);
    STM_BLOCKING
    {
        while (!flag)
            ;
    }
    pthread_join(t[0], NULL);
    printf("%ld %ld\n", (long)counter, plain_counter);
    return 0;
}
