/* priv.h - what the files of passes/ share and nobody else sees.
 *
 * One caption for each owning file.  Everything not declared here or in ir.h is static.
 */
#ifndef PASSES_PRIV_H
#define PASSES_PRIV_H

#include "ir.h"

#if defined __GNUC__
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#else
#define PRINTF_LIKE(f, a)
#endif

/* Flags of instructions by name, for printer and parser (IRI_REMOVED has no text form: removed barriers are
 * not printed). */
/* clang-format off */
#define IR_FLAG_TABLE(X)                                                                                  \
    X(IRI_NOSAFEPOINT, "nosafepoint")                                                                     \
    X(IRI_NOALLOC, "noalloc")                                                                             \
    X(IRI_NOINEV, "noinev")                                                                               \
    X(IRI_PURE, "pure")                                                                                   \
    X(IRI_IMMUTABLE, "immutable")                                                                         \
    X(IRI_RETURNS_FRESH, "fresh")                                                                         \
    X(IRI_NORETURN, "noreturn")                                                                           \
    X(IRI_RETURNS_TWICE, "twice")                                                                         \
    X(IRI_READONLY, "readonly")                                                                           \
    X(IRI_ALONE, "alone")                                                                                  \
    X(IRI_MAYBE, "maybe")                                                                                 \
    X(IRI_INFERRED, "inferred")                                                                           \
    X(IRI_LOCAL, "local")                                                                                 \
    X(IRI_AFTER, "after")                                                                                 \
    X(IRI_MOVED, "moved")                                                                                 \
    X(IRI_BROKEN, "broken")                                                                               \
    X(IRI_WHOLE, "whole")                                                                                 \
    X(IRI_STALE, "stale")                                                                                 \
    X(IRI_OR_FRESH, "orfresh")                                                                            \
    X(IRI_TURNS, "turns")                                                                                 \
    X(IRI_RANGE, "range")                                                                                 \
    X(IRI_ARRAY, "array")                                                                                 \
    X(IRI_GUARDED, "guarded")                                                                             \
    X(IRI_OWN, "own")                                                                                     \
    X(IRI_ALIASED, "aliased")                                                                             \
    X(IRI_EXPORTED, "exported")
/* clang-format on */

/* ---- ir.c ---- */
/* Says what is wrong and aborts: a bug of ours or of the caller, never of the user. */
_Noreturn void ir_die(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* malloc and friends that die when memory runs out. */
void *ir_xcalloc(size_t n, size_t size);
void *ir_xrealloc(void *p, size_t size);
/* n zeroed bytes that live as long as m. */
void *ir_alloc(struct ir_module *m, size_t n);
/* Room for one more element in an arena array of *cap elements, n of them used; returns the array. */
void *ir_grow(struct ir_module *m, void *array, unsigned n, unsigned *cap, size_t elem);
/* A new instruction that is in no block yet. */
struct ir_inst *ir_inst_new(struct ir_func *f, enum ir_op op, enum ir_class cls, struct ir_loc loc);
/* Names the local that holds the operand added to the anchor i last. */
void ir_name_last(struct ir_inst *i, const char *name);
/* The number of p among b's predecessors. */
unsigned ir_pred_index(const struct ir_block *b, const struct ir_block *p);
void ir_append(struct ir_block *b, struct ir_inst *i);
void ir_prepend(struct ir_block *b, struct ir_inst *i);
void ir_add_edge(struct ir_block *from, struct ir_block *to);
extern const char *const ir_class_name[4];
extern const char *const ir_unit_name[3];
extern const char *const ir_view_name[4]; /* of IR_VIEW_CONVERT: "" */
static inline bool ir_has_result(const struct ir_inst *i)
{
    return ir_op_flags[i->op] & IRF_RESULT;
}
static inline bool ir_is(const struct ir_inst *i, unsigned op_flags)
{
    return ir_op_flags[i->op] & op_flags;
}
/* A barrier that is still there. */
static inline bool ir_live_barrier(const struct ir_inst *i)
{
    return ir_is(i, IRF_BARRIER) && !(i->flags & IRI_REMOVED);
}
/* One that is executed whenever control comes to it. */
static inline bool ir_sure_barrier(const struct ir_inst *i)
{
    return ir_live_barrier(i) && !(i->flags & IRI_BROKEN);
}

/* ---- dataflow.c: one solver for all bit-vector problems ---- */
typedef unsigned long word;
enum { WORD_BITS = 8 * sizeof(word) };
static inline bool bit_get(const word *w, unsigned b)
{
    return w[b / WORD_BITS] >> b % WORD_BITS & 1;
}
static inline void bit_set(word *w, unsigned b)
{
    w[b / WORD_BITS] |= (word)1 << b % WORD_BITS;
}
static inline void bit_clear(word *w, unsigned b)
{
    w[b / WORD_BITS] &= ~((word)1 << b % WORD_BITS);
}

struct dataflow {
    struct ir_func *func;
    unsigned nbits;
    bool backward; /* facts flow from successors to predecessors */
    bool may;      /* paths join by union; else by intersection, starting from "everything" */
    void *ctx;     /* handed to the callbacks */
    /* Takes bits through block b in place: from its start to its end, backward from its end to its start. */
    void (*transfer)(void *ctx, struct ir_block *b, word *bits);
    /* Optional: what holds across the edge from -> to.  `state` is the far end's state (forward: at the end
     * of `from`; backward: at the start of `to`); `bits` starts as a copy of it.  `pred` is from's index
     * among to->preds. */
    void (*edge)(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state,
                 word *bits);
    /* result and scratch */
    unsigned nwords;
    word *state; /* nwords for each block, by block number: its end, or, backward, its start */
    word *scratch;
    bool *visited;
};
/* Runs to the fixpoint.  At the function's entry (backward: at its exits) no fact holds. */
void dataflow_solve(struct dataflow *df);
/* Puts into bits, of df->nwords, the solution at the start of b (backward: at its end). */
void dataflow_at(struct dataflow *df, struct ir_block *b, word *bits);
void dataflow_free(struct dataflow *df);

/* ---- callgraph.c: functions by name */
struct func_index;
struct func_index *func_index_new(const struct ir_module *m);
void func_index_free(struct func_index *x);
struct ir_func *func_index_at(const struct func_index *x, unsigned k); /* k < m->nfuncs; in order of names */
/* The place of the function with that name; -1 if there is none, or several, or one that is replaceable. */
int func_index_find(const struct func_index *x, const char *name);
/* Is there any? */
bool func_index_has(const struct func_index *x, const char *name);
/* Is every call of f in the module?  (If it is called by name: nobody else can.) */
bool func_callers_known(const struct ir_module *m, const struct ir_func *f);

/* ---- number.c: which pointers are equal ---- */
struct numbering {
    struct ir_func *f;
    /* by value number */
    struct ir_inst **base; /* the value is base + off */
    int *off;
    struct ir_inst **root; /* of the same object: base, looked through derives of unknown offset */
    struct ir_inst **outer;
    unsigned nouter;       /* bases that callers know too: parameters and globals */
    struct ir_inst **same; /* load: the earlier load that it equals, or null */
    bool *may_be_fresh;    /* the object may have been allocated in this transaction (alias.c) */
};
/* loads: find equal loads too.  Good until the function changes (barriers do not matter). */
struct numbering *number_new(struct ir_func *f, bool loads);
void number_free(struct numbering *n);
/* May i change the bytes that `load`, or a `localread`, reads, if both use the same values (alias.c)? */
bool number_may_change(const struct numbering *n, struct ir_inst *load, struct ir_inst *i);
/* Is base the address of a global: the same in the whole program? */
bool number_is_constant(const struct ir_inst *base);

/* ---- alias.c: may this write change what that load read? ---- */
/* Where an access, or a `localread`, reads or writes: bytes [lo, hi) behind base, if that is known. */
struct alias_place {
    struct ir_inst *inst, *base, *root;
    unsigned regions; /* of memory where it may be */
    bool object;      /* base is an object's start */
    bool known;
    int lo, hi;
};
/* What an instruction may write. */
struct alias_write {
    struct ir_inst *inst;
    unsigned regions;
    bool at_place, initialises,
        sets_errno; /* at_place: there only; initialises: of an object that is fresh */
    struct alias_place place;
};
struct alias_place alias_place(const struct numbering *n, struct ir_inst *i);
/* False if i writes nothing that a load could read. */
bool alias_write(const struct numbering *n, struct ir_inst *i, struct alias_write *w);
/* May the write change what the load reads, if both use the same values? */
bool alias_may_change(const struct numbering *n, const struct alias_place *load, const struct alias_write *w);
/* For number.c: fills n->may_be_fresh.  The others need dominators. */
void alias_find_fresh(struct numbering *n);

/* ---- motion.c: which functions come back whenever they are called (loops that have a way out are taken to
 * end) ---- */
struct functions {
    struct func_index *index;
    bool *returns;
};
struct functions functions_new(const struct ir_module *m);
void functions_free(struct functions *fs);
/* May i be a call that does not come back? */
bool functions_may_not_return(const struct functions *fs, const struct ir_inst *i);

/* ---- facts.c: what is known about barriers, at each program point ---- */
struct facts;
/* Solves the must-problem "which barriers have been done in this transaction, and which objects are fresh"
 * over f. fresh_only: leaves the barriers out.  f must be verified; nothing may be changed until facts_free
 * but IRI_REMOVED and `pass` of barriers. */
struct facts *facts_new(struct ir_func *f, bool fresh_only);
void facts_free(struct facts *fs);
/* Walking: facts_enter goes to the start of b, facts_step over one of its instructions after the other. */
void facts_enter(struct facts *fs, struct ir_block *b);
void facts_step(struct facts *fs, const struct ir_inst *i);
/* At the point reached: is barrier i (RBAR or WBAR) superfluous? */
bool facts_cover(const struct facts *fs, const struct ir_inst *i);
/* At the point reached: is v null, or was the object it points into allocated in this transaction? */
bool facts_fresh(const struct facts *fs, const struct ir_inst *v);
/* Is the point reached one where control cannot come? */
bool facts_dead(const struct facts *fs);
/* At the point reached: does a fact that a callee or the entry speaks of hold?  call: its parameters are
 * this call's arguments; a return, or null: our own. */
bool facts_hold(const struct facts *fs, const struct ir_fact *fact, const struct ir_inst *call);
enum { MAX_FACT_OFFSET = 4096, MAX_ASKED = 64 };
/* Removes every barrier of m that is covered, in the name of `pass`; returns how many. */
unsigned long facts_remove_covered(struct ir_module *m, bool fresh_only, const char *pass);
unsigned long facts_remove_covered_in(struct ir_func *f, bool fresh_only, const char *pass);
/* For motion.c: the may-problem instead, with every call that has an anchor behind it taken not to end the
 * transaction. */
struct facts *facts_new_may(struct ir_func *f);
/* At the point reached: would a barrier of this kind at base + off do nothing new? */
bool facts_have(const struct facts *fs, struct ir_inst *base, int off, enum ir_unit unit, unsigned size,
                enum ir_fact_kind kind);
/* Is barrier i, of those behind the anchor of `call`, superfluous if the call has ended the transaction? */
bool facts_cover_broken(const struct facts *fs, const struct ir_inst *i, const struct ir_inst *call);

/* ---- makers.c: functions whose fresh result nobody else knows ---- */
struct makers;
/* effects.c has said which calls return fresh objects. */
struct makers *makers_new(const struct ir_module *m);
void makers_free(struct makers *x);
/* Is what such a call of the function with that name returns known to its caller only? */
bool makers_keep_none(struct makers *x, const char *name);

/* ---- reach.c: which bytes a write may reach, through pointers of whatever types ---- */
struct reach;
struct reach *reach_new(const struct ir_module *m);
void reach_free(struct reach *r);
/* `who`, which is not known to write to a fresh object, writes s; null: somewhere. */
void reach_write(struct reach *r, const struct ir_span *s, const struct ir_inst *who);
/* Asks about s: the number of the question. */
unsigned reach_ask(struct reach *r, const struct ir_span *s);
/* After all writes and questions. */
void reach_solve(struct reach *r);
/* Some write that may reach what was asked about; null: there is none. */
const struct ir_inst *reach_writer(const struct reach *r, unsigned question);
/* For mutants: nothing writes there, from now on.  Calls visit for each write that may. */
void reach_forget(struct reach *r, unsigned question, void (*visit)(void *ctx, const struct ir_inst *who),
                  void *ctx);
/* Then, for each question whose bytes nothing writes: calls visit for each record with the bytes of memory
 * made as it that the question may be about. */
void reach_asked(struct reach *r, void (*visit)(void *ctx, unsigned question, const struct ir_span *at),
                 void *ctx);

/* ---- interproc.c: barrier facts that cross calls ---- */
struct interproc;
/* Finds out what every function is given, has done and could make use of: in their summaries, and at the
 * calls that call them. */
struct interproc *interproc_new(struct ir_module *m);
/* `given` and `done` stay, `asked` goes. */
void interproc_free(struct interproc *ip);
/* Are there barriers on whole objects (motion.c)?  For other barriers they are as good as freshness, but not
 * for who asks for a fresh object. */
bool interproc_writes_whole(const struct ir_func *f);

/* ---- turn.c, for inevitable.c ---- */
/* Puts turns to inevitable at anchors of f from where one follows anyway; returns how many.  Those that they
 * cover are left to the caller. */
unsigned long turn_early(struct ir_func *f);

/* ---- the passes, one file each; the table is in pipeline.c ---- */
unsigned long effects_run(struct ir_module *m);
unsigned long local_run(struct ir_module *m);
unsigned long place_run(struct ir_module *m);
unsigned long fresh_run(struct ir_module *m);
unsigned long upgrade_run(struct ir_module *m);
unsigned long available_run(struct ir_module *m);
unsigned long range_run(struct ir_module *m);
unsigned long motion_run(struct ir_module *m);
unsigned long inevitable_run(struct ir_module *m);
unsigned long immutable_run(struct ir_module *m);
unsigned long clone_run(struct ir_module *m);
unsigned long interproc_run(struct ir_module *m);

#endif
