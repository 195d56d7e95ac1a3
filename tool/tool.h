/* tool.h - the front end's private header: source text, diagnostics, our own syntax tree, lowering,
 * emission.
 *
 * tool/ is the only component that sees libclang, and only ast.c and types.c do.  They copy what matters out
 * of libclang's cursors into the tree below (every quirk of the C API is handled there, once); lower.c turns
 * the tree into the IR of passes/, emit.c turns the tree and the passes' decisions into text.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ir.h"

/* ---- memory and strings (util.c) ---- */
struct arena {
    struct arena_chunk *chunk;
};
void *arena_alloc(struct arena *a, size_t n); /* zeroed; aborts when memory is out */
char *arena_strn(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);
void *xrealloc(void *p, size_t n);
/* A growing string. */
struct str {
    char *s;
    size_t n, cap;
};
void str_addn(struct str *b, const char *s, size_t n);
void str_add(struct str *b, const char *s);
void str_printf(struct str *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_free(struct str *b);
/* Appends p to the array at *v of *n elements. */
void ptr_push(void *v, unsigned *n, unsigned *cap, void *p);
/* A set of names. */
struct names {
    const char **v;
    unsigned n, cap;
};
/* Sorts, and leaves each name once. */
void names_sort(struct names *s);
/* Is name in the sorted set? */
bool names_has(const struct names *s, const char *name);
/* A hash table from 64-bit keys to pointers. */
struct map {
    uint64_t *keys;
    void **vals;
    size_t n, cap;
};
void *map_get(const struct map *m, uint64_t key);
void map_put(struct map *m, uint64_t key, void *val); /* val not null */
void map_free(struct map *m);
uint64_t hash_bytes(const void *p, size_t n);

/* ---- source text (source.c) ---- */
/* The text that libclang parses and the emitter edits: preprocessed with system includes kept, line markers
 * as #line. */
struct source {
    char *text;
    size_t n;
    const char *name; /* the user's main file */
    struct source_line *lines;
    unsigned nlines;
    struct arena arena;
};
/* Cleans the output of `clang -E -dD -fkeep-system-includes` (takes ownership of raw). */
void source_clean(struct source *s, const char *name, char *raw, size_t n);
/* Runs the preprocessor on `file`.  Returns 0, or the exit status to leave with, its own diagnostics shown.
 */
int source_preprocess(struct source *s, const char *file, const char *const *args, unsigned nargs);
void source_free(struct source *s);
void source_replace(struct source *s, char *text, size_t n);
/* Presumed (user's) file, line and column of an offset. */
struct ir_loc source_loc(const struct source *s, size_t off);

/* ---- diagnostics (diag.c) ---- */
/* err: the user's mistake; unsupported: C that we do not translate (yet); both count, both located with
 * caret, and let the front end carry on to find more.  note/warn do not count.  die: our bug. */
extern unsigned diag_errors;
enum diag_kind { DIAG_ERROR, DIAG_UNSUPPORTED, DIAG_WARNING, DIAG_NOTE };
void diag(const struct source *s, size_t off, enum diag_kind k, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- types (types.c) ---- */
enum type_kind { T_VOID, T_SCALAR, T_POINTER, T_ARRAY, T_RECORD, T_FUNC, T_OTHER };
struct field {
    const char *name;
    long offset; /* bytes */
    struct type *type;
    bool bitfield;
    struct decl *decl;
};
struct type {
    enum type_kind kind;
    long size, align;     /* bytes; -1: incomplete or variable */
    struct type *elem;    /* pointee, element, result */
    struct type *decayed; /* types.c */
    long count;           /* arrays: elements; -1 unknown */
    bool is_const, is_volatile, is_atomic, is_integer, is_union;
    bool is_object;           /* record: STM_OBJECT */
    bool opaque_system;       /* pthread_mutex_t and its kin */
    bool variadic, prototype; /* functions */
    struct type **params;
    unsigned nparams;
    bool is_vla;
    const char *spelling; /* canonical, valid C unless `unnamed` */
    bool unnamed;
    struct field *fields;
    unsigned nfields; /* records; filled by type_fields */
    bool fields_done;
    const char *tag; /* record: for messages and descriptors */
    const void *id;  /* record: the same for all its types, whatever their qualifiers; else null */
    void *cx;        /* libclang's type, for ast.c and types.c */
};
void type_fields(struct type *t);
/* Is t an array of STM_OBJECTs, at any depth? */
bool type_holds_objects(const struct type *t);

/* ---- declarations ---- */
enum decl_kind { D_VAR, D_PARAM, D_FIELD, D_FUNC, D_ENUM, D_OTHER };
enum storage { ST_LOCAL, ST_STATIC_LOCAL, ST_STATIC, ST_EXTERN, ST_THREAD };
struct decl {
    enum decl_kind kind;
    const char *name;
    struct type *type;
    const char *type_spelling;   /* as written, sugar kept */
    size_t begin, end, name_off; /* of the definition in this file, else of the first declaration */
    size_t first;                /* where the first declaration begins */
    enum storage storage;
    bool system;  /* declared in a system header, or a compiler builtin */
    bool defined; /* has a definition in this file */
    bool file_scope;
    bool grouped; /* file scope: shares its specifiers with other declarators */
    bool addr_taken, written, atomic_use, has_cleanup, is_volatile;
    bool drop, raw, ref, immutable, checked_store, per_thread, private_stack, private_top, no_safepoint, pure,
        safe, irreversible, inline_fn, noreturn;
    const char *alloc_size, *realloc_ptr; /* STM_ALLOC_FN, STM_REALLOC_FN: parameter names */
    bool transactional;                   /* variable: lives in transactional storage (section ungil_data) */
    struct decl *owner;                   /* parameter: its function */
    unsigned index;                       /* parameter */
    unsigned nparams;
    struct decl **params;
    const char *thunk;
    bool thunk_defined;      /* function: what stands in for it where its address is taken */
    unsigned var;            /* lowering: SSA variable + 1 */
    const char *record_name; /* field: of its record */
    const char *record_type, *thread_copy;
    bool copy_defined;    /* STM_PER_THREAD field: its record's type; the variable that each thread has */
    struct node *body;    /* function */
    struct ir_func *ir;   /* function: lowered */
    struct clone *clones; /* function: its copies */
    struct node *init;    /* variable */
};

/* ---- our syntax tree (ast.c; parse.c runs libclang) ---- */
enum node_kind {
    /* expressions */
    N_REF,
    N_MEMBER,
    N_SUBSCRIPT,
    N_DEREF,
    N_ADDROF,
    N_INCDEC,
    N_UNARY,
    N_BINARY,
    N_ASSIGN,
    N_COMPOUND_ASSIGN,
    N_LOGICAL,
    N_COND,
    N_GNU_COND,
    N_COMMA,
    N_CALL,
    N_CAST,
    N_PAREN,
    N_LITERAL,
    N_STRING,
    N_INITLIST,
    N_COMPOUND_LITERAL,
    N_STMT_EXPR,
    N_UNEVALUATED,
    N_GENERIC,
    N_VA_ARG,
    N_ATOMIC,
    N_ADDR_LABEL,
    N_OPAQUE,
    /* statements */
    N_BLOCK,
    N_DECLS,
    N_VAR,
    N_IF,
    N_WHILE,
    N_DO,
    N_FOR,
    N_SWITCH,
    N_CASE,
    N_DEFAULT,
    N_LABEL,
    N_GOTO,
    N_IGOTO,
    N_BREAK,
    N_CONTINUE,
    N_RETURN,
    N_ASM,
    N_EMPTY
};

/* The few operators that matter; libclang's numbers (asserted in ast.c). */
enum {
    OP_MUL = 3,
    OP_ADD = 6,
    OP_SUB = 7,
    OP_SHL,
    OP_LT = 11,
    OP_GT,
    OP_LE,
    OP_GE,
    OP_NE = 16,
    OP_LAND = 20,
    OP_ADD_ASSIGN = 26,
    OP_SUB_ASSIGN
};
enum { OP_LNOT = 10, OP_EXTENSION = 13 }; /* unary */

/* A loop in which the local `var` goes, up or down, by `step` (null: 1), with a minus or without, to the
 * last value not beyond bound + adjust (ranges.c). */
struct counted_loop {
    struct decl *var;
    struct node *bound, *step;
    int adjust;
    bool up, minus;
};

/* How an access is emitted; set by lowering. */
/* Places of anchors at a node (anchors.c): before a statement, or behind a call; at a statement's end; in
 * the place of a missing else; before an expression that is a statement; at the start of a block, behind its
 * brace; before a counted loop, if it is entered (ranges.c). */
enum anchor_slot {
    ANCHOR_HERE,
    ANCHOR_END,
    ANCHOR_ELSE,
    ANCHOR_BEFORE,
    ANCHOR_START,
    ANCHOR_LOOP,
    ANCHOR_SLOTS
};

enum form {
    F_NONE,      /* not an access, or one that stays as it is */
    F_OBJ,       /* owner barrier on the base pointer of the path */
    F_ADDR,      /* reference, barrier on the address */
    F_ANY,       /* resolved at run time */
    F_RAW_WRITE, /* raw, not provably local: classified before the write */
    F_DROPPED
};

struct node {
    enum node_kind kind;
    unsigned char op; /* libclang's operator kind; N_INCDEC: 0 ++x 1 --x 2 x++ 3 x-- */
    bool arrow;       /* N_MEMBER */
    bool in_macro;    /* from a system macro: its text cannot be edited */
    bool bitfield;
    bool is_const_expr;
    size_t begin, end; /* in source text */
    struct type *type;
    const char *type_spelling;
    struct decl *decl; /* N_REF, N_MEMBER (field), N_VAR, N_CALL (callee, when direct) */
    const char *name;  /* label, member */
    long offset;       /* N_MEMBER: bytes in its base; -1 unknown */
    struct node **kids;
    unsigned nkids, capkids;
    struct node *parent;
    /* N_FOR: kids are init, cond, inc, body, null where absent; N_IF, N_COND: cond, then, else;
     * N_CALL: callee, arguments; N_VAR: VLA sizes, then the initialiser last if decl->init */
    /* set by lowering */
    enum form form;
    enum ir_unit unit;
    bool write, range;
    int access;        /* number, or -1 */
    struct node *base; /* F_OBJ: the pointer expression that gives the owner; null: a static object */
    struct node *old;  /* N_ASSIGN, N_COMPOUND_ASSIGN that is a checked store: its target, read; else null */
    struct counted_loop
        *counted;  /* N_FOR: a counted loop with ranges; accesses: members of one, in this loop */
    long obj_size; /* F_OBJ writes: bytes the barrier covers */
    const struct ir_inst *inst; /* calls */
    const struct ir_inst
        *inev; /* calls, asm: the event of turning inevitable (IRI_REMOVED: not needed), or null */
    struct ir_inst *anchor[ANCHOR_SLOTS]; /* or null */
    bool blocking;                        /* lies in STM_BLOCKING: left as it is */
    bool is_raw;                          /* pointer, provably no reference (or null) */
    const struct decl *private_from; /* its value is one that this variable or field says leads to a private
                                        stack; or null */
    /* set before emission */
    bool has_safepoint, has_access, has_write, has_inev;
};

/* A translated file. */
struct unit {
    struct arena arena;
    struct source src;
    struct decl **funcs;
    unsigned nfuncs, capfuncs; /* defined here, in order */
    struct decl **globals;
    unsigned nglobals, capglobals; /* all variables with static storage, in order, locals' too */
    struct node **global_inits;
    struct tagged {
        unsigned long mask, tag;
        const char *name;
    } * tags;
    unsigned ntags;
    struct type **records;
    unsigned nrecords, caprecords; /* all struct and union types met so far */
    struct conversion {
        const struct node *operand;
        struct type *to;
    } * conversions; /* of pointers, explicit or not */
    unsigned nconversions, capconversions;
    struct map local_names; /* hashes of names that are no types somewhere */
    struct decl *last_var;  /* ast.c: the file-scope variable before this one */
    unsigned naccesses;
    struct node **access_nodes;
    unsigned capaccesses; /* by access number */
    unsigned nanchors;
    struct clone **clones;
    unsigned nclones, capclones; /* copies of functions, after the passes */
    struct map clone_of_name;
    unsigned lines, annotated_lines;
    void *cx; /* ast.c */
    struct ir_module *ir;
    void *descs;             /* emit.c */
    struct history *history; /* history.c; null unless asked for */
    bool count, check;       /* the counting build, the checking build */
    bool checked_stores;     /* all stores, not only those to fields that say so */
};

/* Parses u->src with libclang.  Returns 0, or 1 after clang's own diagnostics. */
int ast_parse(struct unit *u, const char *const *args, unsigned nargs);
void ast_free(struct unit *u);
/* Prints the tree, for tests and debugging. */
void ast_dump(FILE *out, const struct unit *u);

/* ---- what a call does (externals.c) ---- */
enum ext_effect { EXT_PURE, EXT_INEV, EXT_BLOCK, EXT_MAPPED, EXT_UNSUPPORTED, EXT_UNKNOWN };
struct external {
    const char *name;
    enum ext_effect effect;
    const char *mapped; /* EXT_MAPPED: the runtime's function; EXT_UNSUPPORTED: the hint */
    char args[12];      /* '-' value, 'r' read, 'w' written, 'u' pointer left alone, 'e' end pointer */
    char rest;          /* variadic tail: 'f' as printf, 'w' as scanf, 0 none */
    bool unless_raw;    /* EXT_UNSUPPORTED: pure if all its pointers are raw */
    bool fresh, twice, noreturn, back, safepoint;
};
/* Loads the table `file`; located errors.  Returns false after one. */
bool externals_load(const char *file);
const struct external *external_find(const char *name);

/* ---- copies of functions (clones.c) ---- */
struct clone {
    struct ir_func *f;
    struct decl *of;    /* the original */
    struct clone *next; /* of the same */
    bool declared;      /* emit_clones.c */
};
/* Can d's text stand twice? */
bool clone_possible(const struct unit *u, const struct decl *d);
/* What to put between a name and a number so that no copy is called as something else in the text. */
const char *clone_suffix(struct unit *u);
/* After the pass that makes copies: u's tables of accesses, and u->clones.  Once. */
void clones_adopt(struct unit *u);
void clones_free(struct unit *u);
/* The copy with that name, or null. */
struct clone *clone_named(const struct unit *u, const char *name);
/* Until clone_unbind, the original's tree refers to the copy's accesses and instructions. */
struct binding *clone_bind(const struct clone *c);
void clone_unbind(struct binding *b);

/* ---- what became of each barrier (history.c) ---- */
struct history {
    unsigned naccesses;
    enum barrier_kind **decisions;   /* [row][access]: the barrier left at it; row 0: naive placement; 1: with
                                        the facts of --facts; then the passes */
    const struct ir_inst **accesses; /* the access with that number; null where control never gets */
    struct moved {
        const struct ir_inst *i;
        unsigned number;
        enum barrier_kind *after; /* by row */
    } * *moved;                   /* barriers that are not at their access */
    unsigned nmoved, capmoved;
    struct map moved_at; /* instruction -> struct moved */
};
unsigned history_rows(void);
const char *history_row(unsigned row);
/* Sets u->history, with naive placement alone; before --facts are applied. */
void history_start(struct unit *u);
/* The access with each number, null where control never gets; malloc'ed. */
const struct ir_inst **accesses_by_number(const struct unit *u);
/* Runs the passes, as passes_run does, and fills in the rest. */
void history_run(struct unit *u, const struct pass_options *options, struct pass_stats *stats);
void history_free(struct history *h);
/* The counting build's site for a moved barrier; those of accesses come first. */
unsigned history_moved_site(const struct history *h, const struct ir_inst *barrier);
enum barrier_kind history_final(const struct history *h, unsigned access);
/* The pass that removed the barrier at the access, or that made a write barrier of its read barrier; null if
 * none did. */
const char *history_remover(const struct history *h, unsigned access);
const char *history_upgrader(const struct history *h, unsigned access);

/* ---- lowering (lower.c) and emission (emit.c, descs.c) ---- */
void classify_globals(struct unit *u);
void lower(struct unit *u);
/* Appends the translated text. */
void emit(struct unit *u, const enum barrier_kind *decisions, struct str *out);
/* True if n, looked through parentheses, is a call to the named function. */
bool is_call_to(const struct node *n, const char *name);
struct node *strip_parens(const struct node *n);
/* Is n a plain 0? */
bool is_zero_literal(const struct source *s, const struct node *n);
/* The place that an assignment to n writes: parentheses, __real__ and their like looked through. */
struct node *target_of(struct node *n);
/* Appends the expressions that the address of the place n is computed from, in the order in which lower.c
 * takes them. */
void place_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap);
/* Where statement n ends, its semicolon included; 0: not found (anchors.c). */
size_t statement_end(const struct source *s, const struct node *n);
/* Is the place n, or what the pointer n points to, gone by an STM_DROP? */
bool is_dropped(const struct node *n);
/* Does evaluating n do more than yield a value? */
bool has_effects(const struct node *n);
/* ---- where the address of an external function is taken (thunks.c) ---- */
/* The function that stands in for d; null: none does, or none is needed. */
const char *function_stand_in(struct unit *u, struct decl *d);
/* Is n the name of a function, and not just called? */
bool is_function_address(const struct node *n);
/* May d's address be taken? */
bool function_address_ok(struct unit *u, struct decl *d);
/* Are there such addresses under n?  Appends the definitions of stand-ins that they name for the first time.
 */
bool thunks_needed(struct unit *u, const struct node *n);
void thunks_define(struct unit *u, const struct node *n, struct str *o);
/* ---- STM_PER_THREAD fields (per_thread.c) ---- */
static inline bool is_per_thread(const struct node *n)
{
    return n->kind == N_MEMBER && n->decl && n->decl->per_thread;
}
/* Appends what of the base of n, such a field, is evaluated: see place_operands. */
void per_thread_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap);
/* Are there such fields under n whose copies are not defined yet?  Appends the definitions. */
bool per_thread_needed(const struct node *n);
void per_thread_define(const struct node *n, struct str *o);
/* Located errors and warnings: initial values and copies under n; n in a static initialiser. */
void per_thread_check(struct unit *u, const struct node *n);
void per_thread_check_static(struct unit *u, const struct node *n);

/* How the call is to be treated: null for translated code. */
const struct external *call_external(const struct node *call);
/* Does a call of e turn the transaction inevitable first? */
bool call_is_irreversible(const struct external *e);

/* Type descriptors (descs.c): the name of the C object that describes t, its text added to the prologue. */
const char *desc_for_type(struct unit *u, struct type *t);
/* Does t end in an array that may be longer than its type says? */
bool type_has_tail(struct type *t);
const char *desc_prologue(struct unit *u);

#endif
