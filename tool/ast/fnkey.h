/* fnkey.h - function types as text. */
#ifndef UNGIL_TOOL_AST_FNKEY_H
#define UNGIL_TOOL_AST_FNKEY_H

#include "ast/type.h"
#include "base/util.h"

/* The key of the function type that t is or points to, in a; null: it is and does neither.  Types that a
 * conforming program may use for one function have one key. */
const char *fnflow_key(struct arena *a, const struct type *t);
/* The function type that t is, or points to; else null. */
const struct type *function_of(const struct type *t);
/* A type's spelling without the words before its name: qualifiers, struct, union. */
const char *unqualified(const char *spelling);
/* Appends t's text; full: with the function types that it points to. */
void fnkey_type(struct str *s, const struct type *t, bool full);
void fnkey_function(struct str *s, const struct type *t, bool full);

#endif
