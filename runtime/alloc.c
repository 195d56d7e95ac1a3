/* alloc.c - memory for new objects: pieces of holes, handed to the inline bump allocator.
 *
 * A piece is cleared and, in the variants with views, made to pass the write barrier: its W markers are set
 * to the transaction's version.  Pieces begin small, so that a short transaction pays for little, and grow,
 * so that a long one seldom comes here.  Everything that a transaction must notice while it allocates is
 * noticed here: nursery used up, old space grown, world to stop, length target reached.
 *
 * The nursery is no place but a budget: holes found empty by a young collection are used again at once,
 * while they are in the cache (runtime.md: worth more than any barrier). */
#include "runtime.h"

#include <errno.h>

#if STMI_VIEWS
/* Granules of payloads whose headers lie in [lo, hi). */
void stmi_preset_written(uptr lo, uptr hi)
{
    struct stmi_seg *s = stmi_me->seg;
    unsigned short *w = stmi_w_marker(s, lo + 8), *end = stmi_w_marker(s, hi + 8), v = s->version;
    typedef short eight __attribute__((vector_size(16), aligned(2), may_alias));
    eight e = {0};
    e += (short)v;
    for (; end - w >= 32; w += 32)
        *(eight *)w = e, *(eight *)(w + 8) = e, *(eight *)(w + 16) = e, *(eight *)(w + 24) = e;
    while (w < end)
        *w++ = v;
}
#endif

static void hand_out(struct stmi_thread *t, struct stmi_seg *s, size_t total)
{
    struct stm_self *self = t->self;
    const struct stmi_run *r = &s->runs.at[s->runs.n - 1];
    uptr from = self->alloc_end, to = self->alloc + total;
    if (to < from + s->piece)
        to = from + s->piece;
    if (to > r->hi)
        to = r->hi;
    if (s->piece < STMI_PIECE_MAX)
        s->piece *= 2;
#if STMI_VIEWS
    stmi_privatise(s, from, to - from);
    stmi_preset_written(from, to);
#endif
    uptr dirty = from > s->zeroed ? from : s->zeroed;
    if (dirty < to) {
        memset(stmi_view(s, dirty), 0, to - dirty);
        s->zeroed = to;
    }
    self->alloc_end = to;
    s->handed += to - from;
    s->work += to - from;
    t->stats.allocated += to - from;
}

/* Makes a hole that takes `total` bytes the current run.  Looks at a few only: a transaction may have
 * thousands. */
static bool next_hole(struct stmi_thread *t, struct stmi_seg *s, size_t total)
{
    size_t n = s->holes.n;
    for (size_t i = n; i-- > 0 && n - i <= 16;) {
        struct stmi_hole h = s->holes.at[i];
        uptr lo = h.lo & ~1ul;
        if (h.hi - lo < total)
            continue;
        s->holes.at[i] = s->holes.at[n - 1];
        s->holes.n--;
        stmi_close_run(s, t->self);
        stmi_push(&s->runs, (struct stmi_run){lo, lo, lo, h.hi, 0});
        t->self->alloc = t->self->alloc_end = lo;
        s->zeroed = h.lo & 1 ? h.hi : lo;
        return true;
    }
    s->fragmented |= n > 32;
    return false;
}

static __attribute__((noinline)) void park_or_collect(struct stmi_thread *t, struct stmi_seg *s)
{
    int err = errno;
    if (stmi_asked(t->self) & STMI_POLL_STOP)
        stmi_park(t);
    if (stmi_major_wanted())
        stmi_major(t, false);
#if STMI_VIEWS
    if (s->handed >= s->young_at)
        stmi_young(t, STMI_YOUNG_GO_ON);
#endif
    (void)s;
    errno = err;
}

/* Collects when it is time to.  The length target only asks: the transaction goes on to a safepoint. */
static inline void before_allocation(struct stmi_thread *t, struct stmi_seg *s)
{
    size_t fresh = STMI_VIEWS ? atomic_load_explicit(&stmi_heap.promoted, memory_order_relaxed) : s->handed;
    if (stm_unlikely(stmi_asked(t->self) || fresh >= stmi_heap.major_at ||
                     (STMI_VIEWS && s->handed >= s->young_at)))
        park_or_collect(t, s);
    if (stmi_work(s, t->self) >= t->target)
        stmi_ask_self(t, STMI_POLL_BREAK);
}

static __attribute__((noinline)) void *new_large(struct stmi_thread *t, struct stmi_seg *s, size_t n,
                                                 unsigned id)
{
    int err = errno;
    s->work += n;
    s->handed += n;
    before_allocation(t, s);
    uptr ref = stmi_large_new(s, n, id);
    if (!ref) {
        stmi_major(t, true);
        while (!(ref = stmi_large_new(s, n, id)))
            stmi_out_of_memory(t, n);
    }
    s->tx_large += n;
    t->stats.allocated += n;
    errno = err;
    return (void *)ref;
}

/* Makes a run with room for total bytes the current one: another hole, another block, or both after a
 * collection. */
static __attribute__((noinline)) void find_room(struct stmi_thread *t, struct stmi_seg *s, size_t total)
{
    int err = errno;
    do {
        if (!next_hole(t, s, total) && !stmi_take_block(s)) {
            stmi_major(t, true);
            while (!next_hole(t, s, total) && !stmi_take_block(s))
                stmi_out_of_memory(t, total);
        }
    } while (!s->runs.n || s->runs.at[s->runs.n - 1].hi - t->self->alloc < total);
    errno = err;
}

/* The inline allocator's slow path: n bytes, payload zeroed, header written.  Never returns null. */
void *stm_new_slow(stm_size n, unsigned id)
{
    struct stmi_thread *t = stmi_me;
    if (stm_unlikely(!t || !t->seg))
        stmi_die("allocation outside the zone (between stm_thread_leave and stm_thread_enter, or in "
                 "STM_BLOCKING)");
    if (stm_unlikely(t->calling_out))
        stmi_die("allocation in a callback or destructor");
    stmi_not_in_handler(t, "allocation");
    struct stmi_seg *s = t->seg;
    struct stm_self *self = t->self;
    stmi_assert(id);
    if (stm_unlikely(n > STM_SMALL_MAX))
        return new_large(t, s, n, id);
    size_t total = stmi_total(n);
    before_allocation(t, s);
    if (!s->runs.n || s->runs.at[s->runs.n - 1].hi - self->alloc < total)
        find_room(t, s, total);
    if (total > self->alloc_end - self->alloc)
        hand_out(t, s, total);
    uptr at = self->alloc;
    self->alloc = at + total;
    *(struct stm_header *)stmi_view(s, at) = (struct stm_header){id, (unsigned)n};
    return (void *)(at + 8);
}
