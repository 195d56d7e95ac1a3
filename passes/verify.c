/* verify.c - what must be true of every function between passes.
 *
 * Executable invariants, after mimalloc's validators: a wrong state is found where it arises, not three
 * passes later.  Linear in the size of the function apart from sorting.  The pipeline calls it after each
 * pass when asked; ir_finish and ir_parse always.
 */
#include "priv.h"

#include <stdarg.h>
#include <stdlib.h>

struct verifier {
    const struct ir_func *f;
    FILE *err;
    bool ok;
    const struct ir_inst **def; /* value number -> definition */
    unsigned *pos;              /* value number -> position in its block */
};

PRINTF_LIKE(3, 4) static void bad(struct verifier *v, const struct ir_block *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    v->ok = false;
    if (v->err) {
        fprintf(v->err, "%s", v->f->name);
        if (b)
            fprintf(v->err, ": b%u", b->id);
        fputs(": ", v->err);
        vfprintf(v->err, fmt, ap);
        fputc('\n', v->err);
    }
    va_end(ap);
}

static unsigned count_edges(struct ir_block *const *list, unsigned n, const struct ir_block *b)
{
    unsigned c = 0;
    for (unsigned i = 0; i < n; i++)
        c += list[i] == b;
    return c;
}

/* Predecessors are in the order of their numbers (checked apart). */
static bool has_pred(const struct ir_block *b, const struct ir_block *p)
{
    unsigned lo = 0, hi = b->npreds;
    while (lo < hi) {
        unsigned mid = lo + (hi - lo) / 2;
        if (b->preds[mid]->id < p->id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->npreds && b->preds[lo] == p;
}

static void check_edges(struct verifier *v, struct ir_block *b)
{
    const struct ir_func *f = v->f;
    for (unsigned k = 0; k < b->nsuccs; k++) {
        struct ir_block *s = b->succs[k];
        if (s->id >= f->nblocks || f->blocks[s->id] != s)
            bad(v, b, "successor b%u is not in the function", s->id);
        else if (count_edges(b->succs, b->nsuccs, s) != 1)
            bad(v, b, "two edges to b%u", s->id);
        else if (!has_pred(s, b))
            bad(v, b, "edge to b%u is not among that block's predecessors", s->id);
    }
    for (unsigned k = 0; k < b->npreds; k++) {
        struct ir_block *p = b->preds[k];
        if (p->id >= f->nblocks || f->blocks[p->id] != p)
            bad(v, b, "predecessor b%u is not in the function", p->id);
        else if (count_edges(p->succs, p->nsuccs, b) != 1)
            bad(v, b, "predecessor b%u has no edge to it", p->id);
        if (k && b->preds[k - 1]->id >= p->id)
            bad(v, b, "predecessors are not in order");
    }
}

static void check_terminator(struct verifier *v, struct ir_block *b)
{
    if (!b->last || !ir_is(b->last, IRF_TERM)) {
        bad(v, b, "does not end with a terminator");
        return;
    }
    enum ir_op op = b->last->op;
    unsigned n = b->nsuccs;
    if (op == IR_JUMP ? n != 1 : op == IR_BRANCH ? n < 2 : n != 0)
        bad(v, b, "%s with %u successors", ir_op_name[op], n);
}

/* One instruction by itself; also records definitions for check_uses. */
static void check_inst(struct verifier *v, struct ir_block *b, struct ir_inst *i, unsigned pos)
{
    const struct ir_func *f = v->f;
    if ((unsigned)i->op >= IR_OP_COUNT) {
        bad(v, b, "operation %u", (unsigned)i->op);
        return;
    }
    const char *name = ir_op_name[i->op];
    if (i->block != b || (i->prev ? i->prev->next : b->first) != i ||
        (i->next ? i->next->prev : b->last) != i)
        bad(v, b, "%s: broken links", name);
    if (ir_is(i, IRF_TERM) && i->next)
        bad(v, b, "%s is not last in its block", name);
    if (i->op == IR_PHI && i->prev && i->prev->op != IR_PHI)
        bad(v, b, "phi %%%u stands behind another instruction", i->id);
    if (i->op == IR_PHI && i->nargs != b->npreds)
        bad(v, b, "phi %%%u has %u operands for %u predecessors", i->id, i->nargs, b->npreds);
    if (ir_op_nargs[i->op] >= 0 && i->nargs != (unsigned)ir_op_nargs[i->op])
        bad(v, b, "%s with %u operands", name, i->nargs);
    if (((i->op == IR_RET || i->op == IR_LOCALW) && i->nargs > 1) || (i->op == IR_ICALL && !i->nargs))
        bad(v, b, "%s with %u operands", name, i->nargs);
    if ((unsigned)i->cls > IRC_REF || (unsigned)i->unit > IRU_RANGE)
        bad(v, b, "%s: class or unit out of range", name);
    if (i->unit == IRU_RANGE && (!ir_is(i, IRF_BARRIER) || !i->nargs || i->args[0]->op != IR_DERIVE ||
                                 !(i->args[0]->flags & IRI_RANGE)))
        bad(v, b, "%s: range of what is none", name);
    if ((i->flags & IRI_ARRAY) &&
        (!(i->flags & IRI_RANGE) || !i->nargs || i->args[0]->op != IR_DERIVE || i->args[0]->index <= 0))
        bad(v, b, "%s is not in an array", name);
    if ((i->flags & IRI_RANGE) && (i->op != IR_DERIVE || i->index >= 0))
        bad(v, b, "%s is marked as a range", name);
    if (ir_is(i, IRF_ACCESS | IRF_BARRIER) ? i->access < 0 : i->access != -1)
        bad(v, b, "%s with access number %d", name, i->access);
    if (i->op == IR_PARAM && (i->index < 0 || (unsigned)i->index >= f->nparams))
        bad(v, b, "param %d of %u", i->index, f->nparams);
    if ((i->op == IR_CALL || i->op == IR_ICALL) && i->index >= 0 && !ir_related_argument(i))
        bad(v, b, "%s returns argument %d of %u", name, i->index, i->nargs - (i->op == IR_ICALL));
    if ((i->flags & IRI_OR_FRESH) && !ir_related_argument(i))
        bad(v, b, "%s is orfresh, but returns no argument", name);
    if ((i->flags & IRI_REMOVED) && !ir_is(i, IRF_BARRIER) && i->op != IR_INEV)
        bad(v, b, "%s is marked as removed, but is not a barrier", name);
    if (!ir_has_result(i))
        return;
    if (i->id >= f->nvalues)
        bad(v, b, "value %%%u of %u", i->id, f->nvalues);
    else if (v->def[i->id])
        bad(v, b, "value %%%u is defined twice", i->id);
    else {
        v->def[i->id] = i;
        v->pos[i->id] = pos;
    }
}

static void check_uses(struct verifier *v, struct ir_block *b, struct ir_inst *i, unsigned pos)
{
    for (unsigned k = 0; k < i->nargs; k++) {
        const struct ir_inst *a = i->args[k];
        if (!a || !ir_has_result(a) || a->id >= v->f->nvalues || v->def[a->id] != a) {
            bad(v, b, "%s: operand %u is not a value of this function", ir_op_name[i->op], k);
            continue;
        }
        if (i->op == IR_PHI) {
            if (k < b->npreds && !ir_dominates(a->block, b->preds[k]))
                bad(v, b, "phi %%%u: %%%u is not defined on the edge from b%u", i->id, a->id,
                    b->preds[k]->id);
        } else if (a->block == b ? v->pos[a->id] >= pos : !ir_dominates(a->block, b)) {
            bad(v, b, "%s uses %%%u, whose definition does not dominate it", ir_op_name[i->op], a->id);
        }
    }
}

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Accesses have different numbers; each barrier serves an access of this function. */
static void check_access_numbers(struct verifier *v, unsigned naccesses)
{
    int *nums = ir_xcalloc(naccesses, sizeof *nums);
    unsigned n = 0;
    for (unsigned k = 0; k < v->f->nblocks; k++)
        for (struct ir_inst *i = v->f->blocks[k]->first; i; i = i->next)
            if (ir_is(i, IRF_ACCESS))
                nums[n++] = i->access;
    qsort(nums, n, sizeof *nums, compare_ints);
    for (unsigned k = 1; k < n; k++)
        if (nums[k] == nums[k - 1])
            bad(v, NULL, "two accesses with number %d", nums[k]);
    for (unsigned k = 0; k < v->f->nblocks; k++)
        for (struct ir_inst *i = v->f->blocks[k]->first; i; i = i->next)
            if (ir_is(i, IRF_BARRIER) && !bsearch(&i->access, nums, n, sizeof *nums, compare_ints))
                bad(v, v->f->blocks[k], "barrier for access %d, which is not in this function", i->access);
    free(nums);
}

bool ir_verify(const struct ir_func *f, FILE *err)
{
    struct verifier v = {.f = f, .err = err, .ok = true};
    if (!f->nblocks) {
        bad(&v, NULL, "no blocks");
        return false;
    }
    for (unsigned k = 0; k < f->nblocks; k++) {
        if (f->blocks[k]->id != k || f->blocks[k]->func != f)
            bad(&v, f->blocks[k], "is not block %u of the function", k);
        else
            check_terminator(&v, f->blocks[k]);
    }
    bool numbered = v.ok;
    for (unsigned k = 0; numbered && k < f->nblocks; k++)
        check_edges(&v, f->blocks[k]);
    if (f->blocks[0]->npreds)
        bad(&v, f->blocks[0], "the entry block has predecessors");
    if (!v.ok)
        return false;
    ir_compute_dominators((struct ir_func *)f); /* an analysis kept in the function, not a change of it */
    v.def = ir_xcalloc(f->nvalues, sizeof *v.def);
    v.pos = ir_xcalloc(f->nvalues, sizeof *v.pos);
    unsigned naccesses = 0;
    for (unsigned k = 0; k < f->nblocks; k++) {
        struct ir_block *b = f->blocks[k];
        unsigned pos = 0;
        if (b->rpo == ~0u)
            bad(&v, b, "is unreachable");
        for (struct ir_inst *i = b->first; i; i = i->next) {
            check_inst(&v, b, i, pos++);
            naccesses += v.ok && ir_is(i, IRF_ACCESS);
        }
    }
    for (unsigned k = 0; v.ok && k < f->nblocks; k++) {
        unsigned pos = 0;
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            check_uses(&v, f->blocks[k], i, pos++);
    }
    if (v.ok)
        check_access_numbers(&v, naccesses);
    free(v.def);
    free(v.pos);
    return v.ok;
}
