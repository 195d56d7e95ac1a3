/* emit.h - from the tree and the decisions to the text. */
#ifndef UNGIL_TOOL_EMIT_EMIT_H
#define UNGIL_TOOL_EMIT_EMIT_H

#include "ast/unit.h"
#include "base/util.h"
#include "ir.h"

/* Appends the translated text. */
void emit(struct unit *u, const enum barrier_kind *decisions, struct str *out);

#endif
