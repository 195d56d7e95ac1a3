/* Compound literals of file scope are memory that all threads share, as variables are. */
#include <pthread.h>
#include <stdio.h>
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    long a;
};
struct table {
    struct node *first;
    long *sums;
    int n;
};
static struct node **slots = (struct node *[4]){NULL};
static struct table *table = &(struct table){.sums = (long[]){0, 0, 0}, .n = 3};
static struct {
    struct table *t;
    struct node **v;
} deep = {&(struct table){0}, (struct node *[]){NULL, NULL}};
static long *left = (long[2]){1000}, *right = &(long){0};

#define NOINLINE static __attribute__((noinline))

NOINLINE struct node *make(long a)
{
    struct node *n = STM_NEW(struct node);
    n->a = a;
    return n;
}

NOINLINE void keep(void)
{
    slots[1] = make(1);
    table->first = make(2);
    deep.t->first = make(3);
    deep.v[1] = make(4);
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
        make(-1);
        if (ends)
            STM_SAFEPOINT();
    }
}

NOINLINE void show(void)
{
    printf("%ld %ld %ld %ld\n", slots[1]->a, table->first->a, deep.t->first->a, deep.v[1]->a);
}

/* What is moved from one to the other is in one of them. */
static long lost;
static void *move(void *arg)
{
    for (int i = 0; i < 20000; i++) {
        ENTER();
        if (arg) {
            long k = i % 7;
            *left -= k;
            table->sums[1] += k;
            *right += k;
        } else {
            lost += *left + *right != 1000 || table->sums[1] != *right;
        }
        LEAVE();
    }
    return NULL;
}

int main(void)
{
    pthread_t t[2];
    keep();
    scratch(1);
    churn(60000, 0);
    show();
    STM_SAFEPOINT();
    churn(200000, 1);
    show();
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, move, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%ld %ld %ld line %d\n", lost, *left, *right, __LINE__);
    return 0;
}
