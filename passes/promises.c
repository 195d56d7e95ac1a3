/* promises.c - functions that are said to end no transaction, and end one.
 *
 * Requires the flags of effects.c at calls that never return; changes nothing.  STM_NO_SAFEPOINT is believed
 * at each call: what is known there is known behind it.  Of a function that the module defines the word can
 * be held against the body.  Only what is sure counts: a safepoint on a path to a return, of its own or in a
 * function of the module that it calls by name.  A call of what is not known may be one, or not, which is
 * what the word is for.  Of those who are said to end no transaction themselves, too, it is told once, there.
 *
 * Least fixpoint over the functions that have such a path.  Cost: the bodies, times the depth of calls. */
#include "priv.h"

#include <stdlib.h>

/* Blocks from whose end a return can be reached. */
static bool *paths_to_return(const struct ir_func *f)
{
    bool *returns = ir_xcalloc(f->nblocks, sizeof *returns), *stops = ir_xcalloc(f->nblocks, sizeof *stops);
    struct ir_block **work = ir_xcalloc(f->nblocks, sizeof *work);
    unsigned n = 0;
    for (unsigned k = 0; k < f->nblocks; k++) {
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            stops[k] |= (i->flags & IRI_NORETURN) != 0;
        returns[k] = f->blocks[k]->last->op == IR_RET && !stops[k];
        if (returns[k])
            work[n++] = f->blocks[k];
    }
    while (n) {
        const struct ir_block *b = work[--n];
        for (unsigned k = 0; k < b->npreds; k++) {
            unsigned p = b->preds[k]->id;
            if (!stops[p] && !returns[p]) {
                returns[p] = true;
                work[n++] = b->preds[k];
            }
        }
    }
    free(stops);
    free(work);
    return returns;
}

/* The first event of f by which the transaction may end; null: none is sure.  ends: which functions of the
 * index have one. */
static const struct ir_inst *first_end(const struct ir_func *f, const struct func_index *x, const bool *ends)
{
    const struct ir_inst *found = NULL;
    bool *returns = paths_to_return(f);
    for (unsigned k = 0; k < f->nblocks && !found; k++)
        for (const struct ir_inst *i = returns[k] ? f->blocks[k]->first : NULL; i && !found; i = i->next) {
            int callee = i->op == IR_CALL && i->sym ? func_index_find(x, i->sym) : -1;
            const struct ir_func *g = callee < 0 ? NULL : func_index_at(x, (unsigned)callee);
            if (i->op == IR_SAFEPOINT || (g && ends[callee] && !g->promise && !g->replaceable))
                found = i;
        }
    free(returns);
    return found;
}

unsigned passes_broken_promises(const struct ir_module *m,
                                void (*report)(const struct ir_func *f, const struct ir_inst *end, void *ctx),
                                void *ctx)
{
    struct func_index *x = func_index_new(m);
    bool *ends = ir_xcalloc(m->nfuncs + 1, sizeof *ends), some = false;
    unsigned found = 0;
    for (unsigned k = 0; k < m->nfuncs; k++)
        some |= m->funcs[k]->promise != NULL;
    for (bool changed = some; changed;) {
        changed = false;
        for (unsigned k = 0; k < m->nfuncs; k++)
            if (!ends[k] && first_end(func_index_at(x, k), x, ends))
                ends[k] = changed = true;
    }
    for (unsigned k = 0; k < m->nfuncs; k++) {
        const struct ir_func *f = func_index_at(x, k);
        const struct ir_inst *end = f->promise && !f->clone_of ? first_end(f, x, ends) : NULL;
        if (end) {
            report(f, end, ctx);
            found++;
        }
    }
    free(ends);
    func_index_free(x);
    return found;
}
