/* motion.c - lazy code motion of barriers: out of loops, onto the edges of diamonds, and behind calls that
 * may end the transaction.
 *
 * Requires: placed barriers; leaves the control flow alone.  A barrier is partially redundant where it has
 * been done on some of the paths that lead to it. It goes when it is put on the others: partial redundancy
 * elimination by lazy code motion (Knoop, Ruething, Steffen, "Lazy Code Motion", PLDI 1992), here in the
 * form that moves over SSA values, translating an expression through the phis of each edge (VanDrunen and
 * Hosking, "Value-Based Partial Redundancy Elimination", CC 2004).  A loop is the same thing: its head is
 * entered from before, where nothing has been done, and from its own end.
 *
 * Safepoints are edges (our own idea).  A call that may pass a safepoint has two ways out: the transaction
 * lasted (almost always), and then every fact of before still holds, or it ended, and none does.  The point
 * behind the call is a join of both, so barriers can be put on the `broken` edge alone, behind a check of
 * the transaction's number (IRI_BROKEN; the emitter's STM_RECHECK).
 *
 * For a join J, block or call, and a key k (a pointer as number.c knows it, unit, size, read or write) a
 * barrier is put on each edge where k does not hold, if all of this is true:
 *
 *   coming(J, k)   on every path from J a barrier of key k that stood in the program follows, before the
 *                  transaction may end, before any call that
 *                  may not come back (it may be what finds out that the pointer is none), and k holds all
 *                  the way to it. So no value is marked that the program would not have marked, no path gets
 *                  a barrier that it did not have, and that one goes.
 *   partly(J, k)   k may hold at J as things stand: some path gains
 *   holds(J, k)    with the barriers, k holds at J: each other edge has an anchor (the front end's word that
 *                  a statement can stand there)
 *                  and a C local that holds the pointer
 *
 * `coming` and `holds` depend on each other, so all candidates are put in on trial and those without both
 * taken out until nothing changes; a must-fact holds less when a barrier goes, so this ends.  Candidates
 * that others cover go last, and so do those that stand on all edges of their join: they only move.
 *
 * Soundness rests on facts.c alone: a barrier goes only if facts.c says that it is covered, moved ones being
 * instructions like any other.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

static const unsigned WHOLE = ~0u; /* size in a key: a write barrier on the whole object, however large; it
                                      makes up for its being fresh no longer */

enum { NONE = -1, MAX_KEYS = 2048, MAX_CANDIDATES = 20000 };

struct key {
    struct ir_inst *base;
    int off;
    enum ir_unit unit;
    unsigned size;
    enum ir_op op;              /* IR_RBAR, IR_WBAR */
    enum ir_class cls;          /* a barrier on a reference must not stand for one on a pointer of any kind */
    const struct ir_inst *like; /* a barrier of this key */
    int next;                   /* of the same base */
};

/* A barrier on trial, on one edge of a join. */
struct candidate {
    struct ir_inst *barrier;
    struct ir_inst *call;  /* the join is behind it */
    struct ir_block *join; /* else it is the start of this block */
    unsigned point;        /* of that block */
    unsigned key;          /* at the join */
    bool out;
};

struct motion {
    struct ir_func *f;
    const struct functions *functions;
    struct numbering *num;
    int *first; /* by value number: keys */
    struct key *keys;
    unsigned nkeys, capkeys;
    struct candidate *v;
    unsigned n, cap;
    word *held;
    unsigned nwords; /* by block: keys that hold at its start, this round; null: not asked yet */
};

/* ---- keys ---- */

static int find_key(const struct motion *m, const struct ir_inst *base, int off, const struct key *like)
{
    int k = m->keys ? m->first[base->id] : NONE;
    while (k != NONE &&
           (m->keys[k].off != off || m->keys[k].unit != like->unit || m->keys[k].size != like->size ||
            m->keys[k].op != like->op || m->keys[k].cls != like->cls))
        k = m->keys[k].next;
    return k;
}

static void add_key(struct motion *m, struct ir_inst *base, int off, const struct key *like)
{
    if (m->nkeys >= MAX_KEYS || find_key(m, base, off, like) != NONE)
        return;
    if (m->nkeys == m->capkeys) {
        m->capkeys = m->capkeys ? 2 * m->capkeys : 64;
        m->keys = ir_xrealloc(m->keys, m->capkeys * sizeof *m->keys);
    }
    m->keys[m->nkeys] =
        (struct key){base, off, like->unit, like->size, like->op, like->cls, like->like, m->first[base->id]};
    m->first[base->id] = (int)m->nkeys++;
}

static bool named(const struct ir_inst *i)
{
    return ir_sure_barrier(i) && i->unit != IRU_RANGE && (i->unit == IRU_OBJECT || i->size);
}

static int target_off(const struct motion *m, const struct ir_inst *b)
{
    return m->num->off[b->args[0]->id] + b->index;
}

static struct key key_like(const struct ir_inst *b)
{
    return (struct key){.unit = b->unit,
                        .size = b->unit == IRU_OBJECT ? 0 : b->size,
                        .op = b->op,
                        .cls = b->args[0]->cls,
                        .like = b};
}

static int key_of(const struct motion *m, const struct ir_inst *b)
{
    struct key like = key_like(b);
    return find_key(m, m->num->base[b->args[0]->id], target_off(m, b), &like);
}

/* Of the barriers that stand, and of what flows into their pointers through phis. */
static void collect_keys(struct motion *m)
{
    for (unsigned k = 0; k < m->f->nrpo; k++)
        for (struct ir_inst *i = m->f->rpo[k]->first; i; i = i->next)
            if (named(i)) {
                struct ir_inst *base = m->num->base[i->args[0]->id];
                struct key like = key_like(i);
                add_key(m, base, target_off(m, i), &like);
                struct key whole = {
                    .unit = IRU_OBJECT, .size = WHOLE, .op = IR_WBAR, .cls = IRC_REF, .like = i};
                if (i->op == IR_WBAR && base->op == IR_DERIVE)
                    add_key(m, m->num->root[base->id], 0, &whole);
            }
    for (unsigned k = 0; k < m->nkeys; k++) { /* grows while we walk it */
        struct key key = m->keys[k];
        for (unsigned a = 0; key.base->op == IR_PHI && a < key.base->nargs; a++) {
            const struct ir_inst *v = key.base->args[a];
            long off = (long)m->num->off[v->id] + key.off;
            if (off < MAX_FACT_OFFSET) /* a pointer that walks would have no end of them */
                add_key(m, m->num->base[v->id], (int)off, &key);
        }
    }
}

/* ---- coming: a backward problem ---- */

bool functions_may_not_return(const struct functions *fs, const struct ir_inst *i)
{
    if (i->op != IR_CALL && i->op != IR_ICALL)
        return false;
    if (i->flags & IRI_NORETURN)
        return true;
    if (i->flags & IRI_PURE)
        return false;
    int k = i->op == IR_CALL && i->sym ? func_index_find(fs->index, i->sym) : NONE;
    if (k >= 0)
        return !fs->returns[k]; /* a function of ours that writes nothing may well be a check that does not
                                   come back */
    return !(i->flags & IRI_READONLY) || i->callee; /* one of the C library; another file's, of which the
                                                       program's facts say so, is as ours */
}

static void clear_keys_of(const struct motion *m, word *bits, const struct ir_inst *v)
{
    for (int k = m->first[v->id]; k != NONE; k = m->keys[k].next)
        bit_clear(bits, (unsigned)k);
}

/* What i does makes a barrier of some keys before it useless: a stronger barrier on the same pointer, a
 * callee that does it. */
static void clear_done(const struct motion *m, word *bits, const struct ir_inst *i)
{
    for (unsigned k = 0; ir_turns_inevitable(i) && k < m->nkeys; k++)
        if (m->keys[k].op == IR_RBAR)
            bit_clear(bits, k);
    for (unsigned d = 0; i->callee && d < i->callee->ndone; d++) {
        unsigned a = (unsigned)i->callee->done[d].param + (i->op == IR_ICALL);
        if (!i->callee->done[d].sym && a < i->nargs)
            clear_keys_of(m, bits, m->num->base[i->args[a]->id]);
    }
    if (!named(i) || i->aux)
        return;
    for (int k = m->first[m->num->base[i->args[0]->id]->id]; k != NONE; k = m->keys[k].next) {
        const struct key *key = &m->keys[k];
        bool whole = i->unit == IRU_OBJECT && key->unit == IRU_ADDRESS && key->off >= target_off(m, i);
        if (key->op == IR_RBAR &&
            (whole || (i->op == IR_WBAR && key->unit == i->unit && key->off == target_off(m, i))))
            bit_clear(bits, (unsigned)k);
    }
}

static void step_back(const struct motion *m, word *bits, const struct ir_inst *i)
{
    clear_done(m, bits, i);
    if (ir_ends_facts(i) || functions_may_not_return(m->functions, i))
        memset(bits, 0, m->nwords * sizeof *bits);
    if (ir_has_result(i) && i->op != IR_PHI && m->num->base[i->id] == i && !number_is_constant(i)) {
        bool written = false; /* an address computed here, in the object that root points to */
        for (int k = m->first[i->id]; k != NONE; k = m->keys[k].next)
            written |= m->keys[k].op == IR_WBAR && m->keys[k].size != WHOLE && bit_get(bits, (unsigned)k);
        clear_keys_of(m, bits, i);
        for (int k = m->first[m->num->root[i->id]->id]; i->op == IR_DERIVE && written && k != NONE;
             k = m->keys[k].next)
            if (m->keys[k].size == WHOLE)
                bit_set(bits, (unsigned)k);
    }
    int k = named(i) && !i->aux ? key_of(m, i) : NONE;
    if (k != NONE)
        bit_set(bits, (unsigned)k);
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    for (const struct ir_inst *i = b->last; i; i = i->prev)
        step_back(ctx, bits, i);
}

/* The key that k at the start of `to` is at the end of its predecessor number pred. */
static int translated(const struct motion *m, unsigned k, const struct ir_block *to, unsigned pred)
{
    const struct key *key = &m->keys[k];
    if (key->base->op != IR_PHI || key->base->block != to)
        return (int)k;
    const struct ir_inst *v = key->base->args[pred];
    return find_key(m, m->num->base[v->id], m->num->off[v->id] + key->off, key);
}

static void edge(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state,
                 word *bits)
{
    const struct motion *m = ctx;
    (void)from;
    word *held = m->held && to->npreds > 1 ? m->held + (size_t)to->id * m->nwords : NULL;
    if (held)
        for (unsigned w = 0; w < m->nwords; w++)
            bits[w] &= held[w];
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        clear_keys_of(m, bits, phi);
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        for (int k = m->first[phi->id]; k != NONE; k = m->keys[k].next) {
            int at = translated(m, (unsigned)k, to, pred);
            if (at != NONE && bit_get(state, (unsigned)k) && (!held || bit_get(held, (unsigned)k)))
                bit_set(bits, (unsigned)at);
        }
}

static struct dataflow solve_coming(struct motion *m, bool may)
{
    struct dataflow df = {.func = m->f,
                          .nbits = m->nkeys,
                          .backward = true,
                          .may = may,
                          .ctx = m,
                          .transfer = transfer,
                          .edge = edge};
    dataflow_solve(&df);
    return df;
}

/* ---- points: where joins are.  Point 0 of a block is its start, the others lie behind its calls with an
 * anchor ---- */

/* The first instruction behind the anchor a and the barriers moved there. */
static struct ir_inst *behind(struct ir_inst *a)
{
    do
        a = a->next;
    while (a->flags & IRI_MOVED);
    return a;
}

static bool is_join(const struct ir_inst *i)
{
    return ir_ends_facts(i) && ir_anchor_after(i);
}

static unsigned count_points(const struct ir_block *b)
{
    unsigned n = 1;
    for (const struct ir_inst *i = b->first; i; i = i->next)
        n += is_join(i);
    return n;
}

/* What is coming at each point of b: a row of words for each. */
static word *coming_at(const struct motion *m, struct dataflow *df, struct ir_block *b)
{
    unsigned n = count_points(b);
    word *rows = ir_xcalloc((size_t)n * m->nwords, sizeof *rows), *bits = ir_xcalloc(m->nwords, sizeof *bits);
    dataflow_at(df, b, bits);
    for (const struct ir_inst *i = b->last; i; i = i->prev) {
        if (is_join(i)) /* moved barriers have no effect on the bits */
            memcpy(rows + (size_t)--n * m->nwords, bits, m->nwords * sizeof *bits);
        step_back(m, bits, i);
    }
    memcpy(rows, bits, m->nwords * sizeof *bits);
    free(bits);
    return rows;
}

/* ---- candidates ---- */

/* Puts a barrier of key k (NONE: none) behind anchor a, if a local holds its pointer there. */
static struct ir_inst *insert(struct motion *m, struct ir_inst *a, int k)
{
    const struct key *key = k == NONE ? NULL : &m->keys[k];
    for (unsigned n = 0; key && n < a->nargs; n++) {
        const struct ir_inst *v = a->args[n];
        bool whole = key->size == WHOLE;
        if (m->num->base[v->id] != key->base || m->num->off[v->id] > key->off || v->cls == IRC_RAW)
            continue;
        /* write barriers first: they do for reads */
        struct ir_inst *i = key->op == IR_WBAR ? ir_insert_after(a, key->op, IRC_INT)
                                               : ir_insert_before(behind(a), key->op, IRC_INT);
        ir_add_arg(i, a->args[n]);
        i->index = key->off - m->num->off[v->id];
        i->unit = key->unit;
        i->size = whole ? 0 : key->like->size;
        i->access = key->like->access;
        i->loc = a->loc;
        i->sym = a->names[n];
        i->flags = IRI_MOVED | (whole ? IRI_WHOLE : 0u);
        i->pass = "motion";
        i->aux = i; /* not one that stood there */
        return i;
    }
    return NULL;
}

static void add_candidate(struct motion *m, struct candidate c)
{
    if (!c.barrier)
        return;
    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 64;
        m->v = ir_xrealloc(m->v, m->cap * sizeof *m->v);
    }
    m->v[m->n++] = c;
}

/* The last anchor on the way that leads from the end of b back, without a branch or join. */
static struct ir_inst *end_anchor(struct ir_block *b)
{
    for (unsigned steps = 0; b->nsuccs == 1 && steps < 4; b = b->preds[0], steps++) {
        for (struct ir_inst *i = b->last; i; i = i->prev)
            if (i->op == IR_ANCHOR && !(i->flags & (IRI_AFTER | IRI_GUARDED)) && i->nargs)
                return i;
        if (b->npreds != 1)
            return NULL;
    }
    return NULL;
}

static bool may_hold(const struct motion *m, const struct facts *fs, unsigned k)
{
    const struct key *key = &m->keys[k];
    if (key->size == WHOLE)
        return facts_fresh(fs, key->base);
    return facts_have(fs, key->base, key->off, key->unit, key->size,
                      key->op == IR_WBAR ? IR_FACT_WRITTEN : IR_FACT_MARKED);
}

static void candidates_at(struct motion *m, struct ir_block *b, struct ir_inst *call, unsigned point,
                          unsigned k)
{
    struct ir_inst *i;
    if (call) {
        if ((i = insert(m, ir_anchor_after(call), (int)k))) {
            i->flags |= IRI_BROKEN;
            add_candidate(m, (struct candidate){i, call, NULL, point, k, false});
        }
        return;
    }
    for (unsigned p = 0; p < b->npreds && m->keys[k].size != WHOLE; p++) {
        struct ir_inst *a = end_anchor(b->preds[p]);
        if (a && (i = insert(m, a, translated(m, k, b, p))))
            add_candidate(m, (struct candidate){i, NULL, b, point, k, false});
    }
}

/* In the order of blocks and points, those of one join and key side by side. */
static void collect_candidates(struct motion *m)
{
    struct dataflow all = solve_coming(m, false), some = solve_coming(m, true);
    struct facts *fs = facts_new_may(m->f);
    for (unsigned k = 0; k < m->f->nrpo && m->n < MAX_CANDIDATES; k++) {
        struct ir_block *b = m->f->rpo[k];
        word *a = coming_at(m, &all, b), *s = coming_at(m, &some, b);
        unsigned point = 0;
        facts_enter(fs, b);
        for (struct ir_inst *i = b->first, *next; i; i = next) {
            next = i->next;
            bool start = i == b->first && b->npreds > 1;
            for (unsigned key = 0; start && key < m->nkeys; key++)
                if (bit_get(a, key) && bit_get(s, key) && may_hold(m, fs, key))
                    candidates_at(m, b, NULL, 0, key);
            point += is_join(i);
            for (unsigned n = 0; is_join(i) && n < 2 * m->nkeys;
                 n++) { /* those for whole objects last, which puts them first */
                unsigned key = n % m->nkeys;
                if ((n >= m->nkeys) == (m->keys[key].size == WHOLE) &&
                    bit_get(a + (size_t)point * m->nwords, key) &&
                    bit_get(s + (size_t)point * m->nwords, key) && may_hold(m, fs, key))
                    candidates_at(m, b, i, point, key);
            }
            if (!i->aux) /* put in by ourselves */
                facts_step(fs, i);
        }
        free(a);
        free(s);
    }
    facts_free(fs);
    dataflow_free(&all);
    dataflow_free(&some);
}

/* ---- taking out what does not pay ---- */

static void find_held(struct motion *m, struct facts *fs)
{
    for (unsigned k = 0; k < m->f->nrpo; k++) {
        struct ir_block *b = m->f->rpo[k];
        if (b->npreds < 2)
            continue;
        facts_enter(fs, b);
        for (unsigned key = 0; key < m->nkeys; key++)
            (may_hold(m, fs, key) ? bit_set : bit_clear)(m->held + (size_t)b->id * m->nwords, key);
    }
}

static void take_out(struct candidate *c)
{
    c->out = true;
    ir_remove(c->barrier);
}

/* Marks the candidates of b from number n on that do not pay; returns the number of the first one behind
 * them. */
static unsigned find_useless(struct motion *m, struct ir_block *b, struct facts *fs, struct dataflow *df,
                             unsigned n, bool *changed)
{
    word *coming = coming_at(m, df, b);
    const struct ir_inst *i = b->first;
    facts_enter(fs, b);
    for (; n < m->n && (m->v[n].join == b || (m->v[n].call && m->v[n].call->block == b)); n++) {
        struct candidate *c = &m->v[n];
        bool holds = bit_get(m->held + (size_t)b->id * m->nwords, c->key);
        if (c->call) {
            for (const struct ir_inst *end = behind(ir_anchor_after(c->call)); i != end; i = i->next)
                facts_step(fs, i);
            holds = may_hold(m, fs, c->key);
        }
        if (c->out || (holds && bit_get(coming + (size_t)c->point * m->nwords, c->key)))
            continue;
        c->out = *changed = true;
    }
    free(coming);
    return n;
}

static bool take_out_useless(struct motion *m)
{
    bool changed = false;
    struct facts *fs = facts_new(m->f, false);
    find_held(m, fs);
    struct dataflow df = solve_coming(m, false);
    for (unsigned k = 0, n = 0; k < m->f->nrpo && n < m->n; k++)
        n = find_useless(m, m->f->rpo[k], fs, &df, n, &changed);
    dataflow_free(&df);
    facts_free(fs);
    for (unsigned n = 0; n < m->n; n++)
        if (m->v[n].out && m->v[n].barrier->block)
            ir_remove(m->v[n].barrier);
    return changed;
}

/* Candidates that are superfluous where they stand. */
static void mark_covered(struct motion *m)
{
    struct facts *fs = facts_new(m->f, false);
    for (unsigned k = 0; k < m->f->nrpo; k++) {
        facts_enter(fs, m->f->rpo[k]);
        for (struct ir_inst *i = m->f->rpo[k]->first; i; i = i->next) {
            bool covered = i->aux && ir_sure_barrier(i) && facts_cover(fs, i);
            facts_step(fs, i);
            if (covered)
                i->flags |= IRI_REMOVED;
        }
    }
    for (unsigned n = 0; n < m->n; n++)
        if (!m->v[n].out && m->v[n].call && facts_cover_broken(fs, m->v[n].barrier, m->v[n].call))
            m->v[n].barrier->flags |= IRI_REMOVED;
    facts_free(fs);
}

/* A join with an own barrier on each of its edges gains nothing. */
static bool take_out_moves(struct motion *m)
{
    bool changed = false;
    for (unsigned n = 0, end; n < m->n; n = end) {
        unsigned standing = 0;
        for (end = n; end < m->n && m->v[end].join == m->v[n].join && m->v[end].call == m->v[n].call &&
                      m->v[end].key == m->v[n].key;
             end++)
            standing += !m->v[end].out && !(m->v[end].barrier->flags & IRI_REMOVED);
        if (m->v[n].call || standing < m->v[n].join->npreds)
            continue;
        for (unsigned k = n; k < end; k++)
            take_out(&m->v[k]);
        changed = true;
    }
    return changed;
}

static void settle(struct motion *m)
{
    m->held = ir_xcalloc((size_t)m->f->nblocks * m->nwords, sizeof *m->held);
    for (bool again = true; again;) {
        again = take_out_useless(m);
        if (again)
            continue;
        mark_covered(m);
        again = take_out_moves(m);
        for (unsigned n = 0; again && n < m->n; n++) /* covered by one that went, perhaps */
            m->v[n].barrier->flags &= ~(unsigned)IRI_REMOVED;
    }
    free(m->held);
}

/* ---- stale: may the number that the next check compares with be an earlier transaction's?  A forward
 * may-problem of one fact ---- */

static void stale_step(word *bits, const struct ir_inst *i)
{
    if (ir_ends_facts(i))
        (ir_is_checked(i) ? bit_clear : bit_set)(bits, 0);
}

static void stale_transfer(void *ctx, struct ir_block *b, word *bits)
{
    (void)ctx;
    for (const struct ir_inst *i = b->first; i; i = i->next)
        stale_step(bits, i);
}

static void flag_stale(struct ir_func *f)
{
    struct dataflow df = {.func = f, .nbits = 1, .may = true, .transfer = stale_transfer};
    dataflow_solve(&df);
    for (unsigned k = 0; k < f->nrpo; k++) {
        word bits[1] = {0};
        dataflow_at(&df, f->rpo[k], bits);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (ir_ends_facts(i) && ir_is_checked(i) && bit_get(bits, 0))
                ir_anchor_after(i)->flags |= IRI_STALE;
            stale_step(bits, i);
        }
    }
    dataflow_free(&df);
}

/* Names the access that the moved barrier stands for: the next one on a way from it, and one is on every
 * way. */
static void name_access(const struct motion *m, const struct candidate *c)
{
    unsigned k = c->key;
    struct ir_block *b = c->join;
    const struct ir_inst *i = c->call;
    for (unsigned steps = 0; steps < m->f->nblocks; steps++) {
        for (i = i ? i : b->first; i; i = i->next)
            if (ir_is(i, IRF_BARRIER) && !(i->flags & IRI_MOVED) && i->pass && !strcmp(i->pass, "motion") &&
                key_of(m, i) == (int)k) {
                c->barrier->access = i->access;
                return;
            }
        b = b ? b : c->call->block;
        if (!b->nsuccs)
            return;
        struct ir_block *to = b->succs[0];
        for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
            for (int at = m->first[phi->id]; at != NONE; at = m->keys[at].next)
                if (translated(m, (unsigned)at, to, ir_pred_index(to, b)) == (int)k)
                    k = (unsigned)at;
        b = to;
    }
}

/* ---- the pass ---- */

static bool worth_looking(const struct ir_func *f)
{
    bool anchors = false, barriers = false;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
            if (i->flags & IRI_RETURNS_TWICE) /* the local with the transaction's number would be lost */
                return false;
            anchors |= i->op == IR_ANCHOR;
            barriers |= named(i);
        }
    return anchors && barriers;
}

static unsigned long motion_in(struct ir_func *f, const struct functions *functions)
{
    struct motion m = {.f = f, .functions = functions};
    unsigned long changes = 0;
    if (!worth_looking(f))
        return 0;
    changes += facts_remove_covered_in(f, false, "motion"); /* what stays pays for what is put in */
    m.num = number_new(f, true);
    m.first = ir_xcalloc(f->nvalues, sizeof *m.first);
    for (unsigned i = 0; i < f->nvalues; i++)
        m.first[i] = NONE;
    collect_keys(&m);
    m.nwords = (m.nkeys + WORD_BITS - 1) / WORD_BITS;
    if (m.nkeys && m.nkeys < MAX_KEYS)
        collect_candidates(&m);
    if (m.n)
        settle(&m);
    for (unsigned n = 0; n < m.n; n++) {
        m.v[n].barrier->aux = NULL;
        if (!m.v[n].out && m.v[n].barrier->flags & IRI_REMOVED)
            take_out(&m.v[n]);
        changes += !m.v[n].out;
    }
    if (m.n) {
        changes += facts_remove_covered_in(f, false, "motion");
        for (unsigned n = 0; n < m.n; n++)
            if (!m.v[n].out && m.keys[m.v[n].key].size != WHOLE)
                name_access(&m, &m.v[n]);
        flag_stale(f);
    }
    number_free(m.num);
    free(m.first);
    free(m.keys);
    free(m.v);
    return changes;
}

/* Is there a loop that has no way out? */
static bool is_endless(const struct ir_func *f)
{
    bool *ends = ir_xcalloc(f->nblocks, sizeof *ends), endless = false;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = f->nblocks; k-- > 0;) {
            const struct ir_block *b = f->blocks[k];
            bool end = ends[k] || !b->nsuccs;
            for (unsigned s = 0; s < b->nsuccs; s++)
                end |= ends[b->succs[s]->id];
            changed |= end != ends[k];
            ends[k] = end;
        }
    }
    for (unsigned k = 0; k < f->nblocks; k++)
        endless |= !ends[k];
    free(ends);
    return endless;
}

static bool comes_back(const struct functions *fs, const struct ir_func *f)
{
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            if (i->op == IR_UNREACH || functions_may_not_return(fs, i))
                return false;
    return true;
}

struct functions functions_new(const struct ir_module *m)
{
    struct functions fs = {func_index_new(m), ir_xcalloc(m->nfuncs, sizeof(bool))};
    for (unsigned n = 0; n < m->nfuncs; n++)
        fs.returns[n] = !is_endless(func_index_at(fs.index, n));
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned n = 0; n < m->nfuncs; n++)
            if (fs.returns[n] && !comes_back(&fs, func_index_at(fs.index, n))) {
                fs.returns[n] = false;
                changed = true;
            }
    }
    return fs;
}

void functions_free(struct functions *fs)
{
    func_index_free(fs->index);
    free(fs->returns);
}

unsigned long motion_run(struct ir_module *m)
{
    unsigned long changes = 0;
    struct functions fs = functions_new(m);
    for (unsigned i = 0; i < m->nfuncs; i++)
        changes += motion_in(m->funcs[i], &fs);
    functions_free(&fs);
    return changes;
}
