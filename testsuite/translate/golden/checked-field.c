/* Stores to a field that says so look first whether they change anything. */
#include "ungil.h"
struct STM_OBJECT node { STM_CHECKED_STORE unsigned mark; unsigned other; };
void mark(struct node *n) { n->mark = 1; n->other = 1; }
void twice(struct node *n) { n->mark = 1; n->mark |= 2; }
