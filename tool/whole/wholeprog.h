/* wholeprog.h - whole-program mode, see whole/wholeprog.c. */
#ifndef UNGIL_TOOL_WHOLE_WHOLEPROG_H
#define UNGIL_TOOL_WHOLE_WHOLEPROG_H

#include "ast/unit.h"
#include "base/util.h"

/* Appends the summary of u, which is lowered and no pass has touched. */
void wholeprog_summary(const struct unit *u, struct str *out);
/* What the linker is told. */
struct link_options {
    bool open;  /* other code may call the functions by name, or write their objects */
    bool check; /* for the checking build: says of what memory which bytes are believed immutable */
    struct names *replaced; /* symbols that the linker is told to bind otherwise; sorted by the join */
    const char *mutant; /* for tests: a fault on purpose in the joined program (passes/mutate.c); or null */
    struct names *entered; /* functions that other code calls by name, in a program that is not open */
};
/* Joins n summaries (texts are written into) and appends the facts.  Returns an exit status, its line
 * printed. */
int wholeprog_link(char **texts, const size_t *sizes, const char *const *paths, unsigned n,
                   const struct link_options *o, struct str *out);
/* Puts the facts in text (written into) on u's IR, before any pass.  Returns an exit status, its line
 * printed. */
int wholeprog_apply(struct unit *u, char *text, const char *path);

#endif
