/* views.h - which bytes are touched, and how pointers change their types (views.c). */
#ifndef UNGIL_TOOL_ANALYSIS_VIEWS_H
#define UNGIL_TOOL_ANALYSIS_VIEWS_H

#include "ast/unit.h"

/* The key of the type, interned in u->ir. */
const char *view_of_type(struct unit *u, const struct type *t);
/* The bytes of the place n. */
const struct ir_span *span_of_place(struct unit *u, struct node *n);
/* The whole variable d. */
const struct ir_span *span_of_variable(struct unit *u, const struct decl *d);
/* All bytes from where the pointer n points; null: it is no pointer. */
const struct ir_span *span_of_pointee(struct unit *u, struct node *n);
/* Calls visit for t, at `at`, and for each record in it: with its view and places, and its type. */
typedef void view_visitor(void *ctx, const struct ir_span *at, const struct type *t);
void views_inside(struct unit *u, const struct type *t, struct ir_span at, view_visitor *visit, void *ctx);
/* Says in u->ir what the file does with pointers; after lowering. */
void views_collect(struct unit *u);

#endif
