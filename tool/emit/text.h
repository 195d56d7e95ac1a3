/* text.h - what the text is put together from. */
#ifndef UNGIL_TOOL_EMIT_TEXT_H
#define UNGIL_TOOL_EMIT_TEXT_H

#include "emit/emitter.h"

const char *emit_src(const struct emitter *e, size_t off);
/* Removes preprocessor lines: for text that goes inside a macro's parentheses. */
void emit_flatten(struct emitter *e, struct str *s);
/* Is there a comma outside parentheses, which would end a macro's argument: a[i, j], (T){1, 2}? */
bool emit_has_bare_comma(const char *s);
/* A name for n's type: as written where it has one, else by typeof of the untranslated text, which is not
 * evaluated. */
void emit_type_name(struct emitter *e, const struct node *n, struct str *o);
/* The type that the pointer expression n points to. */
void emit_pointee_name(struct emitter *e, const struct node *n, struct str *o);
/* Is n's value used by nobody? */
bool emit_is_statement(const struct node *n);
const struct subst *emit_subst_of(const struct emitter *e, const struct node *n);
/* Lets name stand for n, until nsubs is set back. */
void emit_push_subst(struct emitter *e, const struct node *n, const char *name);
/* Where declarations can be put in the text of a block: behind its brace and its __label__ declarations. */
size_t emit_block_start(const char *block);
/* A C string literal, 0 for null. */
void emit_c_string(struct str *o, const char *s);

#endif
