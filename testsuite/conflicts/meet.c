/* meet [hook] - two threads that meet at one field, until each has been aborted or enough was tried; and
 * one that prints. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT counter {
    long unused;
    struct { long hits, misses; } of[3];
};

static struct counter *shared;
static _Atomic int aborts;
static STM_THREAD_LOCAL long line;

static void aborted(void *key)
{
    (void)key;
    aborts++;
}

static int position(struct stm_position *at)
{
    at->file = "script.x";
    at->function = "count";
    at->line = (unsigned)line;
    return line != 0;
}

static __attribute__((noinline)) void compute(long n)
{
    for (volatile long i = 0; i < n; i++)
        ;
}

static __attribute__((noinline)) void count(struct counter *c)
{
    line = 7;
    c->of[1].misses++; /* THE WRITE */
    line = 8;
}

static void *work(void *arg)
{
    for (int i = 0; i < 100000 && aborts < 20; i++) {
        STM_ATOMIC {
            stm_call_on_abort(NULL, aborted);
            count(shared);
            compute(100000);
        }
        stm_hint_commit_soon();
        STM_SAFEPOINT();
    }
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t[2];
    if (argc > 1 && !strcmp(argv[1], "hook"))
        stm_position_hook(position);
    shared = STM_NEW(struct counter);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, work, NULL);
    STM_BLOCKING {
        for (int i = 0; i < 2; i++)
            pthread_join(t[i], NULL);
    }
    printf("%s\n", aborts >= 20 ? "met" : "never met"); /* THE OUTPUT */
    fflush(stdout);
    if (argc > 2)
        raise(9);
    return 0;
}
