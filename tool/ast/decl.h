/* decl.h - declarations. */
#ifndef UNGIL_TOOL_AST_DECL_H
#define UNGIL_TOOL_AST_DECL_H

#include <stdbool.h>
#include <stddef.h>

#include "ast/type.h"

struct cleanup;
struct clone;
struct ir_func;
struct node;

enum decl_kind { D_VAR, D_PARAM, D_FIELD, D_FUNC, D_ENUM, D_OTHER };
enum storage { ST_LOCAL, ST_STATIC_LOCAL, ST_STATIC, ST_EXTERN, ST_THREAD };
struct decl {
    enum decl_kind kind;
    const char *name;
    struct type *type;
    const char *type_spelling;   /* as written, sugar kept */
    size_t begin, end, name_off; /* of the definition in this file, else of the first declaration */
    size_t first;                /* where the first declaration begins */
    enum storage storage;
    bool system;  /* declared in a system header, or a compiler builtin */
    bool project; /* ... in one that -isystem leads to: the program's own, or of some library */
    bool defined; /* has a definition in this file */
    bool file_scope;
    bool grouped; /* file scope: shares its specifiers with other declarators */
    bool addr_taken, written, atomic_use, is_volatile;
    bool drop, raw, ref, immutable, checked_store, per_thread, private_stack, private_top, no_safepoint, pure,
        safe, irreversible, inline_fn, noreturn;
    /* what the linker makes of it (parse/linkage.c) */
    const char *symbol;  /* its name there, if another */
    struct decl *same;   /* variable: an alias of this one */
    const char *section; /* a section of its own */
    bool weak;           /* another definition may take its place */
    bool compiled_apart; /* function: a declaration before says for which target, or how, it is compiled */
    bool weakref;        /* variable: the name of one that another file defines, or none */
    bool hidden;         /* not seen outside of the linked program or library */
    bool entered;        /* function: called otherwise than by a call of its name in C */
    bool destructor;     /* function: called after main */
    bool replaceable;    /* function: a call by its name may run another body */
    bool gnu_inline, always_inline, overloadable;
    bool inline_only;                     /* its definition here is no external one */
    bool declared_plain;                  /* function: some declaration is not `inline`, or is `extern` */
    bool defined_extern;                  /* function: its definition says `extern` */
    const char *alloc_size, *realloc_ptr; /* STM_ALLOC_FN, STM_REALLOC_FN: parameter names */
    bool second_name; /* variable: an alias, an assembler's name or a weak definition: another name may be the
                         same place */
    bool in_section;  /* in a section that its declaration names: pointers may come from its ends */
    bool transactional; /* variable: lives in transactional storage (section ungil_data) */
    bool outside;       /* variable: written, and stays outside of transactions all the same */
    bool is_address;    /* its type, a function's result, is declared as one whose values are addresses:
                           uintptr_t,    intptr_t, STM_TAGGED */
    bool got_address;   /* variable of a function: an integer that is assigned the value of a pointer */
    struct decl *owner; /* parameter: its function */
    unsigned index;     /* parameter */
    long align;         /* variable: of its type as written, a typedef's included; 0: not known */
    unsigned nparams;
    struct decl **params;
    const char *thunk;       /* function: what stands in for it where its address is taken */
    unsigned var;            /* lowering: SSA variable + 1 */
    const char *record_name; /* field: of its record */
    const char *record_type, *thread_copy;
    bool copy_defined;       /* STM_PER_THREAD field: its record's type; the variable that each thread has */
    bool is_cleanup;         /* function: called at the ends of scopes, by no text that could be changed */
    const char *cleanup;     /* variable: the name of the function that its scope's end calls; null: none */
    struct decl *cleanup_fn; /* and its declaration; null: a system header's */
    struct cleanup *scope;   /* variable with cleanup: lowering */
    struct node *body;       /* function */
    struct ir_func *ir;      /* function: lowered */
    struct clone *clones;    /* function: its copies */
    struct node *init;       /* variable */
};

/* What the linker calls it. */
static inline const char *decl_symbol(const struct decl *d)
{
    return d->symbol ? d->symbol : d->name;
}

#endif
