/* wholeprog.h - whole-program mode, see whole/wholeprog.c. */
#ifndef UNGIL_TOOL_WHOLE_WHOLEPROG_H
#define UNGIL_TOOL_WHOLE_WHOLEPROG_H

#include "ast/unit.h"
#include "base/util.h"

/* Appends the summary of u, which is lowered and no pass has touched. */
void wholeprog_summary(const struct unit *u, struct str *out);
/* Joins n summaries (texts are written into) and appends the facts.  whole: no other code calls their
 * functions by name or writes their objects. Returns an exit status, its line printed. */
int wholeprog_link(char **texts, const size_t *sizes, const char *const *paths, unsigned n, bool whole,
                   struct str *out);
/* Puts the facts in text (written into) on u's IR, before any pass.  Returns an exit status, its line
 * printed. */
int wholeprog_apply(struct unit *u, char *text, const char *path);

#endif
