/* walk.c - asks a question at a point by walking back from it, on all paths, to the events that answer it.
 *
 * The question is a key (verify.h): is what lies at a term covered by a barrier done since the transaction
 * began; is the real address at a term still good; which load read the same bytes before?  Going back over
 * an instruction,
 *
 *     a barrier that covers the key, a new object that it lies in, turning inevitable  answer this path: yes
 *     what may end the transaction, the computation of a leaf of which nothing is known   answer it: no
 *     what resolves, a function's result   put into the key what the leaf was made of
 *     a phi   puts the operand of the edge in its place; a select, either of its two
 *
 * and nothing else matters.  So "yes" means: on every path to the point the last event that bears on it was
 * a good one.  It is a search of the graph of (block, key) for a path that answers no; each pair is looked
 * at once.
 *
 * A call of a function with a body is walked through from its returns to its entry, with the key in terms of
 * its parameters and result; what comes out at its entry goes on before the call.  At the entry of the
 * function that the question was asked in, it goes on before all calls, if they are known.  Nothing is taken
 * from the translator's summaries. Recursion: a call of a function that is being walked through gives what
 * has been found so far, and all is done again until nothing new is found.
 *
 * The transaction's number.  On the edge on which stm_v_broken(n) is 0 the transaction is the one in which n
 * was taken; so from there back to where n was taken nothing has ended it, and what may end it is passed
 * (key.guard). */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 40000, MAX_ENTRIES = 48, MAX_KEYS_OF_BLOCK = 48 };

struct keys {
    struct key *v;
    unsigned n, cap;
};

/* What a walk through a function has found: a path that fails, and keys that come out at its entry. */
struct summary {
    struct func *f;
    struct key key; /* in terms of parameters; of the result: key.at is relative to it */
    bool of_result;
    bool failed;
    struct failure why;
    struct keys entries;
    unsigned round; /* in which it was computed, or is being computed */
    bool done;      /* no round will find more */
};
static struct summary **summaries;
static unsigned nsummaries, capsummaries;
static struct map summary_index; /* hash -> index + 1 of the first; chains by next */
static unsigned *next_summary, capnext;
static unsigned now; /* round */
static bool recursion, grown;

struct pair {
    struct block *b;
    struct key key;
};
struct walk {
    struct func *f;
    struct keys entries; /* out at the entry */
    struct failure why;
    bool failed;
    LLVMValueRef self, same; /* SAME */
    struct span *span;       /* SPAN */
    struct pair *seen;       /* all pairs, those from `at` on still to be looked at */
    unsigned n, cap, at;
    unsigned *chain, nchain, capchain; /* of pairs of one block: index + 1 of the one before */
    struct map last;                   /* by block: index + 1 of its last pair */
};

static bool same_key(const struct key *a, const struct key *b)
{
    return a->ask == b->ask && a->at == b->at && a->size == b->size && a->size_term == b->size_term &&
           a->align == b->align && a->write == b->write && a->stable == b->stable && a->guard == b->guard &&
           a->unended == b->unended && a->cond == b->cond && a->via == b->via && a->when == b->when &&
           a->is == b->is && a->is_not == b->is_not;
}

static uint64_t hash_key(const struct key *k)
{
    uint64_t h = hash_mix((uint64_t)k->ask << 8 | (uint64_t)k->write << 4 | (uint64_t)k->unended << 1, k->at);
    h = hash_mix(hash_mix(h, k->size), (uint64_t)k->size_term << 32 | k->align);
    return hash_mix(hash_mix(h, k->guard), k->cond);
}

static const char unknown[] = "nothing is known of the value made here";

static bool fail(struct walk *w, const char *why, LLVMValueRef where)
{
    if (!w->failed)
        w->why = (struct failure){.why = why, .where = where};
    w->failed = true;
    return false;
}

/* Places that change in each round of a loop would have no end.  From the third on, of what is asked only the
 * object is kept: only what is good for all of it counts then. */
static bool widen(struct key *k)
{
    LLVMValueRef base = k->ask == COVERED || k->ask == FRESH ? term_base(k->at) : NULL;
    if (!base || (k->at == term_leaf(base) && !k->size && !k->size_term))
        return false;
    k->at = term_leaf(base);
    k->size = k->size_term = 0;
    return true;
}

static void push(struct walk *w, struct block *b, const struct key *key)
{
    unsigned last = (unsigned)map_get(&w->last, (uint64_t)(uintptr_t)b), count = 0, places = 0;
    struct key wide = *key;
    const struct key *k = &wide;
    for (unsigned j = last; j; j = w->chain[j - 1], count++) {
        if (same_key(&w->seen[j - 1].key, k))
            return;
        bool again = w->seen[j - 1].key.at == k->at;
        for (unsigned i = last; i != j && !again; i = w->chain[i - 1])
            again = w->seen[i - 1].key.at == w->seen[j - 1].key.at;
        places += !again;
    }
    if (places >= 3 && widen(&wide))
        for (unsigned j = last; j; j = w->chain[j - 1])
            if (same_key(&w->seen[j - 1].key, k))
                return;
    if (count >= MAX_KEYS_OF_BLOCK || w->n >= MAX_PAIRS) {
        fail(w, "too complex to follow", b->ins[0].v);
        return;
    }
    PUSH(w->chain, w->nchain, w->capchain, last);
    PUSH(w->seen, w->n, w->cap, ((struct pair){b, *k}));
    *map_at(&w->last, (uint64_t)(uintptr_t)b) = w->n;
}

static void add_entry(struct walk *w, const struct key *k)
{
    for (unsigned j = 0; j < w->entries.n; j++)
        if (same_key(&w->entries.v[j], k))
            return;
    if (w->entries.n >= MAX_ENTRIES)
        fail(w, "too complex to follow", w->f->v);
    else
        PUSH(w->entries.v, w->entries.n, w->entries.cap, *k);
}

static void free_walk(struct walk *w)
{
    free(w->entries.v);
    free(w->seen);
    free(w->chain);
    map_free(&w->last);
}

/* ---- barriers ---- */

static bool subst_key(struct key *k, LLVMValueRef leaf, term by)
{
    term *parts[] = {&k->at, &k->size_term, &k->guard, &k->when, &k->cond};
    for (unsigned j = 0; j < sizeof parts / sizeof *parts; j++)
        if (term_has(*parts[j], leaf) && !(*parts[j] = term_subst(*parts[j], leaf, by)))
            return false;
    return true;
}

/* Is the barrier i enough for k? */
enum { FIRST_CARD = 128 }; /* doc/runtime.md: large objects are logged by cards of so many bytes */
static bool covers(const struct ins *i, const struct key *k)
{
    unsigned e = i->mark->effect;
    term at = term_of(LLVMGetOperand(i->v, 0));
    LLVMValueRef base = term_base(k->at);
    int64_t d = 0, n = 0;
    if (k->write && !(e & E_WRITE))
        return false;
    bool constant = term_diff(k->at, at, &d);
    if (base && base == term_base(at)) {
        if (e & E_WHOLE)
            return true;
        if (!k->write && is_owner(at) && (!constant || d >= 0))
            return true; /* the start of an object: good for reading all of it */
    }
    if (!constant || d < 0)
        return false;
    if (!k->write && is_owner(at)) /* a word without its tag has no base */
        return true;
    if (k->write && is_owner(at) && k->size && (uint64_t)d + k->size <= FIRST_CARD)
        return true;    /* at least so much of an object is logged at once */
    if (!(e & E_RANGE)) /* one granule */
        return d == 0 && k->size && k->size <= 16 && (k->size <= k->align || k->size & (k->size - 1));
    term size = term_of(LLVMGetOperand(i->v, 1));
    if (k->size && term_is_const(size, &n))
        return k->size <= (uint64_t)n && (uint64_t)d <= (uint64_t)n - k->size;
    return d == 0 && k->size_term && k->size_term == size;
}

/* ---- through functions ---- */

static bool run(struct walk *w);

static struct summary *summary_for(struct func *f, const struct key *k, bool of_result)
{
    uint64_t h = hash_mix(hash_key(k), (uint64_t)(uintptr_t)f + of_result) | 1;
    unsigned first = (unsigned)map_get(&summary_index, h);
    for (unsigned j = first; j; j = next_summary[j - 1]) {
        struct summary *s = summaries[j - 1];
        if (s->f == f && s->of_result == of_result && same_key(&s->key, k))
            return s;
    }
    struct summary *s = calloc(1, sizeof *s);
    if (!s)
        die("out of memory");
    s->f = f;
    s->key = *k;
    s->of_result = of_result;
    unsigned n = nsummaries;
    PUSH(next_summary, n, capnext, first);
    PUSH(summaries, nsummaries, capsummaries, s);
    *map_at(&summary_index, h) = nsummaries;
    return s;
}

static void compute_summary(struct summary *s)
{
    struct walk w = {.f = s->f};
    s->round = now;
    for (unsigned b = 0; b < s->f->nblocks; b++) {
        struct block *x = s->f->blocks[b];
        if (!x->n || x->ins[x->n - 1].op != LLVMRet)
            continue;
        struct key k = s->key;
        if (s->of_result) {
            LLVMValueRef ret = x->ins[x->n - 1].v;
            k.at = LLVMGetNumOperands(ret) ? term_add(term_of(LLVMGetOperand(ret, 0)), k.at, 1) : 0;
            if (!k.at) {
                fail(&w, "nothing is known of the value", ret);
                break;
            }
        }
        push(&w, x, &k);
    }
    run(&w);
    if (w.failed && !s->failed) {
        grown = s->failed = true;
        s->why = w.why;
    }
    if (!s->failed && w.entries.n > s->entries.n) {
        grown = true;
        free(s->entries.v);
        s->entries = w.entries;
        w.entries = (struct keys){0};
    }
    free_walk(&w);
}

static struct summary *summarize(struct func *f, const struct key *k, bool of_result)
{
    struct summary *s = summary_for(f, k, of_result);
    if (s->done || s->failed)
        return s;
    if (s->round == now) {
        recursion = true;
        return s;
    }
    bool outer = recursion;
    recursion = false;
    compute_summary(s);
    s->done = !recursion;
    recursion |= outer;
    return s;
}

/* What k asks at a call of f, in f's terms: about its result, or what lies at an argument, or about nothing
 * in particular.  *rest: to be added to what comes out at f's entry.  False: it cannot be said. */
static bool into_callee(const struct ins *i, struct func *f, const struct key *k, struct key *in, term *rest)
{
    int64_t d;
    *in = *k;
    in->guard = in->cond = in->size_term = in->at = 0;
    in->via = NULL;
    in->when = 0;
    in->is = in->is_not = 0;
    in->unended = k->guard || k->unended;
    *rest = term_const(0);
    if ((k->ask != COVERED && k->ask != FRESH) || !k->at)
        return true;
    term from = 0, to = 0;
    if (term_has(k->at, i->v)) {
        if (term_base(k->at) != i->v)
            return false;
        from = term_leaf(i->v);
        to = term_const(0);
    }
    for (unsigned exact = 2; !from && exact-- > 0;) /* better one at a constant distance */
        for (unsigned a = 0; !from && a < LLVMCountParams(f->v) && a < LLVMGetNumArgOperands(i->v); a++) {
            LLVMValueRef arg = LLVMGetOperand(i->v, a);
            if (LLVMGetTypeKind(LLVMTypeOf(arg)) != LLVMPointerTypeKind)
                continue;
            if (term_diff(k->at, term_of(arg), &d) ||
                (!exact && term_base(k->at) && term_base(k->at) == term_base(term_of(arg)))) {
                from = term_of(arg);
                to = term_leaf(LLVMGetParam(f->v, a));
            }
        }
    LLVMValueRef base = term_base(k->at);
    if (!from && base && LLVMIsAGlobalValue(base))
        from = to = term_leaf(base);
    if (!from)
        return true;
    if (term_diff(k->at, from, &d)) {
        in->at = term_add(to, term_const(d), 1);
    } else { /* somewhere behind it: only what is good for a whole object counts */
        in->at = to;
        in->size = 0;
        *rest = term_add(k->at, from, -1);
    }
    return in->at && *rest;
}

/* Where k, which came out at f's entry as `inner`, asks before the call i; 0: cannot be said. */
static term out_of_callee(const struct ins *i, struct func *f, term inner, term rest)
{
    for (unsigned a = 0; a < LLVMCountParams(f->v); a++)
        if (term_has(inner, LLVMGetParam(f->v, a))) {
            if (a >= LLVMGetNumArgOperands(i->v) ||
                LLVMTypeOf(LLVMGetOperand(i->v, a)) != LLVMTypeOf(LLVMGetParam(f->v, a)))
                return 0;
            inner = term_subst(inner, LLVMGetParam(f->v, a), term_of(LLVMGetOperand(i->v, a)));
        }
    return term_add(inner, rest, 1);
}

/* ---- back over one instruction ---- */

enum step { GO_ON, YES, NO };

static bool scan(struct walk *w, struct block *b, unsigned i, struct key k);

static enum step unknown_value(struct walk *w, LLVMValueRef v)
{
    fail(w, unknown, v);
    return NO;
}

/* v, of which k is made, is computed here.  If it is an index, the object may be covered all the same; if it
 * is the pointer, only the transaction's being inevitable is good for it. */
static enum step computed(struct walk *w, struct key *k, LLVMValueRef v)
{
    if (term_has(k->guard, v))
        return unknown_value(w, v);
    if (term_base(k->at) != v && widen(k) && !term_has(k->at, v))
        return GO_ON;
    if (k->ask != COVERED || k->write)
        return unknown_value(w, v);
    k->at = k->size_term = 0;
    k->size = 0;
    k->lost = v;
    return GO_ON;
}

/* A call of what has no body here. */
static enum step back_over_unknown(struct walk *w, const struct ins *i, struct key *k)
{
    const char *name = called_name(i->v);
    bool quiet = name ? !strncmp(name, "llvm.", 5) || (claims_external(name) && !claims_calls_back(name)) ||
                            claims_has("nosafepoint", name)
                      : LLVMIsAInlineAsm(LLVMGetCalledValue(i->v)) != NULL;
    if (name && claims_has("fresh", name) && k->ask <= FRESH && term_base(k->at) == i->v)
        return YES;
    if (!quiet && !k->guard && !k->unended) {
        fail(w,
             name ? "the call of a function that is not known may end the transaction"
                  : "a call through a pointer may end the transaction",
             i->v);
        return NO;
    }
    return term_has(k->at, i->v) ? computed(w, k, i->v) : GO_ON;
}

/* Through all that the call may run; the keys that come out go on before it. */
static enum step back_over_function(struct walk *w, struct block *b, unsigned at, struct key *k)
{
    const struct ins *i = &b->ins[at];
    struct func **found, **targets;
    unsigned n;
    bool on = false, ok = true;
    if (term_has(k->at, i->v) && term_base(k->at) != i->v && computed(w, k, i->v) == NO)
        return NO;
    bool result = term_has(k->at, i->v);
    if (!program_targets(i, &found, &n))
        return back_over_unknown(w, i, k);
    targets = memcpy(xrealloc(NULL, n * sizeof *targets), found, n * sizeof *targets);
    for (unsigned t = 0; t < n && ok; t++) {
        struct key in;
        term rest;
        if (!into_callee(i, targets[t], k, &in, &rest)) {
            ok = unknown_value(w, i->v) != NO;
            break;
        }
        if (in.unended && !in.at) { /* nothing there bears on it */
            on = true;
            continue;
        }
        struct summary *s = summarize(targets[t], &in, result);
        if (s->failed)
            ok = fail(w, s->why.why, s->why.where);
        for (unsigned e = 0; e < s->entries.n && ok; e++) {
            struct key out = *k;
            term inner = s->entries.v[e].at;
            if (!inner && result) {
                out.at = out.size_term = 0;
                out.size = 0;
                out.lost = s->entries.v[e].lost;
                ok = scan(w, b, at, out);
            } else if (inner && !(out.at = out_of_callee(i, targets[t], inner, rest)))
                ok = unknown_value(w, i->v) != NO;
            else if (out.at == k->at)
                on = true;
            else
                ok = scan(w, b, at, out);
        }
    }
    free(targets);
    return !ok ? NO : !on ? YES : result ? unknown_value(w, i->v) : GO_ON;
}

static bool returns_twice(LLVMValueRef call)
{
    unsigned kind = LLVMGetEnumAttributeKindForName("returns_twice", 13);
    LLVMValueRef f = LLVMGetCalledValue(call);
    return LLVMGetCallSiteEnumAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kind) ||
           (LLVMIsAFunction(f) &&
            LLVMGetEnumAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kind));
}

static enum step back_over_call(struct walk *w, struct block *b, unsigned at, struct key *k)
{
    const struct ins *i = &b->ins[at];
    unsigned e = i->mark ? i->mark->effect : 0;
    if (k->ask == VALID && term_has(k->at, i->v))
        return YES; /* it was resolved in this transaction, or is no real address */
    if (k->ask == SPAN && e & E_SPAN && span_matches(i, k, w->span))
        return YES;
    if (!i->mark) {
        if (returns_twice(i->v)) {
            fail(w, "control may come back here in another transaction", i->v);
            return NO;
        }
        return back_over_function(w, b, at, k);
    }
    if (k->ask == INEVITABLE && e & (E_INEVITABLE | E_OUTSIDE))
        return YES;
    if (k->ask <= FRESH) {
        if (e & E_INEVITABLE && !k->write)
            return YES;
        if (e & E_FRESH && term_base(k->at) == i->v)
            return YES;
        if (e & E_RESOLVES && !subst_key(k, i->v, term_of(LLVMGetOperand(i->v, 0)))) {
            fail(w, "too complex to follow", i->v);
            return NO;
        }
        if (k->ask == COVERED && e & E_BARRIER && k->at && covers(i, k))
            return YES;
    }
    if (e & E_TX && term_is_leaf(k->guard) == i->v) {
        k->guard = 0;
    } else if (e & E_ENDS && !k->guard && !k->unended) {
        fail(w, "the transaction may end", i->v);
        return NO;
    }
    return term_has(k->at, i->v) || term_has(k->size_term, i->v) ? computed(w, k, i->v) : GO_ON;
}

/* Does i say what SAME asks? */
static enum step back_same(struct walk *w, const struct ins *i, const struct key *k)
{
    if (i->v == w->self)
        return YES;
    LLVMValueRef value = NULL, p = NULL;
    if (i->op == LLVMLoad && !LLVMGetVolatile(i->v)) {
        value = i->v;
        p = LLVMGetOperand(i->v, 0);
    } else if (i->op == LLVMStore && !LLVMGetVolatile(i->v)) {
        value = LLVMGetOperand(i->v, 0);
        p = LLVMGetOperand(i->v, 1);
    }
    if (value && LLVMTypeOf(value) == LLVMTypeOf(w->self) && place_of_pointer(p) == k->at) {
        if (term_is_leaf(term_of(value)) == w->self)
            return YES;
        if (w->same && term_of(w->same) != term_of(value))
            return unknown_value(w, i->v);
        w->same = value;
        return YES;
    }
    if (term_has(k->at, i->v) || term_has(k->size_term, i->v) ||
        (!k->stable && may_write(i, LLVMGetOperand(w->self, 0), k->at, k->size)))
        return unknown_value(w, i->v);
    return GO_ON;
}

static void leave_block(struct walk *w, struct block *b, const struct key *k);

/* A choice between two values, which k is made of: it must hold for either. */
static bool scan_both(struct walk *w, struct block *b, unsigned i, const struct key *k)
{
    for (unsigned o = 1; o <= 2; o++) {
        struct key one = *k;
        if (!subst_key(&one, b->ins[i].v, term_of(LLVMGetOperand(b->ins[i].v, o))))
            return fail(w, "too complex to follow", b->ins[i].v);
        if (!scan(w, b, i, one))
            return false;
    }
    return true;
}

/* From before instruction i of b back to the block's start, and on to its predecessors.  False: a path
 * fails. */
static bool scan(struct walk *w, struct block *b, unsigned i, struct key k)
{
    int64_t c;
    if (k.ask <= FRESH && term_is_const(k.at, &c))
        return true; /* null: the access itself faults */
    while (i-- > 0 && !w->failed) {
        const struct ins *x = &b->ins[i];
        enum step s = GO_ON;
        if (x->op == LLVMPHI)
            break;
        if (k.ask == SAME)
            s = back_same(w, x, &k);
        else if (x->op == LLVMCall || x->op == LLVMInvoke)
            s = back_over_call(w, b, i, &k);
        else if (x->op == LLVMSelect && k.ask <= FRESH && term_has(k.at, x->v))
            return scan_both(w, b, i, &k);
        else if (k.ask == VALID && term_has(k.at, x->v))
            s = YES;
        else if (term_has(k.at, x->v) || term_has(k.size_term, x->v) || term_has(k.guard, x->v))
            s = computed(w, &k, x->v);
        if (s == NO && k.lost)
            w->why = (struct failure){.why = unknown, .where = k.lost};
        if (s != GO_ON)
            return s == YES;
    }
    if (!w->failed)
        leave_block(w, b, &k);
    return !w->failed;
}

/* What decides, of a branch's condition, and with which value it takes the first way (*truth). */
static LLVMValueRef decider(LLVMValueRef cond, bool *truth)
{
    *truth = true;
    for (; LLVMIsAInstruction(cond); cond = LLVMGetOperand(cond, 0))
        switch (LLVMGetInstructionOpcode(cond)) {
        case LLVMCall:
            if (!calls_like(cond, "llvm.expect."))
                return cond;
            break;
        case LLVMICmp: {
            LLVMValueRef zero = LLVMGetOperand(cond, 1);
            LLVMIntPredicate p = LLVMGetICmpPredicate(cond);
            if (!LLVMIsAConstantInt(zero) || LLVMConstIntGetZExtValue(zero) ||
                (p != LLVMIntNE && p != LLVMIntEQ))
                return cond;
            *truth ^= p == LLVMIntEQ;
            break;
        }
        case LLVMXor: {
            LLVMValueRef one = LLVMGetOperand(cond, 1);
            if (LLVMGetIntTypeWidth(LLVMTypeOf(cond)) != 1 || !LLVMIsAConstantInt(one) ||
                !LLVMConstIntGetZExtValue(one))
                return cond;
            *truth ^= true;
            break;
        }
        case LLVMZExt:
        case LLVMFreeze:
            break;
        default:
            return cond;
        }
    return cond;
}

/* The number that v, which decides a branch, asks about: is it still the transaction's? */
static LLVMValueRef asks_broken(LLVMValueRef v)
{
    const struct mark *m = called_mark(v);
    return m && m->effect & E_BROKEN ? LLVMGetOperand(v, 0) : NULL;
}

/* Control goes from p to b: what does that say of a phi?  So `x && y` and the ways out of a scope with
 * cleanups are followed. */
static void note_decision(struct block *p, struct block *b, struct key *k)
{
    LLVMValueRef end = p->ins[p->n - 1].v, v = NULL;
    bool truth;
    if (k->when)
        return;
    if (p->ins[p->n - 1].op == LLVMBr && LLVMIsConditional(end)) {
        v = decider(LLVMGetCondition(end), &truth);
        k->is = 0;
        k->is_not = truth == (LLVMGetSuccessor(end, 0) == b->v);
    } else if (p->ins[p->n - 1].op == LLVMSwitch) {
        unsigned found = 0;
        for (unsigned j = 0; j < LLVMGetNumSuccessors(end); j++)
            if (LLVMGetSuccessor(end, j) == b->v) {
                v = j && LLVMIsAConstantInt(LLVMGetOperand(end, 2 * j)) ? LLVMGetOperand(end, 0) : NULL;
                k->is = v ? LLVMConstIntGetSExtValue(LLVMGetOperand(end, 2 * j)) : 0;
                found++;
            }
        k->is_not = false;
        v = found == 1 ? v : NULL;
    }
    if (v && LLVMIsAPHINode(v) && term_is_leaf(term_of(v)) == v)
        k->when = term_of(v);
    else
        k->is = k->is_not = 0;
}

/* Does what k knows of a phi say that control does not come this way? */
static bool contradicts(struct key *k)
{
    int64_t c;
    LLVMValueRef v = term_is_leaf(k->when);
    if (v && LLVMIsAPHINode(v))
        return false;
    bool no = term_is_const(k->when, &c) && (c == k->is) == k->is_not;
    k->when = 0;
    k->is = k->is_not = 0;
    return no;
}

/* k on the edge from p to b, as the phis say. */
static bool onto_edge(struct block *b, struct block *p, struct key *k)
{
    /* All at once: an operand may be another phi of the block.  So first each becomes a leaf that is none. */
    for (unsigned j = 0; j < b->nphis; j++)
        if (!subst_key(k, b->ins[j].v, term_leaf((LLVMValueRef)(uintptr_t)(2 * j + 1))))
            return false;
    for (unsigned j = 0; j < b->nphis; j++) {
        LLVMValueRef phi = b->ins[j].v, v = NULL, place = (LLVMValueRef)(uintptr_t)(2 * j + 1);
        for (unsigned e = 0; e < LLVMCountIncoming(phi) && !v; e++)
            if (LLVMGetIncomingBlock(phi, e) == p->v)
                v = LLVMGetIncomingValue(phi, e);
        if (!v || !subst_key(k, place, LLVMIsUndef(v) || LLVMIsPoison(v) ? term_const(0) : term_of(v)))
            return false;
    }
    return true;
}

/* Is p perhaps the head of a counted loop? */
static bool may_be_counted(const struct block *p, const struct key *k)
{
    return p->nphis && k->ask == COVERED && k->at && p->ins[p->n - 1].op == LLVMBr &&
           LLVMIsConditional(p->ins[p->n - 1].v);
}

static void leave_block(struct walk *w, struct block *b, const struct key *k)
{
    if (b == b->f->blocks[0]) {
        struct key out = *k;
        out.via = NULL;
        out.when = 0;
        out.is = out.is_not = 0;
        if (k->ask <= INEVITABLE || (k->ask == VALID && !k->at))
            add_entry(w, &out);
        else if (k->ask != VALID) /* else it came from outside, and is no real address */
            fail(w, "comes from the start of the function", b->f->v);
        return;
    }
    if (k->ask == COVERED && span_covers(b, k))
        return;
    for (unsigned j = 0; j < b->nphis && k->ask == SAME; j++)
        if (term_has(k->size_term, b->ins[j].v)) {
            fail(w, unknown, b->ins[j].v);
            return;
        }
    for (unsigned j = 0; j < b->npreds && !w->failed; j++) {
        struct block *p = b->preds[j];
        struct key on = *k;
        LLVMValueRef end = p->ins[p->n - 1].v, tx;
        bool truth;
        on.via = may_be_counted(p, &on) ? b : NULL;
        if (!onto_edge(b, p, &on)) {
            fail(w, "too complex to follow", b->ins[0].v);
            return;
        }
        if (on.when && contradicts(&on))
            continue;
        note_decision(p, b, &on);
        if (p->ins[p->n - 1].op == LLVMBr && LLVMIsConditional(end) &&
            LLVMGetSuccessor(end, 0) != LLVMGetSuccessor(end, 1)) {
            bool taken = LLVMGetSuccessor(end, 0) == b->v;
            LLVMValueRef cond = LLVMGetCondition(end);
            if ((tx = asks_broken(decider(cond, &truth))) && taken != truth && !on.guard)
                on.guard = term_of(tx);
            if (on.ask == SPAN && !taken && term_of(cond) == on.cond)
                continue; /* the loop is not entered from there */
        }
        push(w, p, &on);
    }
}

static bool run(struct walk *w)
{
    while (w->at < w->n && !w->failed) {
        struct pair p = w->seen[w->at++];
        scan(w, p.b, p.b->n, p.key);
    }
    return !w->failed;
}

/* ---- questions ---- */

static void settle(void)
{
    static unsigned settled;
    for (unsigned k = settled; k < nsummaries; k++)
        if (summaries[k]->round == now)
            summaries[k]->done = true;
    while (settled < nsummaries && (summaries[settled]->done || summaries[settled]->failed))
        settled++;
}

static struct map proven; /* hash of (function, key at its entry) -> 1 */
struct asked {
    struct func *f;
    struct key key;
    uint64_t hash;
};

/* One round: from the point itself, then, as far as keys come out at entries, from all calls. */
static bool prove_once(struct block *b, unsigned i, const struct key *k, struct failure *why,
                       struct asked **asked, unsigned *nasked, unsigned *capasked)
{
    struct walk w = {.f = b->f};
    scan(&w, b, i, *k);
    bool ok = run(&w);
    *why = w.why;
    for (unsigned e = 0; e < w.entries.n && ok; e++) {
        struct key *entry = &w.entries.v[e];
        uint64_t h = hash_mix(hash_key(entry), (uint64_t)(uintptr_t)w.f) | 1;
        bool known = map_get(&proven, h) == 1;
        for (unsigned j = 0; j < *nasked && !known; j++)
            known = (*asked)[j].f == w.f && same_key(&(*asked)[j].key, entry);
        if (known)
            continue;
        PUSH(*asked, *nasked, *capasked, ((struct asked){w.f, *entry, h}));
        if (!w.f->known_callers || entry->guard || *nasked > MAX_ENTRIES) {
            *why = entry->lost ? (struct failure){.why = unknown, .where = entry->lost}
                               : (struct failure){.why = "nothing is known at the start of the function",
                                                  .where = w.f->v};
            ok = false;
        }
        for (unsigned c = 0; c < w.f->ncalls && ok; c++) {
            struct key out = *entry;
            const struct ins *call = w.f->calls[c];
            if (entry->at && !(out.at = out_of_callee(call, w.f, entry->at, term_const(0)))) {
                *why = (struct failure){.why = "nothing is known of the argument", .where = call->v};
                ok = false;
            } else {
                ok = prove_once(w.f->call_blocks[c], index_of(call->v), &out, why, asked, nasked, capasked);
            }
        }
    }
    free_walk(&w);
    return ok;
}

bool prove(struct block *b, unsigned i, const struct key *k, struct failure *why)
{
    bool ok;
    do {
        struct asked *asked = NULL;
        unsigned nasked = 0, capasked = 0;
        now++;
        recursion = grown = false;
        ok = prove_once(b, i, k, why, &asked, &nasked, &capasked);
        if (ok && !(recursion && grown))
            for (unsigned j = 0; j < nasked; j++)
                *map_at(&proven, asked[j].hash) = 1;
        free(asked);
    } while (ok && recursion && grown);
    if (ok)
        settle();
    return ok;
}

bool call_may_end(const struct ins *i)
{
    struct key k = {.ask = VALID};
    struct func **found;
    unsigned n;
    if (i->mark)
        return i->mark->effect & E_ENDS;
    if (returns_twice(i->v))
        return true;
    if (!program_targets(i, &found, &n)) {
        struct walk w = {0};
        return back_over_unknown(&w, i, &k) == NO;
    }
    bool ends = false;
    struct func **targets = memcpy(xrealloc(NULL, n * sizeof *targets), found, n * sizeof *targets);
    for (unsigned t = 0; t < n; t++)
        ends |= summarize(targets[t], &k, false)->failed;
    free(targets);
    return ends;
}

bool may_end(struct func *f)
{
    struct key k = {.ask = VALID};
    struct summary *s;
    do {
        now++;
        recursion = grown = false;
        s = summarize(f, &k, false);
    } while (!s->failed && recursion && grown);
    if (!s->failed)
        settle();
    return s->failed;
}

bool span_before(struct block *head, const struct key *k, struct span *span)
{
    struct walk w = {.f = head->f, .span = span};
    for (unsigned j = 0; j < head->npreds && !w.failed; j++) {
        struct key on = *k;
        if (span_is_inside(span, head->preds[j]))
            continue;
        if (!onto_edge(head, head->preds[j], &on))
            fail(&w, "", NULL);
        else
            push(&w, head->preds[j], &on);
    }
    bool ok = run(&w);
    free_walk(&w);
    return ok;
}

LLVMValueRef find_same_load(struct block *b, unsigned i, const struct key *k, LLVMValueRef self)
{
    struct key again = *k;
    LLVMValueRef same = NULL;
    /* once to find the value; and once more, now that it is known, to see that nothing that it was made of is
     * computed anew between there and here */
    for (unsigned round = 0; round < 2; round++) {
        struct walk w = {.f = b->f, .self = self, .same = same};
        scan(&w, b, i, again);
        same = run(&w) ? w.same : NULL;
        free_walk(&w);
        if (!same || (LLVMIsALoadInst(same) && term_is_leaf(term_of(same)) == same))
            break;
        again.size_term = term_of(same);
    }
    return same;
}

/* On all paths from behind instruction i, before anything that may end the transaction or lead elsewhere: a
 * barrier that is good for the read k. */
bool marked_at_once(struct block *b, unsigned i, const struct key *k)
{
    struct block **todo = xrealloc(NULL, (b->f->nblocks + 1) * sizeof *todo);
    bool *seen = calloc(b->f->nblocks, sizeof *seen), ok = seen && !k->write;
    unsigned n = 0;
    todo[n++] = b;
    for (unsigned from = i + 1; n && ok; from = 0) {
        const struct block *x = todo[--n];
        bool done = false;
        for (unsigned j = from; j < x->n && ok && !done; j++) {
            const struct ins *y = &x->ins[j];
            if (term_has(k->at, y->v) || y->op == LLVMRet || y->op == LLVMUnreachable ||
                y->op == LLVMInvoke) {
                ok = false;
            } else if (y->op == LLVMCall && y->mark) {
                done = y->mark->effect & E_BARRIER && covers(y, k);
                ok = !(y->mark->effect & E_ENDS);
            } else if (y->op == LLVMCall) {
                ok = calls_like(y->v, "llvm.");
            }
        }
        for (unsigned s = 0; ok && !done && s < LLVMGetNumSuccessors(x->ins[x->n - 1].v); s++) {
            struct block *to = block_at(LLVMGetSuccessor(x->ins[x->n - 1].v, s));
            if (!seen[to->id]) {
                seen[to->id] = true;
                todo[n++] = to;
            }
        }
    }
    free(todo);
    free(seen);
    return ok;
}
