/* ungil.h - what an interpreter's author includes: annotations and the runtime's API.
 *
 * One source, three builds.  In an ordinary compile (UNGIL_TRANSLATE not defined) every annotation
 * vanishes and allocation goes to the Boehm collector (link with -lgc), unless UNGIL_PLAIN_MALLOC
 * is defined, when it goes to calloc.  When `ungil` preprocesses the file it defines UNGIL_TRANSLATE:
 * annotations become attributes that it reads, and the API below is the runtime's.
 *
 * The rules behind the annotations are in doc/annotations.md.
 */
#ifndef UNGIL_H
#define UNGIL_H

#include <stddef.h>

#define UNGIL_VERSION "0.1.0"

#ifdef UNGIL_TRANSLATE /* ------------------------------------------------ translated builds */

/* ---- types: struct STM_OBJECT node { ... };  typedef struct node node STM_OBJECT; */
#define STM_OBJECT __attribute__((annotate("stm_object")))
/* ---- on a value typedef: a word w with (w & ~mask) == tag holds the reference (w & mask) */
#define STM_TAGGED(mask, tag) __attribute__((annotate("stm_tagged:" #mask ":" #tag)))
/* ---- on declarators (variables, parameters, fields) */
#define STM_REF __attribute__((annotate("stm_ref")))
#define STM_RAW __attribute__((annotate("stm_raw")))
#define STM_IMMUTABLE __attribute__((annotate("stm_immutable")))
#define STM_CHECKED_STORE                                                                                    \
    __attribute__((annotate("stm_checked_store"))) /* often stored what it holds already */
#define STM_DROP __attribute__((annotate("stm_drop")))
#define STM_THREAD_LOCAL _Thread_local /* one copy for each thread; writes are undone on abort */
/* ---- on fields of the one struct that holds the interpreter's state: one copy of the field for each
 * thread, zero when it begins; writes are undone on abort.  (STM_THREAD_LOCAL, for variables, is C's own
 * word in all builds; on fields C has none, and the plain build keeps one.) */
#define STM_PER_THREAD __attribute__((annotate("stm_per_thread")))
/* ---- on pointer declarators: always leads to a stack that stm_private_stack made known; what it leads to
 * is accessed as it is.  The second for the pointer to the first free byte itself, whose address
 * stm_private_stack was given: thread-local, it changes as freely. */
#define STM_PRIVATE_STACK __attribute__((annotate("stm_private_stack")))
#define STM_PRIVATE_TOP __attribute__((annotate("stm_private_top")))
/* ---- on functions; arguments are names of the function's parameters */
#define STM_ALLOC_FN(size) __attribute__((annotate("stm_alloc_fn:" #size)))
#define STM_REALLOC_FN(ptr, size) __attribute__((annotate("stm_realloc_fn:" #ptr ":" #size)))
#define STM_NO_SAFEPOINT __attribute__((annotate("stm_no_safepoint")))
#define STM_TRANSACTION_PURE __attribute__((annotate("stm_transaction_pure")))
#define STM_TRANSACTION_SAFE __attribute__((annotate("stm_transaction_safe")))
#define STM_IRREVERSIBLE __attribute__((annotate("stm_irreversible")))

/* ---- typed allocation: zeroed, collected, never freed by hand */
#define STM_NEW(T) ((T *)stm_new_(sizeof(T), (T *)0))
#define STM_NEW_FLEX(T, f, n) ((T *)stm_new_(sizeof(T) + (size_t)(n) * sizeof(((T *)0)->f[0]), (T *)0))

/* ---- statements.  STM_ATOMIC blocks nest.  In an exclusive one, from its begin to the transaction's end,
 * nobody else commits, and it is never tried again: for what must neither be repeated nor seen half done
 * from outside.  The blocks are loops that run once (of a variable whose address nobody has, so that
 * compilers see it): `break` and `continue` inside one would leave the block only, so the translator rejects
 * them there; return and goto are fine. */
#define STM_SAFEPOINT() stm_safepoint_()
#define STM_ATOMIC                                                                                           \
    for (int stm_block_ __attribute__((cleanup(stm_atomic_leave_), unused)) = stm_atomic_enter_(),           \
                                                                   stm_once_ = 1;                            \
         stm_once_; stm_once_ = 0)
#define STM_ATOMIC_EXCLUSIVE                                                                                 \
    for (int stm_block_ __attribute__((cleanup(stm_atomic_leave_), unused)) = stm_exclusive_enter_(),        \
                                                                   stm_once_ = 1;                            \
         stm_once_; stm_once_ = 0)
#define STM_BLOCKING                                                                                         \
    for (int stm_block_ __attribute__((cleanup(stm_blocking_leave_), unused)) = stm_blocking_enter_(),       \
                                                                     stm_once_ = 1;                          \
         stm_once_; stm_once_ = 0)

/* Markers for the translator, which replaces each use; they have no definition. */
void *stm_new_(size_t size, const void *type);
void stm_safepoint_(void);
int stm_atomic_enter_(void);
int stm_exclusive_enter_(void);
void stm_atomic_leave_(int *block);
int stm_blocking_enter_(void);
void stm_blocking_leave_(int *block);

#else /* ------------------------------------------------------------------ plain build */

#define STM_OBJECT
#define STM_TAGGED(mask, tag)
#define STM_REF
#define STM_RAW
#define STM_IMMUTABLE
#define STM_CHECKED_STORE
#define STM_DROP
#define STM_THREAD_LOCAL _Thread_local
#define STM_PER_THREAD
#define STM_PRIVATE_STACK
#define STM_PRIVATE_TOP
#define STM_ALLOC_FN(size)
#define STM_REALLOC_FN(ptr, size)
#define STM_NO_SAFEPOINT
#define STM_TRANSACTION_PURE
#define STM_TRANSACTION_SAFE
#define STM_IRREVERSIBLE
#ifdef UNGIL_PLAIN_MALLOC
#include <stdlib.h>
#define STM_PLAIN_ALLOC(n) calloc(1, (n))
#define STM_PLAIN_REALLOC(p, n) realloc((p), (n))
#else
#ifndef GC_THREADS
#define GC_THREADS
#endif
#include <gc.h>
#define STM_PLAIN_ALLOC(n) GC_MALLOC(n)
#define STM_PLAIN_REALLOC(p, n) GC_REALLOC((p), (n))
#endif
#define STM_NEW(T) ((T *)STM_PLAIN_ALLOC(sizeof(T)))
#define STM_NEW_FLEX(T, f, n) ((T *)STM_PLAIN_ALLOC(sizeof(T) + (size_t)(n) * sizeof(((T *)0)->f[0])))
#define STM_SAFEPOINT() ((void)0)
#define STM_ATOMIC for (int stm_block_ = 1; stm_block_; stm_block_ = 0)
#define STM_ATOMIC_EXCLUSIVE STM_ATOMIC
#define STM_BLOCKING for (int stm_block_ = 1; stm_block_; stm_block_ = 0)

#endif /* --------------------------------------------------------------- both */

/* The API proper.  All of these may be called by any thread inside the zone (translated code runs
 * there from the start of main, or of the thread's function, on).  In the plain build they are
 * inline and do what one thread under a global lock would see. */
#ifdef UNGIL_TRANSLATE

/* Makes the running transaction inevitable: from here to its end it cannot abort, and no other
 * transaction commits.  May abort and restart the transaction first.  `why` must be a string
 * constant: it is kept, not copied, and shown by statistics. */
void stm_become_inevitable(const char *why);

/* Nonzero inside STM_ATOMIC. */
int stm_is_atomic(void);

/* Asks that the transaction end at the next safepoint outside STM_ATOMIC, whatever its length. */
void stm_hint_commit_soon(void);

/* The number of segments, that is of transactions that may run at once (STM_SEGMENTS); 1 in the gil variant.
 */
int stm_segments(void);

/* From now on at most n transactions run at once, 1 <= n; more than stm_segments() is that many.  Threads
 * that are to give way do so at their next safepoint outside STM_ATOMIC, and take turns with the others.  n
 * < 1 changes nothing.  Takes effect at once and for all, whether the transaction commits or not.  Any
 * thread may call it, in the zone or not.  Return: the limit before. */
int stm_segment_limit(int n);

/* Runs a major collection now.  Not a safepoint: the transaction goes on. */
void stm_collect(void);

/* For threads that untranslated code created, and for an untranslated main: enter the zone (a transaction
 * begins; called inside, the running one commits first), and leave it (the transaction commits). References
 * may be kept on the stack outside, but not accessed.  An untranslated main begins inside, as constructors
 * may be translated: it leaves before it waits for anything.  A thread leaves before it ends: with its stack
 * gone, a last transaction that conflicts could only be dropped. */
void stm_thread_enter(void);
void stm_thread_leave(void);

/* fn() is called by each thread that begins from now on, in its first transaction, before anything else: by
 * one that translated code creates before its function, by one that enters by hand (stm_thread_enter) when
 * it does so for the first time.  To set up what each thread has of its own.  One for the program; null:
 * none. */
void stm_on_thread_start(void (*fn)(void));

/* Declares a kind of tagged word to the collector: w with (w & ~mask) == tag may hold the reference
 * w & mask.  Before threads start.  Pointers with low tag bits need none: they are interior pointers. */
void stm_register_tag(unsigned long mask, unsigned long tag);

/* Has fn(key) called when this transaction has committed, or when it has aborted, before it is tried again.
 * The call is outside of any transaction: fn may use what is not in the heap (_Atomic variables, C library
 * calls), but not objects, nor variables that translated code writes; it must not allocate.  Callbacks of
 * one kind are called in the order in which they were asked for, any number for a key; commit and abort both
 * forget them all.  Where nothing can abort (inevitable transaction, outside the zone, gil variant):
 * on_commit calls at once, on_abort does nothing; a transaction that turns inevitable calls what waits for
 * its commit there and then. fn null: forgets those of that kind for key.  Return: how many were registered
 * or called (or forgotten). */
int stm_call_on_commit(void *key, void (*fn)(void *key));
int stm_call_on_abort(void *key, void (*fn)(void *key));

/* From now on, output of translated code to this FILE * (printf, fprintf, vprintf, vfprintf, puts, fputs,
 * putchar, putc, fputc, fwrite, fflush) does not make the transaction inevitable, but waits for its commit,
 * in order.  For good; at most 16 streams; write errors show in ferror only.  More than 1 MB in one
 * transaction makes it inevitable. */
void stm_defer_output(void *stream);

/* A weak reference to obj: an object, which does not keep obj alive.  stm_weak_get: obj, or null once it is
 * dead.  Death is decided by a collection, for all threads at once, and is final; what get returned lives at
 * least until the transaction ends (gil variant: as long as you hold it).  Static objects never die; of
 * null, get gives null. */
void *stm_weak_new(const void *obj);
void *stm_weak_get(const void *weak);

/* fn(obj) is called after obj was found dead, in a transaction of its own, at some thread's later safepoint,
 * never inside STM_ATOMIC.  It may use obj, which then lives on as any other; weak references to it are
 * null.  Each registration counts once; those of a transaction that aborts never were.  Not called at exit.
 */
void stm_set_finalizer(const void *obj, void (*fn)(void *obj));

/* fn(obj) is called when obj dies: in the midst of a collection, or when the transaction that allocated obj
 * aborts.  It may read obj's own fields, and release what is not in the heap (close a file, free raw
 * memory); it must not write to the heap, follow references, allocate, or wait.  Not called at exit. */
void stm_set_destructor(const void *obj, void (*fn)(void *obj));

/* fn(NULL) is called in each major collection, with the world stopped, when it is known what dies; the rules
 * of destructors hold.  There, and only there, stm_is_alive tells whether the object obj (a pointer to its
 * start) survives. */
void stm_on_gc(void (*fn)(void *unused));
int stm_is_alive(const void *obj);

/* A number that no other living object has, for as long as obj lives; and a good hash of it.  Both cost
 * nothing to keep. */
unsigned long stm_id(const void *obj);
unsigned long stm_hash(const void *obj);

/* The real address of obj, for functions that keep it beyond a call: they may read and write the whole
 * object through it until stm_unpin(obj) or the transaction's end, whichever comes first.  Become inevitable
 * first if others than this thread use it. */
void *stm_pin(const void *obj);
void stm_unpin(const void *obj);

/* A stack that only the calling thread reaches, such as an interpreter's stack of values: memory outside the
 * heap that an abort puts back, and that the collector scans.  Of [base, base + bytes), what is in use is
 * [base, *top): a begin saves no more than that.  top is the address of the pointer to the first free byte,
 * a thread-local or itself raw memory that only this thread reaches, and is put back, too; null: all of it
 * is in use.  Accesses through STM_PRIVATE_STACK pointers are plain C; through STM_RAW ones writes are found
 * to be private by a call.
 *   base null: memory of so many bytes is made, zero, and *top set to it; it is freed when the thread ends.
 *   base of such a stack: it gets another size, perhaps another place, and *top moves along (top as before);
 *   bytes 0: it is freed. any other base: memory of the caller's is taken for a stack; bytes 0: no more.
 * Makes the transaction inevitable, so do this seldom.  Return: its base now; null if there is no memory
 * (nothing has changed), and for bytes 0. */
void *stm_private_stack(void *base, size_t bytes, void *top);

/* fn is called when the heap is full, even after a collection, for an object of that many bytes.  It may
 * drop references (set pointers of caches to null) and return nonzero, then it is tried again, or leave by
 * longjmp; if it returns 0 the program ends with a message and status 2. It is called from within an
 * allocation, in an inevitable transaction, and must not allocate.  While other threads are in the zone, what
 * they can still see is freed only when this transaction has committed.  One for the program; null: none. */
void stm_on_out_of_memory(int (*fn)(size_t bytes));

/* Nonzero if less than 128 KB of the thread's C stack is left; then fn is called first, which may leave by
 * longjmp; if it comes back it must not have passed a safepoint. */
int stm_check_stack(void);
void stm_on_deep_recursion(void (*fn)(void));

/* Tells the conflict log (STM_LOG=file) where the interpreted program is.  fn(at) sets what it knows of the
 * place at which the calling thread is, and returns nonzero; strings may be in the heap, and are copied.  It
 * is called in the middle of transactions, only while there is a log: it should read immutable fields,
 * thread-locals and its own stack (other reads of objects count as the transaction's), and must not write to
 * objects, allocate or wait.  Once, before threads start; null: none. */
struct stm_position {
    const char *file, *function;
    unsigned line;
};
void stm_position_hook(int (*fn)(struct stm_position *at));

#else
struct stm_position {
    const char *file, *function;
    unsigned line;
};
static inline void stm_position_hook(int (*fn)(struct stm_position *at))
{
    (void)fn;
}
static inline void stm_become_inevitable(const char *why)
{
    (void)why;
}
static inline int stm_is_atomic(void)
{
    return 0;
}
static inline void stm_hint_commit_soon(void) {}
static inline int stm_segments(void)
{
    return 1;
}
static inline int stm_segment_limit(int n)
{
    return (void)n, 1;
}
static inline void stm_collect(void) {}
static inline void stm_thread_enter(void) {}
static inline void stm_thread_leave(void) {}
static inline void stm_on_thread_start(void (*fn)(void))
{
    (void)fn;
}
static inline void stm_register_tag(unsigned long mask, unsigned long tag)
{
    (void)mask, (void)tag;
}
static inline int stm_call_on_commit(void *key, void (*fn)(void *key))
{
    return fn ? fn(key), 1 : 0;
}
static inline int stm_call_on_abort(void *key, void (*fn)(void *key))
{
    return (void)key, (void)fn, 0;
}
static inline void stm_defer_output(void *stream)
{
    (void)stream;
}
/* Here a weak reference keeps its object, and nothing is ever told to have died. */
static inline void *stm_weak_new(const void *obj)
{
    const void **w = (const void **)STM_PLAIN_ALLOC(sizeof *w);
    if (w)
        *w = obj;
    return w;
}
static inline void *stm_weak_get(const void *weak)
{
    return weak ? *(void *const *)weak : NULL;
}
static inline void stm_set_finalizer(const void *obj, void (*fn)(void *obj))
{
    (void)obj, (void)fn;
}
static inline void stm_set_destructor(const void *obj, void (*fn)(void *obj))
{
    (void)obj, (void)fn;
}
static inline void stm_on_gc(void (*fn)(void *unused))
{
    (void)fn;
}
static inline int stm_is_alive(const void *obj)
{
    return obj != NULL;
}
static inline unsigned long stm_id(const void *obj)
{
    return (unsigned long)obj;
}
static inline unsigned long stm_hash(const void *obj)
{
    return (unsigned long)obj / 16 * 0x9e3779b97f4a7c15ul >> 16;
}
static inline void *stm_pin(const void *obj)
{
    return (void *)obj;
}
static inline void stm_unpin(const void *obj)
{
    (void)obj;
}
static inline void *stm_private_stack(void *base, size_t bytes, void *top)
{
    ptrdiff_t used = base && top ? *(char **)top - (char *)base : 0;
    void *at = bytes ? base ? STM_PLAIN_REALLOC(base, bytes) : STM_PLAIN_ALLOC(bytes) : NULL;
    if (at && top)
        *(char **)top = (char *)at + used;
    return at;
}
static inline void stm_on_out_of_memory(int (*fn)(size_t bytes))
{
    (void)fn;
}
static inline int stm_check_stack(void)
{
    return 0;
}
static inline void stm_on_deep_recursion(void (*fn)(void))
{
    (void)fn;
}
#endif

#endif
