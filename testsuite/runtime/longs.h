/* longs.h - numbers in transactional memory, as translated code reads and writes them. */
#ifndef LONGS_H
#define LONGS_H

#include "check.h"

static inline long get(const long *p)
{
    return *AT(stm_rd(p), long);
}
static inline void add(long *p, long v)
{
    *AT(stm_wr(p, 8), long) += v;
}

#endif
