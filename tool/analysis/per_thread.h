/* per_thread.h - STM_PER_THREAD fields: what cannot be meant. */
#ifndef UNGIL_TOOL_ANALYSIS_PER_THREAD_H
#define UNGIL_TOOL_ANALYSIS_PER_THREAD_H

#include "ast/unit.h"

/* Located errors and warnings: initial values and copies under n; n in a static initialiser. */
void per_thread_check(struct unit *u, const struct node *n);
void per_thread_check_static(struct unit *u, const struct node *n);

#endif
