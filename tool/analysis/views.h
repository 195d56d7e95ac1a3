/* views.h - how pointers change their types (views.c). */
#ifndef UNGIL_TOOL_ANALYSIS_VIEWS_H
#define UNGIL_TOOL_ANALYSIS_VIEWS_H

#include "ast/unit.h"

/* Says in u->ir what the file does with pointers; after lowering. */
void views_collect(struct unit *u);

#endif
