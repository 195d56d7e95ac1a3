/* callee.c - who is called, and what that does to the transaction: translated code, a function of the table
 * of externals, or one of which nothing is known (annotations.md R13). */
#include "analysis/callee.h"

#include <string.h>

#include "ast/query.h"
#include "parse/parse.h"

/* Built-in functions whose pointer arguments are not memory accesses, or that evaluate nothing. */
const struct external builtin_plain = {.name = "builtin", .effect = EXT_PURE, .args = "uuuuuuuuuuu"};
static const struct external builtin_unreachable = {
    .name = "unreachable", .effect = EXT_PURE, .noreturn = true};
static const struct external unknown = {.name = "unknown", .effect = EXT_UNKNOWN};
static const struct external sync_builtin = {.name = "sync", .effect = EXT_PURE, .args = "w----"};

static const struct external *builtin(const char *name)
{
    if (!strcmp(name, "__builtin_unreachable") || !strcmp(name, "__builtin_trap"))
        return &builtin_unreachable;
    if (!strncmp(name, "__sync_", 7) || !strncmp(name, "__atomic_", 9))
        return &sync_builtin;
    return &builtin_plain;
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
    bool given = t->kind == T_FUNC && !t->prototype && strncmp(d->name, "__builtin_", 10) != 0;
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

const struct external *call_external(const struct node *call)
{
    const struct decl *d = call->decl;
    if (!d || d->defined)
        return NULL;
    const struct external *e = external_find(d->name);
    if (e)
        return e;
    if (!strncmp(d->name, "__builtin_", 10) || !strncmp(d->name, "__sync_", 7) ||
        !strncmp(d->name, "__atomic_", 9))
        return builtin(d->name);
    if (d->pure || d->safe || d->irreversible || !d->system)
        return NULL;
    return &unknown;
}

static bool is_char_pointer(const struct type *t)
{
    return (t->kind == T_POINTER || t->kind == T_ARRAY) && t->elem->size == 1 && t->elem->kind == T_SCALAR;
}

/* By the table, or by the parameter's type where the table is silent. */
char argument_mode(const struct node *call, unsigned k, const struct external *x)
{
    const struct node *a = call->kids[k + 1];
    if (!a->type || (a->type->kind != T_POINTER && a->type->kind != T_ARRAY) || a->is_raw ||
        strip_parens(a)->kind == N_STRING)
        return '-';
    if (a->type->elem->kind == T_FUNC || a->type->elem->opaque_system)
        return '-';
    size_t n = strlen(x->args);
    if (x->effect == EXT_UNKNOWN)
        return a->type->elem->is_const ? 'r' : 'w';
    if (k < n)
        return (char)(x->args[k] == 'r' || x->args[k] == 'w' ? x->args[k] : '-');
    if (x->rest == 'f') /* a wide string too */
        return is_char_pointer(a->type) || strstr(a->type_spelling, "wchar_t") ? 'r' : '-';
    return x->rest == 'w' ? 'w' : '-';
}

bool call_is_irreversible(const struct external *e)
{
    return e->effect == EXT_INEV || e->effect == EXT_UNKNOWN ||
           (e->effect == EXT_MAPPED && !strcmp(e->mapped, "stm_inevitable"));
}
