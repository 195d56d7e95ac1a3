/* raw.h - what is kept in STM_RAW pointers. */
#ifndef UNGIL_TOOL_LOWER_RAW_H
#define UNGIL_TOOL_LOWER_RAW_H

#include "lower/events.h"

/* The variable or field whose declaration says what kind of pointers are kept in the place n; or null. */
const struct decl *low_keeper(const struct node *n);
/* n has been lowered, and v is its value or null: a located error if n->kept_in is a STM_RAW pointer, and v
 * a reference. */
void low_kept(struct lower *l, struct node *n, const struct ir_inst *v);
/* `value`, lowered to v, is stored in `to`: a located error if that is a variable of the library's (environ),
 * which would follow it, and v a reference. */
void low_library_variable(struct lower *l, const struct node *to, const struct node *value,
                          const struct ir_inst *v);
/* As low_kept, of an initialiser that is evaluated before the program runs. */
void low_kept_static(struct unit *u, const struct node *n);

#endif
