/* cleanup.c - `__attribute__((cleanup(f)))`: calls that stand nowhere in the text.
 *
 * At the end of a scope f(&v) is called for each of its variables v with a cleanup, the last declared first:
 * where control falls out of the scope, and on the way of each `break`, `continue`, `goto` and `return` that
 * leaves it; of a return behind the computation of its value, of a statement expression behind that of its
 * own.  Not when longjmp leaves it.
 *
 * What is in scope is a chain from the innermost variable outwards.  The chains of a function are a tree, in
 * which each variable has one place, so a jump leaves what is in the chain at its place and not in the chain
 * at its label: `again: int v cleanup(f); ... goto again;` calls f.  (Into the scope of such a variable no
 * jump leads: clang rejects that, and computed jumps out of it.)
 *
 * Nothing can be put before or behind such a call, so a function that would need it is refused; and it calls
 * the original of a function that has copies. */
#include "lower/cleanup.h"

#include <string.h>

#include "analysis/externals.h"
#include "source/diag.h"

struct cleanup {
    struct cleanup *up;
    struct decl *d;
    struct node *var; /* its declaration */
};

struct label_scope {
    struct cleanup *inside;
};

/* The markers of STM_ATOMIC and STM_BLOCKING are lowered as loops. */
static bool has_cleanup(const struct decl *d)
{
    return d->cleanup && d->storage == ST_LOCAL && strcmp(d->cleanup, "stm_atomic_leave_") != 0 &&
           strcmp(d->cleanup, "stm_blocking_leave_") != 0;
}

/* Walks as control falls through n; returns what is in scope behind it. */
static struct cleanup *find_scopes(struct lower *l, struct node *n, struct cleanup *inside)
{
    if (!n)
        return inside;
    struct cleanup *c = inside;
    if (n->kind == N_LABEL) {
        struct label_scope *s = arena_alloc(&l->u->arena, sizeof *s);
        s->inside = inside;
        map_put(&l->label_scopes, n->label, s);
    }
    for (unsigned i = 0; i < n->nkids; i++)
        c = find_scopes(l, n->kids[i], c);
    if (n->kind == N_VAR && has_cleanup(n->decl)) {
        n->decl->scope = arena_alloc(&l->u->arena, sizeof *n->decl->scope);
        *n->decl->scope = (struct cleanup){c, n->decl, n};
        return n->decl->scope;
    }
    return n->kind == N_DECLS || n->kind == N_LABEL || n->kind == N_CASE || n->kind == N_DEFAULT ? c : inside;
}

void low_cleanup_begin(struct lower *l, struct node *body)
{
    find_scopes(l, body, NULL);
}

void low_cleanup_declare(struct lower *l, struct decl *d)
{
    if (d->scope)
        l->cleanups = d->scope;
}

/* The function of d is not translated: it may do no more than the table says, and that needs no text. */
static unsigned external_flags(struct lower *l, const struct decl *d, const struct node *at)
{
    const struct external *e = external_find(d->cleanup);
    if (!e || e->effect != EXT_PURE)
        diag(&l->u->src, at->begin, DIAG_UNSUPPORTED,
             "call it from a function of your own, which is translated",
             "the untranslated function '%s' as cleanup of '%s'", d->cleanup, d->name);
    unsigned flags = IRI_NOINEV | IRI_NOALLOC | IRI_NOSAFEPOINT;
    return e && e->safepoint ? 0 : flags;
}

static unsigned own_flags(struct lower *l, const struct decl *d, const struct node *at)
{
    const struct decl *f = d->cleanup_fn;
    if (f->drop || f->irreversible || f->alloc_size)
        diag(&l->u->src, at->begin, DIAG_UNSUPPORTED, "call it from a function of your own",
             "the function '%s', which is %s, as cleanup of '%s'", f->name,
             f->drop           ? "STM_DROP"
             : f->irreversible ? "STM_IRREVERSIBLE"
                               : "STM_ALLOC_FN",
             d->name);
    if (l->blocking)
        diag(&l->u->src, at->begin, DIAG_ERROR, "declare the variable outside the block",
             "call of translated code inside STM_BLOCKING: cleanup of '%s'", d->name);
    return (f->no_safepoint || f->pure ? IRI_NOSAFEPOINT : 0) |
           (f->pure ? IRI_PURE | IRI_NOALLOC | IRI_NOINEV : 0);
}

static void call(struct lower *l, struct cleanup *c, const struct node *at)
{
    const struct decl *d = c->d;
    if (ir_mutant_is(l->u->ir, "cleanup", low_loc(l, at), l->f->name))
        return;
    struct ir_inst *v = low_op(l, IR_ADDR, IRC_RAW, at);
    v->sym = ir_intern(l->u->ir, d->name);
    v->flags = IRI_LOCAL;
    struct ir_inst *i = low_op(l, IR_CALL, IRC_INT, at);
    i->sym = ir_intern(l->u->ir, d->cleanup);
    i->flags = d->cleanup_fn ? own_flags(l, d, at) : external_flags(l, d, at);
    ir_add_arg(i, v);
    c->var->inst = i; /* one for all: they do the same */
    if (d->cleanup_fn && d->cleanup_fn->noreturn) {
        i->flags |= IRI_NORETURN;
        ir_unreachable(l->b, low_loc(l, at));
    }
}

void low_cleanup_leave(struct lower *l, const struct cleanup *outer, const struct node *at)
{
    for (struct cleanup *c = l->cleanups; c && c != outer && !ir_terminated(l->b); c = c->up)
        call(l, c, at);
}

void low_cleanup_end(struct lower *l, struct cleanup *outer, const struct node *at)
{
    low_cleanup_leave(l, outer, at);
    l->cleanups = outer;
}

static bool is_inside(const struct cleanup *c, const struct cleanup *chain)
{
    while (chain && chain != c)
        chain = chain->up;
    return chain;
}

void low_cleanup_goto(struct lower *l, uint64_t label, const struct node *at)
{
    const struct label_scope *s = map_get(&l->label_scopes, label);
    const struct cleanup *c = l->cleanups;
    while (c && !(s && is_inside(c, s->inside)))
        c = c->up;
    low_cleanup_leave(l, c, at);
}
