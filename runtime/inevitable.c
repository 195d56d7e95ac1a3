/* inevitable.c - transactions that cannot abort, for effects that cannot be undone.
 *
 * As in STMGC c8: to become inevitable is to block the log.  Once everything before has been applied without
 * conflict, the null at the log's tail is replaced by a sentinel, by compare-and-swap; from then on nobody
 * can append, so nothing can conflict any more.  The end of the transaction replaces the sentinel by its
 * entry, or by null.  Others go on running; those that want to append wait, and ask the inevitable one to
 * end soon.  Where some wait already, whoever wants to be inevitable queues behind them (world.c).
 *
 * One that changes what others look at without a barrier, as the C library's environment and locale
 * (process.c), must be serial, as GCC's libitm has it ("serial-irrevocable"): the others, which may have
 * looked already, abort, and wait for its end; whoever begins then comes after it in the log, too. */
#include "runtime.h"

struct stmi_thread *_Atomic stmi_inevitable_thread;

#if STMI_VIEWS
void stmi_make_inevitable(struct stmi_thread *t, const char *why)
{
    struct stmi_seg *s = t->seg;
    if (t->self->inevitable)
        return;
    unsigned long long asked = stmi_logging() ? stmi_cycles() : 0;
    for (;;) {
        if (stmi_advance(s, s->version))
            stmi_abort(t, STMI_ABORT_INEVITABLE);
        struct stmi_entry *expected = stmi_world.inevitable_waiters && !t->tail_prev ? STMI_INEVITABLE : NULL;
        if (!expected && atomic_compare_exchange_strong_explicit(&s->last->next, &expected, STMI_INEVITABLE,
                                                                 memory_order_acq_rel, memory_order_acquire))
            break;
        if (expected == STMI_INEVITABLE)
            stmi_wait_inevitable(t, true);
    }
    if (stm_unlikely(t->tail_prev))
        stmi_tail_leave(t);
    stmi_inevitable_thread = t;
    t->self->inevitable = 1;
    stmi_does(t, STMI_TIME_inevitable);
    if (stmi_logging())
        stmi_events_inevitable(t, why, asked);
    t->stats.inevitable++;
    stmi_last_inevitable = why;
    if (stmi_world.inevitable_waiters)
        stmi_ask_self(t, STMI_POLL_BREAK);
    if (stm_unlikely(t->pending))
        stmi_later_inevitable(t);
}

/* The sentinel gives way to the entry (null: nothing was written), and whoever waited goes on.  The store
 * and the load of the waiters' count are both sequentially consistent: a waiter counts itself first, looks
 * after. */
void stmi_end_inevitable(struct stmi_thread *t, struct stmi_entry *entry)
{
    struct stmi_seg *s = t->seg;
    if (stmi_logging())
        stmi_events_inevitable_end(t);
    stmi_inevitable_thread = NULL;
    atomic_store(&s->last->next, entry);
    if (entry) {
        s->last = entry;
        atomic_store_explicit(&s->seq, entry->seq, memory_order_release);
    }
    t->self->inevitable = 0;
    stmi_elder_done(t);
    if (stm_unlikely(stmi_world.serial == t)) {
        stmi_world_open();
    } else if (stmi_world.inevitable_waiters) {
        pthread_mutex_lock(&stmi_world.lock);
        pthread_cond_broadcast(&stmi_world.inevitable);
        pthread_mutex_unlock(&stmi_world.lock);
    }
}

static void make_serial(struct stmi_thread *t, void *arg, char *sp)
{
    (void)arg;
    t->sp = sp;
    while (!stmi_world_stop(t))
        ;
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        struct stmi_thread *o = s->holder;
        if (!o || o == t || !s->in_tx)
            continue;
        stmi_undo_parked(o, s);
    }
    stmi_world_close(t);
    stmi_world_resume();
}
#else
void stmi_make_inevitable(struct stmi_thread *t, const char *why)
{
    if (t->self->inevitable)
        return;
    t->self->inevitable =
        1; /* every transaction is; counted so that statistics agree with the other variants */
    t->stats.inevitable++;
    stmi_last_inevitable = why;
}
#endif

/* False: there is no transaction. */
static bool inevitable_at(const char *why, const void *site)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || !t->seg || !t->seg->in_tx) /* in a callback after a transaction */
        return false;
    t->site = (uptr)site;
    stmi_make_inevitable(t, why);
    return true;
}

void stmi_inevitable_at(const char *why, const void *site)
{
    (void)inevitable_at(why, site);
}

void stmi_serial_at(const char *why, const void *site)
{
    if (!inevitable_at(why, site))
        return;
#if STMI_VIEWS
    struct stmi_thread *t = stmi_me;
    if (stmi_world.serial != t)
        stmi_with_registers(make_serial, t, NULL);
    stmi_ask_self(t, STMI_POLL_BREAK);
#endif
}

void stm_inevitable_slow(const char *why)
{
    stmi_inevitable_at(why, __builtin_return_address(0));
}

void stm_become_inevitable(const char *why)
{
    stmi_inevitable_at(why, __builtin_return_address(0));
}
