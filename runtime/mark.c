/* mark.c - tracing: from a word to an object, from an object to its words.
 *
 * One marker serves three collections, told apart by two fields.  `young` restricts it to the fresh objects
 * of one segment: fresh means start bit without mark bit, so an old object looks as if it were marked
 * already, and the trace stops there of itself (sticky marks).  `view` says where contents are read.
 *
 * Words are tried as they are, and as each registered kind of tagged word; a pointer to any byte of an
 * object, or to its end, keeps it.  Pending objects are on an explicit stack: C recursion is not bounded by
 * anything the user knows.  In a major collection several markers may work at once (markers.c): whoever sets
 * an object's mark has it.
 *
 * A major collection waits for memory most of the time, so it does not try a word at once, but fetches where
 * it leads to, and comes back to it some words later (Cher, Hosking and Vitek, ASPLOS 2004).  What is young
 * is in the cache. */
#include "runtime.h"

static inline bool has_refs(unsigned type_id)
{
    return !(stmi_types[type_id]->flags & STM_TYPE_NO_REFS);
}

static inline void pend(struct stmi_marker *m, uptr ref)
{
    stmi_push(m->pending, ref);
    if (stm_unlikely(m->live && m->pending->n % 4096 == 0)) /* in the midst of a large object, say */
        stmi_mark_share(m);
}

static void mark_large(struct stmi_marker *m, uptr w)
{
    struct stmi_large *l = stmi_large_find(w);
    if (!l || w - l->ref > l->nbytes || l->marked)
        return;
    if (m->young && l->fresh != m->young->id)
        return;
    if (m->live ? __atomic_exchange_n(&l->marked, true, __ATOMIC_RELAXED) : false)
        return;
    l->marked = true;
    m->bytes += l->nbytes;
    if (has_refs(((struct stm_header *)(l->ref - 8 + (uptr)m->view))->type_id))
        pend(m, l->ref);
}

static inline void mark_now(struct stmi_marker *m, uptr w)
{
    if (!stmi_in_block(w)) {
        if (stmi_in_large(w))
            mark_large(m, w);
        return;
    }
    struct stmi_block *b = &stmi_heap.block[stmi_block_of(w)];
    int owner = atomic_load_explicit(&b->owner, memory_order_relaxed);
    if (stm_unlikely(owner == STMI_OWNER_LARGE)) {
        mark_large(m, w);
        return;
    }
    if (m->young && owner != m->young->id)
        return;
    if (stm_unlikely(b->runs))
        stmi_walk_block(m->young ? m->young : &stmi_segs[1], b);
    uptr ref = stmi_small_start(w);
    if (!ref)
        return;
    size_t g = stmi_granule(ref);
    if (stmi_bit(stmi_heap.mark, g))
        return;
    const struct stm_header *h = (struct stm_header *)(ref - 8 + (uptr)m->view);
    if (w - ref > h->nbytes)
        return;
    size_t total = stmi_total(h->nbytes);
    if (m->live) {
        uint64_t bit = 1ul << (g % 64);
        if (atomic_fetch_or_explicit(&stmi_heap.mark[g / 64], bit, memory_order_relaxed) & bit)
            return;
        m->live[stmi_block_of(ref)] += (uint32_t)total;
    } else {
        stmi_set_bit(stmi_heap.mark, g);
        if (!m->young)
            b->live += (uint32_t)total;
    }
    m->bytes += total;
    if (has_refs(h->type_id))
        pend(m, ref);
}

static inline void mark_address(struct stmi_marker *m, uptr w)
{
    if (w - STM_HEAP_BASE >= stmi_heap.hi - STM_HEAP_BASE)
        return;
    if (m->young) {
        mark_now(m, w);
        return;
    }
    __builtin_prefetch((void *)(w - 8 + (uptr)m->view));
    uptr before = m->ahead[m->at];
    m->ahead[m->at] = w;
    m->at = (m->at + 1) % STMI_MARK_AHEAD;
    if (before)
        mark_now(m, before);
}

bool stmi_mark_more(struct stmi_marker *m)
{
    for (unsigned i = 0; i < STMI_MARK_AHEAD && !m->pending->n; i++) {
        uptr w = m->ahead[m->at];
        m->ahead[m->at] = 0;
        m->at = (m->at + 1) % STMI_MARK_AHEAD;
        if (w)
            mark_now(m, w);
    }
    return m->pending->n;
}

void stmi_mark_word(struct stmi_marker *m, uptr w)
{
    mark_address(m, w);
    for (int i = 0; i < stmi_ntags; i++)
        if ((w & ~stmi_tags[i].mask) == stmi_tags[i].tag)
            mark_address(m, w & stmi_tags[i].mask);
}

/* Stacks and thread-locals too, which AddressSanitizer thinks it owns; and a thread in STM_BLOCKING goes on
 * writing to its own, whose words are only asked whether they look like references: so ThreadSanitizer would
 * report it. */
__attribute__((no_sanitize_address, no_sanitize_thread)) void stmi_mark_range(struct stmi_marker *m,
                                                                              const void *lo, const void *hi)
{
    for (const uptr *p = (const uptr *)(((uptr)lo + 7) & ~7ul); p + 1 <= (const uptr *)hi; p++)
        stmi_mark_word(m, *p);
}

static inline bool is_ref_word(const unsigned long *words, size_t i)
{
    return words[i / 64] >> (i % 64) & 1;
}

/* The words of one unit, as the type's map has them from bit `first` on. */
static const uptr *mark_unit(struct stmi_marker *m, const unsigned long *words, size_t first, size_t n,
                             const uptr *p, const uptr *end)
{
    for (size_t i = 0; i < n && p < end; i++, p++)
        if (is_ref_word(words, first + i))
            stmi_mark_word(m, *p);
    return p;
}

/* nbytes of contents at the real address `at`, by the map of their type. */
void stmi_mark_typed(struct stmi_marker *m, const struct stm_type *type, const void *at, size_t nbytes)
{
    if (!type || type->flags & STM_TYPE_CONSERVATIVE) {
        stmi_mark_range(m, at, (const char *)at + nbytes);
        return;
    }
    if (type->flags & STM_TYPE_NO_REFS)
        return;
    const uptr *p = at, *end = p + nbytes / 8;
    p = mark_unit(m, type->words, 0, type->head_words, p, end);
    while (type->tail_words && p < end)
        p = mark_unit(m, type->words, type->head_words, type->tail_words, p, end);
}

/* The same of memory that threads outside the zone, and signal handlers, may be writing to. */
__attribute__((no_sanitize_thread)) void stmi_mark_outside(struct stmi_marker *m, const struct stm_type *type,
                                                           const void *at, size_t nbytes)
{
    if (!type || type->flags & STM_TYPE_CONSERVATIVE || (uptr)at % 8) {
        stmi_mark_range(m, at, (const char *)at + nbytes);
        return;
    }
    size_t head = type->head_words, tail = type->tail_words;
    const volatile uptr *p = at;
    for (size_t i = 0; i < nbytes / 8 && (i < head || tail); i++)
        if (is_ref_word(type->words, i < head ? i : head + (i - head) % tail))
            stmi_mark_word(m, p[i]);
}

void stmi_mark_contents(struct stmi_marker *m, uptr ref, size_t nbytes, ptrdiff_t view)
{
    const struct stm_header *h = (struct stm_header *)(ref - 8 + (uptr)view);
    stmi_assert(h->type_id && h->type_id < stmi_ntypes);
    stmi_mark_typed(m, stmi_types[h->type_id], (void *)(ref + (uptr)view), nbytes);
}

void stmi_mark_object(struct stmi_marker *m, uptr ref)
{
    size_t nbytes = ((struct stm_header *)(ref - 8 + (uptr)m->view))->nbytes;
    if (nbytes == STM_LARGE)
        nbytes = stmi_large_find(ref)->nbytes;
    stmi_mark_contents(m, ref, nbytes, m->view);
}

void stmi_mark_drain(struct stmi_marker *m)
{
    while (m->pending->n || stmi_mark_more(m))
        stmi_mark_object(m, m->pending->at[--m->pending->n]);
}
