/* callee.h - who is called, and what that does to the transaction. */
#ifndef UNGIL_TOOL_ANALYSIS_CALLEE_H
#define UNGIL_TOOL_ANALYSIS_CALLEE_H

#include "analysis/externals.h"
#include "ast/node.h"

/* What stands for a built-in function that the table does not name. */
extern const struct external builtin_plain;
/* How the call is to be treated: null for translated code. */
const struct external *call_external(const struct node *call);
/* May the untranslated function d call a function that it is given before it returns?  As the table says, or
 * else if one can be reached from its parameters.  e: what the table says; not null. */
bool may_call_back(const struct decl *d, const struct external *e);
/* Are the arguments of the call, a built-in function's, evaluated?  Some ask for what the compiler knows: gcc
 * and clang evaluate those, if at all, only where that has no effects. */
enum evaluation { EVALUATED, PERHAPS_EVALUATED, NOT_EVALUATED };
enum evaluation call_evaluates(const struct node *call);
/* How argument k of a call of x is given: 'r', 'w': by its real address, for reading or writing; '-': as it
 * is. */
char argument_mode(const struct node *call, unsigned k, const struct external *x);
/* Does a call of e turn the transaction inevitable first? */
bool call_is_irreversible(const struct external *e);

#endif
