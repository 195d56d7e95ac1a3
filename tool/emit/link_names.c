/* link_names.c - what the linker must find out about the names that a file uses and defines.
 *
 * What a file assumes of a function that it does not define may be wrong: it takes `time` for the C
 * library's, and another file of the program defines one.  No compilation sees both; the linker does.  So
 * each file says what it knows by defining symbols whose names are messages, in a section that is not loaded
 * and that cmake/ungil.ld discards (the macros are in ungil_abi.h):
 *
 *   a file that                            says                    defines
 *   defines f                              STM_DEFINES             f (1)
 *   ..., and f is a library's name         STM_DEFINES_LIBRARY_S   f (2), and stm_thunk_f for f
 *   ..., weakly                            STM_DEFINES_WEAK        f (3), in a section group
 *   calls f by a stand-in (thunks.c)       STM_TAKES_EITHER        f (1), (3) and (4), in another group
 *   takes f for the library's              STM_TAKES               these, and f (2) in a third group
 *   knows that f must be the program's     STM_NEEDS               nothing: it refers to a symbol that the
 *                                                                  first two define besides
 *   takes f for another file's             STM_CALLS               nothing: see below
 *
 * Groups of one name are kept once, so any number of files may take f for the library's; a file that defines
 * f makes a second definition, and the linker says so, naming both objects.
 *
 * What STM_CALLS says is text, and so is, in all STM_DEFINES, which
 * functions a file defines: no linker looks at it.  ungil-cc does, before it links a program: for if an
 * object that is not translated defines f, no symbol of ours tells (tool/cc/plainobjects.c). */
#include "emit/link_names.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "analysis/libc.h"

static void defined_here(const struct decl *d, struct str *o)
{
    const char *name = decl_symbol(d);
    bool library_s = d->system || external_find(name) || libc_has(name);
    if (d->weak)
        str_printf(o, "STM_DEFINES_WEAK(\"%s\")\n", name);
    else if (!library_s)
        str_printf(o, "STM_DEFINES(\"%s\")\n", name);
    else
        str_printf(o,
                   "STM_DEFINES_LIBRARY_S(\"%s\") extern __typeof__(%s) stm_thunk_%s "
                   "__attribute__((__alias__(\"%s\")));\n",
                   name, d->name, name, name);
}

static void collect(const struct node *n, struct names *used)
{
    if (!n)
        return;
    if (n->kind == N_REF && n->decl->kind == D_FUNC && (!n->decl->defined || n->decl->weak))
        ptr_push(&used->v, &used->n, &used->cap, n->decl);
    struct decl *cleanup = n->kind == N_VAR ? n->decl->cleanup_fn : NULL;
    if (cleanup && !cleanup->defined && callee_kind(cleanup) == CALLEE_OWN)
        ptr_push(&used->v, &used->n, &used->cap, cleanup);
    for (unsigned i = 0; i < n->nkids; i++)
        collect(n->kids[i], used);
}

static bool is_builtin(const struct decl *d)
{
    return c_name(d) != d->name;
}

static const char *link_name(const struct decl *d)
{
    return is_builtin(d) ? c_name(d) : decl_symbol(d);
}

/* Built-in functions, which are the library's, before what has the library's name. */
static int by_name(const void *a, const void *b)
{
    const struct decl *x = *(struct decl *const *)a, *y = *(struct decl *const *)b;
    int c = strcmp(link_name(x), link_name(y));
    return c ? c : is_builtin(y) - is_builtin(x);
}

/* Configure scripts ask with `char f();` whether any library has f. */
static bool is_probe(const struct decl *d)
{
    return callee_returns_char(d->type) && !d->type->nparams;
}

/* What a mark says holds of functions that are not translated, too. */
static bool is_marked(const struct decl *d)
{
    return d->pure || d->safe || d->irreversible || d->no_safepoint || d->alloc_size;
}

void emit_link_names(struct unit *u, struct str *o)
{
    struct names used = {0};
    for (unsigned i = 0; i < u->ndefined; i++) {
        const struct decl *d = u->defined[i];
        if (d->body && d->storage != ST_STATIC && !d->drop && !d->inline_only && strcmp(d->name, "main"))
            defined_here(d, o);
    }
    for (unsigned i = 0; i < u->also_defined.n; i++)
        str_printf(o, "STM_DEFINES(\"%s\")\n", (const char *)u->also_defined.v[i]);
    for (unsigned i = 0; i < u->also_weak.n; i++)
        str_printf(o, "STM_DEFINES_WEAK(\"%s\")\n", (const char *)u->also_weak.v[i]);
    for (unsigned i = 0; i < u->nfuncs; i++)
        if (!u->funcs[i]->drop)
            collect(u->funcs[i]->body, &used);
    for (unsigned i = 0; i < u->nglobals; i++)
        collect(u->globals[i]->init, &used);
    if (used.n)
        qsort(used.v, used.n, sizeof *used.v, by_name);
    const struct decl *last = NULL;
    for (unsigned i = 0; i < used.n; i++) {
        const struct decl *d = (const struct decl *)(const void *)used.v[i];
        enum callee_owner kind = callee_kind(d);
        const struct external *x = is_builtin(d) ? external_find(c_name(d)) : NULL;
        if (is_builtin(d) && (!x || is_harmless(x)))
            continue;
        bool same = last && !strcmp(link_name(last), link_name(d));
        last = d;
        if (same || !strncmp(d->name, "stm_", 4))
            continue;
        if (x) /* the compiler calls the library's function */
            kind = CALLEE_LIBRARY;
        if (!x &&
            callee_must_be_own(d)) /* or it would be taken for the library's, unless the program has it */
            str_printf(o, "STM_NEEDS(\"%s\")\n", decl_symbol(d));
        else if (kind != CALLEE_OWN)
            str_printf(o, kind == CALLEE_EITHER ? "STM_TAKES_EITHER(\"%s\")\n" : "STM_TAKES(\"%s\")\n",
                       link_name(d));
        else if (!is_marked(d) && !is_probe(d))
            str_printf(o, "STM_CALLS(\"%s\")\n", decl_symbol(d));
    }
    free(used.v);
}
