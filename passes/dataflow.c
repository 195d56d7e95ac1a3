/* dataflow.c - one solver for all bit-vector problems: forward or backward, must or may.
 *
 * Iterates a worklist to the fixpoint (Kildall, "A Unified Approach to Global Program Optimization", POPL
 * 1973).  Must-problems are optimistic: a block not reached yet counts as "everything holds" and is left out
 * of the meet, so that a loop's back edge does not spoil what holds before the loop.  That is the greatest
 * solution, and for must-problems over finite executions the exact one up to path feasibility.
 *
 * Blocks are visited in reverse post-order (backward: post-order) of the function; the worklist is a bit for
 * each block, swept in that order, so an acyclic graph takes one sweep and a reducible one about loop depth
 * + 2.  Cost: sweeps * (edges * facts / 64 + instructions + phi facts).  Memory: blocks * facts / 8 bytes.
 *
 * Phis: a fact about a phi on an edge is the fact about the operand for that edge.  The client's `edge`
 * callback does that renaming; all phis of a block read the state of the far end, so they may refer to each
 * other.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

static word *state_of(const struct dataflow *df, const struct ir_block *b)
{
    return df->state + (size_t)b->id * df->nwords;
}

static void meet_edge(struct dataflow *df, struct ir_block *from, struct ir_block *to, unsigned pred,
                      bool first, word *bits)
{
    const word *state = state_of(df, df->backward ? to : from);
    const word *in = state;
    if (df->edge) {
        memcpy(df->scratch, state, df->nwords * sizeof(word));
        df->edge(df->ctx, from, to, pred, state, df->scratch);
        in = df->scratch;
    }
    if (first)
        memcpy(bits, in, df->nwords * sizeof(word));
    else if (df->may)
        for (unsigned i = 0; i < df->nwords; i++)
            bits[i] |= in[i];
    else
        for (unsigned i = 0; i < df->nwords; i++)
            bits[i] &= in[i];
}

void dataflow_at(struct dataflow *df, struct ir_block *b, word *bits)
{
    unsigned n = df->backward ? b->nsuccs : b->npreds;
    bool first = true;
    memset(bits, 0, df->nwords * sizeof(word));
    for (unsigned k = 0; k < n; k++) {
        struct ir_block *from = df->backward ? b : b->preds[k], *to = df->backward ? b->succs[k] : b;
        if (!df->visited[df->backward ? to->id : from->id])
            continue; /* everything (must) or nothing (may): the meet's neutral element */
        meet_edge(df, from, to, df->backward ? ir_pred_index(to, from) : k, first, bits);
        first = false;
    }
    /* Only in a backward problem: a loop without exit, reached against the flow before anything after it. */
    if (first && n && !df->may)
        memset(bits, 0xff, df->nwords * sizeof(word));
}

void dataflow_solve(struct dataflow *df)
{
    struct ir_func *f = df->func;
    ir_compute_rpo(f);
    df->nwords = (df->nbits + WORD_BITS - 1) / WORD_BITS;
    df->state = ir_xcalloc((size_t)f->nblocks * df->nwords, sizeof(word));
    df->scratch = ir_xcalloc(df->nwords, sizeof(word));
    df->visited = ir_xcalloc(f->nblocks, sizeof *df->visited);
    word *bits = ir_xcalloc(df->nwords, sizeof(word));
    bool *pending = ir_xcalloc(f->nblocks, sizeof *pending);
    for (unsigned i = 0; i < f->nrpo; i++)
        pending[i] = true;
    for (bool again = true; again;) {
        again = false;
        for (unsigned k = 0; k < f->nrpo; k++) {
            unsigned at = df->backward ? f->nrpo - 1 - k : k;
            if (!pending[at])
                continue;
            pending[at] = false;
            struct ir_block *b = f->rpo[at];
            dataflow_at(df, b, bits);
            df->transfer(df->ctx, b, bits);
            word *state = state_of(df, b);
            if (df->visited[b->id] && !memcmp(state, bits, df->nwords * sizeof(word)))
                continue;
            df->visited[b->id] = true;
            memcpy(state, bits, df->nwords * sizeof(word));
            unsigned n = df->backward ? b->npreds : b->nsuccs;
            for (unsigned e = 0; e < n; e++) {
                unsigned to = (df->backward ? b->preds : b->succs)[e]->rpo;
                if (!pending[to]) {
                    pending[to] = true;
                    again = true;
                }
            }
        }
    }
    free(pending);
    free(bits);
}

void dataflow_free(struct dataflow *df)
{
    free(df->state);
    free(df->scratch);
    free(df->visited);
}
