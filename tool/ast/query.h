/* query.h - questions that the tree answers by itself. */
#ifndef UNGIL_TOOL_AST_QUERY_H
#define UNGIL_TOOL_AST_QUERY_H

#include "ast/node.h"
#include "source/source.h"

/* True if n, looked through parentheses, is a call to the named function. */
bool is_call_to(const struct node *n, const char *name);
struct node *strip_parens(const struct node *n);
/* n with the parentheses around it: the node whose parent uses n's value. */
const struct node *with_parens(const struct node *n);
/* n without parentheses and casts between pointers. */
struct node *without_pointer_casts(const struct node *n);
/* The call of which n, through parentheses and casts, is an argument; else null. */
const struct node *argument_of(const struct node *n);
/* How long the name is, if the text begins with one by which a function says its own (__func__); else 0. */
size_t own_name_length(const char *text);
/* Is the value of the expression n of use to what it stands in? */
bool is_used(const struct node *n);
/* t; of an array, at any depth, the elements' type. */
const struct type *element_type(const struct type *t);
bool is_bool_type(const struct type *t);
/* The function's name that the callee of a call is, looked through (f), *f and &f; null if it is something
 * else. */
struct node *called_name(const struct node *callee);
/* The call whose callee the name n is, or null. */
const struct node *call_of_name(const struct node *n);
/* Is n the same number each time, by its form: literals, enumerators, sizes, and what is computed of them? */
bool is_fixed_number(const struct node *n);
/* Is n a plain 0? */
bool is_zero_literal(const struct source *s, const struct node *n);
/* Is n an element of a vector?  It is part of that as a bit-field is of its unit, and has no address. */
bool is_vector_element(const struct node *n);
/* The place that an assignment to n writes: parentheses, __real__ and __imag__ looked through; of an element
 * the vector. */
struct node *target_of(struct node *n);
/* Appends the expressions that the address of the place n is computed from, in the order in which
 * lowering takes them. */
void place_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap);
/* Where statement n ends, its semicolon included; 0: not found. */
size_t statement_end(const struct source *s, const struct node *n);
/* Is the place n, or what the pointer n points to, gone by an STM_DROP? */
bool is_dropped(const struct node *n);
/* Is there an access through a pointer or to a global, or a call, in n? */
bool reads_memory(const struct node *n);
/* The alignment in bytes, a power of two, that the address of the place n has by the types and typedefs on
 * the way to it: less than its own type's where a struct is packed. */
long place_alignment(const struct node *n);
/* Does evaluating n do more than yield a value? */
bool has_effects(const struct node *n);
/* Is n a block with braces of its own in the text? */
bool is_braced(const struct source *s, const struct node *n);
/* Appends what of the base of n, an STM_PER_THREAD field, is evaluated: see place_operands. */
void per_thread_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap);

/* The value of n, which has not been lowered yet, is going to be kept in d, or null; or n is the list of
 * values of d's elements.  Sets n->kept_in. */
void keep_in(const struct decl *d, struct node *n);

#endif
