/* terms.c - what a value is, as a term: a leaf (a value of LLVM's that is not followed), an operation on
 * terms, or a sum of such with factors and a constant, in 64 bits.
 *
 * Terms are interned, so two computations of &q->items[i] from one q and one i are one term, and p + 16 and
 * p + 8 are known to be 8 apart.  A leaf stands for the value that it had when it was computed last; whoever
 * walks back over that computation must stop, or say what the leaf was made of (walk.c). */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

enum kind { LEAF, OP, SUM };
struct node {
    enum kind kind;
    uint64_t hash, leaves; /* leaves: a bit for each, by hash */
    LLVMValueRef leaf;
    unsigned op, bits;
    unsigned n; /* SUM: atoms; OP: operands are atoms 0 and 1 */
    term atom[MAX_ATOMS];
    int64_t factor[MAX_ATOMS];
    int64_t plus;
    unsigned depth;
};
enum { MAX_DEPTH = 12 };

static struct node *nodes;
static uint32_t nnodes = 1, capnodes;
static struct map interned; /* hash -> number */

static uint64_t bit_of(LLVMValueRef v)
{
    return 1ul << (hash_mix(1, KEY(v)) & 63);
}

static bool same(const struct node *a, const struct node *b)
{
    return a->hash == b->hash && a->kind == b->kind && a->leaf == b->leaf && a->op == b->op &&
           a->bits == b->bits && a->n == b->n && a->plus == b->plus &&
           !memcmp(a->atom, b->atom, a->n * sizeof *a->atom) &&
           !memcmp(a->factor, b->factor, a->n * sizeof *a->factor);
}

static term intern_node(struct node *x)
{
    x->hash = hash_mix(hash_mix(x->kind, KEY(x->leaf)), (uint64_t)x->plus);
    x->hash = hash_mix(hash_mix(x->hash, x->op), x->bits);
    for (unsigned k = 0; k < x->n; k++) {
        x->hash = hash_mix(hash_mix(x->hash, x->atom[k]), (uint64_t)x->factor[k]);
        x->leaves |= nodes[x->atom[k]].leaves;
        if (nodes[x->atom[k]].depth >= x->depth)
            x->depth = nodes[x->atom[k]].depth + 1;
    }
    if (!capnodes) /* 0 is none */
        nodes = xzalloc((capnodes = 1024) * sizeof *nodes);
    for (uint64_t h = x->hash | 1;; h += 2) {
        uint64_t *at = map_at(&interned, h);
        if (!*at) {
            *at = nnodes;
            PUSH(nodes, nnodes, capnodes, *x);
        }
        if (same(&nodes[*at], x))
            return (term)*at;
    }
}

term term_leaf(LLVMValueRef v)
{
    struct node x = {.kind = LEAF, .leaf = v, .leaves = bit_of(v)};
    return intern_node(&x);
}

term term_const(int64_t c)
{
    struct node x = {.kind = SUM, .plus = c};
    return intern_node(&x);
}

static int64_t wrap(int64_t c, unsigned bits)
{
    return bits >= 64 ? c : (int64_t)((uint64_t)c << (64 - bits)) >> (64 - bits);
}

static bool compare(LLVMIntPredicate p, unsigned bits, int64_t x, int64_t y)
{
    const bool greater = p == LLVMIntUGT || p == LLVMIntSGT, less = p == LLVMIntULT || p == LLVMIntSLT;
    const uint64_t sign = p >= LLVMIntSGT ? 1ul << 63 : 0; /* without it signed numbers go as unsigned ones */
    const uint64_t a = (uint64_t)x << (64 - bits) ^ sign, b = (uint64_t)y << (64 - bits) ^ sign;
    if (p == LLVMIntEQ || p == LLVMIntNE)
        return (a == b) == (p == LLVMIntEQ);
    return a == b ? !greater && !less : (a > b) == (greater || p == LLVMIntUGE || p == LLVMIntSGE);
}

/* Of constants, which are kept sign-extended. */
static bool fold(unsigned op, unsigned bits, int64_t a, int64_t b, int64_t *c)
{
    unsigned from = op >> 8;
    switch (op & 255) {
    case LLVMICmp:
        *c = compare((LLVMIntPredicate)(op >> 8), bits, a, b);
        return true;
    case LLVMSExt:
        *c = a;
        return from > 1;
    case LLVMZExt:
        *c = from < 64 ? (int64_t)((uint64_t)a & ((1ul << from) - 1)) : a;
        return true;
    case LLVMTrunc:
        *c = wrap(a, bits);
        return true;
    case LLVMAdd:
        *c = wrap((int64_t)((uint64_t)a + (uint64_t)b), bits);
        return true;
    case LLVMSub:
        *c = wrap((int64_t)((uint64_t)a - (uint64_t)b), bits);
        return true;
    case LLVMMul:
        *c = wrap((int64_t)((uint64_t)a * (uint64_t)b), bits);
        return true;
    case LLVMShl:
        *c = b >= 0 && b < bits ? wrap((int64_t)((uint64_t)a << b), bits) : 0;
        return b >= 0 && b < bits;
    default:
        return false;
    }
}

/* Is t an operation `op` of so many bits? */
static const struct node *as_op(term t, unsigned op, unsigned bits)
{
    const struct node *x = &nodes[t];
    return x->kind == OP && x->op == op && x->bits == bits ? x : NULL;
}

/* What the optimiser has made simpler, where a term has a constant in the place of a loop's variable: sums
 * that are cut off to so many bits.  0: nothing. */
static term simpler(unsigned op, unsigned bits, term a, term b)
{
    int64_t x = 0, y = 0, c;
    bool left = term_is_const(a, &x), right = term_is_const(b, &y);
    const struct node *sum = as_op(a, LLVMAdd, bits), *difference = as_op(a, LLVMSub, bits),
                      *second = as_op(b, LLVMSub, bits);
    if ((op == LLVMMul && ((left && !x) || (right && !y))) || (op == LLVMShl && left && !x) ||
        (op == LLVMSub && a == b))
        return term_const(0);
    if (op == LLVMSub && right)
        return term_op(LLVMAdd, bits, a, term_const(wrap((int64_t)(0 - (uint64_t)y), bits)));
    if (op == LLVMAdd && left)
        return term_op(LLVMAdd, bits, b, a);
    if (op == LLVMAdd && right && sum && term_is_const(sum->atom[1], &c))
        return term_op(op, bits, sum->atom[0], term_const(wrap((int64_t)((uint64_t)c + (uint64_t)y), bits)));
    if (op == LLVMAdd && difference && difference->atom[1] == b)
        return difference->atom[0];
    if (op == LLVMAdd && second && second->atom[1] == a)
        return second->atom[0];
    if (op == LLVMSub && sum && (sum->atom[0] == b || sum->atom[1] == b))
        return sum->atom[sum->atom[0] == b];
    return 0;
}

term term_op(unsigned op, unsigned bits, term a, term b)
{
    int64_t x = 0, y = 0, c;
    if (term_is_const(a, &x) && (!b || term_is_const(b, &y)) && fold(op, bits, x, y, &c))
        return term_const(c);
    bool left = term_is_const(a, &x), right = b && term_is_const(b, &y);
    if (right && ((y == 0 && (op == LLVMAdd || op == LLVMSub || op == LLVMShl)) || (y == 1 && op == LLVMMul)))
        return a;
    if (b && left && ((x == 0 && op == LLVMAdd) || (x == 1 && op == LLVMMul)))
        return b;
    const struct node *inner = &nodes[a];
    if (op == LLVMMul && right && inner->kind == OP && inner->op == LLVMMul && inner->bits == bits &&
        term_is_const(inner->atom[1], &c)) /* as loop-invariant code motion has it */
        return term_op(op, bits, inner->atom[0],
                       term_const(wrap((int64_t)((uint64_t)c * (uint64_t)y), bits)));
    term less = a && b ? simpler(op, bits, a, b) : 0;
    if (less)
        return less;
    struct node n = {.kind = OP, .op = op, .bits = bits, .n = b ? 2 : 1, .atom = {a, b}};
    if (!a || nodes[a].depth > MAX_DEPTH || (b && nodes[b].depth > MAX_DEPTH))
        return 0;
    return intern_node(&n);
}

static void as_sum(term t, struct node *s)
{
    if (nodes[t].kind == SUM)
        *s = nodes[t];
    else
        *s = (struct node){.kind = SUM, .n = 1, .atom = {t}, .factor = {1}};
    s->leaves = 0;
    s->depth = 0;
}

term term_add(term a, term b, int64_t k)
{
    struct node x, y;
    if (!a || !b)
        return 0;
    as_sum(a, &x);
    as_sum(b, &y);
    x.plus = (int64_t)((uint64_t)x.plus + (uint64_t)k * (uint64_t)y.plus);
    for (unsigned j = 0; j < y.n; j++) {
        unsigned at = 0;
        while (at < x.n && x.atom[at] < y.atom[j])
            at++;
        if (at < x.n && x.atom[at] == y.atom[j]) {
            x.factor[at] = (int64_t)((uint64_t)x.factor[at] + (uint64_t)k * (uint64_t)y.factor[j]);
        } else {
            if (x.n == MAX_ATOMS)
                return 0;
            memmove(x.atom + at + 1, x.atom + at, (x.n - at) * sizeof *x.atom);
            memmove(x.factor + at + 1, x.factor + at, (x.n - at) * sizeof *x.factor);
            x.n++;
            x.atom[at] = y.atom[j];
            x.factor[at] = (int64_t)((uint64_t)k * (uint64_t)y.factor[j]);
        }
    }
    unsigned n = 0;
    for (unsigned j = 0; j < x.n; j++)
        if (x.factor[j]) {
            x.atom[n] = x.atom[j];
            x.factor[n++] = x.factor[j];
        }
    x.n = n;
    if (n == 1 && x.factor[0] == 1 && !x.plus)
        return x.atom[0];
    return intern_node(&x);
}

bool term_is_const(term t, int64_t *c)
{
    if (!t || nodes[t].kind != SUM || nodes[t].n)
        return false;
    *c = nodes[t].plus;
    return true;
}

bool term_diff(term a, term b, int64_t *d)
{
    return a && b && term_is_const(term_add(a, b, -1), d);
}

LLVMValueRef term_is_leaf(term t)
{
    return t && nodes[t].kind == LEAF ? nodes[t].leaf : NULL;
}

bool term_has(term t, LLVMValueRef leaf)
{
    if (!t || !(nodes[t].leaves & bit_of(leaf)))
        return false;
    if (nodes[t].kind == LEAF)
        return nodes[t].leaf == leaf;
    for (unsigned k = 0; k < nodes[t].n; k++)
        if (term_has(nodes[t].atom[k], leaf))
            return true;
    return false;
}

term term_subst(term t, LLVMValueRef leaf, term by)
{
    if (!term_has(t, leaf))
        return t;
    if (nodes[t].kind == LEAF)
        return by;
    struct node x = nodes[t]; /* nodes may move */
    if (x.kind == OP) {
        term a = term_subst(x.atom[0], leaf, by), b = x.n > 1 ? term_subst(x.atom[1], leaf, by) : 0;
        return !a || (x.n > 1 && !b) ? 0 : term_op(x.op, x.bits, a, b);
    }
    term sum = term_const(x.plus);
    for (unsigned k = 0; k < x.n; k++)
        sum = term_add(sum, term_subst(x.atom[k], leaf, by), x.factor[k]);
    return sum;
}

bool is_pointer(LLVMValueRef v)
{
    return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMPointerTypeKind;
}

unsigned bits_of(LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    return LLVMGetTypeKind(t) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(t) : is_pointer(v) ? 64 : 0;
}

LLVMValueRef term_base(term t)
{
    if (!t)
        return NULL;
    const struct node *x = &nodes[t];
    if (x->kind == LEAF)
        return x->leaf;
    LLVMValueRef pointer = NULL, other = NULL;
    unsigned npointers = 0, nothers = 0;
    for (unsigned k = 0; x->kind == SUM && k < x->n; k++) {
        const struct node *a = &nodes[x->atom[k]];
        if (a->kind != LEAF)
            continue;
        if (is_pointer(a->leaf)) {
            npointers++;
            pointer = x->factor[k] == 1 ? a->leaf : NULL;
        } else if (x->factor[k] == 1) {
            nothers++;
            other = a->leaf;
        }
    }
    return npointers ? (npointers == 1 ? pointer : NULL) : x->n == 1 && nothers == 1 ? other : NULL;
}

bool term_leaves(term t, bool (*f)(LLVMValueRef leaf, void *cx), void *cx)
{
    if (!t)
        return true;
    struct node x = nodes[t];
    if (x.kind == LEAF)
        return f(x.leaf, cx);
    for (unsigned k = 0; k < x.n; k++)
        if (!term_leaves(x.atom[k], f, cx))
            return false;
    return true;
}

/* Of a sum. */
static enum linear both(enum linear a, enum linear b)
{
    return a == NOT_IN ? b : b == NOT_IN ? a : a == OTHERWISE || b == OTHERWISE ? OTHERWISE : REPEATED;
}

/* Sums and products in `bits` bits throughout: they wrap once, at the end, so to speak. */
static bool is_flat(term t, LLVMValueRef leaf, unsigned bits)
{
    const struct node *x = &nodes[t];
    unsigned op = x->op & 255;
    if (!term_has(t, leaf) || x->kind == LEAF)
        return true;
    if (x->kind != OP || x->bits != bits)
        return false;
    return (op == LLVMAdd || op == LLVMSub || op == LLVMMul || op == LLVMShl) &&
           is_flat(x->atom[0], leaf, bits) && is_flat(x->atom[1], leaf, bits);
}

/* A narrower sum or product wraps; one that is linear but for that goes in equal steps as long as it does
 * not, and always up or always down: so first, second and last place tell (span.c).  Of several parts the
 * wraps may cancel each other in these three. */
enum linear term_linear(term t, LLVMValueRef leaf)
{
    if (!term_has(t, leaf))
        return NOT_IN;
    const struct node *x = &nodes[t];
    int64_t c;
    if (x->kind == LEAF)
        return LINEAR;
    if (x->kind == SUM) {
        enum linear sum = NOT_IN;
        for (unsigned k = 0; k < x->n; k++)
            sum = both(sum, term_linear(x->atom[k], leaf));
        return sum;
    }
    bool first = term_has(x->atom[0], leaf), second = x->n > 1 && term_has(x->atom[1], leaf);
    switch (x->op & 255) {
    case LLVMSExt:
    case LLVMZExt:
    case LLVMTrunc:
        return term_linear(x->atom[0], leaf);
    case LLVMAdd:
    case LLVMSub: {
        enum linear sum = both(term_linear(x->atom[0], leaf), term_linear(x->atom[1], leaf));
        return sum == REPEATED && is_flat(t, leaf, x->bits) ? LINEAR : sum;
    }
    case LLVMMul: /* by what does not change in the loop: the caller sees to that */
        return first && second ? OTHERWISE : term_linear(x->atom[second], leaf);
    case LLVMShl:
        return first && !second && term_is_const(x->atom[1], &c) ? term_linear(x->atom[0], leaf) : OTHERWISE;
    default:
        return OTHERWISE;
    }
}

term term_stripped(term t)
{
    while (t && nodes[t].kind == OP && ((nodes[t].op & 255) == LLVMSExt || (nodes[t].op & 255) == LLVMZExt))
        t = nodes[t].atom[0];
    return t;
}
