/* clang.h - shared by ast.c and types.c, the two files that see libclang. */
#ifndef TOOL_CLANG_H
#define TOOL_CLANG_H

#include <clang-c/Index.h>

#include "tool.h"

struct cx {
    CXIndex index;
    CXTranslationUnit tu;
    CXFile file;
    struct map types;          /* canonical CXType.data[0] -> struct type */
    struct map decls;          /* canonical CXCursor.data[0] -> struct decl */
    struct map object_records; /* definition CXCursor.data[0] -> non-null: made STM_OBJECT by a typedef */
};

struct cursors {
    CXCursor *v;
    unsigned n, cap;
};

struct type *type_of(struct unit *u, CXType t);
/* The pointer that an array or a function becomes; else t. */
struct type *type_decayed(struct unit *u, struct type *t);
const char *cx_text(struct unit *u, CXString s);
struct cursors cx_children(CXCursor c);
/* The argument of the first annotate attribute among c's children that starts with prefix, or null. */
const char *cx_annotation(struct unit *u, CXCursor c, const char *prefix);
/* An offset in the source text; *in_macro is set if a macro's expansion lies there. */
size_t cx_offset(CXSourceLocation l, bool *in_macro);
/* annotate.c: read the annotations of d, declared at c; of all types; of the members of a struct or union. */
void annotate_decl(struct unit *u, struct decl *d, CXCursor c);
void annotate_types(struct unit *u, CXCursor top);
void annotate_members(struct unit *u, CXCursor record);
struct decl *decl_of(struct unit *u, CXCursor c);

int ast_convert(struct unit *u);

#endif
