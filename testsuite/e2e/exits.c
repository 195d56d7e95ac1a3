/* flags: -pthread */
/* Threads that end by pthread_exit and by cancellation, with cleanup handlers and destructors of keys that
 * use shared objects; signal handlers that set a flag. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT record {
    struct record *next;
    int what;
};
static struct record *records;
static int cleaned, destroyed;
static pthread_key_t key;
static volatile sig_atomic_t signalled;
static _Atomic int signals;

static void note(int what)
{
    ENTER();
    struct record *r = STM_NEW(struct record);
    r->what = what;
    r->next = records;
    records = r;
    LEAVE();
}

static void clean(void *arg)
{
    struct record *r = arg;
    ENTER();
    cleaned += r->what;
    LEAVE();
    note(2);
}
static void destroy(void *arg)
{
    struct record *r = arg;
    ENTER();
    destroyed += r->what;
    LEAVE();
    note(3);
}

static void deeper(struct record *result)
{
    if (result->what)
        pthread_exit(result);
    note(99);
}
static void deep(struct record *result)
{
    deeper(result);
    note(98);
}

static void *exits(void *arg)
{
    struct record *r = STM_NEW(struct record);
    r->what = 1;
    pthread_setspecific(key, r);
    pthread_cleanup_push(clean, r);
    note(1);
    r = STM_NEW(struct record);
    r->what = 4711;
    deep(r);
    pthread_cleanup_pop(0);
    return arg;
}

static void *waits(void *arg)
{
    struct record *r = STM_NEW(struct record);
    r->what = 1;
    pthread_setspecific(key, r);
    pthread_cleanup_push(clean, r);
    note(1);
    for (;;) {
        STM_BLOCKING
        {
            pause();
        }
    }
    pthread_cleanup_pop(0);
    return arg;
}

/* Many at once, so that the transactions in which handlers come and go are aborted. */
static struct record *tally;
static void add(void *arg)
{
    struct record *r = arg;
    ENTER();
    r->what++;
    LEAVE();
}
static void *together(void *arg)
{
    struct record *r = arg;
    pthread_cleanup_push(add, r);
    for (int i = 0; i < 10; i++)
        add(r);
    pthread_cleanup_push(add, r);
    add(r);
    pthread_cleanup_pop(0);
    add(r);
    pthread_exit(r);
    pthread_cleanup_pop(0);
    return r;
}

static void on_signal(int sig)
{
    signalled = sig;
    signals++;
}

static void report(void)
{
    int n[4] = {0, 0, 0, 0};
    for (struct record *r = records; r; r = r->next)
        n[r->what & 3]++;
    printf("%d %d %d %d, cleaned %d, destroyed %d\n", n[0], n[1], n[2], n[3], cleaned, destroyed);
}

/* What is set inside a transaction, and inside STM_ATOMIC, holds outside. */
static void *uncancelled(void *arg)
{
    int old = -1, older = -1;
    STM_ATOMIC
    {
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    }
    pthread_cancel(pthread_self());
    pthread_testcancel();
    ENTER();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &older);
    printf("states %d %d %d\n", old == PTHREAD_CANCEL_ENABLE, older == PTHREAD_CANCEL_DISABLE,
           pthread_setcancelstate(77, NULL) != 0);
    LEAVE();
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    return arg;
}

int main(void)
{
    pthread_t id;
    void *result;
    pthread_key_create(&key, destroy);
    for (int i = 0; i < 5; i++) {
        if (pthread_create(&id, NULL, exits, NULL))
            return 2;
        STM_BLOCKING
        {
            pthread_join(id, &result);
        }
        printf("%d\n", ((struct record *)result)->what);
    }
    report();
    for (int i = 0; i < 5; i++) {
        if (pthread_create(&id, NULL, waits, NULL))
            return 2;
        STM_BLOCKING
        {
            usleep(1000);
        }
        pthread_cancel(id);
        STM_BLOCKING
        {
            pthread_join(id, &result);
        }
        printf("%s\n", result == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
    }
    printf("cleaned %s, destroyed %s\n", cleaned > 5 ? "more" : "no more",
           destroyed > 5 ? "more" : "no more");
    tally = STM_NEW(struct record);
    for (int round = 0; round < 50; round++) {
        pthread_t ids[4];
        for (int i = 0; i < 4; i++)
            if (pthread_create(&ids[i], NULL, together, tally))
                return 2;
        for (int i = 0; i < 4; i++)
            STM_BLOCKING
            {
                pthread_join(ids[i], &result);
            }
    }
    printf("%d\n", tally->what);
    struct sigaction a, old;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_signal;
    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGUSR1, NULL, &old);
    for (int i = 0; i < 10; i++)
        raise(SIGUSR1);
    printf("%d %d %d\n", signalled == SIGUSR1, signals, old.sa_handler == on_signal);
    printf("%d\n", signal(SIGUSR1, SIG_IGN) == on_signal);
    raise(SIGUSR1);
    printf("%d\n", signals);
    pthread_t last;
    void *how = NULL;
    if (pthread_create(&last, NULL, uncancelled, NULL))
        return 2;
    STM_BLOCKING
    {
        pthread_join(last, &how);
    }
    printf("%d\n", how == PTHREAD_CANCELED);
    return 0;
}
