/* count.h - the counting build's part of the text; does nothing in others. */
#ifndef UNGIL_TOOL_EMIT_COUNT_H
#define UNGIL_TOOL_EMIT_COUNT_H

#include "emit/emitter.h"

/* Has the pointer of access n counted. */
void emit_counted(struct emitter *e, const struct node *n, struct str *pointer);
/* The same for a moved barrier's. */
void emit_counted_moved(struct emitter *e, const struct ir_inst *barrier, struct str *pointer);
/* Appends a function's body, with what it needs declared first: its activation if it has sites, the
 * transaction's number if it checks it. */
void emit_body(struct emitter *e, const struct str *body, struct str *o);
void emit_count_prologue(const struct unit *u, struct str *o);
void emit_count_table(const struct unit *u, struct str *o);

#endif
