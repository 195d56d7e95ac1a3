/* formats.h - what printf does with the arguments behind its format. */
#ifndef UNGIL_TOOL_ANALYSIS_FORMATS_H
#define UNGIL_TOOL_ANALYSIS_FORMATS_H

#include "ast/node.h"
#include "source/source.h"

/* What a function of printf's kind does with the pointer `a`, the k-th argument behind its format: 'r' reads
 * a string, 'w' stores a number (%n), '-' neither. */
char format_argument(const struct source *src, const struct node *format, unsigned k, const struct node *a);

/* May %n store to a t? */
bool may_be_counted(const struct type *t);

#endif
