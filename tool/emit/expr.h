/* expr.h - expressions, accesses and statements as text. */
#ifndef UNGIL_TOOL_EMIT_EXPR_H
#define UNGIL_TOOL_EMIT_EXPR_H

#include "emit/emitter.h"

/* The translation of n; with its operands put into temporaries first where their order matters. */
void emit_ex(struct emitter *e, struct node *n, struct str *o);
/* n's text with its children rebuilt, in text order. */
void emit_rebuild(struct emitter *e, struct node *n, struct str *o);
/* The same, from offset `at` on. */
void emit_rebuild_from(struct emitter *e, struct node *n, size_t at, struct str *o);
/* The address of access n, not of form F_OBJ, without its barrier. */
void emit_address(struct emitter *e, struct node *n, struct str *o);
/* The translation of n, fit for a macro's argument; the caller frees it. */
char *emit_text(struct emitter *e, struct node *n);
/* Puts n into a temporary, declared in pre, which stands for it from now on. */
void emit_bind(struct emitter *e, struct node *n, struct str *pre);
/* n itself, statement or expression, without what emit_kid puts around it. */
void emit_child(struct emitter *e, struct node *n, struct str *o);
/* The section of the transactional variable d, and after which text of its declaration it belongs. */
void emit_section(const struct decl *d, struct str *o);
size_t emit_declarator_end(const struct emitter *e, const struct decl *d);
/* Is there something about d that the runtime must know, and what. */
bool emit_is_registered(const struct emitter *e, const struct decl *d);
void emit_registration(struct emitter *e, const struct decl *d, struct str *o);

#endif
