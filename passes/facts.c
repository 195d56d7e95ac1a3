/* facts.c - which barriers have been done in this transaction, and which objects are fresh, at each program
 * point.
 *
 * A forward must-problem for dataflow.c.  All facts end where the transaction may end (a safepoint, a call
 * that may reach one) and where control may come back (setjmp); allocation and collection end none
 * (overview.md, decision 7).
 *
 * Facts belong to pointers as number.c knows them, base and constant offset, not to variables: a cast and
 * its source share their facts in both directions, and so do two computations of &q->x, or two loads of a
 * field that nobody wrote in between.  The facts, each one bit:
 *
 *   marked(b, n, object)      the object at b + n was read-marked as a whole, at its first granule
 *   marked(b, n, address, s)  the s bytes at b + n were read-marked
 *   written(b, n, ...)        likewise for the write barrier; written implies marked
 *   marked(b, range)          what is derived from b, the start of a range (range.c), was read-marked;
 *                             written(b, range) likewise
 *   fresh(r)                  the object that r points into was allocated in this transaction; r: a value
 *                             that is no copy or derive
 *   inevitable                the transaction is; then everything counts as marked, without a barrier
 *                             (runtime.md, "Inevitable")
 *
 * What implies what (runtime.md, "Objects and markers"):
 * - fresh implies all of them, for every pointer into the object; so does being null.
 * - inevitable implies marked of every pointer, also of those that are defined later.  So where paths
 *   join, of which one has marked an object and the
 *   other is inevitable, the object counts as marked, as it should: what marked promises is that nobody can
 *   commit a change of the object before us.
 * - marked(o, n, object) covers reads of addresses derived from o + n: a committed write anywhere in an
 *   object conflicts with the mark at
 *   its first granule.  written(o, n, object) does *not* cover writes of derived addresses: large objects
 *   are logged by card.
 * - A fact about an address never implies one about the object.
 * - Facts about s bytes at an address cover accesses of at most s bytes there.  Of two accesses of unknown
 *   size (0) at one address
 *   the second may be longer, so unknown sizes neither give nor get such facts.
 *
 * A base's definition ends the facts about it: each iteration of a loop defines a new one.  A global is
 * always the same.  A fact about a phi on an edge is the fact about the operand for that edge, at the end of
 * that predecessor.  This is where PyPy's pass went wrong (features.md section 2, B1): only *null* constants
 * have every fact; the address of a global arriving through a phi has those that barriers gave it.
 *
 * At the entry, facts hold that every caller has established (`given`); behind a call, those that the callee
 * establishes on every path to its return (`done`).  Both come from interproc.c, and speak of parameters and
 * globals.
 *
 * Facts exist for the targets of barriers, for phis that such facts pass through on their way, and for what
 * callees speak of; so the bit vectors stay small.  Time and memory: see dataflow.c.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1, MAX_ANCESTORS = 16, MAX_KEYS = 256 }; /* of one base; beyond, less is known */

struct key {
    struct ir_inst *base;
    int off;
    enum ir_unit unit;
    unsigned size; /* object: 0 */
    int next;      /* of the same base */
};

struct facts {
    struct ir_func *f;
    bool fresh_only;
    bool may; /* what may hold, and what could if barriers were put behind each call with an anchor */
    struct numbering *num;
    struct key *keys;
    unsigned nkeys, capkeys;
    int *first_key; /* by value number of the base */
    int *fresh_bit; /* by value number; NONE: never fresh */
    struct dataflow df;
    word *now;      /* facts_enter, facts_step */
    word *unbroken; /* scratch of step */
};

/* Bits: one that holds only where control cannot come, one for inevitable, then two for each key, then the
 * fresh ones. */
enum { BIT_DEAD, BIT_INEVITABLE, FIRST_KEY };
static unsigned bit_marked(int k)
{
    return FIRST_KEY + 2 * (unsigned)k;
}
static unsigned bit_written(int k)
{
    return FIRST_KEY + 1 + 2 * (unsigned)k;
}

/* A pointer, as number.c knows it. */
struct place {
    struct ir_inst *base;
    int off;
};

static struct place place_of(const struct facts *fs, const struct ir_inst *v)
{
    return (struct place){fs->num->base[v->id], fs->num->off[v->id]};
}

static struct place target_of(const struct facts *fs, const struct ir_inst *barrier)
{
    struct place p = place_of(fs, barrier->args[0]);
    p.off += barrier->index;
    return p;
}

/* Where the fact of a callee, or of the entry, is about here: false if nothing is known of the place.  call:
 * its arguments and its result; a return: ours; null: the entry. */
static bool place_of_fact(const struct facts *fs, const struct ir_fact *fact, const struct ir_inst *call,
                          struct place *at)
{
    if (call && fact->param == IR_FACT_RESULT && !fact->sym) {
        if (call->op == IR_RET && !call->nargs)
            return false;
        *at = place_of(fs, call->op == IR_RET ? call->args[0] : call);
        at->off += fact->off;
        return true;
    }
    if (fact->sym || !call || call->op == IR_RET) {
        for (unsigned k = 0; k < fs->num->nouter; k++) {
            struct ir_inst *o = fs->num->outer[k];
            if (fact->sym ? o->op == IR_ADDR && o->sym == fact->sym
                          : o->op == IR_PARAM && o->index == fact->param) {
                *at = (struct place){o, fact->off};
                return true;
            }
        }
        return false;
    }
    unsigned k = (unsigned)fact->param + (call->op == IR_ICALL);
    if (k >= call->nargs)
        return false;
    *at = place_of(fs, call->args[k]);
    at->off += fact->off;
    return true;
}

/* ---- keys ---- */

static void add_key(struct facts *fs, struct place p, enum ir_unit unit, unsigned size)
{
    unsigned n = 0;
    for (int k = fs->first_key[p.base->id]; k != NONE; k = fs->keys[k].next, n++)
        if (fs->keys[k].off == p.off && fs->keys[k].unit == unit && fs->keys[k].size == size)
            return;
    if (n >= MAX_KEYS)
        return;
    if (fs->nkeys == fs->capkeys) {
        fs->capkeys = fs->capkeys ? 2 * fs->capkeys : 64;
        fs->keys = ir_xrealloc(fs->keys, fs->capkeys * sizeof *fs->keys);
    }
    fs->keys[fs->nkeys] = (struct key){p.base, p.off, unit, size, fs->first_key[p.base->id]};
    fs->first_key[p.base->id] = (int)fs->nkeys++;
}

/* Keys of barrier targets and of what callees ask for, and of the phis from which facts reach them. */
static void collect_keys(struct facts *fs)
{
    struct ir_func *f = fs->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            struct place p;
            for (unsigned d = 0; i->callee && d < i->callee->nasked; d++)
                if (place_of_fact(fs, &i->callee->asked[d], i, &p))
                    add_key(fs, p, i->callee->asked[d].unit, i->callee->asked[d].size);
            for (unsigned d = 0; i->op == IR_RET && i->nargs && d < f->sum.nasked; d++)
                if (f->sum.asked[d].param == IR_FACT_RESULT && place_of_fact(fs, &f->sum.asked[d], i, &p))
                    add_key(fs, p, f->sum.asked[d].unit, f->sum.asked[d].size);
            if (!ir_live_barrier(i) || (i->unit == IRU_ADDRESS && !i->size))
                continue;
            add_key(fs, target_of(fs, i), i->unit, i->unit == IRU_ADDRESS ? i->size : 0);
        }
    for (unsigned k = 0; k < fs->nkeys; k++) { /* grows while we walk it */
        struct key key = fs->keys[k];
        struct ir_inst *root = fs->num->root[key.base->id];
        if (root->op == IR_PHI)
            add_key(fs, (struct place){root, 0}, IRU_OBJECT, 0);
        if (key.base->op != IR_PHI)
            continue;
        for (unsigned a = 0; a < key.base->nargs; a++) {
            struct place p = place_of(fs, key.base->args[a]);
            p.off += key.off;
            if (p.base->op == IR_PHI && p.base != key.base &&
                key.off < 1 << 20) /* a pointer that walks would have no end of them */
                add_key(fs, p, key.unit, key.size);
            if (fs->num->root[p.base->id]->op == IR_PHI)
                add_key(fs, (struct place){fs->num->root[p.base->id], 0}, IRU_OBJECT, 0);
        }
    }
}

/* Numbers the values that may be fresh: allocations, and phis that one of them may reach. */
static unsigned collect_fresh(struct facts *fs, unsigned bit)
{
    struct ir_func *f = fs->f;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < f->nrpo; k++)
            for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
                if (!ir_has_result(i) || fs->fresh_bit[i->id] != NONE)
                    continue;
                const struct ir_inst *related =
                    i->flags & IRI_OR_FRESH ? fs->num->root[ir_related_argument(i)->id] : NULL;
                bool may = ir_makes_fresh(i) ||
                           (related && (related->op == IR_NULLV || fs->fresh_bit[related->id] != NONE));
                for (unsigned a = 0; i->op == IR_PHI && !may && a < i->nargs; a++)
                    may = fs->fresh_bit[fs->num->root[i->args[a]->id]->id] != NONE;
                for (unsigned a = 0; i->op == IR_PARAM && a < f->sum.ngiven; a++)
                    may |= f->sum.given[a].kind == IR_FACT_FRESH && !f->sum.given[a].sym &&
                           f->sum.given[a].param == i->index;
                if (may) {
                    fs->fresh_bit[i->id] = (int)bit++;
                    changed = true;
                }
            }
    }
    return bit;
}

/* ---- asking ---- */

static bool is_fresh(const struct facts *fs, const word *w, const struct ir_inst *base)
{
    int bit = fs->fresh_bit[fs->num->root[base->id]->id];
    return bit != NONE && bit_get(w, (unsigned)bit);
}

/* Null, dead or fresh: then every fact holds for p. */
static bool holds_fresh(const struct facts *fs, const word *w, struct place p)
{
    return (p.base->op == IR_NULLV && !p.off) || bit_get(w, BIT_DEAD) || is_fresh(fs, w, p.base);
}

/* Is the object that p points into marked as a whole? */
static bool is_object_marked(const struct facts *fs, const word *w, struct place p)
{
    for (unsigned n = 0; n < MAX_ANCESTORS; n++) {
        for (int k = fs->first_key[p.base->id]; k != NONE; k = fs->keys[k].next)
            if (fs->keys[k].unit == IRU_OBJECT && fs->keys[k].off <= p.off && bit_get(w, bit_marked(k)))
                return true;
        if (p.base->op != IR_DERIVE)
            return false;
        p = place_of(fs, p.base->args[0]);
    }
    return false;
}

/* Is p an address in a range that this kind of barrier has been done on? */
static bool is_range_done(const struct facts *fs, const word *w, struct place p, enum ir_fact_kind kind)
{
    if (p.base->op != IR_DERIVE)
        return false;
    p = place_of(fs, p.base->args[0]);
    for (int k = fs->first_key[p.base->id]; p.base->flags & IRI_RANGE && k != NONE; k = fs->keys[k].next)
        if (fs->keys[k].unit == IRU_RANGE &&
            bit_get(w, kind == IR_FACT_WRITTEN ? bit_written(k) : bit_marked(k)))
            return true;
    return false;
}

/* Does a barrier of this kind at p do nothing new in state w? */
static bool holds(const struct facts *fs, const word *w, struct place p, enum ir_unit unit, unsigned size,
                  enum ir_fact_kind kind)
{
    if (holds_fresh(fs, w, p) || (kind == IR_FACT_MARKED && bit_get(w, BIT_INEVITABLE)) ||
        (unit == IRU_ADDRESS && is_range_done(fs, w, p, kind)))
        return true;
    for (int k = fs->first_key[p.base->id]; k != NONE; k = fs->keys[k].next) {
        const struct key *key = &fs->keys[k];
        if (key->off != p.off || key->unit != unit || (unit == IRU_ADDRESS && (!size || key->size < size)))
            continue;
        if (bit_get(w, kind == IR_FACT_WRITTEN ? bit_written(k) : bit_marked(k)))
            return true;
    }
    return kind == IR_FACT_MARKED && is_object_marked(fs, w, p);
}

/* ---- the transfer functions ---- */

static void put(word *w, unsigned bit, bool value)
{
    (value ? bit_set : bit_clear)(w, bit);
}

/* A new base: what was known of the old one is gone. */
static void define(const struct facts *fs, word *w, const struct ir_inst *i)
{
    if (fs->num->base[i->id] != i || number_is_constant(i))
        return;
    if (fs->fresh_bit[i->id] != NONE)
        put(w, (unsigned)fs->fresh_bit[i->id],
            ir_makes_fresh(i) ||
                (i->flags & IRI_OR_FRESH && holds_fresh(fs, w, place_of(fs, ir_related_argument(i)))));
    bool fresh = is_fresh(fs, w, i);
    bool marked = fresh || bit_get(w, BIT_INEVITABLE) ||
                  (i->op == IR_DERIVE && is_object_marked(fs, w, place_of(fs, i->args[0])));
    for (int k = fs->first_key[i->id]; k != NONE; k = fs->keys[k].next) {
        put(w, bit_marked(k), marked);
        put(w, bit_written(k), fresh);
    }
}

/* Sets the facts that a barrier of this kind establishes. */
static void establish(const struct facts *fs, word *w, struct place p, enum ir_unit unit, unsigned size,
                      bool write)
{
    if (unit == IRU_ADDRESS && !size)
        return;
    for (int k = fs->first_key[p.base->id]; k != NONE; k = fs->keys[k].next) {
        const struct key *key = &fs->keys[k];
        if (unit == IRU_OBJECT && key->unit == IRU_ADDRESS && key->off >= p.off)
            bit_set(w, bit_marked(k));
        if (key->off != p.off || key->unit != unit || (unit == IRU_ADDRESS && key->size > size))
            continue;
        bit_set(w, bit_marked(k));
        if (write)
            bit_set(w, bit_written(k));
    }
}

/* The same of a moved barrier: one on the whole object does for it what its being fresh did. */
static void establish_moved(const struct facts *fs, word *w, const struct ir_inst *b)
{
    struct place p = target_of(fs, b);
    const struct ir_inst *root = fs->num->root[p.base->id];
    establish(fs, w, p, b->unit, b->size, b->op == IR_WBAR);
    if (!(b->flags & IRI_WHOLE) || fs->fresh_bit[root->id] == NONE)
        return;
    bit_set(w, (unsigned)fs->fresh_bit[root->id]);
    for (unsigned k = 0; k < fs->nkeys; k++)
        if (fs->num->root[fs->keys[k].base->id] == root) {
            bit_set(w, bit_marked((int)k));
            bit_set(w, bit_written((int)k));
        }
}

static void establish_inevitable(const struct facts *fs, word *w)
{
    bit_set(w, BIT_INEVITABLE);
    for (unsigned k = 0; k < fs->nkeys; k++)
        bit_set(w, bit_marked((int)k));
}

/* What i does, other than ending facts. */
static void begin_facts(const struct facts *fs, word *w, const struct ir_inst *i)
{
    struct place p;
    if (i->flags & IRI_NORETURN)
        memset(w, fs->may ? 0 : 0xff, fs->df.nwords * sizeof *w);
    if (ir_has_result(i) && i->op != IR_PHI && i->op != IR_PARAM)
        define(fs, w, i);
    for (unsigned k = 0;
         i->callee && !fs->fresh_only && !(i->flags & IRI_RETURNS_TWICE) && k < i->callee->ndone; k++) {
        const struct ir_fact *d = &i->callee->done[k];
        if (place_of_fact(fs, d, i, &p))
            establish(fs, w, p, d->unit, d->size, d->kind == IR_FACT_WRITTEN);
    }
    if (ir_sure_barrier(i) && !fs->fresh_only)
        establish(fs, w, target_of(fs, i), i->unit, i->size, i->op == IR_WBAR);
    if (ir_turns_inevitable(i) && !fs->fresh_only)
        establish_inevitable(fs, w);
}

static void step(const struct facts *fs, word *w, const struct ir_inst *i)
{
    word *unbroken = NULL;
    if (ir_ends_facts(i)) {
        if (fs->may && ir_anchor_after(i)) {
            begin_facts(fs, w, i);
            return;
        }
        if (!fs->fresh_only && ir_is_checked(i)) {
            unbroken = fs->unbroken;
            memcpy(unbroken, w, fs->df.nwords * sizeof *w);
            begin_facts(fs, unbroken, i);
        }
        memset(w, 0, fs->df.nwords * sizeof *w);
    }
    begin_facts(fs, w, i);
    if (!unbroken)
        return;
    for (const struct ir_inst *b = ir_anchor_after(i)->next; b->flags & IRI_MOVED; b = b->next)
        if (ir_live_barrier(b) && b->flags & IRI_BROKEN)
            establish_moved(fs, w, b);
    for (unsigned k = 0; k < fs->df.nwords; k++)
        w[k] &= unbroken[k];
}

/* The entry block has no predecessors: what its first instruction finds is what callers have given. */
static void enter_function(const struct facts *fs, word *w)
{
    const struct ir_summary *s = &fs->f->sum;
    if (s->given_inev && !fs->fresh_only)
        establish_inevitable(fs, w);
    for (unsigned k = 0; k < s->ngiven; k++) {
        const struct ir_fact *g = &s->given[k];
        struct place p;
        if (g->kind == IR_FACT_LOCAL || !place_of_fact(fs, g, NULL, &p))
            continue;
        if (g->kind != IR_FACT_FRESH)
            establish(fs, w, p, g->unit, g->size, g->kind == IR_FACT_WRITTEN);
        else if (fs->fresh_bit[p.base->id] != NONE)
            bit_set(w, (unsigned)fs->fresh_bit[p.base->id]);
        for (int key = fs->first_key[p.base->id]; g->kind == IR_FACT_FRESH && key != NONE;
             key = fs->keys[key].next) {
            bit_set(w, bit_marked(key));
            bit_set(w, bit_written(key));
        }
    }
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    const struct facts *fs = ctx;
    if (!b->id)
        enter_function(fs, bits);
    for (const struct ir_inst *i = b->first; i; i = i->next)
        step(ctx, bits, i);
}

static void edge(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state,
                 word *bits)
{
    const struct facts *fs = ctx;
    (void)from;
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
        struct place v = place_of(fs, phi->args[pred]);
        for (int k = fs->first_key[phi->id]; k != NONE; k = fs->keys[k].next) {
            const struct key *key = &fs->keys[k];
            struct place p = {v.base, v.off + key->off};
            put(bits, bit_marked(k), holds(fs, state, p, key->unit, key->size, IR_FACT_MARKED));
            put(bits, bit_written(k), holds(fs, state, p, key->unit, key->size, IR_FACT_WRITTEN));
        }
        if (fs->fresh_bit[phi->id] != NONE)
            put(bits, (unsigned)fs->fresh_bit[phi->id], holds_fresh(fs, state, v));
    }
}

/* ---- interface ---- */

static struct facts *solve(struct ir_func *f, bool fresh_only, bool may)
{
    struct facts *fs = ir_xcalloc(1, sizeof *fs);
    fs->f = f;
    fs->fresh_only = fresh_only;
    fs->may = may;
    fs->num = number_new(f, !fresh_only);
    fs->first_key = ir_xcalloc(f->nvalues, sizeof *fs->first_key);
    fs->fresh_bit = ir_xcalloc(f->nvalues, sizeof *fs->fresh_bit);
    for (unsigned i = 0; i < f->nvalues; i++)
        fs->first_key[i] = fs->fresh_bit[i] = NONE;
    if (!fresh_only)
        collect_keys(fs);
    fs->df = (struct dataflow){.func = f, .ctx = fs, .transfer = transfer, .edge = edge, .may = may};
    fs->df.nbits = collect_fresh(fs, FIRST_KEY + 2 * fs->nkeys);
    fs->unbroken = ir_xcalloc(fs->df.nbits / WORD_BITS + 1, sizeof *fs->unbroken);
    dataflow_solve(&fs->df);
    fs->now = ir_xcalloc(fs->df.nwords, sizeof *fs->now);
    return fs;
}

struct facts *facts_new(struct ir_func *f, bool fresh_only)
{
    return solve(f, fresh_only, false);
}
struct facts *facts_new_may(struct ir_func *f)
{
    return solve(f, false, true);
}

void facts_free(struct facts *fs)
{
    dataflow_free(&fs->df);
    number_free(fs->num);
    free(fs->keys);
    free(fs->first_key);
    free(fs->fresh_bit);
    free(fs->now);
    free(fs->unbroken);
    free(fs);
}

void facts_enter(struct facts *fs, struct ir_block *b)
{
    dataflow_at(&fs->df, b, fs->now);
    if (!b->id)
        enter_function(fs, fs->now);
}

void facts_step(struct facts *fs, const struct ir_inst *i)
{
    step(fs, fs->now, i);
}

bool facts_cover(const struct facts *fs, const struct ir_inst *i)
{
    return holds(fs, fs->now, target_of(fs, i), i->unit, i->size,
                 i->op == IR_WBAR ? IR_FACT_WRITTEN : IR_FACT_MARKED);
}

bool facts_have(const struct facts *fs, struct ir_inst *base, int off, enum ir_unit unit, unsigned size,
                enum ir_fact_kind kind)
{
    return holds(fs, fs->now, (struct place){base, off}, unit, size, kind);
}

bool facts_cover_broken(const struct facts *fs, const struct ir_inst *i, const struct ir_inst *call)
{
    word *w = fs->unbroken; /* scratch */
    memset(w, 0, fs->df.nwords * sizeof *w);
    begin_facts(fs, w, call);
    for (const struct ir_inst *b = ir_anchor_after(call)->next; b != i; b = b->next)
        if (ir_live_barrier(b))
            establish_moved(fs, w, b);
    if (i->flags & IRI_WHOLE)
        return holds_fresh(fs, w, target_of(fs, i));
    return holds(fs, w, target_of(fs, i), i->unit, i->size,
                 i->op == IR_WBAR ? IR_FACT_WRITTEN : IR_FACT_MARKED);
}

bool facts_fresh(const struct facts *fs, const struct ir_inst *v)
{
    return holds_fresh(fs, fs->now, place_of(fs, v));
}

bool facts_dead(const struct facts *fs)
{
    return bit_get(fs->now, BIT_DEAD);
}

bool facts_hold(const struct facts *fs, const struct ir_fact *fact, const struct ir_inst *call)
{
    struct place p;
    if (facts_dead(fs))
        return true;
    if (!place_of_fact(fs, fact, call, &p))
        return false;
    return fact->kind == IR_FACT_FRESH ? holds_fresh(fs, fs->now, p)
                                       : holds(fs, fs->now, p, fact->unit, fact->size, fact->kind);
}

unsigned long facts_remove_covered_in(struct ir_func *f, bool fresh_only, const char *pass)
{
    unsigned long removed = 0;
    struct facts *fs = facts_new(f, fresh_only);
    for (unsigned k = 0; k < f->nrpo; k++) {
        facts_enter(fs, f->rpo[k]);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            bool covered = ir_sure_barrier(i) && facts_cover(fs, i);
            facts_step(fs, i);
            if (covered) {
                i->flags |= IRI_REMOVED;
                i->pass = pass;
                removed++;
            }
        }
    }
    facts_free(fs);
    return removed;
}

unsigned long facts_remove_covered(struct ir_module *m, bool fresh_only, const char *pass)
{
    unsigned long removed = 0;
    for (unsigned n = 0; n < m->nfuncs; n++)
        removed += facts_remove_covered_in(m->funcs[n], fresh_only, pass);
    return removed;
}
