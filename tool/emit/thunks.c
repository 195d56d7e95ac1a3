/* thunks.c - the text of stand-ins for functions outside translated code (analysis/thunks.c). */
#include "emit/thunks.h"

#include <string.h>

#include "analysis/callee.h"
#include "analysis/externals.h"
#include "analysis/thunks.h"

/* The mode of a pointer parameter: by the table, or by its constness. */
static char mode_of(const struct type *p, unsigned k, const struct external *e)
{
    if (p->kind != T_POINTER || p->elem->kind == T_FUNC || p->elem->opaque_system)
        return '-';
    if (!e)
        return p->elem->is_const ? 'r' : 'w';
    return (char)(k < strlen(e->args) && (e->args[k] == 'r' || e->args[k] == 'w') ? e->args[k] : '-');
}

static void define(const struct decl *d, const char *own, struct str *o)
{
    const struct type *t = d->type;
    const struct external *e = external_find(decl_symbol(d));
    bool resolved = false;
    if (callee_kind(d) == CALLEE_EITHER) { /* may be declared in a block only */
        str_printf(o, "extern __typeof__(%s) %s(", t->elem->spelling, d->name);
        for (unsigned i = 0; i < t->nparams; i++)
            str_printf(o, "%s__typeof__(%s)", i ? ", " : "", t->params[i]->spelling);
        str_add(o, t->nparams ? "); " : "void); ");
    }
    str_printf(o, "__attribute__((__weak__)) __typeof__(%s) %s(", t->elem->spelling, d->thunk);
    for (unsigned i = 0; i < t->nparams; i++)
        str_printf(o, "%s__typeof__(%s) stm_a%s%u", i ? ", " : "", t->params[i]->spelling, own, i);
    str_add(o, t->nparams ? ") { " : "void) { ");
    if (!e || e->effect == EXT_INEV)
        str_printf(o, "stm_inevitable(\"%s\"); ", d->name);
    struct str call = {0};
    str_printf(&call, "%s(", e && external_is_output(e) ? e->mapped : d->name);
    for (unsigned i = 0; i < t->nparams; i++) {
        char mode = mode_of(t->params[i], i, e);
        resolved |= mode != '-';
        str_printf(&call,
                   mode == '-'   ? "%sstm_a%s%u"
                   : mode == 'r' ? "%sstm_x_rd(stm_a%s%u)"
                                 : "%sstm_x_wr(stm_a%s%u)",
                   i ? ", " : "", own, i);
    }
    str_add(&call, ")");
    if (t->elem->kind == T_VOID)
        str_printf(o, "%s; } ", call.s);
    else
        str_printf(o, resolved && t->elem->kind == T_POINTER ? "return stm_x_back(%s); } " : "return %s; } ",
                   call.s);
    str_free(&call);
}

bool thunks_needed(struct unit *u, const struct node *n)
{
    if (!n)
        return false;
    if (n->kind == N_REF)
        return stand_in_at(u, n) != NULL;
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
        if (thunks_needed(u, n) && !strncmp(d->thunk, "stm_thunk_", 10)) {
            uint64_t key =
                hash_bytes(d->thunk, strlen(d->thunk)) | 1; /* of all declarations of that symbol */
            if (!map_get(&u->thunks, key))
                define(d, u->own, o);
            map_put(&u->thunks, key, d);
        }
    }
    for (unsigned i = 0; i < n->nkids; i++)
        thunks_define(u, n->kids[i], o);
}
