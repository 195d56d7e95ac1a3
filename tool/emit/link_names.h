/* link_names.h - what the linker must find out about the names that a file uses and defines. */
#ifndef UNGIL_TOOL_EMIT_LINK_NAMES_H
#define UNGIL_TOOL_EMIT_LINK_NAMES_H

#include "ast/unit.h"

/* Appends declarations and assembly that make the link fail, with both objects named, where two files
 * disagree about whose a function is; and other names of functions that stand-ins elsewhere give way to. */
void emit_link_names(struct unit *u, struct str *o);

#endif
