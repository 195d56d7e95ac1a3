/* thunks.h - functions outside translated code whose address is taken. */
#ifndef UNGIL_TOOL_ANALYSIS_THUNKS_H
#define UNGIL_TOOL_ANALYSIS_THUNKS_H

#include "ast/unit.h"

/* The function that stands in for d; null: none does, or none is needed. */
const char *function_stand_in(struct unit *u, struct decl *d);
/* Is n the name of a function, and not just called? */
bool is_function_address(const struct node *n);
/* The function that stands in for the one that n, a name, means: where its address is taken, or it is called
 * and may be the program's own; else null. */
const char *stand_in_at(struct unit *u, const struct node *n);
/* May d's address be taken? */
bool function_address_ok(struct unit *u, struct decl *d);

#endif
