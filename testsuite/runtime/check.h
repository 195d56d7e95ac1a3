/* check.h - what the runtime's tests share.  Written against the ABI the way the translator would. */
#ifndef CHECK_H
#define CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../runtime/testing.h"

#define IN_SECTION(s) __attribute__((section(#s), used, aligned(8)))
#define AT(p, T) STM_AT((uptr)(p), T)

/* A read as translated code may do it: without a barrier where the transaction is inevitable
 * (doc/runtime.md). */
#define READ(r) (stm_self.inevitable ? (uptr)(r) : stm_rd(r))

static inline void new_transaction(void)
{
    stm_hint_commit_soon();
    stm_safepoint();
}

/* cmocka's asserts leave by longjmp; so only on the main thread, outside of players' turns is simplest. */
static inline unsigned long next_random(unsigned long *s)
{
    unsigned long x = *s;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *s = x;
}

#endif
