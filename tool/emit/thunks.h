/* thunks.h - stand-ins for functions as text. */
#ifndef UNGIL_TOOL_EMIT_THUNKS_H
#define UNGIL_TOOL_EMIT_THUNKS_H

#include "ast/unit.h"
#include "base/util.h"

/* Are there addresses under n of functions that others stand in for?  Appends the definitions of stand-ins
 * that they name for the first time.
 */
bool thunks_needed(struct unit *u, const struct node *n);
void thunks_define(struct unit *u, const struct node *n, struct str *o);

#endif
