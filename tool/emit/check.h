/* check.h - the checking build's part of the text; the functions with an emitter do nothing in others. */
#ifndef UNGIL_TOOL_EMIT_CHECK_H
#define UNGIL_TOOL_EMIT_CHECK_H

#include "emit/emitter.h"

bool emit_is_checked(const struct emitter *e, const struct node *n);
/* Have access n checked.  Its owner's pointer, with the barrier: */
void emit_checked_owner(const struct emitter *e, const struct node *n, struct str *owner);
/* or its own address, with the barrier: */
void emit_checked_address(const struct emitter *e, const struct node *n, long size, struct str *address);
/* or the real pointer, computed by a text in which `name` stands for the address: */
void emit_checked_real(const struct emitter *e, const struct node *n, long size, const char *address,
                       const char *name, struct str *real);
/* Where n says what its value is to be: n->from or n->kept_in; null: it does not, or is a place that is
 * written or whose address is taken, and has no value. */
const struct decl **emit_claim(struct node *n);
/* Appends n's value, whose text is `value`, with the check of what the claim d says of it. */
void emit_checked_claim(struct emitter *e, const struct node *n, const struct decl *d, const char *value,
                        struct str *o);
void emit_check_prologue(const struct unit *u, struct str *o);
void emit_check_table(const struct emitter *e, struct str *o);

/* Appends the argument's text, a pointer through which the call may write, with the check of what it does
 * there. */
void emit_checked_out(struct emitter *e, const struct node *call, struct node *argument, char *text,
                      struct str *o);

#endif
