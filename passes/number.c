/* number.c - which values are the same pointer, and which differ by a constant.
 *
 * Every pointer of a function is put as (base, offset): what it was computed from by copies and by derives
 * of constant offset, and how many bytes behind.  Equal pairs are equal pointers, at every point where both
 * are defined.  Value numbering after Alpern, Wegman and Zadeck, "Detecting Equality of Variables in
 * Programs", POPL 1988, restricted to pointers:
 *
 *   copy v               the pair of v
 *   derive v + n         the pair of v, n bytes further; of unknown offset: a base of its own
 *   call ... returns k   the pair of argument k
 *   addr @global         one base for all of them; raw ones are left apart, since locals of one name may be
 *                        several
 *   load                 the base of an earlier load of the same bytes, where nothing can have changed them
 *                        in between
 *   anything else        a base
 *
 * Loads are what isolation adds: within a transaction nobody else's writes are seen, so a field that is
 * loaded twice yields the same value twice, unless this function, or one that it calls, writes there.  A
 * forward must-problem for dataflow.c says so: available(l) = on every path l has been executed, and since
 * then no instruction could write the bytes that it read, and the transaction could not end.  A load of an
 * immutable field stays available across both.  Then l dominates each load that it stands for; and since on
 * no path from l's base to the later load l is missing, l's base has not been redefined in between.  Equal
 * bases make more loads equal, so the problem is solved until nothing changes, at most MAX_ROUNDS times.
 *
 * What may write where: alias.c.
 */
#include "priv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROUNDS = 6,
    MAX_LOADS = 4096 /* beyond, loads are not numbered: the bit vectors would be quadratic */
};

struct loads {
    struct numbering *n;
    struct alias_place *v; /* loads of pointers whose place is known; bit k: v[k] is available */
    unsigned count;
};

/* ---- bases ---- */

static const char *global_of(const struct ir_inst *i)
{
    return i->op == IR_ADDR && i->cls != IRC_RAW && i->sym && *i->sym != '.' ? i->sym : NULL;
}

struct globals {
    struct ir_inst **slot;
    unsigned cap;
};

static struct ir_inst *same_global(struct globals *g, struct ir_inst *i)
{
    unsigned k = (unsigned)((size_t)i->sym >> 3) * 2654435761u & (g->cap - 1); /* names are interned */
    while (g->slot[k] && g->slot[k]->sym != i->sym)
        k = (k + 1) & (g->cap - 1);
    if (!g->slot[k])
        g->slot[k] = i;
    return g->slot[k];
}

static struct globals globals_of(const struct ir_func *f)
{
    unsigned n = 0;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            n += i->op == IR_ADDR;
    struct globals g = {NULL, 4};
    while (g.cap < 2 * n)
        g.cap *= 2;
    g.slot = ir_xcalloc(g.cap, sizeof *g.slot);
    return g;
}

/* Of every value, from its operands'; equal loads are found already. */
static void find_bases(struct numbering *n)
{
    struct ir_func *f = n->f;
    struct globals g = globals_of(f);
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (!ir_has_result(i))
                continue;
            struct ir_inst *base = i;
            long off = 0;
            if (i->op == IR_COPY || i->op == IR_DERIVE) {
                const struct ir_inst *a = i->args[0];
                long sum = (long)n->off[a->id] + (i->op == IR_DERIVE ? i->index : 0);
                if (i->op == IR_COPY || (i->index >= 0 && sum < IR_MAX_OFFSET)) {
                    base = n->base[a->id];
                    off = sum;
                }
            } else if (ir_returned_argument(i)) {
                base = n->base[ir_returned_argument(i)->id];
                off = n->off[ir_returned_argument(i)->id];
            } else if (global_of(i)) {
                base = same_global(&g, i);
            } else if (n->same[i->id]) {
                base = n->base[n->same[i->id]->id];
            }
            n->base[i->id] = base;
            n->off[i->id] = (int)off;
            n->root[i->id] = base->op == IR_DERIVE ? n->root[base->args[0]->id] : base;
        }
    free(g.slot);
}

/* ---- loads ---- */

static void transfer_one(const struct loads *l, word *bits, struct ir_inst *i)
{
    struct alias_write w;
    if (i->flags & IRI_NORETURN) {
        memset(bits, 0xff, (l->count + WORD_BITS - 1) / WORD_BITS * sizeof *bits);
        return;
    }
    if (alias_write(l->n, i, &w))
        for (unsigned k = 0; k < l->count; k++)
            if (bit_get(bits, k) && alias_may_change(l->n, &l->v[k], &w))
                bit_clear(bits, k);
    if (i->op == IR_LOAD && i->aux)
        bit_set(bits, (unsigned)((struct alias_place *)i->aux - l->v));
}

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    for (struct ir_inst *i = b->first; i; i = i->next)
        transfer_one(ctx, bits, i);
}

static bool same_place(const struct alias_place *a, const struct alias_place *b)
{
    return a->base == b->base && a->lo == b->lo && a->hi == b->hi && a->inst->cls != IRC_INT;
}

static int by_place(const void *x, const void *y)
{
    const struct alias_place *a = x, *b = y;
    if (a->base->id != b->base->id)
        return a->base->id < b->base->id ? -1 : 1;
    if (a->lo != b->lo)
        return a->lo < b->lo ? -1 : 1;
    if (a->hi != b->hi)
        return a->hi < b->hi ? -1 : 1;
    return a->inst->id < b->inst->id ? -1 : a->inst->id > b->inst->id;
}

/* A load whose address is in a frame is never equal: calls that write nothing shared may write there. */
static bool may_be_equal(const struct ir_inst *i)
{
    return i->op == IR_LOAD && i->cls != IRC_INT && i->args[0]->cls != IRC_RAW;
}

/* The loads that can be equal to another one, the candidates of one place side by side. */
static void collect_loads(struct loads *l)
{
    struct ir_func *f = l->n->f;
    unsigned n = 0, kept = 0;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next)
            n += may_be_equal(i);
    l->v = ir_xcalloc(n, sizeof *l->v);
    n = 0;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next)
            if (may_be_equal(i) && !l->n->same[i->id]) {
                l->v[n] = alias_place(l->n, i);
                n += l->v[n].known;
            }
    qsort(l->v, n, sizeof *l->v, by_place);
    for (unsigned k = 0; k < n; k++)
        if ((k && kept && same_place(&l->v[k], &l->v[kept - 1])) ||
            (k + 1 < n && same_place(&l->v[k], &l->v[k + 1])))
            l->v[kept++] = l->v[k];
    l->count = kept <= MAX_LOADS ? kept : 0;
}

/* Finds loads that equal earlier ones; true if there are any. */
static bool find_equal_loads(struct numbering *n)
{
    struct loads l = {.n = n};
    bool found = false;
    collect_loads(&l);
    for (unsigned k = 0; k < l.count; k++)
        l.v[k].inst->aux = &l.v[k];
    struct dataflow df = {.func = n->f, .nbits = l.count, .ctx = &l, .transfer = transfer};
    if (l.count)
        dataflow_solve(&df);
    word *bits = ir_xcalloc(df.nwords, sizeof *bits);
    bool *passed =
        ir_xcalloc(n->f->nvalues, sizeof *passed); /* where control cannot come, everything is available */
    for (unsigned k = 0; l.count && k < n->f->nrpo; k++) {
        dataflow_at(&df, n->f->rpo[k], bits);
        for (struct ir_inst *i = n->f->rpo[k]->first; i; i = i->next) {
            struct alias_place *a = i->op == IR_LOAD ? i->aux : NULL;
            struct alias_place *e = a;
            while (e && e > l.v && same_place(e - 1, a))
                e--;
            for (; e && e < l.v + l.count && same_place(e, a) && !n->same[i->id]; e++)
                if (passed[e->inst->id] && bit_get(bits, (unsigned)(e - l.v)))
                    n->same[i->id] = e->inst;
            found |= a && n->same[i->id];
            if (a)
                passed[i->id] = true;
            transfer_one(&l, bits, i);
        }
    }
    for (unsigned k = 0; k < l.count; k++)
        l.v[k].inst->aux = NULL;
    free(bits);
    free(passed);
    if (l.count)
        dataflow_free(&df);
    free(l.v);
    return found;
}

/* ---- interface ---- */

static void find_outer(struct numbering *n)
{
    struct ir_func *f = n->f;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next)
            if ((i->op == IR_PARAM || i->op == IR_ADDR) && n->base[i->id] == i &&
                (i->op == IR_PARAM || global_of(i)))
                n->nouter++;
    n->outer = ir_xcalloc(n->nouter, sizeof *n->outer);
    n->nouter = 0;
    for (unsigned k = 0; k < f->nrpo; k++)
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next)
            if ((i->op == IR_PARAM || i->op == IR_ADDR) && n->base[i->id] == i &&
                (i->op == IR_PARAM || global_of(i)))
                n->outer[n->nouter++] = i;
}

struct numbering *number_new(struct ir_func *f, bool loads)
{
    struct numbering *n = ir_xcalloc(1, sizeof *n);
    n->f = f;
    n->base = ir_xcalloc(f->nvalues, sizeof *n->base);
    n->root = ir_xcalloc(f->nvalues, sizeof *n->root);
    n->same = ir_xcalloc(f->nvalues, sizeof *n->same);
    n->off = ir_xcalloc(f->nvalues, sizeof *n->off);
    n->may_be_fresh = ir_xcalloc(f->nvalues, sizeof *n->may_be_fresh);
    ir_compute_dominators(f);
    alias_find_fresh(n);
    find_bases(n);
    for (unsigned r = 0; loads && r < MAX_ROUNDS && find_equal_loads(n); r++)
        find_bases(n);
    find_outer(n);
    return n;
}

void number_free(struct numbering *n)
{
    free(n->base);
    free(n->root);
    free(n->same);
    free(n->off);
    free(n->may_be_fresh);
    free(n->outer);
    free(n);
}

bool number_may_change(const struct numbering *n, struct ir_inst *load, struct ir_inst *i)
{
    struct alias_place place = alias_place(n, load);
    struct alias_write w;
    return alias_write(n, i, &w) && alias_may_change(n, &place, &w);
}

bool number_is_constant(const struct ir_inst *base)
{
    return global_of(base);
}
