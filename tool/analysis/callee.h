/* callee.h - who is called, and what that does to the transaction. */
#ifndef UNGIL_TOOL_ANALYSIS_CALLEE_H
#define UNGIL_TOOL_ANALYSIS_CALLEE_H

#include "analysis/externals.h"
#include "ast/node.h"

/* How the call is to be treated: null for translated code. */
const struct external *call_external(const struct node *call);
/* Does a call of e turn the transaction inevitable first? */
bool call_is_irreversible(const struct external *e);

#endif
