/* roots.c - where references live outside the heap.
 *
 * A thread's C stack and registers, its thread-local variables, its private ranges, and what its transaction
 * would restore on abort; the program's statics; what was given to a thread that does not run yet, and what
 * one that has ended left for pthread_join.  All but typed statics are scanned conservatively.
 *
 * Variables that stay outside of transactions (struct stm_root) may hold references of any age: the writer is
 * inevitable, or used an atomic built-in, but has not committed yet.  So young collections look there, too.
 * An aborted transaction may have left the address of what it allocated: a word like any other that leads
 * nowhere, or to what came to lie there. */
#include "runtime.h"

/* ---- one thread */

/* t->sp must be set.  snapshot: also what an abort would bring back. */
void stmi_roots_thread(struct stmi_marker *m, struct stmi_thread *t, bool snapshot)
{
    if (t->sp && t->sp < t->base)
        stmi_mark_range(m, t->sp, t->base);
    if (!t->seg)
        stmi_mark_range(m, t->outside, (char *)t->outside + t->outside_n);
    for (int i = 0; i < t->ntls; i++) {
        uptr lo = t->tls[i].lo, hi = t->tls[i].hi, self = (uptr)t->self;
        if (self - lo < hi - lo) { /* the bump pointer is no reference */
            stmi_mark_range(m, (void *)lo, (void *)self);
            lo = self + sizeof *t->self;
        }
        stmi_mark_range(m, (void *)lo, (void *)hi);
    }
    if (t->private_roots.n)
        stmi_private_roots(m, t, snapshot);
    stmi_roots_starts(m, t);
    for (size_t i = 0; i < t->specifics.n; i++)
        stmi_mark_word(m, (uptr)t->specifics.at[i].value);
    stmi_mark_word(m, (uptr)t->result);
    if (stm_unlikely(t->pending))
        stmi_later_roots(m, t, snapshot);
    if (!snapshot)
        return;
    stmi_mark_range(m, t->snapshot, t->snapshot + t->snapshot_n);
#if STMI_VIEWS
    stmi_tls_roots(m, t);
#endif
}

/* ---- results of threads that ended.  pthread_join is not ours to see, but the C library gives a pthread_t
 * out again only after the thread was joined or detached: so a result is kept until then. */

struct result {
    pthread_t id;
    void *value;
};
static STMI_VEC(struct result) results; /* world lock */

void stmi_root_result_forget(pthread_t id)
{
    for (size_t i = 0; i < results.n; i++)
        if (pthread_equal(results.at[i].id, id)) {
            results.at[i] = results.at[--results.n];
            return;
        }
}

void stmi_root_result(pthread_t id, void *value)
{
    stmi_root_result_forget(id);
    if (value)
        stmi_push(&results, (struct result){id, value});
}

/* ---- what belongs to no thread */

extern const struct stm_root __start_ungil_roots[] __attribute__((weak, visibility("hidden")));
extern const struct stm_root __stop_ungil_roots[] __attribute__((weak, visibility("hidden")));

void stmi_roots_outside(struct stmi_marker *m)
{
    const char *p = (const char *)__start_ungil_roots, *end = (const char *)__stop_ungil_roots;
    while (p && p + sizeof(struct stm_root) <= end) {
        const struct stm_root *r = (const void *)p;
        if (!r->addr) { /* a gap, as in statics.c */
            p += 8;
            continue;
        }
        stmi_mark_outside(m, r->type, r->addr, r->size);
        p += sizeof *r;
    }
}

/* ---- ... and is old, all of it */

static void mark_malloced_block(struct stmi_marker *m, size_t b)
{
    size_t first = b * STMI_BLOCK_WORDS;
    for (size_t w = first; w < first + STMI_BLOCK_WORDS; w++) {
        uint64_t bits = atomic_load_explicit(&stmi_heap.malloced[w], memory_order_relaxed);
        for (; bits; bits &= bits - 1)
            stmi_mark_word(m, STM_HEAP_BASE + (w * 64 + (size_t)__builtin_ctzl(bits)) * STM_GRANULE);
    }
}

void stmi_roots_globals(struct stmi_marker *m, ptrdiff_t statics_view)
{
    for (size_t i = 0; i < stmi_nstatics; i++) {
        const struct stm_static *s = stmi_statics[i];
        stmi_mark_typed(m, s->type, (const char *)s->addr + statics_view, s->size);
    }
    stmi_roots_outside(m);
    stmi_roots_starts(m, NULL);
    stmi_endings_roots(m);
    for (size_t i = 0; i < results.n; i++)
        stmi_mark_word(m, (uptr)results.at[i].value);
    for (size_t b = 0, n = stmi_blocks(); b < n; b++)
        if (stmi_heap.block[b].malloced)
            mark_malloced_block(m, b);
    for (size_t i = 0; i < stmi_nlarge; i++)
        if (stmi_large[i].ref && atomic_load_explicit(&stmi_large[i].malloced, memory_order_relaxed))
            stmi_mark_word(m, stmi_large[i].ref);
}
