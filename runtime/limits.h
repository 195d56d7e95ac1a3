/* limits.h - every fixed size of the runtime, in one place, with what ties it to the others. */
#ifndef STMI_LIMITS_H
#define STMI_LIMITS_H

#include "ungil_abi.h"

#define STMI_PAGE 4096ul
#define STMI_BLOCK 32768ul                               /* unit of small-object space, of ownership */
#define STMI_BLOCK_WORDS (STMI_BLOCK / STM_GRANULE / 64) /* bitmap words for a block */
#define STMI_HOLE_MIN 128ul                              /* smaller gaps wait until a neighbour dies */
#define STMI_PIECE_MIN 1024ul                            /* first hand-out after a transaction start */
#define STMI_PIECE_MAX 8192ul                            /* largest hand-out */
#define STMI_MAX_SEGMENTS 64
#define STMI_OWNER_LARGE 255 /* in the place of a block's owner: large objects have it */
#define STMI_MAX_MARKERS 64
#define STMI_MARK_AHEAD 16u           /* objects that a major collection fetches before it looks at them */
#define STMI_HEAP_LIMIT (256ul << 30) /* R markers of a larger heap would reach W's */
#define STMI_HEAP_LEAST (4ul << 20)
#define STMI_NULL_SPAN 65536ul /* null pointers plus offset: markers, no memory */
#define STMI_MAX_TAGS 8
#define STMI_MAX_TLS 64
#define STMI_ALT_STACK 65536ul         /* signal handler; abort's copying */
#define STMI_LOG_CHUNK 65536ul         /* log entries are cut from these */
#define STMI_LOG_SLACK (1ul << 20)     /* log a free segment may pin before it is advanced */
#define STMI_RESHARE 4096ul            /* pages of its own that a view may keep, whatever lives */
#define STMI_LOG_TRIM (16ul << 20)     /* so much log given back: the C library shall do so, too */
#define STMI_GROWTH_MOST (16ul << 20)  /* bytes that become old between major collections, if less lives */
#define STMI_GROWTH_SHARE 25.0         /* they shall take one in so many of the time */
#define STMI_IDLE_ROUNDS 8             /* ... this often, before it is given up as stale */
#define STMI_STACK_SPARE (128ul << 10) /* less stack than this is deep recursion */
#define STMI_OUTSIDE_WORDS 96          /* the frames of the runtime's own functions that leave the zone */
#define STMI_STACK_SLOP 16
#define STMI_EVENT_NAMES 1024ul     /* texts of the conflict log that a thread remembers */
#define STMI_EVENT_TEXT 256ul       /* longest file or function name there */
#define STMI_EVENT_LONG 8192ul      /* two texts in one record; a record fits in a chunk by far */
#define STMI_THREADS_KEPT 64        /* threads that ended and have a row of statistics of their own */
#define STMI_LENGTH_LEAST 64ul      /* length targets never fall below */
#define STMI_ATOMIC_CYCLES 20000ull /* atomic blocks share a transaction that is younger, some 10 us */
#define STMI_ATOMIC_WORK 64ul       /* what an atomic block counts towards the length target */

_Static_assert(STM_GRANULE == 16, "headers fill the upper half of the granule before the payload");
_Static_assert(STMI_BLOCK % STMI_PAGE == 0 && STMI_BLOCK / STM_GRANULE % 64 == 0,
               "bitmap words do not straddle blocks");
_Static_assert(STMI_MAX_SEGMENTS < STMI_OWNER_LARGE, "no segment has that number");
_Static_assert(STM_SMALL_MAX + 64 <= STMI_BLOCK / 2, "a block holds several of the largest small objects");
_Static_assert(STM_CARD % STM_GRANULE == 0, "cards are whole granules");
_Static_assert(STMI_HEAP_LIMIT / 8 <= STM_W_DISP - STM_R_DISP, "R markers end before W markers");
_Static_assert(STMI_HEAP_LIMIT <= STM_HEAP_MAX, "references stay in the reserved range");
_Static_assert(sizeof(struct stm_header) == 8, "the header fits before a 16-aligned payload");

#endif
