/* stores.h - checked stores. */
#ifndef UNGIL_TOOL_EMIT_STORES_H
#define UNGIL_TOOL_EMIT_STORES_H

#include "emit/emitter.h"

/* n stores to its target t, unless the value is there already; n->old is the target as it is read. */
void emit_checked_store(struct emitter *e, struct node *n, struct node *t, struct str *o);

#endif
