/* calls.h - lowering of calls. */
#ifndef UNGIL_TOOL_LOWER_CALLS_H
#define UNGIL_TOOL_LOWER_CALLS_H

#include "lower/events.h"

struct ir_inst *low_call(struct lower *l, struct node *n);
void low_function_address(struct lower *l, struct node *n);
/* Looks for what an initialiser that is evaluated before the program runs must not hold. */
void low_static_initialiser(struct unit *u, struct node *n);

#endif
