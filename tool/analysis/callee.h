/* callee.h - who is called, and what that does to the transaction. */
#ifndef UNGIL_TOOL_ANALYSIS_CALLEE_H
#define UNGIL_TOOL_ANALYSIS_CALLEE_H

#include "analysis/externals.h"
#include "ast/node.h"
#include "source/source.h"

/* Whose function is d? */
enum callee_owner {
    CALLEE_OWN,     /* translated code */
    CALLEE_LIBRARY, /* not translated; the link fails if the program defines it */
    CALLEE_EITHER,  /* known only when the program is linked */
};
enum callee_owner callee_kind(const struct decl *d);
/* Is d declared as the library's function of that name cannot be?  Then the program must define it. */
bool callee_must_be_own(const struct decl *d);
/* Does the function return char?  None of a library does; configure scripts so declare whatever they look
 * for. */
bool callee_returns_char(const struct type *t);
/* How the call is to be treated: null for code that is, or may be, translated. */
const struct external *call_external(const struct node *call);
/* What is known of d where it is not the program's own. */
const struct external *callee_if_library(const struct decl *d);
/* Can a function written here do what a direct call of the library's d, of which e is known, does? */
bool can_stand_in(const struct decl *d, const struct external *e);
/* Does nothing need to be done for such a call? */
bool is_harmless(const struct external *e);
/* Is d, a function of the program, one that the C library may call by its name? */
bool library_may_call(const struct decl *d);
/* The name of d without what says that the compiler knows it: `strcpy` of `__builtin_strcpy`. */
const char *c_name(const struct decl *d);
/* May the untranslated function d call a function that it is given before it returns?  As the table says, or
 * else if one can be reached from its parameters.  e: what the table says; not null. */
bool may_call_back(const struct decl *d, const struct external *e);
/* Are the arguments of the call, a built-in function's, evaluated?  Some ask for what the compiler knows: gcc
 * and clang evaluate those, if at all, only where that has no effects. */
enum evaluation { EVALUATED, PERHAPS_EVALUATED, NOT_EVALUATED };
enum evaluation call_evaluates(const struct node *call);
/* How argument k of a call of x is given: 'r', 'w': by its real address, for reading or writing; '-': as it
 * is. */
char argument_mode(const struct source *src, const struct node *call, unsigned k, const struct external *x);
/* Does printf or its like, of which x is known, print the pointer that is argument k (%p)? */
bool is_address_output(const struct source *src, const struct node *call, unsigned k,
                       const struct external *x);
/* ... or store to what it points to (%n)? */
bool is_format_output(const struct source *src, const struct node *call, unsigned k,
                      const struct external *x);
/* The place to which the call of x stores its result, as an assignment does, through an argument that
 * lowering has made an address-of; or null. */
struct node *stored_place(const struct node *call, const struct external *x);
/* Does the call return memory to which nothing has been stored: is it one of an allocator's? */
bool is_fresh_memory(const struct node *call);
/* Does the call, by its function's name, copy memory as it is from one of its first two arguments to the
 * other?
 */
bool copies_memory(const struct node *call);
/* Does a call of e turn the transaction inevitable first? */
bool call_is_irreversible(const struct external *e);

#endif
