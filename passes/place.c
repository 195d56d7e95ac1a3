/* place.c - naive placement: a barrier before each access that needs one.
 *
 * Requires: no barriers yet.  Leaves the control flow alone.  This is the correct and costly program that
 * all later passes start from and are measured against: every access is covered by the barrier right before
 * it, whatever happened earlier.  Later passes only take barriers away (or make a read barrier a write
 * barrier) when other barriers cover the access.
 *
 * No barrier: an access through a pointer proved raw, and a load of an immutable field.  An access through
 * `any` gets one: the runtime finds out by one compare whether the address is in the heap (annotations.md
 * R3).  An update counts as one write access.
 */
#include "priv.h"

static unsigned long place_in(struct ir_func *f)
{
    unsigned long placed = 0;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
            if (!ir_needs_barrier(i))
                continue;
            struct ir_inst *b = ir_insert_before(i, ir_is(i, IRF_WRITES) ? IR_WBAR : IR_RBAR, IRC_INT);
            ir_add_arg(b, i->args[0]);
            b->unit = i->unit;
            b->size = i->size;
            b->access = i->access;
            b->loc = i->loc;
            placed++;
        }
    return placed;
}

unsigned long place_run(struct ir_module *m)
{
    unsigned long placed = 0;
    for (unsigned i = 0; i < m->nfuncs; i++)
        placed += place_in(m->funcs[i]);
    return placed;
}
