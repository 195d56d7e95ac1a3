/* cfg.c - order and dominance of blocks.
 *
 * Dominators after Keith D. Cooper, Timothy J. Harvey and Ken Kennedy, "A Simple, Fast Dominance Algorithm",
 * 2001: iterate idom(b) = intersection of the predecessors' idoms in reverse post-order until nothing
 * changes.  On reducible graphs, that is on nearly all of C, two sweeps do.  The tree is then numbered so
 * that one comparison answers "does a dominate b".
 *
 * Unreachable blocks get rpo = ~0u and no idom; ir_finish leaves none.
 */
#include "priv.h"

#include <stdlib.h>

void ir_compute_rpo(struct ir_func *f)
{
    struct frame {
        struct ir_block *b;
        unsigned next;
    };
    f->rpo = ir_alloc(f->module, f->nblocks * sizeof *f->rpo);
    f->nrpo = 0;
    for (unsigned i = 0; i < f->nblocks; i++)
        f->blocks[i]->rpo = ~0u;
    if (!f->nblocks)
        return;
    /* Depth first with an explicit stack; rpo = 0 marks "seen" until the final numbers are known. */
    struct frame *stack = ir_xcalloc(f->nblocks, sizeof *stack);
    unsigned depth = 0;
    stack[depth++] = (struct frame){f->blocks[0], 0};
    f->blocks[0]->rpo = 0;
    while (depth) {
        struct frame *top = &stack[depth - 1];
        if (top->next < top->b->nsuccs) {
            /* the last successor first, so that the first one comes first in the order */
            struct ir_block *s = top->b->succs[top->b->nsuccs - 1 - top->next++];
            if (s->rpo == ~0u) {
                s->rpo = 0;
                stack[depth++] = (struct frame){s, 0};
            }
        } else {
            f->rpo[f->nrpo++] = top->b;
            depth--;
        }
    }
    free(stack);
    for (unsigned i = 0, j = f->nrpo - 1; i < j; i++, j--) {
        struct ir_block *t = f->rpo[i];
        f->rpo[i] = f->rpo[j];
        f->rpo[j] = t;
    }
    for (unsigned i = 0; i < f->nrpo; i++)
        f->rpo[i]->rpo = i;
}

static struct ir_block *intersect(struct ir_block *a, struct ir_block *b)
{
    while (a != b) {
        while (a->rpo > b->rpo)
            a = a->idom;
        while (b->rpo > a->rpo)
            b = b->idom;
    }
    return a;
}

/* Numbers the dominator tree: a node's interval holds those of its children.  In reverse post-order parents
 * come before children, so sizes are summed backwards and intervals dealt out forwards, without recursion. */
static void number_tree(struct ir_func *f)
{
    unsigned *size = ir_xcalloc(f->nrpo, sizeof *size), *next = ir_xcalloc(f->nrpo, sizeof *next);
    for (unsigned i = f->nrpo; i-- > 0;) {
        size[i]++;
        if (i)                                     /* a block that is reached has a dominator */
            size[f->rpo[i]->idom->rpo] += size[i]; /* NOLINT(clang-analyzer-core.NullDereference) */
    }
    for (unsigned i = 0; i < f->nrpo; i++) {
        struct ir_block *b = f->rpo[i];
        b->dom_in = i ? next[b->idom->rpo] : 0; /* NOLINT(clang-analyzer-core.NullDereference) */
        b->dom_out = b->dom_in + size[i];
        next[i] = b->dom_in + 1;
        if (i)
            next[b->idom->rpo] = b->dom_out;
    }
    free(size);
    free(next);
}

void ir_compute_dominators(struct ir_func *f)
{
    ir_compute_rpo(f);
    for (unsigned i = 0; i < f->nblocks; i++) {
        f->blocks[i]->idom = NULL;
        f->blocks[i]->dom_in = f->blocks[i]->dom_out = 0;
    }
    if (!f->nrpo)
        return;
    f->rpo[0]->idom = f->rpo[0]; /* only while iterating: the root meets itself */
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned i = 1; i < f->nrpo; i++) {
            struct ir_block *b = f->rpo[i], *dom = NULL;
            for (unsigned k = 0; k < b->npreds; k++) {
                struct ir_block *p = b->preds[k];
                if (p->rpo != ~0u && p->idom)
                    dom = dom ? intersect(dom, p) : p;
            }
            if (b->idom != dom) {
                b->idom = dom;
                changed = true;
            }
        }
    }
    number_tree(f);
    f->rpo[0]->idom = NULL;
}

/* Natural loops: one for each header, with all that comes back to it. */
unsigned *ir_loop_depths(const struct ir_func *f)
{
    unsigned *depth = ir_xcalloc(f->nblocks + 1, sizeof *depth),
             *seen = ir_xcalloc(f->nblocks + 1, sizeof *seen);
    struct ir_block **stack = ir_xcalloc(f->nblocks + 1, sizeof *stack);
    for (unsigned k = 0; k < f->nrpo; k++) {
        struct ir_block *head = f->rpo[k];
        unsigned n = 0;
        for (unsigned p = 0; p < head->npreds; p++)
            if (ir_dominates(head, head->preds[p]) && seen[head->preds[p]->id] != k + 1) {
                seen[head->preds[p]->id] = k + 1;
                stack[n++] = head->preds[p];
            }
        if (!n)
            continue;
        while (n) {
            struct ir_block *b = stack[--n];
            depth[b->id]++;
            for (unsigned p = 0; b != head && p < b->npreds; p++)
                if (seen[b->preds[p]->id] != k + 1) {
                    seen[b->preds[p]->id] = k + 1;
                    stack[n++] = b->preds[p];
                }
        }
    }
    free(stack);
    free(seen);
    return depth;
}

bool ir_dominates(const struct ir_block *a, const struct ir_block *b)
{
    return a->dom_in <= b->dom_in && b->dom_in < a->dom_out;
}

bool ir_comes_after(const struct ir_inst *a, const struct ir_inst *b)
{
    if (a->block != b->block)
        return ir_dominates(b->block, a->block);
    while (a && a != b)
        a = a->prev;
    return a;
}
