/* search.c - bsearch, lfind and lsearch: they hand out addresses of elements.
 *
 * The library's, given an array's real address, would call the program's function with real addresses of
 * elements.  These are none that the program knows: it may compare them with its own, take the distance from
 * the array's start, or keep them.  So here they are references, in the order in which glibc asks.  (qsort
 * moves the elements while it asks, so their places say nothing.) */
#include "runtime.h"

#include <string.h>

typedef int compare(const void *key, const void *element);

static void *element(const void *base, stm_size k, stm_size size)
{
    return (char *)(uptr)base + k * size;
}

void *stm_bsearch(const void *key, const void *base, stm_size n, stm_size size, compare *by)
{
    for (stm_size low = 0, high = n; low < high;) {
        stm_size k = (low + high) / 2;
        int order = by(key, element(base, k, size));
        if (!order)
            return element(base, k, size);
        low = order < 0 ? low : k + 1;
        high = order < 0 ? k : high;
    }
    return NULL;
}

void *stm_lfind(const void *key, const void *base, const stm_size *n, stm_size size, compare *by)
{
    for (stm_size k = 0; k < *n; k++)
        if (!by(key, element(base, k, size)))
            return element(base, k, size);
    return NULL;
}

void *stm_lsearch(const void *key, void *base, stm_size *n, stm_size size, compare *by)
{
    void *found = stm_lfind(key, base, n, size, by);
    if (found || !size)
        return found ? found : base;
    found = element(base, *n, size);
    memcpy(stm_x_wr(found), stm_x_rd(key), size);
    ++*n;
    return found;
}
