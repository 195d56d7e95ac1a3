/* emit_ranges.c - range barriers before a counted loop (ranges.c):
 *
 *     { i = lo; if (i < hi) { STM_ROUNDS(i, hi, -1, 1); STM_WR_SPAN(&a->items[i], &a->items[stm_last], 4, 4); } for (; i < hi; i++) a->items[i] = x; }
 *
 * The first part of the `for` goes before it, so that the condition can be asked, and the first place be computed, where the loop will begin.
 * STM_ROUNDS declares how many rounds follow the first, and stm_last, the variable's value in the last of them.  Where the bound is a field it is read without a
 * barrier: the loop reads it again at once, with its own. */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

static void name_variable(struct emitter *e, const struct node *n, const struct decl *d)
{
    if (n && n->kind == N_REF && n->decl == d)
        emit_push_subst(e, n, "stm_last");
    for (unsigned i = 0; n && i < n->nkids; i++)
        name_variable(e, n->kids[i], d);
}

static void span(struct emitter *e, const struct ir_inst *i, struct str *o)
{
    struct node *n = e->u->access_nodes[i->access];
    struct str first = {0}, last = {0};
    unsigned mark = e->nsubs;
    emit_address(e, n, &first);
    emit_counted_moved(e, i, &first);
    name_variable(e, n, n->counted->var);
    emit_address(e, n, &last);
    e->nsubs = mark;
    str_printf(o, "STM_%s%s_SPAN(%s, %s, %ld, %ld); ", n->form == F_ANY ? "ANY_" : "", i->op == IR_WBAR ? "WR" : "RD", first.s, last.s, n->type->size, n->advance);
    str_free(&first);
    str_free(&last);
    e->nmoved++;
}

/* The end of the first part of the `for`, before its semicolon. */
static size_t end_of_init(const struct emitter *e, const struct node *n)
{
    const struct node *init = n->kids[0];
    size_t at = init ? init->end : n->begin;
    if (init && *emit_src(e, at - 1) == ';')
        return at - 1;
    return at + strcspn(emit_src(e, at), ";");
}

void emit_counted_loop(struct emitter *e, struct node *n, const struct ir_inst *first, struct str *o)
{
    const struct counted_loop *c = n->counted;
    str_add(o, "{ ");
    if (n->kids[0]) {
        emit_child(e, n->kids[0], o);
        if (*emit_src(e, n->kids[0]->end - 1) != ';')
            str_add(o, ";");
        str_add(o, " ");
    }
    e->bare = true;
    char *cond = emit_text(e, n->kids[1]), *bound = emit_text(e, c->bound);
    str_printf(o, "if (%s) { STM_ROUNDS(%s, %s, %d, %ld); ", cond, c->var->name, bound, c->adjust, c->step);
    for (const struct ir_inst *i = first; i && i->flags & IRI_MOVED; i = i->next)
        if (!(i->flags & IRI_REMOVED))
            span(e, i, o);
    e->bare = false;
    free(cond);
    free(bound);
    str_add(o, "} for (");
    emit_rebuild_from(e, n, end_of_init(e, n), o);
}
