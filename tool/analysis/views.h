/* views.h - which bytes are touched, and how pointers change their types (views.c). */
#ifndef UNGIL_TOOL_ANALYSIS_VIEWS_H
#define UNGIL_TOOL_ANALYSIS_VIEWS_H

#include "ast/unit.h"

/* The key of the type, interned in u->ir. */
const char *view_of_type(struct unit *u, const struct type *t);
/* The bytes of the place n. */
const struct ir_span *span_of_place(struct unit *u, struct node *n);
/* All bytes from where any pointer to the view leads. */
const struct ir_span *span_of_all(struct unit *u, const char *view);
/* The whole variable d. */
const struct ir_span *span_of_variable(struct unit *u, const struct decl *d);
/* All bytes from where the pointer n points; null: it is no pointer. */
const struct ir_span *span_of_pointee(struct unit *u, struct node *n);
/* The types whose views these spans have; null: it is no pointer. */
const struct type *root_of_place(struct unit *u, struct node *n);
const struct type *root_of_pointee(struct unit *u, struct node *n);
/* A hash of what the record t holds, and where: the same in all files. */
unsigned long layout_of_type(const struct type *t);
/* Says in u->ir what the file does with pointers; after lowering. */
void views_collect(struct unit *u);

#endif
