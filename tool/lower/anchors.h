/* anchors.h - where barriers can be put that stand for accesses elsewhere. */
#ifndef UNGIL_TOOL_LOWER_ANCHORS_H
#define UNGIL_TOOL_LOWER_ANCHORS_H

#include "lower/events.h"

/* Before a function's body is lowered: counts the names that it declares; parameters are counted one by one.
 */
void low_scope_begin(struct lower *l, const struct node *body);
void low_count_name(struct lower *l, const struct decl *d);
/* d can be named from here on, until nscope is set back. */
void low_scope_add(struct lower *l, struct decl *d);
/* Anchors, where one is possible: right behind the call n, whose event is `call`; before statement n; at the
 * end of statement n, an arm or body; in the place of the missing else of n; for turning inevitable only,
 * before statement n if its expression does that, and at the start of block n. */
void low_anchor_call(struct lower *l, struct node *n, const struct ir_inst *call);
void low_anchor_before(struct lower *l, struct node *n);
void low_anchor_end(struct lower *l, struct node *n);
void low_anchor_else(struct lower *l, struct node *n);
void low_anchor_turn(struct lower *l, struct node *n);
void low_anchor_start(struct lower *l, struct node *n);
/* Can statements be put before statement n?  Not in macros' text, behind a #pragma, and where names may mean
 * something else. */
bool low_can_edit(struct lower *l, const struct node *n);

#endif
