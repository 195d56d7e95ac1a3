/* range.c - one barrier before a counted loop for all the elements that it reaches through one index
 * expression.
 *
 * Requires: placed barriers; leaves the control flow alone.  `for (i = lo; i < hi; i++) a->items[i] = x;`
 * has a barrier in each round, on an address that no other round has, so no fact about addresses helps.  The
 * front end says which addresses belong together (tool/lower/ranges.c):
 *
 *     %5 = derive %0 range           all that is derived from %5 lies in a span of memory that can be
 *                                    computed where %5 is,
 *     anchor 3 guarded               and here is the place for its barrier: executed if the loop is entered
 *     jump b1                        the loop's head, where the condition is tested
 *
 * A range barrier on %5 there covers each access through a value derived from %5 (facts.c) until the
 * transaction may end.  It is put where it does no more than the loop would have done:
 *
 *   every round    a barrier on a member is executed in each round: its block dominates the end of the
 *                  loop's body
 *   to the end     the loop ends by its condition only: `break`, `return`, `goto` out of it, a call that may
 *                  not come back would leave elements marked, and
 *                  backed up, that the program never came to.  No path into the loop but through the anchor
 *   as computed    what the loop's head reads (`load`, `localread`) is its bound, which was read before the
 *                  loop too: nothing in the loop may write to it (alias.c)
 *   in one go      nothing in the loop ends the transaction, which would end the fact
 *
 * It is a write barrier if such a member is written, else a read barrier; other members (`if (a[i] < x) a[i]
 * = x`) are covered if it is.  How much it covers is settled at run time, by the runtime's units: a small
 * object whole, of a large one the cards that the range touches.  A read barrier marks the granules of the
 * range, not the owner, so that loops over different parts of an array do not conflict.
 *
 * Loop-invariant ranges: Markstein, Cocke, Markstein, "Optimization of Range Checking", PLDI 1982, does for
 * bounds checks what this does for barriers.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

/* A counted loop. */
struct loop {
    struct ir_block *head, *before; /* before: holds the ranges and the anchor */
    struct ir_inst *anchor;
    bool *in; /* by block; room for all, kept from loop to loop */
    struct ir_block **blocks;
    unsigned n;
};

static void add_block(struct loop *l, struct ir_block *b)
{
    if (l->in[b->id])
        return;
    l->in[b->id] = true;
    l->blocks[l->n++] = b;
}

/* The loop before whose head the range r stands; false if there is none.  Other entries it cannot have if it
 * has members: r's definition dominates them. */
static bool find_loop(struct loop *l, const struct ir_inst *r)
{
    l->before = r->block;
    l->anchor = NULL;
    for (struct ir_inst *i = l->before->last; i && !l->anchor; i = i->prev)
        if (i->op == IR_ANCHOR && i->flags & IRI_GUARDED)
            l->anchor = i;
    if (!l->anchor || l->before->nsuccs != 1 || l->before->succs[0]->npreds < 2)
        return false;
    l->head = l->before->succs[0];
    add_block(l, l->head);
    for (unsigned k = 0; k < l->head->npreds; k++)
        if (l->head->preds[k] != l->before)
            add_block(l, l->head->preds[k]);
    for (unsigned k = 1; k < l->n; k++)
        for (unsigned p = 0; p < l->blocks[k]->npreds; p++)
            add_block(l, l->blocks[k]->preds[p]);
    return true;
}

static void forget_loop(struct loop *l)
{
    while (l->n)
        l->in[l->blocks[--l->n]->id] = false;
}

/* Does each round that is begun come to its end, in the same transaction? */
static bool runs_to_its_end(const struct loop *l, const struct functions *fs)
{
    for (unsigned k = 0; k < l->n; k++) {
        const struct ir_block *b = l->blocks[k];
        for (unsigned s = 0; s < b->nsuccs; s++)
            if (b != l->head && !l->in[b->succs[s]->id])
                return false;
        for (const struct ir_inst *i = b->first; i; i = i->next)
            if (ir_ends_facts(i) || functions_may_not_return(fs, i))
                return false;
    }
    return true;
}

/* Does the condition compare with the same value in each round? */
static bool keeps_its_bound(const struct loop *l, const struct numbering *num)
{
    for (struct ir_inst *load = l->head->first; load; load = load->next)
        for (unsigned k = 0; (load->op == IR_LOAD || load->op == IR_LOCALR) && k < l->n; k++)
            for (struct ir_inst *i = l->blocks[k]->first; i; i = i->next)
                if (number_may_change(num, load, i))
                    return false;
    return true;
}

/* Is b executed in each round? */
static bool in_each_round(const struct loop *l, const struct ir_block *b)
{
    if (!l->in[b->id] || b == l->head)
        return false;
    for (unsigned k = 0; k < l->head->npreds; k++)
        if (l->head->preds[k] != l->before && !ir_dominates(b, l->head->preds[k]))
            return false;
    return true;
}

/* A barrier on a member of r that each round executes, one for writing if there is one. */
static const struct ir_inst *sure_member(const struct loop *l, const struct ir_inst *r)
{
    const struct ir_inst *found = NULL;
    for (unsigned k = 0; k < l->n; k++)
        for (const struct ir_inst *i = l->blocks[k]->first; i; i = i->next)
            if (ir_sure_barrier(i) && i->unit == IRU_ADDRESS && i->args[0]->op == IR_DERIVE &&
                ir_canonical(i->args[0]->args[0]) == r &&
                (!found || (found->op == IR_RBAR && i->op == IR_WBAR)) && in_each_round(l, l->blocks[k]))
                found = i;
    return found;
}

static unsigned long put_barrier(struct loop *l, struct ir_inst *r, const struct functions *fs,
                                 const struct numbering *num)
{
    const struct ir_inst *like = NULL;
    if (find_loop(l, r) && runs_to_its_end(l, fs) && keeps_its_bound(l, num))
        like = sure_member(l, r);
    if (like) {
        struct ir_inst *i = ir_insert_after(l->anchor, like->op, IRC_INT);
        ir_add_arg(i, r);
        i->unit = IRU_RANGE;
        i->size = like->size;
        i->access = like->access;
        i->loc = l->anchor->loc;
        i->sym = r->sym;
        i->flags = IRI_MOVED;
        i->pass = "range";
    }
    forget_loop(l);
    return like != NULL;
}

static unsigned long ranges_in(struct ir_func *f, const struct functions *fs)
{
    unsigned long placed = 0;
    struct numbering *num = number_new(f, true);
    struct loop l = {.in = ir_xcalloc(f->nblocks, sizeof *l.in),
                     .blocks = ir_xcalloc(f->nblocks, sizeof *l.blocks)};
    ir_compute_dominators(f);
    for (unsigned k = 0; k < f->nblocks; k++)
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            if (i->flags & IRI_RANGE && i->op == IR_DERIVE)
                placed += put_barrier(&l, i, fs, num);
    number_free(num);
    free(l.in);
    free(l.blocks);
    return placed ? placed + facts_remove_covered_in(f, false, "range") : 0;
}

static bool has_ranges(const struct ir_func *f)
{
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            if (i->op == IR_DERIVE && i->flags & IRI_RANGE)
                return true;
    return false;
}

unsigned long range_run(struct ir_module *m)
{
    unsigned long changes = 0;
    struct functions fs = functions_new(m);
    for (unsigned n = 0; n < m->nfuncs; n++)
        if (has_ranges(m->funcs[n]))
            changes += ranges_in(m->funcs[n], &fs);
    functions_free(&fs);
    return changes;
}
