/* inevitable.c - a transaction need turn inevitable once, and reads without barriers from then on.
 *
 * Requires placed barriers (none: then none go); leaves the control flow alone.  `inev` is a barrier without
 * an operand: a forward must-problem of one fact, inevitable, that an `inev` establishes and that ends with
 * the transaction.  An `inev` where the fact holds goes.  PyPy's inevitable pass is the model (features.md
 * section 2); as there, what may or may not turn inevitable, a raw write that the runtime classifies
 * (`maybe`), neither makes the fact nor goes.
 *
 * Read barriers where the fact holds go too: while a transaction is inevitable nobody else commits, so
 * nothing that it reads can change before it has ended (runtime.md, "Inevitable").  Write barriers stay:
 * what is written is logged by them.  For passes behind this one facts.c knows the same fact, of calls by
 * the flag `turns` that is put on them here.
 *
 * Unlike PyPy's it looks across calls, as interproc.c does for barriers: `given`, the fact holds at the
 * entry because every caller has it, where all callers are known; `done`, it holds at every return.  Both
 * are assumed of all functions, and taken back until nothing changes.  That is right for recursion, and all
 * covered events may go at once, for the reasons given there.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 32 }; /* beyond, nothing is known across calls */

struct inevitable {
    struct func_index *index;
    struct ir_func *f;
};

static const struct ir_summary *callee_of(const struct inevitable *v, const struct ir_inst *i)
{
    int k = i->op == IR_CALL && i->sym ? func_index_find(v->index, i->sym) : -1;
    return k < 0 ? i->callee : &func_index_at(v->index, (unsigned)k)->sum;
}

static void step(const struct inevitable *v, word *bits, const struct ir_inst *i)
{
    const struct ir_summary *callee = callee_of(v, i);
    if (ir_ends_facts(i))
        bit_clear(bits, 0);
    if ((i->flags & IRI_NORETURN) || ir_turns_inevitable(i) ||
        (callee && callee->done_inev && !(i->flags & IRI_RETURNS_TWICE)))
        bit_set(bits, 0);
}

/* The entry block has no predecessors. */
static void enter(const struct inevitable *v, const struct ir_block *b, word *bits)
{
    if (!b->id && v->f->sum.given_inev)
        bit_set(bits, 0);
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    enter(ctx, b, bits);
    for (const struct ir_inst *i = b->first; i; i = i->next)
        step(ctx, bits, i);
}

/* Takes back what i, where the fact does not hold, would need of it. */
static bool take_back(const struct inevitable *v, const struct ir_inst *i)
{
    int c = i->op == IR_CALL && i->sym ? func_index_find(v->index, i->sym) : -1;
    struct ir_func *callee = c < 0 ? NULL : func_index_at(v->index, (unsigned)c);
    bool given = callee && callee->sum.given_inev && func_callers_known(v->f->module, callee),
         done = i->op == IR_RET && v->f->sum.done_inev;
    if (given)
        callee->sum.given_inev = false;
    if (done)
        v->f->sum.done_inev = false;
    return given || done;
}

/* Removes i where the fact holds. */
static bool drop(struct ir_inst *i)
{
    bool superfluous =
        i->op == IR_INEV ? !(i->flags & (IRI_MAYBE | IRI_REMOVED)) : i->op == IR_RBAR && ir_sure_barrier(i);
    if (superfluous) {
        i->flags |= IRI_REMOVED;
        i->pass = "inevitable";
    }
    return superfluous;
}

/* Solves f; takes back what does not hold at its calls and its returns, or, `remove`, removes what is
 * covered.  Returns how much that was. */
static unsigned long solve(struct inevitable *v, struct ir_func *f, bool remove)
{
    struct dataflow df = {.func = f, .nbits = 1, .ctx = v, .transfer = transfer};
    unsigned long changes = 0;
    v->f = f;
    dataflow_solve(&df);
    for (unsigned k = 0; k < f->nrpo; k++) {
        word bits[1] = {0};
        dataflow_at(&df, f->rpo[k], bits);
        enter(v, f->rpo[k], bits);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (bit_get(bits, 0) ? remove && drop(i) : !remove && take_back(v, i))
                changes++;
            step(v, bits, i);
        }
    }
    dataflow_free(&df);
    return changes;
}

/* Is there anything to find out: does something turn inevitable here, or, in whole-program mode, elsewhere?
 */
static bool has_inev(const struct ir_module *m)
{
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next)
                if (ir_turns_inevitable(i) || (i->callee && i->callee->done_inev) ||
                    m->funcs[n]->sum.given_inev)
                    return true;
    return false;
}

/* Calls by a name that several functions have are of unknown functions, and may be of any of those. */
static void assume(struct inevitable *v, struct ir_module *m)
{
    bool *called = ir_xcalloc(m->nfuncs, sizeof *called);
    for (unsigned n = 0; n < m->nfuncs; n++) {
        ir_compute_rpo(m->funcs[n]);
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next) {
                int c = i->op == IR_CALL && i->sym ? func_index_find(v->index, i->sym) : -1;
                if (c >= 0)
                    called[c] = true;
            }
    }
    for (unsigned k = 0; k < m->nfuncs; k++) {
        struct ir_func *f = func_index_at(v->index, k);
        bool unique = func_index_find(v->index, f->name) >= 0;
        if (func_callers_known(m, f))
            f->sum.given_inev = unique && called[k];
        f->sum.done_inev = unique;
    }
    free(called);
}

static void flag_calls(const struct inevitable *v, struct ir_module *m)
{
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next) {
                const struct ir_summary *callee = callee_of(v, i);
                if (callee && callee->done_inev && !(i->flags & IRI_RETURNS_TWICE))
                    i->flags |= IRI_TURNS;
            }
}

unsigned long inevitable_run(struct ir_module *m)
{
    struct inevitable v = {.index = NULL};
    unsigned long changes = 0;
    if (!has_inev(m))
        return 0;
    v.index = func_index_new(m);
    assume(&v, m);
    unsigned rounds = 0;
    for (unsigned long changed = 1; changed && rounds < MAX_ROUNDS; rounds++) {
        changed = 0;
        for (unsigned n = 0; n < m->nfuncs; n++)
            changed += solve(&v, m->funcs[n], false);
    }
    for (unsigned n = 0; rounds == MAX_ROUNDS && n < m->nfuncs; n++)
        m->funcs[n]->sum.given_inev = m->funcs[n]->sum.done_inev = false;
    flag_calls(&v, m);
    for (unsigned n = 0; n < m->nfuncs; n++)
        changes += turn_early(m->funcs[n]);
    for (unsigned n = 0; n < m->nfuncs; n++)
        changes += solve(&v, m->funcs[n], true);
    func_index_free(v.index);
    return changes;
}
