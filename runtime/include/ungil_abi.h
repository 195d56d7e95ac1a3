/* ungil_abi.h - the code that translated C is made of.  The first line of every translated file
 * includes it; it includes nothing itself, so that the system headers named later in that file see
 * the same macros as they would have.
 *
 * Three variants, chosen by one macro that ungil-cc passes:
 *   UNGIL_SEGMENT    references reached through %gs (the product)
 *   UNGIL_PLAINVIEW  the same runtime, base added by hand: for sanitizers, which do not see %gs
 *   UNGIL_GIL        references are addresses, barriers are nothing, one lock around transactions
 * With UNGIL_SEGMENT, UNGIL_VERIFY makes of it what `ungil verify` reads: see ungil_verify.h.
 *
 * Memory map (doc/memory-map.md).  A reference r lies in [STM_HEAP_BASE, +STM_HEAP_MAX) or in the
 * program's static objects, which keep their link-time addresses; neither is mapped there.  The
 * thread's own version of it is at r + stm_self.base.  Its markers are 16-bit words, one for every
 * 16-byte granule, at (r >> 4) * 2 + base + STM_R_DISP (read) and + STM_W_DISP (written); one is
 * set when it equals stm_self.version.
 */
#ifndef UNGIL_ABI_H
#define UNGIL_ABI_H

#if !defined UNGIL_SEGMENT && !defined UNGIL_PLAINVIEW && !defined UNGIL_GIL
#error "ungil_abi.h: compile translated files with ungil-cc"
#endif

typedef __UINTPTR_TYPE__ stm_uptr;
typedef __SIZE_TYPE__ stm_size;

/* ThreadSanitizer keeps most addresses for its own; the gil variant's heap can lie elsewhere. */
#ifdef __SANITIZE_THREAD__
#define STM_TSAN 1
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define STM_TSAN 1
#endif
#endif
#if defined STM_TSAN && !defined UNGIL_GIL
#error "-fsanitize=thread: with --runtime=gil only"
#endif

/* An object file works with one variant of the runtime only; with another it does not link. */
#ifdef STM_TSAN
#define STM_VARIANT stm_compiled_for_runtime_gil_tsan
#elif defined UNGIL_GIL
#define STM_VARIANT stm_compiled_for_runtime_gil
#elif defined UNGIL_SEGMENT
#define STM_VARIANT stm_compiled_for_runtime_segment
#else
#define STM_VARIANT stm_compiled_for_runtime_plainview
#endif
extern const char STM_VARIANT;
static const char *const stm_variant_ __attribute__((__used__, __section__("ungil_variant"))) = &STM_VARIANT;

#ifdef STM_TSAN
#define STM_HEAP_BASE                                                                                        \
    0x1000000000ul /* 64 GiB; the program's addresses end at 512 GiB, and begin again at 85 TiB */
#define STM_HEAP_MAX 0x4000000000ul
#else
#define STM_HEAP_BASE 0x300000000000ul /* 48 TiB */
#define STM_HEAP_MAX 0x10000000000ul   /* 1 TiB of reserved references */
#endif
/* Not by a difference: a compiler may keep that in the place of the address over a loop, and the collector
 * would not find the object (gcc's induction variables). */
#ifdef STM_TSAN
#define STM_IN_HEAP(r) ((r)-STM_HEAP_BASE < STM_HEAP_MAX)
#else
#define STM_IN_HEAP(r) ((r) >> 40 == STM_HEAP_BASE >> 40)
_Static_assert(STM_HEAP_MAX == 1ul << 40 && STM_HEAP_BASE % STM_HEAP_MAX == 0, "STM_IN_HEAP");
#endif
#define STM_GRANULE 16u
#define STM_CARD 128u /* unit of write logging in large objects */
#ifdef UNGIL_PLAINVIEW
#define STM_R_DISP 0x200000000000ul /* out of AddressSanitizer's shadow */
#else
#define STM_R_DISP 0x40000000ul /* fits an x86 displacement; null has a marker but no memory */
#endif
#define STM_W_DISP (STM_R_DISP + 0x800000000ul) /* 32 GiB on */

/* A local of translated code that a macro declares; the translator says otherwise where a program uses one of
 * these names. */
#ifndef STM_OWN_
#define STM_OWN_(name) stm_##name
#endif

#define stm_likely(x) __builtin_expect(!!(x), 1)
#define stm_unlikely(x) __builtin_expect(!!(x), 0)

/* Describes a type to the collector.  The translator emits one for each allocated type, in section
 * ungil_types; the runtime fills in id before main.  words: bit i set = the aligned word i of a unit may
 * hold a reference; the object's first head_words words, then tail units of tail_words words each,
 * repeated to the object's end (tail_words 0: no tail).  Bits of the head come first, then one unit. */
struct stm_type {
    unsigned id; /* 0 before start-up */
    unsigned flags;
    unsigned head_words, tail_words;
    const unsigned long *words;
    const char *name;
    const char *fields; /* for people; may be null: "OFFSET+SIZE:NAME", or "OFFSET+SIZE/STRIDE:NAME[]" in
                           arrays, separated by spaces */
};
#define STM_TYPE_CONSERVATIVE 1u /* any aligned word may be a reference; words unused */
#define STM_TYPE_NO_REFS 2u

/* Describes a static object or a mutable global moved to transactional storage (its bytes are in section
 * ungil_data or ungil_const at their link-time address).  One in section ungil_statics for each. */
struct stm_static {
    const void *addr;
    stm_size size;
    const struct stm_type *type; /* null: conservative */
    unsigned flags;
    const char *name;
};
#define STM_STATIC_OBJECT                                                                                    \
    1u /* an STM_OBJECT, or begins with one: one conflict unit; else each granule is its own */

/* Describes a variable that stays outside of transactions, at its own address, and whose words may hold
 * references all the same: volatile and atomic numbers (annotations.md).  A root; one in section ungil_roots
 * for each. */
struct stm_root {
    const void *addr;
    stm_size size;
    const struct stm_type *type; /* null: conservative */
};

/* What the running thread's code needs at hand.  Thread-local; loaded when it takes a segment. */
struct stm_self {
    unsigned short version;      /* of the transaction, 1..65535; 0 outside */
    unsigned short inevitable;   /* the transaction cannot abort */
    volatile int poll;           /* set by anyone: take the slow path at the next safepoint */
    stm_uptr base;               /* displacement from references to this segment's view */
    stm_uptr alloc, alloc_end;   /* bump region, as references; alloc % 16 == 8 */
    stm_uptr stack_lo, stack_hi; /* the thread's own C stack */
    int atomic_depth;
    unsigned long
        tx; /* number of the thread's transaction: raised at each begin and each attempt, never put back */
};
extern _Thread_local struct stm_self stm_self __attribute__((tls_model("initial-exec")));

/* Hull of all registered static objects; set before main. */
extern stm_uptr stm_statics_lo __attribute__((visibility("hidden")));
extern stm_uptr stm_statics_len __attribute__((visibility("hidden")));

/* ---- out of line (runtime) ---- */
void stm_wr_slow(stm_uptr r, stm_size n); /* see runtime/barrier.c */
void stm_wr_range_slow(stm_uptr r, stm_size n);
void stm_rd_range_slow(stm_uptr r, stm_size n);
void stm_rd_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds);
void stm_wr_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds);
void stm_any_rd_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds);
void stm_any_wr_span(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds);
void stm_raw_wr_slow(stm_uptr p, stm_size n);
int stm_is_static_slow(stm_uptr p);
void *stm_any_rd_slow(stm_uptr p); /* p is not in the heap */
void *stm_any_wr_slow(stm_uptr p, stm_size n);
void *stm_new_slow(stm_size n, unsigned type_id);
void stm_safepoint_slow(void);
void stm_inevitable_slow(const char *why);
void *stm_new_any(stm_size n);
void *stm_renew(const void *p, stm_size n);
void *stm_malloc(stm_size n);
void *stm_calloc(stm_size k, stm_size n);
void *stm_realloc(const void *p, stm_size n);
void *stm_reallocarray(const void *p, stm_size k, stm_size n);
stm_size stm_malloc_usable_size(const void *p);
void stm_free(const void *p);
char *stm_strdup(const char *s);
char *stm_strndup(const char *s, stm_size n);
int stm_atomic_enter(void);    /* returns 1 */
int stm_exclusive_enter(void); /* likewise */
void stm_atomic_leave(int *block);
int stm_hold_enter(void); /* likewise */
void stm_hold_leave(int *block);
int stm_blocking_enter(void); /* returns 1 */
unsigned stm_jump_note(void); /* runtime/jump.c; see STM_SETJMP */
void stm_jump_land(unsigned note);
void stm_blocking_leave(int *block);
void *stm_x_rd(const volatile void *p);
void *stm_outside(const volatile void *p, const char *who);
void *stm_x_wr(const volatile void *p);
/* search.c; `by` is called with references */
void *stm_bsearch(const void *key, const void *base, stm_size n, stm_size size,
                  int (*by)(const void *, const void *));
void *stm_lfind(const void *key, const void *base, const stm_size *n, stm_size size,
                int (*by)(const void *, const void *));
void *stm_lsearch(const void *key, void *base, stm_size *n, stm_size size,
                  int (*by)(const void *, const void *));
int stm_thread_create(void *thread, const void *attr, void *(*fn)(void *), void *arg);
void stm_exit(int status) __attribute__((noreturn));
int stm_setspecific(unsigned key, const void *value);
int stm_setvbuf(void *stream, char *buffer, int mode, stm_size size);
void stm_setbuf(void *stream, char *buffer);
void stm_setbuffer(void *stream, char *buffer, stm_size size);
int stm_setcancelstate(int state, int *old);                         /* exit.c */
void stm_siglongjmp(void *env, int value) __attribute__((noreturn)); /* jump.c */
/* Functions that exit and fork call (atexit.c, fork.c). */
int stm_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));
int stm_atexit(void (*fn)(void));
int stm_at_quick_exit(void (*fn)(void));
int stm_on_exit(void (*fn)(int, void *), void *arg);
void stm_has_destructors(void);
/* These change what others look at without a barrier (process.c). */
int stm_setenv(const char *name, const char *value, int over);
int stm_unsetenv(const char *name);
int stm_putenv(char *entry);
int stm_clearenv(void);
char *stm_setlocale(int category, const char *name);
/* For functions of the library that follow pointers in what they are given (nested.c). */
long stm_nested_writev(int fd, const void *v, int n);
long stm_nested_readv(int fd, const void *v, int n);
long stm_nested_pwritev(int fd, const void *v, int n, long at);
long stm_nested_preadv(int fd, const void *v, int n, long at);
long stm_nested_sendmsg(int fd, const void *msg, int flags);
long stm_nested_recvmsg(int fd, void *msg, int flags);
void *stm_cmsg_nxthdr(const void *msg, const void *c);
stm_size stm_nested_strftime(char *to, stm_size n, const char *format, const void *when);
stm_size stm_nested_strftime_l(char *to, stm_size n, const char *format, const void *when, void *locale);
stm_size stm_nested_wcsftime(void *to, stm_size n, const void *format, const void *when);
stm_size stm_nested_wcsftime_l(void *to, stm_size n, const void *format, const void *when, void *locale);
char *stm_nested_strsep(void *from, const char *delimiters);
char *stm_nested_strtok_r(char *s, const char *delimiters, void *save);
int stm_nested_sigaltstack(const void *stack, void *old);
int stm_nested_timer_create(int clock, const void *event, void *timer);
int stm_nested_mq_notify(int queue, const void *event);
int stm_nested_execv(const char *path, const void *argv);
int stm_nested_execvp(const char *file, const void *argv);
int stm_nested_execve(const char *path, const void *argv, const void *envp);
int stm_nested_execvpe(const char *file, const void *argv, const void *envp);
int stm_nested_fexecve(int fd, const void *argv, const void *envp);
int stm_nested_spawn(int *pid, const char *path, const void *actions, const void *attr, const void *argv,
                     const void *envp);
int stm_nested_spawnp(int *pid, const char *file, const void *actions, const void *attr, const void *argv,
                      const void *envp);
stm_size stm_nested_iconv(void *cd, void *from, stm_size *nfrom, void *to, stm_size *nto);
stm_size stm_nested_mbsrtowcs(void *to, void *from, stm_size n, void *state);
stm_size stm_nested_wcsrtombs(void *to, void *from, stm_size n, void *state);
int stm_nested_getopt(int argc, const void *argv, const char *options);
int stm_nested_getopt_long(int argc, const void *argv, const char *options, const void *longs, int *index);
int stm_nested_getopt_long_only(int argc, const void *argv, const char *options, const void *longs,
                                int *index);
void stm_thread_exit(void *value) __attribute__((noreturn));
int stm_sigaction(int sig, const void *act, void *old); /* runtime/signal.c */
void (*stm_signal(int sig, void (*fn)(int)))(int);
void stm_register_tag(stm_uptr mask,
                      stm_uptr tag); /* see ungil.h; the translator calls it in a constructor */

/* <stdio.h>, for output that may wait for the commit (output.c); void * is FILE * */
int stm_printf(const char *fmt, ...);
int stm_fprintf(void *f, const char *fmt, ...);
int stm_vprintf(const char *fmt, __builtin_va_list ap);
int stm_vfprintf(void *f, const char *fmt, __builtin_va_list ap);
int stm_vsnprintf(char *to, stm_size size, const char *fmt, __builtin_va_list ap);
int stm_vsprintf(char *to, const char *fmt, __builtin_va_list ap);
int stm_puts(const char *s);
int stm_fputs(const char *s, void *f);
int stm_putchar(int c);
int stm_fputc(int c, void *f);
stm_size stm_fwrite(const void *p, stm_size size, stm_size n, void *f);
int stm_fflush(void *f);

/* A call of setjmp or its like, the k-th in its function.  When it returns again, what longjmp has passed by
 * is put in order, as it was noted; the notes live as long as the function's frame. */
#define STM_NOTES(n) volatile unsigned STM_OWN_(notes)[n];
#define STM_SETJMP(k, ...)                                                                                   \
    __extension__({                                                                                          \
        STM_OWN_(notes)[k] = stm_jump_note();                                                                \
        int STM_OWN_(value) = (__VA_ARGS__);                                                                 \
        stm_jump_land(STM_OWN_(notes)[k]);                                                                   \
        STM_OWN_(value);                                                                                     \
    })

/* What a file says to the linker of the functions that it uses and defines (tool/emit/link_names.c). In one
 * assembly file there may be several C files (-flto): `.ifndef` is for the group there. */
#define STM_NAME_(f, n)                                                                                      \
    "\"'" f "' is defined by the program, and another file takes it for a library's: rename it (" #n ")\""
#define STM_NEEDED_(f)                                                                                       \
    "\"'" f                                                                                                  \
    "' is taken for a function of the program, but no translated file defines it: if it is a library's, "    \
    "include the library's header\""
#define STM_SAY_(f, n) ".globl " STM_NAME_(f, n) "\n.hidden " STM_NAME_(f, n) "\n" STM_NAME_(f, n) ":\n"
#define STM_GROUP_(f, key, ...)                                                                              \
    __asm__(".ifndef \".Lungil " key " " f "\"\n.set \".Lungil " key " " f "\",1\n"                          \
            ".pushsection .ungil.names." key ",\"G\",@progbits,\"" f " " key "\",comdat\n" __VA_ARGS__       \
            ".popsection\n.endif");
#define STM_ALONE_(...) __asm__(".pushsection .ungil.names,\"\",@progbits\n" __VA_ARGS__ ".popsection");
#define STM_HAS_(f) ".globl " STM_NEEDED_(f) "\n.hidden " STM_NEEDED_(f) "\n" STM_NEEDED_(f) ":\n"
/* For ungil-cc, which reads them before it links (tool/cc/plainobjects.c): text, which no linker looks at. */
#define STM_NOTE_(s) __asm__(".pushsection .ungil.names.notes,\"\",@progbits\n.asciz \"" s "\"\n.popsection");
#define STM_DEFINES(f) STM_NOTE_("has " f) STM_ALONE_(STM_SAY_(f, 1) STM_HAS_(f))
#define STM_DEFINES_LIBRARY_S(f) STM_NOTE_("has " f) STM_ALONE_(STM_SAY_(f, 2) STM_HAS_(f))
#define STM_DEFINES_WEAK(f) STM_NOTE_("has " f) STM_GROUP_(f, "weak", STM_SAY_(f, 3))
#define STM_CALLS(f) STM_NOTE_("calls " f)
#define STM_TAKES_EITHER(f) STM_GROUP_(f, "either", STM_SAY_(f, 1) STM_SAY_(f, 3) STM_SAY_(f, 4))
#define STM_TAKES(f) STM_TAKES_EITHER(f) STM_GROUP_(f, "library", STM_SAY_(f, 2))
#define STM_NEEDS(f) STM_ALONE_(".hidden " STM_NEEDED_(f) "\n.8byte " STM_NEEDED_(f) "\n")

/* The text is clang's, which knows the generic functions of <stdatomic.h> as built-in ones of its own; gcc
 * has them by other names.  A pointer goes on by whole elements. */
#ifndef __clang__
#define STM_VALUE_(p) __typeof__((void)0, *(p))
#define STM_STEP_(p) ((long)((STM_VALUE_(p))0 + 1))
#define __c11_atomic_init(p, v) __c11_atomic_store(p, v, 0)
#define __c11_atomic_load(p, order)                                                                          \
    __extension__({                                                                                          \
        STM_VALUE_(p) STM_OWN_(atomic);                                                                      \
        __atomic_load((p), &STM_OWN_(atomic), order);                                                        \
        STM_OWN_(atomic);                                                                                    \
    })
#define __c11_atomic_store(p, v, order)                                                                      \
    __extension__({                                                                                          \
        STM_VALUE_(p) STM_OWN_(atomic) = (v);                                                                \
        __atomic_store((p), &STM_OWN_(atomic), order);                                                       \
    })
#define __c11_atomic_exchange(p, v, order)                                                                   \
    __extension__({                                                                                          \
        STM_VALUE_(p) STM_OWN_(atomic) = (v);                                                                \
        __atomic_exchange((p), &STM_OWN_(atomic), &STM_OWN_(atomic), order);                                 \
        STM_OWN_(atomic);                                                                                    \
    })
#define STM_COMPARE_(p, expected, v, weak, order, failed)                                                    \
    __extension__({                                                                                          \
        STM_VALUE_(p) STM_OWN_(atomic) = (v);                                                                \
        __atomic_compare_exchange((p), (expected), &STM_OWN_(atomic), weak, order, failed);                  \
    })
#define __c11_atomic_compare_exchange_strong(p, expected, v, order, failed)                                  \
    STM_COMPARE_(p, expected, v, 0, order, failed)
#define __c11_atomic_compare_exchange_weak(p, expected, v, order, failed)                                    \
    STM_COMPARE_(p, expected, v, 1, order, failed)
#define __c11_atomic_fetch_add(p, v, order) __atomic_fetch_add((p), (v)*STM_STEP_(p), order)
#define __c11_atomic_fetch_sub(p, v, order) __atomic_fetch_sub((p), (v)*STM_STEP_(p), order)
#define __c11_atomic_fetch_or(p, v, order) __atomic_fetch_or((p), (v), order)
#define __c11_atomic_fetch_xor(p, v, order) __atomic_fetch_xor((p), (v), order)
#define __c11_atomic_fetch_and(p, v, order) __atomic_fetch_and((p), (v), order)
#define __c11_atomic_thread_fence(order) __atomic_thread_fence(order)
#define __c11_atomic_signal_fence(order) __atomic_signal_fence(order)
#define __c11_atomic_is_lock_free(size) __atomic_is_lock_free(size, 0)
#endif

#define STM_INLINE static inline __attribute__((unused, always_inline))

__extension__ typedef __int128 stm_wide; /* holds the value of every integer type exactly */
__extension__ typedef unsigned __int128 stm_uwide;
/* Is e, which is a OP b in C, a OP b of whole numbers, too (tool/emit/ranges.c)?  Both are below 2^64. */
#define STM_EXACT(e, a, op, b) ((stm_uwide)(e) == ((stm_uwide)(a)op(stm_uwide)(b)))
#define STM_NOT_NEGATIVE(e) ((stm_wide)(e) >= 0)
/* A barrier on the places of a counted loop, of n bytes each; and perhaps the condition on which it reaches
 * those only. */
#define STM_RD_SPAN(first, second, last, ...) STM_SPAN_(rd_span, first, second, last, __VA_ARGS__, 1, 0)
#define STM_WR_SPAN(first, second, last, ...) STM_SPAN_(wr_span, first, second, last, __VA_ARGS__, 1, 0)
#define STM_ANY_RD_SPAN(first, second, last, ...)                                                            \
    STM_SPAN_(any_rd_span, first, second, last, __VA_ARGS__, 1, 0)
#define STM_ANY_WR_SPAN(first, second, last, ...)                                                            \
    STM_SPAN_(any_wr_span, first, second, last, __VA_ARGS__, 1, 0)

#ifdef UNGIL_GIL /* ---------------------------------------------------------------- gil */

#define STM_AT(r, ...) ((__typeof__(__VA_ARGS__) *)(stm_uptr)(r))
#define stm_rd(r) ((stm_uptr)(r))
#define stm_wr(r, n) ((stm_uptr)(r))
#define stm_rd_range(r, n) ((void *)(stm_uptr)(r))
#define stm_wr_range(r, n) ((void *)(stm_uptr)(r))
#define stm_real(r) ((void *)(stm_uptr)(r))
#define stm_any(p) ((void *)(stm_uptr)(p))
#define stm_any_rd(p) ((void *)(stm_uptr)(p))
#define stm_any_wr(p, n) ((void *)(stm_uptr)(p))
#define stm_any_rd_range(p, n) ((void *)(stm_uptr)(p))
#define stm_any_wr_range(p, n) ((void *)(stm_uptr)(p))
#define stm_raw_wr(p, n) ((void *)(stm_uptr)(p))
#define stm_inevitable(why) ((void)0)
#define stm_x_back(p) (p)
#define stm_wr_whole(r) ((void)0)
#define STM_ROUNDS(i, bound, adjust, up, step) ((void)0)
#define STM_SPAN_(f, ...) ((void)0)
#define STM_TX
#define STM_TX_NOW ((void)0)
#define STM_RECHECK(...) ((void)0)

#elif defined UNGIL_VERIFY
#include "ungil_verify.h"

#else /* ---------------------------------------------------- segment and plain view */

#ifdef UNGIL_SEGMENT
#define STM_AT(r, ...) ((__typeof__(__VA_ARGS__) __seg_gs *)(stm_uptr)(r))
#else
#define STM_AT(r, ...) ((__typeof__(__VA_ARGS__) *)((stm_uptr)(r) + stm_self.base))
#endif

/* The same number, which the compiler does not know any more. */
STM_INLINE stm_uptr stm_hide_(stm_uptr x)
{
    __asm__("" : "+r"(x));
    return x;
}

/* The marker words.  A marker is read only by its own thread, so the store needs no order against the
 * data access; as assembly without a memory clobber it lets the compiler keep other values in registers. */
STM_INLINE void stm_mark_rd_(stm_uptr r)
{
#ifdef UNGIL_SEGMENT
    __asm__ volatile("movw %w0, %%gs:%c2(,%1,2)" : : "r"(stm_self.version), "r"(r >> 4), "i"(STM_R_DISP));
#else
    *(unsigned short *)((r >> 4) * 2 + stm_self.base + STM_R_DISP) = stm_self.version;
#endif
}
STM_INLINE int stm_is_written_(stm_uptr r)
{
#ifdef UNGIL_SEGMENT
    /* of a constant address above 4 GiB gcc 12 makes a movabs, and forgets %gs */
    return *(unsigned short __seg_gs *)(stm_hide_(r >> 4) * 2 + STM_W_DISP) == stm_self.version;
#else
    return *(unsigned short *)((r >> 4) * 2 + stm_self.base + STM_W_DISP) == stm_self.version;
#endif
}

/* Is p a reference?  One compare for the heap; statics only where the program has any in that hull. */
STM_INLINE int stm_is_ref_(stm_uptr p)
{
    p = stm_hide_(p); /* of a variable's address gcc would make symbol - 48 TiB, which no relocation holds */
    if (stm_likely(STM_IN_HEAP(p)))
        return 1;
    return stm_unlikely(p - stm_statics_lo < stm_statics_len) && stm_is_static_slow(p);
}

STM_INLINE stm_uptr stm_rd_(stm_uptr r)
{
    stm_mark_rd_(r);
    return r;
}
/* A naturally aligned scalar lies in one unit.  Anything else may span two: look at both ends; and a range
 * over single granules of statics may have gaps between the ends that are written. */
STM_INLINE stm_uptr stm_wr_(stm_uptr r, stm_size n)
{
    if (stm_unlikely(!stm_is_written_(r)))
        stm_wr_slow(r, n);
    else if ((n > 8 || (n & (n - 1))) &&
             stm_unlikely(!stm_is_written_(r + n - 1) ||
                          (n > 16 && r % STM_GRANULE + n > 32 && !STM_IN_HEAP(r))))
        stm_wr_slow(r, n);
    return r;
}
STM_INLINE void *stm_real_(stm_uptr r)
{
    return (void *)(r + stm_self.base);
}
STM_INLINE void *stm_rd_range_(stm_uptr r, stm_size n)
{
    stm_rd_range_slow(r, n);
    return stm_real_(r);
}
STM_INLINE void *stm_wr_range_(stm_uptr r, stm_size n)
{
    stm_wr_range_slow(r, n);
    return stm_real_(r);
}
STM_INLINE void *stm_any_(stm_uptr p)
{
    return stm_is_ref_(p) ? stm_real_(p) : (void *)p;
}
/* Only the likely case is inline: in a large program without annotations most accesses come through here,
 * and with all of it inline SQLite took twice as long to compile and twice the code, for 8 % on an
 * unannotated Lua. */
STM_INLINE void *stm_any_rd_(stm_uptr p)
{
    if (stm_unlikely(!STM_IN_HEAP(p)))
        return stm_any_rd_slow(p);
    stm_mark_rd_(p);
    return stm_real_(p);
}
STM_INLINE void *stm_raw_wr_(stm_uptr p, stm_size n)
{
    if (stm_unlikely(p - stm_self.stack_lo >= stm_self.stack_hi - stm_self.stack_lo))
        stm_raw_wr_slow(p, n);
    return (void *)p;
}
STM_INLINE void *stm_any_rd_range_(stm_uptr p, stm_size n)
{
    return stm_is_ref_(p) ? stm_rd_range_(p, n) : (void *)p;
}
STM_INLINE void *stm_any_wr_range_(stm_uptr p, stm_size n)
{
    return stm_is_ref_(p) ? stm_wr_range_(p, n) : stm_raw_wr_(p, n);
}
STM_INLINE stm_uptr stm_x_back_(stm_uptr p)
{
    return stm_is_ref_(p - stm_self.base) ? p - stm_self.base : p;
}

/* How many rounds follow the first one of a loop whose variable, now `first`, goes by step, up or down,
 * until it is beyond bound + adjust; -1: not known, since the step leads the other way, a conversion changes
 * a value, or the variable would wrap around.  size, is_unsigned: of the variable; by_unsigned: the
 * comparison is one of unsigned values. */
STM_INLINE long stm_rounds_wide_(stm_wide first, stm_wide bound, int adjust, int up, long step, stm_size size,
                                 int is_unsigned, int by_unsigned)
{
    stm_wide end = (stm_wide)1 << (size * 8 - !is_unsigned), begin = is_unsigned ? 0 : -end;
    stm_wide way = up ? bound + adjust - first : first - bound - adjust;
    if (way < 0 || way >> 46 || (up ? step <= 0 : step >= 0))
        return -1;
    long rounds = (long)((stm_uptr)way / (up ? (stm_uptr)step : -(stm_uptr)step));
    stm_wide beyond = first + (stm_wide)(rounds + 1) * step; /* the value that ends the loop */
    if (beyond < begin || beyond >= end || (by_unsigned && (first < 0 || beyond < 0)))
        return -1;
    return rounds;
}
/* The same where variable and bound have at most 32 bits. */
STM_INLINE long stm_rounds_32_(long first, long bound, int adjust, int up, long step, stm_size size,
                               int is_unsigned, int by_unsigned)
{
    long end = 1l << (size * 8 - !is_unsigned), begin = is_unsigned ? 0 : -end;
    long way = up ? bound + adjust - first : first - bound - adjust;
    if (way < 0 || (up ? step <= 0 : step >= 0) || step >= 1l << 32 || step <= -(1l << 32))
        return -1;
    long rounds = way / (up ? step : -step), beyond = first + (rounds + 1) * step;
    if (beyond < begin || beyond >= end || (by_unsigned && (first < 0 || beyond < 0)))
        return -1;
    return rounds;
}

/* A few places in the heap, upwards, as far apart as they should be.  Short loops are entered again and
 * again: their barriers are inline. */
STM_INLINE int stm_is_short_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    return stm_likely(STM_IN_HEAP(first)) && (stm_uptr)rounds <= STM_CARD && last - first + n <= STM_CARD &&
           last - first == (stm_uptr)rounds * (second - first);
}
/* Have they been written?  Two ends within a card's length lie in one unit, or in two neighbours. */
STM_INLINE int stm_is_span_written_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    return stm_is_short_(first, second, last, n, rounds) && stm_likely(stm_is_written_(first)) &&
           stm_is_written_(last + n - 1);
}
STM_INLINE void stm_rd_span_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    if (!stm_is_short_(first, second, last, n, rounds)) {
        stm_rd_span(first, second, last, n, rounds);
        return;
    }
    for (stm_uptr r = first & -(stm_uptr)STM_GRANULE; r < last + n; r += STM_GRANULE)
        stm_mark_rd_(r);
}
STM_INLINE void stm_wr_span_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    if (!stm_is_span_written_(first, second, last, n, rounds))
        stm_wr_span(first, second, last, n, rounds);
}
STM_INLINE void stm_any_rd_span_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    if (stm_likely(STM_IN_HEAP(first)))
        stm_rd_span_(first, second, last, n, rounds);
    else
        stm_any_rd_span(first, second, last, n, rounds);
}
STM_INLINE void stm_any_wr_span_(stm_uptr first, stm_uptr second, stm_uptr last, stm_size n, long rounds)
{
    if (!stm_is_span_written_(first, second, last, n, rounds))
        stm_any_wr_span(first, second, last, n, rounds);
}

#define stm_rd(r) stm_rd_((stm_uptr)(r))
#define stm_wr(r, n) stm_wr_((stm_uptr)(r), n)
#define stm_rd_range(r, n) stm_rd_range_((stm_uptr)(r), n)
#define stm_wr_range(r, n) stm_wr_range_((stm_uptr)(r), n)
#define stm_real(r) stm_real_((stm_uptr)(r))
#define stm_any(p) stm_any_((stm_uptr)(p))
#define stm_any_rd(p) stm_any_rd_((stm_uptr)(p))
#define stm_any_wr(p, n) stm_any_wr_slow((stm_uptr)(p), n)
#define stm_any_rd_range(p, n) stm_any_rd_range_((stm_uptr)(p), n)
#define stm_any_wr_range(p, n) stm_any_wr_range_((stm_uptr)(p), n)
#define stm_raw_wr(p, n) stm_raw_wr_((stm_uptr)(p), n)
#define stm_x_back(p) ((__typeof__(p))stm_x_back_((stm_uptr)(p)))
/* What a function knows of its transaction lasts over a call that did not end it.  stm_tx: the number of the
 * transaction that it knew last; if that is over, the barriers that it counts on are done again.  An abort
 * puts stm_tx back, with the stack, but not stm_self.tx. */
#define stm_wr_whole(r)                                                                                      \
    stm_wr_range_slow((stm_uptr)(r), ~(stm_size)0) /* the object that begins at r, all of it */
#define STM_TX unsigned long STM_OWN_(tx) = stm_self.tx;
#define STM_TX_NOW (STM_OWN_(tx) = stm_self.tx)
#define STM_RECHECK(...)                                                                                     \
    ((void)(stm_unlikely(stm_self.tx != STM_OWN_(tx)) && (__VA_ARGS__, STM_OWN_(tx) = stm_self.tx)))
/* Before a counted loop, if it is entered: barriers on all the places, of n bytes each, that one expression
 * comes to (barrier.c).  first: in the first round; second, last: where the variable is STM_OWN_(next) and
 * STM_OWN_(last), which are values that it takes. */
#define STM_UNSIGNED_(...) ((__typeof__(__VA_ARGS__))-1 > (__typeof__(__VA_ARGS__))1)
#define STM_ROUNDS(i, bound, adjust, up, step)                                                               \
    const long STM_OWN_(rounds) =                                                                            \
        (sizeof(i) <= 4 && sizeof(bound) <= 4)                                                               \
            ? stm_rounds_32_((long)(i), (long)(bound), adjust, up, (long)(step), sizeof(i),                  \
                             STM_UNSIGNED_(i), STM_UNSIGNED_((i) + (bound)))                                 \
            : stm_rounds_wide_((i), (bound), adjust, up, (long)(step), sizeof(i), STM_UNSIGNED_(i),          \
                               STM_UNSIGNED_((i) + (bound)));                                                \
    __attribute__((__unused__)) const __typeof__(i) STM_OWN_(                                                \
        next) = STM_OWN_(rounds) > 0 ? (__typeof__(i))((stm_uptr)(i) + (stm_uptr)(long)(step)) : (i),        \
       STM_OWN_(last) =                                                                                      \
           STM_OWN_(rounds) > 0                                                                              \
               ? (__typeof__(i))((stm_uptr)(i) + (stm_uptr)STM_OWN_(rounds) * (stm_uptr)(long)(step))        \
               : (i)
#define STM_SPAN_(f, first, second, last, n, exact, ...)                                                     \
    stm_##f##_((stm_uptr)(first), (stm_uptr)(second), (stm_uptr)(last), n, (exact) ? STM_OWN_(rounds) : -1)
/* Until the transaction ends it cannot abort, and nobody else commits: so nothing it reads from here on can
 * change before it has ended, and reads need no barrier (doc/runtime.md).  Reads before need theirs, and
 * must not be moved behind by the caller. */
#define stm_inevitable(why) (stm_likely(stm_self.inevitable) ? (void)0 : stm_inevitable_slow(why))

#endif

/* <string.h> on memory of any kind; the whole range is covered before a byte moves. */
#ifndef STM_ANY_WR_BYTES /* for ungil verify they are not what copies a struct */
#define STM_ANY_WR_BYTES stm_any_wr_range
#endif
STM_INLINE void *stm_memcpy(void *d, const void *s, stm_size n)
{
    __builtin_memcpy(STM_ANY_WR_BYTES(d, n), stm_any_rd_range(s, n), n);
    return d;
}
STM_INLINE void *stm_memmove(void *d, const void *s, stm_size n)
{
    __builtin_memmove(STM_ANY_WR_BYTES(d, n), stm_any_rd_range(s, n), n);
    return d;
}
STM_INLINE void *stm_memset(void *d, int c, stm_size n)
{
    __builtin_memset(STM_ANY_WR_BYTES(d, n), c, n);
    return d;
}

/* ---- allocation and safepoints: the same in every variant ---- */

/* Object header, 8 bytes before the 16-aligned payload; written once, never changes. */
struct stm_header {
    unsigned type_id;
    unsigned nbytes; /* payload bytes; STM_LARGE: the size is in the large-object table */
};
#define STM_LARGE 0xffffffffu
#define STM_SMALL_MAX 8192u

#ifndef UNGIL_VERIFY
STM_INLINE void *stm_new_id_(stm_size n, unsigned id)
{
    stm_uptr a = stm_self.alloc;
    stm_size total = (n + 8 + 15) & ~(stm_size)15;
    if (stm_unlikely(n > STM_SMALL_MAX || total > stm_self.alloc_end - a))
        return stm_new_slow(n, id);
    stm_self.alloc = a + total;
    *STM_AT(a, struct stm_header) = (struct stm_header){id, (unsigned)n};
    return (void *)(a + 8);
}
#define stm_new(n, t) stm_new_id_((n), (t)->id)

STM_INLINE void stm_safepoint_inline_(void)
{
    if (stm_unlikely(__atomic_load_n(&stm_self.poll, __ATOMIC_RELAXED)))
        stm_safepoint_slow();
}
#define stm_safepoint() stm_safepoint_inline_()
#endif

/* The markers of ungil.h's STM_ATOMIC and STM_BLOCKING stay in the text as they are. */
#define stm_atomic_enter_ stm_atomic_enter
#define stm_exclusive_enter_ stm_exclusive_enter
#define stm_atomic_leave_ stm_atomic_leave
#define stm_blocking_enter_ stm_blocking_enter
#define stm_blocking_leave_ stm_blocking_leave

#endif
