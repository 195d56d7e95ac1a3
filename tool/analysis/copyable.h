/* copyable.h - which functions can be written twice. */
#ifndef UNGIL_TOOL_ANALYSIS_COPYABLE_H
#define UNGIL_TOOL_ANALYSIS_COPYABLE_H

#include "ast/unit.h"

/* Can d's text stand twice? */
bool clone_possible(const struct unit *u, const struct decl *d);
/* What to put between a name and a number so that no copy is called as something else in the text. */
const char *clone_suffix(struct unit *u);

#endif
