/* descs.h - type descriptors for the collector. */
#ifndef UNGIL_TOOL_EMIT_DESCS_H
#define UNGIL_TOOL_EMIT_DESCS_H

#include "ast/unit.h"

/* The name of the C object that describes t, its text added to the prologue. */
const char *desc_for_type(struct unit *u, struct type *t);
/* May a word of t hold a reference? */
bool desc_has_references(const struct unit *u, struct type *t);
/* Does t end in an array that may be longer than its type says? */
bool type_has_tail(struct type *t);
const char *desc_prologue(struct unit *u);

/* Calls visit for each descriptor that has been asked for. */
void desc_each(const struct unit *u, void (*visit)(void *ctx, const char *name, struct type *t), void *ctx);

#endif
