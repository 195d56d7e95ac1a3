/* heap.c - space for small objects: blocks, holes and the maps beside them.
 *
 * A mark-region heap after Immix (Blackburn and McKinley, PLDI 2008), without its copying: memory is
 * bump-allocated into holes, which are the gaps that dead objects left.  Blocks of 32 KB are the unit in
 * which segments take space, so that the bits about a block's objects are written by one owner only.
 *
 * Layout.  Payloads are 16-aligned and the 8-byte header comes before, so objects tile memory at addresses
 * that are 8 modulo 16.  Out of line, one bit per granule at the payload's first: start (an object), mark
 * (it is old, or was reached by the collection going on), malloced (only stm_free ends it).  A fresh object,
 * of a transaction that has not committed, has start without mark; its start bit may be set late, by walking
 * the headers of its run (stmi_walk_runs), which keeps the allocation sequence to one bump and one store.
 *
 * Resolving a conservative pointer is a search for the last start bit at or before it: at most nine words
 * ("Fast Conservative Garbage Collection", Shahriyar, Blackburn and McKinley, OOPSLA 2014). */
#include "runtime.h"

struct stmi_heap stmi_heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define NO_BLOCK UINT32_MAX
enum { FREE, PARTIAL, LISTS };
static uint32_t pool[STMI_MAX_SEGMENTS + 1][LISTS]; /* by last owner: lists of blocks; heap lock */

void stmi_heap_init(size_t size)
{
    struct stmi_heap *h = &stmi_heap;
    size_t granules = size / STM_GRANULE;
    h->lo = STM_HEAP_BASE;
    h->hi = h->lo + size;
    h->small_top = h->lo + STMI_BLOCK; /* the first block stays empty: nothing is near the range's edge */
    h->large_bottom = h->hi;
    h->small_high = h->small_top;
    h->large_low = h->hi;
    h->start = stmi_reserve(granules / 8, "start bits");
    h->mark = stmi_reserve(granules / 8, "mark bits");
    h->malloced = stmi_reserve(granules / 8, "malloc bits");
    stmi_pool_reset();
    h->block = stmi_reserve(size / STMI_BLOCK * sizeof *h->block, "the block table");
    h->growth = stmi_opt.major ? stmi_opt.major : stmi_opt.nursery;
    h->major_at = STMI_VIEWS ? h->growth : stmi_opt.nursery;
}

size_t stmi_blocks(void)
{
    return (stmi_heap.small_top - stmi_heap.lo) / STMI_BLOCK;
}

/* ---- the pool of blocks that nobody allocates in */

static void list(int which, size_t b)
{
    struct stmi_block *k = &stmi_heap.block[b];
    uint32_t *head = &pool[k->last_owner][which];
    stmi_assert(!k->listed && stmi_stopped());
    atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
    k->listed = 1;
    k->next = *head;
    *head = (uint32_t)b;
}

void stmi_pool_add(size_t b)
{
    list(PARTIAL, b);
}
void stmi_pool_add_free(size_t b)
{
    list(FREE, b);
}
void stmi_pool_reset(void)
{
    for (int i = 0; i <= STMI_MAX_SEGMENTS; i++)
        pool[i][FREE] = pool[i][PARTIAL] = NO_BLOCK;
}

/* World stopped, pool empty: free blocks at the end are no blocks any more, so that large objects may have
 * the room. */
void stmi_trim_blocks(void)
{
    stmi_assert(stmi_stopped());
    size_t n = stmi_blocks();
    while (n > 1 && !stmi_heap.block[n - 1].live && !stmi_heap.block[n - 1].has_fresh &&
           stmi_heap.block[n - 1].owner != STMI_OWNER_LARGE)
        atomic_store_explicit(&stmi_heap.block[--n].owner, 0, memory_order_relaxed);
    for (size_t w = n * STMI_BLOCK_WORDS; w < stmi_blocks() * STMI_BLOCK_WORDS; w++)
        stmi_heap.start[w] = stmi_heap.malloced[w] = 0;
    for (size_t b = n; b < stmi_blocks(); b++)
        stmi_heap.block[b].listed = stmi_heap.block[b].virgin = 0; /* large objects may come here */
    uptr top = stmi_heap.small_top, to = stmi_heap.lo + n * STMI_BLOCK;
    stmi_heap.small_top = to;
    if (to < top && stmi_pages_back(to, top - to) && stmi_heap.small_high == top)
        stmi_heap.small_high = to; /* as if it had never been used */
}

static bool can_go_back(size_t b)
{
    const struct stmi_block *k = &stmi_heap.block[b];
    return k->listed && !k->live && !k->virgin;
}

/* World stopped, swept.  The lowest stay: the pool hands them out first. */
void stmi_blocks_back(size_t *keep)
{
    for (size_t b = 1, n = stmi_blocks(), first; b < n; b++) {
        if (!can_go_back(b))
            continue;
        if (*keep >= STMI_BLOCK) {
            *keep -= STMI_BLOCK;
            continue;
        }
        for (first = b; b < n && can_go_back(b);)
            b++;
        if (stmi_pages_back(stmi_heap.lo + first * STMI_BLOCK, (b - first) * STMI_BLOCK))
            for (; first < b; first++)
                stmi_heap.block[first].virgin = 1;
    }
}

static uint32_t unlist(uint32_t *head)
{
    stmi_assert(stmi_holds(&stmi_heap.lock));
    uint32_t b = *head;
    if (b != NO_BLOCK) {
        *head = stmi_heap.block[b].next;
        stmi_heap.block[b].listed = 0;
    }
    return b;
}

/* Out of the pool's lists, which are long only where the heap is. */
static void unlist_range(size_t first, size_t n)
{
    for (int i = 0; i <= STMI_MAX_SEGMENTS; i++)
        for (uint32_t *at = &pool[i][FREE]; *at != NO_BLOCK;)
            if (*at - first < n)
                unlist(at);
            else
                at = &stmi_heap.block[*at].next;
}

/* The highest, as the lowest are handed out first.  Heap lock held.  *zero: they are known to be clear. */
size_t stmi_take_free_blocks(size_t n, bool *zero)
{
    stmi_assert(stmi_holds(&stmi_heap.lock) && n);
    size_t found = 0;
    for (size_t b = stmi_blocks(); b-- > 1;) {
        found = stmi_heap.block[b].listed && !stmi_heap.block[b].live ? found + 1 : 0;
        if (found < n)
            continue;
        unlist_range(b, n);
        *zero = true;
        for (size_t k = b; k < b + n; k++) {
            *zero &= stmi_heap.block[k].virgin;
            stmi_heap.block[k].virgin = 0;
            atomic_store_explicit(&stmi_heap.block[k].owner, STMI_OWNER_LARGE, memory_order_relaxed);
        }
        return b;
    }
    return 0;
}

#ifdef UNGIL_DEBUG
/* The blocks in the pool's lists, each in the list of its last owner, and in no other. */
size_t stmi_pool_count(const char *when)
{
    size_t n = 0, blocks = stmi_blocks();
    for (int i = 0; i <= STMI_MAX_SEGMENTS; i++)
        for (int which = 0; which < LISTS; which++)
            for (uint32_t b = pool[i][which]; b != NO_BLOCK; b = stmi_heap.block[b].next) {
                STMI_ENSURE(when, b && b < blocks && stmi_heap.block[b].listed &&
                                      stmi_heap.block[b].last_owner == i);
                STMI_ENSURE(when, n++ < blocks);
            }
    return n;
}
#endif

static uint32_t new_block(struct stmi_heap *h)
{
    stmi_assert(stmi_holds(&h->lock));
    if (h->small_top + STMI_BLOCK > h->large_bottom)
        return NO_BLOCK;
    uint32_t b = (uint32_t)stmi_blocks();
    h->small_top += STMI_BLOCK;
    if (h->small_top > h->small_high) {
        h->block[b].virgin = h->small_top <= h->large_low;
        h->small_high = h->small_top;
    }
    return b;
}

/* Gives s a block: one that it had before, whose pages its view has already, empty or with space; a new one;
 * another's. False: heap full. */
bool stmi_take_block(struct stmi_seg *s)
{
    struct stmi_heap *h = &stmi_heap;
    pthread_mutex_lock(&h->lock);
    uint32_t b = unlist(&pool[s->id][FREE]);
    if (b == NO_BLOCK)
        b = unlist(&pool[s->id][PARTIAL]);
    if (b == NO_BLOCK)
        b = new_block(h);
    for (int i = 0; i <= stmi_nseg && b == NO_BLOCK; i++)
        if ((b = unlist(&pool[i][FREE])) == NO_BLOCK)
            b = unlist(&pool[i][PARTIAL]);
    pthread_mutex_unlock(&h->lock);
    if (b == NO_BLOCK)
        return false;
    atomic_store_explicit(&h->block[b].owner, (unsigned char)s->id, memory_order_relaxed);
    h->block[b].last_owner = (unsigned char)s->id;
    stmi_block_holes(b, s, (ptrdiff_t)((uptr)stmi_view(s, 0)));
    return true;
}

/* Calls fn(s, lo, hi) for each gap between the objects of block b that is worth to be a hole; headers are
 * read at their references + view. */
static void each_gap(size_t b, struct stmi_seg *s, ptrdiff_t view,
                     void (*fn)(struct stmi_seg *s, uptr lo, uptr hi))
{
    struct stmi_heap *h = &stmi_heap;
    uptr begin = h->lo + b * STMI_BLOCK, at = begin + 8, end = begin + STMI_BLOCK - 8;
    for (size_t w = 0; w < STMI_BLOCK_WORDS; w++) {
        uint64_t bits = atomic_load_explicit(&h->start[b * STMI_BLOCK_WORDS + w], memory_order_relaxed);
        for (; bits; bits &= bits - 1) {
            uptr ref = begin + (w * 64 + (size_t)__builtin_ctzl(bits)) * STM_GRANULE;
            if (ref - 8 >= at + STMI_HOLE_MIN)
                fn(s, at, ref - 8);
            at = ref - 8 + stmi_total(((struct stm_header *)(ref - 8 + (uptr)view))->nbytes);
        }
    }
    if (end >= at + STMI_HOLE_MIN) /* end may be below: the last object of a block may end with it */
        fn(s, at, end);
}

static void hole(struct stmi_seg *s, uptr lo, uptr hi)
{
    stmi_push(&s->holes, (struct stmi_hole){lo, hi});
}

/* A hole whose lo has bit 0 set is known to be zero. */
void stmi_block_holes(size_t b, struct stmi_seg *s, ptrdiff_t view)
{
    struct stmi_block *k = &stmi_heap.block[b];
    each_gap(b, s, view, hole);
    if (k->virgin) /* one hole, then */
        s->holes.at[s->holes.n - 1].lo |= 1;
    k->virgin = 0;
}

#if STMI_VIEWS
static void forget(struct stmi_seg *s, uptr lo, uptr hi)
{
    stmi_forget_written(s, lo + 8, hi + 8);
}

/* s, in the middle of a transaction, has block b no more: what was free there of late it may have marked. */
void stmi_block_lost(size_t b, struct stmi_seg *s)
{
    each_gap(b, s, (ptrdiff_t)s->base, forget);
}
#endif

/* ---- start bits */

/* The object that q may point into: the last start at or before q, near enough.  Reads bits only; the
 * caller compares q with the object's size. */
uptr stmi_small_start(uptr q)
{
    size_t g = stmi_granule(q), w = g / 64, first = g / (STMI_BLOCK / STM_GRANULE) * STMI_BLOCK_WORDS;
    uint64_t bits = atomic_load_explicit(&stmi_heap.start[w], memory_order_relaxed) & (~0ul >> (63 - g % 64));
    size_t least =
        w > first + STM_SMALL_MAX / STM_GRANULE / 64 + 1 ? w - STM_SMALL_MAX / STM_GRANULE / 64 - 1 : first;
    while (!bits) {
        if (w == least)
            return 0;
        bits = atomic_load_explicit(&stmi_heap.start[--w], memory_order_relaxed);
    }
    return STM_HEAP_BASE + (w * 64 + 63 - (size_t)__builtin_clzl(bits)) * STM_GRANULE;
}

/* Over the bits of payloads whose headers lie in [lo, hi). */
void stmi_bits_over(_Atomic uint64_t *map, uptr lo, uptr hi, enum stmi_bits op)
{
    size_t g = stmi_granule(lo + 8), end = stmi_granule(hi + 8);
    while (g < end) {
        size_t w = g / 64, n = 64 - g % 64 < end - g ? 64 - g % 64 : end - g;
        uint64_t mask = (n == 64 ? ~0ul : (1ul << n) - 1) << (g % 64);
        uint64_t old = atomic_load_explicit(&map[w], memory_order_relaxed), to = 0;
        if (op == STMI_BITS_START)
            to = atomic_load_explicit(&stmi_heap.start[w], memory_order_relaxed);
        else if (op == STMI_BITS_MARK)
            to = atomic_load_explicit(&stmi_heap.mark[w], memory_order_relaxed);
        if ((old & mask) != (to & mask)) {
            if (map ==
                stmi_heap.malloced) /* only ever cleared here; others may clear bits of other objects */
                atomic_fetch_and_explicit(&map[w], to | ~mask, memory_order_relaxed);
            else
                atomic_store_explicit(&map[w], (old & ~mask) | (to & mask), memory_order_relaxed);
        }
        g += n;
    }
}

/* Puts the bump pointer back into the run it belongs to. */
void stmi_close_run(struct stmi_seg *s, struct stm_self *self)
{
    if (s->runs.n)
        s->runs.at[s->runs.n - 1].top = self->alloc;
}

#if STMI_VIEWS
/* Up to where the holder of s has memory of the run, used or yet to use.  By the holder, or while it is
 * parked. */
uptr stmi_handed_end(const struct stmi_seg *s, size_t run)
{
    return run == s->runs.n - 1 && s->holder ? s->holder->self->alloc_end : s->runs.at[run].top;
}
#endif

/* Sets the start bits of one run.  The headers are a chain of dependent loads; bits are gathered a word at a
 * time. */
static void walk(struct stmi_seg *s, struct stmi_run *r)
{
    uptr at = r->walked;
    size_t word = stmi_granule(at + 8) / 64;
    uint64_t bits = 0;
    while (at < r->top) {
        const struct stm_header *head = stmi_view(s, at);
        stmi_assert(head->nbytes <= STM_SMALL_MAX && head->type_id && head->type_id < stmi_ntypes);
        size_t g = stmi_granule(at + 8);
        if (g / 64 != word) {
            stmi_set_bits(stmi_heap.start, word, bits);
            word = g / 64;
            bits = 0;
        }
        bits |= 1ul << (g % 64);
        at += stmi_total(head->nbytes);
    }
    if (bits)
        stmi_set_bits(stmi_heap.start, word, bits);
    stmi_assert(at == r->top);
    r->walked = r->top;
}

/* Only the last run grows.  A transaction may have thousands, and stm_free comes by here. */
void stmi_walk_runs(struct stmi_seg *s)
{
    for (size_t i = s->runs.n; i-- > s->runs_walked;)
        if (s->runs.at[i].walked < s->runs.at[i].top)
            walk(s, &s->runs.at[i]);
    s->runs_walked = s->runs.n ? s->runs.n - 1 : 0;
}

/* A collection walks a run only when some pointer leads into its block: where none does, all is dead, and no
 * header need be read.  Blocks remember their first run, runs the next one of the block. */
void stmi_link_runs(struct stmi_seg *s)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        struct stmi_run *r = &s->runs.at[i];
        if (r->walked == r->top)
            continue;
        struct stmi_block *b = &stmi_heap.block[stmi_block_of(r->lo)];
        r->next = b->runs;
        b->runs = (uint32_t)i + 1;
    }
}

void stmi_walk_block(struct stmi_seg *s, struct stmi_block *b)
{
    for (uint32_t i = b->runs; i; i = s->runs.at[i - 1].next)
        walk(s, &s->runs.at[i - 1]);
    b->runs = 0;
}

void stmi_unlink_runs(struct stmi_seg *s)
{
    for (size_t i = 0; i < s->runs.n; i++)
        stmi_heap.block[stmi_block_of(s->runs.at[i].lo)].runs = 0;
}

/* Finds the object that q points into, its end included: a pointer one past the end is C, and since headers
 * come first it cannot be the next object's.  Start bits must be up to date where q may point. */
bool stmi_find(uptr q, ptrdiff_t view, struct stmi_object *o)
{
    o->large = NULL;
    if (stmi_in_block(q) && (o->ref = stmi_small_start(q))) {
        o->nbytes = ((struct stm_header *)(o->ref - 8 + (uptr)view))->nbytes;
    } else {
        if (!stmi_in_large(q) || !(o->large = stmi_large_find(q)))
            return false;
        o->ref = o->large->ref;
        o->nbytes = o->large->nbytes;
    }
    return q - o->ref <= o->nbytes;
}

/* Having no mark is not enough: objects of another's commit can be seen a moment before stmi_promote has
 * come to them. */
bool stmi_is_fresh_object(const struct stmi_seg *s, uptr ref)
{
    if (stmi_in_large(ref))
        return stmi_is_fresh(s, ref);
    return atomic_load_explicit(&stmi_heap.block[stmi_block_of(ref)].owner, memory_order_relaxed) == s->id &&
           !stmi_bit(stmi_heap.mark, stmi_granule(ref));
}

bool stmi_is_fresh(const struct stmi_seg *s, uptr r)
{
    if (stmi_in_large(r)) {
        const struct stmi_large *l = stmi_large_find(r);
        return l && l->fresh == s->id;
    }
    for (size_t i = s->runs.n; i-- > 0;)
        if (r - s->runs.at[i].lo < s->runs.at[i].hi - s->runs.at[i].lo)
            return true;
    return false;
}
