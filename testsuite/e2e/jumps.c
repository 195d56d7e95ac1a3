/* flags: -pthread */
/* longjmp out of STM_ATOMIC and STM_BLOCKING, from the function that has the block and from callees, nested,
 * with several buffers, and over and over; afterwards the thread is in as many blocks as it was. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "ungil.h"
#include "lock.h"

#ifdef UNGIL_TRANSLATE
#define IS_ATOMIC() stm_is_atomic()
#else
#define IS_ATOMIC() atomic_by_hand
#endif
static int atomic_by_hand; /* what a plain build has to say */

static long hits;
static jmp_buf outer, inner, many[3];

static __attribute__((noinline)) void fail(jmp_buf env, int value)
{
    hits += value;
    if (value)
        longjmp(env, value);
}

static __attribute__((noinline)) void fail_in_block(jmp_buf env, int value)
{
    STM_ATOMIC
    {
        hits++;
        STM_ATOMIC
        {
            fail(env, value);
        }
    }
}

/* Buffers in objects, in memory from malloc, on the stack and reached through a pointer. */
struct STM_OBJECT handler {
    struct handler *up;
    long count;
    jmp_buf env;
};
struct frame {
    long depth;
    sigjmp_buf env;
};
static struct handler *top;

static __attribute__((noinline)) void raise_to(struct handler *h, int value)
{
    h->count += value;
    STM_SAFEPOINT();
    longjmp(h->env, value);
}

static int in_objects(struct frame *f)
{
    struct handler *h = STM_NEW(struct handler);
    h->up = top;
    top = h;
    int got = setjmp(h->env);
    STM_SAFEPOINT();
    if (got < 3)
        raise_to(top, got + 1);
    if (!sigsetjmp(f->env, 1)) {
        STM_ATOMIC
        {
            f->depth++;
            siglongjmp(f->env, 4);
        }
    }
    top = h->up;
    return got * 100 + (int)h->count * 10 + (int)f->depth + IS_ATOMIC();
}

static int out_of_atomic(int value)
{
    switch (setjmp(outer)) {
    case 0:
        STM_ATOMIC
        {
            fail(outer, value);
        }
        return IS_ATOMIC();
    case 1:
        return 10 + IS_ATOMIC();
    default:
        return 20 + IS_ATOMIC();
    }
}

static int into_atomic(int value)
{
    int got = 0;
    STM_ATOMIC
    {
        atomic_by_hand = 1;
        if (!setjmp(inner))
            fail_in_block(inner, value);
        got = IS_ATOMIC();
        if (!_setjmp(inner)) {
            STM_ATOMIC
            {
                fail(inner, value);
            }
        }
        got = got * 10 + IS_ATOMIC();
    }
    atomic_by_hand = 0;
    return got * 10 + IS_ATOMIC();
}

static int out_of_blocking(volatile int times)
{
    int volatile n = 0;
    if (setjmp(outer))
        n++;
    hits++; /* in the zone again, or this would fault */
    if (n < times)
        STM_BLOCKING
        {
            longjmp(outer, 1);
        }
    return n;
}

static int in_a_loop(void)
{
    volatile int seen = 0;
    for (volatile int i = 0; i < 3; i++)
        if (setjmp(many[i])) {
            seen = seen * 4 + i + 1;
            if (seen > 100)
                return seen + 1000 * IS_ATOMIC();
        }
    fail_in_block(many[seen % 3], 1);
    return -1;
}

/* What stood on the stack beside the call of setjmp may be used for other things before the jump. */
static int busy_frame(int value)
{
    if (setjmp(outer))
        return IS_ATOMIC();
    {
        volatile int junk[8];
        for (int i = 0; i < 8; i++)
            junk[i] = value + i;
        hits += junk[3];
    }
    STM_ATOMIC
    {
        volatile int more[4] = {value, value, value, value};
        hits += more[2];
        fail(outer, more[1]);
    }
    return -1;
}

/* One buffer for two places, in turn: after an abort it leads where it did when the transaction began. */
static long in_turn(jmp_buf env)
{
    volatile long first = 0, second = 0;
    for (volatile int i = 0; i < 200; i++) {
        if (!setjmp(outer)) {
            STM_SAFEPOINT();
            fail(outer, 1);
        }
        first++;
        if (!setjmp(outer)) {
            STM_SAFEPOINT();
            fail(outer, 2);
        }
        second++;
        if (!setjmp(env))
            fail(env, 3);
        STM_SAFEPOINT();
    }
    return first * 1000 + second;
}

/* siglongjmp brings the signal mask back, for good: not in an attempt that is aborted. */
static long shared;
static void *masks(void *arg)
{
    volatile long bad = 0;
    sigset_t set, now;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < 1500; i++) {
        sigjmp_buf env;
        ENTER();
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
        if (!sigsetjmp(env, 1)) {
            pthread_sigmask(SIG_BLOCK, &set, NULL);
            STM_SAFEPOINT();
            long v = shared;
            if (v & 1) {
                shared = v + 1;
                siglongjmp(env, 1);
            }
            for (int k = 0; k < 50; k++)
                shared += k & 1 ? 1 : -1;
            shared = v + 1;
            STM_SAFEPOINT();
            pthread_sigmask(SIG_BLOCK, NULL, &now);
            bad += !sigismember(&now, SIGUSR1);
        } else {
            STM_SAFEPOINT();
            pthread_sigmask(SIG_BLOCK, NULL, &now);
            bad += sigismember(&now, SIGUSR1);
        }
        LEAVE();
    }
    return (void *)(bad + (long)arg);
}
static void mask_threads(void)
{
    pthread_t t[3];
    long bad = 0;
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, masks, NULL);
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(t[i], &result);
        bad += (long)result;
    }
    printf("masks: %ld %ld\n", shared, bad);
}

int main(void)
{
    printf("%ld\n", in_turn(many[1]));
    printf("%d\n", busy_frame(7));
    struct frame here = {.depth = 0}, *there = calloc(1, sizeof *there);
    printf("%d %d\n", in_objects(&here), in_objects(there));
    printf("%d %d\n", in_objects(there), IS_ATOMIC());
    free(there);
    for (int i = 0; i < 3; i++)
        printf("%d %d\n", out_of_atomic(i), IS_ATOMIC());
    for (int i = 0; i < 2; i++)
        printf("%d %d\n", into_atomic(i), IS_ATOMIC());
    printf("%d %d\n", out_of_blocking(5), IS_ATOMIC());
    STM_SAFEPOINT();
    printf("%d\n", in_a_loop());
    sigjmp_buf env;
    if (!sigsetjmp(env, 1))
        STM_ATOMIC
        {
            hits++;
            siglongjmp(env, 3);
        }
    printf("%ld %d\n", hits, IS_ATOMIC());
    mask_threads();
    return 0;
}
