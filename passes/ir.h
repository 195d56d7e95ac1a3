/* ir.h - the intermediate representation of transactional events, and the passes over it.
 *
 * A function is a control-flow graph in SSA form.  Its instructions are the events of the C code that matter
 * to transactions, in evaluation order; integers, arithmetic and raw local variables are left out.  Values
 * are pointers (class ref, raw or any) or nothing of interest (class int).
 *
 * This component never sees libclang; tool/ builds the IR through the builder below, tests through the
 * parser. Text form (doc/ir.md): print and parse round-trip exactly.
 */
#ifndef PASSES_IR_H
#define PASSES_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum ir_op {
#define IR_OP(e, name, n, flags) IR_##e,
#include "ops.def"
#undef IR_OP
    IR_OP_COUNT
};

enum ir_op_flag {
    IRF_RESULT = 1,
    IRF_READS = 2,
    IRF_WRITES = 4,
    IRF_ALLOCS = 8,
    IRF_SAFEPOINT = 16,
    IRF_INEV = 32,
    IRF_TERM = 64,
    IRF_BARRIER = 128,
    IRF_ACCESS = 256 /* load, store, update: has unit, size, access number and a target in args[0] */
};

/* What a value is (annotations.md R3).  INT: not a pointer. */
enum ir_class { IRC_INT, IRC_RAW, IRC_ANY, IRC_REF };

/* What a barrier for an access protects.  OBJECT: the operand is the owner (a pointer to its start), the
 * barrier is good for every access to it.  ADDRESS: the operand is the accessed address itself, the owner is
 * not known.  RANGE, of barriers only: the operand is a derive with IRI_RANGE, and the barrier is good for
 * every access, of any size, at what is derived from it. */
enum ir_unit { IRU_OBJECT, IRU_ADDRESS, IRU_RANGE };

/* Flags of one instruction, narrowing its operation's.  "Cannot" is about calls that return: a path in the
 * callee that never comes back to the caller (error, longjmp) does not count, since no fact is used behind
 * it. */
enum ir_inst_flag {
    IRI_NOSAFEPOINT = 1, /* call: cannot end the transaction */
    IRI_NOALLOC = 2,     /* call: cannot allocate */
    IRI_NOINEV = 4,      /* call: cannot turn the transaction inevitable */
    IRI_PURE = 8,        /* call: touches no shared memory */
    IRI_IMMUTABLE =
        16, /* load: the field is immutable, no read barrier; store: the user said so, to be checked */
    IRI_RETURNS_FRESH = 32,  /* call: the result is null, or an object that it allocated */
    IRI_NORETURN = 64,       /* call */
    IRI_RETURNS_TWICE = 128, /* call: setjmp; ends every fact */
    IRI_READONLY = 512,      /* call: writes nothing that existed before, but errno */
    IRI_ALONE = 1024,        /* addr: a global to which no pointer leads: it is accessed by its name only */
    IRI_MAYBE = 2048,        /* inev: only if the runtime finds that it must; never removed */
    IRI_INFERRED = 4096, /* immutable load: not declared, but inferred by whole-program mode; the barrier may
                            be kept where it pays */
    IRI_LOCAL = 8192,    /* raw pointer: always into this thread's frames, or a private stack (local.c) */
    IRI_REMOVED = 256,   /* barrier: removed by a pass (kept for explain; not printed, not executed) */
    IRI_AFTER = 16384, /* anchor: right after the call or safepoint before it; else at the end of its block */
    IRI_MOVED = 32768, /* barrier: stands at the anchor before it, not at its access; `sym` is the local that
                          holds the operand */
    IRI_BROKEN = 65536, /* moved barrier, behind an `after` anchor: executed only if the transaction ended in
                           the call before it */
    IRI_STALE = 131072, /* anchor with broken barriers: another call, unchecked, may have ended the
                           transaction before it */
    IRI_OR_FRESH = 524288, /* call with an argument that it `returns`: that, or an object allocated in this
                              transaction, or null */
    IRI_WHOLE = 262144,    /* moved write barrier: of the whole object, however large */
    IRI_TURNS = 1048576,   /* call: the transaction is inevitable when it returns (inevitable.c) */
    IRI_RANGE = 2097152,   /* derive: the start of all that the loop behind it reaches through one index
                              expression; each value derived from it lies there */
    IRI_ARRAY = 4194304,   /* range: in an array that lies, by its operand's constant offset, behind the start
                              of an object */
    IRI_GUARDED =
        8388608, /* anchor: before a loop; range barriers only, executed if the loop's condition holds */
    IRI_OWN = 16777216,      /* call: what it writes that existed before is its thread's own memory: frames,
                                private stacks, raw memory */
    IRI_ALIASED = 33554432,  /* addr: another name that is `aliased` or `exported` may be the same place, or
                                overlap it */
    IRI_EXPORTED = 67108864, /* addr: defined here, by a name that other files know */
};

/* Offsets of derives and accesses are below; what lies further is at an offset not known.  So sums of a few
 * are integers. */
enum { IR_MAX_OFFSET = 1 << 24 };

struct ir_loc {
    const char *file;
    unsigned line, col;
};

struct ir_block;
struct ir_func;

/* A fact about barriers that crosses a call: about what lies `off` bytes behind parameter `param` (or the
 * result), or behind the global `sym` if that is not null. */
enum { IR_FACT_RESULT = -1 };
enum ir_fact_kind {
    IR_FACT_MARKED,
    IR_FACT_WRITTEN /* implies marked */,
    IR_FACT_FRESH,
    IR_FACT_LOCAL /* points into the stack */
};
struct ir_fact {
    const char *sym;
    int param, off;
    enum ir_unit unit;
    unsigned size;
    enum ir_fact_kind kind;
};

/* What is known of a function beyond its body (interproc.c). */
struct ir_summary {
    struct ir_fact *given;
    unsigned ngiven; /* hold at its entry, whoever calls it */
    struct ir_fact *done;
    unsigned ndone; /* hold when it returns */
    struct ir_fact *asked;
    unsigned nasked; /* could be of use to it */
    bool given_inev,
        done_inev; /* the transaction is inevitable at its entry, when it returns (inevitable.c) */
};

/* ---- bytes and views (reach.c): who may write what ---- */

/* The bytes [x, x + size) for each x in {lo, lo + step, ...} up to hi, counted from where a pointer to `view`
 * points.  IR_FAR, in hi and size, stands for "without end"; lo is always a place. */
#define IR_FAR (1L << 40)
struct ir_span {
    const char *view; /* what the pointer that the access goes through points to: the front end's key */
    long lo, hi, step, size;
    bool indexed; /* from any element, if the pointer points into an array of what it points to */
    bool own;     /* of a variable of type `view`, by its name */
};
/* A scalar in a record, for each place of it: `kind` is its view; of a pointer "*" and the view that it
 * points to.  Of a function the result and the parameters, at 0, 8, 16... */
struct ir_member {
    const char *name, *kind;
    struct ir_span at;
};
struct ir_record {
    const char *view;
    long size;
    bool object; /* never in an array: there is no arithmetic on pointers to it */
    struct ir_member *members;
    unsigned nmembers, capmembers;
};
/* A pointer to from.view becomes one to `to`, that points to one of the places `from` (its size means
 * nothing). */
enum ir_view_kind {
    IR_VIEW_CONVERT,
    IR_VIEW_PART,  /* to a record that is a member, or to any element of an array: arithmetic does not lead
                      out of it */
    IR_VIEW_ARITH, /* from and to are the same: arithmetic may lead to any multiple of its size */
    IR_VIEW_COPIED /* no such pointer: the contents of the one are copied to the other */
};
struct ir_view {
    struct ir_span from;
    const char *to;
    enum ir_view_kind kind;
    const char *unless; /* the pointer is what this function returns: means nothing if that is always a fresh
                           object, which nobody knows by another type; or null */
};
/* What some file takes the function or variable `name` to be: its parameter (-1: its result; -2: the
 * variable) is, or points to, that view. */
struct ir_declared {
    const char *name, *view;
    int param;
    bool defined;
};

/* The bytes `at`, of memory that was made as at.view, are not written but while their object is fresh: by
 * that a load needs no barrier, whose field is `name`, or null (immutable.c). */
struct ir_believed {
    const char *name;
    struct ir_span at;
};

struct ir_inst {
    enum ir_op op;
    unsigned flags;    /* enum ir_inst_flag */
    unsigned id;       /* value number, unique in its function, if the operation has a result */
    enum ir_class cls; /* class of the result */
    enum ir_unit unit; /* accesses and barriers */
    unsigned size;     /* accesses: bytes; 0: not known */
    int access; /* accesses: the front end's number (unique in the module), barriers: that of the access they
                   serve; else -1 */
    int index;  /* param: K; derive: constant byte offset, -1 unknown; call: which argument it returns, -1
                 * unknown; access of unit object: offset of the accessed bytes in the  object, -1 unknown;
                 * anchor: the front end's number; barrier: bytes behind the operand */
    const char *sym; /* addr, call: name; load, store: "type.field" or null; alloc: type; inev: why; moved
                        barrier: a local */
    const struct ir_span *span; /* accesses, escape: the bytes; null: not known */
    const char **names;         /* anchor: the C local that holds args[k] there */
    const char *pass; /* barriers: which pass removed it (IRI_REMOVED) or changed it last; else null */
    const struct ir_summary *callee; /* calls: of the function called; null: unknown */
    struct ir_loc loc;
    struct ir_inst **args;
    unsigned nargs, capargs;
    struct ir_block *block;
    struct ir_inst *prev, *next;
    void *aux;              /* scratch of the running pass or builder */
    struct ir_inst *origin; /* in a clone: the instruction that the front end made; else null */
};

struct ir_block {
    unsigned id; /* index in func->blocks */
    struct ir_inst *first, *last;
    struct ir_block **preds, **succs;
    unsigned npreds, nsuccs, cappreds, capsuccs;
    struct ir_func *func;
    bool sealed; /* builder: all predecessors are known */
    void *defs;  /* builder: current definition of each variable */
    struct ir_inst **incomplete;
    unsigned nincomplete, capincomplete; /* builder */
    /* analyses, valid after the call named */
    unsigned rpo;             /* ir_compute_rpo: position in reverse post-order; ~0u if unreachable */
    struct ir_block *idom;    /* ir_compute_dominators */
    unsigned dom_in, dom_out; /* ir_compute_dominators: a dominates b iff a.dom_in <= b.dom_in < a.dom_out */
};

struct ir_func {
    const char *name;
    struct ir_loc loc;
    unsigned nparams;
    enum ir_class ret;
    bool is_static; /* no other file can call it by name */
    bool address_taken;
    bool unique;              /* there can be no copy of it (clone.c): the front end says so */
    const char *promise;      /* the annotation by which it ends no transaction; null: none */
    bool replaceable;         /* a call by its name may run another body: the front end says so */
    struct ir_func *clone_of; /* the function that the front end made, of which this is a copy; else null */
    struct ir_block **blocks; /* blocks[0] is the entry */
    unsigned nblocks, capblocks;
    struct ir_summary sum;
    unsigned nvalues;
    unsigned nvars; /* builder */
    void *builder;  /* builder: null once ir_finish is done */
    struct ir_block **rpo;
    unsigned nrpo; /* ir_compute_rpo */
    struct ir_module *module;
};

struct ir_module {
    const char *name;
    struct ir_func **funcs;
    unsigned nfuncs, capfuncs;
    struct ir_record **records;
    unsigned nrecords, caprecords;
    struct ir_view **views;
    unsigned nviews, capviews;
    struct ir_declared **declared;
    unsigned ndeclared, capdeclared;
    struct ir_believed **believed;
    unsigned nbelieved, capbelieved;
    bool tell_believed;       /* asked for: what immutable.c finds is put there */
    bool whole;               /* all translated code of the program is here */
    unsigned naccesses;       /* access numbers below are taken */
    const char *clone_suffix; /* between a function's name and the number of its copy; null: "__stm" */
    struct ir_mutant *mutant; /* null: none */
    void *arena;
};

/* ---- module (ir.c) ---- */
struct ir_module *ir_module_new(const char *name);
void ir_module_free(struct ir_module *m);
/* n zeroed bytes that live as long as m. */
void *ir_module_alloc(struct ir_module *m, size_t n);
/* A copy of s that lives as long as m; equal strings give equal pointers. */
const char *ir_intern(struct ir_module *m, const char *s);
extern const char *const ir_op_name[IR_OP_COUNT];
extern const unsigned ir_op_flags[IR_OP_COUNT];
extern const int ir_op_nargs[IR_OP_COUNT]; /* -1: any number */
/* Flags of one instruction: the operation's, narrowed by the instruction's own. */
unsigned ir_effects(const struct ir_inst *i);
/* The anchor right behind the call or safepoint i, or null; and whether barriers for the end of the
 * transaction stand behind it. */
struct ir_inst *ir_anchor_after(const struct ir_inst *i);
bool ir_is_checked(const struct ir_inst *i);
/* True if every barrier fact ends at i: it may end the transaction, or control may come back to it (setjmp).
 */
bool ir_ends_facts(const struct ir_inst *i);
/* Is the transaction inevitable behind i, because of i or (IRI_REMOVED) already?  Until it ends, reads need
 * no barrier (doc/runtime.md). */
bool ir_turns_inevitable(const struct ir_inst *i);
/* True if i is an access that needs a barrier when nothing is known: not through a raw pointer, not an
 * immutable load. */
bool ir_needs_barrier(const struct ir_inst *i);
/* Is the value of i an object allocated in this transaction, or null: an allocation, or a call that says so?
 */
bool ir_makes_fresh(const struct ir_inst *i);
/* The argument that call i is known to return, or null. */
struct ir_inst *ir_returned_argument(const struct ir_inst *i);
/* That one, or the one that it returns unless it returns a fresh object or null (IRI_OR_FRESH); or null. */
struct ir_inst *ir_related_argument(const struct ir_inst *i);
/* The value behind a chain of copies: the same pointer. */
struct ir_inst *ir_canonical(struct ir_inst *v);
/* The value behind a chain of copies and derives: a pointer into the same object. */
struct ir_inst *ir_object_root(struct ir_inst *v);

/* ---- what the module says of views (ir.c): each adds one, whose strings are interned. */
struct ir_record *ir_add_record(struct ir_module *m, const char *view, long size, bool object);
void ir_add_member(struct ir_module *m, struct ir_record *r, struct ir_member member);
void ir_add_view(struct ir_module *m, struct ir_view v);
void ir_add_declared(struct ir_module *m, struct ir_declared d);
void ir_add_believed(struct ir_module *m, struct ir_believed b);
/* A copy of s that lives as long as m. */
const struct ir_span *ir_span_new(struct ir_module *m, struct ir_span s);
/* The step of places that are apart by multiples of a and of b, of either sign; 0: of neither. */
long ir_gcd(long a, long b);
/* The text form of s: `"VIEW" LO HI STEP SIZE`. */
void ir_print_span(FILE *out, const struct ir_span *s);

/* ---- builder (build.c): SSA construction on the fly, after Braun et al., "Simple and Efficient
 * Construction of Static Single Assignment Form", CC 2013.  A variable is a C local of pointer type whose
 * address is not taken. Order of calls: make blocks, emit into them, add edges by the terminators, seal a
 * block once all its predecessors have been terminated; ir_finish at the end seals what is left, removes
 * trivial phis and unreachable blocks, and verifies. */
struct ir_func *ir_func_new(struct ir_module *m, const char *name);
struct ir_block *ir_block_new(struct ir_func *f);
/* Appends; b must not be terminated.  Emitting into a terminated block is a bug of the caller (abort). */
struct ir_inst *ir_emit(struct ir_block *b, enum ir_op op, enum ir_class cls, struct ir_loc loc);
void ir_add_arg(struct ir_inst *i, struct ir_inst *value);
/* Adds to the anchor i that the C local `name` (interned) holds value there. */
void ir_add_local(struct ir_inst *i, struct ir_inst *value, const char *name);
/* Terminators; they add the edges. */
void ir_jump(struct ir_block *from, struct ir_block *to, struct ir_loc loc);
void ir_branch(struct ir_block *from, struct ir_block *const *to, unsigned n, struct ir_loc loc);
void ir_ret(struct ir_block *from, struct ir_inst *value_or_null, struct ir_loc loc);
void ir_unreachable(struct ir_block *from, struct ir_loc loc);
bool ir_terminated(const struct ir_block *b);
unsigned ir_var_new(struct ir_func *f, enum ir_class cls);
void ir_var_write(struct ir_block *b, unsigned var, struct ir_inst *value);
struct ir_inst *ir_var_read(struct ir_block *b, unsigned var);
void ir_seal(struct ir_block *b);
void ir_finish(struct ir_func *f);

/* Editing, for passes. */
struct ir_inst *ir_insert_before(struct ir_inst *where, enum ir_op op, enum ir_class cls);
struct ir_inst *ir_insert_after(struct ir_inst *where, enum ir_op op, enum ir_class cls);
void ir_remove(struct ir_inst *i);

/* ---- text (print.c, parse.c) ---- */
void ir_print_func(FILE *out, const struct ir_func *f);
void ir_print(FILE *out, const struct ir_module *m);
/* Parses what ir_print prints.  On error returns null and writes "name:line:col: error: ..." with the source
 * line and a caret to err. */
struct ir_module *ir_parse(const char *name, const char *text, FILE *err);

/* ---- invariants (verify.c) ---- */
/* True if f is well formed (one terminator at each end, edges agree both ways, phis match preds, definitions
 * dominate uses, operand counts, access numbers); else says what is wrong to err. */
bool ir_verify(const struct ir_func *f, FILE *err);

/* ---- graph analyses (cfg.c) ---- */
void ir_compute_rpo(struct ir_func *f);
void ir_compute_dominators(
    struct ir_func *f); /* Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" */
bool ir_dominates(const struct ir_block *a, const struct ir_block *b);
/* Is a the instruction b, or does control come to a by way of b only?  Needs dominators. */
bool ir_comes_after(const struct ir_inst *a, const struct ir_inst *b);
/* In how many loops each block lies, by its number; needs dominators; the caller frees it. */
unsigned *ir_loop_depths(const struct ir_func *f);

/* ---- passes (one file each) and the pipeline (pipeline.c) ---- */
struct pass_options {
    bool verify;         /* verify after each pass */
    const char *only;    /* comma-separated names of the passes to run; null: all */
    const char *without; /* and of those to leave out all the same; null: none */
    const char *dump;    /* letters of passes after which to print the IR, "*": all */
    FILE *dump_out;
};
/* Static counts, by kind.  read/write: barriers; accesses likewise (an update counts as one write). */
struct pass_count {
    unsigned long read, write;
};
struct pass_stats {
    struct pass_count accesses; /* loads and stores through ref or any pointers */
    struct pass_count naive;    /* after placement */
    struct pass_count final;    /* after the last pass */
    struct pass_row {
        const char *name;
        unsigned long changes;
        struct pass_count left;
        double seconds;
    } * passes;
    unsigned npasses;
};
struct pass {
    const char *name;
    char letter;
    const char *what;                          /* one line */
    unsigned long (*run)(struct ir_module *m); /* returns its number of changes */
};
extern const struct pass pass_table[];
extern const unsigned pass_count;
/* Is name in the comma-separated list (null: empty)? */
bool passes_named(const char *list, const char *name);
/* The first name in the comma-separated list that is no pass; null if there is none. */
const char *passes_unknown(const char *list);
/* Runs all passes in table order; stats may be null.  The caller frees stats->passes. */
void passes_run(struct ir_module *m, const struct pass_options *o, struct pass_stats *stats);

/* The result the emitter reads: for access number a, the barrier left at it. */
enum barrier_kind { BARRIER_NONE, BARRIER_READ, BARRIER_WRITE };
/* One entry per access number 0..n-1, malloc'ed; accesses not in the module get BARRIER_NONE. */
enum barrier_kind *passes_decisions(const struct ir_module *m, unsigned n);
/* Calls report for each function that is said to end no transaction (f->promise) and has, at `end`, what may
 * end one; returns how many.  After the passes. */
unsigned passes_broken_promises(const struct ir_module *m,
                                void (*report)(const struct ir_func *f, const struct ir_inst *end, void *ctx),
                                void *ctx);
/* Calls report for each store to a field declared immutable (IRI_IMMUTABLE at a store) whose object is not
 * known to be fresh; returns how many. */
unsigned passes_immutable_stores(struct ir_module *m, void (*report)(const struct ir_inst *store, void *ctx),
                                 void *ctx);
/* For explain: one entry per access number, malloc'ed: the barrier that was placed for it, null if none.  It
 * may be gone (IRI_REMOVED; `pass` says by which) or upgraded (IR_WBAR at a load, `pass` is "upgrade"). */
const struct ir_inst **passes_barriers(const struct ir_module *m, unsigned n);

/* ---- faults on purpose (mutate.c), for tests of what looks for faults ---- */
enum ir_moment {
    IR_MADE,    /* where a thing is made, by the builder, the front end or the emitter: ir_mutant_is */
    IR_LOWERED, /* no pass has run yet */
    IR_FACTS,   /* it is known what calls do */
    IR_PLACED   /* all passes have run */
};
/* Makes m, which has no functions yet, a mutant: "KIND:N", the N-th place of a kind from 0 on; or "list":
 * counts the places.  Null: there is no such kind, or no number. */
struct ir_mutant *ir_mutant_new(struct ir_module *m, const char *spec);
/* Changes the place, if m is a mutant and this is its moment, and says so on stderr.  At IR_PLACED
 * `decisions` (passes_decisions) may change. */
void ir_mutate(struct ir_module *m, enum ir_moment moment, enum barrier_kind *decisions);
/* When the text is there: says on stderr that there was no such place; or the counts. */
void ir_mutant_end(const struct ir_module *m);
/* For those who make what is of that kind: is this place, in that function, the one to be wrong?  Asked once
 * for each place. */
bool ir_mutant_is(struct ir_module *m, const char *kind, struct ir_loc loc, const char *func);

#endif
