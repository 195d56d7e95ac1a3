/* names.h - the names that emission adds to a program's text. */
#ifndef UNGIL_TOOL_EMIT_NAMES_H
#define UNGIL_TOOL_EMIT_NAMES_H

#include "ast/unit.h"

/* Sets u->own so that no name that emission makes up occurs in the text; located errors where the program
 * declares one of those that it cannot make up. */
void names_pick(struct unit *u);

#endif
