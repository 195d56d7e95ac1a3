/* flags: -pthread */
/* What atexit, on_exit and at_quick_exit have been given, and destructors, use objects, whoever ends the
 * process: in the zone or outside of it, or the C library, after the last thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    long v;
};
static struct node *list;
static long calls;

static void put(long v)
{
    struct node *n = STM_NEW(struct node);
    n->next = list;
    n->v = v;
    list = n;
    calls++;
}
static long sum(void)
{
    long s = 0;
    for (struct node *n = list; n; n = n->next)
        s = s * 10 + n->v;
    return s;
}

static void later(void)
{
    put(6);
    printf(" later %ld", sum());
}
static void first(void)
{
    put(1);
    printf(" first %ld", sum());
    atexit(later);
    STM_SAFEPOINT();
}
static void second(int status, void *arg)
{
    put(2);
    printf(" second %d %ld %ld", status, *(long *)arg, sum());
}
static void third(void)
{
    for (struct node *n = NULL; !n || n->v < 2000;) { /* garbage */
        long v = n ? n->v : 0;
        n = STM_NEW(struct node);
        n->v = v + 1;
    }
    put(3);
    printf(" third %ld", sum());
}
static void quick(void)
{
    put(4);
    printf(" quick %ld", sum());
    fflush(stdout);
}
__attribute__((destructor)) static void last(void)
{
    put(5);
    printf(" last %ld %ld\n", sum(), calls);
}

static void *worker(void *arg)
{
    ENTER();
    put(7);
    LEAVE();
    if (arg)
        exit(9);
    return NULL;
}

static STM_RAW long raw = 77;
static void end(int way)
{
    pthread_t t;
    ENTER();
    printf("%d:", way);
    atexit(first);
    on_exit(second, &raw);
    atexit(third);
    at_quick_exit(quick);
    LEAVE();
    switch (way) {
    case 0:
        exit(4);
    case 1:
        STM_BLOCKING
        {
            exit(5);
        }
        break;
    case 2:
        pthread_exit(NULL);
    case 3:
        pthread_create(&t, NULL, worker, NULL);
        pthread_exit(NULL);
    case 4:
        pthread_create(&t, NULL, worker, &raw);
        STM_BLOCKING
        {
            pthread_join(t, NULL);
        }
        break;
    case 5:
        quick_exit(6);
    default:
        STM_BLOCKING
        {
            quick_exit(7);
        }
    }
}

int main(void)
{
    for (int way = 0; way < 7; way++) {
        fflush(stdout);
        pid_t child = fork();
        if (!child)
            end(way);
        int status;
        waitpid(child, &status, 0);
        if (way > 4)
            printf("\n");
        printf("%d: status %d\n", way, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    return 0;
}
