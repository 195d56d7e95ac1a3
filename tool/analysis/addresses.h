/* addresses.h - numbers that are addresses. */
#ifndef UNGIL_TOOL_ANALYSIS_ADDRESSES_H
#define UNGIL_TOOL_ANALYSIS_ADDRESSES_H

#include "ast/node.h"

/* The pointer, or the number known as an address, that the value of n may be, as it is or with a tag; or
 * null. Of what lowering knows by then as raw: null. */
const struct node *address_in(const struct node *n);
/* The variable d is assigned `value`. */
void note_address(struct decl *d, const struct node *value);

#endif
