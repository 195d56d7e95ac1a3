/* cleanup.h - lowering of `__attribute__((cleanup(f)))`. */
#ifndef UNGIL_TOOL_LOWER_CLEANUP_H
#define UNGIL_TOOL_LOWER_CLEANUP_H

#include "lower/events.h"

/* Before a function's body is lowered: finds what is in scope at each label. */
void low_cleanup_begin(struct lower *l, struct node *body);
/* The local d, which may have a cleanup, is in scope from here on. */
void low_cleanup_declare(struct lower *l, struct decl *d);
/* Control leaves the scopes inside `outer`: their cleanup functions are called.  low_cleanup_end: and the
 * scopes end. */
void low_cleanup_leave(struct lower *l, const struct cleanup *outer, const struct node *at);
void low_cleanup_end(struct lower *l, struct cleanup *outer, const struct node *at);
/* The same on the way to a label. */
void low_cleanup_goto(struct lower *l, uint64_t label, const struct node *at);

#endif
