/* calls.h - calls as text. */
#ifndef UNGIL_TOOL_EMIT_CALLS_H
#define UNGIL_TOOL_EMIT_CALLS_H

#include "analysis/externals.h"
#include "emit/emitter.h"

/* How argument k of a call of x is given: 'r', 'w': by its real address, for reading or writing; '-': as it
 * is. */
char emit_argument_mode(const struct node *call, unsigned k, const struct external *x);
void emit_call(struct emitter *e, struct node *n, struct str *o);

#endif
