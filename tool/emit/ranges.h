/* ranges.h - range barriers. */
#ifndef UNGIL_TOOL_EMIT_RANGES_H
#define UNGIL_TOOL_EMIT_RANGES_H

#include "emit/emitter.h"

/* The counted loop n, with the range barriers that stand at its anchor, from `first` on; in a block that is
 * left open. */
void emit_counted_loop(struct emitter *e, struct node *n, const struct ir_inst *first, struct str *o);

#endif
