/* inevitable.c - a transaction need turn inevitable once.
 *
 * Requires nothing; leaves the control flow alone.  `inev` is a barrier without an operand: a forward must-problem of one fact, inevitable, that
 * an `inev` establishes and that ends with the transaction.  An `inev` where the fact holds goes.  PyPy's inevitable pass is the model (features.md section 2);
 * as there, what may or may not turn inevitable, a raw write that the runtime classifies (`maybe`), neither makes the fact nor goes.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

static void step(word *bits, const struct ir_inst *i)
{
    if (ir_ends_facts(i))
        bit_clear(bits, 0);
    if ((i->flags & IRI_NORETURN) || (i->op == IR_INEV && !(i->flags & IRI_MAYBE)))
        bit_set(bits, 0);
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    (void)ctx;
    for (const struct ir_inst *i = b->first; i; i = i->next)
        step(bits, i);
}

static unsigned long inevitable_in(struct ir_func *f)
{
    unsigned n = 0;
    unsigned long removed = 0;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            n += i->op == IR_INEV && !(i->flags & IRI_MAYBE);
    if (!n)
        return 0;
    struct dataflow df = {.func = f, .nbits = 1, .transfer = transfer};
    dataflow_solve(&df);
    for (unsigned k = 0; k < f->nrpo; k++) {
        word bits[1] = {0};
        dataflow_at(&df, f->rpo[k], bits);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (i->op == IR_INEV && !(i->flags & (IRI_MAYBE | IRI_REMOVED)) && bit_get(bits, 0)) {
                i->flags |= IRI_REMOVED;
                i->pass = "inevitable";
                removed++;
            }
            step(bits, i);
        }
    }
    dataflow_free(&df);
    return removed;
}

unsigned long inevitable_run(struct ir_module *m)
{
    unsigned long removed = 0;
    for (unsigned i = 0; i < m->nfuncs; i++)
        removed += inevitable_in(m->funcs[i]);
    return removed;
}
