/* clones.h - copies of functions, and calls to them. */
#ifndef UNGIL_TOOL_EMIT_CLONES_H
#define UNGIL_TOOL_EMIT_CLONES_H

#include "emit/emitter.h"

/* Appends the copies of d, whose bodies `body` writes. */
void emit_clones(struct emitter *e, const struct decl *d,
                 void (*body)(struct emitter *, struct decl *, struct str *), struct str *o);
/* Declares what d and its copies call, and is defined later. */
void emit_clone_declarations(struct emitter *e, const struct decl *d, struct str *o);
/* What to call instead of the function whose name n is; that one, if it is not a call's. */
const char *emit_callee(const struct node *n);

#endif
