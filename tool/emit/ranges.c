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
 * wrap: casts, but for those that widen to a signed type, and arithmetic in unsigned types; in signed ones it
 * is the program's word that none does (C 6.5p5), unless -fwrapv takes that back.
 *
 * Where the variable stands once, and one operation alone may wrap, nothing has to be asked: the runtime,
 * which compares the first, the second and the last place, sees it.  From round to round the result of that
 * operation goes by one of two values, which differ by 2^n.  What it has gone by in all rounds is as many
 * times what it went by in the first; so it went by that each time.  Several operations that may wrap, each
 * in a type of the width before it or less, are as the last of them: modulo 2^n nothing else counts.
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

static bool is_signed(const struct type *t)
{
    static const char *const names[] = {"int", "long", "long long"}; /* types are promoted to these */
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(t->spelling, names[i]))
            return true;
    return false;
}

static bool may_wrap(const struct emitter *e, const struct node *n)
{
    if (n->kind == N_CAST)
        return !is_signed(n->type) || n->type->size <= n->kids[0]->type->size;
    return !is_signed(n->type) || e->u->wraps;
}

/* What must be true for the indices of a place to be exact. */
struct exactness {
    struct str all; /* after " && " each: of operations that may wrap */
    unsigned wraps; /* these, but those after another in the same type or a smaller one */
    unsigned uses;  /* of the variable */
};

/* Adds what there is of n, where the variable is as substituted.  Returns the size of the type in which n has
 * wrapped last; 0: in none. */
static long exact(struct emitter *e, struct node *n, const struct decl *var, struct exactness *x)
{
    n = strip_parens(n);
    bool cast = n->kind == N_CAST;
    long inner = 0;
    x->uses += n->kind == N_REF && n->decl == var;
    if (!mentions(n, var) || (!cast && n->kind != N_BINARY))
        return 0;
    for (unsigned i = 0; i < n->nkids; i++)
        inner += exact(e, n->kids[i], var, x);
    if (!may_wrap(e, n))
        return inner;
    x->wraps += !inner || n->type->size > inner ? 1 : 0;
    char *whole = emit_text(e, n), *a = emit_text(e, n->kids[0]), *b = cast ? NULL : emit_text(e, n->kids[1]);
    str_printf(&x->all, " && STM_EXACT(%s, %s, %s, %s)", whole, a,
               n->op == OP_SUB   ? "-"
               : n->op == OP_MUL ? "*"
               : n->op == OP_SHL ? "<<"
                                 : "+",
               cast ? "0" : b);
    free(whole);
    free(a);
    free(b);
    return n->type->size;
}

/* The same for all indices of the place n.  To `signs`, unless it is null: that the first one is not
 * negative. */
static void exact_place(struct emitter *e, struct node *n, const struct decl *var, struct exactness *x,
                        struct str *signs)
{
    if (n->kind == N_SUBSCRIPT) {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        const struct node *base = strip_parens(n->kids[rev]);
        exact(e, n->kids[!rev], var, x);
        if (signs && base->kind != N_SUBSCRIPT) {
            char *index = emit_text(e, n->kids[!rev]);
            str_printf(signs, " && STM_NOT_NEGATIVE(%s)", index);
            free(index);
        }
    }
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i]->type && (n->kids[i]->type->kind == T_ARRAY || n->kids[i]->type->kind == T_RECORD))
            exact_place(e, n->kids[i], var, x, signs);
}

static void exact_rounds(struct emitter *e, const struct ir_inst *i, struct node *n, const char *last,
                         struct str *o)
{
    struct exactness x = {0};
    struct str asked = {0}, *signs = n->counted->in_memory && i->args[0]->flags & IRI_ARRAY ? &asked : NULL;
    exact_place(e, n, n->counted->var, &x, signs);
    bool seen = x.uses == 1 && x.wraps <= 1;
    unsigned mark = e->nsubs;
    name_variable(e, n, n->counted->var, last);
    exact_place(e, n, n->counted->var, &x, signs);
    e->nsubs = mark;
    if (x.all.n && !seen && !ir_mutant_is(e->u->ir, "range", i->loc, i->block->func->name))
        str_add(&asked, x.all.s);
    if (asked.n)
        str_printf(o, ", %s", asked.s + strlen(" && "));
    str_free(&asked);
    str_free(&x.all);
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
