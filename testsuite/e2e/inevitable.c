/* flags: -pthread */
/* Inevitable transactions read without barriers, beside others that write what they read: sums stay as they
 * are. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include "ungil.h"
#include "lock.h"

enum { CELLS = 12, THREADS = 3, ROUNDS = 2000 };

struct STM_OBJECT cell {
    long value, seen;
    struct cell *next;
};
static struct cell *ring, *total;

static struct cell *at(int i)
{
    struct cell *c = ring;
    while (i-- > 0)
        c = c->next;
    return c;
}

static long sum(void)
{
    struct cell *c = ring;
    long s = 0;
    do
        s += c->value;
    while ((c = c->next) != ring);
    return s;
}

static long turn(void)
{
    stm_become_inevitable("turn");
    return 0;
}

/* The two reads are of one state, wherever the turn comes. */
static long twice(struct cell *c)
{
    return (c->value + turn() - c->value) | (turn() + c->value - c->value);
}

static long look(int how)
{
    long s = 0;
    STM_ATOMIC
    {
        if (how == 0)
            turn();
        s = sum() + twice(at(how));
        if (how == 1)
            stm_become_inevitable("look");
        s |= sum();
        total->seen += 1 + s;
        at(how)->value += 3;
        at(how + 1)->value -= 3;
        s |= sum();
    }
    return s;
}

static long look_exclusive(void)
{
    STM_ATOMIC_EXCLUSIVE
    {
        struct cell *c = at(CELLS - 1);
        c->value++;
        ring->value--;
        total->seen++;
        return sum();
    }
    return -1;
}

static void *worker(void *arg)
{
    long bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int from = i % CELLS, to = (i * 5 + 1) % CELLS;
        ENTER();
        STM_ATOMIC
        {
            at(from)->value -= i;
            at(to)->value += i;
        }
        LEAVE();
        ENTER();
        bad += (i % 16 ? i % 3 ? 0 : look(i % 4) : look_exclusive()) != 0;
        LEAVE();
    }
    return (void *)(bad + (long)arg);
}

static volatile sig_atomic_t heard STM_RAW;

/* In a handler nothing turns inevitable, whatever the transaction that it came upon; what is read has no
 * barrier all the same. */
static void on_alarm(int sig)
{
    stm_become_inevitable("handler");
    heard = sig + (ring->next->value == 5);
}

static int hear(void)
{
    struct itimerval soon = {.it_value = {0, 20000}};
    ring->next->value = 5;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &soon, NULL);
    do {
        stm_hint_commit_soon();
        STM_SAFEPOINT();
        for (int k = 0; k < 1000000 && !heard;
             k++) /* there it shall find us: in a transaction that has read nothing */
            ;
    } while (!heard);
    return heard - SIGALRM;
}

int main(void)
{
    pthread_t threads[THREADS];
    long bad = 0, looks = 0;
    total = STM_NEW(struct cell);
    struct cell *last = ring = STM_NEW(struct cell);
    for (int i = 1; i < CELLS; i++) {
        struct cell *c = STM_NEW(struct cell);
        c->next = ring;
        ring = c;
    }
    last->next = ring;
    for (int i = 0; i < ROUNDS; i++)
        looks += i % 16 == 0 || i % 3 == 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, worker, NULL))
            return 2;
    for (int i = 0; i < THREADS; i++) {
        void *result;
        STM_BLOCKING
        {
            pthread_join(threads[i], &result);
        }
        bad += (long)result;
    }
    printf("%ld %ld %d\n", bad, sum(), total->seen == looks * THREADS);
    printf("%d\n", hear());
    return 0;
}
