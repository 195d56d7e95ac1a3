/* local.c - parameters that always point into the C stack.
 *
 * Requires nothing; barriers must not be placed yet.  Leaves the control flow alone.  A pointer of class
 * `any` is resolved at run time at each access (annotations.md, R3).  Most of them in an interpreter are
 * parameters through which a function works on its caller's locals: a reader's state, a buffer, a result.
 * Where every caller passes such an address, accesses through the parameter are plain C: nobody else can
 * reach this thread's stack, and an abort puts it back whole.
 *
 * Memory that the program says is a private stack (STM_PRIVATE_STACK) comes back with an abort, too, and
 * counts as local.
 *
 * local(v) for a pointer v: the address of a local; what is marked as local; null (the access faults either
 * way); a copy or a derived pointer of a local v; a phi of local ones; parameter k of a function whose
 * callers are all known and pass local(argument k).  The greatest fixpoint over the program, right for
 * recursion and loops by induction over the length of an execution: the first pointer in it that is not
 * local would have come from a pointer that is none.  What is loaded from memory is never local, nor is a
 * reference by its type.
 *
 * Callers are known as for interproc.c.  Cost: the bodies, times the rounds until no parameter goes.
 *
 * Idea: the stack classification of raw writes that LLVM's and GCC's transactional memory make at run time
 * (features.md, "captured memory"), made once, by the translator. */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

struct node {
    struct ir_func *f;
    bool *param; /* by number */
    bool *value; /* by value number */
    bool open, called, dirty;
};

struct locals {
    struct func_index *index;
    struct node *v;
    unsigned n;
};

static struct node *callee_of(const struct locals *l, const struct ir_inst *i)
{
    int k = i->op == IR_CALL && i->sym ? func_index_find(l->index, i->sym) : -1;
    return k < 0 ? NULL : &l->v[k];
}

static bool is_local(const struct node *n, const struct ir_inst *i)
{
    if (i->cls == IRC_REF)
        return false;
    if (i->flags & IRI_LOCAL && i->cls == IRC_RAW)
        return true;
    switch (i->op) {
    case IR_NULLV:
        return true;
    case IR_PARAM:
        return (unsigned)i->index < n->f->nparams && n->param[i->index];
    case IR_COPY:
    case IR_DERIVE:
        return n->value[i->args[0]->id];
    case IR_PHI:
        for (unsigned k = 0; k < i->nargs; k++)
            if (!n->value[i->args[k]->id])
                return false;
        return true;
    default:
        return false;
    }
}

/* The function's values, given its parameters: from "all" down.  Values only ever go, so what the last round
 * left is where to start. */
static void solve(struct node *n)
{
    for (bool again = true; again;) {
        again = false;
        for (unsigned k = 0; k < n->f->nblocks; k++)
            for (const struct ir_inst *i = n->f->blocks[k]->first; i; i = i->next)
                if (ir_has_result(i) && n->value[i->id] && !is_local(n, i)) {
                    n->value[i->id] = false;
                    again = true;
                }
    }
    n->dirty = false;
}

/* What the calls in n pass; true if some callee lost a parameter. */
static bool pass_on(const struct locals *l, const struct node *n)
{
    bool lost = false;
    for (unsigned k = 0; k < n->f->nblocks; k++)
        for (const struct ir_inst *i = n->f->blocks[k]->first; i; i = i->next) {
            struct node *callee = callee_of(l, i);
            for (unsigned p = 0; callee && p < callee->f->nparams; p++)
                if (callee->param[p] && (p >= i->nargs || !n->value[i->args[p]->id])) {
                    callee->param[p] = false;
                    callee->dirty = lost = true;
                }
        }
    return lost;
}

static void start(struct locals *l, const struct ir_module *m)
{
    for (unsigned k = 0; k < l->n; k++)
        for (unsigned b = 0; b < l->v[k].f->nblocks; b++)
            for (const struct ir_inst *i = l->v[k].f->blocks[b]->first; i; i = i->next) {
                struct node *callee = callee_of(l, i);
                if (callee)
                    callee->called = true;
            }
    for (unsigned k = 0; k < l->n; k++) {
        struct node *n = &l->v[k];
        n->open =
            !n->called || !func_callers_known(m, n->f) || func_index_find(l->index, n->f->name) != (int)k;
        n->param = ir_xcalloc(n->f->nparams + 1, sizeof *n->param);
        n->value = ir_xcalloc(n->f->nvalues + 1, sizeof *n->value);
        memset(n->param, !n->open, n->f->nparams);
        memset(n->value, true, n->f->nvalues);
        n->dirty = true;
        for (unsigned g = 0; n->open && g < n->f->sum.ngiven; g++) /* of the whole program */
            if (n->f->sum.given[g].kind == IR_FACT_LOCAL &&
                (unsigned)n->f->sum.given[g].param < n->f->nparams)
                n->param[n->f->sum.given[g].param] = true;
    }
}

/* Makes the values raw; returns how many accesses that concerns. */
static unsigned long narrow(struct node *n)
{
    unsigned long accesses = 0;
    for (unsigned k = 0; k < n->f->nblocks; k++)
        for (struct ir_inst *i = n->f->blocks[k]->first; i; i = i->next) {
            if (ir_has_result(i) && i->cls == IRC_ANY && i->op != IR_NULLV && n->value[i->id])
                i->cls = IRC_RAW;
            if (i->op == IR_PARAM && n->value[i->id])
                i->flags |= IRI_LOCAL;
        }
    for (unsigned k = 0; k < n->f->nblocks; k++)
        for (const struct ir_inst *i = n->f->blocks[k]->first; i; i = i->next)
            accesses += ir_is(i, IRF_ACCESS) && i->args[0]->cls == IRC_RAW;
    return accesses;
}

unsigned long local_run(struct ir_module *m)
{
    struct locals l = {.index = func_index_new(m), .n = m->nfuncs};
    unsigned long accesses = 0;
    l.v = ir_xcalloc(m->nfuncs + 1, sizeof *l.v);
    for (unsigned k = 0; k < l.n; k++)
        l.v[k].f = func_index_at(l.index, k);
    start(&l, m);
    for (bool again = true; again;) {
        again = false;
        for (unsigned k = 0; k < l.n; k++)
            if (l.v[k].dirty) {
                solve(&l.v[k]);
                again |= pass_on(&l, &l.v[k]);
            }
    }
    for (unsigned k = 0; k < l.n; k++) {
        accesses += narrow(&l.v[k]);
        free(l.v[k].param);
        free(l.v[k].value);
    }
    free(l.v);
    func_index_free(l.index);
    return accesses;
}
