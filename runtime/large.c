/* large.c - objects above STM_SMALL_MAX bytes: whole pages, from the top of the heap down.
 *
 * Where there is no room they take adjacent free blocks from small objects (stmi_take_free_blocks), which
 * belong to this space until a major collection finds whole ones free again.  So the heap is not full while
 * enough of it is free in one piece, whatever it was used for.
 *
 * The payload begins 16 bytes into its first page, the header before it.  A table entry per object holds the
 * size; a word per page leads from any pointer to the entry.  Free spans are an address-ordered
 * vector, first fit from the high end, neighbours merged: there are few of them, and seldom searched. */
#include "runtime.h"

#include <errno.h>
#include <sys/mman.h>

struct span {
    uint32_t page, n;
    bool zero;
};

struct stmi_large *stmi_large;
size_t stmi_nlarge;                 /* entries in use or free; heap lock to change */
static uint32_t *page_entry;        /* of each heap page: entry + 1, or 0 */
static uint32_t free_entry;         /* entry + 1 */
static STMI_VEC(struct span) spans; /* sorted by page; heap lock */
static size_t bytes_in_use;

static uptr page_ref(uint32_t page)
{
    return STM_HEAP_BASE + page * STMI_PAGE;
}

void stmi_large_init(void)
{
    size_t pages = (stmi_heap.hi - stmi_heap.lo) / STMI_PAGE;
    page_entry = stmi_reserve(pages * sizeof *page_entry, "the page table");
    stmi_large = stmi_reserve((pages / 2 + 1) * sizeof *stmi_large, "the table of large objects");
}

size_t stmi_large_bytes(void)
{
    return bytes_in_use;
}

struct stmi_large *stmi_large_find(uptr q)
{
    uint32_t e = page_entry[(q - STM_HEAP_BASE) / STMI_PAGE];
    return e && q >= stmi_large[e - 1].ref ? &stmi_large[e - 1] : NULL;
}

/* Takes n pages; *zero tells whether they are known to be clear.  0: none. */
static uint32_t take_pages(uint32_t n, bool *zero)
{
    stmi_assert(stmi_holds(&stmi_heap.lock));
    for (size_t i = spans.n; i-- > 0;) {
        struct span *sp = &spans.at[i];
        if (sp->n < n)
            continue;
        uint32_t page = sp->page + sp->n - n;
        *zero = sp->zero;
        sp->n -= n;
        if (!sp->n)
            memmove(sp, sp + 1, (--spans.n - i) * sizeof *sp);
        return page;
    }
    if (stmi_heap.large_bottom - stmi_heap.small_top < (size_t)n * STMI_PAGE + STMI_BLOCK)
        return 0;
    uptr end = stmi_heap.large_bottom;
    stmi_heap.large_bottom -= (size_t)n * STMI_PAGE;
    *zero = end <= stmi_heap.large_low && stmi_heap.large_bottom >= stmi_heap.small_high;
    if (stmi_heap.large_bottom < stmi_heap.large_low)
        stmi_heap.large_low = stmi_heap.large_bottom;
    return (uint32_t)((stmi_heap.large_bottom - STM_HEAP_BASE) / STMI_PAGE);
}

static void free_pages(struct span f)
{
    stmi_assert(stmi_holds(&stmi_heap.lock));
    size_t i = 0;
    for (size_t hi = spans.n; i < hi;) { /* the first span after f */
        size_t mid = (i + hi) / 2;
        if (spans.at[mid].page < f.page)
            i = mid + 1;
        else
            hi = mid;
    }
    struct span *next = i < spans.n ? &spans.at[i] : NULL, *prev = i ? &spans.at[i - 1] : NULL;
    if (prev && prev->page + prev->n == f.page) {
        prev->n += f.n;
        prev->zero &= f.zero;
        if (next && prev->page + prev->n == next->page) {
            prev->n += next->n;
            prev->zero &= next->zero;
            memmove(next, next + 1, (--spans.n - i) * sizeof *next);
        }
    } else if (next && f.page + f.n == next->page) {
        next->page = f.page;
        next->n += f.n;
        next->zero &= f.zero;
    } else {
        stmi_push(&spans, f);
        memmove(&spans.at[i + 1], &spans.at[i], (spans.n - 1 - i) * sizeof f);
        spans.at[i] = f;
    }
}

enum { BLOCK_PAGES = STMI_BLOCK / STMI_PAGE };

/* As take_pages.  What is left of the last block is for others. */
static uint32_t take_block_pages(uint32_t n, bool *zero)
{
    size_t blocks = (n + BLOCK_PAGES - 1) / BLOCK_PAGES, b = stmi_take_free_blocks(blocks, zero);
    if (!b)
        return 0;
    uint32_t page = (uint32_t)(b * BLOCK_PAGES), rest = (uint32_t)(blocks * BLOCK_PAGES) - n;
    if (rest)
        free_pages((struct span){page + n, rest, *zero});
    return page;
}

/* World stopped, swept: blocks that are free again go back to small objects. */
static void return_blocks(void)
{
    uint32_t top = (uint32_t)((stmi_heap.small_top - STM_HEAP_BASE) / STMI_PAGE);
    for (size_t i = 0; i < spans.n && spans.at[i].page < top;) {
        struct span s = spans.at[i];
        uint32_t end = s.page + s.n, lo = (s.page + BLOCK_PAGES - 1) / BLOCK_PAGES,
                 hi = (end < top ? end : top) / BLOCK_PAGES;
        if (lo >= hi) {
            i++;
            continue;
        }
        for (uint32_t b = lo; b < hi; b++) {
            stmi_heap.block[b].virgin = s.zero;
            stmi_pool_add_free(b);
        }
        memmove(&spans.at[i], &spans.at[i + 1], (--spans.n - i) * sizeof s);
        if (s.page < lo * BLOCK_PAGES)
            free_pages((struct span){s.page, lo * BLOCK_PAGES - s.page, s.zero});
        if (hi * BLOCK_PAGES < end)
            free_pages((struct span){hi * BLOCK_PAGES, end - hi * BLOCK_PAGES, s.zero});
        i = 0;
    }
}

uptr stmi_large_new(struct stmi_seg *s, size_t n, unsigned type_id)
{
    if (n >= stmi_heap.hi - stmi_heap.lo)
        return 0;
    uint32_t npages = (uint32_t)((n + STM_GRANULE + STMI_PAGE - 1) / STMI_PAGE);
    bool zero = false;
    pthread_mutex_lock(&stmi_heap.lock);
    uint32_t page = take_pages(npages, &zero);
    if (!page)
        page = take_block_pages(npages, &zero);
    if (!page) {
        pthread_mutex_unlock(&stmi_heap.lock);
        return 0;
    }
    uint32_t e = free_entry;
    if (e)
        free_entry = stmi_large[e - 1].next;
    else
        e = (uint32_t)++stmi_nlarge;
    struct stmi_large *l = &stmi_large[e - 1];
    uptr ref = page_ref(page) + STM_GRANULE;
    *l = (struct stmi_large){
        .ref = ref, .nbytes = n, .page = page, .npages = npages, .fresh = (unsigned char)s->id};
    for (uint32_t i = 0; i < npages; i++)
        page_entry[page + i] = e;
    bytes_in_use += npages * STMI_PAGE;
    pthread_mutex_unlock(&stmi_heap.lock);
    stmi_push(&s->new_large, e - 1);
#if STMI_VIEWS
    stmi_privatise(s, ref - 8, n + 8);
    for (uptr g = ref; g < ref + n; g += STM_GRANULE)
        *stmi_w_marker(s, g) = s->version;
#endif
    if (!zero)
        memset(stmi_view(s, ref), 0, n);
    *(struct stm_header *)stmi_view(s, ref - 8) = (struct stm_header){type_id, STM_LARGE};
    return ref;
}

/* By the owner of a fresh object, or with the world stopped. */
void stmi_large_drop(struct stmi_large *l)
{
#if STMI_VIEWS
    if (l->fresh)
        stmi_forget_written(&stmi_segs[l->fresh], l->ref, l->ref + l->nbytes);
#endif
    pthread_mutex_lock(&stmi_heap.lock);
    for (uint32_t i = 0; i < l->npages; i++)
        page_entry[l->page + i] = 0;
    bytes_in_use -= l->npages * STMI_PAGE;
    free_pages((struct span){l->page, l->npages, false});
    l->ref = 0;
    l->next = free_entry;
    free_entry = (uint32_t)(l - stmi_large) + 1;
    pthread_mutex_unlock(&stmi_heap.lock);
}

/* World stopped, marks complete: unmarked objects die.  Fresh ones were marked as roots. */
void stmi_large_sweep(void)
{
    for (size_t i = 0; i < stmi_nlarge; i++) {
        struct stmi_large *l = &stmi_large[i];
        if (l->ref && !l->marked)
            stmi_large_drop(l);
        l->marked = false;
    }
    pthread_mutex_lock(&stmi_heap.lock);
    return_blocks();
    pthread_mutex_unlock(&stmi_heap.lock);
}

/* World stopped, swept.  The highest stay: they are taken first. */
void stmi_large_back(size_t *keep, bool emergency)
{
    for (size_t i = spans.n; i-- > 0;) {
        struct span *sp = &spans.at[i];
        size_t n = (size_t)sp->n * STMI_PAGE;
        if (sp->zero || n < STMI_BLOCK)
            continue;
        if (*keep >= n)
            *keep -= n;
        else
            sp->zero = stmi_pages_back(page_ref(sp->page), n);
    }
    size_t first = 0;
    while (first < spans.n && page_ref(spans.at[first].page) < stmi_heap.large_bottom)
        first++;
    if (first < spans.n && page_ref(spans.at[first].page) == stmi_heap.large_bottom &&
        (spans.at[first].zero || emergency)) {
        struct span low = spans.at[first]; /* the lowest pages may become blocks */
        bool zero = low.zero || stmi_pages_back(page_ref(low.page), low.n * STMI_PAGE);
        if (zero && stmi_heap.large_low == stmi_heap.large_bottom)
            stmi_heap.large_low += low.n * STMI_PAGE;
        stmi_heap.large_bottom += low.n * STMI_PAGE;
        memmove(&spans.at[first], &spans.at[first + 1], (--spans.n - first) * sizeof *spans.at);
    }
}

#ifdef UNGIL_DEBUG
static bool is_ours(uint32_t page)
{
    return stmi_in_large(page_ref(page));
}

/* World stopped.  Pages from large_bottom on, and of blocks that were taken, belong to an object or to a
 * free span, each to one. */
void stmi_large_verify(const char *when)
{
    size_t pages = 0, in_use = 0;
    for (size_t i = 0; i < stmi_nlarge; i++) {
        const struct stmi_large *l = &stmi_large[i];
        if (!l->ref)
            continue;
        STMI_ENSURE(when, l->ref == page_ref(l->page) + STM_GRANULE);
        STMI_ENSURE(when, (l->nbytes + STM_GRANULE + STMI_PAGE - 1) / STMI_PAGE == l->npages &&
                              l->fresh <= stmi_nseg);
        for (uint32_t k = 0; k < l->npages; k++)
            STMI_ENSURE(when, page_entry[l->page + k] == i + 1 && is_ours(l->page + k));
        pages += l->npages;
    }
    in_use = pages;
    for (size_t i = 0; i < spans.n; i++) {
        const struct span *f = &spans.at[i];
        STMI_ENSURE(when, f->n);
        STMI_ENSURE(when, !i || f[-1].page + f[-1].n < f->page); /* in order, neighbours merged */
        for (uint32_t k = 0; k < f->n; k++)
            STMI_ENSURE(when, !page_entry[f->page + k] && is_ours(f->page + k));
        pages += f->n;
    }
    size_t ours = stmi_heap.hi - stmi_heap.large_bottom;
    for (size_t b = 0; b < stmi_blocks(); b++)
        ours += stmi_heap.block[b].owner == STMI_OWNER_LARGE ? STMI_BLOCK : 0;
    STMI_ENSURE(when, pages * STMI_PAGE == ours && in_use * STMI_PAGE == bytes_in_use);
}
#endif
