/* transaction.c - begin, commit, abort; safepoints.
 *
 * A transaction runs from one safepoint to another, over whatever C frames come and go between.  Beginning
 * saves the stack (context.c) and brings the segment's view up to date; committing validates against what
 * others committed since and appends to the log; aborting puts the view back from the backups, drops what
 * was allocated, and puts the stack back.  Views change at these three places and when turning inevitable,
 * never while translated code runs: it always sees one consistent state (opacity).
 *
 * How long a transaction should be is learnt as TCP learns its window: the target doubles when a transaction
 * that reached it commits, halves on an abort, and grows slowly from then on: so a few aborts in a hundred
 * are the price of longer transactions, whose begin and commit cost less.  Atomic blocks count too, since
 * nobody else counts what they read; an atomic block is not a transaction of its own.
 *
 * In the gil variant there is nothing to log or undo; what remains is whose turn it is. */
#include "runtime.h"

#include <errno.h>

/* ---- begin */

/* One attempt at the transaction; the stack is as it was at its begin. */
static inline void attempt(struct stmi_thread *t)
{
    struct stmi_seg *s = t->seg;
    struct stm_self *self = t->self;
    if (stm_unlikely(stmi_asked(self))) {
        if (stmi_asked(self) & STMI_POLL_STOP)
            stmi_park(t);
        __atomic_fetch_and(stmi_poll_others(self), STMI_POLL_STOP, __ATOMIC_RELAXED);
    }
    *stmi_poll_own(self) = stm_unlikely(stmi_opt.test_break) ? STMI_POLL_TEST : 0;
    self->tx++;
#if STMI_VIEWS
    if (stm_unlikely(s->version >= stmi_opt.version_max)) {
        stmi_clear_markers(s);
        s->version = 0;
        t->stats.wraps++;
    }
    s->version++;
    stmi_advance(s, 0);
    self->version = s->version;
    self->alloc_end = self->alloc; /* the next piece gets this version's markers */
    s->mod_bytes = 0;
    s->young_at = stmi_opt.nursery;
    s->handed = 0;
#else
    self->version = 1;
#endif
    self->inevitable = 0;
    s->piece = STMI_PIECE_MIN;
    s->work = s->tx_large = 0;
    s->atomic_units = 0;
    s->atomic_done = false;
    s->begun = stmi_alone() ? 0 : stmi_cycles();
    s->in_tx = true;
    t->commit_soon = false;
    if (stm_unlikely(stmi_observing))
        stmi_times_begin(t);
}

/* The attempt after one that was aborted. */
void stmi_begin_again(struct stmi_thread *t)
{
    attempt(t);
    if (stmi_must_win(t))
        stmi_make_inevitable(t, "too many aborts");
}

/* Begins a transaction in t's segment.  Comes back once more after each abort. */
void stmi_begin(struct stmi_thread *t)
{
    if (stm_unlikely(t->ending)) {
        stmi_begin_inevitable(t);
        return;
    }
    t->start_errno = errno;
    t->retries = 0;
#if STMI_VIEWS
    if (stm_unlikely(t->private_roots.n))
        stmi_private_save(t);
    if (stm_likely(!t->test_abort) && stm_unlikely(stmi_context_start(t))) {
        if (stmi_logging())
            stmi_events_aborted(stmi_me);
        stmi_begin_again(
            stmi_me); /* nothing in registers is worth trusting across the return but what it restored */
        errno = stmi_me->start_errno;
        return;
    }
    t = stmi_me;
#endif
    attempt(t);
}

/* Begins one that never aborts, so that the caller's frame needs no copy and may return. */
void stmi_begin_inevitable(struct stmi_thread *t)
{
    t->retries = 0;
    attempt(t);
    stmi_make_inevitable(t, t->ending ? "the end of a thread" : "start-up");
}

#if STMI_VIEWS
/* ---- abort */

/* Puts t's view and memory back to the transaction's begin.  By t, or by the leader while t is parked. */
void stmi_undo(struct stmi_thread *t, struct stmi_seg *s)
{
    size_t work = stmi_work(s, t->self);
    stmi_assert(!t->self->inevitable);
    if (stm_unlikely(t->pending))
        stmi_later_undo(t, s);
    for (size_t i = s->units.n; i-- > 0;) {
        const struct stmi_unit *u = &s->units.at[i];
        memcpy(stmi_view(s, u->ref), s->backup + u->off, u->size);
    }
    stmi_tls_undo(t);
    if (t->private_roots.n)
        stmi_private_restore(t);
    stmi_close_run(s, t->self);
    stmi_drop_fresh(s);
    t->self->alloc = t->self->alloc_end = 0;
    s->units.n = s->backup_n = s->frees.n = 0;
    s->in_tx = false;
    t->self->atomic_depth = 0;
    if (work < t->target)
        t->target = work;
    size_t least = STMI_LENGTH_LEAST + t->snapshot_n / 8; /* a begin with much stack must be worth it */
    t->target = t->target / 2 < least ? least : t->target / 2;
    t->careful = true;
    stmi_lost(t, s->begun ? stmi_cycles() - s->begun : 0);
}

void stmi_undo_parked(struct stmi_thread *t, struct stmi_seg *s)
{
    stmi_assert(stmi_stopped());
    if (stmi_logging())
        stmi_events_undo(t, s);
    stmi_undo(t, s);
    t->must_abort = STMI_ABORT_STOPPED;
}

/* AddressSanitizer's, in a program that is built with it: what has gone out of scope since the begin is in
 * scope again, and what has been called is left. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier): its name */
extern void __asan_handle_no_return(void) __attribute__((weak));

void stmi_abort(struct stmi_thread *t, enum stmi_abort why)
{
    if (stm_unlikely(stmi_observing))
        stmi_times_abort(t, why);
    if (!t->must_abort) /* else the leader has done it */
        stmi_undo(t, t->seg);
    t->must_abort = STMI_ABORT_NONE;
    t->stats.aborts[why]++;
    t->self->version = 0;
    if (t->tail_prev)
        stmi_tail_leave(t);
    if (stm_unlikely(t->pending))
        stmi_later_aborted(t);
    if (t->test_abort) {
        if (stmi_logging())
            stmi_events_aborted(t);
        t->test_abort(t, why);
        stmi_broken("an abort hook returned", __FILE__, __LINE__);
    }
    if (__asan_handle_no_return)
        __asan_handle_no_return();
    stmi_context_resume(t, t->snapshot_sp, t->alt_stack + STMI_ALT_STACK);
}

/* ---- commit */

/* Copies new objects to the shared view; the entry tells others where, should they have own copies of those
 * pages. */
static void publish(struct stmi_seg *s)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        const struct stmi_run *r = &s->runs.at[i];
        if (r->top > r->lo)
            memcpy(stmi_shared(r->lo), stmi_view(s, r->lo), r->top - r->lo);
    }
    for (size_t i = 0; i < s->new_large.n; i++) {
        const struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        memcpy(stmi_shared(l->ref - 8), stmi_view(s, l->ref - 8), l->nbytes + 8);
    }
}

static size_t entry_bytes(const struct stmi_seg *s)
{
    size_t pieces = s->units.n + s->runs.n + s->new_large.n;
    for (size_t i = 0; i < s->new_large.n; i++)
        pieces += stmi_large[s->new_large.at[i]].nbytes >> 31; /* a range's size has 32 bits */
    size_t observed = stmi_logging() ? stmi_events_entry_bytes(s) : 0;
    return sizeof(struct stmi_entry) + pieces * sizeof(struct stmi_unit) + s->backup_n + observed;
}

static struct stmi_unit *add_range(struct stmi_unit *u, uptr ref, size_t n)
{
    while (n) {
        uint32_t k = n > 1u << 31 ? 1u << 31 : (uint32_t)n;
        *u++ = (struct stmi_unit){ref, ref, k, 0};
        ref += k;
        n -= k;
    }
    return u;
}

static struct stmi_entry *build_entry(struct stmi_seg *s)
{
    struct stmi_entry *e = stmi_entry_new(s, entry_bytes(s));
    struct stmi_unit *u = e->unit;
    e->nmod = (uint32_t)s->units.n;
    for (size_t i = 0; i < s->units.n; i++)
        *u++ = s->units.at[i];
    for (size_t i = 0; i < s->runs.n; i++)
        u = add_range(u, s->runs.at[i].lo, s->runs.at[i].top - s->runs.at[i].lo);
    for (size_t i = 0; i < s->new_large.n; i++) {
        const struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        u = add_range(u, l->ref - 8, l->nbytes + 8);
    }
    e->nnew = (uint32_t)(u - e->unit) - e->nmod;
    char *data = (char *)u;
    for (size_t i = 0; i < s->units.n; i++)
        memcpy(data + s->units.at[i].off, stmi_view(s, s->units.at[i].ref), s->units.at[i].size);
    if (stmi_logging())
        stmi_events_entry(s->holder, s, data + s->backup_n);
    atomic_store_explicit(&e->next, NULL, memory_order_relaxed);
    return e;
}

/* Appends this transaction to the log, after every entry that is there; aborts if it conflicts with one. */
static struct stmi_entry *append(struct stmi_thread *t, struct stmi_seg *s)
{
    struct stmi_entry *e = NULL;
    for (;;) {
        enum stmi_abort why = stmi_advance(s, s->version);
        if (why) {
            if (e)
                stmi_entry_cancel(s, e);
            stmi_abort(t, why);
        }
        if (!t->self->inevitable &&
            atomic_load_explicit(&s->last->next, memory_order_acquire) == STMI_INEVITABLE) {
            if (e)
                stmi_entry_cancel(s, e);
            e = NULL; /* the world may stop while we wait: log, shared view and what is fresh change */
            stmi_wait_inevitable(t, false);
            continue;
        }
        if (!e) {
            publish(s);
            e = build_entry(s);
        }
        e->seq = s->last->seq + 1;
        stmi_entry_done(s, e);
        if (t->self->inevitable) /* the tail is ours */
            return e;
        struct stmi_entry *expected = NULL;
        if (atomic_compare_exchange_strong_explicit(&s->last->next, &expected, e, memory_order_release,
                                                    memory_order_relaxed))
            break;
    }
    if (stm_unlikely(t->tail_prev))
        stmi_tail_leave(t);
    s->last = e;
    atomic_store_explicit(&s->seq, e->seq, memory_order_release);
    return e;
}

/* Nothing that a commit would have to do: what was read is consistent as of the begin. */
static inline bool did_nothing(const struct stmi_thread *t, const struct stmi_seg *s)
{
    return !(s->units.n | s->new_large.n | s->frees.n | t->undo.n | t->children.n | t->pending) &&
           !t->self->inevitable &&
           (!s->runs.n ||
            (s->runs.n == 1 && t->self->alloc == s->runs.at[0].lo && s->runs.at[0].top == s->runs.at[0].lo));
}

static void publish_commit(struct stmi_thread *t, struct stmi_seg *s)
{
    struct stmi_entry *e = NULL;
    bool fresh = s->new_large.n > 0;
    for (size_t i = 0; i < s->runs.n && !fresh; i++)
        fresh = s->runs.at[i].top > s->runs.at[i].lo;
    if (!fresh && !s->units.n && !s->frees.n)
        t->stats.read_only++;
    else if (!stmi_solo())
        e = append(t, s);
    if (t->self->inevitable)
        stmi_end_inevitable(t, e);
    stmi_promote(s);
    t->self->alloc = t->self->alloc_end = s->runs.n ? s->runs.at[0].top : 0;
    if (s->frees.n)
        stmi_free_committed(s);
    t->stats.units += s->units.n;
    s->units.n = s->backup_n = 0;
    t->undo.n = 0;
}
#else
void stmi_abort(struct stmi_thread *t, enum stmi_abort why)
{
    (void)t, (void)why;
    stmi_broken("an abort under the lock", __FILE__, __LINE__);
}

static inline bool did_nothing(const struct stmi_thread *t, const struct stmi_seg *s)
{
    (void)t, (void)s;
    return false;
}

static void publish_commit(struct stmi_thread *t, struct stmi_seg *s)
{
    (void)t, (void)s;
}
#endif

static inline void committed(struct stmi_thread *t, struct stmi_seg *s, size_t work)
{
    s->in_tx = false;
    t->self->version = 0;
    t->stats.commits++;
    if (stm_unlikely(work >= t->target) && t->target < stmi_opt.length_max)
        t->target += t->careful ? t->target / 32 + 2 : t->target;
}

void (*stmi_committing)(const struct stmi_thread *t);

/* Commits t's transaction.  On a conflict aborts instead, and does not return.  t keeps its segment. */
void stmi_commit(struct stmi_thread *t)
{
    struct stmi_seg *s = t->seg;
    size_t work = stmi_work(s, t->self);
    stmi_assert(s->in_tx && !t->self->atomic_depth);
    stmi_does(t, STMI_TIME_committing);
    if (stm_unlikely(stmi_committing))
        stmi_committing(t);
#if STMI_VIEWS
    stmi_close_run(s, t->self);
    if (s->handed + s->tx_large > 2048)
        stmi_young(t, STMI_YOUNG_COMMIT);
    else
        stmi_walk_runs(s);
#endif
    if (stm_unlikely(t->pending))
        stmi_later_commit(t);
    publish_commit(t, s);
    t->self->inevitable = 0;
    committed(t, s, work);
    if (stm_unlikely(t->children.n))
        stmi_children_go(t);
    if (stm_unlikely(t->pending))
        stmi_later_committed(t);
}

static inline bool quick(struct stmi_thread *t)
{
    if (!did_nothing(t, t->seg))
        return false;
    t->stats.read_only++;
    committed(t, t->seg, t->seg->work);
    return true;
}

void stmi_commit_quick(struct stmi_thread *t)
{
    if (!quick(t))
        stmi_commit(t);
}

/* ---- safepoints and atomic blocks */

/* An atomic block that lasts is asked to end, but cannot.  It can look, though, whether there is a point in
 * going on: as in LSA (Riegel, Felber and Fetzer, DISC 2006) its snapshot is extended to now, or it aborts
 * at once. */
static __attribute__((noinline)) void validate(struct stmi_thread *t)
{
#if STMI_VIEWS
    __atomic_fetch_and(stmi_poll_others(t->self), (unsigned short)~STMI_POLL_BREAK, __ATOMIC_RELAXED);
    stmi_ask_self(t, STMI_POLL_BREAK); /* for the end of the block */
    enum stmi_abort why = t->self->inevitable ? STMI_ABORT_NONE : stmi_advance(t->seg, t->self->version);
    if (why)
        stmi_abort(t, why);
#else
    (void)t;
#endif
}

static __attribute__((noinline)) void commit_and_yield(struct stmi_thread *t)
{
    int err = errno;
    stmi_commit(t);
    if (stm_unlikely(stmi_major_wanted())) /* by the log, perhaps: who only writes never comes to the
                                              allocator's check */
        stmi_major(t, false);
    if (stm_unlikely(stmi_finalizers_ready))
        stmi_run_finalizers(t);
    if (stmi_should_yield(t))
        stmi_yield(t);
    errno = err;
}

static inline void next_transaction(struct stmi_thread *t)
{
    if (stmi_finalizers_ready || stmi_should_yield(t) || !quick(t))
        commit_and_yield(t);
    stmi_begin(t);
}

#if STMI_VIEWS
/* STM_BREAK: does this safepoint end the transaction?  May abort it instead. */
static __attribute__((noinline)) bool test_break(struct stmi_thread *t)
{
    if (stmi_opt.test_break == 1)
        return true;
    if (!t->test_random)
        t->test_random = (stmi_opt.test_break ^ t->target) * 0x9e3779b97f4a7c15ul | 1;
    unsigned long x = t->test_random = t->test_random * 6364136223846793005ul + 1442695040888963407ul;
    if (x >> 61 == 0 && !t->self->inevitable)
        stmi_abort(t, STMI_ABORT_TEST);
    return x >> 60 & 1;
}
#endif

/* In the gil variant nothing ends at a safepoint but the thread's turn. */
void stm_safepoint_slow(void)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || !t->seg)
        return;
    STMI_SITE(t);
    unsigned short others = stmi_asked(t->self), own = *stmi_poll_own(t->self);
    if (stm_unlikely(others & STMI_POLL_STOP))
        stmi_park(t);
#if STMI_VIEWS
    if (stm_unlikely(own & STMI_POLL_TEST) && test_break(t))
        own |= STMI_POLL_BREAK;
#endif
    if (t->self->atomic_depth) {
        if (others & STMI_POLL_BREAK)
            validate(t);
        return;
    }
    if (STMI_VIEWS ? (own | others) & STMI_POLL_BREAK || stmi_should_yield(t)
                   : t->children.n || stmi_finalizers_ready || stmi_should_yield(t)) {
        next_transaction(t);
        return;
    }
    if (others) /* BREAK may have come since */
        __atomic_fetch_and(stmi_poll_others(t->self),
                           (unsigned short)(STMI_VIEWS ? ~STMI_POLL_SLICE : STMI_POLL_STOP),
                           __ATOMIC_RELAXED);
    if (!STMI_VIEWS) {
        *stmi_poll_own(t->self) = 0;
        t->seg->work = 0;
    }
}

/* It was aborted, and has written nothing since: a block may be owed for what it has lost. */
static bool is_owed(const struct stmi_thread *t)
{
    return STMI_VIEWS && t->retries && !t->seg->units.n;
}

/* A safepoint before a block that may be the one that was aborted, behind others that have read only: what is
 * owed goes over to the next transaction.  But the view moves on: who polls in short blocks sees what others
 * have done. */
static void safepoint_owing(struct stmi_thread *t)
{
    int owed = is_owed(t) ? t->retries : 0;
    stm_safepoint_slow();
    t = stmi_me;
    if (!t->retries)
        t->retries = owed;
}

/* The outermost block begins with a safepoint; not where it may be the very first that was aborted, since to
 * end the transaction there would forget what it is owed.  What was written outside blocks since the last one
 * is committed on its own first: a program that takes a job from a shared queue and then runs it in a block
 * would else conflict at the queue for as long as the job takes.  Short blocks with nothing written between
 * them may share a transaction, which saves them its cost. */
int stm_atomic_enter(void)
{
    struct stmi_thread *t = stmi_me;
    if (!stm_self.atomic_depth && !stmi_is_guest(t) && stm_likely(t->seg)) {
        if (stm_unlikely(__atomic_load_n(&stm_self.poll, __ATOMIC_RELAXED))) {
            if (is_owed(t) && !t->seg->atomic_done)
                stmi_park(t);
            else
                safepoint_owing(t);
        }
        STMI_SITE(t);
        if (STMI_VIEWS && stm_unlikely(t->seg->units.n != t->seg->atomic_units || stm_self.inevitable) &&
            !(is_owed(t) && !t->seg->atomic_done))
            next_transaction(t);
    }
    stm_self.atomic_depth++;
    return 1;
}

/* Around a call of the library that calls translated code back: the addresses that are resolved for it are
 * good for this transaction only, so no safepoint there ends it; nor is this one itself. */
int stm_hold_enter(void)
{
    stm_self.atomic_depth++;
    return 1;
}

void stm_hold_leave(int *block)
{
    (void)block;
    stm_self.atomic_depth--;
}

int stm_exclusive_enter(void)
{
    (void)stm_atomic_enter();
    stmi_inevitable_at("STM_ATOMIC_EXCLUSIVE", __builtin_return_address(0));
    return 1;
}

/* A transaction that has lasted is ended at the next safepoint, before it meets anything that others write.
 * Time is the measure, since a block may read for long and log nothing. */
void stm_atomic_leave(int *block)
{
    (void)block;
    struct stmi_thread *t = stmi_me;
    if (--stm_self.atomic_depth || stmi_is_guest(t) || stm_unlikely(!t->seg))
        return;
    struct stmi_seg *s = t->seg;
    s->atomic_done = true;
    s->work += STMI_ATOMIC_WORK;
    s->atomic_units = s->units.n;
    if (stmi_work(s, &stm_self) >= t->target ||
        (!stmi_alone() && stmi_cycles() - s->begun > STMI_ATOMIC_CYCLES))
        stmi_ask_self(t, STMI_POLL_BREAK);
}

int stm_is_atomic(void)
{
    return stm_self.atomic_depth != 0;
}

void stm_hint_commit_soon(void)
{
    *stmi_poll_own(&stm_self) |= STMI_POLL_BREAK;
}

int stm_segments(void)
{
    return stmi_nseg;
}
