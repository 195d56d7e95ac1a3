/* young.c - collecting what a transaction allocated.
 *
 * The generation boundary is the transaction: an object is young until its transaction commits, old from
 * then on, and nothing that happens in between changes that, so what the translator knows about "fresh" and
 * "written" stays true across collections.  Each young collection therefore traces all that the transaction
 * allocated, from the thread's own roots and from the old objects that the transaction modified (they are
 * logged: the log is the remembered set).  Other threads are not involved: nothing that they can reach
 * points to it.
 *
 * Marks are in place (sticky: an old object looks marked already), and the memory between survivors becomes
 * holes for the same segment at once, while it is in the cache.  To keep the work linear when much survives,
 * the next collection waits for as many bytes as survived or were modified. */
#include "runtime.h"

#if STMI_VIEWS

/* ---- roots */

static void mark_modified(struct stmi_marker *m, struct stmi_seg *s)
{
    for (size_t i = 0; i < s->units.n; i++) {
        const struct stmi_unit *u = &s->units.at[i];
        const char *at = stmi_view(s, u->ref);
        if (u->ref == u->owner && stmi_in_small(u->ref))
            stmi_mark_contents(m, u->ref, u->size, (ptrdiff_t)s->base);
        else
            stmi_mark_range(m, at, at + u->size);
    }
}

/* Fresh objects that only stm_free ends. */
static void mark_malloced(struct stmi_marker *m, struct stmi_seg *s)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        const struct stmi_run *r = &s->runs.at[i];
        if (r->top == r->lo || !stmi_heap.block[stmi_block_of(r->lo)].malloced)
            continue;
        for (size_t g = stmi_granule(r->lo + 8), end = stmi_granule(r->top + 8); g < end; g++) {
            uint64_t w = atomic_load_explicit(&stmi_heap.malloced[g / 64], memory_order_relaxed) >> (g % 64);
            if (!w) {
                g |= 63;
                continue;
            }
            g += (size_t)__builtin_ctzl(w);
            if (g < end)
                stmi_mark_word(m, STM_HEAP_BASE + g * STM_GRANULE);
        }
    }
    for (size_t i = 0; i < s->new_large.n; i++) {
        const struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        if (atomic_load_explicit(&l->malloced, memory_order_relaxed))
            stmi_mark_word(m, l->ref);
    }
}

/* ---- sweep */

static void give_hole(struct stmi_seg *s, uptr lo, uptr hi)
{
    stmi_push(&s->holes, (struct stmi_hole){lo, hi});
}

/* The marked objects of run r become runs of their own, the gaps between them holes. */
static void sweep_run(struct stmi_seg *s, struct stmi_run r)
{
    if (r.walked < r.top) { /* nobody asked: all dead, no bit set */
        if (r.hi >= r.lo + STMI_HOLE_MIN)
            give_hole(s, r.lo, r.hi);
        return;
    }
    uptr group = 0, end = r.lo; /* survivors so far are in [group, end) */
    for (size_t g = stmi_granule(r.lo + 8), last = stmi_granule(r.top + 8); g < last; g++) {
        uint64_t w = atomic_load_explicit(&stmi_heap.mark[g / 64], memory_order_relaxed) >> (g % 64);
        if (!w) {
            g |= 63;
            continue;
        }
        g += (size_t)__builtin_ctzl(w);
        if (g >= last)
            break;
        uptr head = STM_HEAP_BASE + g * STM_GRANULE - 8;
        if (head >= end + STMI_HOLE_MIN) {
            if (group)
                stmi_push(&s->runs, (struct stmi_run){group, end, end, end, 0});
            give_hole(s, end, head);
            group = 0;
        }
        if (!group)
            group =
                head; /* a run begins and ends with survivors: what is around it may become part of a hole */
        end = head + stmi_total(((struct stm_header *)stmi_view(s, head))->nbytes);
        g = stmi_granule(end + 8) - 1;
    }
    if (group)
        stmi_push(&s->runs, (struct stmi_run){group, end, end, end, 0});
    if (r.hi >= end + STMI_HOLE_MIN)
        give_hole(s, end, r.hi);
}

/* Holes only ever split, as survivors land in them, until the space between old and new dead objects is
 * looked at as a whole.  That is done when allocation found no hole that fits among many: all blocks that
 * have holes, or had runs, give theirs anew.  Start bits are those of the living by now. */
static void gather(struct stmi_seg *s, uptr at)
{
    struct stmi_block *b = &stmi_heap.block[stmi_block_of(at)];
    if (!b->gathered && atomic_load_explicit(&b->owner, memory_order_relaxed) ==
                            s->id) { /* an empty run may be all that is left */
        b->gathered = 1;
        stmi_push(&s->gathered, (uint32_t)stmi_block_of(at));
    }
}

static void merge_holes(struct stmi_seg *s, const struct stmi_run *old, size_t n)
{
    for (size_t i = 0; i < s->holes.n; i++)
        gather(s, s->holes.at[i].lo);
    for (size_t i = 0; i < n; i++)
        gather(s, old[i].lo);
    s->holes.n = 0;
    for (size_t i = 0; i < s->gathered.n; i++) {
        stmi_heap.block[s->gathered.at[i]].gathered = 0;
        stmi_block_holes(s->gathered.at[i], s, (ptrdiff_t)s->base);
    }
    s->gathered.n = 0;
    s->fragmented = false;
}

static void sweep_large(struct stmi_seg *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->new_large.n; i++) {
        struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        if (l->marked)
            s->new_large.at[kept++] = s->new_large.at[i];
        else
            stmi_large_drop(l);
        l->marked = false;
    }
    s->new_large.n = kept;
}

static void sweep(struct stmi_seg *s)
{
    size_t n = s->runs.n, cap = s->runs.cap;
    struct stmi_run *old = s->runs.at;
    s->runs.at = s->runs_spare;
    s->runs.cap = s->runs_spare_cap;
    s->runs.n = s->runs_walked = 0;
    for (size_t i = n; i-- > 0;) { /* backwards: what was used first is reused first */
        sweep_run(s, old[i]);
        if (old[i].walked == old[i].lo)
            continue;
        stmi_bits_over(stmi_heap.start, old[i].lo, old[i].top, STMI_BITS_MARK);
        stmi_bits_over(stmi_heap.malloced, old[i].lo, old[i].top, STMI_BITS_MARK);
        stmi_bits_over(stmi_heap.mark, old[i].lo, old[i].top, STMI_BITS_CLEAR);
    }
    if (s->fragmented)
        merge_holes(s, old, n);
    s->runs_spare = old;
    s->runs_spare_cap = cap;
    sweep_large(s);
}

/* ---- the collection */

/* t->sp is set; t is the caller, or parked.  Its transaction's dead objects become holes. */
void stmi_young_at(struct stmi_thread *t, enum stmi_young how)
{
    struct stmi_seg *s = t->seg;
    struct stmi_marker m = {.t = t, .pending = &t->mark_stack, .young = s, .view = (ptrdiff_t)s->base};
    stmi_close_run(s, t->self);
    stmi_link_runs(s);
    stmi_roots_thread(&m, t, false);
    stmi_roots_outside(&m);
    mark_modified(&m, s);
    mark_malloced(&m, s);
    stmi_mark_drain(&m);
    if (stm_unlikely(t->pending))
        stmi_endings_young(&m, t, s);
    stmi_unlink_runs(s);
    sweep(s);
    t->self->alloc = t->self->alloc_end = s->runs.n ? s->runs.at[s->runs.n - 1].top : 0;
    if (s->runs.n)
        s->runs.at[s->runs.n - 1].hi = t->self->alloc;
    s->zeroed = 0;
    s->handed = 0;
    size_t kept = m.bytes + s->mod_bytes;
    s->young_at = kept > stmi_opt.nursery ? kept : stmi_opt.nursery;
    t->stats.young++;
    stmi_verify_segment(s, "after a young collection");
    (void)how;
}

static void collect(struct stmi_thread *t, void *how, char *sp)
{
    t->sp = sp;
    stmi_young_at(t, *(enum stmi_young *)how);
}

void stmi_young(struct stmi_thread *t, enum stmi_young how)
{
    enum stmi_time did = stmi_does(t, STMI_TIME_young);
    stmi_with_registers(collect, t, &how);
    stmi_does(t, did);
}

/* ---- the end of a transaction */

static void run_to_holes(struct stmi_seg *s, const struct stmi_run *r)
{
    stmi_bits_over(stmi_heap.start, r->lo, r->walked, STMI_BITS_CLEAR);
    stmi_bits_over(stmi_heap.malloced, r->lo, r->top, STMI_BITS_CLEAR);
    if (r->hi >= r->lo + STMI_HOLE_MIN)
        give_hole(s, r->lo, r->hi);
}

/* Abort: nothing was allocated. */
void stmi_drop_fresh(struct stmi_seg *s)
{
    for (size_t i = s->runs.n; i-- > 0;)
        run_to_holes(s, &s->runs.at[i]);
    s->runs.n = s->runs_walked = 0;
    for (size_t i = 0; i < s->new_large.n; i++)
        stmi_large_drop(&stmi_large[s->new_large.at[i]]);
    s->new_large.n = 0;
    s->zeroed = 0;
}

/* Commit: all that is fresh is old.  What is left of the current run goes on as the next transaction's
 * first. */
void stmi_promote(struct stmi_seg *s)
{
    size_t bytes = 0;
    struct stmi_run last = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < s->runs.n; i++) {
        struct stmi_run *r = &s->runs.at[i];
        stmi_assert(r->walked == r->top);
        bytes += r->top - r->lo;
        stmi_bits_over(stmi_heap.mark, r->lo, r->top, STMI_BITS_START);
        if (r->hi < r->top + STMI_HOLE_MIN)
            continue;
        if (i == s->runs.n - 1)
            last = *r;
        else
            give_hole(s, r->top, r->hi);
    }
    s->runs.n = s->runs_walked = 0;
    if (last.hi)
        stmi_push(&s->runs, (struct stmi_run){last.top, last.top, last.top, last.hi, 0});
    for (size_t i = 0; i < s->new_large.n; i++) {
        struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        bytes += l->nbytes;
        l->fresh = 0;
    }
    s->new_large.n = 0;
    if (bytes) {
        s->holder->stats.promoted += bytes;
        atomic_fetch_add_explicit(&stmi_heap.promoted, bytes, memory_order_relaxed);
    }
}

#endif
