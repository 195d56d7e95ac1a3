/* anchors.h - barriers that passes have moved. */
#ifndef UNGIL_TOOL_EMIT_ANCHORS_H
#define UNGIL_TOOL_EMIT_ANCHORS_H

#include "emit/emitter.h"

/* Block n, with what was moved to its start. */
void emit_block(struct emitter *e, struct node *n, struct str *o);
/* Child `kid` of `parent`, with the barriers moved to its anchors; returns the offset behind the source text
 * that it stands for. */
size_t emit_kid(struct emitter *e, const struct node *parent, struct node *kid, struct str *o);
/* The call n, and behind it what is to be done if it has ended the transaction. */
void emit_checked_call(struct emitter *e, struct node *n, struct str *o);
/* How many barriers have been moved, in all of m. */
unsigned emit_count_moved(const struct ir_module *m);

#endif
