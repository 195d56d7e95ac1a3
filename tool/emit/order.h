/* order.h - evaluation order in the text. */
#ifndef UNGIL_TOOL_EMIT_ORDER_H
#define UNGIL_TOOL_EMIT_ORDER_H

#include "emit/emitter.h"

/* Notes in each node under n what its evaluation does, as far as order matters. */
void emit_summarize(const struct emitter *e, struct node *n);
/* Puts n's operands into temporaries, declared in pre, if their order must be forced; they stand for them
 * until nsubs is set back. */
bool emit_in_order(struct emitter *e, struct node *n, struct str *pre);
/* Puts n into a temporary, declared in pre, which stands for it from now on. */
void emit_bind(struct emitter *e, struct node *n, struct str *pre);
/* n, a call or asm, cannot be undone: is the transaction not inevitable already when control comes there? */
static inline bool emit_turns_inevitable(const struct node *n)
{
    return !n->inev || !(n->inev->flags & IRI_REMOVED);
}

#endif
