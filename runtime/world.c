/* world.c - who runs: handing out segments, stopping the world.
 *
 * One mutex guards all of it; none of it is on the way of a transaction that finds nothing to wait for. A
 * thread is OUTSIDE (holds no segment), RUNNING, or PARKED (holds one, but waits at a place where its
 * transaction may be inspected).  The world is stopped when a single thread, the leader, is RUNNING; threads
 * OUTSIDE cannot come in meanwhile.  The leader keeps the mutex while the world is stopped.
 *
 * A thread that blocks leaves its segment *detached*: its transaction has ended, nothing of it is in
 * registers that the collector could not find, but the segment stays in its name, and the thread counts as
 * RUNNING.  It comes back by one compare-and-swap, unless somebody has reclaimed the segment meanwhile, by
 * the same: who stops the world, who needs a segment, who wants the log to go on, or the ticker, when it has
 * been away for long.  Then it is OUTSIDE as if it had given the segment up itself.  (PyPy-STM parks an
 * inevitable transaction so, in one global word, for whoever comes to commit it; here the transaction ends
 * before, so that others see its work while the thread sleeps, and each thread has a word of its own.)
 *
 * Segments go to waiting threads in the order in which they came, so the global lock of the gil variant,
 * which is the same code with one segment, is a fair lock: who gives it up for others queues behind them, in
 * one step.
 *
 * A serial transaction (inevitable.c) has the world to itself until it ends: the others are parked or
 * outside, as when the world is stopped, but nobody leads, and it may itself be the one that stops it.
 *
 * The log's tail, while an inevitable transaction blocks it, has a queue too.  Who waits to append goes on
 * as soon as the tail is free; who waits to become inevitable, only when all who came before have had their
 * way; and nobody becomes inevitable past the queue.  So a thread that is inevitable all the time does not
 * starve others, who would always wake too late. */
#include "runtime.h"

#include <time.h>

struct stmi_world stmi_world = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void cond_init(pthread_cond_t *c)
{
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    if (pthread_cond_init(c, &a))
        stmi_die("cannot make a condition variable");
    pthread_condattr_destroy(&a);
}

void stmi_world_init(void)
{
    struct stmi_world *w = &stmi_world;
    cond_init(&w->stopped);
    cond_init(&w->resumed);
    cond_init(&w->inevitable);
    w->queue_end = &w->queue;
    w->tail_end = &w->tail;
    if (!w->limit)
        w->limit = STMI_MAX_SEGMENTS;
}

void stmi_thread_list(struct stmi_thread *t)
{
    cond_init(&t->wake);
    stmi_times_thread(t);
    pthread_mutex_lock(&stmi_world.lock);
    t->next = stmi_world.threads;
    t->prev = &stmi_world.threads;
    if (t->next)
        t->next->prev = &t->next;
    stmi_world.threads = t;
    pthread_mutex_unlock(&stmi_world.lock);
}

void stmi_thread_unlist(struct stmi_thread *t)
{
    pthread_mutex_lock(&stmi_world.lock);
    stmi_reclaim(t);
    *t->prev = t->next;
    if (t->next)
        t->next->prev = t->prev;
    stmi_stats_fold(t);
    if (!stmi_world.threads)
        stmi_ticker_alone();
    pthread_mutex_unlock(&stmi_world.lock);
    stmi_events_end(t);
    pthread_cond_destroy(&t->wake);
}

void stmi_ask(struct stmi_thread *t, unsigned short bits)
{
    __atomic_fetch_or(stmi_poll_others(t->self), bits, __ATOMIC_SEQ_CST);
}

/* ---- states; lock held */

static void becomes_running(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    t->state = STMI_RUNNING;
    if (++stmi_world.running == 2)
        stmi_ticker_wanted();
}

static void stops_running(struct stmi_thread *t, enum stmi_state to)
{
    stmi_assert(stmi_holds(&stmi_world.lock) && t->state == STMI_RUNNING);
    t->state = to;
    if (--stmi_world.running <= 1 && stmi_world.stopping)
        pthread_cond_signal(&stmi_world.stopped);
}

/* ---- stopping the world */

/* Must t, which is not the leader, stand still, or stay out? */
static bool is_closed(const struct stmi_thread *t)
{
    const struct stmi_world *w = &stmi_world;
    return w->stopping || (w->serial && w->serial != t);
}

/* Lock held, t running.  Waits until all others stand still. */
static void stop_others(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    struct stmi_world *w = &stmi_world;
    w->stopping = 1;
    for (struct stmi_thread *o = w->threads; o; o = o->next)
        if (o != t && o->state == STMI_RUNNING && !stmi_reclaim(o))
            stmi_ask(o, STMI_POLL_STOP);
    while (w->running > (t && t->state == STMI_RUNNING))
        pthread_cond_wait(&w->stopped, &w->lock);
}

static void wait_resumed(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    struct stmi_world *w = &stmi_world;
    t->stats.parks++;
    enum stmi_time did = stmi_does(t, STMI_TIME_stopped);
    stops_running(t, STMI_PARKED);
    while (is_closed(t))
        pthread_cond_wait(&w->resumed, &w->lock);
    becomes_running(t);
    stmi_waited(t, did);
}

static void obey(struct stmi_thread *t)
{
    if (t->must_abort)
        stmi_abort(t, t->must_abort);
}

static void park(struct stmi_thread *t, void *arg, char *sp)
{
    (void)arg;
    t->sp = sp;
    pthread_mutex_lock(&stmi_world.lock);
    __atomic_fetch_and(stmi_poll_others(t->self), (unsigned short)~STMI_POLL_STOP, __ATOMIC_SEQ_CST);
    if (stmi_world.stopping)
        wait_resumed(t);
    pthread_mutex_unlock(&stmi_world.lock);
}

void stmi_park(struct stmi_thread *t)
{
    if (stmi_logging())
        stmi_events_pause(t);
    stmi_with_registers(park, t, NULL);
    obey(t);
}

/* t->sp must be set.  False: another thread stopped the world, did what it wanted, and let it go on; then t
 * may have to abort (obey, in stmi_park). */
bool stmi_world_stop(struct stmi_thread *t)
{
    pthread_mutex_lock(&stmi_world.lock);
    if (stmi_world.stopping) {
        wait_resumed(t);
        pthread_mutex_unlock(&stmi_world.lock);
        return false;
    }
    stop_others(t);
    return true;
}

/* For fork: whoever calls, in the zone or not. */
void stmi_world_stop_all(struct stmi_thread *t)
{
    if (t && t->seg) {
        while (!stmi_world_stop(t))
            ;
        return;
    }
    pthread_mutex_lock(&stmi_world.lock);
    if (t)
        stmi_reclaim(t);
    while (stmi_world.stopping)
        pthread_cond_wait(&stmi_world.resumed, &stmi_world.lock);
    stop_others(t);
}

void stmi_world_of_one(struct stmi_thread *t)
{
    struct stmi_world *w = &stmi_world;
    pthread_mutex_init(&w->lock, NULL);
    stmi_world_init();
    w->queue = w->tail = NULL;
    w->nqueue = t && t->seg && t->seg->id > w->limit;
    w->inevitable_waiters = 0;
    w->stopping = 0;
    w->serial = w->serial == t ? t : NULL;
    w->nheld = t && t->seg;
    stmi_ticker_gone();
    stmi_markers_gone();
    w->running = t && t->state == STMI_RUNNING;
    w->threads = t;
    if (t) {
        t->next = NULL;
        t->prev = &w->threads;
        cond_init(&t->wake);
    }
}

static void call_next(void)
{
    if (stmi_world.queue)
        pthread_cond_signal(&stmi_world.queue->wake);
}

static void wake_all(void)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    pthread_cond_broadcast(&stmi_world.resumed);
    pthread_cond_broadcast(&stmi_world.inevitable);
    call_next();
}

static void let_go(void)
{
    stmi_world.stopping = 0;
    wake_all();
}

void stmi_world_resume(void)
{
    let_go();
    pthread_mutex_unlock(&stmi_world.lock);
}

/* World stopped by t: when it goes on, the others stay where they are until stmi_world_open.  Who is outside
 * does not come in, and nobody but t is running: so nobody detaches a segment, either. */
void stmi_world_close(struct stmi_thread *t)
{
    stmi_assert(stmi_stopped() && t->self->inevitable);
    stmi_world.serial = t;
}

/* Another may have begun to stop the world meanwhile, and waits for t: those who wake look for themselves. */
void stmi_world_open(void)
{
    pthread_mutex_lock(&stmi_world.lock);
    stmi_world.serial = NULL;
    wake_all();
    pthread_mutex_unlock(&stmi_world.lock);
}

/* ---- segments */

static struct stmi_seg *pick(struct stmi_thread *t)
{
    struct stmi_seg *best = NULL;
    for (int i = 1; i <= stmi_nseg && i <= stmi_world.limit; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (s->busy)
            continue;
        if (i == t->last_seg && !s->stale)
            return s;
        if (!best || (best->stale && !s->stale))
            best = s;
    }
    return best;
}

/* Makes a detached segment free: the one that t had last, or another. */
static bool reclaim_one(const struct stmi_thread *t)
{
    int n = stmi_nseg < stmi_world.limit ? stmi_nseg : stmi_world.limit;
    for (int k = 0, i = t->last_seg; n > 0 && k <= n; k++, i = i % n + 1) {
        struct stmi_seg *s = &stmi_segs[i < 1 || i > n ? 1 : i];
        if (s->holder && stmi_reclaim(s->holder))
            return true;
    }
    return false;
}

/* What a sleeper has left detached is better than a view that must be made anew. */
static struct stmi_seg *pick_or_reclaim(struct stmi_thread *t)
{
    struct stmi_seg *s = pick(t);
    return (s && !s->stale) || !reclaim_one(t) ? s : pick(t);
}

static struct stmi_seg *wait_turn(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    struct stmi_world *w = &stmi_world;
    struct stmi_seg *s;
    if (!w->queue && !is_closed(t) && (s = pick_or_reclaim(t)))
        return s;
    if (t->test_block)
        t->test_block(t);
    t->stats.waits++;
    stmi_does(t, STMI_TIME_segment);
    t->queue_next = NULL;
    *w->queue_end = t;
    w->queue_end = &t->queue_next;
    w->nqueue++;
    while (w->queue != t || is_closed(t) || !(s = pick_or_reclaim(t))) {
        for (struct stmi_thread *o = w->threads; o; o = o->next)
            if (o->state == STMI_RUNNING)
                stmi_ask(o, STMI_POLL_SLICE);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)(stmi_opt.slice % 1000000 * 1000);
        until.tv_sec += (time_t)(stmi_opt.slice / 1000000) + until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&t->wake, &w->lock, &until);
    }
    w->queue = t->queue_next;
    if (!w->queue)
        w->queue_end = &w->queue;
    w->nqueue--;
    stmi_waited(t, STMI_TIME_outside);
    return s;
}

/* Lock held: waits for a segment and takes it. */
static void take_segment(struct stmi_thread *t)
{
    struct stmi_seg *s = wait_turn(t);
    s->busy = true;
    s->idle_rounds = 0;
    s->holder = t;
    stmi_world.nheld++;
    t->seg = s;
    t->last_seg = s->id;
    t->slice_start = stmi_now_us();
    becomes_running(t);
#if STMI_VIEWS
    if (s->stale) {
        stmi_does(t, STMI_TIME_major);
        stop_others(t);
        stmi_rebuild(t, s);
        let_go();
    }
#endif
    call_next(); /* there may be one more free segment */
    stmi_does(t, STMI_TIME_outside);
}

static void go_in(struct stmi_thread *t)
{
    struct stmi_seg *s = t->seg;
    t->self->base = s->base;
    t->self->alloc = t->self->alloc_end = s->runs.n ? s->runs.at[s->runs.n - 1].hi : 0;
    stmi_set_base(s->base);
}

/* Nothing was allocated meanwhile, and alloc is where it was. */
static bool reattach(struct stmi_thread *t)
{
    bool away = true;
    if (!atomic_load_explicit(&t->detached, memory_order_relaxed) ||
        !atomic_compare_exchange_strong(&t->detached, &away, false))
        return false;
    t->stats.reattached++;
    t->seg = t->away;
    t->self->base = t->seg->base;
    stmi_set_base(t->seg->base);
    return true;
}

void stmi_acquire(struct stmi_thread *t)
{
    stmi_cancel_off(t);
    if (reattach(t))
        return;
    pthread_mutex_lock(&stmi_world.lock);
    take_segment(t);
    pthread_mutex_unlock(&stmi_world.lock);
    go_in(t);
}

/* What is left of the current run becomes a hole like others. */
static void put_back_run(struct stmi_seg *s, struct stm_self *self)
{
    if (!s->runs.n)
        return;
    stmi_close_run(s, self);
    struct stmi_run *r = &s->runs.at[s->runs.n - 1];
    if (r->hi >= r->top + STMI_HOLE_MIN)
        stmi_push(&s->holes, (struct stmi_hole){r->top, r->hi});
    r->hi = r->top;
    if (r->lo == r->top)
        s->runs.n--;
}

/* What the caller of stm_blocking_enter and its like has in registers is saved in frames of the runtime,
 * which end when it returns; from then on nobody knows where: so a copy is kept, of what lies below `end`,
 * where the first frame begins that does not end; null: not known. */
static void go_out(struct stmi_thread *t, char *sp, const char *end)
{
    size_t n = t->base && sp < t->base ? (size_t)((end && end < t->base ? end : t->base) - sp) : 0;
    stmi_assert(!end || n <= sizeof t->outside);
    t->sp = sp;
    t->outside_n = stmi_copy_words(t->outside, sp, 0, n < sizeof t->outside ? n : sizeof t->outside);
    t->self->base = 0;
    t->self->version = 0;
    t->self->alloc_end = t->self->alloc;
    stmi_set_base(0);
}

/* Lock held.  By t, or by whoever has reclaimed s, which t left detached. */
static void give_segment(struct stmi_thread *t, struct stmi_seg *s)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    put_back_run(s, t->self);
    t->self->alloc = t->self->alloc_end = 0;
    *stmi_poll_own(t->self) = 0;
    __atomic_store_n(stmi_poll_others(t->self), 0, __ATOMIC_SEQ_CST);
    s->holder = NULL;
    s->busy = false;
    stmi_world.nheld--;
    stmi_world.nqueue -= s->id > stmi_world.limit;
    stops_running(t, STMI_OUTSIDE);
    call_next();
}

static void give_own(struct stmi_thread *t)
{
    stmi_does(t, STMI_TIME_outside);
    give_segment(t, t->seg);
    t->seg = NULL;
}

static void release(struct stmi_thread *t, void *end, char *sp)
{
    go_out(t, sp, end);
    pthread_mutex_lock(&stmi_world.lock);
    give_own(t);
    pthread_mutex_unlock(&stmi_world.lock);
}

/* The registers of the caller go to the stack, where the collector finds them while t is outside. */
void stmi_release(struct stmi_thread *t)
{
    stmi_assert(STMI_VIEWS == 0 || !t->seg->in_tx);
    stmi_with_registers(release, t, NULL);
    stmi_cancel_back(t);
}

/* World lock held.  True: t had left its segment detached, and is OUTSIDE now. */
bool stmi_reclaim(struct stmi_thread *t)
{
    bool away = true;
    stmi_assert(stmi_holds(&stmi_world.lock));
    if (!atomic_load(&t->detached) || !atomic_compare_exchange_strong(&t->detached, &away, false))
        return false;
    give_segment(t, t->away);
    return true;
}

/* Whoever wants segments, or the world, says so before looking who is detached; t looks for them after it
 * is.  So either they reclaim the segment, or t gives it up at once. */
static void detach(struct stmi_thread *t, void *end, char *sp)
{
    go_out(t, sp, end);
    t->away = t->seg;
    t->seg = NULL;
    atomic_store(&t->detached, true);
    if (stm_likely(!stmi_world.nqueue && !stmi_world.stopping))
        return;
    pthread_mutex_lock(&stmi_world.lock);
    stmi_reclaim(t);
    pthread_mutex_unlock(&stmi_world.lock);
}

/* As stmi_release, for a while: stmi_acquire finds the segment still there, if nobody else had a use for
 * it.  end: of the frames that end with the caller. */
void stmi_detach(struct stmi_thread *t, char *end)
{
    stmi_assert(STMI_VIEWS == 0 || !t->seg->in_tx);
    stmi_with_registers(detach, t, end);
    stmi_cancel_back(t);
}

static void yield(struct stmi_thread *t, void *end, char *sp)
{
    go_out(t, sp, end);
    pthread_mutex_lock(&stmi_world.lock);
    give_own(t);
    take_segment(t);
    pthread_mutex_unlock(&stmi_world.lock);
    go_in(t);
}

/* Gives the segment to those who wait, and queues for one: in one step, lest it lose its place when it is
 * held up between. */
void stmi_yield(struct stmi_thread *t)
{
    stmi_assert(STMI_VIEWS == 0 || !t->seg->in_tx);
    stmi_with_registers(yield, t, NULL);
}

bool stmi_turn_over(const struct stmi_thread *t)
{
    return t->seg->id > stmi_world.limit || stmi_now_us() - t->slice_start >= stmi_opt.slice;
}

/* nqueue counts the holders of segments above the limit too: they are to look whether their turn is over. */
int stm_segment_limit(int n)
{
    struct stmi_world *w = &stmi_world;
    pthread_mutex_lock(&w->lock);
    int was = w->limit < stmi_nseg ? w->limit : stmi_nseg;
    if (n > 0) {
        for (int i = 1; i <= stmi_nseg; i++) {
            const struct stmi_seg *s = &stmi_segs[i];
            if (!s->holder)
                continue;
            w->nqueue += (i > n) - (i > w->limit);
            if (i > n)
                stmi_ask(s->holder, STMI_POLL_SLICE);
        }
        w->limit = n;
        for (int i = n + 1; i <= stmi_nseg; i++)
            if (stmi_segs[i].holder)
                stmi_reclaim(stmi_segs[i].holder);
        call_next();
    }
    pthread_mutex_unlock(&w->lock);
    return was;
}

/* ---- waiting for an inevitable transaction to end */

#if STMI_VIEWS
static bool blocked(struct stmi_thread *t)
{
    return atomic_load(&t->seg->last->next) == STMI_INEVITABLE;
}

static void queue_at_tail(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    struct stmi_world *w = &stmi_world;
    if (t->tail_prev)
        return; /* it keeps its place */
    t->tail_next = NULL;
    t->tail_prev = w->tail_end;
    *w->tail_end = t;
    w->tail_end = &t->tail_next;
    w->inevitable_waiters++;
}

/* Whoever was in the queue has got what it wanted, or has aborted. */
void stmi_tail_leave(struct stmi_thread *t)
{
    struct stmi_world *w = &stmi_world;
    pthread_mutex_lock(&w->lock);
    *t->tail_prev = t->tail_next;
    if (t->tail_next)
        t->tail_next->tail_prev = t->tail_prev;
    else
        w->tail_end = t->tail_prev;
    t->tail_prev = NULL;
    if (--w->inevitable_waiters)
        pthread_cond_broadcast(&w->inevitable);
    pthread_mutex_unlock(&w->lock);
}

static void wait_inevitable(struct stmi_thread *t, void *to_be, char *sp)
{
    struct stmi_world *w = &stmi_world;
    t->sp = sp;
    pthread_mutex_lock(&w->lock);
    queue_at_tail(t);
    stops_running(t, STMI_PARKED);
    for (;;) {
        struct stmi_thread *other = stmi_inevitable_thread;
        if (!is_closed(t) && !blocked(t) && (!*(bool *)to_be || w->tail == t))
            break;
        if (other) {
            t->events.whom = other->number;
            stmi_ask(other, STMI_POLL_BREAK);
        }
        pthread_cond_wait(&w->inevitable, &w->lock);
    }
    becomes_running(t);
    pthread_mutex_unlock(&w->lock);
}

/* The log's tail is blocked, or (to_be: t wants to be inevitable) others wait for it already.  Spins a
 * little, then sleeps; may abort.  t's view may have been advanced by others.  t stays in the queue until
 * stmi_tail_leave. */
void stmi_wait_inevitable(struct stmi_thread *t, bool to_be)
{
    for (int i = 0; i < 200; i++) {
        if (!blocked(t) && !(to_be && stmi_world.inevitable_waiters))
            return;
        __builtin_ia32_pause();
    }
    if (t->test_block)
        t->test_block(t);
    enum stmi_time did = stmi_does(t, STMI_TIME_turn);
    if (stmi_logging())
        stmi_events_pause(t);
    stmi_with_registers(wait_inevitable, t, &to_be);
    stmi_waited(t, did);
    obey(t);
}
#endif
