/* ungil_verify.h - what ungil_abi.h becomes in the build that `ungil verify` reads (UNGIL_VERIFY).
 *
 * Whatever the product's code does inline, or with assembly, is here a call of a function that nobody
 * defines, named stm_v_*: so it stays in LLVM's IR, at any level of optimisation, with its operands, and the
 * compiler may suppose nothing of it.  Accesses are as in the product, through address space 256 or at
 * addresses that these functions return.  verify/marks.c says what each means. */
#ifndef UNGIL_VERIFY_H
#define UNGIL_VERIFY_H

#define STM_AT(r, ...) ((__typeof__(__VA_ARGS__) __seg_gs *)(stm_uptr)(r))

void stm_v_rd(stm_uptr r);
void stm_v_wr(stm_uptr r, stm_size n);
void stm_v_wr_whole(stm_uptr r);
void *stm_v_rd_range(stm_uptr r, stm_size n);
void *stm_v_wr_range(stm_uptr r, stm_size n);
void *stm_v_real(stm_uptr r);
void *stm_v_any(stm_uptr p);
void *stm_v_any_rd(stm_uptr p);
void *stm_v_any_wr(stm_uptr p, stm_size n);
void *stm_v_any_rd_range(stm_uptr p, stm_size n);
void *stm_v_any_wr_range(stm_uptr p, stm_size n);
void *stm_v_any_wr_bytes(stm_uptr p, stm_size n);
void *stm_v_raw_wr(stm_uptr p, stm_size n);
void *stm_v_back(stm_uptr p);
void *stm_v_new(stm_size n, const void *type);
void stm_v_safepoint(void);
void stm_v_inevitable(void);
void stm_v_asked(void); /* that it is so was asked for here, and is so already */
/* The transaction's number, and whether it is another by now. */
unsigned long stm_v_tx(void);
int stm_v_broken(unsigned long tx);
/* A counted loop: its variable and bound before it; the variable's values in its second and last round. */
long stm_v_rounds(long first, long bound, int adjust, int up, long step);
long stm_v_next(long rounds);
long stm_v_last(long rounds);
void stm_v_rd_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds, int exact);
void stm_v_wr_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds, int exact);
void stm_v_any_rd_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds, int exact);
void stm_v_any_wr_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds, int exact);

/* Ends of blocks, inline: so that the block's variable stays in sight, and it is seen that the block runs
 * once. */
void stm_v_atomic_leave(void);
void stm_v_blocking_leave(void);
STM_INLINE void stm_v_leave_atomic(int *block)
{
    (void)block;
    stm_v_atomic_leave();
}
STM_INLINE void stm_v_leave_blocking(int *block)
{
    (void)block;
    stm_v_blocking_leave();
}
#define stm_atomic_leave stm_v_leave_atomic
#define stm_blocking_leave stm_v_leave_blocking

STM_INLINE stm_uptr stm_rd_(stm_uptr r)
{
    stm_v_rd(r);
    return r;
}
STM_INLINE stm_uptr stm_wr_(stm_uptr r, stm_size n)
{
    stm_v_wr(r, n);
    return r;
}

/* `+ 0` says in the compiled code, too, which struct r points to. */
#define stm_rd(r) stm_rd_((stm_uptr)((r) + 0))
#define stm_wr(r, n) stm_wr_((stm_uptr)((r) + 0), n)
#define stm_rd_range(r, n) stm_v_rd_range((stm_uptr)(r), n)
#define stm_wr_range(r, n) stm_v_wr_range((stm_uptr)(r), n)
#define stm_real(r) stm_v_real((stm_uptr)(r))
#define stm_any(p) stm_v_any((stm_uptr)(p))
#define stm_any_rd(p) stm_v_any_rd((stm_uptr)(p))
#define stm_any_wr(p, n) stm_v_any_wr((stm_uptr)(p), n)
#define stm_any_rd_range(p, n) stm_v_any_rd_range((stm_uptr)(p), n)
#define stm_any_wr_range(p, n) stm_v_any_wr_range((stm_uptr)(p), n)
#define STM_ANY_WR_BYTES(p, n) stm_v_any_wr_bytes((stm_uptr)(p), n)
#define stm_raw_wr(p, n) stm_v_raw_wr((stm_uptr)(p), n)
#define stm_x_back(p) ((__typeof__(p))stm_v_back((stm_uptr)(p)))
#define stm_wr_whole(r) stm_v_wr_whole((stm_uptr)(r))
#define stm_new(n, t) stm_v_new((n), (t))
#define stm_safepoint() stm_v_safepoint()
#define stm_inevitable(why) stm_v_inevitable()
#define STM_TX unsigned long STM_OWN_(tx) = stm_v_tx();
#define STM_TX_NOW (STM_OWN_(tx) = stm_v_tx())
#define STM_RECHECK(...) ((void)(stm_v_broken(STM_OWN_(tx)) && (__VA_ARGS__, STM_OWN_(tx) = stm_v_tx())))
#define STM_ROUNDS(i, bound, adjust, up, step)                                                               \
    const long STM_OWN_(rounds) = stm_v_rounds((long)(i), (long)(bound), adjust, up, (long)(step));          \
    __attribute__((__unused__)) const __typeof__(i) STM_OWN_(next) =                                         \
        (__typeof__(i))stm_v_next(STM_OWN_(rounds)),                                                         \
                                                    STM_OWN_(last) =                                         \
                                                        (__typeof__(i))stm_v_last(STM_OWN_(rounds))
/* With the condition on which the places are those only: else the barrier is on the whole object. */
#define STM_SPAN_(f, first, second, last, n, exact, ...)                                                     \
    stm_v_##f((stm_uptr)(first), (stm_uptr)(second), (stm_uptr)(last), n, STM_OWN_(rounds), exact)

#endif
