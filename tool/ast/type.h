/* type.h - C types, as far as the translator must know them. */
#ifndef UNGIL_TOOL_AST_TYPE_H
#define UNGIL_TOOL_AST_TYPE_H

#include <stdbool.h>

struct decl;

enum type_kind { T_VOID, T_SCALAR, T_POINTER, T_ARRAY, T_RECORD, T_FUNC, T_OTHER };
struct field {
    const char *name;
    long offset; /* bytes */
    struct type *type;
    bool bitfield;
    struct decl *decl;
};
struct type {
    enum type_kind kind;
    long size, align;     /* bytes; -1: incomplete or variable */
    struct type *elem;    /* pointee, element, result */
    struct type *decayed; /* parse/types.c */
    long count;           /* arrays: elements; -1 unknown */
    bool is_const, is_volatile, is_atomic, is_integer, is_union;
    bool is_double;           /* double itself: no vector, no complex */
    bool is_bitint;           /* _BitInt: of an odd width, no is_integer */
    bool is_object;           /* record: STM_OBJECT */
    bool opaque_system;       /* pthread_mutex_t and its kin */
    bool system_data;         /* ... that is its bytes, wherever they are: jmp_buf */
    bool variadic, prototype; /* functions */
    struct type **params;
    unsigned nparams;
    bool is_vla;          /* an array whose size, at any depth, is computed when control comes to it */
    const char *spelling; /* canonical, valid C unless `unnamed` */
    bool unnamed;
    struct field *fields;
    unsigned nfields; /* records; filled by type_fields, parse/parse.h */
    bool fields_done;
    const char *tag; /* record: for messages and descriptors */
    const void *id;  /* record: the same for all its types, whatever their qualifiers; else null */
    void *cx;        /* libclang's type, for parse/ */
};

#endif
