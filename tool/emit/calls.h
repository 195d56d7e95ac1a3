/* calls.h - calls as text. */
#ifndef UNGIL_TOOL_EMIT_CALLS_H
#define UNGIL_TOOL_EMIT_CALLS_H

#include "emit/emitter.h"

void emit_call(struct emitter *e, struct node *n, struct str *o);

#endif
