/* report.h - shared by the files of conflicts/: the conflict log read (read.c), added up (conflicts.c),
 * places in C found (site.c), hints (hints.c), and shown (out.c). */
#ifndef UNGIL_TOOL_CONFLICTS_REPORT_H
#define UNGIL_TOOL_CONFLICTS_REPORT_H

#include <stdio.h>

#include "base/util.h"
#include "ungil_log.h"

/* ---- read.c */

struct event_log {
    const char *file;
    char *bytes;
    size_t n;
    const struct ungil_log_header *header;
    const struct ungil_log_record **v;
    unsigned nrecords, cap; /* in the order of the file */
    struct map names;       /* thread << 32 | number: struct ungil_log_NAME */
    double us;              /* microseconds per tick */
    bool guessed;           /* ... which nobody measured */
    bool cut;               /* the file ends in the middle */
    unsigned bad;           /* errors in the file, reported */
};
/* Returns 0; 1 if the file is no log that we can read, 2 if there is none; after a message. */
int log_read(struct event_log *l, const char *file);
void log_free(struct event_log *l);
/* Name of a thread's text: null if it is not in the file. */
const struct ungil_log_NAME *log_name(const struct event_log *l, uint32_t thread, uint32_t number);
/* The first text of a name, and the one after it. */
const char *log_text(const struct ungil_log_NAME *n);
const char *log_text2(const struct ungil_log_NAME *n);

/* ---- conflicts.c */

/* A place in the program: as its interpreter says, and in C. */
struct site {
    const char *file, *function;
    unsigned line;
}; /* file null: not known */
struct place {
    struct site said; /* file "" and function "": nothing */
    uint32_t module;
    uint64_t offset; /* module 0: none */
    struct site c;   /* found by site.c */
    const char *module_name;
};

struct conflict { /* all aborts of one kind */
    const char *reason, *meaning;
    const char *what;                     /* "struct pair.car", "queue", or "" */
    struct place *winner, *loser, *begin; /* null: not known */
    bool wrote;                           /* the loser wrote it too, at `loser` */
    bool other_field;                     /* each wrote another part of it */
    const char *other;                    /* which the loser wrote, then */
    uint64_t threads;                     /* losers: bits of a hash */
    uint64_t object;                      /* of the first */
    bool many;                            /* others had other objects */
    unsigned aborts, most_retries;
    uint64_t lost;
};
struct turned {
    const char *why;
    struct place *at;
    unsigned count;
    uint64_t lasted, longest, waited;
};
struct waiting {
    const char *state, *meaning;
    struct place *at;
    unsigned count;
    uint64_t lasted, longest;
};
struct stop {
    const char *why;
    struct place *at;
    unsigned count;
    uint64_t stopping, stopped, longest;
};
struct worker {
    uint32_t number;
    const char *name;
    const struct ungil_log_THREAD *sums;
};

struct report {
    struct event_log log;
    struct arena arena;
    struct map places_by_name, groups;
    struct place **places;
    unsigned nplaces, cplaces;
    struct conflict **conflicts;
    unsigned nconflicts, cconflicts; /* costliest first */
    struct turned **turned;
    unsigned nturned, cturned;
    struct waiting **waiting;
    unsigned nwaiting, cwaiting;
    struct stop **stops;
    unsigned nstops, cstops;
    const struct ungil_log_THREAD **threads;
    unsigned nthreads, cthreads;
    unsigned aborts;                          /* records */
    uint64_t lost, commits, all_aborts, life; /* the latter three: of `threads` */
    unsigned top;                             /* of each list */
};

/* ---- hints.c */

/* What may be said about a conflict: up to n sentences; how many. */
unsigned conflict_hints(const struct report *r, const struct conflict *c, const char **hints, unsigned n);

/* ---- site.c, out.c */

/* Finds the C places of r->places, as far as there are a symbolizer and debug information. */
void sites_find(struct report *r);
void conflicts_text(FILE *out, struct report *r);
void conflicts_json(FILE *out, struct report *r);
/* Each record, as it is. */
void conflicts_raw(FILE *out, const struct event_log *l);

#endif
