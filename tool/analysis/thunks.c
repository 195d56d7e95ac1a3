/* thunks.c - stand-ins for functions outside translated code whose address is taken.
 *
 * Whoever calls through the pointer is translated code and passes references; libc would trap on them.  So
 * the address that is taken is that of a function of ours, which does what a direct call would: turns the
 * transaction inevitable where the table of externals says so, and resolves the pointer arguments.  It is a
 * weak definition, so that all files of a program share one, and addresses compare equal.  Functions of the
 * runtime with the same signature (stm_free) stand in themselves.
 *
 * Variadic functions have no such stand-in (their arguments cannot be passed on), nor those that wait or do
 * not return. */
#include "analysis/thunks.h"

#include <string.h>

#include "analysis/callee.h"
#include "analysis/externals.h"

static bool runtime_stand_in(const struct decl *d, const struct external *e)
{
    static const char *const same_signature[] = {"malloc",  "calloc", "realloc", "free",   "strdup",
                                                 "strndup", "memcpy", "memmove", "memset", "exit"};
    for (unsigned i = 0; i < sizeof same_signature / sizeof *same_signature; i++)
        if (e->effect == EXT_MAPPED && !strcmp(d->name, same_signature[i]))
            return true;
    return false;
}

static bool plain_name(const struct type *t)
{
    return t->spelling && *t->spelling && !t->unnamed;
}

static bool can_stand_in(const struct decl *d, const struct external *e)
{
    const struct type *t = d->type;
    if (t->kind != T_FUNC || !t->prototype || t->variadic || !plain_name(t->elem) ||
        !strncmp(d->name, "__builtin_", 10))
        return false;
    if (e && ((e->effect == EXT_MAPPED && !external_is_output(e)) || e->effect == EXT_BLOCK ||
              e->effect == EXT_UNSUPPORTED || e->twice || e->noreturn || e->keeps || strchr(e->args, 'e')))
        return false;
    static const struct external unknown = {.effect = EXT_UNKNOWN};
    if (may_call_back(d, e ? e : &unknown))
        return false;
    for (unsigned i = 0; i < t->nparams; i++)
        if (!plain_name(t->params[i]))
            return false;
    return true;
}

/* Does nothing need to be done for a call through a pointer to d? */
static bool harmless(const struct external *e)
{
    return e && e->effect == EXT_PURE && !strpbrk(e->args, "rwe");
}

const char *function_stand_in(struct unit *u, struct decl *d)
{
    if (d->defined || d->thunk)
        return d->thunk;
    const struct external *e = external_find(d->name);
    if ((!e && !d->system) || harmless(e))
        return NULL;
    if (e && runtime_stand_in(d, e))
        return d->thunk = e->mapped;
    if (can_stand_in(d, e))
        d->thunk = arena_printf(&u->arena, "stm_thunk_%s", d->name);
    return d->thunk;
}

bool function_address_ok(struct unit *u, struct decl *d)
{
    const struct external *e = external_find(d->name);
    return d->defined || (!e && !d->system) || harmless(e) || function_stand_in(u, d);
}

bool is_function_address(const struct node *n)
{
    if (n->kind != N_REF || n->decl->kind != D_FUNC || n->blocking)
        return false;
    const struct node *k = n;
    while (k->parent && k->parent->kind == N_PAREN)
        k = k->parent;
    return !(k->parent && k->parent->kind == N_CALL && k->parent->kids[0] == k); /* else called at once */
}
