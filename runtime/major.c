/* major.c - collecting the whole heap, with the world stopped.
 *
 * First every view is brought to the log's tail; a transaction in flight that conflicts is undone then and
 * there, and told when it wakes.  Each transaction in flight has its own garbage collected (young.c), so
 * that what it keeps counts as live.  Then the shared view receives what only private views had: for each
 * page that some view has copied, that copy, with the backups of transactions in flight laid over it.  From
 * there it is a plain mark and sweep: old objects are read in the shared view, fresh ones in their owner's,
 * and of a modified object both versions count, since the transaction may still end either way.  While a
 * single segment is live nothing needs copying: it is read itself.
 *
 * In the gil variant the same mark and sweep runs over the one view each time the nursery's budget, or as
 * much as is live, has been allocated. */
#include "runtime.h"

#include <malloc.h>
#include <time.h>
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif

bool stmi_major_wanted(void)
{
#if STMI_VIEWS
    return atomic_load_explicit(&stmi_heap.promoted, memory_order_relaxed) >= stmi_heap.major_at;
#else
    return stmi_segs[1].handed >= stmi_heap.major_at;
#endif
}

#if STMI_VIEWS
/* ---- views */

static bool in_flight(const struct stmi_seg *s)
{
    return s->holder && s->in_tx;
}

static void mark_fresh(struct stmi_seg *s, enum stmi_bits op)
{
    for (size_t i = 0; i < s->runs.n; i++)
        stmi_bits_over(stmi_heap.mark, s->runs.at[i].lo, s->runs.at[i].top, op);
}

/* All live views to the tail.  World stopped. */
static void advance_all(void)
{
    stmi_assert(stmi_stopped());
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (s->stale)
            continue;
        if (in_flight(s)) {
            struct stmi_thread *t = s->holder;
            if (!stmi_advance(s, s->version))
                continue;
            stmi_undo_parked(t, s);
        }
        stmi_advance(s, 0);
    }
}

static void set_pages(struct stmi_seg *s, uptr r, size_t n, int state)
{
    if (n)
        for (size_t p = stmi_page_index(r), end = stmi_page_index(r + n - 1); p <= end; p++)
            s->priv[p] = (unsigned char)state;
}

/* The pages that the transaction in flight in s has written to, or will write to without asking: what is
 * left of the piece that the inline allocator has, which is cleared already. */
static void set_in_flight(struct stmi_seg *s, int state)
{
    for (size_t i = 0; i < s->units.n; i++)
        set_pages(s, s->units.at[i].ref, s->units.at[i].size, state);
    for (size_t i = 0; i < s->runs.n; i++)
        set_pages(s, s->runs.at[i].lo, stmi_handed_end(s, i) - s->runs.at[i].lo, state);
    for (size_t i = 0; i < s->new_large.n; i++)
        set_pages(s, stmi_large[s->new_large.at[i]].ref - 8, stmi_large[s->new_large.at[i]].nbytes + 8,
                  state);
}

static void write_back_range(struct stmi_seg *s, struct stmi_range in)
{
    for (size_t p = in.lo; p < in.hi; p++) {
        if (s->priv[p] != STMI_PAGE_DIRTY)
            continue;
        s->priv[p] = STMI_PAGE_CLEAN;
        stmi_copy(stmi_shared(stmi_page_ref(p)), stmi_view(s, stmi_page_ref(p)), STMI_PAGE);
    }
}

/* The shared view gets the committed contents of everything.  Where several views have a page, their
 * committed contents agree, so their order does not matter.  What a transaction in flight has written stays
 * dirty: its commit will not say so again. */
static void write_back(void)
{
    struct stmi_range in[3];
    stmi_page_ranges(in);
    for (int i = 1; i <= stmi_nseg; i++)
        for (int k = 0; k < 3 && !stmi_segs[i].stale && stmi_segs[i].npriv; k++)
            write_back_range(&stmi_segs[i], in[k]);
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (!in_flight(s))
            continue;
        for (size_t k = s->units.n; k-- > 0;)
            memcpy(stmi_shared(s->units.at[k].ref), s->backup + s->units.at[k].off, s->units.at[k].size);
        stmi_close_run(s, s->holder->self);
        set_in_flight(s, STMI_PAGE_DIRTY);
    }
    stmi_verify_views("after a write-back");
}

/* In the child of a fork, where the shared view is as s sees it, with what the transaction in flight there
 * did: s gets copies of its own of those pages, and the shared view what is committed. */
void stmi_in_flight_apart(struct stmi_seg *s)
{
    struct stmi_range in[3];
    if (!in_flight(s))
        return;
    stmi_page_ranges(in);
    set_in_flight(s, STMI_PAGE_DIRTY);
    for (int k = 0; k < 3; k++)
        for (size_t p = in[k].lo; p < in[k].hi; p++)
            if (s->priv[p] == STMI_PAGE_DIRTY) {
                volatile char *page = stmi_view(s, stmi_page_ref(p));
                *page = *page; /* from here on the page is another than the file's */
                s->npriv++;
            }
    for (size_t k = s->units.n; k-- > 0;)
        memcpy(stmi_shared(s->units.at[k].ref), s->backup + s->units.at[k].off, s->units.at[k].size);
}

void stmi_all_to_tail(void)
{
    advance_all();
    write_back();
}

/* s was stale, t takes it: its view is made from the shared one, which is brought up to date for that. */
void stmi_rebuild(struct stmi_thread *t, struct stmi_seg *s)
{
    (void)t;
    struct stmi_seg *live = NULL;
    for (int i = 1; i <= stmi_nseg && !live; i++)
        if (!stmi_segs[i].stale)
            live = &stmi_segs[i];
    if (live) {
        stmi_all_to_tail();
        s->last = live->last;
        s->seq = live->seq;
    }
    s->stale = false;
    atomic_fetch_add(&stmi_world.nlive, 1);
    stmi_rebuilds++;
    stmi_verify("after a segment was rebuilt");
}

/* Gives private copies back where a view has very many.  Pages that a transaction in flight needs stay; so
 * do blocks with space, which would be copied again soon: as much space as the segment alone may fill until
 * the next major collection, in the order in which it will (the pool hands out its lowest blocks first). */
static void reshare(struct stmi_seg *s)
{
    size_t space = stmi_heap.growth + stmi_opt.nursery;
    for (size_t b = 1, n = stmi_blocks(); b < n && space; b++) {
        const struct stmi_block *k = &stmi_heap.block[b];
        if (k->last_owner != s->id || k->live >= STMI_BLOCK / 4 * 3)
            continue;
        size_t first = b * (STMI_BLOCK / STMI_PAGE), kept = 0;
        for (size_t p = first; p < first + STMI_BLOCK / STMI_PAGE; p++)
            if (s->priv[p]) {
                s->priv[p] = STMI_PAGE_KEEP;
                kept += STMI_PAGE;
            }
        space -= kept < space ? kept : space;
    }
    set_in_flight(s, STMI_PAGE_KEEP);
    stmi_drop_private(s);
}

/* live: bytes in use.  What is free does not count, or a heap that was large once would keep its copies. */
static void reshare_all(size_t live)
{
    size_t used = (live + stmi_heap.growth + stmi_opt.nursery) / STMI_PAGE;
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (!s->stale && s->npriv > STMI_RESHARE && s->npriv > used / 4)
            reshare(s);
    }
}

static size_t log_bytes(void)
{
    size_t n = 0;
    for (int i = 1; i <= stmi_nseg; i++)
        n += stmi_segs[i].chunk_bytes;
    return n;
}

static struct stmi_seg *solo_segment(void)
{
    for (int i = 1; i <= stmi_nseg && stmi_solo(); i++)
        if (!stmi_segs[i].stale)
            return &stmi_segs[i];
    return NULL;
}

/* ---- roots of transactions in flight */

static void root_fresh(struct stmi_marker *m, struct stmi_seg *s)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        const struct stmi_run *r = &s->runs.at[i];
        for (uptr at = r->lo; at < r->top;) { /* dead ones have no start bit, but a header */
            const struct stm_header *h = stmi_view(s, at);
            if (stmi_bit(stmi_heap.start, stmi_granule(at + 8)))
                stmi_mark_contents(m, at + 8, h->nbytes, (ptrdiff_t)s->base);
            at += stmi_total(h->nbytes);
        }
    }
    for (size_t i = 0; i < s->new_large.n; i++) {
        struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        stmi_mark_contents(m, l->ref, l->nbytes, (ptrdiff_t)s->base);
    }
}

/* What it has written stays where it is, though nothing may lead there any more (an inevitable transaction's
 * stack at its begin is no root): its commit will write there, in all views, and whatever had come to lie
 * there would be lost. */
static void root_in_flight(struct stmi_marker *m, struct stmi_seg *s)
{
    root_fresh(m, s);
    for (size_t i = 0; i < s->units.n; i++) {
        stmi_mark_word(m, s->units.at[i].owner);
        const char *at = stmi_view(s, s->units.at[i].ref);
        stmi_mark_range(m, at, at + s->units.at[i].size);
    }
    if (!(s->holder->self->inevitable && stmi_solo())) /* else nobody will ever see it again */
        stmi_mark_range(m, s->backup, s->backup + s->backup_n);
    for (size_t i = 0; i < s->frees.n; i++)
        stmi_mark_word(m, s->frees.at[i]);
}
#endif

/* ---- mark and sweep */

void (*stmi_swept)(void);

static void clear_marks(void)
{
    size_t n = stmi_blocks();
    memset((void *)stmi_heap.mark, 0, n * STMI_BLOCK_WORDS * 8);
    for (size_t b = 0; b < n; b++)
        stmi_heap.block[b].live = stmi_heap.block[b].has_fresh = 0;
}

static void trace(struct stmi_marker *m, ptrdiff_t statics_view)
{
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        stmi_roots_thread(m, t, !t->self->inevitable);
    stmi_roots_globals(m, statics_view);
    stmi_mark_drain_all(m);
}

/* Owned blocks that are mostly empty stay with their segment, hot as they are, within the nursery's budget;
 * others go to the pool. Blocks with fresh objects must stay.  In an emergency nothing else does: the space
 * is wanted elsewhere, all that there is. */
static void sweep_block(size_t b, size_t *kept, bool emergency)
{
    struct stmi_block *k = &stmi_heap.block[b];
    size_t first = b * STMI_BLOCK_WORDS;
    if (atomic_load_explicit(&k->owner, memory_order_relaxed) == STMI_OWNER_LARGE)
        return;
    for (size_t w = first; w < first + STMI_BLOCK_WORDS; w++) {
        uint64_t live = atomic_load_explicit(&stmi_heap.mark[w], memory_order_relaxed);
        atomic_store_explicit(&stmi_heap.start[w], live, memory_order_relaxed);
        if (k->malloced)
            atomic_fetch_and_explicit(&stmi_heap.malloced[w], live, memory_order_relaxed);
    }
    k->listed = 0;
    int owner = atomic_load_explicit(&k->owner, memory_order_relaxed);
    if (owner && k->has_fresh)
        return; /* its holes are in the list that the young collection left */
    if (!emergency && owner && STMI_VIEWS && !stmi_segs[owner].stale && k->live < STMI_BLOCK / 2 &&
        kept[owner] < stmi_opt.nursery * 2) {
        struct stmi_seg *s = &stmi_segs[owner];
        kept[owner] += STMI_BLOCK - k->live;
        stmi_block_holes(b, s, (ptrdiff_t)(uptr)stmi_view(s, 0));
        return;
    }
#if STMI_VIEWS
    if (owner && in_flight(&stmi_segs[owner]))
        stmi_block_lost(b, &stmi_segs[owner]);
#endif
    if (!k->live) {
        stmi_pool_add_free(b);
    } else if (k->live < (emergency ? STMI_BLOCK - 1024 : STMI_BLOCK / 4 * 3)) {
        stmi_pool_add(b);
    } else {
        atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
    }
}

static void sweep(bool emergency)
{
    size_t kept[STMI_MAX_SEGMENTS + 1] = {0};
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        s->zeroed = 0;
        for (size_t k = 0; k < s->runs.n; k++) {
            struct stmi_run *r = &s->runs.at[k];
            r->hi = r->top;
            if (r->top > r->lo)
                stmi_heap.block[stmi_block_of(r->lo)].has_fresh = 1;
        }
        size_t holes = 0;
        for (size_t k = 0; k < s->holes.n; k++)
            if (stmi_heap.block[stmi_block_of(s->holes.at[k].lo)].has_fresh)
                s->holes.at[holes++] = s->holes.at[k];
        s->holes.n = holes;
    }
    stmi_pool_reset();
    if (emergency)
        stmi_trim_blocks();
    for (size_t b = stmi_blocks(); b-- > 1;)
        sweep_block(b, kept, emergency);
    stmi_large_sweep();
    if (stmi_swept)
        stmi_swept();
}

/* What is free beyond twice what may become old until the next major collection goes back to the system: the
 * young need space too, and holes are not filled to the last byte. */
static void give_back(size_t live, bool emergency)
{
    size_t grow = live > stmi_heap.growth ? live : stmi_heap.growth;
    size_t keep = 2 * grow + 2 * stmi_opt.nursery;
    stmi_blocks_back(&keep);
    stmi_large_back(&keep, emergency);
}

/* Bump pointers go back into their runs. */
static void settle_runs(void)
{
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (!s->holder)
            continue;
        struct stm_self *self = s->holder->self;
        stmi_close_run(s, self);
        self->alloc = self->alloc_end = s->runs.n ? s->runs.at[s->runs.n - 1].top : 0;
    }
}

#if STMI_VIEWS
static void collect(struct stmi_thread *leader, bool emergency)
{
    struct stmi_seg *solo = solo_segment();
    struct stmi_marker m = {
        .t = leader, .pending = &leader->mark_stack, .view = solo ? (ptrdiff_t)solo->base : stmi_shared_disp};
    advance_all();
    settle_runs();
    for (int i = 1; i <= stmi_nseg; i++)
        if (in_flight(&stmi_segs[i]))
            stmi_young_at(stmi_segs[i].holder, STMI_YOUNG_GO_ON);
    if (!solo)
        write_back();
    clear_marks();
    for (int i = 1; i <= stmi_nseg; i++) {
        mark_fresh(&stmi_segs[i], STMI_BITS_START);
        for (size_t k = 0; k < stmi_segs[i].new_large.n; k++)
            stmi_large[stmi_segs[i].new_large.at[k]].marked = true;
    }
    for (int i = 1; i <= stmi_nseg; i++)
        if (in_flight(&stmi_segs[i]))
            root_in_flight(&m, &stmi_segs[i]);
    trace(&m, solo ? (ptrdiff_t)solo->base : stmi_statics_disp);
    stmi_endings_major(&m);
    sweep(emergency);
    give_back(m.bytes, emergency);
    for (int i = 1; i <= stmi_nseg; i++)
        mark_fresh(&stmi_segs[i], STMI_BITS_CLEAR);
    if (!solo)
        reshare_all(m.bytes);
    size_t log = log_bytes();
    stmi_log_reset();
    if (log > STMI_LOG_TRIM + log_bytes())
        malloc_trim(0); /* the C library keeps what it got in small pieces */
    stmi_heap.live = m.bytes;
}
#else
/* To memcheck, what is found by a word without a value has none either: the marks, from there the holes, and
 * then all objects that come to lie in them.  But the marks are right whatever the words were.  Costs a few
 * instructions without valgrind. */
static void marks_are_defined(void)
{
#if __has_include(<valgrind/memcheck.h>)
    VALGRIND_MAKE_MEM_DEFINED(stmi_heap.mark, stmi_blocks() * STMI_BLOCK_WORDS * 8);
#endif
}

static void collect(struct stmi_thread *leader, bool emergency)
{
    struct stmi_seg *s = &stmi_segs[1];
    struct stmi_marker m = {.t = leader, .pending = &leader->mark_stack};
    settle_runs();
    clear_marks();
    stmi_link_runs(s);
    trace(&m, 0);
    stmi_endings_major(&m);
    marks_are_defined();
    stmi_unlink_runs(s);
    s->runs.n = s->runs_walked = 0; /* nothing is fresh where nothing is undone */
    s->new_large.n = 0;
    leader->self->alloc = leader->self->alloc_end = 0;
    sweep(emergency);
    give_back(m.bytes, emergency);
    s->handed = 0;
    stmi_heap.live = m.bytes;
    stmi_heap.major_at = m.bytes > stmi_opt.nursery ? m.bytes : stmi_opt.nursery;
}
#endif

static unsigned long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long)t.tv_sec * 1000000000 + (unsigned long)t.tv_nsec;
}

static void major(struct stmi_thread *t, void *must, char *sp)
{
    unsigned long long asked = stmi_cycles(), stopped;
    t->sp = sp;
    while (!stmi_world_stop(t))
        if (!*(bool *)must)
            return;
    stopped = stmi_cycles();
    if (*(bool *)must || stmi_major_wanted()) {
        unsigned long begun = now_ns(), end;
        stmi_verify("before a major collection");
        collect(t, *(bool *)must);
        stmi_verify("after a major collection");
        end = now_ns();
#if STMI_VIEWS
        stmi_growth_collected(begun, end);
#endif
        stmi_majors++;
        stmi_major_ns += end - begun;
    }
    stmi_world_resume();
    if (stmi_logging())
        stmi_events_stop(t, "collection", asked, stopped);
}

/* May abort t's transaction instead of returning. */
void stmi_major(struct stmi_thread *t, bool must)
{
    enum stmi_time did = stmi_does(t, STMI_TIME_major);
    if (stmi_logging())
        stmi_events_pause(t);
    stmi_with_registers(major, t, &must);
    stmi_does(t, did);
    if (t->must_abort)
        stmi_abort(t, t->must_abort);
}

void stm_collect(void)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg)
        return;
    STMI_SITE(t);
    stmi_major(t, true);
}
