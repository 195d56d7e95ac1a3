/* order.h - evaluation order in the text. */
#ifndef UNGIL_TOOL_EMIT_ORDER_H
#define UNGIL_TOOL_EMIT_ORDER_H

#include "emit/emitter.h"

/* The operands of a node that are evaluated before its own operation, in the order in which lowering takes
 * them. */
enum { MANY = 64 }; /* as many as a call can have */
struct operands {
    struct node **v;
    unsigned n, cap;
    unsigned own; /* what the node's own access does, which follows them, and may be begun before the last */
    unsigned index; /* ... and before this one, counted from 1: an element's of a vector, which lies behind
                       the barrier */
    bool early;     /* what it does may be begun before any of them */
    unsigned long resolved; /* bit k: of operand k, the real address is taken at once, for writing */
};

/* Notes in each node under n what its evaluation does, as far as order matters. */
void emit_summarize(const struct emitter *e, struct node *n);
/* Must the order of n's operands be forced?  Sets *o, zero before, whose v the caller frees. */
bool emit_must_order(const struct emitter *e, struct node *n, struct operands *o);
/* n, a call or asm, cannot be undone: is the transaction not inevitable already when control comes there? */
static inline bool emit_turns_inevitable(const struct node *n)
{
    return !n->inev || !(n->inev->flags & IRI_REMOVED);
}

#endif
