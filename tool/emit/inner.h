/* inner.h - types that an expression defines. */
#ifndef UNGIL_TOOL_EMIT_INNER_H
#define UNGIL_TOOL_EMIT_INNER_H

#include "base/util.h"
#include "emit/emitter.h"

/* `out` is the text of the function body n: an error at each tag or list of enumerators, defined in an
 * expression there, that would mean something only in a smaller part of it. */
void emit_check_inner_types(const struct emitter *e, const struct node *n, const struct str *out);

#endif
