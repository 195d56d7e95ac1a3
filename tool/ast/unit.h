/* unit.h - a translated file: its text, its declarations, its IR. */
#ifndef UNGIL_TOOL_AST_UNIT_H
#define UNGIL_TOOL_AST_UNIT_H

#include "base/util.h"
#include "ast/node.h"
#include "source/source.h"

struct clone;
struct history;

/* A translated file. */
struct unit {
    struct arena arena;
    struct source src;
    struct decl **funcs;
    unsigned nfuncs, capfuncs; /* defined here, in order */
    struct decl **defined;
    unsigned ndefined, capdefined; /* functions defined here, aliases too */
    struct decl **globals;
    unsigned nglobals, capglobals; /* all variables with static storage, in order, locals' too */
    struct node **global_inits;
    struct tagged {
        unsigned long mask, tag;
        const char *name;
    } * tags;
    unsigned ntags;
    struct type **records;
    unsigned nrecords, caprecords; /* all struct and union types met so far */
    struct conversion {
        const struct node *operand;
        struct type *to;
    } * conversions; /* of pointers, explicit or not */
    unsigned nconversions, capconversions;
    struct map local_names; /* hashes of names that are no types somewhere, or other types in a block */
    struct map local_tags;  /* hashes of tags that are declared in a block */
    const char *own;        /* what all names that emission adds to functions have behind their first word */
    struct decl **reserved; /* declarations of the user's with names like ours */
    unsigned nreserved, capreserved;
    size_t pragma_section; /* where `#pragma clang section` stands, or 0 */
    struct names entered;  /* symbols that assembly, aliases and the like name; sorted */
    struct names also_defined,
        also_weak;             /* symbols that an alias, an ifunc or a pragma defines as functions */
    struct names rebound;      /* of the entered: assembly may define them, or make them weak */
    struct names project_dirs; /* of -isystem, beside the system's own */
    bool interposable;         /* another module may define what this one exports: -fPIC */
    bool gnu89_inline;         /* `extern inline` defines nothing, as before C99 */
    struct map thunks;         /* hashes of the names of stand-ins that are defined */
    struct map functions;      /* hash of name -> declaration of a function, not from system headers */
    struct alias {
        struct decl *d;
        const char *target; /* the assembler's name */
        bool alone;         /* of a variable that may be elsewhere: its memory has no other name then */
    } * aliases;            /* what is declared with __attribute__((alias)) */
    unsigned naliases, capaliases;
    bool file_asm;         /* it has assembly outside of functions */
    bool wraps;            /* signed arithmetic wraps around (-fwrapv) */
    struct decl *last_var; /* parse/: the file-scope variable before this one */
    size_t last_function;  /* where the last declaration of a function begins, plus 1; 0: none */
    unsigned naccesses;
    struct node **access_nodes;
    unsigned capaccesses; /* by access number */
    unsigned nanchors;
    struct clone **clones;
    unsigned nclones, capclones; /* copies of functions, after the passes */
    struct map clone_of_name;
    unsigned lines, annotated_lines;
    bool exceptions; /* -fexceptions: cleanup functions are also called when a thread is cancelled */
    void *cx;        /* parse/ */
    struct ir_module *ir;
    void *descs;             /* emit/descs.c */
    struct history *history; /* outcome/history.c; null unless asked for */
    bool count, check;       /* the counting build, the checking build */
    bool claims;             /* for ungil verify: say what its input cannot show */
    bool checked_stores;     /* all stores, not only those to fields that say so */
    const char *mutant;      /* for tests: a fault on purpose (passes/mutate.c); or null */
};

#endif
