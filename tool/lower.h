/* lower.h - shared by lower.c (expressions), calls.c and stmts.c. */
#ifndef TOOL_LOWER_H
#define TOOL_LOWER_H

#include "tool.h"

struct jump {
    struct jump *up;
    struct ir_block *brk, *cont;
    bool is_block; /* STM_ATOMIC, STM_BLOCKING */
};

/* A counted loop being lowered (ranges.c). */
struct counted {
    struct node *node;
    struct counted_loop loop;
    struct ir_block *before; /* leads to the loop's head */
    struct ir_inst *anchor;  /* at its end, once there are ranges */
    struct {
        struct node *node;
        struct ir_inst *start;
    } * ranges;
    unsigned nranges, capranges;
    struct decl **changed;
    unsigned nchanged, capchanged; /* locals that the loop assigns or declares; once for each time */
};

struct lower {
    struct unit *u;
    struct ir_func *f;
    struct ir_block *b; /* where the next event goes */
    struct decl *fn;
    struct jump *jumps;
    struct map labels; /* hash of name -> block */
    struct map cases;  /* node -> block */
    struct ir_block **taken;
    unsigned ntaken, captaken; /* labels whose address is taken */
    unsigned blocking;         /* depth in STM_BLOCKING */
    struct counted *counted;   /* the innermost loop, if it is one */
    struct ir_inst *number;    /* stands for arguments that are no pointers; null: none yet */
    /* anchors.c */
    bool anchors; /* the function may have them */
    bool turns;   /* it does what cannot be undone */
    struct map names;
    const void *twice; /* hash of name -> `twice` if several locals have it */
    struct decl **scope;
    unsigned nscope, capscope; /* locals in SSA form that can be named here */
    struct node *full;
    struct decl **assigned;
    unsigned nassigned, capassigned; /* a full expression, and locals that it assigns */
};

/* A place in memory. */
struct lv {
    enum form form;
    struct ir_inst *target; /* of the barrier */
    enum ir_unit unit;
    struct node *base;    /* F_OBJ: the owner's expression; null: a static object */
    struct ir_inst *addr; /* F_OBJ: of the owner; else of the place */
    long off;             /* F_OBJ: offset in the owner; -1 not constant */
    struct decl *ssa;     /* a local in SSA form */
    struct decl *field;   /* the last member named */
    bool in_union;        /* it, or one before it, is a union's */
    bool known;           /* F_NONE: in this frame, and other pointers may lead there */
};

struct ir_loc low_loc(struct lower *l, const struct node *n);
struct ir_block *low_block(struct lower *l);
void low_goto(struct lower *l, struct ir_block *to, const struct node *at);
struct lv low_lvalue(struct lower *l, struct node *n);
struct ir_inst *low_value(struct lower *l, struct node *n);
void low_condition(struct lower *l, struct node *n, struct ir_block *yes, struct ir_block *no);
struct ir_inst *low_call(struct lower *l, struct node *n);
void low_function_address(struct lower *l, struct node *n);
/* Looks for what an initialiser that is evaluated before the program runs must not hold. */
void low_static_initialiser(struct unit *u, struct node *n);
struct ir_inst *low_stmt_expr(struct lower *l, struct node *n);
void low_escape(struct lower *l, struct ir_inst *target, const struct type *t, const struct node *at);
struct ir_inst *low_opaque(struct lower *l, const struct type *t, const struct node *at);
struct ir_inst *low_op(struct lower *l, enum ir_op op, enum ir_class cls, const struct node *at);
/* The declaration d, from which v comes, may say that it leads to a private stack: returns v.  The same for
 * what a local variable has. */
struct ir_inst *low_from(struct ir_inst *v, const struct decl *d);
struct ir_inst *low_as_local(struct lower *l, struct ir_inst *v, const struct decl *d, const struct node *at);
struct ir_inst *low_as_type(struct lower *l, struct ir_inst *v, const struct type *t, const struct node *at);
/* ---- anchors.c ---- */
/* Before a function's body is lowered: counts the names that it declares; parameters are counted one by one.
 */
void low_scope_begin(struct lower *l, const struct node *body);
void low_count_name(struct lower *l, const struct decl *d);
/* d can be named from here on, until nscope is set back. */
void low_scope_add(struct lower *l, struct decl *d);
/* Anchors, where one is possible: right behind the call n, whose event is `call`; before statement n; at the
 * end of statement n, an arm or body; in the place of the missing else of n; for turning inevitable only,
 * before statement n if its expression does that, and at the start of block n. */
void low_anchor_call(struct lower *l, struct node *n, const struct ir_inst *call);
void low_anchor_before(struct lower *l, struct node *n);
void low_anchor_end(struct lower *l, struct node *n);
void low_anchor_else(struct lower *l, struct node *n);
void low_anchor_turn(struct lower *l, struct node *n);
void low_anchor_start(struct lower *l, struct node *n);
/* Can statements be put before statement n?  Not in macros' text, behind a #pragma, and where names may mean
 * something else. */
bool low_can_edit(struct lower *l, const struct node *n);
/* ---- calls.c ---- */
/* The event of turning inevitable, because of `why`. */
struct ir_inst *low_inevitable(struct lower *l, const struct node *n, const char *why);
/* ---- ranges.c ---- */
/* Is n, an N_FOR of which the first part has been lowered, a counted loop?  low_counted_end in any case. */
bool low_count_loop(struct lower *l, struct node *n, struct counted *c);
void low_counted_end(struct counted *c);
/* The range that the accessed place n is a member of, or null.  target: its address, in the loop; object:
 * computed from a pointer to an STM_OBJECT. */
struct ir_inst *low_range_of(struct lower *l, struct node *n, const struct ir_inst *target, bool object);
enum ir_class class_of_type(const struct type *t, const struct decl *d);

#endif
