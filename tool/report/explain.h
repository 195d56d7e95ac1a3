/* explain.h - shared by explain.c (why), explain_out.c (text, JSON, remarks) and explain_html.c. */
#ifndef UNGIL_TOOL_REPORT_EXPLAIN_H
#define UNGIL_TOOL_REPORT_EXPLAIN_H

#include <stdio.h>

#include "ast/unit.h"
#include "base/util.h"

/* What became of one access. */
struct explained {
    struct ir_loc loc;
    const char *text; /* the access as written, on one line */
    const char *function;
    bool copy;         /* the function is a copy */
    const char *field; /* "struct.field", or null */
    const char *kind;  /* read, write, update; moved: no access, but a barrier for others */
    enum barrier_kind naive, final;
    const char *remover, *upgrader; /* passes, or null */
    const char *why;                /* a sentence without its period */
    unsigned long executed;         /* with counts: how often, on shared memory; else 0 */
    unsigned counted;               /* ... of how many sites */
};

/* Where a transaction may become inevitable. */
struct inevitable {
    struct ir_loc loc;
    const char *function;
    const char *what;    /* the function called, or "raw write" */
    bool unknown;        /* an external that no table names */
    const char *remover; /* the pass that found it inevitable already, or null */
    bool moved;          /* it turns so here already, because `what` follows */
};

/* A copy of a function (passes/clone.c). */
struct copied {
    struct ir_loc loc; /* of the original's name */
    const char *name, *of;
    const char *calls; /* "lines 12, 40" */
    const char *given; /* what holds before them, beyond what holds before the original's: "f written" */
};

struct explanation {
    struct unit *u;
    const char *file; /* the user's main file */
    struct explained *v;
    unsigned n; /* by file (the main one first), line, column */
    struct inevitable *inev;
    unsigned ninev;
    struct copied *copies;
    unsigned ncopies; /* by file, line */
    bool counted;
};

/* Asks of every access of u, after history_run, what became of it.  counts: a file that a counting build
 * wrote, or null; returns false, with a message, if it cannot be read.  Strings live as long as u. */
bool explain(struct unit *u, const char *counts, struct explanation *e);
void explanation_free(struct explanation *e);
/* "read barrier", "no barrier" and so on. */
const char *explain_state(const struct explained *x);

/* " (it is already)", or where else it turns so; or "". */
const char *explain_turn(const struct inevitable *i);

/* ---- explain_copies.c ---- */
/* Fills in e->copies. */
void explain_copies(struct explanation *e);

/* ---- explain_out.c ---- */
void explain_text(FILE *out, const struct explanation *e);
void explain_json(FILE *out, const struct explanation *e);
/* -Rstm: a line for each barrier that stayed and each cause of inevitability. */
void explain_remarks(FILE *out, const struct explanation *e);

/* ---- explain_html.c ---- */
void explain_html(struct str *out, const struct explanation *e);

#endif
