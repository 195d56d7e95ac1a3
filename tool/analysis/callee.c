/* callee.c - who is called, and what that does to the transaction: translated code, a function of the table
 * of externals, or one of which nothing is known (annotations.md R13).
 *
 * A file that calls `clock` without defining it cannot know whose it is: a program may define a function with
 * the name of the C library's, and a header need not lie where it belongs.  Where it is declared tells:
 *
 *   declared in                        name in the table           the C library's        any other
 *   a system header                    the library's               the library's: what it does is unknown
 *   a header that -isystem leads to    either                      either                 either
 *   the program's own text             either, if the type fits,   either, if it can,     translated code
 *                                      else translated code        else translated code
 *
 * A call of `either` counts as one of translated code of which nothing is known, and goes to a stand-in
 * (thunks.c): here a weak one, which does for a library's function what a direct call would; in the file that
 * defines the function, if one does, the function itself.  So the linker decides.  Where no stand-in can be
 * written (variadic functions, those that the runtime replaces) `either` counts as the library's, and
 * emit/link_names.c makes the link fail if the program defines the function after all.  One that is not in
 * the table counts as translated code then, if the program's own text declares it, and the link fails if the
 * program does not define it; as it does where a type is not that of the library's. */
#include "analysis/callee.h"

#include <stdio.h>
#include <string.h>

#include "analysis/formats.h"
#include "analysis/libc.h"
#include "ast/query.h"
#include "parse/parse.h"

static const struct external unknown = {.name = "unknown", .effect = EXT_UNKNOWN};
static const struct external value_builtin = {.name = "builtin", .effect = EXT_PURE};
static const struct external sync_builtin = {.name = "sync", .effect = EXT_PURE, .args = "w----"};

static bool is_builtin(const struct decl *d)
{
    return !strncmp(d->name, BUILTIN, strlen(BUILTIN)) || !strncmp(d->name, "__sync_", 7) ||
           !strncmp(d->name, "__atomic_", 9);
}

/* A built-in function that the table does not name: without pointers it computes a value. */
static const struct external *builtin(const struct node *call)
{
    if (strncmp(call->decl->name, BUILTIN, strlen(BUILTIN)) != 0)
        return &sync_builtin;
    for (unsigned i = 1; i < call->nkids; i++) {
        const struct type *t = call->kids[i]->type;
        if (t && (t->kind == T_POINTER || t->kind == T_ARRAY) &&
            strip_parens(call->kids[i])->kind != N_STRING)
            return &unknown;
    }
    return &value_builtin;
}

/* Is t a function, or is there one that it leads to? */
static bool leads_to_function(struct type *t, unsigned depth)
{
    if (t->kind == T_FUNC)
        return true;
    if (t->opaque_system || depth > 4)
        return false;
    if (t->kind == T_POINTER || t->kind == T_ARRAY)
        return leads_to_function(t->elem, depth + 1);
    if (t->kind == T_RECORD)
        type_fields(t);
    for (unsigned i = 0; t->kind == T_RECORD && i < t->nfields; i++)
        if (leads_to_function(t->fields[i].type, depth + 1))
            return true;
    return false;
}

bool may_call_back(const struct decl *d, const struct external *e)
{
    const struct type *t = d->type;
    bool given = t->kind == T_FUNC && !t->prototype && strncmp(d->name, BUILTIN, strlen(BUILTIN)) != 0;
    for (unsigned i = 0; t->kind == T_FUNC && i < t->nparams && !given; i++)
        given = leads_to_function(t->params[i], 0);
    return e->safepoint || (given && !e->later && e->effect != EXT_MAPPED && e->effect != EXT_UNSUPPORTED);
}

enum evaluation call_evaluates(const struct node *call)
{
    static const struct {
        const char *name;
        enum evaluation e;
    } table[] = {
        {"__builtin_constant_p", NOT_EVALUATED},
        {"__builtin_classify_type", NOT_EVALUATED},
        {"__builtin_assume", NOT_EVALUATED},
        {"__builtin_object_size", PERHAPS_EVALUATED},
        {"__builtin_dynamic_object_size", PERHAPS_EVALUATED},
    };
    for (unsigned i = 0; call->decl && i < sizeof table / sizeof *table; i++)
        if (!strcmp(call->decl->name, table[i].name))
            return table[i].e;
    return EVALUATED;
}

static bool plain_name(const struct type *t)
{
    return t->spelling && *t->spelling && !t->unnamed;
}

bool can_stand_in(const struct decl *d, const struct external *e)
{
    const struct type *t = d->type;
    if (t->kind != T_FUNC || !t->prototype || t->variadic || !plain_name(t->elem) || is_builtin(d))
        return false;
    if (e && ((e->effect == EXT_MAPPED && !external_is_output(e)) || e->effect == EXT_BLOCK ||
              e->effect == EXT_UNSUPPORTED || e->twice || e->noreturn || e->keeps || strchr(e->args, 'e')))
        return false;
    if (may_call_back(d, e ? e : &unknown))
        return false;
    for (unsigned i = 0; i < t->nparams; i++)
        if (!plain_name(t->params[i]))
            return false;
    return true;
}

bool is_harmless(const struct external *e)
{
    return e && e->effect == EXT_PURE && !strpbrk(e->args, "rwes");
}

bool callee_returns_char(const struct type *t)
{
    return t->kind == T_FUNC && t->elem->spelling && !strcmp(t->elem->spelling, "char");
}

/* Could a declaration of this type be of the library's function? */
static bool fits(const struct type *t, const struct external *e)
{
    size_t n = strlen(e->args);
    if (callee_returns_char(t))
        return false;
    for (unsigned i = 0; t->kind == T_FUNC && t->prototype && i < t->nparams && i < n; i++)
        if (strchr("rwue", e->args[i]) && t->params[i]->kind != T_POINTER && t->params[i]->kind != T_ARRAY)
            return false;
    return t->kind != T_FUNC || !t->prototype || t->nparams == n || (t->nparams > n && e->rest);
}

const struct external *callee_if_library(const struct decl *d)
{
    const struct external *e = external_find(decl_symbol(d));
    return e ? e : &unknown;
}

/* Is d, which is not in the table, declared by the program and the C library's, perhaps?  Not where the
 * program asks whether it is there. */
static bool may_be_libc(const struct decl *d)
{
    return !d->weak && !callee_returns_char(d->type) && libc_has(decl_symbol(d));
}

/* A function that _FORTIFY_SOURCE puts in a macro: headers declare it only where the compiler optimises,
 * which the one that reads them here does not.  (__fdelt_warn is __fdelt_chk, with a warning.) */
static bool is_fortified(const struct decl *d)
{
    const char *end = strrchr(d->name, '_');
    char chk[64];
    if (d->defined || strncmp(d->name, "__", 2) != 0 ||
        (strcmp(end, "_chk") != 0 && strcmp(end, "_warn") != 0))
        return false;
    snprintf(chk, sizeof chk, "%.*s_chk", (int)(end - d->name), d->name);
    return libc_has(chk);
}

bool callee_must_be_own(const struct decl *d)
{
    const struct external *e = external_find(decl_symbol(d));
    if (d->defined || d->system || is_fortified(d) || d->type->kind != T_FUNC || d->pure || d->safe ||
        d->irreversible)
        return false;
    if (!e)
        return !d->project && may_be_libc(d) && !can_stand_in(d, e);
    return d->type->prototype && d->type->nparams && (e->effect == EXT_UNSUPPORTED || !fits(d->type, e));
}

enum callee_owner callee_kind(const struct decl *d)
{
    if (d->defined)
        return CALLEE_OWN;
    if (is_builtin(d) || is_fortified(d))
        return CALLEE_LIBRARY;
    const struct external *e = external_find(decl_symbol(d));
    if (d->system && !d->project)
        return e || !(d->pure || d->safe || d->irreversible) ? CALLEE_LIBRARY : CALLEE_OWN;
    if (d->pure || d->safe || d->irreversible || !strncmp(d->name, "stm_", 4))
        return e ? CALLEE_LIBRARY : CALLEE_OWN;
    if (callee_must_be_own(d) || (!e && !d->project && !may_be_libc(d)))
        return CALLEE_OWN;
    if (e && !fits(d->type, e)) /* no parameters: as configure scripts ask whether it is there */
        return CALLEE_OWN;
    return is_harmless(e) || can_stand_in(d, e) ? CALLEE_EITHER : CALLEE_LIBRARY;
}

const struct external *call_external(const struct node *call)
{
    const struct decl *d = call->decl;
    enum callee_owner kind = d ? callee_kind(d) : CALLEE_OWN;
    if (kind == CALLEE_OWN ||
        (kind == CALLEE_EITHER && !call->blocking)) /* no own code runs in STM_BLOCKING */
        return NULL;
    const struct external *e = callee_if_library(d);
    if (e == &unknown && is_builtin(d))
        return builtin(call);
    bool asks = !d->system && call->nkids == 1 && *e->args && !is_builtin(d); /* as without parameters */
    return asks ? NULL : e;
}

bool library_may_call(const struct decl *d)
{
    return d->storage != ST_STATIC &&
           (d->system || external_find(decl_symbol(d)) || libc_has(decl_symbol(d)));
}

/* What x, of printf's kind, does with the pointer that is argument k, behind its format. */
static char formatted(const struct source *src, const struct node *call, unsigned k, const struct external *x)
{
    size_t n = strlen(x->args);
    return format_argument(src, call->kids[n], k - (unsigned)n, call->kids[k + 1]);
}

bool is_address_output(const struct source *src, const struct node *call, unsigned k,
                       const struct external *x)
{
    return x->rest == 'f' && k >= strlen(x->args) && formatted(src, call, k, x) == '-';
}

bool is_format_output(const struct source *src, const struct node *call, unsigned k, const struct external *x)
{
    const struct type *t = call->kids[k + 1]->type;
    return x->rest == 'f' && k >= strlen(x->args) && t && (t->kind == T_POINTER || t->kind == T_ARRAY) &&
           formatted(src, call, k, x) == 'w';
}

/* By the table, or by the parameter's type where the table is silent. */
char argument_mode(const struct source *src, const struct node *call, unsigned k, const struct external *x)
{
    const struct node *a = call->kids[k + 1];
    if (!a->type || (a->type->kind != T_POINTER && a->type->kind != T_ARRAY) || a->is_raw ||
        strip_parens(a)->kind == N_STRING)
        return '-';
    if (a->type->elem->kind == T_FUNC || (a->type->elem->opaque_system && !a->type->elem->system_data))
        return '-';
    size_t n = strlen(x->args);
    if (x->effect == EXT_UNKNOWN)
        return a->type->elem->is_const ? 'r' : 'w';
    if (k < n)
        return (char)(x->args[k] == 'r' || x->args[k] == 'w' ? x->args[k] : '-');
    if (x->rest == 'f')
        return formatted(src, call, k, x);
    return x->rest == 'w' ? 'w' : '-';
}

struct node *stored_place(const struct node *call, const struct external *x)
{
    const char *at = x ? strchr(x->args, 's') : NULL;
    size_t k = at ? (size_t)(at - x->args) + 1 : 0;
    struct node *a = at && k < call->nkids ? strip_parens(call->kids[k]) : NULL;
    return a && a->kind == N_ADDROF ? target_of(a->kids[0]) : NULL;
}

bool call_is_irreversible(const struct external *e)
{
    return e->effect == EXT_INEV || e->effect == EXT_UNKNOWN ||
           (e->effect == EXT_MAPPED && !strcmp(e->mapped, "stm_inevitable"));
}

const char *c_name(const struct decl *d)
{
    return d->name + (strncmp(d->name, BUILTIN, strlen(BUILTIN)) ? 0 : strlen(BUILTIN));
}

bool is_fresh_memory(const struct node *call)
{
    static const char *const names[] = {"malloc", "calloc", "aligned_alloc", "stm_new_", NULL};
    if (call->kind != N_CALL || !call->decl)
        return false;
    for (unsigned i = 0; names[i]; i++)
        if (!strcmp(c_name(call->decl), names[i]))
            return !call->decl->defined;
    return call->decl->alloc_size && !call->decl->realloc_ptr;
}

bool copies_memory(const struct node *call)
{
    static const char *const parts[] = {"memcpy", "memmove", "mempcpy", "memccpy"};
    const char *name = call->decl ? c_name(call->decl) : "";
    bool copies = !strcmp(name, "bcopy");
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        copies |= strstr(name, parts[i]) != NULL;
    return copies && call->nkids > 2;
}
