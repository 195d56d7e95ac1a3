/* attributes.h - attributes that tell a compiler what a call does not do. */
#ifndef UNGIL_TOOL_SOURCE_ATTRIBUTES_H
#define UNGIL_TOOL_SOURCE_ATTRIBUTES_H

#include <stddef.h>

/* Puts blanks in place of the attributes that would let a compiler delete, merge or move a call of translated
 * code, or assume something about its pointers; everything else keeps its place. */
void attributes_blank(char *text, size_t n);

#endif
