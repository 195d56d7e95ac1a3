/* statics.c - the program's static objects and transactional globals.
 *
 * They keep their link-time addresses as references, so that &object is still a constant of the linker;
 * segment.c maps views of their pages beside the heap's.  Here is the table that tells which
 * addresses are references, sorted once, searched by halving. */
#include "runtime.h"

extern struct stm_static __start_ungil_statics[] __attribute__((weak, visibility("hidden")));
extern struct stm_static __stop_ungil_statics[] __attribute__((weak, visibility("hidden")));

const struct stm_static **stmi_statics;
size_t stmi_nstatics;
uptr stm_statics_lo, stm_statics_len;

static int by_address(const void *a, const void *b)
{
    uptr x = (uptr)(*(const struct stm_static *const *)a)->addr,
         y = (uptr)(*(const struct stm_static *const *)b)->addr;
    return (x > y) - (x < y);
}

void stmi_statics_init(void)
{
    const char *p = (const char *)__start_ungil_statics, *end = (const char *)__stop_ungil_statics;
    if (!p || p == end)
        return;
    stmi_statics = stmi_calloc((size_t)(end - p) / sizeof(struct stm_static) + 1, sizeof *stmi_statics);
    while (p + sizeof(struct stm_static) <= end) {
        /* Compilers align big variables as they like: gaps in the section are zero words. */
        const struct stm_static *s = (const void *)p;
        if (!s->addr) {
            p += 8;
            continue;
        }
        if (s->flags & STM_STATIC_OBJECT && (uptr)s->addr % STM_GRANULE)
            stmi_die("static object %s is not aligned to %u bytes", s->name ? s->name : "?", STM_GRANULE);
        if (s->size)
            stmi_statics[stmi_nstatics++] = s;
        p += sizeof *s;
    }
    if (!stmi_nstatics)
        return;
    qsort(stmi_statics, stmi_nstatics, sizeof *stmi_statics, by_address);
    const struct stm_static *last = stmi_statics[stmi_nstatics - 1];
    stm_statics_lo = (uptr)stmi_statics[0]->addr;
    stm_statics_len = (uptr)last->addr + last->size - stm_statics_lo;
}

/* The static that p points into, or null.  One past the end belongs to the next one, if to any. */
const struct stm_static *stmi_static_find(uptr p)
{
    if (p - stm_statics_lo >= stm_statics_len)
        return NULL;
    size_t lo = 0, hi = stmi_nstatics; /* the last one that starts at or before p is in [lo, hi) */
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if ((uptr)stmi_statics[mid]->addr <= p)
            lo = mid;
        else
            hi = mid;
    }
    return p - (uptr)stmi_statics[lo]->addr < stmi_statics[lo]->size ? stmi_statics[lo] : NULL;
}

int stm_is_static_slow(uptr p)
{
    return stmi_static_find(p) != NULL;
}
