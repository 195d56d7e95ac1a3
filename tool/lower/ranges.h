/* ranges.h - counted loops and their ranges. */
#ifndef UNGIL_TOOL_LOWER_RANGES_H
#define UNGIL_TOOL_LOWER_RANGES_H

#include "lower/events.h"

/* Is n, an N_FOR of which the first part has been lowered, a counted loop?  low_counted_end in any case. */
bool low_count_loop(struct lower *l, struct node *n, struct counted *c);
void low_counted_end(struct counted *c);
/* The range that the accessed place n is a member of, or null.  target: its address, in the loop; object:
 * computed from a pointer to an STM_OBJECT. */
struct ir_inst *low_range_of(struct lower *l, struct node *n, const struct ir_inst *target, bool object);

#endif
