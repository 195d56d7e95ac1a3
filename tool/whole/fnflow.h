/* fnflow.h - what a file says of function pointers by type. */
#ifndef UNGIL_TOOL_WHOLE_FNFLOW_H
#define UNGIL_TOOL_WHOLE_FNFLOW_H

#include "ast/unit.h"
#include "base/util.h"

/* Appends the lines of u's summary about function pointers, sorted: the same for the same file. */
void fnflow_summary(const struct unit *u, struct str *out);

#endif
