/* node.h - our own syntax tree: expressions and statements. */
#ifndef UNGIL_TOOL_AST_NODE_H
#define UNGIL_TOOL_AST_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ast/decl.h"
#include "ir.h"

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

/* The few operators that matter; libclang's numbers (asserted in parse/convert.c). */
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
    OP_AND,
    OP_XOR,
    OP_OR,
    OP_LAND = 20,
    OP_ADD_ASSIGN = 26,
    OP_SUB_ASSIGN
};
enum { OP_LNOT = 10, OP_REAL, OP_IMAG }; /* unary */

/* A loop in which the local `var` goes, up or down, by `step` (null: 1), with a minus or without, to the
 * last value not beyond bound + adjust (lower/ranges.c). */
struct counted_loop {
    struct decl *var;
    struct node *bound, *step;
    int adjust;
    bool up, minus;
    bool in_memory; /* the bound is a field or a global */
};

/* How an access is emitted; set by lowering. */
/* Places of anchors at a node (lower/anchors.c): before a statement, or behind a call; at a statement's end;
 * in the place of a missing else; before an expression that is a statement; at the start of a block, behind
 * its brace; before a counted loop, if it is entered (lower/ranges.c). */
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
    unsigned char op; /* libclang's operator kind; N_INCDEC: 0 ++x 1 --x 2 x++ 3 x--;
                       * N_ATOMIC: how many arguments, the first ones, are addresses */
    bool arrow;       /* N_MEMBER */
    bool in_macro;    /* from a system macro: its text cannot be edited */
    bool bitfield;
    bool ranged;       /* the value of `[first ... last] =` */
    bool any_order;    /* N_INITLIST: in which order its elements are evaluated, and which, is not known */
    long flexible_end; /* N_INITLIST: where the elements end that it gives a flexible array member; 0: none */
    size_t begin, end; /* in source text */
    struct type *type;
    const char *type_spelling;
    struct decl *decl; /* N_REF, N_MEMBER (field), N_VAR, N_CALL (callee, when direct) */
    const char *name;  /* label, member */
    uint64_t label;    /* N_LABEL, N_GOTO, N_ADDR_LABEL: which label of the function; two can have one name */
    struct names *jumps; /* N_ASM: the names of the labels that it may jump to; null: none */
    long offset;         /* N_MEMBER: bytes in its base; -1 unknown */
    long align;          /* what a typedef on the way says of its type's alignment; 0: nothing */
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
    const struct decl *from;    /* the variable or field that its value comes from, if that says where it
                                 * leads (STM_PRIVATE_STACK, STM_RAW); or null */
    const struct decl *kept_in; /* the STM_RAW pointer, or array of them, in which its value, not known to be
                                 * none, is kept; or null.  Set by whoever knows, before lowering */
    /* set before emission */
    unsigned events; /* enum order_event */
};

static inline bool is_per_thread(const struct node *n)
{
    return n->kind == N_MEMBER && n->decl && n->decl->per_thread;
}

#endif
