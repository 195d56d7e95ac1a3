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
#include "tool.h"

#include <string.h>

static bool runtime_stand_in(const struct decl *d, const struct external *e)
{
    static const char *const same_signature[] = {"malloc",  "calloc", "realloc", "free",   "strdup",
                                                 "strndup", "memcpy", "memmove", "memset", "exit"};
    for (unsigned i = 0; i < sizeof same_signature / sizeof *same_signature; i++)
        if (e->effect == EXT_MAPPED && !strcmp(d->name, same_signature[i]))
            return true;
    return false;
}

/* Output that may wait for the commit: a stand-in calls the runtime's, with resolved arguments. */
static bool is_output(const struct external *e)
{
    return e && e->effect == EXT_MAPPED &&
           (!strncmp(e->mapped, "stm_f", 5) || !strncmp(e->mapped, "stm_p", 5) ||
            !strncmp(e->mapped, "stm_v", 5)) &&
           strcmp(e->mapped, "stm_free");
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
    if (e &&
        ((e->effect == EXT_MAPPED && !is_output(e)) || e->effect == EXT_BLOCK ||
         e->effect == EXT_UNSUPPORTED || e->twice || e->noreturn || e->safepoint || strchr(e->args, 'e')))
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

/* The mode of a pointer parameter: by the table, or by its constness. */
static char mode_of(const struct type *p, unsigned k, const struct external *e)
{
    if (p->kind != T_POINTER || p->elem->kind == T_FUNC || p->elem->opaque_system)
        return '-';
    if (!e)
        return p->elem->is_const ? 'r' : 'w';
    return k < strlen(e->args) && (e->args[k] == 'r' || e->args[k] == 'w') ? e->args[k] : '-';
}

static void define(const struct decl *d, struct str *o)
{
    const struct type *t = d->type;
    const struct external *e = external_find(d->name);
    bool resolved = false;
    str_printf(o, "__attribute__((__weak__)) __typeof__(%s) %s(", t->elem->spelling, d->thunk);
    for (unsigned i = 0; i < t->nparams; i++)
        str_printf(o, "%s__typeof__(%s) a%u", i ? ", " : "", t->params[i]->spelling, i);
    str_add(o, t->nparams ? ") { " : "void) { ");
    if (!e || e->effect == EXT_INEV)
        str_printf(o, "stm_inevitable(\"%s\"); ", d->name);
    struct str call = {0};
    str_printf(&call, "%s(", is_output(e) ? e->mapped : d->name);
    for (unsigned i = 0; i < t->nparams; i++) {
        char mode = mode_of(t->params[i], i, e);
        resolved |= mode != '-';
        str_printf(&call,
                   mode == '-'   ? "%sa%u"
                   : mode == 'r' ? "%sstm_x_rd(a%u)"
                                 : "%sstm_x_wr(a%u)",
                   i ? ", " : "", i);
    }
    str_add(&call, ")");
    if (t->elem->kind == T_VOID)
        str_printf(o, "%s; } ", call.s);
    else
        str_printf(o, resolved && t->elem->kind == T_POINTER ? "return stm_x_back(%s); } " : "return %s; } ",
                   call.s);
    str_free(&call);
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

bool thunks_needed(struct unit *u, const struct node *n)
{
    if (!n)
        return false;
    if (is_function_address(n))
        return function_stand_in(u, n->decl) != NULL;
    for (unsigned i = 0; i < n->nkids; i++)
        if (thunks_needed(u, n->kids[i]))
            return true;
    return false;
}

void thunks_define(struct unit *u, const struct node *n, struct str *o)
{
    if (!n)
        return;
    if (n->kind == N_REF && n->decl->kind == D_FUNC) {
        struct decl *d = n->decl;
        if (thunks_needed(u, n) && !strncmp(d->thunk, "stm_thunk_", 10) && !d->thunk_defined) {
            d->thunk_defined = true;
            define(d, o);
        }
    }
    for (unsigned i = 0; i < n->nkids; i++)
        thunks_define(u, n->kids[i], o);
}
