/* ranges.c - range barriers before a counted loop (lower/ranges.c):
 *
 *     { i = lo; if (i < hi) { STM_ROUNDS(i, hi, -1, 1, 1); STM_WR_SPAN(&a->items[i], &a->items[stm_next],
 *     &a->items[stm_last], 4); } for (; i < hi; i++) a->items[i] = x; }
 *
 * The first part of the `for` goes before it, so that the condition can be asked, and the first place be
 * computed, where the loop will begin. STM_ROUNDS declares how many rounds follow the first, and stm_next
 * and stm_last, the variable's values in the next and the last of them.  Where the bound is a field it is
 * read without a barrier: the loop reads it again at once, with its own.
 *
 * Exactness.  An index e is built from the variable and from invariant expressions by +, -, * and << with an
 * invariant, and casts.  Computed with whole numbers instead it is a linear function L(e) of the variable.
 * The variable's values run from the first to the last without wrapping (STM_ROUNDS).  If in the first and in
 * the last round e and all that it is built from have the values that L has, e has them in every round.  By
 * induction over e: its operands have theirs in every round, so e's value is L(e) modulo 2^n, n being the
 * width of e's type.  L(e) is linear, so in each round it lies between what it is in the first and in the
 * last; both are values of e's type, so is what lies between, and of two equal values modulo 2^n in its range
 * there is only one.  Hence a comparison (STM_EXACT, in 128 bits) at both ends for each operation that may
 * wrap: casts, and arithmetic in unsigned types; in signed ones it is the program's word that none does (C
 * 6.5p5), unless -fwrapv takes that back.
 *
 * That a store to an element leaves the bound alone, a field before the array, takes an index that is not
 * negative, which C demands (6.5.6p8): where that counts, it is looked at. */
#include "emit/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
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

static bool mentions(const struct node *n, const struct decl *d)
{
    if (n && n->kind == N_REF && n->decl == d)
        return true;
    for (unsigned i = 0; n && i < n->nkids; i++)
        if (mentions(n->kids[i], d))
            return true;
    return false;
}

static bool may_wrap(const struct emitter *e, const struct type *t)
{
    static const char *const wide[] = {"int", "long", "long long"}; /* signed; types are promoted to these */
    for (unsigned i = 0; !e->u->wraps && i < sizeof wide / sizeof *wide; i++)
        if (!strcmp(t->spelling, wide[i]))
            return false;
    return true;
}

/* Adds, after " && ", what must be true for n to be exact where the variable is as substituted. */
static void exact(struct emitter *e, struct node *n, const struct decl *var, struct str *o)
{
    n = strip_parens(n);
    bool cast = n->kind == N_CAST;
    if (!mentions(n, var) || (!cast && n->kind != N_BINARY))
        return;
    for (unsigned i = 0; i < n->nkids; i++)
        exact(e, n->kids[i], var, o);
    if (!cast && !may_wrap(e, n->type))
        return;
    char *whole = emit_text(e, n), *a = emit_text(e, n->kids[0]), *b = cast ? NULL : emit_text(e, n->kids[1]);
    str_printf(o, " && STM_EXACT(%s, %s, %s, %s)", whole, a,
               n->op == OP_SUB   ? "-"
               : n->op == OP_MUL ? "*"
               : n->op == OP_SHL ? "<<"
                                 : "+",
               cast ? "0" : b);
    free(whole);
    free(a);
    free(b);
}

/* The same for all indices of the place n; signs: and the first one must not be negative. */
static void exact_place(struct emitter *e, struct node *n, const struct decl *var, bool signs, struct str *o)
{
    if (n->kind == N_SUBSCRIPT) {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        const struct node *base = strip_parens(n->kids[rev]);
        exact(e, n->kids[!rev], var, o);
        if (signs && base->kind != N_SUBSCRIPT) {
            char *index = emit_text(e, n->kids[!rev]);
            str_printf(o, " && STM_NOT_NEGATIVE(%s)", index);
            free(index);
        }
    }
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i]->type && (n->kids[i]->type->kind == T_ARRAY || n->kids[i]->type->kind == T_RECORD))
            exact_place(e, n->kids[i], var, signs, o);
}

static void exact_rounds(struct emitter *e, const struct ir_inst *i, struct node *n, const char *last,
                         struct str *o)
{
    struct str all = {0};
    bool signs = n->counted->in_memory && i->args[0]->flags & IRI_ARRAY;
    exact_place(e, n, n->counted->var, signs, &all);
    unsigned mark = e->nsubs;
    name_variable(e, n, n->counted->var, last);
    exact_place(e, n, n->counted->var, signs, &all);
    e->nsubs = mark;
    if (all.n)
        str_printf(o, ", %s", all.s + strlen(" && "));
    str_free(&all);
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
    str_printf(o, ", %ld", n->type->size);
    exact_rounds(e, i, n, names[1], o);
    str_add(o, "); ");
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
