/* places.h - which bytes an access touches, and what they are called (places.c). */
#ifndef UNGIL_TOOL_ANALYSIS_PLACES_H
#define UNGIL_TOOL_ANALYSIS_PLACES_H

#include "ast/unit.h"

/* The key of the type, interned in u->ir. */
const char *view_of_type(struct unit *u, const struct type *t);
/* A hash of what the record t holds, and where: the same in all files. */
unsigned long layout_of_type(const struct type *t);

/* s moved by lo to hi bytes, in steps. */
void span_move(struct ir_span *s, long lo, long hi, long step);
/* s, an array of type t, moved to any of its elements.  last: it is the last member of its record, perhaps a
 * tail. */
void span_move_along(struct ir_span *s, const struct type *t, bool last);
/* Or may be: of a record whose last member is one. */
bool is_last_member(const struct type *record, const struct decl *d);

/* Where something lies, counted from where the last pointer on the way leads. */
struct place {
    struct ir_span at; /* its size is not set */
    const struct type *root;
    bool start; /* nothing but elements of what the pointer points to */
    bool last;  /* the last member of its record */
};
/* What a pointer to t points to. */
struct place place_root(const struct type *t);
struct place place_of(const struct unit *u, struct node *n);
/* p, of type t, moved to any of its elements if it is an array. */
void place_along(struct place *p, const struct type *t);
/* Is n, at p, an alternative of the union that a pointer points to, and a record?  Then what is in it counts
 * from there: the union is converted to it, so that what is in the others is not touched. */
bool is_alternative(const struct node *n, const struct place *p);
/* A pointer that is computed where it is used. */
bool is_pointer_sum(const struct node *n);

/* The bytes of the place n. */
const struct ir_span *span_of_place(struct unit *u, struct node *n);
/* All bytes from where any pointer to the view leads. */
const struct ir_span *span_of_all(struct unit *u, const char *view);
/* The whole variable d. */
const struct ir_span *span_of_variable(struct unit *u, const struct decl *d);
/* All bytes from where the pointer n points; null: it is no pointer. */
const struct ir_span *span_of_pointee(struct unit *u, struct node *n);
/* The types whose views these spans have; null: it is no pointer. */
const struct type *root_of_place(struct unit *u, struct node *n);
const struct type *root_of_pointee(struct unit *u, struct node *n);

#endif
