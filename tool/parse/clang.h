/* clang.h - shared by the files of parse/, the only ones that see libclang. */
#ifndef UNGIL_TOOL_PARSE_CLANG_H
#define UNGIL_TOOL_PARSE_CLANG_H

#include <clang-c/Index.h>

#include "parse/parse.h"

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

/* ---- cursors.c */
const char *cx_text(struct unit *u, CXString s);
/* A type's name, as one may write it (types.c). */
const char *cx_type_name(struct unit *u, CXType t);
struct cursors cx_children(CXCursor c);
/* The argument of the first annotate attribute among c's children that starts with prefix, or null. */
const char *cx_annotation(struct unit *u, CXCursor c, const char *prefix);
/* An offset in the source text; *in_macro is set if a macro's expansion lies there. */
size_t cx_offset(CXSourceLocation l, bool *in_macro);
/* Is it in a system header?  *project: in one that -isystem leads to, which may be the program's own. */
bool cx_in_system_header(struct unit *u, CXSourceLocation l, bool *project);
/* Sets n->begin, end and in_macro to c's. */
void cx_range(struct unit *u, CXCursor c, struct node *n);

/* ---- types.c */
struct type *type_of(struct unit *u, CXType t);
/* The alignment that the type as it is written, typedefs and all, has; 0: not known. */
long type_alignment(CXType sugared);
/* Is t, or are its elements, declared as numbers that are addresses? */
bool type_is_address(struct unit *u, CXType t);
/* The pointer that an array or a function becomes; else t. */
struct type *type_decayed(struct unit *u, struct type *t);

/* ---- annotate.c: reads the annotations of d, declared at c; of all types. */
void annotate_decl(struct unit *u, struct decl *d, CXCursor c);
void annotate_types(struct unit *u, CXCursor top);

/* ---- linkage.c */
/* Reads what d's declaration at c says to the linker; once for each declaration. */
void linkage_read(struct unit *u, struct decl *d, CXCursor c);
/* After all declarations. */
void linkage_finish(struct unit *u);

/* ---- hidden.c */
/* After all functions: notes the names of types that mean something else in one. */
void hidden_names(struct unit *u);

/* ---- decls.c */
struct decl *decl_of(struct unit *u, CXCursor c);

/* ---- fields.c */
/* Before type_fields: the one unit of this process. */
void fields_begin(struct unit *u);
/* Rejects objects by value among the members of a struct or union. */
void check_members(struct unit *u, CXCursor record);

/* ---- convert.c */
/* The tree of a statement, an expression or an initialiser. */
struct node *convert(struct unit *u, CXCursor c);
/* The bounds of arrays in a type or declaration become n's children. */
void add_bounds(struct unit *u, struct node *n, const struct cursors *k);
bool starts_with(const struct unit *u, size_t off, const char *s); /* the text there */

/* ---- toplevel.c */
/* Copies the parsed file's declarations into u.  Returns 0, or 1 after errors. */
int ast_convert(struct unit *u);

#endif
