/* dropped.h - what does not exist in this build (STM_DROP). */
#ifndef UNGIL_TOOL_EMIT_DROPPED_H
#define UNGIL_TOOL_EMIT_DROPPED_H

#include "emit/emitter.h"

/* Uses the locals in n, followed by commas: compilers would warn of those that only what does not exist has
 * used. */
void emit_use_locals(const struct node *n, struct str *o);
/* A value for something that does not exist in this build. */
void emit_zero(struct emitter *e, const struct node *n, struct str *o);
/* An access to the place n, or the store of value to it: what does not exist is not accessed, but what its
 * address takes to compute is done. */
void emit_dropped(struct emitter *e, struct node *n, struct node *value, struct str *o);

#endif
