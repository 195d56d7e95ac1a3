/* log.c - the commit log: a lock-free list of what was committed, in order.
 *
 * An entry is appended by a compare-and-swap of the tail's null `next`; whoever appends has applied all
 * entries before, so the list is a serial order of the transactions.  Each segment keeps its place (`last`)
 * and copies newer entries into its view.  Applying is a memcpy of each modified unit; ranges of new objects
 * are in the shared view already, and are copied only where this view has its own copy of the page.
 *
 * Memory: each segment cuts its entries from chunks.  A chunk is used again when every live segment has gone
 * past its last entry, so the entries that are being read stay in the cache; if a transaction that goes on
 * for long holds that up, a major collection, which brings all views to the tail, makes an end.  A free
 * segment would pin the log: when a committer has too much outstanding it advances free segments itself, and
 * after some rounds of that gives them up as *stale*: nobody keeps their views any more, and whoever takes
 * one has it rebuilt first (major.c).  When only one segment is not stale, nobody reads the log and nothing
 * is written to it (stmi_solo). */
#include "runtime.h"

#if STMI_VIEWS

static struct stmi_entry root;

void stmi_log_init(void)
{
    for (int i = 1; i <= stmi_nseg; i++)
        stmi_segs[i].last = &root;
}

bool stmi_solo(void)
{
    return atomic_load_explicit(&stmi_world.nlive, memory_order_relaxed) == 1;
}

/* ---- reading */

static bool marked(const unsigned short *m, const unsigned short *end, unsigned short v)
{
    for (; m <= end; m++)
        if (*m == v)
            return true;
    return false;
}

/* Does a commit of e end a transaction that has marked what it has?  Whoever wrote marked as read, too. */
static enum stmi_abort conflict(struct stmi_seg *s, const struct stmi_entry *e, unsigned short v)
{
    for (const struct stmi_unit *u = e->unit, *end = u + e->nmod; u < end; u++)
        if (*stmi_r_marker(s, u->owner) == v ||
            marked(stmi_r_marker(s, u->ref), stmi_r_marker(s, u->ref + (u->size ? u->size - 1 : 0)), v)) {
            s->met = e;
            s->met_unit = u;
            return *stmi_w_marker(s, u->ref) == v ? STMI_ABORT_WRITE : STMI_ABORT_READ;
        }
    return STMI_ABORT_NONE;
}

static void apply(struct stmi_seg *s, const struct stmi_entry *e)
{
    const char *data = (const char *)&e->unit[e->nmod + e->nnew];
    const struct stmi_unit *u = e->unit;
    for (const struct stmi_unit *end = u + e->nmod; u < end; u++) {
        stmi_privatise(s, u->ref, u->size ? u->size : 1);
        memcpy(stmi_view(s, u->ref), data + u->off, u->size);
    }
    for (const struct stmi_unit *end = u + e->nnew; u < end; u++)
        for (uptr a = u->ref, b = a + u->size, next; a < b; a = next) {
            next = (a & ~(STMI_PAGE - 1)) + STMI_PAGE;
            if (next > b)
                next = b;
            if (s->priv[stmi_page_index(a)])
                memcpy(stmi_view(s, a), stmi_shared(a), next - a);
        }
    if (s->holder)
        s->holder->stats.applied += e->nmod;
}

enum stmi_abort stmi_advance(struct stmi_seg *s, unsigned short version)
{
    for (;;) {
        struct stmi_entry *e = atomic_load_explicit(&s->last->next, memory_order_acquire);
        if (stm_likely(!e || e == STMI_INEVITABLE))
            return STMI_ABORT_NONE;
        if (version) {
            enum stmi_abort why = conflict(s, e, version);
            if (why)
                return why;
        }
        apply(s, e);
        s->last = e;
        atomic_store_explicit(&s->seq, e->seq, memory_order_release);
    }
}

/* ---- memory for entries */

/* Entries before this number are not read any more, nor is their next pointer. */
static uint64_t passed_by_all(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 1; i <= stmi_nseg; i++)
        if (!stmi_segs[i].stale) {
            uint64_t q = atomic_load_explicit(&stmi_segs[i].seq, memory_order_acquire);
            if (q < least)
                least = q;
        }
    return least;
}

static void goes_stale(struct stmi_seg *s)
{
    stmi_assert(stmi_holds(&stmi_world.lock) && !s->busy);
    s->stale = true;
    atomic_fetch_sub(&stmi_world.nlive, 1);
    stmi_drop_private(s);
}

static void advance_free_segments(void)
{
    pthread_mutex_lock(&stmi_world.lock);
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (s->holder)
            stmi_reclaim(s->holder);
        if (s->busy || s->stale)
            continue;
        if (s->idle_rounds++ < STMI_IDLE_ROUNDS)
            stmi_advance(s, 0);
        else
            goes_stale(s);
    }
    pthread_mutex_unlock(&stmi_world.lock);
}

/* Takes the oldest chunk that is large enough and that all have passed out of the list. */
static struct stmi_chunk *reusable(struct stmi_seg *s, size_t need)
{
    uint64_t passed = passed_by_all();
    for (struct stmi_chunk **at = &s->chunk_first, *c;
         (c = *at) && c != s->chunk_last && c->last_seq < passed; at = &c->next)
        if (c->size >= need) {
            *at = c->next;
            return c;
        }
    return NULL;
}

/* Large entries have chunks of their own, in few sizes: so one that is passed fits the next.  What the log
 * takes for good counts as if it had been allocated and survived: when it is as much as a major collection
 * is for, that comes, and the log begins anew. */
static struct stmi_chunk *more_chunks(struct stmi_seg *s, size_t need)
{
    size_t size = STMI_LOG_CHUNK;
    while (size < need)
        size *= 2;
    struct stmi_chunk *c = malloc(sizeof *c + size);
    if (!c)
        stmi_no_memory("the commit log");
    c->size = size;
    s->chunk_bytes += size;
    if (s->chunk_bytes > STMI_LOG_SLACK)
        atomic_fetch_add_explicit(&stmi_heap.promoted, size, memory_order_relaxed);
    return c;
}

static struct stmi_chunk *new_chunk(struct stmi_seg *s, size_t need)
{
    struct stmi_chunk *c = reusable(s, need);
    if (!c && s->chunk_bytes > STMI_LOG_SLACK) {
        advance_free_segments();
        c = reusable(s, need);
    }
    if (!c)
        c = more_chunks(s, need);
    c->next = NULL;
    c->used = 0;
    c->last_seq = 0;
    if (s->chunk_last)
        s->chunk_last->next = c;
    else
        s->chunk_first = c;
    return s->chunk_last = c;
}

/* Room for an entry, at the end of the segment's last chunk; in use once it is appended. */
struct stmi_entry *stmi_entry_new(struct stmi_seg *s, size_t bytes)
{
    bytes = (bytes + 15) & ~15ul;
    struct stmi_chunk *c = s->chunk_last;
    if (!c || c->size - c->used < bytes)
        c = new_chunk(s, bytes);
    struct stmi_entry *e = (struct stmi_entry *)((char *)(c + 1) + c->used);
    s->entry_was = c->used;
    c->used += bytes;
    c->last_seq = UINT64_MAX; /* until stmi_entry_done */
    return e;
}

/* e has its number: from when on its chunk may be used again. */
void stmi_entry_done(struct stmi_seg *s, const struct stmi_entry *e)
{
    s->chunk_last->last_seq = e->seq;
}

void stmi_entry_cancel(struct stmi_seg *s, const struct stmi_entry *e)
{
    (void)e;
    s->chunk_last->used = s->entry_was;
    s->chunk_last->last_seq = s->last->seq; /* at least any of its entries' */
}

/* World stopped, all live views at the tail: the log begins anew. */
void stmi_log_reset(void)
{
    uint64_t seq = 0;
    for (int i = 1; i <= stmi_nseg; i++)
        if (!stmi_segs[i].stale && stmi_segs[i].seq > seq)
            seq = stmi_segs[i].seq;
    root.seq = seq;
    atomic_store(&root.next, stmi_inevitable_thread ? STMI_INEVITABLE : NULL);
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        s->last = &root;
        s->seq = seq;
        while (s->chunk_first && s->chunk_first != s->chunk_last) {
            struct stmi_chunk *c = s->chunk_first;
            s->chunk_first = c->next;
            s->chunk_bytes -= c->size;
            free(c);
        }
        if (s->chunk_last)
            s->chunk_last->used = 0;
    }
}

#endif
