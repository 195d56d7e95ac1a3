/* verify.c - the invariants of heap, views and log, checked in debug builds wherever the world is stopped.
 *
 * After mimalloc's habit of executable invariants: a wrong state is found where it arises, not where it
 * kills.  What is verified is what doc/runtime.md and doc/memory-map.md promise:
 *
 *   space      objects, holes, and what runs have in store tile their blocks: nothing overlaps; headers are
 *              possible
 *   bits       mark and malloced bits are start bits; the pool holds free blocks, each once
 *   large      table, page table and free spans tell the same story (large.c)
 *   markers    set over all that a transaction in flight has logged or allocated; none is of a version to
 *              come
 *   page maps  what is logged or fresh lies in pages known to be dirty; the counts are right
 *   views      committed contents are the same in every live view and, after a write-back, in the shared one
 *   log        each live segment stands at an entry whose successors are numbered without a gap; the
 *              sentinel is there if and only if
 *              somebody is inevitable
 *   world      one thread runs; counts of segments and their holders agree
 *
 * A young collection verifies its own segment.  After the first 200 times one in 50 must do. */
#include "runtime.h"

#ifdef UNGIL_DEBUG

#define ENSURE(x) STMI_ENSURE(when, x)

/* Tests that collect all the time would do nothing else. */
static bool spared(void)
{
    static unsigned long stops;
    return ++stops > 200 && stops % 50;
}

/* ---- space */

static _Atomic uint64_t *claimed; /* granules of payloads whose headers something has claimed */

static void claim(uptr lo, uptr hi, const char *when)
{
    for (size_t g = stmi_granule(lo + 8), end = stmi_granule(hi + 8); g < end; g++) {
        ENSURE(!stmi_bit(claimed, g));
        stmi_set_bit(claimed, g);
    }
}

/* The last run's top is in stm_self, unless the thread is outside. */
static uptr top_of(const struct stmi_seg *s, size_t run)
{
    return run == s->runs.n - 1 && s->holder ? s->holder->self->alloc : s->runs.at[run].top;
}

static void verify_space(const struct stmi_seg *s, const char *when)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        const struct stmi_run *r = &s->runs.at[i];
        uptr top = top_of(s, i);
        ENSURE(r->lo % 16 == 8 && r->hi % 16 == 8 && r->lo <= r->walked && r->walked <= top && top <= r->hi);
        ENSURE(i >= s->runs_walked || r->walked == r->top);
        ENSURE(stmi_block_of(r->lo) == stmi_block_of(r->hi));
        ENSURE(r->lo == r->hi || stmi_heap.block[stmi_block_of(r->lo)].owner == s->id);
        for (uptr at = r->walked; at < top;
             at += stmi_total(((struct stm_header *)stmi_view(s, at))->nbytes)) {
            const struct stm_header *h = stmi_view(s, at);
            ENSURE(h->type_id && h->type_id < stmi_ntypes && h->nbytes <= STM_SMALL_MAX);
        }
    }
    for (size_t i = 0; i < s->holes.n; i++) {
        uptr lo = s->holes.at[i].lo & ~1ul, hi = s->holes.at[i].hi;
        ENSURE(lo % 16 == 8 && hi % 16 == 8 && hi >= lo + STMI_HOLE_MIN &&
               stmi_block_of(lo) == stmi_block_of(hi));
        ENSURE(stmi_heap.block[stmi_block_of(lo)].owner == s->id);
        for (size_t g = stmi_granule(lo + 8); g < stmi_granule(hi + 8); g++)
            ENSURE(!stmi_bit(stmi_heap.start, g));
    }
}

/* Where objects' headers can be read: they are written once, and published with the object. */
static const struct stmi_seg *reader(void)
{
    for (int i = 1; i <= stmi_nseg; i++)
        if (!STMI_VIEWS || (!stmi_segs[i].stale && stmi_world.nlive == 1))
            return &stmi_segs[i];
    return NULL;
}

static const struct stm_header *header(uptr ref, const struct stmi_seg *solo)
{
    int owner = atomic_load_explicit(&stmi_heap.block[stmi_block_of(ref)].owner, memory_order_relaxed);
    if (solo)
        return stmi_view(solo, ref - 8);
#if STMI_VIEWS
    if (!stmi_bit(stmi_heap.mark, stmi_granule(ref)) && owner)
        return stmi_view(&stmi_segs[owner], ref - 8); /* fresh */
    return stmi_shared(ref - 8);
#endif
    (void)owner;
    return NULL;
}

static void verify_block(size_t b, const struct stmi_seg *solo, const char *when)
{
    const struct stmi_block *k = &stmi_heap.block[b];
    ENSURE((k->owner <= stmi_nseg || k->owner == STMI_OWNER_LARGE) && k->last_owner <= stmi_nseg &&
           !(k->owner && k->listed) && !k->runs);
    ENSURE(k->owner != STMI_OWNER_LARGE || !k->live);
    for (size_t w = b * STMI_BLOCK_WORDS; w < (b + 1) * STMI_BLOCK_WORDS; w++) {
        uint64_t start = stmi_heap.start[w];
        ENSURE(!(stmi_heap.mark[w] & ~start));
        ENSURE(k->malloced || !stmi_heap.malloced[w]);
        ENSURE(!start || k->owner != STMI_OWNER_LARGE);
        for (; start; start &= start - 1) {
            uptr ref = STM_HEAP_BASE + (w * 64 + (size_t)__builtin_ctzl(start)) * STM_GRANULE;
            const struct stm_header *h = header(ref, solo);
            ENSURE(h->type_id && h->type_id < stmi_ntypes && h->nbytes <= STM_SMALL_MAX);
            ENSURE(stmi_block_of(ref - 8 + stmi_total(h->nbytes) - 1) == b);
            claim(ref - 8, ref - 8 + stmi_total(h->nbytes), when);
        }
    }
}

static void verify_heap(const char *when)
{
    size_t n = stmi_blocks(), listed = 0;
    const struct stmi_seg *solo = reader();
    if (!claimed)
        claimed = stmi_reserve((stmi_heap.hi - stmi_heap.lo) / STM_GRANULE / 8, "the heap verifier");
    memset((void *)claimed, 0, n * STMI_BLOCK_WORDS * 8);
    for (size_t b = 1; b < n; b++) {
        verify_block(b, solo, when);
        listed += stmi_heap.block[b].listed;
    }
    ENSURE(stmi_pool_count(when) == listed);
    for (int i = 1; i <= stmi_nseg; i++) {
        const struct stmi_seg *s = &stmi_segs[i];
        verify_space(s, when);
        for (size_t k = 0; k < s->runs.n; k++)
            claim(s->runs.at[k].walked, s->runs.at[k].hi, when);
        for (size_t k = 0; k < s->holes.n; k++)
            claim(s->holes.at[k].lo & ~1ul, s->holes.at[k].hi, when);
        for (size_t k = 0; k < s->new_large.n; k++)
            ENSURE(stmi_large[s->new_large.at[k]].ref && stmi_large[s->new_large.at[k]].fresh == i);
    }
    stmi_large_verify(when);
}

#if STMI_VIEWS
/* ---- transactions in flight */

static bool in_flight(const struct stmi_seg *s)
{
    return s->holder && s->in_tx;
}

static bool all(const unsigned short *m, const unsigned short *end, unsigned short v)
{
    while (m < end && *m == v)
        m++;
    return m >= end;
}

static void verify_dirty(const struct stmi_seg *s, uptr r, size_t n, const char *when)
{
    for (size_t p = stmi_page_index(r), end = n ? stmi_page_index(r + n - 1) + 1 : p; p < end; p++)
        ENSURE(s->priv[p] == STMI_PAGE_DIRTY);
}

static void verify_in_flight(const struct stmi_seg *s, const char *when)
{
    unsigned short v = s->version;
    ENSURE(v && s->holder->seg == s && s->holder->self->version == v);
    for (size_t i = 0; i < s->units.n; i++) {
        const struct stmi_unit *u = &s->units.at[i];
        uptr end = u->ref + (u->size ? u->size - 1 : 0);
        ENSURE(all(stmi_r_marker(s, u->ref), stmi_r_marker(s, end) + 1, v) &&
               all(stmi_w_marker(s, u->ref), stmi_w_marker(s, end) + 1, v));
        ENSURE(u->off + u->size <= s->backup_n);
        verify_dirty(s, u->ref, u->size, when);
    }
    for (size_t i = 0; i < s->runs.n; i++) {
        uptr lo = s->runs.at[i].lo, end = stmi_handed_end(s, i);
        ENSURE(end >= top_of(s, i));
        ENSURE(all(stmi_w_marker(s, lo + 8), stmi_w_marker(s, end + 8),
                   v)); /* fresh memory passes the write barrier */
        verify_dirty(s, lo, end - lo, when);
    }
    for (size_t i = 0; i < s->new_large.n; i++) {
        const struct stmi_large *l = &stmi_large[s->new_large.at[i]];
        ENSURE(all(stmi_w_marker(s, l->ref), stmi_w_marker(s, l->ref + l->nbytes - 1) + 1, v));
        verify_dirty(s, l->ref - 8, l->nbytes + 8, when);
    }
}

/* A marker of a version to come would take an access for done that is not. */
static void verify_markers(const struct stmi_seg *s, const char *when)
{
    enum { MOST = 4 << 20 }; /* bytes of heap looked at */
    uptr end = stmi_heap.small_high - stmi_heap.lo < MOST ? stmi_heap.small_high : stmi_heap.lo + MOST;
    for (uptr r = stmi_heap.lo; r < end; r += STM_GRANULE)
        ENSURE(*stmi_r_marker(s, r) <= s->version && *stmi_w_marker(s, r) <= s->version);
}

static void verify_page_map(const struct stmi_seg *s, const char *when)
{
    struct stmi_range in[3];
    size_t n = 0;
    stmi_page_ranges(in);
    for (int k = 0; k < 3; k++)
        for (size_t p = in[k].lo; p < in[k].hi; p++) {
            ENSURE(s->priv[p] == STMI_PAGE_SHARED || s->priv[p] == STMI_PAGE_DIRTY ||
                   s->priv[p] == STMI_PAGE_CLEAN);
            n += s->priv[p] != STMI_PAGE_SHARED;
        }
    ENSURE(n == s->npriv);
}

static void verify_log(const struct stmi_seg *s, const char *when)
{
    const struct stmi_entry *e = s->last, *next;
    ENSURE(s->seq == e->seq);
    for (; (next = atomic_load(&e->next)) && next != STMI_INEVITABLE; e = next)
        ENSURE(next->seq == e->seq + 1);
    ENSURE((next == STMI_INEVITABLE) == (stmi_inevitable_thread != NULL));
}

/* ---- views */

/* Is [r, r+n) of s's view what is committed, or written by s's transaction? */
static bool agrees(const struct stmi_seg *s, uptr r, size_t n)
{
    if (!memcmp(stmi_view(s, r), stmi_shared(r), n))
        return true;
    return in_flight(s) && *stmi_w_marker(s, r) == s->version;
}

static void verify_view(const struct stmi_seg *s, const char *when)
{
    for (size_t w = STMI_BLOCK_WORDS; w < stmi_blocks() * STMI_BLOCK_WORDS; w++)
        for (uint64_t old = stmi_heap.start[w] & stmi_heap.mark[w]; old; old &= old - 1) {
            uptr ref = STM_HEAP_BASE + (w * 64 + (size_t)__builtin_ctzl(old)) * STM_GRANULE;
            const struct stm_header *h = stmi_shared(ref - 8);
            ENSURE(!memcmp(stmi_view(s, ref - 8), h, 8));
            ENSURE(agrees(s, ref, h->nbytes));
        }
    for (size_t i = 0; i < stmi_nlarge; i++)
        for (size_t at = 0; stmi_large[i].ref && !stmi_large[i].fresh && at < stmi_large[i].nbytes;
             at += STM_CARD)
            ENSURE(agrees(s, stmi_large[i].ref + at,
                          stmi_large[i].nbytes - at < STM_CARD ? stmi_large[i].nbytes - at : STM_CARD));
    for (size_t i = 0; i < stmi_nstatics; i++) {
        const struct stm_static *st = stmi_statics[i];
        size_t unit = st->flags & STM_STATIC_OBJECT ? st->size : STM_GRANULE;
        for (size_t at = 0; at < st->size; at += unit)
            ENSURE(agrees(s, (uptr)st->addr + at, st->size - at < unit ? st->size - at : unit));
    }
}

/* World stopped, all live views at the tail, the shared view written back. */
void stmi_verify_views(const char *when)
{
    if (spared())
        return;
    for (int i = 1; i <= stmi_nseg; i++)
        if (!stmi_segs[i].stale)
            verify_view(&stmi_segs[i], when);
}
#endif

/* ---- all of it */

static void verify_world(const char *when)
{
    const struct stmi_world *w = &stmi_world;
    int held = 0, live = 0, running = 0, waiting = 0;
    ENSURE(stmi_holds(&w->lock) && w->stopping && w->running <= 1);
    for (int i = 1; i <= stmi_nseg; i++) {
        const struct stmi_seg *s = &stmi_segs[i];
        ENSURE(!s->holder || (s->busy && s->holder->seg == s));
        held += s->holder != NULL;
        live += !s->stale;
    }
    for (const struct stmi_thread *t = w->threads; t; t = t->next) {
        ENSURE(t->seg ? t->seg->holder == t && t->state != STMI_OUTSIDE : t->state == STMI_OUTSIDE);
        running += t->state == STMI_RUNNING;
    }
    for (const struct stmi_thread *t = w->tail; t; t = t->tail_next)
        waiting++;
    ENSURE(running == w->running && held == w->nheld && waiting == w->inevitable_waiters &&
           (!STMI_VIEWS || live == w->nlive));
}

/* World stopped. */
void stmi_verify(const char *when)
{
    if (spared())
        return;
    verify_world(when);
    verify_heap(when);
#if STMI_VIEWS
    for (int i = 1; i <= stmi_nseg; i++) {
        const struct stmi_seg *s = &stmi_segs[i];
        verify_page_map(s, when);
        verify_markers(s, when);
        if (!s->stale)
            verify_log(s, when);
        if (in_flight(s))
            verify_in_flight(s, when);
    }
#endif
}

/* By the segment's holder, or with the world stopped. */
void stmi_verify_segment(const struct stmi_seg *s, const char *when)
{
    verify_space(s, when);
#if STMI_VIEWS
    verify_in_flight(s, when);
#endif
}

#endif
