/* attributes.h - attributes that tell a compiler what a call does not do. */
#ifndef UNGIL_TOOL_SOURCE_ATTRIBUTES_H
#define UNGIL_TOOL_SOURCE_ATTRIBUTES_H

#include <stddef.h>

/* Puts blanks in place of the attributes that would let a compiler delete, merge or move a call of translated
 * code, or assume something about its pointers; everything else keeps its place. */
void attributes_blank(char *text, size_t n);

/* Likewise of the head of a function that becomes that of a copy: what makes the original more than a
 * function that somebody calls (a constructor, kept when nobody calls it, another's alias). */
void attributes_blank_roles(char *text, size_t n);

#endif
