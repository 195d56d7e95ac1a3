/* order.c - evaluation order in the text: analysis/order.h asked about the tree's operators.
 *
 * Each node is noted what its evaluation does (emit_summarize): from the passes' decision about an access,
 * the flags of a call, the barriers moved to its anchors.  An operator whose operands must be evaluated in
 * the IR's order becomes a statement expression that puts them into temporaries first, left to right; the
 * operands are then *substituted* by the temporaries' names:
 *
 *     p->x + g()      ({ __auto_type stm_t0 = <p->x>; __auto_type stm_t1 = g(); stm_t0 + stm_t1; })
 *
 * Operands of operands come first, on the same level: a + g() + h() + ... shall not nest deeper than
 * compilers can.  Operators that C sequences (&&, ||, ?:, the comma) have no operands here, nor have
 * initialisers, which compilers evaluate in the order of the members (lower/expr.c).
 *
 * The checking build has a check behind each access, which C might run before the barrier of a neighbour that
 * covers it: f(p->x, p->y).  That is no fault, but would look like one; so there operands go into temporaries
 * wherever two of them, or one and the operation itself, touch memory. */
#include "emit/order.h"

#include <string.h>

#include "analysis/callee.h"
#include "analysis/order.h"
#include "ast/query.h"
#include "emit/text.h"

/* ---- what a node does by itself ---- */

static enum barrier_kind decision(const struct emitter *e, const struct node *n)
{
    return n->access >= 0 && !e->bare ? e->decisions[n->access] : BARRIER_NONE;
}

static unsigned access_events(const struct emitter *e, const struct node *n)
{
    if (n->form == F_RAW_WRITE)
        return ORDER_VIEW; /* it may have to turn inevitable */
    if (n->form != F_OBJ && n->form != F_ADDR && n->form != F_ANY)
        return 0;
    bool pointer = n->type->kind == T_POINTER || n->type->kind == T_RECORD;
    unsigned v = !pointer ? 0 : n->write ? ORDER_CHANGE : ORDER_FOLLOW;
    switch (decision(e, n)) {
    case BARRIER_READ:
        return v | ORDER_MARK;
    case BARRIER_WRITE: /* perhaps at a read, for a write to come */
        return v | ORDER_LOG | (n->form == F_ANY ? ORDER_VIEW : 0);
    default:
        return v | (n->write ? ORDER_WRITE : ORDER_READ);
    }
}

/* What callers have done for the function, and what it does for them. */
static unsigned summary_events(const struct ir_summary *s)
{
    unsigned v = 0;
    for (unsigned k = 0; k < s->ndone; k++)
        v |= s->done[k].kind == IR_FACT_WRITTEN ? ORDER_LOG : ORDER_MARK;
    for (unsigned k = 0; k < s->ngiven; k++)
        v |= s->given[k].kind == IR_FACT_LOCAL    ? 0
             : s->given[k].kind == IR_FACT_MARKED ? ORDER_READ
                                                  : ORDER_READ | ORDER_WRITE;
    return v | (s->given_inev ? ORDER_ACT : 0);
}

/* Of a call that does not end the transaction: what else it does.  known: the function is this file's. */
static unsigned lasting_events(const struct ir_inst *i, bool known)
{
    unsigned v = 0;
    bool quiet = i->flags & (IRI_READONLY | IRI_PURE);
    if (i->op == IR_ALLOC)
        return ORDER_VIEW;
    if (!(i->flags & IRI_PURE) && (!quiet || !(i->flags & IRI_NOALLOC) || !(i->flags & IRI_NOINEV)))
        v |= ORDER_VIEW;
    if (!quiet)
        v |= ORDER_CHANGE;
    for (unsigned k = i->op == IR_ICALL; k < i->nargs; k++)
        if (i->args[k]->cls == IRC_RAW || (i->flags & IRI_PURE && i->args[k]->cls == IRC_ANY))
            v |= ORDER_CHANGE; /* a frame */
    if (i->callee && known)
        v |= summary_events(i->callee);
    else if (i->callee) /* another file's: what it counts on is not said */
        v |= summary_events(i->callee) | ORDER_READ | (quiet ? 0 : ORDER_WRITE);
    return v;
}

static unsigned call_events(const struct node *n)
{
    const struct ir_inst *i = n->inst;
    if (n->blocking || !i)
        return 0;
    const struct external *x = n->kind == N_CALL && n->decl ? call_external(n) : NULL;
    unsigned v = n->inev ? (emit_turns_inevitable(n) ? ORDER_TURN : ORDER_ACT) : 0;
    if (i->flags & IRI_TURNS)
        v |= ORDER_TURN;
    if (ir_effects(i) & IRF_SAFEPOINT || (x && x->effect == EXT_BLOCK))
        return v | ORDER_END;
    return v | lasting_events(i, n->kind == N_CALL && n->decl && n->decl->defined);
}

/* What has been moved to n's anchors. */
static unsigned moved_events(const struct emitter *e, const struct node *n)
{
    unsigned v = 0;
    for (unsigned slot = 0; slot < ANCHOR_SLOTS; slot++)
        for (const struct ir_inst *i = n->anchor[slot] ? n->anchor[slot]->next : NULL;
             i && i->flags & IRI_MOVED; i = i->next) {
            if (i->flags & IRI_REMOVED)
                continue;
            bool any = i->op != IR_INEV && e->u->access_nodes[i->access]->form == F_ANY;
            v |= i->op == IR_INEV   ? ORDER_TURN
                 : i->op == IR_RBAR ? ORDER_MARK
                                    : ORDER_LOG | (any ? ORDER_VIEW : 0);
        }
    return v;
}

/* Does something precede the call itself that no end of the transaction may separate from it: turning
 * inevitable, resolved arguments? */
static bool begins_early(const struct node *n)
{
    if (n->kind == N_ATOMIC)
        return true;
    if (n->kind != N_CALL || n->blocking || !n->decl)
        return false;
    const struct external *x = call_external(n);
    return x ? (x->effect != EXT_PURE && x->effect != EXT_MAPPED) || x->rest || strpbrk(x->args, "rwe")
             : n->decl->irreversible;
}

void emit_summarize(const struct emitter *e, struct node *n)
{
    if (!n)
        return;
    n->events = 0; /* of another copy */
    for (unsigned i = 0; i < n->nkids; i++) {
        emit_summarize(e, n->kids[i]);
        n->events |= n->kids[i] ? n->kids[i]->events : 0;
    }
    n->events |= access_events(e, n) | moved_events(e, n);
    if (n->old)
        n->events |= access_events(e, n->old);
    if (n->kind == N_CALL || n->kind == N_VAR) /* a variable: its cleanup */
        n->events |= call_events(n);
    if (n->kind == N_ATOMIC && !n->blocking)
        n->events |= ORDER_VIEW | ORDER_CHANGE;
    if (begins_early(n))
        n->events |= ORDER_ADDRESS;
    if (n->kind == N_ASM && n->inev)
        n->events |= ORDER_CHANGE | (emit_turns_inevitable(n) ? ORDER_TURN : ORDER_ACT);
}

/* ---- operands ---- */

static void operands_of(const struct emitter *e, struct node *n, struct operands *o)
{
    switch (n->kind) {
    case N_MEMBER:
    case N_SUBSCRIPT:
    case N_DEREF:
        if (is_vector_element(n) && target_of(n)->write)
            break; /* the assignment is the operator */
        place_operands(n, &o->v, &o->n, &o->cap);
        o->own = is_vector_element(n) ? access_events(e, target_of(n)) : 0;
        break;
    case N_ADDROF:
    case N_INCDEC:
        place_operands(n->kids[0], &o->v, &o->n, &o->cap);
        o->own = is_vector_element(strip_parens(n->kids[0])) ? access_events(e, target_of(n->kids[0])) : 0;
        break;
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
        place_operands(n->kids[0], &o->v, &o->n, &o->cap);
        o->index = is_vector_element(strip_parens(n->kids[0])) ? o->n : 0;
        ptr_push(&o->v, &o->n, &o->cap, n->kids[1]);
        o->own = access_events(e, target_of(n->kids[0]));
        break;
    case N_CAST: /* bounds of array types, then the operand */
    case N_BINARY:
        for (unsigned i = 0; i < n->nkids; i++)
            ptr_push(&o->v, &o->n, &o->cap, n->kids[i]);
        break;
    case N_CALL:
    case N_ATOMIC: {
        struct node *to = n->kind == N_CALL && n->decl ? stored_place(n, call_external(n)) : NULL;
        for (unsigned i = n->kind == N_CALL && n->decl ? 1 : 0; i < n->nkids - (to != NULL); i++)
            ptr_push(&o->v, &o->n, &o->cap, n->kids[i]);
        if (to) {
            place_operands(to, &o->v, &o->n, &o->cap);
            o->own = access_events(e, to);
        }
        o->early = begins_early(n);
        for (unsigned i = 0; n->decl && o->early && i < o->n && i < MANY; i++)
            if (call_external(n) && argument_mode(&e->u->src, n, i, call_external(n)) == 'w')
                o->resolved |= 1ul << i;
        break;
    }
    default:
        break;
    }
}

static bool must_force(const struct emitter *e, const struct operands *o)
{
    unsigned events[MANY + 1], all = 0, busy = 0;
    if (o->n > MANY + 1)
        return true;
    for (unsigned i = 0; i < o->n; i++) {
        events[i] = emit_subst_of(e, o->v[i]) ? 0 : o->v[i]->events;
        events[i] |= o->resolved >> i & 1 ? ORDER_VIEW : 0;
        all |= events[i];
        busy += events[i] != 0;
    }
    return (o->early && all & ORDER_END) || (e->u->check && busy + (o->own != 0) > 1) ||
           (o->n && order_matters_before(events[o->n - 1], o->own)) ||
           (o->index && order_matters_before(events[o->index - 1], o->own)) || order_matters(events, o->n);
}

bool emit_must_order(const struct emitter *e, struct node *n, struct operands *o)
{
    const unsigned quiet =
        ORDER_MARK | ORDER_READ | ORDER_WRITE | ORDER_ACT | ORDER_FOLLOW | ORDER_ADDRESS; /* in any order */
    if (!(n->events & ~quiet) && !e->u->check)
        return false;
    operands_of(e, n, o);
    return o->n && must_force(e, o);
}
