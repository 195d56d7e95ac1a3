/* ranges.c - range barriers before a counted loop (lower/ranges.c):
 *
 *     { i = lo; if (i < hi) { STM_ROUNDS(i, hi, -1, 1, 1); STM_WR_SPAN(&a->items[i], &a->items[stm_next],
 *     &a->items[stm_last], 4); } for (; i < hi; i++) a->items[i] = x; }
 *
 * The first part of the `for` goes before it, so that the condition can be asked, and the first place be
 * computed, where the loop will begin. STM_ROUNDS declares how many rounds follow the first, and stm_next
 * and stm_last, the variable's values in the next and the last of them.  Where the bound is a field it is
 * read without a barrier: the loop reads it again at once, with its own. */
#include "emit/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "emit/count.h"
#include "emit/expr.h"
#include "emit/text.h"

static void name_variable(struct emitter *e, const struct node *n, const struct decl *d, const char *name)
{
    if (n && n->kind == N_REF && n->decl == d)
        emit_push_subst(e, n, name);
    for (unsigned i = 0; n && i < n->nkids; i++)
        name_variable(e, n->kids[i], d, name);
}

/* The place where the variable has another name. */
static void place(struct emitter *e, struct node *n, const char *name, struct str *o)
{
    unsigned mark = e->nsubs;
    name_variable(e, n, n->counted->var, name);
    str_add(o, ", ");
    emit_address(e, n, o);
    e->nsubs = mark;
}

static void span(struct emitter *e, const struct ir_inst *i, struct str *o)
{
    struct node *n = e->u->access_nodes[i->access];
    struct str first = {0};
    char names[2][SUBST_NAME];
    snprintf(names[0], sizeof names[0], "stm_next%s", e->u->own);
    snprintf(names[1], sizeof names[1], "stm_last%s", e->u->own);
    emit_address(e, n, &first);
    emit_counted_moved(e, i, &first);
    str_printf(o, "STM_%s%s_SPAN(%s", n->form == F_ANY ? "ANY_" : "", i->op == IR_WBAR ? "WR" : "RD",
               first.s);
    place(e, n, names[0], o);
    place(e, n, names[1], o);
    str_printf(o, ", %ld); ", n->type->size);
    str_free(&first);
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
    char *cond = emit_text(e, n->kids[1]), *bound = emit_text(e, c->bound),
         *step = c->step ? emit_text(e, c->step) : NULL;
    str_printf(o, "if (%s) { STM_ROUNDS(%s, %s, %d, %d, %s%s%s); ", cond, c->var->name, bound, c->adjust,
               c->up,
               c->minus && step ? "-(long)("
               : c->minus       ? "-"
                                : "",
               step ? step : "1", c->minus && step ? ")" : "");
    for (const struct ir_inst *i = first; i && i->flags & IRI_MOVED; i = i->next)
        if (!(i->flags & IRI_REMOVED))
            span(e, i, o);
    e->bare = false;
    free(cond);
    free(bound);
    free(step);
    str_add(o, "} for (");
    emit_rebuild_from(e, n, end_of_init(e, n), o);
}
