/* verify.c - the heap's invariants, checked in debug builds at each major collection, world stopped.
 *
 * After mimalloc's habit of executable invariants: a wrong state is found where it arises. */
#include "runtime.h"

#ifdef UNGIL_DEBUG

#define ENSURE(x) ((x) ? (void)0 : (stmi_warn("heap verifier, %s", when), stmi_broken(#x, __FILE__, __LINE__)))

static void verify_runs(const struct stmi_seg *s, const char *when)
{
    for (size_t i = 0; i < s->runs.n; i++) {
        const struct stmi_run *r = &s->runs.at[i];
        bool last = i == s->runs.n - 1;
        ENSURE(i >= s->runs_walked || r->walked == r->top);
        uptr top = last && s->holder ? s->holder->self->alloc : r->top;
        ENSURE(r->lo % 16 == 8 && r->hi % 16 == 8 && r->lo <= r->walked && r->walked <= top && top <= r->hi);
        ENSURE(stmi_block_of(r->lo) == stmi_block_of(r->hi));
        ENSURE(r->lo == r->hi || stmi_heap.block[stmi_block_of(r->lo)].owner == s->id);
    }
    for (size_t i = 0; i < s->holes.n; i++) {
        uptr lo = s->holes.at[i].lo & ~1ul, hi = s->holes.at[i].hi;
        ENSURE(lo % 16 == 8 && hi % 16 == 8 && hi >= lo + STMI_HOLE_MIN && stmi_block_of(lo) == stmi_block_of(hi));
        ENSURE(stmi_heap.block[stmi_block_of(lo)].owner == s->id);
        for (size_t g = stmi_granule(lo + 8); g < stmi_granule(hi + 8); g++)
            ENSURE(!stmi_bit(stmi_heap.start, g));
    }
}

static void verify_block(size_t b, const char *when)
{
    for (size_t w = b * STMI_BLOCK_WORDS; w < (b + 1) * STMI_BLOCK_WORDS; w++)
        ENSURE(!(stmi_heap.mark[w] & ~stmi_heap.start[w]));
}

void stmi_verify(const char *when)
{
    for (int i = 1; i <= stmi_nseg; i++)
        verify_runs(&stmi_segs[i], when);
    for (size_t b = 0; b < stmi_blocks(); b++)
        verify_block(b, when);
    ENSURE(stmi_world.running == 1 && stmi_world.stopping);
}

#else

void stmi_verify(const char *when) { (void)when; }

#endif
