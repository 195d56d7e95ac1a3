/* upgrade.c - a read barrier that a write barrier on the same value follows on every path becomes the write
 * barrier.
 *
 * Requires: placed barriers.  Leaves the control flow alone.  `o->n = o->n + 1` reads, then writes; the
 * write barrier alone, done early, serves both, and `available` then removes the later one.  PyPy's passes
 * keep both (features.md section 2, 3: "merging is important").
 *
 * A backward must-problem for dataflow.c: coming(c, s) = before the transaction may end, every path does a
 * write barrier on the pointer c (unit object), or on at most s bytes at the address c; c is base and offset
 * (number.c).  It ends at a safepoint, at a call that does not return, and at the definition of the base,
 * before which c is another pointer; a phi's fact passes to its operand on each edge.
 *
 * That alone would also upgrade where another path reaches the later write barrier without the read: it has
 * to stay, and nothing is won. So all candidates are upgraded on trial, facts.c says which of the original
 * write barriers they cover, and a second backward problem, a may-problem this time, keeps only the
 * candidates from which a covered one can be reached: useful(c, s) starts at a covered write barrier and
 * ends at one that stays.  A candidate that goes back covered nothing, so the rest stays true.
 *
 * A read barrier that is covered already is no candidate: it will go, and would come back as a write
 * barrier.  So each candidate replaces one barrier that would stay, and no path executes more barriers than
 * without this pass.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1, MAX_KEYS = 64 }; /* of one value; beyond, less is known */

struct key {
    struct ir_inst *base;
    int off;
    enum ir_unit unit;
    unsigned size;
    int next;
};

struct upgrade {
    struct ir_func *f;
    struct numbering *num;
    int *first; /* by value number: the keys with it as base */
    struct key *keys;
    unsigned nkeys, capkeys;
    unsigned long upgraded;
    bool useful; /* the second problem is being solved */
};

/* As a pointer, the mark of a candidate (i->pass).  The mark of a barrier covered already is a non-null aux.
 */
static const char name[] = "upgrade";

static int find_key(const struct upgrade *u, const struct ir_inst *base, int off, enum ir_unit unit,
                    unsigned size)
{
    int k = u->keys ? u->first[base->id] : NONE;
    while (k != NONE && (u->keys[k].off != off || u->keys[k].unit != unit || u->keys[k].size != size))
        k = u->keys[k].next;
    return k;
}

static void add_key(struct upgrade *u, struct ir_inst *base, int off, enum ir_unit unit, unsigned size)
{
    unsigned n = 0;
    for (int k = u->keys ? u->first[base->id] : NONE; k != NONE; k = u->keys[k].next)
        n++;
    if (n >= MAX_KEYS || find_key(u, base, off, unit, size) != NONE)
        return;
    if (u->nkeys == u->capkeys) {
        u->capkeys = u->capkeys ? 2 * u->capkeys : 64;
        u->keys = ir_xrealloc(u->keys, u->capkeys * sizeof *u->keys);
    }
    u->keys[u->nkeys] = (struct key){base, off, unit, size, u->first[base->id]};
    u->first[base->id] = (int)u->nkeys++;
}

/* A barrier whose fact has a name: an address barrier of unknown size has none (facts.c). */
static bool named(const struct ir_inst *i)
{
    return ir_sure_barrier(i) && (i->unit == IRU_OBJECT || i->size);
}

static unsigned key_size(const struct ir_inst *i)
{
    return i->unit == IRU_OBJECT ? 0 : i->size;
}

/* What flows into phi with the key's pointer behind it. */
static void add_phi_keys(struct upgrade *u, struct ir_inst *phi, struct key key)
{
    for (unsigned a = 0; a < phi->nargs; a++)
        if (u->num->base[phi->args[a]->id] == key.base && key.base != phi)
            add_key(u, phi, key.off - u->num->off[phi->args[a]->id], key.unit, key.size);
}

/* Keys for the read barriers, then for the phis that read values flow into: a write barrier on those counts.
 */
static void collect_keys(struct upgrade *u)
{
    struct ir_func *f = u->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (i->op == IR_RBAR && named(i))
                add_key(u, u->num->base[i->args[0]->id], u->num->off[i->args[0]->id] + i->index, i->unit,
                        key_size(i));
        }
    struct userlist {
        struct ir_inst **phi;
        unsigned n, cap;
    } *users = ir_xcalloc(f->nvalues, sizeof *users);
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *phi = f->rpo[k]->first; phi && phi->op == IR_PHI; phi = phi->next)
            for (unsigned a = 0; a < phi->nargs; a++) {
                struct userlist *l = &users[u->num->base[phi->args[a]->id]->id];
                if (l->n == l->cap) {
                    l->cap = l->cap ? 2 * l->cap : 4;
                    l->phi = ir_xrealloc(l->phi, l->cap * sizeof *l->phi);
                }
                l->phi[l->n++] = phi;
            }
    for (unsigned k = 0; k < u->nkeys; k++) { /* grows while we walk it */
        struct key key = u->keys[k];
        for (unsigned a = 0; a < users[key.base->id].n; a++)
            add_phi_keys(u, users[key.base->id].phi[a], key);
    }
    for (unsigned i = 0; i < f->nvalues; i++)
        free(users[i].phi);
    free(users);
}

static void clear_keys_of(const struct upgrade *u, word *bits, const struct ir_inst *v)
{
    for (int k = u->first[v->id]; k != NONE; k = u->keys[k].next)
        bit_clear(bits, (unsigned)k);
}

static void step_back(const struct upgrade *u, word *bits, const struct ir_inst *i)
{
    if (ir_ends_facts(i) || (i->flags & IRI_NORETURN))
        memset(bits, 0, (u->nkeys + WORD_BITS - 1) / WORD_BITS * sizeof *bits);
    if (ir_has_result(i) && i->op != IR_PHI && u->num->base[i->id] == i && !number_is_constant(i))
        clear_keys_of(u, bits, i);
    if (i->op != IR_WBAR || !named(i))
        return;
    if (u->useful && i->pass == name)
        return;
    for (int k = u->first[u->num->base[i->args[0]->id]->id]; k != NONE; k = u->keys[k].next)
        if (u->keys[k].off == u->num->off[i->args[0]->id] + i->index && u->keys[k].unit == i->unit &&
            u->keys[k].size >= key_size(i))
            (u->useful && !i->aux ? bit_clear : bit_set)(bits, (unsigned)k);
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    for (const struct ir_inst *i = b->last; i; i = i->prev)
        step_back(ctx, bits, i);
}

static void edge(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state,
                 word *bits)
{
    const struct upgrade *u = ctx;
    (void)from;
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        clear_keys_of(u, bits, phi);
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        for (int k = u->first[phi->id]; k != NONE; k = u->keys[k].next) {
            const struct ir_inst *v = phi->args[pred];
            int to_key = find_key(u, u->num->base[v->id], u->num->off[v->id] + u->keys[k].off,
                                  u->keys[k].unit, u->keys[k].size);
            if (to_key != NONE && bit_get(state, (unsigned)k))
                bit_set(bits, (unsigned)to_key);
        }
}

/* Solves the problem that u->useful says; calls visit for each barrier i with a key, with whether that key's
 * bit is set before i. */
static void solve(struct upgrade *u, void (*visit)(struct upgrade *u, struct ir_inst *i, bool bit))
{
    struct dataflow df = {.func = u->f,
                          .nbits = u->nkeys,
                          .backward = true,
                          .may = u->useful,
                          .ctx = u,
                          .transfer = transfer,
                          .edge = edge};
    dataflow_solve(&df);
    word *bits = ir_xcalloc(df.nwords, sizeof *bits);
    for (unsigned k = 0; k < u->f->nrpo; k++) {
        dataflow_at(&df, u->f->rpo[k], bits);
        for (struct ir_inst *i = u->f->rpo[k]->last; i; i = i->prev) {
            step_back(u, bits, i);
            int key = named(i) ? find_key(u, u->num->base[i->args[0]->id],
                                          u->num->off[i->args[0]->id] + i->index, i->unit, key_size(i))
                               : NONE;
            if (key != NONE)
                visit(u, i, bit_get(bits, (unsigned)key));
        }
    }
    free(bits);
    dataflow_free(&df);
}

static void try(struct upgrade *u, struct ir_inst *i, bool coming)
{
    if (i->op != IR_RBAR || !coming || i->aux)
        return;
    i->op = IR_WBAR;
    i->pass = name;
    u->upgraded++;
}

static void take_back(struct upgrade *u, struct ir_inst *i, bool useful)
{
    if (i->pass != name || useful)
        return;
    i->op = IR_RBAR;
    i->pass = NULL;
    u->upgraded--;
}

/* Sets aux of the barriers of kind op that are covered as things stand, candidates left out. */
static void mark_covered(struct ir_func *f, enum ir_op op)
{
    struct facts *fs = facts_new(f, false);
    for (unsigned k = 0; k < f->nrpo; k++) {
        facts_enter(fs, f->rpo[k]);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (i->op == op && ir_live_barrier(i) && i->pass != name && facts_cover(fs, i))
                i->aux = i;
            facts_step(fs, i);
        }
    }
    facts_free(fs);
}

static void clear_marks(struct ir_func *f)
{
    for (unsigned k = 0; k < f->nblocks; k++)
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            i->aux = NULL;
}

static unsigned long upgrade_in(struct ir_func *f)
{
    struct upgrade u = {.f = f};
    ir_compute_rpo(f);
    u.num = number_new(f, true);
    u.first = ir_xcalloc(f->nvalues, sizeof *u.first);
    for (unsigned i = 0; i < f->nvalues; i++)
        u.first[i] = NONE;
    collect_keys(&u);
    if (u.nkeys) {
        mark_covered(f, IR_RBAR);
        solve(&u, try);
        clear_marks(f);
    }
    if (u.upgraded) {
        mark_covered(f, IR_WBAR);
        u.useful = true;
        solve(&u, take_back);
        clear_marks(f);
    }
    free(u.keys);
    number_free(u.num);
    free(u.first);
    return u.upgraded;
}

unsigned long upgrade_run(struct ir_module *m)
{
    unsigned long upgraded = 0;
    for (unsigned i = 0; i < m->nfuncs; i++)
        upgraded += upgrade_in(m->funcs[i]);
    return upgraded;
}
