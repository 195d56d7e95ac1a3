/* claims.h - what `ungil verify` is to take as said. */
#ifndef UNGIL_TOOL_EMIT_CLAIMS_H
#define UNGIL_TOOL_EMIT_CLAIMS_H

#include "emit/emitter.h"

/* Appends the section of claims; does nothing in other builds. */
void emit_claims(struct emitter *e, struct str *o);

#endif
