/* runtime.h - what the files of the runtime share: one caption per file, owner's names below it.
 *
 * The sources build three libraries (ungil_abi.h).  STMI_VIEWS says whether this one has segments
 * with private views (segment, plainview) or one view and a lock (gil): in the latter there is one
 * segment, which threads hand to each other, references are addresses, and nothing is logged.
 *
 * Who may touch what, and the order of memory operations, is told in doc/runtime.md.
 */
#ifndef STMI_RUNTIME_H
#define STMI_RUNTIME_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef UNGIL_TRANSLATE
#define UNGIL_TRANSLATE
#endif
#include "ungil.h"
#include "ungil_abi.h"
#include "ungil_log.h"
#include "limits.h"

#ifdef UNGIL_GIL
#define STMI_VIEWS 0
#else
#define STMI_VIEWS 1
#endif

typedef stm_uptr uptr;

/* Invariants cost nothing in a release build; UNGIL_DEBUG turns them on. */
#ifdef UNGIL_DEBUG
#define stmi_assert(x) (stm_likely(x) ? (void)0 : stmi_broken(#x, __FILE__, __LINE__))
#else
#define stmi_assert(x) ((void)0)
#endif

#define STMI_TYPE_ANY 1u /* type ids below STMI_TYPE_FIRST are the runtime's own */
#define STMI_TYPE_MALLOC 2u
#define STMI_TYPE_WEAK 3u
#define STMI_TYPE_FIRST 4u

/* Growable arrays.  Never shrink; freed with stmi_vec_free. */
#define STMI_VEC(T)                                                                                          \
    struct {                                                                                                 \
        T *at;                                                                                               \
        size_t n, cap;                                                                                       \
    }
#define stmi_push(v, ...)                                                                                    \
    do {                                                                                                     \
        if (stm_unlikely((v)->n == (v)->cap))                                                                \
            (v)->at = stmi_grow((v)->at, &(v)->cap, sizeof *(v)->at);                                        \
        (v)->at[(v)->n++] = (__VA_ARGS__);                                                                   \
    } while (0)

struct stmi_range {
    uptr lo, hi;
};
typedef STMI_VEC(struct stmi_range) stmi_ranges;
typedef STMI_VEC(uptr) stmi_refs;

/* ------------------------------------------------------------------ options.c */

enum { STMI_POLICY_RETRIES, STMI_POLICY_WORK, STMI_POLICY_AGE };

/* X(field, environment name, default, least, greatest, meaning) */
#define STMI_OPTIONS(X)                                                                                      \
    X(heap_size, "STM_HEAP_SIZE", 64ul << 30, STMI_HEAP_LEAST, STMI_HEAP_LIMIT,                              \
      "bytes of heap address space (suffix k, m, g)")                                                        \
    X(segments, "STM_SEGMENTS", 0, 0, STMI_MAX_SEGMENTS,                                                     \
      "transactions that may run at once; 0: processors online")                                             \
    X(nursery, "STM_NURSERY", 0, 0, 1ul << 40,                                                               \
      "bytes allocated between young collections; 0: the second-level cache's size, 1m to 4m")               \
    X(markers, "STM_MARKERS", 0, 0, STMI_MAX_MARKERS,                                                        \
      "threads that mark in a major collection; 0: processors online, up to 8")                              \
    X(alone, "STM_MARK_ALONE", 1ul << 20, 0, 1ul << 50,                                                      \
      "bytes that the collecting thread marks before it asks others to help")                                \
    X(major, "STM_MAJOR", 0, 0, 1ul << 50,                                                                   \
      "least growth in bytes between major collections; 0: by their cost, half the nursery's to 16m")        \
    X(length, "STM_LENGTH", 256ul << 10, 1024, 1ul << 40,                                                    \
      "first length target of transactions, in bytes allocated")                                             \
    X(length_max, "STM_LENGTH_MAX", 4ul << 20, 1024, 1ul << 40, "greatest length target")                    \
    X(policy, "STM_POLICY", STMI_POLICY_WORK, 0, STMI_POLICY_AGE,                                            \
      "when an aborted transaction becomes inevitable: retries, work, age")                                  \
    X(retries, "STM_RETRIES", 10, 1, 1ul << 30,                                                              \
      "aborts of one transaction before it becomes inevitable, whatever the policy")                         \
    X(slice, "STM_SLICE", 1000, 1, 1ul << 30, "microseconds a thread keeps a segment that others wait for")  \
    X(tick, "STM_TICK", 1000, 0, 1ul << 30,                                                                  \
      "microseconds after which a transaction is asked to end while others run; 0: never")                   \
    X(stats, "STM_STATS", 0, 0, 2, "print statistics at exit: 1 text, json")                                 \
    X(log_size, "STM_LOG_SIZE", 256ul << 20, 1ul << 20, 1ul << 40,                                           \
      "greatest size of STM_LOG's file in bytes; what comes later is only counted")                          \
    X(trap, "STM_TRAP", 1, 0, 1, "explain uninstrumented accesses (SIGSEGV handler)")                        \
    X(version_max, "STM_VERSION_MAX", 65535, 2, 65535, "transactions between marker clearings (for tests)")  \
    X(test_break, "STM_BREAK", 0, 0, ~0ul,                                                                   \
      "for tests: 1 ends transactions at each safepoint; more: at random, some aborted, from this seed")     \
    X(help, "STM_HELP", 0, 0, 1, "list these options")

struct stmi_options {
#define X(field, env, def, lo, hi, what) unsigned long field;
    STMI_OPTIONS(X)
#undef X
};
extern struct stmi_options stmi_opt;
/* X(field, environment name, meaning) */
#define STMI_FILES(X)                                                                                        \
    X(log, "STM_LOG",                                                                                        \
      "file for events: conflicts, inevitable transactions, waits; read it with: ungil conflicts FILE")      \
    X(stats_file, "STM_STATS_FILE",                                                                          \
      "where statistics go; default: standard error; a forked child's has its number appended")

struct stmi_files {
#define X(field, env, what) const char *field;
    STMI_FILES(X)
#undef X
};
extern struct stmi_files stmi_files;
void stmi_options_read(void);

/* ------------------------------------------------------------------ stats.c */

/* X(name, text) abort reasons: API, statistics and log use this one list. */
#define STMI_ABORTS(X)                                                                                       \
    X(NONE, "none")                                                                                          \
    X(READ, "another committed a write to what was read")                                                    \
    X(WRITE, "another committed a write to what was written")                                                \
    X(COMMIT, "conflict found while committing")                                                             \
    X(INEVITABLE, "conflict found while turning inevitable")                                                 \
    X(STOPPED, "conflict found with the world stopped")                                                      \
    X(TEST, "asked for by a test")
enum stmi_abort {
#define X(name, text) STMI_ABORT_##name,
    STMI_ABORTS(X)
#undef X
        STMI_ABORT_KINDS
};

/* X(name, text) counters, one set per thread, summed when read. */
#define STMI_COUNTERS(X)                                                                                     \
    X(commits, "transactions committed")                                                                     \
    X(read_only, "of these, read-only")                                                                      \
    X(inevitable, "inevitable transactions")                                                                 \
    X(units, "units logged")                                                                                 \
    X(applied, "units copied from others' commits")                                                          \
    X(young, "young collections")                                                                            \
    X(promoted, "bytes that survived their transaction")                                                     \
    X(allocated, "bytes handed out for allocation")                                                          \
    X(waits, "waits for a segment")                                                                          \
    X(reattached, "returns from blocking to the segment left there")                                         \
    X(parks, "stops for another thread's collection")                                                        \
    X(wraps, "marker clearings")
struct stmi_stats {
#define X(name, text) unsigned long name;
    STMI_COUNTERS(X)
#undef X
    unsigned long aborts[STMI_ABORT_KINDS];
};
struct stmi_thread;
void stmi_stats_fold(struct stmi_thread *t); /* at thread end, by itself; world lock held */
void stmi_stats_sum(struct stmi_stats *sum);
void stmi_stats_print(void);
void stmi_stats_child(void); /* in a forked child */
bool stmi_lock_world(void);  /* for what is told at exit; may fail */
extern _Atomic unsigned long stmi_majors, stmi_major_ns, stmi_rebuilds;
extern const char *volatile stmi_last_inevitable;

/* ------------------------------------------------------------------ times.c */

/* X(name, text): what a thread spends its time on.  An abort makes the first three void, so they come first.
 */
#define STMI_TIMES(X)                                                                                        \
    X(working, "working in transactions")                                                                    \
    X(committing, "committing")                                                                              \
    X(young, "young collections")                                                                            \
    X(lost, "lost to aborts, of these three")                                                                \
    X(inevitable, "working in inevitable transactions")                                                      \
    X(turn, "waiting for another's inevitable transaction")                                                  \
    X(segment, "waiting for a segment")                                                                      \
    X(stopped, "stopped while another stops the world")                                                      \
    X(major, "stopping the world, and what was done then")                                                   \
    X(blocking, "in STM_BLOCKING")                                                                           \
    X(outside, "outside the zone")
enum stmi_time {
#define X(name, text) STMI_TIME_##name,
    STMI_TIMES(X)
#undef X
        STMI_TIME_KINDS
};
#define STMI_TIME_VOID STMI_TIME_lost /* kinds before it are void after an abort */

struct stmi_times {                  /* cycles */
    unsigned long long start, since; /* the thread's begin; its last change of state */
    enum stmi_time doing;
    unsigned long long spent[STMI_TIME_KINDS];
    unsigned long long begun[STMI_TIME_VOID]; /* spent when the running attempt began */
};

/* What is observed, bits; 0: nothing, and nothing below costs more than a look at this. */
enum { STMI_OBSERVE_TIMES = 1, STMI_OBSERVE_EVENTS = 2 }; /* no events without times */
extern int stmi_observing;
void stmi_times_init(void); /* options are read */
void stmi_times_thread(struct stmi_thread *t);
enum stmi_time stmi_does_now(struct stmi_thread *t, enum stmi_time what);
void stmi_times_begin(struct stmi_thread *t);
void stmi_times_abort(struct stmi_thread *t, enum stmi_abort why);
double stmi_us_per_cycle(void); /* as of now */
/* From here on t does something else.  Returns what it did, to go back to it. */
static inline enum stmi_time stmi_does(struct stmi_thread *t, enum stmi_time what)
{
    return stm_unlikely(stmi_observing) ? stmi_does_now(t, what) : STMI_TIME_outside;
}

/* ------------------------------------------------------------------ eventfile.c, events.c */

struct stmi_event_chunk {
    char *start, *at, *end;
};
struct stmi_event_name {
    uint64_t hash;
    uint32_t number;
};
struct stmi_events { /* a thread's */
    uint32_t thread, nnames, nrecords;
    struct stmi_event_chunk chunk;
    struct stmi_event_name *names;
    bool busy, in_hook, aborted; /* aborted: `abort` is yet to be written */
    uptr begin_site;             /* of the running transaction */
    struct ungil_log_ABORT abort;
    struct ungil_log_INEVITABLE inevitable; /* lasted: since when */
    uint32_t pause_at, whom;                /* where it began to wait, and for which thread */
};

bool stmi_event_open(struct stmi_events *e, const char *name, uint32_t parent);
void stmi_event_leave_file(struct stmi_events *e);
void stmi_event_close(void);
void stmi_event_free(struct stmi_events *e);
void stmi_event_write(struct stmi_events *e, void *record, size_t bytes, const char *text, size_t n);
uint64_t stmi_event_hash(uint64_t h, const char *text, size_t n);
uint32_t stmi_event_known(const struct stmi_events *e, uint64_t hash);
uint32_t stmi_event_name(struct stmi_events *e, uint64_t hash, struct ungil_log_NAME *name, const char *text,
                         size_t n);
uint32_t stmi_event_module(struct stmi_events *e, uptr pc, uint64_t *offset);

/* In a function that translated code calls: where from. */
#define STMI_SITE(t) ((void)((t)->site = (uptr)__builtin_return_address(0)))
#define stmi_logging() stm_unlikely(stmi_observing &STMI_OBSERVE_EVENTS)
struct stmi_seg;
struct stmi_entry;
/* All but the first and the last three only if stmi_logging(). */
void stmi_events_init(void);
void stmi_events_thread(struct stmi_thread *t);
void stmi_events_begin(struct stmi_thread *t);
void stmi_events_wrote(struct stmi_thread *t, const void *site); /* units were logged for a write */
size_t
stmi_events_entry_bytes(const struct stmi_seg *s); /* what a log entry holds besides: who wrote where */
void stmi_events_entry(struct stmi_thread *t, struct stmi_seg *s, void *at);
void stmi_events_undo(struct stmi_thread *t,
                      const struct stmi_seg *s); /* about to be undone, perhaps by the leader */
void stmi_events_abort(struct stmi_thread *t, enum stmi_abort why,
                       unsigned long long lost); /* by t, before */
void stmi_events_aborted(struct stmi_thread *t); /* t is where it began */
void stmi_events_inevitable(struct stmi_thread *t, const char *why, unsigned long long asked);
void stmi_events_inevitable_end(struct stmi_thread *t);
void stmi_events_pause(struct stmi_thread *t); /* it may have to wait: where it is */
void stmi_events_stop(struct stmi_thread *t, const char *why, unsigned long long asked,
                      unsigned long long stopped);
void stmi_waited(struct stmi_thread *t, enum stmi_time did); /* goes back from waiting to what it did */
void stmi_events_end(struct stmi_thread *t);                 /* of the thread */
void stmi_events_child(struct stmi_thread *t);               /* of fork */
void stmi_events_exit(void);

/* ------------------------------------------------------------------ util.c */

void stmi_die(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2))); /* user's error: status 2 */
bool stmi_holds(const pthread_mutex_t *m);           /* debug builds: does the calling thread hold it? */
void stmi_broken(const char *what, const char *file, int line) __attribute__((noreturn));
void stmi_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void stmi_no_memory(const char *what) __attribute__((noreturn));
void stmi_flush(FILE *f);    /* if nobody else uses it now */
extern bool stmi_is_copying; /* a child that does not stand on its own yet: what streams have in their buffers
                                is the parent's */
void *stmi_grow(void *at, size_t *cap, size_t item);
void *stmi_calloc(size_t n, size_t size);
/* Address space that costs memory only where touched; zero; never fails. */
void *stmi_reserve(size_t bytes, const char *what);
void stmi_copy(void *to, const void *from, size_t n); /* not seen by sanitizers: stacks, racing views */
/* Likewise, bytes [i, n) by words; returns where the words end. */
static inline __attribute__((no_sanitize_address)) size_t stmi_copy_words(void *to, const void *from,
                                                                          size_t i, size_t n)
{
    for (; i + 8 <= n; i += 8)
        *(volatile uint64_t *)((char *)to + i) =
            *(const volatile uint64_t *)((const char *)from + i); /* volatile: not made into memcpy */
    return i;
}
unsigned long stmi_now_us(void);
/* A clock that costs nothing to read; some 2,000 to 4,000 a microsecond. */
static inline unsigned long long stmi_cycles(void)
{
#if defined __x86_64__ || defined __i386__
    return __builtin_ia32_rdtsc();
#else
    return stmi_now_us() * 2000ull;
#endif
}

/* ------------------------------------------------------------------ types and structures */

/* A piece of heap where allocation may go on: both ends are 8 modulo 16. */
struct stmi_hole {
    uptr lo, hi;
};

/* Memory that this transaction allocated in: objects tile [lo, top); start bits are set up to
 * walked; [top, hi) is not yet handed to objects.  In the last run top lives in stm_self.alloc. */
struct stmi_run {
    uptr lo, walked, top, hi;
    uint32_t next;
};

/* A conflict unit that this transaction writes: payload bytes [ref, ref+size), its backup. */
struct stmi_unit {
    uptr ref, owner;
    uint32_t size, off;
};

/* Thread-local storage of one module, and what this transaction has saved of each of its words (tls.c). */
struct stmi_tls {
    uptr lo, hi;
    uptr *saved; /* null: nothing yet */
};

/* An aligned word of it as it was; mask: those of its bytes that an abort puts back. */
struct stmi_undo {
    uptr at, value;
    unsigned mask;
};

/* Memory that only its thread reaches: what is in use of [lo, hi), all of it or up to *top, and how it was
 * at the begin. */
struct stmi_private {
    uptr lo, hi, *top, top_was;
    size_t saved;
    bool own;
};

struct stmi_large {
    uptr ref; /* payload; 0: entry free */
    size_t nbytes;
    uint32_t page, npages; /* in large space */
    uint32_t next;         /* free entries */
    _Atomic unsigned char malloced;
    bool marked;
    unsigned char fresh; /* id of the segment whose transaction allocated it; 0: committed */
};

struct stmi_chunk {
    struct stmi_chunk *next;
    size_t used, size;
    uint64_t last_seq;
};

/* A commit as others see it: contents of modified units, then ranges of new objects. */
struct stmi_entry {
    _Atomic(struct stmi_entry *) next; /* null at the tail; STMI_INEVITABLE: tail, appending blocked */
    uint64_t seq;
    uint32_t nmod, nnew;
    struct stmi_unit unit[]; /* nmod units, then nnew (ref, size) ranges, then bytes */
};
#define STMI_INEVITABLE ((struct stmi_entry *)1)

struct stmi_seg {
    int id;                     /* 1.. */
    uptr base;                  /* views and markers: displacement */
    struct stmi_thread *holder; /* world lock to change */
    bool busy;                  /* held, by a thread or a cleaner */
    _Atomic bool stale;         /* view and log position are worthless until rebuilt */
    int idle_rounds;
    unsigned short version;
    /* transaction */
    bool in_tx;
    STMI_VEC(struct stmi_unit) units;
    unsigned char *backup;
    size_t backup_n, backup_cap;
    STMI_VEC(struct stmi_run) runs;
    size_t runs_walked; /* so many of the first runs have all their start bits */
    struct stmi_run *runs_spare;
    size_t runs_spare_cap;        /* the sweep builds the new list here */
    STMI_VEC(uint32_t) new_large; /* indexes of fresh large objects */
    STMI_VEC(uptr) frees;         /* stm_free of committed objects */
    size_t work, mod_bytes;
    size_t atomic_units; /* units logged when the last atomic block ended: more were logged outside since */
    bool atomic_done;    /* this attempt has come to the end of an atomic block */
    unsigned long long begun; /* time stamp counter at the begin; 0: the thread was alone then */
    /* allocation */
    STMI_VEC(struct stmi_hole) holes;
    bool fragmented; /* allocation found no hole among many: the next young collection merges them */
    STMI_VEC(uint32_t) gathered;    /* scratch of that */
    uptr zeroed;                    /* the last run is known to be zero from alloc up to here */
    size_t piece, handed, young_at; /* bytes handed out since the last young collection; its trigger */
    size_t tx_large;
    /* log */
    STMI_VEC(uint32_t) wrote; /* while events are logged: positions at which the first units were written */
    const struct stmi_entry *met;
    const struct stmi_unit *met_unit; /* the entry that ended the transaction, what of it */
    struct stmi_entry *last;
    _Atomic uint64_t seq; /* of last: entries before it are no more needed here */
    struct stmi_chunk *chunk_first, *chunk_last;
    size_t chunk_bytes, entry_was;
    unsigned char *priv; /* page map */
    size_t npriv;
} __attribute__((aligned(128)));

enum stmi_state { STMI_OUTSIDE, STMI_RUNNING, STMI_PARKED };

/* What waits for the end of a transaction (callback.c, output.c, death.c). */
struct stmi_callback {
    void (*fn)(void *);
    void *key;
};
enum stmi_ending_kind { STMI_WEAK, STMI_FINALIZER, STMI_DESTRUCTOR, STMI_DYING };
struct stmi_ending { /* what shall happen when an object dies */
    enum stmi_ending_kind kind;
    uptr ref;    /* weak: the reference itself */
    uptr target; /* of a weak reference */
    void (*fn)(void *);
};
struct stmi_later {
    STMI_VEC(struct stmi_callback) on_commit, on_abort;
    char *out;
    size_t out_n, out_cap, out_last;      /* deferred output: records */
    STMI_VEC(struct stmi_ending) endings; /* registered by this transaction */
    STMI_VEC(uptr) held;                  /* kept alive until the transaction ends */
    bool committing;                      /* becoming inevitable only to commit */
};

struct stmi_specific {
    unsigned key;
    const void *value;
};

struct stmi_thread {
    uint32_t control[2];   /* floating-point control at the begin: MXCSR; x87, and its status; context.c wants
                              it first */
    struct stm_self *self; /* the thread's own copy */
    struct stmi_seg *seg;  /* null: outside the zone */
    struct stmi_seg *away; /* the segment that it left detached */
    _Atomic bool detached; /* from true to false by compare-and-swap: by itself, or with the world lock
                              (stmi_reclaim) */
    enum stmi_state state; /* world lock to change; a detached thread's is RUNNING */
    struct stmi_thread *next, **prev;           /* all threads */
    struct stmi_thread *queue_next;             /* waiting for a segment */
    struct stmi_thread *tail_next, **tail_prev; /* waiting for the log's tail; prev null: not */
    pthread_cond_t wake;
    int last_seg;
    unsigned long slice_start; /* us, when the segment was taken */
    pthread_t id;
    /* stack */
    char *base; /* the transactional part ends here */
    char *sp;   /* while not running: where its live part begins */
    uptr outside[STMI_OUTSIDE_WORDS];
    size_t outside_n; /* while it holds no segment: bytes from sp on, when it left */
    char *snapshot;
    size_t snapshot_n, snapshot_cap;
    char *snapshot_sp;
    char *alt_stack; /* abort copies from here */
    char *signal_stack;
    struct stmi_tls tls[STMI_MAX_TLS];
    int ntls;
    STMI_VEC(struct stmi_private)
    private_roots; /* memory only this thread reaches: saved, restored, scanned (private.c) */
    char *private_save;
    size_t private_save_cap;
    STMI_VEC(struct stmi_undo) undo;
    /* transaction */
    enum stmi_abort must_abort;
    int retries;                      /* aborts of this transaction so far */
    unsigned long long lost, longest; /* cycles lost in these; in the longest.  Valid if retries > 0 */
    int start_errno;
    size_t target; /* length target */
    bool careful;  /* it met a conflict: grows slowly */
    bool commit_soon;
    unsigned long test_random; /* STM_BREAK */
    unsigned long ticked;      /* ticker: transactions committed when it last looked */
    STMI_VEC(void *) children; /* start records waiting for this transaction's commit */
    stmi_refs mark_stack;
    bool pending; /* something in `later`: the only thing that others look at */
    bool finalizing;
    bool ending;  /* exit.c: the C library is taking it apart; all its transactions are inevitable */
    void *result; /* ... and holds this for pthread_join where no collector looks */
    pthread_key_t gone_key; /* whose destructor frees it */
    bool cancel_is_off, cancel_pushed;
    int cancel_state;                         /* outside the zone */
    STMI_VEC(struct stmi_specific) specifics; /* roots: values of pthread keys */
    int blocks_inside;                        /* STM_BLOCKING inside another */
#ifdef __GLIBC__
    struct _pthread_cleanup_buffer cancel_buffer;
#endif
    volatile int handlers;        /* signal.c: translated signal handlers that it is in */
    void *volatile handler_frame; /* of the innermost */
    int calling_out;              /* in a function that must not allocate (stmi_call_out) */
    struct stmi_later later;
    struct stmi_stats stats;
    unsigned number; /* 1.., in the order of their begin */
    struct stmi_times times;
    uptr site; /* return address of the last slow path that may end or begin a transaction */
    struct stmi_events events;
    void (*test_abort)(struct stmi_thread *, enum stmi_abort); /* testing.h: instead of rewinding */
    void (*test_block)(struct stmi_thread *);                  /* testing.h: instead of waiting */
};

/* stm_self.poll is two words of these bits: what the thread asks of itself (plain stores), and what others
 * ask of it. */
enum {
    STMI_POLL_STOP = 1,
    STMI_POLL_BREAK = 2,
    STMI_POLL_SLICE = 4,
    STMI_POLL_TEST = 8 /* own: STM_BREAK is set */
};
static inline volatile unsigned short *stmi_poll_own(struct stm_self *s)
{
    return (volatile unsigned short *)&s->poll;
}
static inline volatile unsigned short *stmi_poll_others(struct stm_self *s)
{
    return stmi_poll_own(s) + 1;
}
static inline unsigned short stmi_asked(struct stm_self *s)
{
    return __atomic_load_n(stmi_poll_others(s), __ATOMIC_RELAXED);
}

extern _Thread_local struct stmi_thread *stmi_me;

/* ------------------------------------------------------------------ heap.c */

struct stmi_block {
    _Atomic unsigned char
        owner; /* segment that allocates here; 0: none; STMI_OWNER_LARGE: it is large objects' for a while */
    unsigned char malloced;   /* holds, or held, uncollectable objects */
    unsigned char virgin;     /* never handed out: zero */
    unsigned char listed;     /* in the pool of blocks with space */
    unsigned char last_owner; /* whose view has these pages, most likely */
    unsigned char has_fresh;  /* scratch of the major collection */
    unsigned char gathered;   /* scratch of the young collection */
    uint32_t live;            /* bytes found live by the major collection */
    uint32_t runs;            /* during a collection: first run that is not walked, plus 1 */
    uint32_t next;
};
struct stmi_heap {
    uptr lo, hi;                /* all references: [lo, hi) */
    _Atomic uptr small_top;     /* blocks lie in [lo, small_top); heap lock to change */
    _Atomic uptr large_bottom;  /* large objects lie in [large_bottom, hi), and in blocks that they have; heap
                                   lock to change */
    uptr small_high, large_low; /* the furthest that these ever were: between lies what was never used */
    _Atomic uint64_t *start, *mark, *malloced; /* one bit per granule */
    struct stmi_block *block;
    pthread_mutex_t lock;
    _Atomic size_t promoted; /* bytes that became old since the last major collection */
    size_t live;             /* bytes live after the last major collection */
    size_t growth;           /* the least that may become old until the next one (growth.c) */
    size_t major_at;         /* it comes when so many bytes are promoted */
};
extern struct stmi_heap stmi_heap;

void stmi_heap_init(size_t size);
size_t stmi_growth_next(size_t was, size_t promoted, unsigned long cost_ns, unsigned long since_ns);
void stmi_growth_collected(unsigned long begun, unsigned long end);
bool stmi_take_block(struct stmi_seg *s);                            /* adds a block's holes to s->holes */
void stmi_block_holes(size_t b, struct stmi_seg *s, ptrdiff_t view); /* the gaps of block b, as holes of s */
void stmi_block_lost(size_t b, struct stmi_seg *s);
void stmi_pool_reset(void);   /* forget the lists, before blocks are listed anew */
void stmi_pool_add(size_t b); /* world stopped */
void stmi_pool_add_free(size_t b);
size_t stmi_take_free_blocks(size_t n, bool *zero); /* n adjacent ones, for large objects; 0: there are not */
void stmi_trim_blocks(void);
void stmi_blocks_back(size_t *keep); /* free blocks, but for so many bytes, go back to the system */
size_t stmi_blocks(void);
static inline size_t stmi_granule(uptr r)
{
    return (r - STM_HEAP_BASE) / STM_GRANULE;
}
static inline size_t stmi_block_of(uptr r)
{
    return (r - STM_HEAP_BASE) / STMI_BLOCK;
}
static inline size_t stmi_total(size_t nbytes)
{
    return (nbytes + 8 + 15) & ~(size_t)15;
}
static inline bool stmi_bit(const _Atomic uint64_t *map, size_t g)
{
    return atomic_load_explicit(&map[g / 64], memory_order_relaxed) >> (g % 64) & 1;
}
/* Only the owner of the block (or the collector, world stopped) writes start and mark bits. */
static inline void stmi_set_bits(_Atomic uint64_t *map, size_t word, uint64_t bits)
{
    atomic_store_explicit(&map[word], atomic_load_explicit(&map[word], memory_order_relaxed) | bits,
                          memory_order_relaxed);
}
static inline void stmi_set_bit(_Atomic uint64_t *map, size_t g)
{
    stmi_set_bits(map, g / 64, 1ul << (g % 64));
}
static inline bool stmi_in_block(uptr r)
{
    return r - STM_HEAP_BASE < stmi_heap.small_top - STM_HEAP_BASE;
}
static inline int stmi_owner(uptr r) /* of the block at r */
{
    return atomic_load_explicit(&stmi_heap.block[stmi_block_of(r)].owner, memory_order_relaxed);
}
/* Is r where small, where large objects are? */
static inline bool stmi_in_small(uptr r)
{
    return stmi_in_block(r) && stmi_owner(r) != STMI_OWNER_LARGE;
}
static inline bool stmi_in_large(uptr r)
{
    return r - stmi_heap.large_bottom < stmi_heap.hi - stmi_heap.large_bottom ||
           (stmi_in_block(r) && stmi_owner(r) == STMI_OWNER_LARGE);
}
uptr stmi_small_start(uptr q); /* start of the object that q may point into, by bits alone; 0: none */
void stmi_walk_runs(struct stmi_seg *s); /* sets the start bits of everything fresh */
void stmi_link_runs(struct stmi_seg *s); /* or, in a collection, of those blocks that are asked about */
void stmi_walk_block(struct stmi_seg *s, struct stmi_block *b);
void stmi_unlink_runs(struct stmi_seg *s);
void stmi_close_run(struct stmi_seg *s, struct stm_self *self); /* stm_self.alloc back into the last run */
uptr stmi_handed_end(const struct stmi_seg *s, size_t run);
enum stmi_bits { STMI_BITS_CLEAR, STMI_BITS_START, STMI_BITS_MARK }; /* 0, or what another map has */
void stmi_bits_over(_Atomic uint64_t *map, uptr lo, uptr hi, enum stmi_bits op);

/* An object, found from any pointer into it. */
struct stmi_object {
    uptr ref;
    size_t nbytes;
    struct stmi_large *large;
};
bool stmi_find(uptr q, ptrdiff_t view, struct stmi_object *o); /* headers read at ref + view */
bool stmi_is_fresh(const struct stmi_seg *s,
                   uptr r); /* allocated by s's transaction?  r is anywhere in an object */
bool stmi_is_fresh_object(const struct stmi_seg *s,
                          uptr ref); /* quickly, for the start of one; while no collection marks */

/* ------------------------------------------------------------------ large.c */

extern struct stmi_large *stmi_large;
extern size_t stmi_nlarge;
void stmi_large_init(void);
uptr stmi_large_new(struct stmi_seg *s, size_t n, unsigned type_id); /* 0: no room */
struct stmi_large *stmi_large_find(uptr q);
void stmi_large_drop(struct stmi_large *l); /* the object's pages become free */
void stmi_large_sweep(void);
void stmi_large_back(size_t *keep, bool emergency); /* as stmi_blocks_back */
size_t stmi_large_bytes(void);

/* ------------------------------------------------------------------ alloc.c, malloc.c */

void stmi_preset_written(uptr lo, uptr hi);   /* alloc.c: fresh memory passes the write barrier */
void stmi_free_committed(struct stmi_seg *s); /* malloc.c: the frees of a transaction that committed */

/* ------------------------------------------------------------------ barrier.c (segment, plainview) */

void stmi_write_from(uptr r, size_t n,
                     const void *site); /* write barrier on [r, r+n), for the program's code at site */

/* ------------------------------------------------------------------ tls.c */

void stmi_tls_find(struct stmi_thread *t); /* the calling thread's blocks */
void stmi_tls_free(struct stmi_thread *t);
/* [p, p+n) is about to be written by t, in a transaction that may abort.  False: it is not t's storage. */
bool stmi_tls_save(struct stmi_thread *t, uptr p, size_t n);
void stmi_tls_undo(struct stmi_thread *t); /* perhaps by the leader, t parked */
struct stmi_marker;
void stmi_tls_roots(struct stmi_marker *m, const struct stmi_thread *t); /* what an abort would bring back */

/* ------------------------------------------------------------------ mark.c, markers.c, roots.c, types.c */

struct stmi_marker {
    struct stmi_thread *t;  /* who collects; in a helper: null */
    stmi_refs *pending;     /* marked, contents not looked at yet */
    struct stmi_seg *young; /* collect only this segment's fresh objects; null: all */
    ptrdiff_t view;         /* contents of objects are at ref + view */
    size_t bytes;           /* found live */
    uint32_t *live; /* others mark at the same time: bytes found live, by block.  Else null, and counted in
                       the blocks */
    unsigned since; /* objects looked at since it last gave some away */
    unsigned at;
    uptr ahead[STMI_MARK_AHEAD]; /* words to try, whose objects are being fetched; a ring */
};
void stmi_mark_word(struct stmi_marker *m, uptr w);
void stmi_mark_range(struct stmi_marker *m, const void *lo,
                     const void *hi); /* real addresses, conservative */
void stmi_mark_contents(struct stmi_marker *m, uptr ref, size_t nbytes, ptrdiff_t view);
void stmi_mark_typed(struct stmi_marker *m, const struct stm_type *type, const void *at, size_t nbytes);
void stmi_mark_outside(struct stmi_marker *m, const struct stm_type *type, const void *at, size_t nbytes);
void stmi_mark_object(struct stmi_marker *m, uptr ref); /* the contents of a marked object */
bool stmi_mark_more(struct stmi_marker *m); /* some are pending, after all words that were put off */
void stmi_mark_drain(struct stmi_marker *m);
void stmi_mark_drain_all(
    struct stmi_marker *m); /* major collection: with helpers, if there is much (markers.c) */
void stmi_mark_share(struct stmi_marker *m); /* markers.c: if others have nothing to do */
extern _Atomic bool stmi_mark_hungry;
void stmi_markers_gone(void); /* in a forked child */

void stmi_roots_thread(struct stmi_marker *m, struct stmi_thread *t, bool snapshot);
void stmi_roots_globals(struct stmi_marker *m, ptrdiff_t statics_view);
void stmi_roots_outside(struct stmi_marker *m);    /* what is shared, and no part of transactions */
void stmi_root_result(pthread_t id, void *result); /* a thread's result lives until the id is used again */
void stmi_root_result_forget(pthread_t id);

struct stmi_tag {
    uptr mask, tag;
};
extern struct stmi_tag stmi_tags[STMI_MAX_TAGS];
extern int stmi_ntags;
extern const struct stm_type **stmi_types;
extern unsigned stmi_ntypes;
void stmi_types_init(void);

/* ------------------------------------------------------------------ statics.c */

extern const struct stm_static **stmi_statics; /* sorted by address */
extern size_t stmi_nstatics;
void stmi_statics_init(void); /* sorts the table, sets the hull */
const struct stm_static *stmi_static_find(uptr p);

/* ------------------------------------------------------------------ segment.c */

extern struct stmi_seg *stmi_segs; /* 1..stmi_nseg */
extern int stmi_nseg;
extern ptrdiff_t stmi_shared_disp, stmi_statics_disp; /* the shared view: reference + this */
void stmi_segments_init(void);
void stmi_set_base(uptr base);
bool stmi_pages_back(uptr lo, size_t n); /* world stopped: memory goes back to the system */
#if STMI_VIEWS
/* States of a page in a view.  DIRTY: own copy, perhaps not written back; CLEAN: written back since; KEEP:
 * scratch. */
enum { STMI_PAGE_SHARED, STMI_PAGE_DIRTY, STMI_PAGE_KEEP, STMI_PAGE_CLEAN };
void *stmi_shared(uptr r);
size_t stmi_page_index(uptr r);                /* in page maps */
void stmi_page_ranges(struct stmi_range r[3]); /* of page numbers in use */
uptr stmi_page_ref(size_t page);
bool stmi_static_page(uptr r); /* a reference in the pages of static objects, or between them */
void stmi_clear_markers(struct stmi_seg *s);
void stmi_forget_written(struct stmi_seg *s, uptr lo, uptr hi); /* s loses [lo, hi) in mid-transaction */
void stmi_segments_fork(struct stmi_seg *from);                 /* a memory file of the child's own */
void stmi_drop_private(struct stmi_seg *s);                     /* world stopped, or s free and going stale */
static inline void *stmi_view(const struct stmi_seg *s, uptr r)
{
    return (void *)(r + s->base);
}
static inline unsigned short *stmi_r_marker(const struct stmi_seg *s, uptr r)
{
    return (unsigned short *)((r >> 4) * 2 + s->base + STM_R_DISP);
}
static inline unsigned short *stmi_w_marker(const struct stmi_seg *s, uptr r)
{
    return (unsigned short *)((r >> 4) * 2 + s->base + STM_W_DISP);
}
void stmi_privatise(struct stmi_seg *s, uptr r, size_t n);
#else
static inline void *stmi_view(const struct stmi_seg *s, uptr r)
{
    (void)s;
    return (void *)r;
}
#endif
/* What the transaction has done, as the length target counts it: what was handed out and not used does not
 * count. */
static inline size_t stmi_work(const struct stmi_seg *s, const struct stm_self *self)
{
    return STMI_VIEWS ? s->work - (self->alloc_end - self->alloc) : s->work;
}

/* ------------------------------------------------------------------ log.c (segment, plainview) */

void stmi_log_init(void);
/* Copies newer entries into s's view.  version not 0: stops, returning the reason, at one that conflicts. */
enum stmi_abort stmi_advance(struct stmi_seg *s, unsigned short version);
struct stmi_entry *stmi_entry_new(struct stmi_seg *s, size_t bytes);
void stmi_entry_done(struct stmi_seg *s, const struct stmi_entry *e);
void stmi_entry_cancel(struct stmi_seg *s, const struct stmi_entry *e);
void stmi_log_reset(void); /* world stopped, all views at the tail */
bool stmi_solo(void);      /* no other view depends on the log */

/* ------------------------------------------------------------------ transaction.c, context.c, inevitable.c,
 * contention.c */

void stmi_begin(struct stmi_thread *t);            /* returns again after each abort */
void stmi_begin_again(struct stmi_thread *t);      /* after an abort: the same transaction once more */
void stmi_begin_inevitable(struct stmi_thread *t); /* without a snapshot: the caller's frame may return */
void stmi_commit(struct stmi_thread *t);           /* may abort instead of returning */
void stmi_commit_quick(struct stmi_thread *t);     /* the same; costs nothing where nothing was done */
void stmi_undo(struct stmi_thread *t, struct stmi_seg *s); /* the transaction never happened; stack aside */
void stmi_undo_parked(struct stmi_thread *t, struct stmi_seg *s); /* by the leader; t aborts when it wakes */
void stmi_abort(struct stmi_thread *t, enum stmi_abort why) __attribute__((noreturn));
void stmi_make_inevitable(struct stmi_thread *t, const char *why);
void stmi_inevitable_at(const char *why,
                        const void *site); /* unless outside of transactions; site: the program's */
void stmi_serial_at(const char *why, const void *site); /* likewise, and alone until its end */
void stmi_end_inevitable(struct stmi_thread *t, struct stmi_entry *entry);
extern struct stmi_thread *_Atomic stmi_inevitable_thread;
/* contention.c */
void stmi_lost(struct stmi_thread *t,
               unsigned long long cycles);   /* an attempt was aborted; cycles 0: not known */
bool stmi_must_win(struct stmi_thread *t);   /* the next attempt is to be inevitable */
void stmi_elder_done(struct stmi_thread *t); /* t's inevitable transaction has ended */

/* private.c */
void stmi_private_save(struct stmi_thread *t);
void stmi_private_restore(struct stmi_thread *t);
void stmi_private_roots(struct stmi_marker *m, struct stmi_thread *t, bool saved);
void stmi_private_free(struct stmi_thread *t);

int stmi_context_start(struct stmi_thread *t); /* saves registers and stack; 0, and 1 after each resume */
void stmi_context_resume(struct stmi_thread *t, char *sp, char *alt_top) __attribute__((noreturn));
/* Pushes the callee-saved registers, then calls fn(t, arg, stack pointer): the collector sees them, while fn
 * runs. */
void stmi_with_registers(void (*fn)(struct stmi_thread *, void *, char *), struct stmi_thread *t, void *arg);

/* ------------------------------------------------------------------ world.c, ticker.c, thread.c, fork.c */

struct stmi_world {
    pthread_mutex_t lock;
    pthread_cond_t stopped, resumed, inevitable;
    struct stmi_thread *threads;
    struct stmi_thread *queue, **queue_end; /* threads waiting for a segment, in order */
    _Atomic int nqueue;                     /* how many these are, and holders of segments above the limit */
    _Atomic int limit;                      /* segments above this are not handed out */
    struct stmi_thread *tail, **tail_end;   /* threads that had to wait for the log's tail, in order */
    _Atomic int stopping;
    struct stmi_thread *serial;     /* whose transaction is alone until it ends; null: nobody's */
    int running;                    /* threads in state STMI_RUNNING */
    _Atomic int inevitable_waiters; /* threads in that queue */
    _Atomic int nlive;              /* segments that are not stale */
    _Atomic int nheld;              /* segments that threads hold */
};
extern struct stmi_world stmi_world;
/* Nobody is there to conflict with. */
static inline bool stmi_alone(void)
{
    return atomic_load_explicit(&stmi_world.nheld, memory_order_relaxed) == 1;
}
void stmi_world_init(void);
void stmi_acquire(struct stmi_thread *t); /* takes a segment; waits its turn */
void stmi_release(struct stmi_thread *t);
void stmi_detach(struct stmi_thread *t, char *end); /* around blocking calls */
bool stmi_reclaim(struct stmi_thread *t);
void stmi_yield(struct stmi_thread *t);                    /* both: to the end of the queue */
void stmi_ask(struct stmi_thread *t, unsigned short bits); /* another thread's poll word */
static inline void stmi_ask_self(struct stmi_thread *t, unsigned short bits)
{
    *stmi_poll_own(t->self) |= bits;
}
void stmi_park(struct stmi_thread *t);       /* if the world is to stop: wait; may abort */
bool stmi_world_stop(struct stmi_thread *t); /* true: stopped, the caller leads, world lock held */
void stmi_world_resume(void);
void stmi_world_close(
    struct stmi_thread *t); /* world stopped by t, inevitable: others wait for the end of its transaction */
void stmi_world_open(void); /* it has ended */
/* Does the caller lead a stopped world?  For assertions. */
#ifdef UNGIL_DEBUG
static inline bool stmi_stopped(void)
{
    return stmi_world.stopping && stmi_world.running <= 1 && stmi_holds(&stmi_world.lock);
}
#endif
bool stmi_turn_over(const struct stmi_thread *t); /* asked only while others wait */
static inline bool stmi_should_yield(struct stmi_thread *t)
{
    return stm_unlikely(atomic_load_explicit(&stmi_world.nqueue, memory_order_relaxed)) && stmi_turn_over(t);
}
void stmi_world_stop_all(struct stmi_thread *t); /* t may be outside, or null; world lock held on return */
void stmi_world_of_one(struct stmi_thread *t);   /* in a forked child */
void stmi_fork_init(void);                       /* fork.c */
void stmi_wait_inevitable(struct stmi_thread *t, bool to_be);
void stmi_tail_leave(struct stmi_thread *t);
void stmi_ticker_wanted(void); /* ticker.c; world lock held */
void stmi_ticker_gone(void);
void stmi_ticker_alone(void);
void stmi_thread_list(struct stmi_thread *t);
void stmi_thread_unlist(struct stmi_thread *t);

struct stmi_thread *stmi_thread_new(char *base);
void stmi_thread_free(struct stmi_thread *t);
void stmi_children_go(struct stmi_thread *t);
void stmi_roots_starts(struct stmi_marker *m, struct stmi_thread *t);
void stmi_exit_init(void);                                 /* exit.c */
void stmi_exit_watch(struct stmi_thread *t);               /* have the end of the calling thread, t, told */
void stmi_exit_watched(struct stmi_thread *t);             /* not any more */
void stmi_exit_begins(struct stmi_thread *t, void *value); /* t ends, with value; not with the world lock */
void stmi_enter_to_end(struct stmi_thread *t);             /* outside, t comes back, and is to end inside */
void stmi_cancel_off(struct stmi_thread *t);               /* no cancellation until stmi_cancel_back */
void stmi_cancel_back(struct stmi_thread *t);
void stmi_cancel_enters(
    struct stmi_thread *t); /* outside the zone: should it be cancelled, it comes back first */
void stmi_cancel_leaves(struct stmi_thread *t);
/* Calls fn in the zone, wherever the calling thread, t, is; null: it is none of ours. */
void stmi_visit(struct stmi_thread *t, void (*fn)(void));
void stmi_enter(struct stmi_thread *t); /* segment and transaction */
void stmi_leave(struct stmi_thread *t); /* commit, give the segment back */

/* ------------------------------------------------------------------ young.c, major.c, verify.c */

enum stmi_young { STMI_YOUNG_GO_ON, STMI_YOUNG_COMMIT };
void stmi_young(struct stmi_thread *t, enum stmi_young how);
void stmi_young_at(struct stmi_thread *t, enum stmi_young how); /* t->sp set; t may be parked */
void stmi_drop_fresh(struct stmi_seg *s);          /* abort: everything allocated becomes holes again */
void stmi_promote(struct stmi_seg *s);             /* commit: everything fresh becomes old */
void stmi_major(struct stmi_thread *t, bool must); /* stop the world and collect, unless someone just did */
bool stmi_major_wanted(void);
/* For check.c, else null: called with the world stopped, when the dead are gone; and before a commit. */
extern void (*stmi_swept)(void);
extern void (*stmi_committing)(const struct stmi_thread *t);
/* seen.c: the access at that site is being checked. */
struct stm_check_site;
void stmi_check_seen(const struct stm_check_site *site);
#if STMI_VIEWS
void stmi_rebuild(struct stmi_thread *t, struct stmi_seg *s); /* world stopped */
void stmi_in_flight_apart(struct stmi_seg *s);                /* in the child of a fork */
void stmi_all_to_tail(void); /* world stopped: every live view, and the shared one, newest */
#endif
/* Debug builds: invariants.  `when` is for the message. */
#ifdef UNGIL_DEBUG
#define STMI_ENSURE(when, x)                                                                                 \
    (stm_likely(x) ? (void)0 : (stmi_warn("verifier, %s", when), stmi_broken(#x, __FILE__, __LINE__)))
void stmi_verify(const char *when);                                   /* all; world stopped */
void stmi_verify_views(const char *when);                             /* world stopped, after a write-back */
void stmi_verify_segment(const struct stmi_seg *s, const char *when); /* by its holder */
size_t stmi_pool_count(const char *when);                             /* heap.c */
void stmi_large_verify(const char *when);                             /* large.c */
#else
#define stmi_verify(when) ((void)0)
#define stmi_verify_views(when) ((void)0)
#define stmi_verify_segment(s, when) ((void)0)
#endif

/* ------------------------------------------------------------------ callback.c, output.c, death.c */

/* Calls fn where nothing may abort, allocate or end the transaction; its accesses go through the view at
 * base. */
void stmi_call_out(uptr base, void (*fn)(void *), void *arg);
/* These are called only if t->pending. */
void stmi_later_commit(struct stmi_thread *t); /* about to commit; may abort */
void stmi_later_committed(struct stmi_thread *t);
void stmi_later_inevitable(struct stmi_thread *t);               /* has just turned inevitable */
void stmi_later_undo(struct stmi_thread *t, struct stmi_seg *s); /* perhaps by the leader, t parked */
void stmi_later_aborted(struct stmi_thread *t);                  /* by t itself */
void stmi_later_roots(struct stmi_marker *m, struct stmi_thread *t, bool all);
void stmi_later_free(struct stmi_thread *t);
void stmi_output_flush(struct stmi_thread *t);
/* format.c: appends to x what printf makes of a format, a real address, and arguments that may be references.
 * Text ends with a null that n does not count; its memory is the caller's to free.  May abort (a string's or
 * a count's page), before which nothing is freed.  False: errno is set; what is in x means nothing. */
struct stmi_text {
    char *at;
    size_t n, cap;
};
bool stmi_format(struct stmi_text *x, const char *f, va_list ap);
void stmi_output_last(void); /* the process ends: what deferred streams have in their buffers */
void stmi_endings_young(struct stmi_marker *m, struct stmi_thread *t,
                        struct stmi_seg *s);    /* marked, not swept */
void stmi_endings_major(struct stmi_marker *m); /* likewise; world stopped */
void stmi_endings_roots(struct stmi_marker *m);
void stmi_endings_commit(struct stmi_thread *t);
void stmi_endings_undo(struct stmi_thread *t, struct stmi_seg *s);
extern _Atomic int stmi_finalizers_ready;
void stmi_run_finalizers(struct stmi_thread *t); /* between transactions */

void stmi_out_of_memory(struct stmi_thread *t, size_t n); /* service.c; returns if a hook freed something */

/* ------------------------------------------------------------------ signal.c, trap.c, start.c, main.c */

bool stmi_in_handler(struct stmi_thread *t); /* if t->handlers; signal.c */
/* The calling code may use the runtime only as a guest, who changes nothing: in a signal handler, or a
 * thread unknown to the runtime. */
static inline bool stmi_is_guest(struct stmi_thread *t)
{
    return stm_unlikely(!t || (t->handlers && stmi_in_handler(t)));
}
void stmi_not_in_handler(struct stmi_thread *t, const char *what); /* dies if it is */
struct sigaction;
int stmi_trap_sigaction(int sig, const struct sigaction *act,
                        struct sigaction *old); /* as sigaction; the reporter stays first */

void stmi_trap_init(void);
void stmi_trap_thread(struct stmi_thread *t); /* its signal stack */
void stmi_trap_thread_gone(struct stmi_thread *t);
void stmi_start(void); /* once; the constructor calls it */
void stmi_enter_main(char *base);
extern bool stmi_started;

#endif
