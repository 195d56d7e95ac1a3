/* turn.c - where to turn inevitable: before reads that are close, and once for all paths that meet.
 *
 * Part of the pass `inevitable`, after it knows what callers and callees do, before it removes what is
 * covered.  Leaves the control flow alone. Two things make an earlier place better.  Reads behind it need no
 * barriers, and if they conflict the transaction has lost less: PyPy "starts such transactions as
 * inevitable" (features.md section 2, 11).  And where paths meet of which one is inevitable, a turn on the
 * others makes the one behind the join superfluous: out of loops that turn in each iteration, into the other
 * arm of a diamond.  This is lazy code motion, as in motion.c, of one expression without operands; but it
 * goes up as far as it may, for its range is what we want long.
 *
 * What speaks against is that nobody else commits meanwhile.  So a turn moves up only over what is over at
 * once:
 *
 *   near(P)   on every path from P an `inev` of the program follows, behind fewer than NEAR accesses, jumps
 *             and branches.  Solved as a row of bits, "within k", that shifts
 *             at each event: the meet is their intersection, and a loop without an `inev` shifts them all
 *             out.
 *
 * An `inev` is put at each anchor where near holds, the transaction is not inevitable already, and there is
 * something to win: a read barrier on some path to the next `inev`, or that one is reached by another path
 * that is inevitable.  All are put in on trial; taken out are those that do not pay:
 *
 *   paid(c)   on every path from c, before any other turn that is executed, any call (it may last, or not
 *             come back), allocation, or end of the transaction, comes
 *             an `inev` of the program that is covered now
 *
 * So each turn put in takes the place of one that goes, on every path: none is executed more often, and no
 * transaction turns inevitable that did not. Since no call lies between the new place and the old, nothing
 * changes for what inevitable.c knows across calls.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { NEAR = 32, MAX_ROUNDS = 100 };
enum { BIT_READ, BIT_JOINED, WORTH_BITS }; /* worth: what would be won */

struct turn {
    struct ir_func *f;
    struct ir_inst **v;
    unsigned n, cap;        /* put in on trial */
    bool *paid, *redundant; /* of each of v, by its `index` */
};

static bool is_turn(const struct ir_inst *i)
{
    return i->op == IR_INEV && !(i->flags & (IRI_MAYBE | IRI_REMOVED));
}
static bool is_trial(const struct ir_inst *i)
{
    return is_turn(i) && i->flags & IRI_MOVED;
}
static bool stops(const struct ir_inst *i)
{
    return ir_ends_facts(i) || i->op == IR_CALL || i->op == IR_ICALL || i->op == IR_ALLOC;
}

/* ---- forward, of one bit: is the transaction inevitable?  May or must ---- */

static void held_step(word *w, const struct ir_inst *i, bool may)
{
    if (ir_ends_facts(i))
        bit_clear(w, 0);
    if (i->flags & IRI_NORETURN)
        (may ? bit_clear : bit_set)(w, 0);
    if (ir_turns_inevitable(i))
        bit_set(w, 0);
}

static void held_enter(const struct ir_block *b, word *w)
{
    if (!b->id && b->func->sum.given_inev)
        bit_set(w, 0);
}

static void held_transfer(struct ir_block *b, word *w, bool may)
{
    held_enter(b, w);
    for (const struct ir_inst *i = b->first; i; i = i->next)
        held_step(w, i, may);
}

static void must_transfer(void *ctx, struct ir_block *b, word *w)
{
    (void)ctx, held_transfer(b, w, false);
}
static void may_transfer(void *ctx, struct ir_block *b, word *w)
{
    (void)ctx, held_transfer(b, w, true);
}

/* Sets aux of each turn and anchor before which the transaction is inevitable (may: possibly), and clears it
 * of the others. */
static void mark_held(struct ir_func *f, bool may)
{
    struct dataflow df = {.func = f, .nbits = 1, .may = may, .transfer = may ? may_transfer : must_transfer};
    dataflow_solve(&df);
    for (unsigned k = 0; k < f->nrpo; k++) {
        word w[1];
        dataflow_at(&df, f->rpo[k], w);
        held_enter(f->rpo[k], w);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (is_turn(i) || i->op == IR_ANCHOR)
                i->aux = bit_get(w, 0) ? i : NULL;
            held_step(w, i, may);
        }
    }
    dataflow_free(&df);
}

/* Sets aux of the read barriers that others cover already. */
static void mark_covered(struct ir_func *f)
{
    struct facts *fs = facts_new(f, false);
    for (unsigned k = 0; k < f->nrpo; k++) {
        facts_enter(fs, f->rpo[k]);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (i->op == IR_RBAR)
                i->aux = facts_cover(fs, i) ? i : NULL;
            facts_step(fs, i);
        }
    }
    facts_free(fs);
}

/* ---- near, backward ---- */

static void near_step(word *w, const struct ir_inst *i)
{
    if (is_turn(i))
        *w = ((word)1 << NEAR) - 1;
    else if (ir_is(i, IRF_ACCESS | IRF_TERM) || i->op == IR_INEV)
        *w = *w << 1 & (((word)1 << NEAR) - 1);
}

static void near_transfer(void *ctx, struct ir_block *b, word *w)
{
    (void)ctx;
    for (const struct ir_inst *i = b->last; i; i = i->prev)
        near_step(w, i);
}

/* ---- worth, backward: on some path.  aux: of turns, may be reached inevitably; of read barriers, covered
 * ---- */

static void worth_step(word *w, const struct ir_inst *i)
{
    if (stops(i) || is_turn(i))
        *w = is_turn(i) && i->aux ? (word)1 << BIT_JOINED : 0;
    if (i->op == IR_RBAR && ir_sure_barrier(i) && !i->aux)
        bit_set(w, BIT_READ);
}

static void worth_transfer(void *ctx, struct ir_block *b, word *w)
{
    (void)ctx;
    for (const struct ir_inst *i = b->last; i; i = i->prev)
        worth_step(w, i);
}

/* ---- candidates ---- */

static const char *why_of(const struct ir_block *b, const struct ir_inst *i)
{
    for (unsigned steps = 0; steps <= NEAR; steps++) { /* each block's end is an event */
        for (; i; i = i->next)
            if (is_turn(i) && !is_trial(i))
                return i->sym;
        if (!b->nsuccs)
            break;
        b = b->succs[0];
        i = b->first;
    }
    return NULL;
}

static void put_in(struct turn *t, struct ir_inst *anchor)
{
    const char *why = why_of(anchor->block, anchor);
    struct ir_inst *i = ir_insert_after(anchor, IR_INEV, IRC_INT);
    i->flags = IRI_MOVED;
    i->sym = why;
    i->loc = anchor->loc;
    i->pass = "inevitable";
    i->index = (int)t->n;
    t->v = ir_grow(t->f->module, t->v, t->n, &t->cap, sizeof *t->v);
    t->v[t->n++] = i;
}

/* Block by block: the solutions were found without those put in, which are skipped. */
static void collect(struct turn *t)
{
    struct dataflow near = {.func = t->f, .nbits = NEAR, .backward = true, .transfer = near_transfer};
    struct dataflow worth = {
        .func = t->f, .nbits = WORTH_BITS, .backward = true, .may = true, .transfer = worth_transfer};
    mark_covered(t->f);
    mark_held(t->f, true);
    dataflow_solve(&near);
    dataflow_solve(&worth);
    for (unsigned k = 0; k < t->f->nrpo; k++) {
        word close[1], won[1];
        dataflow_at(&near, t->f->rpo[k], close);
        dataflow_at(&worth, t->f->rpo[k], won);
        for (struct ir_inst *i = t->f->rpo[k]->last, *prev; i; i = prev) {
            prev = i->prev;
            if (i->op == IR_ANCHOR && !(i->flags & IRI_GUARDED) && bit_get(close, NEAR - 1) &&
                (bit_get(won, BIT_READ) || (bit_get(won, BIT_JOINED) && !i->aux)))
                put_in(t, i);
            near_step(close, i);
            worth_step(won, i);
        }
    }
    dataflow_free(&near);
    dataflow_free(&worth);
}

/* ---- paid, backward.  aux: of turns, the transaction is inevitable before ---- */

static void paid_step(struct turn *t, word *w, const struct ir_inst *i, bool note)
{
    if (stops(i))
        *w = 0;
    if (!is_turn(i))
        return;
    if (note && is_trial(i)) {
        t->paid[i->index] = bit_get(w, 0);
        t->redundant[i->index] = i->aux;
    }
    if (is_trial(i))
        *w = i->aux ? *w : 0;
    else
        *w = i->aux ? 1 : 0;
}

static void paid_transfer(void *ctx, struct ir_block *b, word *w)
{
    for (const struct ir_inst *i = b->last; i; i = i->prev)
        paid_step(ctx, w, i, false);
}

static void find_paid(struct turn *t)
{
    struct dataflow df = {.func = t->f, .nbits = 1, .backward = true, .ctx = t, .transfer = paid_transfer};
    dataflow_solve(&df);
    for (unsigned k = 0; k < t->f->nrpo; k++) {
        word w[1];
        dataflow_at(&df, t->f->rpo[k], w);
        for (const struct ir_inst *i = t->f->rpo[k]->last; i; i = i->prev)
            paid_step(t, w, i, true);
    }
    dataflow_free(&df);
}

/* Takes out what does not pay, until all that is left does; those that others cover go last.  Returns how
 * many stay. */
static unsigned settle(struct turn *t)
{
    unsigned left = 0, rounds = 0;
    for (bool changed = true; changed; rounds++) {
        changed = false;
        mark_held(t->f, false);
        find_paid(t);
        for (unsigned k = 0; k < t->n; k++)
            if (t->v[k]->block && ((!t->paid[k] && !t->redundant[k]) || rounds == MAX_ROUNDS)) {
                ir_remove(t->v[k]);
                changed = true;
            }
    }
    for (unsigned k = 0; k < t->n; k++) {
        t->v[k]->index = 0;
        if (t->v[k]->block && t->redundant[k])
            ir_remove(t->v[k]);
        left += t->v[k]->block != NULL;
    }
    return left;
}

static bool has_turn_and_anchor(const struct ir_func *f)
{
    bool turn = false, anchor = false;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
            turn |= is_turn(i);
            anchor |= i->op == IR_ANCHOR;
        }
    return turn && anchor;
}

unsigned long turn_early(struct ir_func *f)
{
    struct turn t = {.f = f};
    unsigned left = 0;
    if (!has_turn_and_anchor(f))
        return 0;
    collect(&t);
    t.paid = ir_alloc(f->module, t.n + 1);
    t.redundant = ir_alloc(f->module, t.n + 1);
    if (t.n)
        left = settle(&t);
    for (unsigned k = 0; k < f->nblocks; k++)
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            i->aux = NULL;
    return left;
}
