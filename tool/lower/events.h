/* events.h - the state of lowering, and the instructions that it makes. */
#ifndef UNGIL_TOOL_LOWER_EVENTS_H
#define UNGIL_TOOL_LOWER_EVENTS_H

#include "ast/unit.h"

struct jump {
    struct jump *up;
    struct ir_block *brk, *cont;
    bool is_block;  /* STM_ATOMIC, STM_BLOCKING */
    bool is_switch; /* `continue` goes on to the loop around it */
    bool is_head;   /* the condition or increment of a loop: compilers disagree about which loop is left */
    struct cleanup *inside; /* of the variables in scope where it jumps to */
};

/* A counted loop being lowered (lower/ranges.c). */
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
    struct map labels;        /* node's label -> block */
    struct cleanup *cleanups; /* of the variables in scope that have one, the innermost first (cleanup.c) */
    struct map label_scopes;  /* node's label -> struct label_scope */
    struct map cases;         /* node -> block */
    struct map
        constant_steps; /* derive of an unknown offset -> itself, if the program has it as a constant */
    struct node **label_nodes;
    unsigned nlabels, caplabels;
    struct ir_block **taken;
    unsigned ntaken, captaken; /* labels whose address is taken */
    unsigned blocking;         /* depth in STM_BLOCKING */
    const struct node *bound;  /* while a counted loop's condition is lowered: what it is compared with */
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

struct ir_loc low_loc(struct lower *l, const struct node *n);
/* The block for the next event: a new, unreachable one where the code before it has ended. */
struct ir_block *low_block(struct lower *l);
void low_goto(struct lower *l, struct ir_block *to, const struct node *at);
struct ir_inst *low_op(struct lower *l, enum ir_op op, enum ir_class cls, const struct node *at);
/* The class that a pointer's declared type gives it. */
enum ir_class class_of_type(const struct type *t, const struct decl *d);
/* The declaration d, from which v comes, may say that it leads to a private stack: returns v. */
struct ir_inst *low_from(struct ir_inst *v, const struct decl *d);
/* The event of turning inevitable, because of `why`. */
struct ir_inst *low_inevitable(struct lower *l, const struct node *n, const char *why);

#endif
