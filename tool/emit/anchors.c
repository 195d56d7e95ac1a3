/* anchors.c - barriers that passes have moved: as statements at their anchors, or behind a call that
 * may have ended the transaction.
 *
 * A statement with an anchor before it or at its end gets braces around it where it does not stand in a
 * block, so that it stays one statement. A call becomes a statement expression:
 *
 *     ({ __auto_type stm_r0 = f(x); STM_RECHECK((void)stm_rd(p)); stm_r0; })
 *
 * Turns to inevitable that were moved there are executed in any case, before STM_RECHECK; in other places
 * they stand among the barriers, or as a declaration of their own (not after which declarations follow: some
 * programs have none behind statements).
 *
 * STM_RECHECK compares the transaction's number with the function's stm_tx, which is declared at the start
 * of its body. */
#include "emit/anchors.h"

#include <string.h>

#include "ast/query.h"
#include "emit/calls.h"
#include "emit/count.h"
#include "emit/expr.h"
#include "emit/ranges.h"
#include "emit/text.h"

static const struct ir_inst *moved(const struct node *n, enum anchor_slot slot)
{
    const struct ir_inst *i = n->anchor[slot];
    return i && i->next && i->next->flags & IRI_MOVED ? i->next : NULL;
}

/* The first of those from i on that has not been removed. */
static const struct ir_inst *standing(const struct ir_inst *i)
{
    while (i && i->flags & IRI_MOVED && i->flags & IRI_REMOVED)
        i = i->next;
    return i && i->flags & IRI_MOVED ? i : NULL;
}

static void barrier(struct emitter *e, const struct ir_inst *i, struct str *o)
{
    const struct node *like = e->u->access_nodes[i->access];
    bool any = like->form == F_ANY, write = i->op == IR_WBAR;
    struct str p = {0};
    str_printf(&p, i->index ? "(stm_uptr)%s + %d" : "%s", i->sym, i->index);
    emit_counted_moved(e, i, &p);
    if (i->flags & IRI_WHOLE) {
        str_printf(o, "(void)stm_wr_whole(%s)", p.s);
        str_free(&p);
        return;
    }
    str_printf(o, "(void)stm_%s%s(%s", any ? "any_" : "", write ? "wr" : "rd", p.s);
    if (write)
        str_printf(o, ", %ld", i->unit == IRU_OBJECT ? like->obj_size : (long)i->size);
    str_add(o, ")");
    str_free(&p);
}

static const char *skip_asked(const char *why)
{
    static const char asked[] = "stm_become_inevitable: ";
    return strncmp(why, asked, sizeof asked - 1) ? why : why + sizeof asked - 1;
}

static bool is_left(const struct ir_inst *i, bool broken)
{
    return !(i->flags & IRI_REMOVED) && !(i->flags & IRI_BROKEN) == !broken;
}

static bool some_left(const struct ir_inst *i, bool broken)
{
    while (i && i->flags & IRI_MOVED && !is_left(i, broken))
        i = i->next;
    return i && i->flags & IRI_MOVED;
}

/* broken: those for the end of the transaction, else the others. */
static void barriers(struct emitter *e, const struct ir_inst *i, bool broken, const char *between,
                     struct str *o)
{
    bool first = true;
    for (; i && i->flags & IRI_MOVED; i = i->next) {
        if (!is_left(i, broken))
            continue;
        str_add(o, first ? "" : between);
        if (i->op == IR_INEV)
            str_printf(o, "stm_inevitable(\"%s\")", skip_asked(i->sym));
        else
            barrier(e, i, o);
        first = false;
        e->nmoved++;
    }
    if (first)
        str_add(o, "(void)0");
}

static void statements(struct emitter *e, const struct ir_inst *i, struct str *o)
{
    barriers(e, i, false, "; ", o);
    str_add(o, "; ");
}

/* The turn to inevitable alone, as a declaration: among those of a block it may stand anywhere. */
static void turn(struct emitter *e, const struct ir_inst *i, struct str *o)
{
    str_printf(o, "int stm_t%s%u __attribute__((__unused__)) = (", e->u->own, e->temps++);
    barriers(e, i, false, ", ", o);
    str_add(o, ", 0); ");
}

void emit_block(struct emitter *e, struct node *n, struct str *o)
{
    const struct ir_inst *start = moved(n, ANCHOR_START);
    unsigned wrapped = e->wrapped;
    e->wrapped = e->u->check; /* what checks is in blocks of its own */
    if (!start) {
        emit_rebuild(e, n, o);
        e->wrapped = wrapped;
        return;
    }
    struct str body = {0}, first = {0};
    if (n->nkids && n->kids[0]->kind == N_DECLS)
        turn(e, start, &first);
    else
        statements(e, start, &first);
    emit_rebuild(e, n, &body);
    size_t at = emit_block_start(body.s);
    str_addn(o, body.s, at);
    str_printf(o, " %s", first.s);
    str_add(o, body.s + at);
    str_free(&first);
    str_free(&body);
    e->wrapped = wrapped;
}

size_t emit_kid(struct emitter *e, const struct node *parent, struct node *kid, struct str *o)
{
    bool label = kid->kind == N_CASE || kid->kind == N_DEFAULT || kid->kind == N_LABEL;
    const struct ir_inst *here = moved(kid, kid->kind >= N_BLOCK ? ANCHOR_HERE : ANCHOR_BEFORE),
                         *end = moved(kid, ANCHOR_END);
    const struct ir_inst *loop = standing(moved(kid, ANCHOR_LOOP));
    const struct ir_inst *other =
        parent->kind == N_IF && parent->kids[1] == kid ? moved(parent, ANCHOR_ELSE) : NULL;
    bool braces = end || other || (here && !label && parent->kind != N_BLOCK);
    bool labelled =
        braces && (parent->kind == N_CASE || parent->kind == N_DEFAULT || parent->kind == N_LABEL);
    e->wrapped += labelled; /* the block around the label is the program's */
    if (braces)
        str_add(o, "{ ");
    if (here && kid->kind == N_DECLS)
        turn(e, here, o);
    else if (here)
        statements(e, here, o);
    if (loop)
        emit_counted_loop(e, kid, loop, o);
    else
        emit_child(e, kid, o);
    e->wrapped -= labelled;
    size_t at = e->consumed ? e->consumed : kid->end, stop = statement_end(&e->u->src, kid);
    if (!braces && !loop)
        return at;
    if (at < stop)
        str_addn(o, emit_src(e, at), stop - at);
    at = at < stop ? stop : at;
    str_add(o, !loop ? " " : braces ? " } " : " }");
    if (!braces)
        return at;
    if (end)
        statements(e, end, o);
    str_add(o, "}");
    if (other) {
        str_add(o, " else { ");
        statements(e, other, o);
        str_add(o, "}");
    }
    return at;
}

void emit_checked_call(struct emitter *e, struct node *n, struct str *o)
{
    const struct ir_inst *first = moved(n, ANCHOR_HERE);
    if (!first) {
        emit_call(e, n, o);
        return;
    }
    bool value = n->type->kind != T_VOID && !emit_is_statement(n), check = some_left(first, true);
    unsigned id = e->temps++;
    str_add(o, "({ ");
    if (check && n->anchor[ANCHOR_HERE]->flags & IRI_STALE)
        str_add(o, "STM_TX_NOW; ");
    if (value)
        str_printf(o, "__auto_type stm_r%s%u = ", e->u->own, id);
    e->wrapped++;
    emit_call(e, n, o);
    e->wrapped--;
    str_add(o, "; ");
    if (some_left(first, false))
        statements(e, first, o);
    if (check) {
        str_add(o, e->u->count ? "STM_COUNT_CHECK; STM_RECHECK(" : "STM_RECHECK(");
        barriers(e, first, true, ", ", o);
        str_add(o, "); ");
    }
    if (value)
        str_printf(o, "stm_r%s%u; ", e->u->own, id);
    str_add(o, "})");
    e->checks |= check;
}

unsigned emit_count_moved(const struct ir_module *m)
{
    unsigned n = 0;
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned b = 0; b < m->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[b]->first; i; i = i->next)
                n += (i->flags & (IRI_MOVED | IRI_REMOVED)) == IRI_MOVED;
    return n;
}
