/* parse.h - from C text to our tree. */
#ifndef UNGIL_TOOL_PARSE_PARSE_H
#define UNGIL_TOOL_PARSE_PARSE_H

#include "ast/unit.h"

/* Parses u->src with libclang.  Returns 0, or 1 after clang's own diagnostics. */
int ast_parse(struct unit *u, const char *const *args, unsigned nargs);
void ast_free(struct unit *u);
/* Fills in t->fields, if t is a struct or union. */
void type_fields(struct type *t);
/* Is t an array of STM_OBJECTs, at any depth, or of what holds one? */
bool type_holds_objects(const struct type *t);
/* A located error if d, which is null or where the collector looks for what its type says, is a STM_RAW
 * struct, or array of them, that holds pointers to STM_OBJECTs. */
void check_raw_record(struct unit *u, const struct decl *d);

#endif
