/* ticker.c - transactions that last long though they do nothing that counts.
 *
 * The length target counts bytes allocated, units logged and atomic blocks.  A loop that only reads and
 * computes counts nothing; while it ran on, the others would not see what it wrote, nor it what they did,
 * and its conflicts would become ever more likely.  So a thread of the runtime's own looks in every STM_TICK
 * microseconds, and asks each transaction that it saw the last time already to end at its next safepoint.
 *
 * It is started when for the first time two threads run at once, and sleeps without a timeout after a while
 * in which they did not: a thread that runs alone is left alone, unless others have committed what it may be
 * waiting for.
 *
 * When no thread of the program's is left it ends, lest it keep the process alive: that ends with its last
 * thread, where main has left by pthread_exit.
 *
 * A thread that left its segment detached and has not come back since the last look loses it: then those
 * that run are seen to be alone. */
#include "runtime.h"

#include <signal.h>
#include <time.h>

enum { QUIET_TICKS = 100 };

static bool started, asleep; /* world lock */
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;

static unsigned long ended(const struct stmi_thread *t)
{
    return *(const volatile unsigned long *)&t->stats.commits;
}

/* May be wrong while t goes on; an entry's memory is never given back but with the world stopped. */
static bool behind(const struct stmi_thread *t)
{
#if STMI_VIEWS
    struct stmi_seg *s = *(struct stmi_seg *const volatile *)&t->seg;
    if (!s)
        return false;
    struct stmi_entry *next =
        atomic_load_explicit(&(*(struct stmi_entry *volatile *)&s->last)->next, memory_order_relaxed);
    return next && next != STMI_INEVITABLE;
#else
    (void)t;
    return false;
#endif
}

/* True: there was someone to look at. */
static bool look_in(struct stmi_world *w)
{
    bool any = false;
    for (struct stmi_thread *o = w->threads; o; o = o->next) {
        if (o->state != STMI_RUNNING || (w->running == 1 && !behind(o)))
            continue;
        any = true;
        unsigned long n = ended(o);
        if (n == o->ticked && !stmi_reclaim(o))
            stmi_ask(o, STMI_POLL_BREAK);
        o->ticked = n;
    }
    return any;
}

static void *ticker(void *arg)
{
    struct stmi_world *w = &stmi_world;
    struct timespec tick = {(time_t)(stmi_opt.tick / 1000000), (long)(stmi_opt.tick % 1000000 * 1000)};
    stmi_set_base(0); /* inherited */
    pthread_mutex_lock(&w->lock);
    for (int quiet = 0; w->threads;) {
        pthread_mutex_unlock(&w->lock);
        nanosleep(&tick, NULL);
        pthread_mutex_lock(&w->lock);
        if (look_in(w)) {
            quiet = 0;
        } else if (++quiet >= QUIET_TICKS) {
            asleep = true;
            while (w->running < 2 && w->threads)
                pthread_cond_wait(&wanted, &w->lock);
            asleep = false;
            quiet = 0;
        }
    }
    started = false;
    pthread_mutex_unlock(&w->lock);
    return arg;
}

/* No thread is left; world lock held. */
void stmi_ticker_alone(void)
{
    stmi_assert(stmi_holds(&stmi_world.lock) && !stmi_world.threads);
    if (asleep)
        pthread_cond_signal(&wanted);
}

/* World lock held; two threads run.  Without a ticker (no memory for one more thread) all works, only less
 * well. */
void stmi_ticker_wanted(void)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    if (asleep)
        pthread_cond_signal(&wanted);
    if (started || !stmi_opt.tick)
        return;
    started = true;
    sigset_t all, before;
    pthread_t id;
    sigfillset(&all); /* the program's handlers run on the program's threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!pthread_create(&id, NULL, ticker, NULL))
        pthread_detach(id);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* In a forked child it did not come along. */
void stmi_ticker_gone(void)
{
    started = asleep = false;
    pthread_cond_init(&wanted, NULL);
}
