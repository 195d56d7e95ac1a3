/* globals.h - which variables become transactional storage. */
#ifndef UNGIL_TOOL_ANALYSIS_GLOBALS_H
#define UNGIL_TOOL_ANALYSIS_GLOBALS_H

#include "ast/unit.h"

/* Sets what decls of variables say of their use, and `transactional`; located errors. */
void classify_globals(struct unit *u);

#endif
