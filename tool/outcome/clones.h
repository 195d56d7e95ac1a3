/* clones.h - copies of functions, in the tree's terms. */
#ifndef UNGIL_TOOL_OUTCOME_CLONES_H
#define UNGIL_TOOL_OUTCOME_CLONES_H

#include "ast/unit.h"

struct clone {
    struct ir_func *f;
    struct decl *of;    /* the original */
    struct clone *next; /* of the same */
    bool declared;      /* emit/clones.c */
};
/* After the pass that makes copies: u's tables of accesses, and u->clones.  Once. */
void clones_adopt(struct unit *u);
void clones_free(struct unit *u);
/* The copy with that name, or null. */
struct clone *clone_named(const struct unit *u, const char *name);
/* Until clone_unbind, the original's tree refers to the copy's accesses and instructions. */
struct binding *clone_bind(const struct clone *c);
void clone_unbind(struct binding *b);

#endif
