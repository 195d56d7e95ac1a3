/* facts.c - which barriers have been done in this transaction, and which objects are fresh, at each program point.
 *
 * A forward must-problem for dataflow.c.  All facts end where the transaction may end (a safepoint, a call that may reach one)
 * and where control may come back (setjmp); allocation and collection end none (overview.md, decision 7).
 *
 * Facts belong to values, not variables.  Copies are looked through, so a cast and its source share their facts in both directions.  For a
 * canonical value c the facts are, each one bit:
 *
 *   marked(c, object)       the object that c points into was read-marked as a whole, at its first granule
 *   marked(c, address, s)   the s bytes at c were read-marked
 *   written(c, ...)         likewise for the write barrier; written implies marked
 *   fresh(r)                the object that r points into was allocated in this transaction; r: a value that is no copy or derive
 *
 * What implies what (runtime.md, "Objects and markers"):
 * - fresh implies all of them, for every pointer into the object; so does being null.
 * - marked(o, object) covers reads of addresses derived from o: a committed write anywhere in an object conflicts with the mark at
 *   its first granule.  written(o, object) does *not* cover writes of derived addresses: large objects are logged by card.
 * - A fact about an address never implies one about the object.
 * - Facts about s bytes at an address cover accesses of at most s bytes there.  Of two accesses of unknown size (0) at one address
 *   the second may be longer, so unknown sizes neither give nor get such facts.
 *
 * A value's definition ends the facts about it: each iteration of a loop defines a new one.  A fact about a phi on an edge is the fact
 * about the operand for that edge, at the end of that predecessor.  This is where PyPy's pass went wrong (features.md section 2, B1): only *null*
 * constants have every fact; the address of a global arriving through a phi has none.
 *
 * Facts exist for the targets of barriers, and for phis that such facts pass through on their way; so the bit vectors stay
 * small: at most 2 * (barriers + phis reached) + allocations.  Time and memory: see dataflow.c.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1, MAX_ANCESTORS = 16, MAX_KEYS = 64 }; /* of one value; beyond, less is known */

struct key {
    struct ir_inst *value; /* canonical */
    enum ir_unit unit;
    unsigned size;         /* object: 0 */
    int next;              /* of the same value */
};

struct facts {
    struct ir_func *f;
    bool fresh_only;
    struct ir_inst **canon, **root; /* by value number */
    struct key *keys;
    unsigned nkeys, capkeys;
    int *first_key;                 /* by value number */
    int *fresh_bit;                 /* by value number; NONE: never fresh */
    struct ir_inst **up;            /* by value number: the nearest value it is derived from that has an object key */
    struct dataflow df;
    word *now;                      /* facts_enter, facts_step */
};

/* Bits: one that holds only where control cannot come, then two for each key, then the fresh ones. */
enum { BIT_DEAD = 0 };
static unsigned bit_marked(int k) { return 1 + 2 * (unsigned)k; }
static unsigned bit_written(int k) { return 2 + 2 * (unsigned)k; }

static bool returns_fresh(const struct ir_inst *i)
{
    return i->op == IR_ALLOC || ((i->op == IR_CALL || i->op == IR_ICALL) && (i->flags & IRI_RETURNS_FRESH));
}

/* ---- keys ---- */

static int find_key(const struct facts *fs, const struct ir_inst *c, enum ir_unit unit, unsigned size)
{
    int k = fs->first_key[c->id];
    while (k != NONE && (fs->keys[k].unit != unit || fs->keys[k].size != size))
        k = fs->keys[k].next;
    return k;
}

static void add_key(struct facts *fs, struct ir_inst *c, enum ir_unit unit, unsigned size)
{
    unsigned n = 0;
    for (int k = fs->first_key[c->id]; k != NONE; k = fs->keys[k].next)
        n++;
    if (n >= MAX_KEYS || find_key(fs, c, unit, size) != NONE)
        return;
    if (fs->nkeys == fs->capkeys) {
        fs->capkeys = fs->capkeys ? 2 * fs->capkeys : 64;
        fs->keys = ir_xrealloc(fs->keys, fs->capkeys * sizeof *fs->keys);
    }
    fs->keys[fs->nkeys] = (struct key){c, unit, size, fs->first_key[c->id]};
    fs->first_key[c->id] = (int)fs->nkeys++;
}

/* Keys of barrier targets, and of the phis from which facts reach them. */
static void collect_keys(struct facts *fs)
{
    struct ir_func *f = fs->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (!ir_live_barrier(i) || (i->unit == IRU_ADDRESS && !i->size))
                continue;
            add_key(fs, fs->canon[i->args[0]->id], i->unit, i->unit == IRU_OBJECT ? 0 : i->size);
        }
    for (unsigned k = 0; k < fs->nkeys; k++) { /* grows while we walk it */
        struct key key = fs->keys[k];
        struct ir_inst *root = fs->root[key.value->id];
        if (root->op == IR_PHI)
            add_key(fs, root, IRU_OBJECT, 0);
        if (key.value->op != IR_PHI)
            continue;
        for (unsigned a = 0; a < key.value->nargs; a++) {
            unsigned id = key.value->args[a]->id;
            if (fs->canon[id]->op == IR_PHI)
                add_key(fs, fs->canon[id], key.unit, key.size);
            if (fs->root[id]->op == IR_PHI)
                add_key(fs, fs->root[id], IRU_OBJECT, 0);
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
                bool may = returns_fresh(i);
                for (unsigned a = 0; i->op == IR_PHI && !may && a < i->nargs; a++)
                    may = fs->fresh_bit[fs->root[i->args[a]->id]->id] != NONE;
                if (may) {
                    fs->fresh_bit[i->id] = (int)bit++;
                    changed = true;
                }
            }
    }
    return bit;
}

static void find_roots(struct facts *fs)
{
    struct ir_func *f = fs->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (!ir_has_result(i))
                continue;
            bool copy = i->op == IR_COPY, derive = i->op == IR_DERIVE;
            fs->canon[i->id] = copy ? fs->canon[i->args[0]->id] : i;
            fs->root[i->id] = copy || derive ? fs->root[i->args[0]->id] : i;
        }
}

static void find_ancestors(struct facts *fs)
{
    struct ir_func *f = fs->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (i->op != IR_DERIVE)
                continue;
            struct ir_inst *a = fs->canon[i->args[0]->id];
            fs->up[i->id] = find_key(fs, a, IRU_OBJECT, 0) != NONE ? a : fs->up[a->id];
        }
}

/* ---- asking ---- */

static bool is_fresh(const struct facts *fs, const word *w, const struct ir_inst *v)
{
    int bit = fs->fresh_bit[fs->root[v->id]->id];
    return bit != NONE && bit_get(w, (unsigned)bit);
}

/* Null, dead or fresh: then every fact holds for v. */
static bool holds_fresh(const struct facts *fs, const word *w, const struct ir_inst *v)
{
    return fs->canon[v->id]->op == IR_NULLV || bit_get(w, BIT_DEAD) || is_fresh(fs, w, v);
}

/* Is the object that v points into marked as a whole? */
static bool is_object_marked(const struct facts *fs, const word *w, const struct ir_inst *v)
{
    for (unsigned n = 0; v && n < MAX_ANCESTORS; v = fs->up[v->id], n++) {
        int k = find_key(fs, v, IRU_OBJECT, 0);
        if (k != NONE && bit_get(w, bit_marked(k)))
            return true;
    }
    return false;
}

/* Does a barrier of this kind on v do nothing new in state w? */
static bool holds(const struct facts *fs, const word *w, const struct ir_inst *v, enum ir_unit unit, unsigned size,
                  enum fact_kind kind)
{
    const struct ir_inst *c = fs->canon[v->id];
    if (holds_fresh(fs, w, c))
        return true;
    for (int k = fs->first_key[c->id]; k != NONE; k = fs->keys[k].next) {
        const struct key *key = &fs->keys[k];
        if (key->unit != unit || (unit == IRU_ADDRESS && (!size || key->size < size)))
            continue;
        if (bit_get(w, kind == FACT_WRITTEN ? bit_written(k) : bit_marked(k)))
            return true;
    }
    return kind == FACT_MARKED && is_object_marked(fs, w, c);
}

/* ---- the transfer functions ---- */

static void put(word *w, unsigned bit, bool value) { (value ? bit_set : bit_clear)(w, bit); }

static void define(const struct facts *fs, word *w, const struct ir_inst *i)
{
    if (fs->fresh_bit[i->id] != NONE)
        bit_set(w, (unsigned)fs->fresh_bit[i->id]);
    if (fs->first_key[i->id] == NONE)
        return;
    bool fresh = is_fresh(fs, w, i);
    const struct ir_inst *up = fs->up[i->id];
    bool marked = fresh || (up && is_object_marked(fs, w, up));
    for (int k = fs->first_key[i->id]; k != NONE; k = fs->keys[k].next) {
        put(w, bit_marked(k), marked);
        put(w, bit_written(k), fresh);
    }
}

static void step(const struct facts *fs, word *w, const struct ir_inst *i)
{
    if (ir_ends_facts(i))
        memset(w, 0, fs->df.nwords * sizeof *w);
    if (i->flags & IRI_NORETURN)
        memset(w, 0xff, fs->df.nwords * sizeof *w);
    if (ir_has_result(i) && i->op != IR_COPY && i->op != IR_PHI)
        define(fs, w, i);
    if (!ir_live_barrier(i) || fs->fresh_only)
        return;
    for (int k = fs->first_key[fs->canon[i->args[0]->id]->id]; k != NONE; k = fs->keys[k].next) {
        const struct key *key = &fs->keys[k];
        if (key->unit != i->unit || (key->unit == IRU_ADDRESS && key->size > i->size))
            continue;
        bit_set(w, bit_marked(k));
        if (i->op == IR_WBAR)
            bit_set(w, bit_written(k));
    }
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    for (const struct ir_inst *i = b->first; i; i = i->next)
        step(ctx, bits, i);
}

static void edge(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state, word *bits)
{
    const struct facts *fs = ctx;
    (void)from;
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
        const struct ir_inst *v = phi->args[pred];
        for (int k = fs->first_key[phi->id]; k != NONE; k = fs->keys[k].next) {
            const struct key *key = &fs->keys[k];
            put(bits, bit_marked(k), holds(fs, state, v, key->unit, key->size, FACT_MARKED));
            put(bits, bit_written(k), holds(fs, state, v, key->unit, key->size, FACT_WRITTEN));
        }
        if (fs->fresh_bit[phi->id] != NONE)
            put(bits, (unsigned)fs->fresh_bit[phi->id], holds_fresh(fs, state, v));
    }
}

/* ---- interface ---- */

struct facts *facts_new(struct ir_func *f, bool fresh_only)
{
    struct facts *fs = ir_xcalloc(1, sizeof *fs);
    fs->f = f;
    fs->fresh_only = fresh_only;
    fs->canon = ir_xcalloc(f->nvalues, sizeof *fs->canon);
    fs->root = ir_xcalloc(f->nvalues, sizeof *fs->root);
    fs->up = ir_xcalloc(f->nvalues, sizeof *fs->up);
    fs->first_key = ir_xcalloc(f->nvalues, sizeof *fs->first_key);
    fs->fresh_bit = ir_xcalloc(f->nvalues, sizeof *fs->fresh_bit);
    for (unsigned i = 0; i < f->nvalues; i++)
        fs->first_key[i] = fs->fresh_bit[i] = NONE;
    ir_compute_rpo(f);
    find_roots(fs);
    if (!fresh_only) {
        collect_keys(fs);
        find_ancestors(fs);
    }
    fs->df = (struct dataflow){.func = f, .ctx = fs, .transfer = transfer, .edge = edge};
    fs->df.nbits = collect_fresh(fs, 1 + 2 * fs->nkeys);
    dataflow_solve(&fs->df);
    fs->now = ir_xcalloc(fs->df.nwords, sizeof *fs->now);
    return fs;
}

void facts_free(struct facts *fs)
{
    dataflow_free(&fs->df);
    free(fs->canon);
    free(fs->root);
    free(fs->up);
    free(fs->keys);
    free(fs->first_key);
    free(fs->fresh_bit);
    free(fs->now);
    free(fs);
}

void facts_enter(struct facts *fs, struct ir_block *b) { dataflow_at(&fs->df, b, fs->now); }
void facts_step(struct facts *fs, const struct ir_inst *i) { step(fs, fs->now, i); }

bool facts_cover(const struct facts *fs, const struct ir_inst *i)
{
    return holds(fs, fs->now, i->args[0], i->unit, i->size, i->op == IR_WBAR ? FACT_WRITTEN : FACT_MARKED);
}

bool facts_fresh(const struct facts *fs, const struct ir_inst *v) { return holds_fresh(fs, fs->now, v); }

unsigned long facts_remove_covered(struct ir_module *m, bool fresh_only, const char *pass)
{
    unsigned long removed = 0;
    for (unsigned n = 0; n < m->nfuncs; n++) {
        struct facts *fs = facts_new(m->funcs[n], fresh_only);
        for (unsigned k = 0; k < m->funcs[n]->nrpo; k++) {
            struct ir_block *b = m->funcs[n]->rpo[k];
            facts_enter(fs, b);
            for (struct ir_inst *i = b->first; i; i = i->next) {
                bool covered = ir_live_barrier(i) && facts_cover(fs, i);
                facts_step(fs, i);
                if (covered) {
                    i->flags |= IRI_REMOVED;
                    i->pass = pass;
                    removed++;
                }
            }
        }
        facts_free(fs);
    }
    return removed;
}
