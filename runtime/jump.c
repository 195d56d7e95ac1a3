/* jump.c - what longjmp leaves behind.
 *
 * STM_ATOMIC and STM_BLOCKING are left by a cleanup function, which longjmp passes by: the thread would stay
 * in a block that is long gone, and commit nothing any more, or run translated code outside the zone.  The
 * jump itself need not be ours (a library's error handler jumps, too), but where it lands is: the translator
 * puts each setjmp between two calls, STM_SETJMP of ungil_abi.h.  Before it the thread notes in how many
 * blocks it is; whenever setjmp returns, it goes back to as many.  The note lies in the frame that called
 * setjmp, which must be alive for the jump to be allowed, and says the same in each round of a loop there. */
#include "runtime.h"

#include <setjmp.h>

enum { OUTSIDE = 1, INSIDE_SHIFT = 1, INSIDE_MASK = 0xfff, DEPTH_SHIFT = 13 };

unsigned stm_jump_note(void)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t))
        return 0;
    return (t->seg ? 0 : OUTSIDE) | ((unsigned)t->blocks_inside & INSIDE_MASK) << INSIDE_SHIFT |
           (unsigned)stm_self.atomic_depth << DEPTH_SHIFT;
}

/* May begin a transaction, or end one: each fact ends at a setjmp. */
void stm_jump_land(unsigned note)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || note == stm_jump_note())
        return;
    int block = 1;
    if (note & OUTSIDE) {
        if (t->seg)
            stm_blocking_enter();
        t->blocks_inside = (int)(note >> INSIDE_SHIFT & INSIDE_MASK);
        return;
    }
    if (!t->seg) {
        t->blocks_inside = 0;
        stm_blocking_leave(&block);
    }
    int depth = (int)(note >> DEPTH_SHIFT);
    while ((int)stm_self.atomic_depth > depth)
        stm_atomic_leave(&block);
    stm_self.atomic_depth = (__typeof__(stm_self.atomic_depth))depth;
}

/* The signal mask that it brings back is not undone by an abort. */
void stm_siglongjmp(void *env, int value)
{
    if ((*(sigjmp_buf *)env)->__mask_was_saved)
        stm_become_inevitable("siglongjmp");
    siglongjmp(*(sigjmp_buf *)env, value);
}
