/* dump.h - the tree as text. */
#ifndef UNGIL_TOOL_AST_DUMP_H
#define UNGIL_TOOL_AST_DUMP_H

#include <stdio.h>

#include "ast/unit.h"

/* Prints the tree, for tests and debugging. */
void ast_dump(FILE *out, const struct unit *u);

#endif
