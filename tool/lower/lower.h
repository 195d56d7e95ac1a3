/* lower.h - from the tree to the IR. */
#ifndef UNGIL_TOOL_LOWER_LOWER_H
#define UNGIL_TOOL_LOWER_LOWER_H

#include "ast/unit.h"

/* Sets u->ir, and what nodes say of their accesses; located errors. */
void lower(struct unit *u);

#endif
