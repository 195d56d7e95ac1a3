/* flags: -pthread */
/* Threads whose function returns, and that end by pthread_exit: destructors of keys run, twice where they set
 * a value again; what a thread leaves for pthread_join lives, however much is allocated meanwhile. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
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

/* A thread of the C library's, which calls into the zone and ends outside of it. */
static pthread_key_t timer_key;
static long ticks, timer_destroyed;
static void destroy_value(void *p)
{
    timer_destroyed += ((struct node *)p)->v;
    STM_SAFEPOINT();
    list(100);
}
static void tick(union sigval value)
{
    (void)value;
    struct node *n = STM_NEW(struct node);
    n->v = 1;
    if (ticks < 5) {
        ticks++;
        pthread_setspecific(timer_key, n);
    }
}
static void timers(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick};
    struct itimerspec often = {{0, 2000000}, {0, 2000000}}, never = {{0, 0}, {0, 0}};
    timer_t t;
    pthread_key_create(&timer_key, destroy_value);
    if (timer_create(CLOCK_MONOTONIC, &e, &t))
        return;
    timer_settime(t, 0, &often, NULL);
    for (int i = 0; i < 500 && timer_destroyed < 5; i++)
        usleep(2000);
    timer_settime(t, 0, &never, NULL);
    printf("timer: %ld %ld\n", ticks, timer_destroyed);
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
    timers();
    return 0;
}
