/* homes.h - memory for what must outlive the statement expressions that the emitter makes. */
#ifndef UNGIL_TOOL_EMIT_HOMES_H
#define UNGIL_TOOL_EMIT_HOMES_H

#include "emit/emitter.h"

/* Would n, a literal or a struct that is a value, die too early in the block that the emitter is making? */
bool emit_needs_home(const struct emitter *e, const struct node *n);
/* A pointer to the home of n, whose translation is `text`. */
void emit_home(struct emitter *e, const struct node *n, const char *text, struct str *o);

#endif
