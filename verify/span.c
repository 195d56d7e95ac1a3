/* span.c - counted loops: is what a round of a loop accesses one of the places that a range barrier before
 * the loop was done on?
 *
 *     if (i < n) { r = stm_v_rounds(i, n, -1, 1, step); stm_v_wr_span(&a[i], &a[next(r)], &a[last(r)], 4, r);
 * } for (; i < n; i += step) ... a[i] ...
 *
 * The runtime's part of the argument: the barrier is done on first, second, ..., last, which are as far
 * apart as as many equal steps from first to last are, or else on the whole object (barrier.c,
 * doc/passes.md). Ours, for an access at the term t(i) in the loop's body, where i is the phi of the loop's
 * head:
 *
 * - t grows with i in equal steps, and all else in it is not computed in the loop: so t in round k is as far
 *   from t in round 0 as k steps are; if i is in several parts of t, the barrier is done under a condition
 * that none of them wraps (else on the whole object; that this condition is enough is not looked into);
 * - i goes by the step that the barrier was told, and the loop goes on only while the comparison that it was
 *   told holds of i and the bound that it was told: so no round is beyond the last, and the access is behind
 *   the comparison;
 * - the barrier's three places are t of i, next and last;
 * - nothing between the barrier and the loop, or in the loop, may end the transaction;
 * - where control comes to the loop around the barrier, the comparison has come out false: the loop is not
 *   entered from there. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

struct span {
    struct block *head;
    bool *inside; /* by block number */
    LLVMValueRef phi;
    term at, bound, step; /* step: 0 if it is by */
    int64_t by;
    uint64_t size;
    bool write, up, minus; /* minus: it goes by -step */
    int64_t adjust;
};

bool span_is_inside(const struct span *s, const struct block *b)
{
    return s->inside[b->id];
}

/* The blocks of the loop of which head is the only entry. */
static bool find_loop(struct span *s)
{
    struct func *f = s->head->f;
    struct block **todo = xrealloc(NULL, (f->nblocks + 1) * sizeof *todo);
    bool *seen = xrealloc(NULL, f->nblocks * sizeof *seen), loop = false;
    for (unsigned p = 0; p < s->head->npreds; p++) {
        unsigned n = 0;
        bool outside = false;
        memset(seen, 0, f->nblocks * sizeof *seen);
        todo[n++] = s->head->preds[p];
        seen[s->head->id] = seen[s->head->preds[p]->id] = true;
        while (n) {
            struct block *b = todo[--n];
            outside |= b == f->blocks[0];
            for (unsigned k = 0; k < b->npreds && b != s->head; k++)
                if (!seen[b->preds[k]->id]) {
                    seen[b->preds[k]->id] = true;
                    todo[n++] = b->preds[k];
                }
        }
        for (unsigned k = 0; k < f->nblocks && !outside; k++)
            s->inside[k] |= seen[k];
        loop |= !outside;
    }
    free(todo);
    free(seen);
    return loop;
}

static bool is_outside(LLVMValueRef leaf, void *cx)
{
    struct span *s = cx;
    struct block *b = leaf != s->phi && LLVMIsAInstruction(leaf) ? block_of(leaf) : NULL;
    return leaf == s->phi || !b || b->f != s->head->f || !s->inside[b->id];
}

/* How far does the variable go in each round, on all ways round? */
static bool find_step(struct span *s)
{
    bool first = true;
    for (unsigned k = 0; k < LLVMCountIncoming(s->phi); k++) {
        struct block *p = NULL;
        for (unsigned j = 0; j < s->head->npreds; j++)
            if (s->head->preds[j]->v == LLVMGetIncomingBlock(s->phi, k))
                p = s->head->preds[j];
        if (!p || !s->inside[p->id])
            continue;
        LLVMValueRef v = LLVMGetIncomingValue(s->phi, k);
        LLVMOpcode op = LLVMIsAInstruction(v) ? LLVMGetInstructionOpcode(v) : LLVMPHI;
        term step = 0;
        int64_t by = 0;
        if (op != LLVMAdd && op != LLVMSub)
            return false;
        LLVMValueRef a = LLVMGetOperand(v, 0), b = LLVMGetOperand(v, 1);
        if (op == LLVMAdd && term_of(b) == term_leaf(s->phi)) {
            LLVMValueRef c = a;
            a = b;
            b = c;
        }
        if (term_of(a) != term_leaf(s->phi))
            return false;
        step = term_of(b);
        if (term_is_const(step, &by)) {
            by = op == LLVMSub ? -by : by;
            step = 0;
        } else if (!term_leaves(step, is_outside, s)) {
            return false;
        }
        if (!first && (step != s->step || by != s->by || s->minus != (op == LLVMSub)))
            return false;
        s->minus = op == LLVMSub;
        s->step = step;
        s->by = by;
        first = false;
    }
    return !first;
}

/* Does control go on in the loop, where via is, only while the head's condition is true? */
static bool goes_on(const struct span *s, const struct block *via)
{
    LLVMValueRef end = s->head->ins[s->head->n - 1].v;
    return s->head->ins[s->head->n - 1].op == LLVMBr && LLVMIsConditional(end) &&
           LLVMGetSuccessor(end, 0) == via->v && s->inside[via->id] && LLVMGetSuccessor(end, 1) != via->v;
}

/* While which comparison of the variable is it? */
static bool find_bound(struct span *s)
{
    LLVMValueRef cond = LLVMGetCondition(s->head->ins[s->head->n - 1].v);
    if (!LLVMIsAICmpInst(cond))
        return false;
    LLVMIntPredicate p = LLVMGetICmpPredicate(cond);
    term left = term_stripped(term_of(LLVMGetOperand(cond, 0))),
         right = term_stripped(term_of(LLVMGetOperand(cond, 1)));
    if (right == term_leaf(s->phi)) {
        static const LLVMIntPredicate swapped[][2] = {{LLVMIntSLT, LLVMIntSGT}, {LLVMIntSLE, LLVMIntSGE},
                                                      {LLVMIntULT, LLVMIntUGT}, {LLVMIntULE, LLVMIntUGE},
                                                      {LLVMIntSGT, LLVMIntSLT}, {LLVMIntSGE, LLVMIntSLE},
                                                      {LLVMIntUGT, LLVMIntULT}, {LLVMIntUGE, LLVMIntULE}};
        term t = left;
        left = right;
        right = t;
        for (unsigned k = 0; k < sizeof swapped / sizeof *swapped; k++)
            if (p == swapped[k][0]) {
                p = swapped[k][1];
                break;
            }
    }
    if (left != term_leaf(s->phi))
        return false;
    s->bound = right;
    switch (p) {
    case LLVMIntSLT:
    case LLVMIntULT:
    case LLVMIntSLE:
    case LLVMIntULE:
        s->up = true;
        s->adjust = p == LLVMIntSLT || p == LLVMIntULT ? -1 : 0;
        break;
    case LLVMIntSGT:
    case LLVMIntUGT:
    case LLVMIntSGE:
    case LLVMIntUGE:
        s->adjust = p == LLVMIntSGT || p == LLVMIntUGT ? 1 : 0;
        break;
    case LLVMIntNE:
        if (s->step || (s->by != 1 && s->by != -1))
            return false;
        s->up = s->by == 1;
        s->adjust = -s->by;
        break;
    default:
        return false;
    }
    return term_leaves(right, is_outside, s) && !term_has(right, s->phi);
}

static bool may_end_inside(const struct span *s)
{
    for (unsigned k = 0; k < s->head->f->nblocks; k++) {
        struct block *b = s->head->f->blocks[k];
        for (unsigned j = 0; s->inside[k] && j < b->n; j++)
            if ((b->ins[j].op == LLVMCall || b->ins[j].op == LLVMInvoke) && call_may_end(&b->ins[j]))
                return true;
    }
    return false;
}

bool span_covers(struct block *head, const struct key *k)
{
    struct span s = {.head = head, .at = k->at, .size = k->size, .write = k->write};
    for (unsigned j = 0; j < head->nphis; j++)
        if (term_has(k->at, head->ins[j].v)) {
            if (s.phi)
                return false;
            s.phi = head->ins[j].v;
        }
    if (!k->via || !k->size || k->guard || (s.phi && term_linear(k->at, s.phi) == OTHERWISE))
        return false;
    s.inside = calloc(head->f->nblocks, sizeof *s.inside);
    bool ok = s.inside && find_loop(&s) && goes_on(&s, k->via) &&
              (!s.phi || (find_step(&s) && find_bound(&s))) && term_leaves(k->at, is_outside, &s) &&
              !may_end_inside(&s);
    if (ok) {
        struct key before = {.ask = SPAN,
                             .at = k->at,
                             .size_term = s.phi ? term_leaf(s.phi) : 0,
                             .cond = term_of(LLVMGetCondition(head->ins[head->n - 1].v)),
                             .unended = k->unended};
        ok = span_before(head, &before, &s);
    }
    free(s.inside);
    return ok;
}

static bool is_number(LLVMValueRef v, int64_t n)
{
    int64_t c;
    return term_is_const(term_of(v), &c) && c == n;
}

/* What the variable is called in the second or the last round, of which `name` returns the value. */
static term value_in(LLVMValueRef rounds, const char *name, LLVMValueRef phi)
{
    for (LLVMUseRef u = LLVMGetFirstUse(rounds); u; u = LLVMGetNextUse(u)) {
        LLVMValueRef call = LLVMGetUser(u);
        const char *called = called_name(call);
        if (!called || strcmp(called, name))
            continue;
        unsigned bits = LLVMGetIntTypeWidth(LLVMTypeOf(phi));
        return bits == 64 ? term_leaf(call) : term_op(LLVMTrunc | 64u << 8, bits, term_leaf(call), 0);
    }
    return 0;
}

bool span_matches(const struct ins *i, const struct key *k, const struct span *s)
{
    LLVMValueRef rounds = term_is_leaf(term_of(LLVMGetOperand(i->v, 4)));
    int64_t n;
    if ((s->write && !(i->mark->effect & E_WRITE)) || !term_is_const(term_of(LLVMGetOperand(i->v, 3)), &n) ||
        n < (int64_t)s->size || term_of(LLVMGetOperand(i->v, 0)) != k->at)
        return false;
    if (!s->phi) /* the same place in each round */
        return true;
    if (term_linear(s->at, s->phi) == REPEATED && LLVMIsAConstant(LLVMGetOperand(i->v, 5)))
        return false;
    const char *called = rounds ? called_name(rounds) : NULL;
    if (!called || strcmp(called, "stm_v_rounds") ||
        LLVMGetTypeKind(LLVMTypeOf(s->phi)) != LLVMIntegerTypeKind)
        return false;
    term first = term_stripped(term_of(LLVMGetOperand(rounds, 0))),
         bound = term_stripped(term_of(LLVMGetOperand(rounds, 1))), step = term_of(LLVMGetOperand(rounds, 4));
    unsigned bits = LLVMGetIntTypeWidth(LLVMTypeOf(s->phi));
    int64_t x, y;
    bool same =
        first == term_stripped(k->size_term) ||
        (term_is_const(first, &x) && term_is_const(k->size_term, &y) && !((uint64_t)(x - y) << (64 - bits)));
    if (!same || bound != s->bound || !is_number(LLVMGetOperand(rounds, 2), s->adjust) ||
        !is_number(LLVMGetOperand(rounds, 3), s->up))
        return false;
    if (s->step && s->minus)
        step = term_add(term_const(0), step, -1);
    if (s->step ? term_stripped(step) != term_stripped(s->step)
                : !is_number(LLVMGetOperand(rounds, 4), s->by))
        return false;
    term next = value_in(rounds, "stm_v_next", s->phi), last = value_in(rounds, "stm_v_last", s->phi);
    return next && last && term_subst(s->at, s->phi, next) == term_of(LLVMGetOperand(i->v, 1)) &&
           term_subst(s->at, s->phi, last) == term_of(LLVMGetOperand(i->v, 2));
}
