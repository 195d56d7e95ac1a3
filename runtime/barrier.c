/* barrier.c - the slow paths of read and write barriers, and the classification of other writes.
 *
 * A write barrier's slow path runs once for each unit and transaction: it finds the unit that an address
 * belongs to, backs it up, logs it, and sets both markers over all its granules, so that the inline check
 * passes from then on, wherever in the unit it looks.  Units are: a small object or a static object, whole;
 * cards of a large object; single granules of other statics.
 *
 * A counted loop's elements are one range: see stm_wr_span.  Where its ends are in doubt it is the whole
 * object, and never more.
 *
 * A range longer than a granule may span units of which only some are written; the inline check looks at
 * both ends, which is enough for two cards, and sends long ranges on statics here each time. */
#include "runtime.h"

#include <errno.h>

#if STMI_VIEWS

static void __attribute__((noinline)) more_backup(struct stmi_seg *s, size_t n)
{
    while (s->backup_n + n > s->backup_cap)
        s->backup = stmi_grow(s->backup, &s->backup_cap, 1);
}

/* Logs [ref, ref+n) of the object or static `owner`; markers cover whole granules. */
static void log_unit(struct stmi_seg *s, uptr ref, size_t n, uptr owner)
{
    size_t room = (n + 7) & ~7ul;
    if (stm_unlikely(s->backup_n + room > s->backup_cap))
        more_backup(s, room);
    stmi_push(&s->units, (struct stmi_unit){ref, owner, (uint32_t)n, (uint32_t)s->backup_n});
    memcpy(s->backup + s->backup_n, stmi_view(s, ref), n);
    s->backup_n += room;
    s->mod_bytes += n;
    s->work += 64 + n / 8;
    stmi_privatise(s, ref, n ? n : 1);
    unsigned short *r = stmi_r_marker(s, ref), *w = stmi_w_marker(s, ref),
                   *end = stmi_r_marker(s, ref + (n ? n - 1 : 0));
    for (; r <= end; r++, w++)
        *r = *w = s->version;
}

static inline bool is_written(struct stmi_seg *s, uptr r)
{
    return *stmi_w_marker(s, r) == s->version;
}

/* Addresses [lo, hi), as far as they lie in what holds `in`. */
struct range {
    uptr in, lo, hi;
};

static struct range range_from(uptr r, size_t n)
{
    return (struct range){r, r, n < -r ? r + n : ~0ul};
}

static struct range within(struct range r, uptr lo, uptr hi)
{
    return (struct range){r.in, r.lo > lo ? r.lo : lo, r.hi < hi ? r.hi : hi};
}

static struct stmi_object object_at(struct stmi_thread *t, struct stmi_seg *s, uptr r, const char *what)
{
    struct stmi_object o;
    if (!stmi_find(r, (ptrdiff_t)s->base, &o)) {
        stmi_close_run(s,
                       t->self); /* fresh memory passes the inline check; a fault in that would show here */
        stmi_walk_runs(s);
        if (!stmi_find(r, (ptrdiff_t)s->base, &o))
            stmi_die("%s %p, which is no object (freed, or never allocated)", what, (void *)r);
    }
    return o;
}

/* One object of the heap, or the cards of it that overlap r. */
static void write_heap(struct stmi_thread *t, struct stmi_seg *s, struct range r)
{
    struct stmi_object o = object_at(t, s, r.in, "write to");
    if (!o.large) {
        if (!is_written(s, o.ref))
            log_unit(s, o.ref, o.nbytes, o.ref);
        return;
    }
    uptr end = o.ref + o.nbytes;
    r = within(r, o.ref, end);
    for (uptr c = r.lo - (r.lo - o.ref) % STM_CARD; c < r.hi; c += STM_CARD)
        if (!is_written(s, c))
            log_unit(s, c, end - c < STM_CARD ? end - c : STM_CARD, o.ref);
}

static void write_static(struct stmi_seg *s, const struct stm_static *st, struct range r)
{
    uptr lo = (uptr)st->addr;
    if (st->flags & STM_STATIC_OBJECT) {
        if (!is_written(s, lo))
            log_unit(s, lo, (st->size + 15) & ~15ul, lo);
        return;
    }
    r = within(r, lo, lo + st->size);
    for (uptr g = r.lo & ~15ul; g < r.hi; g += STM_GRANULE)
        if (!is_written(s, g))
            log_unit(s, g, STM_GRANULE, g);
}

/* r.in: a reference or null. */
static void write_barrier(struct stmi_thread *t, struct range r)
{
    if (stm_unlikely(!t || !t->seg))
        stmi_die("write to an object outside the zone (between stm_thread_leave and stm_thread_enter, or in "
                 "STM_BLOCKING)");
    stmi_not_in_handler(t, "write to an object");
    struct stmi_seg *s = t->seg;
    if (r.in - STM_HEAP_BASE < STM_HEAP_MAX) {
        write_heap(t, s, r);
    } else {
        const struct stm_static *st = stmi_static_find(r.in);
        if (st)
            write_static(s, st, r);
        else if (r.in >= STMI_NULL_SPAN) /* else null: the access itself faults */
            stmi_die("write barrier on %p, which is no reference", (void *)r.in);
    }
    if (stmi_work(s, t->self) >= t->target)
        stmi_ask_self(t, STMI_POLL_BREAK);
}

/* site: the program's, for the conflict log. */
static inline void write_range_from(struct range r, const void *site)
{
    write_barrier(stmi_me, r);
    if (stmi_logging())
        stmi_events_wrote(stmi_me, site);
}

static inline void write_from(uptr r, size_t n, const void *site)
{
    write_range_from(range_from(r, n), site);
}

void stmi_write_from(uptr r, size_t n, const void *site)
{
    write_from(r, n, site);
}

/* Write barrier on [r, r+n), n <= 128.  After it the whole unit at r, and each that the range touches, may
 * be written. */
void stm_wr_slow(uptr r, stm_size n)
{
    write_from(r, n ? n : 1, __builtin_return_address(0));
}

/* Write barrier on [r, r+n), any n; r may be anywhere in an object. */
void stm_wr_range_slow(uptr r, stm_size n)
{
    if (n)
        write_from(r, n, __builtin_return_address(0));
}

/* Read barrier on each granule of [r, r+n); while the transaction is inevitable none is needed. */
void stm_rd_range_slow(uptr r, stm_size n)
{
    struct stmi_seg *s = stmi_me->seg;
    if (!n || r < STMI_NULL_SPAN || stm_self.inevitable)
        return;
    unsigned short *m = stmi_r_marker(s, r), *end = stmi_r_marker(s, r + n - 1), v = s->version;
    while (m <= end)
        *m++ = v;
}

/* ---- the places that a counted loop comes to: n bytes at first, then at second, and so on, so many rounds
 * further, to last */

/* lo == hi: not one range, but the places one by one. */
struct places {
    struct range all;
    uptr first, n;
    long rounds, advance;
};

/* That they lie equally far apart holds in the program's own arithmetic, which may wrap around.  If it has,
 * last is not where it should be; then, and if rounds is -1, it is everything in the object.  Where the gaps
 * are wider than what is logged or marked at once, they are left out. */
static struct places places_of(uptr first, uptr second, uptr last, size_t n, long rounds, size_t gap)
{
    long advance = rounds ? (long)(second - first) : 0, way;
    if (rounds < 0 || __builtin_mul_overflow(rounds, advance, &way) || last - first != (uptr)way)
        return (struct places){.all = {first, 0, ~0ul}};
    size_t apart = advance < 0 ? -(size_t)advance : (size_t)advance;
    if (apart > gap && apart > n)
        return (struct places){{first, first, first}, first, n, rounds, advance};
    return (struct places){.all = advance < 0 ? (struct range){first, last, first + n}
                                              : (struct range){first, first, last + n}};
}

/* What is logged at once at r. */
static size_t unit_at(uptr r)
{
    return r - STM_HEAP_BASE < STM_HEAP_MAX ? STM_CARD : STM_GRANULE;
}

static void write_places(struct places p, const void *site)
{
    if (p.all.lo != p.all.hi) {
        write_range_from(p.all, site);
        return;
    }
    write_from(p.first, p.n, site);
    struct stmi_seg *s = stmi_me->seg;
    uptr at = p.first;
    for (long k = 0; k < p.rounds; k++) {
        at += (uptr)p.advance;
        if (!is_written(s, at) || !is_written(s, at + p.n - 1))
            write_from(at, p.n, site);
    }
}

/* An object stands for all its granules by the first, a static that is none does not. */
static void read_whole(struct stmi_thread *t, uptr r)
{
    const struct stm_static *st = stmi_static_find(r);
    if (st && !(st->flags & STM_STATIC_OBJECT))
        stm_rd_range_slow((uptr)st->addr, st->size);
    else if (st)
        stm_rd_((uptr)st->addr);
    else if (r >= STMI_NULL_SPAN)
        stm_rd_(object_at(t, t->seg, r, "read of").ref);
}

/* Read barrier on each granule of those places; all are references, or null. */
void stm_rd_span(uptr first, uptr second, uptr last, stm_size n, long rounds)
{
    struct places p = places_of(first, second, last, n, rounds, STM_GRANULE);
    if (p.all.hi == ~0ul)
        read_whole(stmi_me, first);
    else if (p.all.lo != p.all.hi)
        stm_rd_range_slow(p.all.lo, p.all.hi - p.all.lo);
    else
        for (long k = 0; k <= p.rounds; k++)
            stm_rd_range_slow(p.first + (uptr)k * (uptr)p.advance, n);
}

/* Write barrier on those places; a range of them goes no further than the object that holds the first. */
void stm_wr_span(uptr first, uptr second, uptr last, stm_size n, long rounds)
{
    write_places(places_of(first, second, last, n, rounds, unit_at(first)), __builtin_return_address(0));
}

/* The same where nothing is known of the pointers. */
void stm_any_rd_span(uptr first, uptr second, uptr last, stm_size n, long rounds)
{
    if (stm_is_ref_(first))
        stm_rd_span(first, second, last, n, rounds);
}

void stm_any_wr_span(uptr first, uptr second, uptr last, stm_size n, long rounds)
{
    struct places p = places_of(first, second, last, n, rounds, stm_is_ref_(first) ? unit_at(first) : ~0ul);
    struct stmi_thread *t = stmi_me;
    if (stm_is_ref_(first))
        write_places(p, __builtin_return_address(0));
    else if (p.all.hi != ~0ul)
        stm_raw_wr_slow(p.all.lo, p.all.hi - p.all.lo);
    else if (!stmi_is_guest(t) && t->seg && t->seg->in_tx &&
             stm_is_ref_(first - t->self->base)) /* a reference in disguise, as below */
        write_range_from((struct range){first - t->self->base, 0, ~0ul}, __builtin_return_address(0));
    else
        stm_raw_wr_slow(first, 0);
}

/* ---- writes that are not to references */

/* A write of n bytes at p, which is no reference; n 0: unknown.  The own stack comes back with an abort,
 * private ranges and thread-locals are saved; a real address of the own view is a reference in disguise; all
 * else is for good. */
void stm_raw_wr_slow(uptr p, stm_size n)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || stm_unlikely(!t->seg || !t->seg->in_tx))
        return; /* nothing is ever undone */
    if (t->self->inevitable || p < STMI_PAGE || p - t->self->stack_lo < t->self->stack_hi - t->self->stack_lo)
        return;
    if (stm_is_ref_(p - t->self->base)) {
        stm_wr_range_slow(p - t->self->base, n ? n : 1);
        return;
    }
    for (size_t i = 0; i < t->private_roots.n; i++)
        if (p - t->private_roots.at[i].lo < t->private_roots.at[i].hi - t->private_roots.at[i].lo)
            return;
    if (n && stmi_tls_save(t, p, n))
        return;
    int err = errno;
    STMI_SITE(t);
    stmi_make_inevitable(t, "write to raw memory");
    errno = err;
}

/* ---- accesses through pointers of which nothing is known; the inline part has seen that p is not in the
 * heap */

void *stm_any_rd_slow(uptr p)
{
    return stm_is_ref_(p) ? stm_real_(stm_rd_(p)) : (void *)p;
}

static __attribute__((noinline)) void *any_write(uptr p, stm_size n, const void *site)
{
    if (!stm_is_ref_(p))
        return stm_raw_wr_(p, n);
    if (!stm_is_written_(p) || (n > 1 && !stm_is_written_(p + n - 1)))
        write_from(p, n ? n : 1, site);
    return stm_real_(p);
}

/* A write of n bytes, n <= 16: the barrier, or the classification of a raw write.  In a program without
 * annotations nearly every write comes here, and again and again to the same objects: those, and the stack,
 * in few instructions and without a frame. */
void *stm_any_wr_slow(uptr p, stm_size n)
{
    if (stm_likely(p - STM_HEAP_BASE < STM_HEAP_MAX) && stm_likely(p % STM_GRANULE + n <= STM_GRANULE) &&
        stm_likely(stm_is_written_(p)))
        return stm_real_(p);
    if (p - stm_self.stack_lo < stm_self.stack_hi - stm_self.stack_lo)
        return (void *)p;
    return any_write(p, n, __builtin_return_address(0));
}

#else /* every write may stay */

void stm_wr_slow(uptr r, stm_size n)
{
    (void)r, (void)n;
}
void stm_wr_range_slow(uptr r, stm_size n)
{
    (void)r, (void)n;
}
void stm_rd_range_slow(uptr r, stm_size n)
{
    (void)r, (void)n;
}
#define NOTHING(name)                                                                                        \
    void name(uptr first, uptr second, uptr last, stm_size n, long rounds)                                   \
    {                                                                                                        \
        (void)first, (void)second, (void)last, (void)n, (void)rounds;                                        \
    }
NOTHING(stm_rd_span)
NOTHING(stm_wr_span)
NOTHING(stm_any_rd_span)
NOTHING(stm_any_wr_span)
void stm_raw_wr_slow(uptr p, stm_size n)
{
    (void)p, (void)n;
}

#endif
