/* growth.c - how much may become old until the next major collection, where the user does not say
 * (STM_MAJOR=0).
 *
 * Objects do not move.  Those that live stay where they were born, among what was born with them and is
 * dead: the more grows between two collections, the more pages and cache lines the living are spread over,
 * in the heap and in the markers.  A tree of 16 K nodes that two threads change all the time ran a quarter
 * slower when 16 MB grew than when 1 MB did.  Against this stands what collections cost.  So the growth is
 * what makes them cost one in STMI_GROWTH_SHARE of the time, as the last one and the time since the one
 * before tell; but not less than half the nursery, which is as large as the second-level cache, nor more
 * than 16 MB; and where more than that lives, as much as lives.
 *
 * After Kirisame, Shenoy and Panchekha, "Optimal Heap Limits for Reducing Browser Memory Use", OOPSLA 2022:
 * weigh what a collection costs against what room costs, by rates measured on the way. */
#include "runtime.h"

/* What makes a collection of cost_ns one in STMI_GROWTH_SHARE of the time, if as much goes on to become old
 * as it did: promoted bytes in since_ns. Half the way from what it was, for the last one may have been odd.
 */
size_t stmi_growth_next(size_t was, size_t promoted, unsigned long cost_ns, unsigned long since_ns)
{
    double want = (double)promoted * (double)cost_ns * STMI_GROWTH_SHARE / ((double)since_ns + 1);
    double next = ((double)was + want) / 2;
    size_t least = stmi_opt.nursery / 2, most = least > STMI_GROWTH_MOST ? least : STMI_GROWTH_MOST;
    return next < (double)least ? least : next > (double)most ? most : (size_t)next;
}

/* World stopped, at the end of each major collection, which lasted from begun to end, in nanoseconds. */
void stmi_growth_collected(unsigned long begun, unsigned long end)
{
    static unsigned long last; /* the end of the one before */
    struct stmi_heap *h = &stmi_heap;
    size_t promoted = h->promoted;
    if (!stmi_opt.major && promoted >= h->growth / 2) /* less: somebody asked for it */
        h->growth = stmi_growth_next(h->growth, promoted, end - begun, begun - last);
    last = end;
    h->promoted = 0;
    h->major_at = h->live > h->growth ? h->live : h->growth;
}
