/* fnflow.h - function pointers by type: what a file says of them (fnflow.c), and the classes in the whole
 * program (fnclass.c). */
#ifndef TOOL_FNFLOW_H
#define TOOL_FNFLOW_H

#include "tool.h"

/* The key of the function type that t is or points to, in a; null: it is and does neither.  Types that a
 * conforming program may use for one function have one key. */
const char *fnflow_key(struct arena *a, const struct type *t);
/* Appends the lines of u's summary about function pointers, sorted: the same for the same file. */
void fnflow_summary(const struct unit *u, struct str *out);

/* ---- the join ---- */
struct fnclass;
struct fnclass *fnclass_new(void);
void fnclass_free(struct fnclass *c);
/* Takes a line of a summary that fnflow_summary wrote (written into); false if it is none. */
bool fnclass_line(struct fnclass *c, char *s);
/* The program's function `name` (its name in the joined program) has its address taken under a type. */
void fnclass_taken(struct fnclass *c, const char *name, const char *key);
/* There is an indirect call through a type. */
void fnclass_called(struct fnclass *c, const char *key);
/* Appends the pseudo functions that stand for what indirect calls may call, as IR: `.icall`, and
 * `.icall:KEY` for each type that is called through. */
void fnclass_write(struct fnclass *c, struct str *text);

#endif
