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
 *   the comparison; if i is narrower than its sums, which are cut off then, it goes by the step modulo 2^n as
 *   if they were not, and the runtime has seen that i does not wrap before the loop ends (STM_ROUNDS);
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
    term at, bound, step;
    bool minus; /* it goes by -step */
    uint64_t size;
    bool write, up;
    int64_t adjust;
};

bool span_is_inside(const struct span *s, const struct block *b)
{
    return s->inside[b->id];
}

/* Marks b and all blocks before it, up to those that are marked.  Returns whether the function's entry is
 * none of them. */
static bool mark_before(struct block *b, bool *marked)
{
    bool inside = b != b->f->blocks[0];
    if (marked[b->id])
        return true;
    marked[b->id] = true;
    for (unsigned k = 0; k < b->npreds; k++)
        inside &= mark_before(b->preds[k], marked);
    return inside;
}

/* The blocks of the loop of which head is the only entry. */
static bool find_loop(struct span *s)
{
    const unsigned n = s->head->f->nblocks;
    bool *marked = xzalloc(n), loop = false;
    for (unsigned p = 0; p < s->head->npreds; p++) {
        memset(marked, 0, n);
        marked[s->head->id] = true;
        if (!mark_before(s->head->preds[p], marked))
            continue;
        for (unsigned k = 0; k < n; k++)
            s->inside[k] |= marked[k];
        loop = true;
    }
    free(marked);
    return loop;
}

static bool is_outside(LLVMValueRef leaf, void *cx)
{
    struct span *s = cx;
    struct ins *i = leaf != s->phi ? ins_of(leaf) : NULL;
    return !i || i->b->f != s->head->f || !s->inside[i->b->id];
}

/* How far does the variable go in each round, on all ways round? */
static bool find_step(struct span *s)
{
    for (unsigned k = 0; k < LLVMCountIncoming(s->phi); k++) {
        LLVMValueRef v = LLVMGetIncomingValue(s->phi, k);
        if (!s->inside[block_of(LLVMGetIncomingBlock(s->phi, k))->id])
            continue;
        if (opcode_of(v) == LLVMTrunc)
            v = LLVMGetOperand(v, 0);
        bool minus = opcode_of(v) == LLVMSub;
        if (!minus && opcode_of(v) != LLVMAdd)
            return false;
        term a = term_of(LLVMGetOperand(v, 0)), b = term_of(LLVMGetOperand(v, 1)), own = term_leaf(s->phi);
        term step = term_stripped(a) == own ? b : !minus && term_stripped(b) == own ? a : 0;
        if (!step || (s->step && (step != s->step || minus != s->minus)))
            return false;
        s->step = step;
        s->minus = minus;
    }
    return s->step && term_leaves(s->step, is_outside, s) && !term_has(s->step, s->phi);
}

/* Does control go on in the loop, where via is, only while the head's condition is true? */
static bool goes_on(const struct span *s, const struct block *via)
{
    LLVMValueRef end = s->head->end->v;
    return s->head->end->op == LLVMBr && LLVMIsConditional(end) && LLVMGetSuccessor(end, 0) == via->v &&
           s->inside[via->id] && LLVMGetSuccessor(end, 1) != via->v;
}

/* Which way does the variable go while the head's condition holds of it, and by how much is its last value
 * nearer than the bound? */
static bool find_bound(struct span *s)
{
    LLVMValueRef cond = LLVMGetCondition(s->head->end->v);
    int64_t by = 0;
    if (!LLVMIsAICmpInst(cond))
        return false;
    LLVMIntPredicate p = LLVMGetICmpPredicate(cond);
    bool behind = term_stripped(term_of(LLVMGetOperand(cond, 1))) == term_leaf(s->phi); /* bound > i */
    bool less = p == LLVMIntSLT || p == LLVMIntULT || p == LLVMIntSLE || p == LLVMIntULE;
    bool equal = p == LLVMIntSLE || p == LLVMIntULE || p == LLVMIntSGE || p == LLVMIntUGE;
    if (p == LLVMIntEQ || term_stripped(term_of(LLVMGetOperand(cond, behind))) != term_leaf(s->phi) ||
        (p == LLVMIntNE && (!term_is_const(s->step, &by) || (by != 1 && by != -1))))
        return false;
    s->bound = term_stripped(term_of(LLVMGetOperand(cond, !behind)));
    s->up = p == LLVMIntNE ? (by == 1) != s->minus : less != behind;
    s->adjust = equal ? 0 : s->up ? -1 : 1;
    return term_leaves(s->bound, is_outside, s) && !term_has(s->bound, s->phi);
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
    s.inside = xzalloc(head->f->nblocks);
    bool ok = find_loop(&s) && goes_on(&s, k->via) && (!s.phi || (find_step(&s) && find_bound(&s))) &&
              term_leaves(k->at, is_outside, &s) && !may_end_inside(&s);
    if (ok) {
        struct key before = {.ask = SPAN,
                             .at = k->at,
                             .size_term = s.phi ? term_leaf(s.phi) : 0,
                             .cond = term_of(LLVMGetCondition(head->end->v)),
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

/* The address at of the second or the last round, whose value of the variable the function `name` returns;
 * 0: it is not asked. */
static term place_in(const struct span *s, LLVMValueRef rounds, const char *name)
{
    unsigned bits = bits_of(s->phi);
    for (LLVMUseRef u = LLVMGetFirstUse(rounds); u; u = LLVMGetNextUse(u)) {
        term value = term_leaf(LLVMGetUser(u));
        if (calls_like(LLVMGetUser(u), name))
            return term_subst(s->at, s->phi,
                              bits == 64 ? value : term_op(LLVMTrunc | 64u << 8, bits, value, 0));
    }
    return 0;
}

/* Are a and b the same, cut off to the variable's width, in which it goes? */
static bool is_same_in(const struct span *s, term a, term b)
{
    int64_t x, y;
    return term_stripped(a) == term_stripped(b) ||
           (term_is_const(a, &x) && term_is_const(b, &y) && !((uint64_t)(x - y) << (64 - bits_of(s->phi))));
}

/* Does the call of stm_v_rounds say of the loop's rounds what they are, from the value `first` on? */
static bool says_rounds(const struct span *s, LLVMValueRef rounds, term first)
{
    term said = term_stripped(term_of(LLVMGetOperand(rounds, 0))), step = term_of(LLVMGetOperand(rounds, 4)),
         own = s->step;
    int64_t x;
    if (term_is_const(own, &x))
        own = term_const(s->minus ? (int64_t)(0 - (uint64_t)x) : x);
    else if (s->minus)
        step = term_add(term_const(0), step, -1);
    return is_same_in(s, said, first) && term_stripped(term_of(LLVMGetOperand(rounds, 1))) == s->bound &&
           is_number(LLVMGetOperand(rounds, 2), s->adjust) && is_number(LLVMGetOperand(rounds, 3), s->up) &&
           is_same_in(s, step, own);
}

static bool is_behind(term at, LLVMValueRef start, int64_t d)
{
    int64_t is;
    return at && term_diff(at, term_of(start), &is) && is == d;
}

bool span_matches(const struct ins *i, const struct key *k, const struct span *s)
{
    LLVMValueRef rounds = term_is_leaf(term_of(LLVMGetOperand(i->v, 4)));
    int64_t n, d; /* what is read lies d bytes behind the start of what is marked */
    if ((s->write && !(i->mark->effect & E_WRITE)) || !term_is_const(term_of(LLVMGetOperand(i->v, 3)), &n) ||
        !term_diff(k->at, term_of(LLVMGetOperand(i->v, 0)), &d) || d < 0 || n < d + (int64_t)s->size)
        return false;
    if (!s->phi) /* the same place in each round */
        return true;
    if (term_linear(s->at, s->phi) == REPEATED && LLVMIsAConstant(LLVMGetOperand(i->v, 5)))
        return false;
    return rounds && calls_like(rounds, "stm_v_rounds") && !is_pointer(s->phi) &&
           says_rounds(s, rounds, k->size_term) &&
           is_behind(place_in(s, rounds, "stm_v_next"), LLVMGetOperand(i->v, 1), d) &&
           is_behind(place_in(s, rounds, "stm_v_last"), LLVMGetOperand(i->v, 2), d);
}
