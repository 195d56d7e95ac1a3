/* ungil_abi.h - of the model: translated text calls model.c instead of the runtime. */
#ifndef ORDER_MODEL_H
#define ORDER_MODEL_H
#define UNGIL_GIL
#include_next <ungil_abi.h>
#undef STM_AT
#undef stm_rd
#undef stm_wr
#undef stm_rd_range
#undef stm_wr_range
#undef stm_real
#undef stm_any
#undef stm_any_rd
#undef stm_any_wr
#undef stm_any_rd_range
#undef stm_any_wr_range
#undef stm_raw_wr
#undef stm_inevitable
#undef stm_wr_whole
#undef STM_TX
#undef STM_TX_NOW
#undef STM_RECHECK
#undef stm_new
#undef stm_safepoint

stm_uptr model_access(const volatile void *p); /* about to be read or written */
stm_uptr model_read(const volatile void *p);   /* read barrier */
stm_uptr model_log(const volatile void *p);    /* write barrier */
stm_uptr model_raw(const volatile void *p);    /* write to raw memory */
stm_uptr model_any_log(const volatile void *p);
void model_turn(void);
void model_end(void);
void *model_new(stm_size n);
extern unsigned long model_tx;

#define STM_AT(r, ...) ((__typeof__(__VA_ARGS__) *)model_access((const void *)(stm_uptr)(r)))
#define stm_rd(r) model_read((const void *)(stm_uptr)(r))
#define stm_wr(r, n) model_log((const void *)(stm_uptr)(r))
#define stm_rd_range(r, n) ((void *)model_read((const void *)(stm_uptr)(r)))
#define stm_wr_range(r, n) ((void *)model_log((const void *)(stm_uptr)(r)))
#define stm_real(r) ((void *)model_access((const void *)(stm_uptr)(r)))
#define stm_any(r) ((void *)model_access((const void *)(stm_uptr)(r)))
#define stm_any_rd(r) ((void *)model_access((const void *)model_read((const void *)(stm_uptr)(r))))
#define stm_any_wr(r, n) ((void *)model_access((const void *)model_any_log((const void *)(stm_uptr)(r))))
#define stm_any_rd_range(r, n) stm_any_rd(r)
#define stm_any_wr_range(r, n) stm_any_wr(r, n)
#define stm_raw_wr(r, n) ((void *)model_raw((const void *)(stm_uptr)(r)))
#define stm_inevitable(why) model_turn()
#define stm_wr_whole(r) model_log((const void *)(stm_uptr)(r))
#define STM_TX unsigned long stm_tx = model_tx;
#define STM_TX_NOW (stm_tx = model_tx)
#define STM_RECHECK(...) ((void)(model_tx != stm_tx && (__VA_ARGS__, stm_tx = model_tx)))
#define stm_new(n, t) model_new(n)
#define stm_safepoint() model_end()
#endif
