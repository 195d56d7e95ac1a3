/* globals.h - which variables become transactional storage. */
#ifndef UNGIL_TOOL_ANALYSIS_GLOBALS_H
#define UNGIL_TOOL_ANALYSIS_GLOBALS_H

#include "ast/unit.h"

/* Sets what decls of variables say of their use, and `transactional`; located errors. */
void classify_globals(struct unit *u);

/* Is the variable d left as it is, whatever is done with it? */
bool stays_as_it_is(const struct decl *d);
/* The variable outside of transactions of which the place n is all or a part that may hold a reference; or
 * null. */
const struct decl *outside_place(const struct node *n);
/* May a pointer to an object lead to the start of what has type t: is it one, or does it begin with one? */
bool starts_with_object(struct type *t);

#endif
