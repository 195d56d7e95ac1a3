/* times.c - what each thread spends its time on.
 *
 * A thread is in one state at a time, of the list in runtime.h; what passes between two changes is added to
 * the state that ended, so the sum over all states is the thread's life, to the cycle.  States change where
 * something slow happens anyway, and only while somebody wants to know (STM_STATS, STM_LOG): then a change
 * costs one reading of the time stamp counter.
 *
 * Whether work was good for something is known when its transaction ends: an abort moves what the attempt
 * has spent on working, committing and young collections to `lost`.  What it waited is not counted as lost:
 * others ran meanwhile. */
#include "runtime.h"

#include <time.h>

int stmi_observing;

static unsigned long long start_cycles;
static double start_us;
static _Atomic unsigned threads;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

void stmi_times_init(void)
{
    start_cycles = stmi_cycles();
    start_us = now_us();
    if (stmi_opt.stats)
        stmi_observing |= STMI_OBSERVE_TIMES;
}

/* The counter's rate since the start, by CLOCK_MONOTONIC: the longer ago that is, the better. */
double stmi_us_per_cycle(void)
{
    unsigned long long cycles = stmi_cycles() - start_cycles;
    return cycles ? (now_us() - start_us) / (double)cycles : 0;
}

void stmi_times_thread(struct stmi_thread *t)
{
    t->number = ++threads;
    t->times.start = t->times.since = stmi_cycles();
    t->times.doing = STMI_TIME_outside;
    if (stmi_logging())
        stmi_events_thread(t);
}

enum stmi_time stmi_does_now(struct stmi_thread *t, enum stmi_time what)
{
    struct stmi_times *c = &t->times;
    enum stmi_time was = c->doing;
    unsigned long long now = stmi_cycles();
    if (stm_likely(now > c->since)) { /* processors' counters may differ by a little */
        c->spent[was] += now - c->since;
        c->since = now;
    }
    c->doing = what;
    return was;
}

/* An attempt at a transaction begins. */
void stmi_times_begin(struct stmi_thread *t)
{
    stmi_does_now(t, STMI_TIME_working);
    for (int i = 0; i < STMI_TIME_VOID; i++)
        t->times.begun[i] = t->times.spent[i];
    if (stmi_logging())
        stmi_events_begin(t);
}

/* t's attempt is to be undone; that is lost time, too. */
void stmi_times_abort(struct stmi_thread *t, enum stmi_abort why)
{
    struct stmi_times *c = &t->times;
    unsigned long long lost = 0;
    stmi_does_now(t, STMI_TIME_lost);
    for (int i = 0; i < STMI_TIME_VOID; i++) {
        lost += c->spent[i] - c->begun[i];
        c->spent[i] = c->begun[i];
    }
    c->spent[STMI_TIME_lost] += lost;
    if (STMI_VIEWS && stmi_logging())
        stmi_events_abort(t, why, lost);
}
