/* fnclass.h - classes of function types in the whole program. */
#ifndef UNGIL_TOOL_WHOLE_FNCLASS_H
#define UNGIL_TOOL_WHOLE_FNCLASS_H

#include <stdbool.h>

#include "base/util.h"

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
