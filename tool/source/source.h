/* source.h - the text that is parsed and edited. */
#ifndef UNGIL_TOOL_SOURCE_SOURCE_H
#define UNGIL_TOOL_SOURCE_SOURCE_H

#include <stddef.h>

#include "base/util.h"
#include "ir.h"

/* The text that libclang parses and the emitter edits: preprocessed with system includes kept, line markers
 * as #line. */
struct source {
    char *text;
    size_t n;
    const char *name; /* the user's main file */
    bool for_gcc;     /* gcc compiles it: which expands no macros in some pragmas */
    struct source_line *lines;
    unsigned nlines;
    struct arena arena;
};
/* Cleans the output of `clang -E -dD -fkeep-system-includes` (takes ownership of raw). */
void source_clean(struct source *s, const char *name, char *raw, size_t n);
/* Runs the preprocessor on `file`.  Returns 0, or the exit status to leave with, its own diagnostics shown.
 */
int source_preprocess(struct source *s, const char *file, const char *const *args, unsigned nargs);
void source_free(struct source *s);
void source_replace(struct source *s, char *text, size_t n);
/* Presumed (user's) file, line and column of an offset. */
struct ir_loc source_loc(const struct source *s, size_t off);

#endif
