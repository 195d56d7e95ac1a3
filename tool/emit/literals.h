/* literals.h - compound literals of file scope. */
#ifndef UNGIL_TOOL_EMIT_LITERALS_H
#define UNGIL_TOOL_EMIT_LITERALS_H

#include "emit/emitter.h"

/* Is there a literal in the initialiser of d, at file scope, that must be a variable? */
bool literals_needed(const struct decl *d);
/* Defines the variables for those in d's initialiser, which stand for them from now on.  A located error
 * where that cannot be. */
void literals_define(struct emitter *e, const struct decl *d, struct str *o);

#endif
