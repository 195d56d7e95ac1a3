/* thunks.c - stand-ins for functions outside translated code whose address is taken, and for those that may
 * be the program's own after all (callee.c).
 *
 * Whoever calls through the pointer is translated code and passes references; libc would trap on them.  So
 * the address that is taken is that of a function of ours, which does what a direct call would: turns the
 * transaction inevitable where the table of externals says so, and resolves the pointer arguments.  It is a
 * weak definition, so that all files of a program share one, and addresses compare equal; where the program
 * defines the function itself, the stand-in is another name of that, and not weak.  Functions of the
 * runtime with the same signature (stm_free) stand in themselves.
 *
 * Variadic functions have no such stand-in (their arguments cannot be passed on), nor those that wait or do
 * not return. */
#include "analysis/thunks.h"

#include <string.h>

#include "analysis/callee.h"
#include "ast/query.h"

static bool runtime_stand_in(const struct decl *d, const struct external *e)
{
    static const char *const same_signature[] = {
        "malloc", "calloc",  "realloc", "reallocarray", "malloc_usable_size", "free", "strdup", "strndup",
        "memcpy", "memmove", "memset",  "exit"};
    for (unsigned i = 0; i < sizeof same_signature / sizeof *same_signature; i++)
        if (e->effect == EXT_MAPPED && !strcmp(d->name, same_signature[i]))
            return true;
    return false;
}

const char *function_stand_in(struct unit *u, struct decl *d)
{
    if (d->defined || d->thunk)
        return d->thunk;
    enum callee_owner kind = callee_kind(d);
    const struct external *e = external_find(decl_symbol(d));
    if (kind == CALLEE_OWN || is_harmless(e))
        return NULL;
    if (kind == CALLEE_LIBRARY && e && runtime_stand_in(d, e))
        return d->thunk = e->mapped;
    if (can_stand_in(d, e))
        d->thunk = arena_printf(&u->arena, "stm_thunk_%s", decl_symbol(d));
    return d->thunk;
}

bool function_address_ok(struct unit *u, struct decl *d)
{
    return callee_kind(d) == CALLEE_OWN || is_harmless(external_find(decl_symbol(d))) ||
           function_stand_in(u, d);
}

const char *stand_in_at(struct unit *u, const struct node *n)
{
    if (n->kind != N_REF || n->decl->kind != D_FUNC || n->blocking)
        return NULL;
    return is_function_address(n) || callee_kind(n->decl) == CALLEE_EITHER ? function_stand_in(u, n->decl)
                                                                           : NULL;
}

bool is_function_address(const struct node *n)
{
    if (n->kind != N_REF || n->decl->kind != D_FUNC || n->blocking)
        return false;
    const struct node *call = call_of_name(n);
    return !call || call->decl != n->decl; /* else called at once */
}
