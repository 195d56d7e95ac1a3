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
 * Equal values.  On the edge on which p == q, what holds at q holds at p: the optimiser may have put either
 * in the other's place.  So where k fails with the one, it is asked once with the other.  Of a load: it reads
 * a value v if on every path back to the store or load that its bytes come from, that one's is what v was
 * then: v is changed on the way as the phis say, so it may be a phi that has merged what the paths load and
 * store.
 *
 * The transaction's number.  On the edge on which stm_v_broken(n) is 0 the transaction is the one in which n
 * was taken; so from there back to where n was taken nothing has ended it, and what may end it is passed
 * (key.guard). */
#include "walk.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 40000, MAX_ENTRIES = 48, MAX_KEYS_OF_POINT = 48, MAX_DEPTH = 2000, MAX_PLACES = 3 };

static struct map summaries;   /* hash -> the first */
static struct summary *active; /* those being computed, the innermost first */
static unsigned now, depth;    /* round; how many are active */
static struct map settled;     /* rounds whose summaries are done */
static bool recursion, grown;

static_assert(sizeof(struct key) == 64 && offsetof(struct key, size) == 8, "compared as bytes");

static bool same_key(const struct key *a, const struct key *b)
{
    return !memcmp(&a->size, &b->size, sizeof *a - offsetof(struct key, size));
}

static uint64_t hash_key(const struct key *k, const struct func *f)
{
    uint64_t word[sizeof *k / 8], h = KEY(f);
    memcpy(word, k, sizeof *k);
    for (unsigned j = offsetof(struct key, size) / 8; j < sizeof *k / 8; j++)
        h = hash_mix(h, word[j]);
    return h | 1;
}

static const char unknown[] = "nothing is known of the value made here", complex[] = "too complex to follow";

static enum step fail(struct walk *w, const char *why, LLVMValueRef where)
{
    if (!w->failed)
        w->why = (struct failure){.why = why, .where = where};
    w->failed = true;
    return NO;
}

/* Places that change in each round of a loop, or from caller to caller of a recursion, would have no end.
 * From the third on, of what is asked only the object is kept: only what is good for all of it counts
 * then. */
bool widen(struct key *k)
{
    LLVMValueRef base = k->ask == COVERED || k->ask == FRESH ? term_base(k->at) : NULL;
    if (!base || (k->at == term_leaf(base) && !k->size && !k->size_term))
        return false;
    k->at = term_leaf(base);
    k->size = k->size_term = 0;
    return true;
}

/* Is k among the pairs of one point that end with number `last`?  *count: how many these are, and *places: of
 * how many places. */
static bool is_seen(const struct walk *w, unsigned last, const struct key *k, unsigned *count,
                    unsigned *places)
{
    *count = *places = 0;
    for (unsigned j = w->seen ? last : 0; j; j = w->seen[j - 1].before, ++*count) {
        const struct pair *p = &w->seen[j - 1];
        if (same_key(&p->key, k))
            return true;
        bool again = p->key.at == k->at;
        for (unsigned i = last; i != j && !again; i = w->seen[i - 1].before)
            again = w->seen[i - 1].key.at == p->key.at;
        *places += !again;
    }
    return false;
}

/* Still to be looked at: does k hold before i, or, if that is null, at the end of b? */
void push(struct walk *w, struct block *b, const struct ins *i, struct key k)
{
    uint64_t point = i ? KEY(i) : KEY(b);
    unsigned last = (unsigned)map_get(&w->last, point), count, places;
    if (is_seen(w, last, &k, &count, &places) ||
        (places >= MAX_PLACES && widen(&k) && is_seen(w, last, &k, &count, &places)))
        return;
    if (count >= MAX_KEYS_OF_POINT || w->n >= MAX_PAIRS) {
        fail(w, complex, b->ins[0].v);
        return;
    }
    PUSH(w->seen, w->n, w->cap, ((struct pair){b, i, k, last}));
    *map_at(&w->last, point) = w->n;
}

static void add_entry(struct walk *w, struct func *f, struct key k)
{
    unsigned of_base = 0;
    for (unsigned j = 0; j < w->entries.n; j++) {
        const struct entry *x = &w->entries.v[j];
        if (x->f == f && same_key(&x->key, &k))
            return;
        of_base += x->f == f && k.at && term_base(k.at) == term_base(x->key.at);
    }
    if (of_base >= MAX_PLACES && widen(&k))
        add_entry(w, f, k);
    else if (w->entries.n >= MAX_ENTRIES)
        fail(w, complex, f->v);
    else
        PUSH(w->entries.v, w->entries.n, w->entries.cap, ((struct entry){f, k}));
}

void free_walk(struct walk *w)
{
    free(w->entries.v);
    free(w->seen);
    map_free(&w->last);
}

/* ---- barriers ---- */

bool subst_key(struct key *k, LLVMValueRef leaf, term by)
{
    term *parts[] = {&k->at, &k->size_term, &k->guard, &k->when, &k->cond};
    for (unsigned j = 0; j < sizeof parts / sizeof *parts; j++)
        if (term_has(*parts[j], leaf) && !(*parts[j] = term_subst(*parts[j], leaf, by)))
            return false;
    return true;
}

enum { FIRST_CARD = 128 }; /* doc/runtime.md: large objects are logged by cards of so many bytes */
/* Does a range barrier begin, or end, where k asks? */
static bool covers_end(const struct ins *i, const struct key *k)
{
    int64_t n;
    return k->size && (!k->write || i->mark->effect & E_WRITE) &&
           term_is_const(term_of(LLVMGetOperand(i->v, 3)), &n) && (int64_t)k->size <= n &&
           (term_of(LLVMGetOperand(i->v, 0)) == k->at || term_of(LLVMGetOperand(i->v, 2)) == k->at);
}

/* Is the barrier i enough for k?  If it stands between where a real address was resolved and where it is
 * used: what the address was resolved from is not computed again in between, since it was computed on all
 * ways to there. */
bool covers(const struct ins *i, const struct key *k)
{
    unsigned e = i->mark->effect;
    term at = term_of(LLVMGetOperand(i->v, 0)), place = unresolved(k->at);
    LLVMValueRef base = term_base(place);
    int64_t d = 0, n = 0;
    if (k->write && !(e & E_WRITE))
        return false;
    bool constant = term_diff(place, at, &d), of_base = base && base == term_base(at);
    if (of_base && e & E_WHOLE)
        return true;
    /* The start of an object: good for reading all of it.  A word without its tag has no base. */
    if (!k->write && is_owner(at) && (constant ? d >= 0 : of_base))
        return true;
    if (!constant || d < 0)
        return false;
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
    uint64_t *first = map_at(&summaries, hash_key(k, f));
    struct summary *s = AT(struct summary, *first);
    while (s && (s->f != f || s->of_result != of_result || !same_key(&s->key, k)))
        s = s->next;
    if (s)
        return s;
    s = xzalloc(sizeof *s);
    *s = (struct summary){.f = f, .key = *k, .of_result = of_result, .next = AT(struct summary, *first)};
    *first = KEY(s);
    return s;
}

static void compute_summary(struct summary *s)
{
    struct walk w = {0};
    s->round = now;
    if (depth >= MAX_DEPTH)
        fail(&w, complex, s->f->v);
    for (unsigned b = 0; b < s->f->nblocks && !w.failed; b++) {
        struct block *x = s->f->blocks[b];
        struct key k = s->key;
        LLVMValueRef ret = x->end->v;
        if (!x->n || x->end->op != LLVMRet)
            continue;
        if (s->of_result)
            k.at = LLVMGetNumOperands(ret) ? term_add(term_of(LLVMGetOperand(ret, 0)), k.at, 1) : 0;
        if (s->of_result && !k.at)
            fail(&w, "nothing is known of the value", ret);
        else
            push(&w, x, NULL, k);
    }
    s->outer = active;
    active = s;
    depth++;
    run(&w);
    depth--;
    active = s->outer;
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

struct summary *summarize(struct func *f, const struct key *k, bool of_result)
{
    struct summary *s = summary_for(f, k, of_result);
    if (s->done || s->failed || map_get(&settled, s->round))
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

/* The first argument from number `a` on by which f may do something where k asks. */
unsigned argument_for(const struct ins *i, const struct func *f, const struct key *k, unsigned a)
{
    LLVMValueRef base = term_base(k->at);
    int64_t d;
    for (; a < LLVMCountParams(f->v) && a < LLVMGetNumArgOperands(i->v); a++) {
        term arg = is_pointer(LLVMGetOperand(i->v, a)) ? term_of(LLVMGetOperand(i->v, a)) : 0;
        if (k->at && (term_diff(k->at, arg, &d) || (base && base == term_base(arg))))
            return a;
    }
    return NO_ARGUMENT;
}

/* Functions that call each other and go on by a pointer or an index: the place k, in f's terms, is asked
 * about in calls of f within each other without end.  From the third on nothing is asked there: what they do
 * where k asks is not looked at, only whether the transaction may end. */
static bool is_endless(const struct func *f, const struct key *k)
{
    unsigned n = 0;
    for (const struct summary *s = active; s && n < MAX_PLACES; s = s->outer)
        n += s->f == f && s->key.ask == k->ask && s->key.at != k->at &&
             term_base(s->key.at) == term_base(k->at);
    return n >= MAX_PLACES;
}

/* What k asks at the call i of f, in f's terms: about its result, or what lies at an argument, or about
 * nothing in particular.  *rest: to be added to what comes out at f's entry.  False: it cannot be said. */
bool into_callee(const struct ins *i, const struct func *f, const struct key *k, unsigned a, struct key *in,
                 term *rest)
{
    int64_t d;
    LLVMValueRef base = term_base(k->at);
    *in = (struct key){
        .ask = k->ask, .size = k->size, .align = k->align, .write = k->write, .stable = k->stable};
    in->unended = k->guard || k->unended;
    *rest = term_const(0);
    if ((k->ask != COVERED && k->ask != FRESH) || !k->at)
        return true;
    term from = 0, to = 0;
    if (term_has(k->at, i->v)) {
        if (base != i->v)
            return false;
        from = term_leaf(i->v);
        to = term_const(0);
    }
    if (!from && a != NO_ARGUMENT) {
        from = term_of(LLVMGetOperand(i->v, a));
        to = term_leaf(LLVMGetParam(f->v, a));
    }
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
    if (in->at && base != i->v && is_endless(f, in)) {
        in->at = in->size = 0;
        *rest = term_const(0);
        return true;
    }
    return in->at && *rest;
}

/* Where k, which came out at f's entry as `inner`, asks before the call i; 0: cannot be said. */
static term out_of_callee(const struct ins *i, const struct func *f, term inner, term rest)
{
    for (unsigned a = 0; a < LLVMCountParams(f->v); a++) {
        LLVMValueRef param = LLVMGetParam(f->v, a);
        if (!term_has(inner, param))
            continue;
        if (a >= LLVMGetNumArgOperands(i->v) || LLVMTypeOf(LLVMGetOperand(i->v, a)) != LLVMTypeOf(param))
            return 0;
        inner = term_subst(inner, param, term_of(LLVMGetOperand(i->v, a)));
    }
    return term_add(inner, rest, 1);
}

/* ---- back over one instruction ---- */

/* What k asks about has got lost at v: only the transaction's being inevitable is good for it. */
static void lose(struct key *k, LLVMValueRef v)
{
    k->at = k->size_term = 0;
    k->size = 0;
    k->lost = v;
}

/* v, of which k's place is made, is computed.  If it is an index, the object may be covered all the same. */
bool lose_index(struct key *k, LLVMValueRef v)
{
    return term_base(k->at) != v && widen(k) && !term_has(k->at, v);
}

/* ... and only the transaction's being inevitable is good, if it is no index. */
static enum step computed(struct walk *w, struct key *k, LLVMValueRef v)
{
    if (term_has(k->guard, v))
        return fail(w, unknown, v);
    if (lose_index(k, v))
        return GO_ON;
    if (k->ask != COVERED || k->write)
        return fail(w, unknown, v);
    lose(k, v);
    return GO_ON;
}

static bool is_made_of(const struct key *k, LLVMValueRef v)
{
    return term_has(k->at, v) || term_has(k->size_term, v);
}

/* Why a call of what has no body here may end the transaction; null: it does not. */
static const char *unknown_call_ends(const struct ins *i)
{
    const char *name = called_name(i->v);
    if (!name)
        return LLVMIsAInlineAsm(LLVMGetCalledValue(i->v))
                   ? NULL
                   : "a call through a pointer may end the transaction";
    bool quiet = !strncmp(name, "llvm.", 5) || claims_external(name) || claims_has("nosafepoint", name);
    return quiet ? NULL : "the call of a function that is not known may end the transaction";
}

static enum step back_over_unknown(struct walk *w, const struct ins *i, struct key *k)
{
    const char *name = called_name(i->v), *ends = unknown_call_ends(i);
    if (name && claims_has("fresh", name) && k->ask <= FRESH && term_base(k->at) == i->v)
        return YES;
    if (ends && !k->guard && !k->unended)
        return fail(w, ends, i->v);
    return term_has(k->at, i->v) ? computed(w, k, i->v) : GO_ON;
}

/* Through all that the call may run; the keys that come out go on before it. */
static enum step back_over_function(struct walk *w, const struct ins *i, struct key *k)
{
    bool on = false;
    if (k->ask == SPAN) /* its terms are this function's */
        return is_made_of(k, i->v) || (call_may_end(i) && !k->unended) ? fail(w, unknown, i->v) : GO_ON;
    if (term_has(k->at, i->v) && term_base(k->at) != i->v && computed(w, k, i->v) == NO)
        return NO;
    bool result = term_has(k->at, i->v);
    if (!i->targets)
        return back_over_unknown(w, i, k);
    for (unsigned t = 0; t < i->targets->n; t++) {
        struct func *f = i->targets->v[t];
        struct key in;
        term rest;
        struct summary *s;
        unsigned a = argument_for(i, f, k, 0), more;
        for (;; a = more) { /* of one pointer that is given twice, either will do */
            if (!into_callee(i, f, k, a, &in, &rest))
                return fail(w, unknown, i->v);
            bool bears =
                in.at || !in.unended || (k->ask == COVERED && !k->write); /* it may turn inevitable */
            s = bears ? summarize(f, &in, result) : NULL;
            more = a == NO_ARGUMENT ? NO_ARGUMENT : argument_for(i, f, k, a + 1);
            if (more == NO_ARGUMENT || (s && !s->failed && !s->entries.n))
                break;
        }
        on |= !s;
        if (s && s->failed)
            return fail(w, s->why.why, s->why.where);
        for (unsigned e = 0; s && e < s->entries.n; e++) {
            struct key out = *k;
            const struct key *inner = &s->entries.v[e].key;
            if (!inner->at && result)
                lose(&out, inner->lost);
            else if (inner->at && !(out.at = out_of_callee(i, f, inner->at, rest)))
                return fail(w, unknown, i->v);
            if (out.at == k->at)
                on = true;
            else
                push(w, i->b, i, out);
        }
    }
    return !on ? YES : result ? fail(w, unknown, i->v) : GO_ON;
}

bool returns_twice(LLVMValueRef call)
{
    const LLVMAttributeIndex function = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    unsigned kind = LLVMGetEnumAttributeKindForName("returns_twice", 13);
    LLVMValueRef f = LLVMGetCalledValue(call);
    return LLVMGetCallSiteEnumAttribute(call, function, kind) ||
           (LLVMIsAFunction(f) && LLVMGetEnumAttributeAtIndex(f, function, kind));
}

bool is_realloc(LLVMValueRef v)
{
    return calls_like(v, "stm_realloc") || calls_like(v, "stm_reallocarray");
}

static enum step back_over_call(struct walk *w, const struct ins *i, struct key *k)
{
    unsigned e = i->mark ? i->mark->effect : 0;
    if (k->ask == HELD) /* what a function here enters it leaves */
        return !i->mark                                                    ? GO_ON
               : !strcmp(i->mark->name, "stm_hold_enter") || e & E_OUTSIDE ? YES
               : !strcmp(i->mark->name, "stm_hold_leave") || e & E_ENDS
                   ? fail(w, "safepoints there end the transaction", i->v)
                   : GO_ON;
    if (k->ask == VALID && term_has(k->at, i->v))
        return YES; /* it was resolved in this transaction, or is no real address */
    if (k->ask == SPAN && e & E_SPAN && span_matches(i, k, w->span))
        return YES;
    if (!i->mark && returns_twice(i->v))
        return fail(w, "control may come back here in another transaction", i->v);
    if (!i->mark)
        return back_over_function(w, i, k);
    if (k->ask == INEVITABLE && e & (E_INEVITABLE | E_OUTSIDE))
        return YES;
    if (k->ask <= FRESH) {
        if ((e & E_INEVITABLE && !k->write) ||
            (term_base(k->at) == i->v && (e & E_FRESH || (k->renews && is_realloc(i->v)))))
            return YES;
        if (e & E_RESOLVES && !subst_key(k, i->v, term_of(LLVMGetOperand(i->v, 0))))
            return fail(w, complex, i->v);
        if (k->ask == COVERED && e & E_SPAN && k->at && covers_end(i, k))
            return YES;
        if (k->ask == COVERED && e & E_BARRIER && k->at && covers(i, k))
            return YES;
    }
    if (e & E_TX && term_is_leaf(k->guard) == i->v)
        k->guard = 0;
    else if (e & E_ENDS && !k->guard && !k->unended)
        return fail(w, "the transaction may end", i->v);
    return is_made_of(k, i->v) ? computed(w, k, i->v) : GO_ON;
}

/* Does i say what SAME asks?  If no value is known yet (w->same), anything that does will do. */
static enum step back_same(struct walk *w, const struct ins *i, const struct key *k)
{
    bool access = (i->op == LLVMLoad || i->op == LLVMStore) && !LLVMGetVolatile(i->v);
    LLVMValueRef value = !access ? NULL : i->op == LLVMLoad ? i->v : LLVMGetOperand(i->v, 0);
    if (value && LLVMTypeOf(value) == LLVMTypeOf(w->self) &&
        place_of_pointer(LLVMGetOperand(i->v, i->op == LLVMStore)) == k->at) {
        bool self = term_is_leaf(term_of(value)) == w->self;
        if (!w->same && !self)
            w->same = value;
        if (!k->size_term || term_of(value) == k->size_term || (self && k->size_term == term_of(w->same)))
            return YES;
        return fail(w, unknown, i->v);
    }
    if (is_made_of(k, i->v) || (!k->stable && may_write(i, LLVMGetOperand(w->self, 0), k->at, k->size)))
        return fail(w, unknown, i->v);
    return GO_ON;
}

/* A choice between two values, which k is made of: it must hold for either. */
static enum step both(struct walk *w, const struct ins *i, const struct key *k)
{
    for (unsigned o = 1; o <= 2; o++) {
        struct key one = *k;
        if (!subst_key(&one, i->v, term_of(LLVMGetOperand(i->v, o))))
            return fail(w, complex, i->v);
        push(w, i->b, i, one);
    }
    return YES;
}

static enum step back_over(struct walk *w, const struct ins *i, struct key *k)
{
    int64_t c;
    if (k->ask <= FRESH && term_is_const(k->at, &c))
        return YES; /* null: the access itself faults */
    if (k->ask == SAME)
        return back_same(w, i, k);
    if (i->op == LLVMCall || i->op == LLVMInvoke)
        return back_over_call(w, i, k);
    if (i->op == LLVMSelect && k->ask <= FRESH && term_has(k->at, i->v))
        return both(w, i, k);
    if (k->ask == VALID && term_has(k->at, i->v))
        return YES;
    return is_made_of(k, i->v) || term_has(k->guard, i->v) ? computed(w, k, i->v) : GO_ON;
}

/* ---- from a block to those before it ---- */

static bool is_number(LLVMValueRef v, unsigned n)
{
    return LLVMIsAConstantInt(v) && LLVMConstIntGetZExtValue(v) == n;
}

static bool branches(const struct block *p)
{
    return p->end->op == LLVMBr && LLVMIsConditional(p->end->v) &&
           LLVMGetSuccessor(p->end->v, 0) != LLVMGetSuccessor(p->end->v, 1);
}

/* Control goes from p, which branches, to b: the value that decides of it, and whether it is not 0 then. */
static LLVMValueRef decider(const struct block *p, const struct block *b, bool *nonzero)
{
    LLVMValueRef v = LLVMGetCondition(p->end->v);
    *nonzero = LLVMGetSuccessor(p->end->v, 0) == b->v;
    for (;; v = LLVMGetOperand(v, 0)) {
        LLVMOpcode op = opcode_of(v);
        LLVMIntPredicate is =
            op == LLVMICmp && is_number(LLVMGetOperand(v, 1), 0) ? LLVMGetICmpPredicate(v) : 0;
        if (is == LLVMIntEQ || (op == LLVMXor && bits_of(v) == 1 && is_number(LLVMGetOperand(v, 1), 1)))
            *nonzero = !*nonzero;
        else if (is != LLVMIntNE && op != LLVMZExt && op != LLVMFreeze && !calls_like(v, "llvm.expect."))
            return v;
    }
}

/* Control goes from p, a switch, to b: the value that decides of it, if there is one case only with which it
 * goes there. */
static LLVMValueRef only_case(const struct block *p, const struct block *b, int64_t *is)
{
    LLVMValueRef v = NULL;
    for (unsigned j = 0; j < LLVMGetNumSuccessors(p->end->v); j++) {
        if (LLVMGetSuccessor(p->end->v, j) != b->v)
            continue;
        if (v || !j) /* the first one is for all other values */
            return NULL;
        v = LLVMGetOperand(p->end->v, 0);
        *is = LLVMConstIntGetSExtValue(LLVMGetOperand(p->end->v, 2 * j));
    }
    return v;
}

static void forget_decision(struct key *k)
{
    k->when = 0;
    k->is = 0;
    k->is_not = false;
}

/* Control goes from p to b: what does that say of a phi, of the transaction's number, and of a loop that k
 * asks about?  So `x && y` and the ways out of a scope with cleanups are followed.  False: it cannot go
 * there, as k says of what is before it. */
static bool decide(const struct block *p, const struct block *b, struct key *k)
{
    bool nonzero = false;
    int64_t c, is = 0;
    LLVMValueRef phi = term_is_leaf(k->when), v = NULL;
    if (k->when && !(phi && LLVMIsAPHINode(phi))) {
        if (term_is_const(k->when, &c) && (c == k->is) == k->is_not)
            return false;
        forget_decision(k);
    }
    if (branches(p))
        v = decider(p, b, &nonzero);
    else if (p->end->op == LLVMSwitch)
        v = only_case(p, b, &is);
    if (v && LLVMIsAPHINode(v) && term_is_leaf(term_of(v)) == v &&
        (!k->when || LLVMGetInstructionParent(v) == p->v)) { /* of two, the one that is settled at once */
        k->when = term_of(v);
        k->is = is;
        k->is_not = nonzero;
    }
    if (v && called_effect(v) & E_BROKEN && !nonzero && !k->guard)
        k->guard = term_of(LLVMGetOperand(v, 0));
    return !(k->ask == SPAN && branches(p) && LLVMGetSuccessor(p->end->v, 1) == b->v &&
             term_of(LLVMGetCondition(p->end->v)) == k->cond); /* the loop is not entered from there */
}

/* k on the edge from p to b, as the phis say. */
static bool onto_edge(struct block *b, struct block *p, struct key *k)
{
    /* All at once: an operand may be another phi of the block.  So first each becomes a leaf that is none. */
    for (uintptr_t j = 0; j < b->nphis; j++)
        if (!subst_key(k, b->ins[j].v, term_leaf((LLVMValueRef)(2 * j + 1))))
            return false;
    for (uintptr_t j = 0; j < b->nphis; j++) {
        LLVMValueRef phi = b->ins[j].v, v = NULL;
        for (unsigned e = 0; e < LLVMCountIncoming(phi) && !v; e++)
            if (LLVMGetIncomingBlock(phi, e) == p->v)
                v = LLVMGetIncomingValue(phi, e);
        if (!v || !subst_key(k, (LLVMValueRef)(2 * j + 1), LLVMIsUndef(v) ? term_const(0) : term_of(v)))
            return false;
    }
    return true;
}

/* k comes out at the entry of f. */
static void leave_function(struct walk *w, struct func *f, struct key k)
{
    k.via = NULL;
    forget_decision(&k);
    if (k.ask <= INEVITABLE || (k.ask == VALID && !k.at))
        add_entry(w, f, k);
    else if (k.ask != VALID) /* else it came from outside, and is no real address */
        fail(w, "comes from the start of the function", f->v);
}

/* Does control that comes to b from p go on to `via`?  Not if b's phis are such that its condition says no.
 */
static bool goes_on_to(struct block *b, struct block *p, const struct block *via)
{
    int64_t c;
    struct key k = {.cond = branches(b) ? term_of(LLVMGetCondition(b->end->v)) : 0};
    return !k.cond || !onto_edge(b, p, &k) || !term_is_const(k.cond, &c) ||
           !c == (LLVMGetSuccessor(b->end->v, 1) == via->v);
}

/* On the edge from p to b a value of which k is made is equal to another one, and the optimiser may have put
 * either in the other's place: does k hold with the other one? */
static bool holds_renamed(struct block *p, const struct block *b, const struct key *k)
{
    bool equal, ok = false;
    LLVMValueRef c = k->ask == COVERED && !k->renamed && branches(p) ? decider(p, b, &equal) : NULL;
    if (!c || opcode_of(c) != LLVMICmp || LLVMGetICmpPredicate(c) != (equal ? LLVMIntEQ : LLVMIntNE))
        return false;
    for (unsigned o = 0; o < 2 && !ok; o++) {
        struct walk w = {0};
        struct key other = *k;
        term by = term_of(LLVMGetOperand(c, !o));
        LLVMValueRef leaf = term_is_leaf(term_of(LLVMGetOperand(c, o))), base = term_base(by);
        other.renamed = true;
        ok = leaf && leaf == term_base(k->at) &&
             LLVMIsAConstantPointerNull(LLVMGetOperand(c, !o)); /* it faults */
        if (ok)
            break;
        if (!leaf || !base || !term_has(k->at, leaf) || is_resolved(leaf) != is_resolved(base) ||
            !subst_key(&other, leaf, by))
            continue;
        push(&w, p, NULL, other);
        ok = run(&w) && !w.entries.n;
        free_walk(&w);
    }
    return ok;
}

static void leave_block(struct walk *w, struct block *b, const struct key *k)
{
    if (b == b->f->blocks[0]) {
        leave_function(w, b->f, *k);
        return;
    }
    if (k->ask == COVERED && span_covers(b, k))
        return;
    for (unsigned j = 0; j < b->npreds && !w->failed; j++) {
        struct block *p = b->preds[j];
        struct key on = *k;
        on.via = p->nphis && k->ask == COVERED && k->at && branches(p) ? b : NULL; /* of a counted loop? */
        bool known = onto_edge(b, p, &on);
        if (!known) { /* of what is too complex, the object at least */
            on = *k;
            known = widen(&on) && onto_edge(b, p, &on);
        }
        if (!known)
            fail(w, complex, b->ins[0].v);
        else if (decide(p, b, &on) && (!k->via || goes_on_to(b, p, k->via)) && !holds_renamed(p, b, &on))
            push(w, p, NULL, on);
    }
}

/* Looks at all pairs: from its point back to the block's start, and on to its predecessors.  False: a path
 * fails. */
static bool run(struct walk *w)
{
    while (w->at < w->n && !w->failed) {
        struct pair p = w->seen[w->at++];
        enum step s = GO_ON;
        for (const struct ins *i = p.i ? p.i : p.b->ins + p.b->n; s == GO_ON && i-- > p.b->ins + p.b->nphis;)
            s = back_over(w, i, &p.key);
        if (s == NO && p.key.lost)
            w->why = (struct failure){.why = unknown, .where = p.key.lost};
        if (s == GO_ON)
            leave_block(w, p.b, &p.key);
    }
    return !w->failed;
}

/* ---- questions ---- */

static struct map proven; /* hash of (key, function at whose entry it is) -> 1 */

/* On from the entry of a function, before all calls of it. */
static void leave_for_callers(struct walk *w, struct entry e)
{
    if (map_get(&proven, hash_key(&e.key, e.f)))
        return;
    if (!e.f->known_callers || e.key.guard)
        fail(w, e.key.lost ? unknown : "nothing is known at the start of the function",
             e.key.lost ? e.key.lost : e.f->v);
    for (unsigned c = 0; c < e.f->ncalls && !w->failed; c++) {
        struct key out = e.key;
        const struct ins *call = e.f->calls[c];
        if (out.at && !(out.at = out_of_callee(call, e.f, out.at, term_const(0))))
            fail(w, "nothing is known of the argument", call->v);
        else
            push(w, call->b, call, out);
    }
}

bool prove(const struct ins *i, const struct key *k, struct failure *why)
{
    bool ok, again;
    do {
        struct walk w = {0};
        now++;
        recursion = grown = false;
        push(&w, i->b, i, *k);
        for (unsigned e = 0; run(&w) && e < w.entries.n; e++)
            leave_for_callers(&w, w.entries.v[e]);
        ok = !w.failed;
        again = ok && recursion && grown;
        for (unsigned e = 0; e < w.entries.n && ok && !again; e++)
            *map_at(&proven, hash_key(&w.entries.v[e].key, w.entries.v[e].f)) = 1;
        *why = w.why;
        free_walk(&w);
    } while (again);
    if (ok)
        *map_at(&settled, now) = 1;
    return ok;
}

bool call_may_end(const struct ins *i)
{
    struct key k = {.ask = VALID};
    if (i->mark)
        return i->mark->effect & E_ENDS;
    bool ends = returns_twice(i->v) || (!i->targets && unknown_call_ends(i));
    for (unsigned t = 0; i->targets && t < i->targets->n; t++)
        ends |= summarize(i->targets->v[t], &k, false)->failed;
    return ends;
}

bool span_before(struct block *head, const struct key *k, struct span *span)
{
    struct walk w = {.span = span};
    for (unsigned j = 0; j < head->npreds && !w.failed; j++) {
        struct key on = *k;
        if (span_is_inside(span, head->preds[j]))
            continue;
        if (!onto_edge(head, head->preds[j], &on))
            fail(&w, "", NULL);
        else
            push(&w, head->preds[j], NULL, on);
    }
    bool ok = run(&w);
    free_walk(&w);
    return ok;
}

/* Have all paths to i loaded from where the load does last, or stored there, what `same` is at i? */
bool is_same(const struct ins *i, LLVMValueRef load, struct key k, LLVMValueRef same)
{
    struct walk w = {.self = load, .same = same};
    k.size_term = term_of(same);
    push(&w, i->b, i, k);
    bool ok = run(&w);
    free_walk(&w);
    return ok;
}

LLVMValueRef find_same_load(const struct ins *load, const struct key *k)
{
    struct walk w = {.self = load->v};
    push(&w, load->b, load, *k);
    LLVMValueRef same = run(&w) ? w.same : NULL;
    bool ok = !same || is_same(load, load->v, *k, same);
    for (unsigned j = 0; j < w.n && !ok; j++) /* or have they been merged on the way? */
        for (unsigned p = 0; p < w.seen[j].b->nphis && !ok; p++) {
            same = w.seen[j].b->ins[p].v;
            ok = LLVMTypeOf(same) == LLVMTypeOf(load->v) && is_same(load, load->v, *k, same);
        }
    free_walk(&w);
    return ok ? same : NULL;
}
