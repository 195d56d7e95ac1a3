/* flags: -pthread */
/* Threads whose function returns, and that end by pthread_exit: destructors of keys run, twice where they set
 * a value again; what a thread leaves for pthread_join lives, however much is allocated meanwhile. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "ungil.h"

struct STM_OBJECT node {
    struct node *next;
    long v;
};
struct record {
    long n, again;
};
static pthread_key_t key, other_key;
static long destroyed, calls;

static void destroy(void *p)
{
    struct record *r = p;
    destroyed += r->n;
    calls++;
    STM_SAFEPOINT();
    if (r->again-- > 0)
        pthread_setspecific(key, r);
    else
        free(r);
}

static void destroy_node(void *p)
{
    destroyed += ((struct node *)p)->v;
}

static struct node *list(long n)
{
    struct node *l = NULL;
    for (long i = 0; i < n; i++) {
        struct node *k = STM_NEW(struct node);
        k->v = 4711;
        k->next = l;
        l = k;
    }
    return l;
}

static void set_values(long again)
{
    struct record *r = malloc(sizeof *r);
    r->n = 1;
    r->again = again;
    pthread_setspecific(key, r);
    struct node *n = STM_NEW(struct node);
    n->v = 1000;
    pthread_setspecific(other_key, n);
}

static void *returns(void *arg)
{
    set_values((long)arg);
    return list(400 + (long)arg);
}
static void *exits(void *arg)
{
    if ((long)arg & 1)
        set_values(1);
    pthread_exit(list(500 + (long)arg));
}

static long count(struct node *l)
{
    long n = 0;
    for (; l && l->v == 4711; l = l->next)
        n++;
    return n;
}

int main(void)
{
    pthread_key_create(&key, destroy);
    pthread_key_create(&other_key, destroy_node);
    for (long i = 0; i < 6; i++) {
        pthread_t id;
        void *result;
        if (pthread_create(&id, NULL, i < 3 ? returns : exits, (void *)(i % 3)))
            return 2;
        pthread_join(id, &result);
        for (int k = 0; k < 3000; k++) {
            (void)list(2);
            STM_SAFEPOINT();
        }
        printf("%ld nodes, destroyed %ld by %ld calls\n", count(result), destroyed, calls);
    }
    return 0;
}
