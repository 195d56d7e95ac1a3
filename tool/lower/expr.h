/* expr.h - lowering of expressions. */
#ifndef UNGIL_TOOL_LOWER_EXPR_H
#define UNGIL_TOOL_LOWER_EXPR_H

#include "lower/events.h"

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
    bool known;           /* F_NONE: in this frame, and other pointers may lead there */
    bool own;             /* F_RAW_WRITE: in a thread-local variable, which is saved for an abort */
};

struct lv low_lvalue(struct lower *l, struct node *n);
/* A number is stored to the place t. */
void low_store(struct lower *l, struct node *t);
struct ir_inst *low_value(struct lower *l, struct node *n);
/* The first operands of n, so many, are evaluated in any order, some of them perhaps not, others more than
 * once. */
void low_in_any_order(struct lower *l, struct node *n, unsigned count);
/* The operands of n, from `first` on, are evaluated or not. */
void low_perhaps(struct lower *l, struct node *n, unsigned first);
void low_condition(struct lower *l, struct node *n, struct ir_block *yes, struct ir_block *no);
void low_escape(struct lower *l, struct ir_inst *target, const struct ir_span *span, const struct node *at);
struct ir_inst *low_opaque(struct lower *l, const struct type *t, const struct node *at);
/* Is the raw value v certainly in this thread's frames, or a private stack? */
bool low_is_local(const struct ir_inst *v);
/* What the local variable d has: as low_from. */
struct ir_inst *low_as_local(struct lower *l, struct ir_inst *v, const struct decl *d, const struct node *at);
/* A write to memory of this thread's own, at addr; d's initialisation is one if its address is known. */
void low_local_write(struct lower *l, struct ir_inst *addr, const struct node *at);
void low_initialised(struct lower *l, const struct decl *d, const struct node *at);
/* v seen through a pointer of type t. */
struct ir_inst *low_as_type(struct lower *l, struct ir_inst *v, const struct type *t, const struct node *at);
/* Of the function that has been finished: writes that turn out to be to raw memory. */
void low_settle_raw_writes(struct lower *l);

#endif
