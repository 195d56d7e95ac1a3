/* calls.h - lowering of calls. */
#ifndef UNGIL_TOOL_LOWER_CALLS_H
#define UNGIL_TOOL_LOWER_CALLS_H

#include "lower/events.h"

struct ir_inst *low_call(struct lower *l, struct node *n);
/* n, of which v is the value, is a va_list that is used: located errors. */
void low_va_list(struct lower *l, const struct node *n, const struct ir_inst *v);
void low_function_address(struct lower *l, struct node *n);
/* Looks for what an initialiser that is evaluated before the program runs must not hold. */
void low_static_initialiser(struct unit *u, struct node *n);

#endif
