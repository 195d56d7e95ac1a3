/* ungil_log.h - the file that STM_LOG=FILE makes, and `ungil conflicts` reads.
 *
 * A header page, then chunks of one size, each mapped and filled by one thread at a time: no lock for an
 * event, no system call, and what was recorded survives whatever kills the process.  A chunk is a row of
 * records; its rest is zero.  A record's first word, which says its kind and length, is stored last, so half
 * a record looks like the chunk's end.
 *
 * Texts (positions, types, reasons) are records of their own, once for each thread that names them; others
 * name them by number.  The number belongs to the record's thread; numbers of thread 0 are the run's.  All
 * is in the byte order of the machine, times are ticks of its time stamp counter. */
#ifndef UNGIL_LOG_H
#define UNGIL_LOG_H

#include <stdint.h>

#define UNGIL_LOG_MAGIC "UngilLog"
#define UNGIL_LOG_VERSION 1u
#define UNGIL_LOG_HEADER 4096u /* bytes; where the first chunk begins */
#define UNGIL_LOG_CHUNK 65536u

struct ungil_log_header {
    char magic[8];
    uint32_t version, chunk, pid, parent; /* parent: this is a forked child's; else 0 */
    uint64_t ticks0, ns0;                 /* time stamp counter and CLOCK_MONOTONIC at the start ... */
    uint64_t ticks1, ns1;                 /* ... and when last written; ns1 == ns0: not yet */
    uint64_t dropped;                     /* records for which there was no room */
    uint32_t ended;                       /* 1: the process came to its exit */
    uint32_t segments;
    char program[1024];
};

struct ungil_log_record {
    uint16_t kind, words; /* words: of 8 bytes, this one included */
    uint32_t thread;
    uint64_t time;
};

/* K(kind, fields): fields is a list F(type, name) of what follows struct ungil_log_record; then come the
 * bytes of a text, if any. */
#define UNGIL_LOG_KINDS(K)                                                                                   \
    K(NAME, UNGIL_LOG_NAME_FIELDS)                                                                           \
    K(ABORT, UNGIL_LOG_ABORT_FIELDS)                                                                         \
    K(INEVITABLE, UNGIL_LOG_INEVITABLE_FIELDS)                                                               \
    K(WAIT, UNGIL_LOG_WAIT_FIELDS)                                                                           \
    K(STOP, UNGIL_LOG_STOP_FIELDS)                                                                           \
    K(THREAD, UNGIL_LOG_THREAD_FIELDS)                                                                       \
    K(SPENT, UNGIL_LOG_SPENT_FIELDS)

/* A text.  what: enum ungil_log_name; a, b, c: see there. */
#define UNGIL_LOG_NAME_FIELDS(F)                                                                             \
    F(uint32_t, number) F(uint32_t, what) F(uint64_t, a) F(uint32_t, b) F(uint32_t, c)
enum ungil_log_name {
    UNGIL_LOG_POSITION =
        1,            /* a: offset in module b, the C site (b 0: none); c: line; text: file, NUL, function */
    UNGIL_LOG_TYPE,   /* text: type's name, NUL, its fields (see stm_type) */
    UNGIL_LOG_STATIC, /* text: static variable's name, NUL, fields */
    UNGIL_LOG_WHY,    /* text: why a transaction turned inevitable */
    UNGIL_LOG_REASON, /* thread 0: reason of aborts; text: name, NUL, meaning */
    UNGIL_LOG_STATE,  /* thread 0: what time is spent on; likewise */
    UNGIL_LOG_MODULE  /* thread 0: executable or library; text: its path */
};

/* A transaction was undone.  It lost so many ticks; `begin` is where it began, `at` where it was told.  The
 * conflict, if object is not 0: `winner` wrote to it at `winner_at`, and changed, first of all, byte
 * `winner_off`; this one has read something of it, and if own_at is not 0 it wrote there, and changed byte
 * `own_off`.  Byte ~0: nothing changed. */
/* clang-format off */
#define UNGIL_LOG_ABORT_FIELDS(F)                                                                         \
    F(uint64_t, lost)                                                                                     \
    F(uint64_t, object)                                                                                   \
    F(uint64_t, size)                                                                                     \
    F(uint64_t, winner_off)                                                                               \
    F(uint64_t, own_off)                                                                                  \
    F(uint32_t, reason)                                                                                   \
    F(uint32_t, retries)                                                                                  \
    F(uint32_t, begin)                                                                                    \
    F(uint32_t, at)                                                                                       \
    F(uint32_t, winner)                                                                                   \
    F(uint32_t, winner_at)                                                                                \
    F(uint32_t, own_at)                                                                                   \
    F(uint32_t, type)
/* clang-format on */

/* An inevitable transaction has ended; it had waited so long to become it. */
#define UNGIL_LOG_INEVITABLE_FIELDS(F)                                                                       \
    F(uint64_t, lasted) F(uint64_t, waited) F(uint32_t, why) F(uint32_t, at)

/* A thread waited: state is a number of UNGIL_LOG_STATE; for thread `whom`, if known. */
#define UNGIL_LOG_WAIT_FIELDS(F)                                                                             \
    F(uint64_t, lasted) F(uint32_t, state) F(uint32_t, at) F(uint32_t, whom) F(uint32_t, unused)

/* A thread stopped the world: how long that took, how long it stood still.  why: a text. */
#define UNGIL_LOG_STOP_FIELDS(F) F(uint64_t, stopping) F(uint64_t, stopped) F(uint32_t, why) F(uint32_t, at)

/* A thread's sums, at its end or the process's.  The text is its name. */
#define UNGIL_LOG_THREAD_FIELDS(F)                                                                           \
    F(uint64_t, life) F(uint64_t, commits) F(uint64_t, aborts) F(uint64_t, inevitable)
#define UNGIL_LOG_SPENT_FIELDS(F) F(uint64_t, ticks) F(uint32_t, state) F(uint32_t, unused)

#define UNGIL_LOG_MEMBER_(type, name) type name;
#define UNGIL_LOG_STRUCT_(kind, fields)                                                                      \
    struct ungil_log_##kind {                                                                                \
        struct ungil_log_record head;                                                                        \
        fields(UNGIL_LOG_MEMBER_)                                                                            \
    };                                                                                                       \
    _Static_assert(sizeof(struct ungil_log_##kind) % 8 == 0, "texts begin at words");
UNGIL_LOG_KINDS(UNGIL_LOG_STRUCT_)

enum ungil_log_kind {
    UNGIL_LOG_END, /* of the chunk */
#define K(kind, fields) UNGIL_LOG_##kind,
    UNGIL_LOG_KINDS(K)
#undef K
        UNGIL_LOG_KIND_COUNT
};

#endif
