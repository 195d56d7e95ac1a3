/* stmts.h - lowering of statements. */
#ifndef UNGIL_TOOL_LOWER_STMTS_H
#define UNGIL_TOOL_LOWER_STMTS_H

#include "lower/events.h"

struct ir_inst *low_stmt_expr(struct lower *l, struct node *n);

#endif
