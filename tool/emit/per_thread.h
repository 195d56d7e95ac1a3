/* per_thread.h - STM_PER_THREAD fields as text. */
#ifndef UNGIL_TOOL_EMIT_PER_THREAD_H
#define UNGIL_TOOL_EMIT_PER_THREAD_H

#include "emit/emitter.h"

/* n is the place of a field that each thread has a copy of. */
void emit_per_thread(struct emitter *e, struct node *n, struct str *o);

/* Are there STM_PER_THREAD fields under n whose copies are not defined yet?  Appends the definitions. */
bool per_thread_needed(const struct node *n);
void per_thread_define(const struct node *n, struct str *o);

#endif
