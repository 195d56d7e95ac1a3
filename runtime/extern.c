/* extern.c - arguments of functions that are not translated.
 *
 * They get real addresses, valid to the end of the call.  Where the callee's reach is unknown (a string, a
 * struct), the barrier is on the whole object: what it may read cannot change under it, what it may write is
 * logged. */
#include "runtime.h"

#if STMI_VIEWS

static void mark_read(struct stmi_seg *s, uptr r)
{
    *stmi_r_marker(s, r) = s->version;
}

/* p is any pointer.  Read barrier on the whole of what it points into; its real address. */
void *stm_x_rd(const volatile void *p)
{
    uptr r = (uptr)p;
    struct stmi_seg *s = stmi_me->seg;
    if (!stm_is_ref_(r))
        return (void *)r;
    if (stm_self.inevitable) /* as it mostly is: functions that nobody vouches for come here too */
        return stm_real_(r);
    const struct stm_static *st = stmi_static_find(r);
    if (st && !(st->flags & STM_STATIC_OBJECT)) {
        stm_rd_range_slow(r, (uptr)st->addr + st->size - r);
    } else if (st) {
        mark_read(s, (uptr)st->addr);
    } else {
        struct stmi_object o;
        if (*stmi_w_marker(s, r) != s->version || stmi_in_large(r)) {
            /* else it is fresh, or written, as a whole */
            if (!stmi_find(r, (ptrdiff_t)s->base, &o))
                stmi_die("%p, passed to a function, is no object", (void *)r);
            mark_read(s, o.ref);
        }
    }
    return stm_real_(r);
}

/* p is given to `who`, which is called outside the zone and looks at what is there: no transaction's memory,
 * then.  In STM_BLOCKING the translator says so where it can; what only the run can tell is seen here. */
void *stm_outside(const volatile void *p, const char *who)
{
    if (stm_is_ref_((uptr)p))
        stmi_die("%s, called outside of transactions, is given transactional memory, %p: give it a local "
                 "variable, and copy",
                 who, (void *)(uptr)p);
    return (void *)(uptr)p;
}

/* As stm_x_rd, with a write barrier on the whole. */
void *stm_x_wr(const volatile void *p)
{
    uptr r = (uptr)p;
    struct stmi_seg *s = stmi_me->seg;
    if (!stm_is_ref_(r)) {
        if (r)
            stm_raw_wr_slow(r, 0);
        return (void *)r;
    }
    const struct stm_static *st = stmi_static_find(r);
    struct stmi_object o;
    if (st)
        stmi_write_from((uptr)st->addr, st->size, __builtin_return_address(0));
    else if (!stmi_in_large(r)) {
        if (!stm_is_written_(r))
            stmi_write_from(r, 1, __builtin_return_address(0));
    } else if (stmi_find(r, (ptrdiff_t)s->base, &o))
        stmi_write_from(o.ref, o.nbytes, __builtin_return_address(0));
    else
        stmi_die("%p, passed to a function, is no object", (void *)r);
    return stm_real_(r);
}

#else

void *stm_outside(const volatile void *p, const char *who)
{
    (void)who;
    return (void *)(uptr)p;
}
void *stm_x_rd(const volatile void *p)
{
    return (void *)(uptr)p;
}
void *stm_x_wr(const volatile void *p)
{
    return (void *)(uptr)p;
}

#endif
