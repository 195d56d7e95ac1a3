/* immutable.c - fields that never change once their object can be seen: loads of them need no barrier.
 *
 * Requires: no barriers yet, and the whole program (ir_module.whole); does nothing otherwise.  Leaves the
 * control flow alone.
 *
 * T.f is immutable if every store to it in the program is to an object that was allocated in the same
 * transaction.  Publication: until that transaction commits nobody else can have a reference to the object;
 * whoever gets one later gets it from a view of memory that holds the commit, and with it all stores to T.f
 * there will ever be.  In the storing transaction itself loads and stores are in program order.  So no read
 * of T.f can conflict.
 *
 * Stores are known by the field's name, "record.member"; C's rules on effective types say that a field is
 * written under its own name, or through a pointer that was made from it or from its object.  The front end
 * says so where that happens, by `escape`:
 *   escape "T.f"      the address of f is taken, or f lies in a union: f is mutable
 *   escape "T."       an object of type T becomes a pointer to other types: all its fields are
 *   escape %0 "T."    the whole of a T may be written at %0 (struct assignment, memory functions): they are,
 *                     unless %0 is fresh
 *   escape %0 "*"     likewise, of unknown type: all fields of the program are
 * Interpreters repeat the head of an object in several structs by a macro and write it through any of them.
 * So a store to U.f also counts for T.f if it has the same size, and the same offset as far as that is
 * known.
 *
 * In a file that is translated with the facts of the whole program, inferred loads come marked `inferred`.
 * One whose barrier would serve several reads of the same object behind it (the count before the items: a
 * barrier on the owner covers them all, and one on an item only that) loses the mark and gets its barrier.
 * Facts that crossed files were found without that barrier, so they hold with it.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 1 << 20 }; /* of loads to be compared in a function */
struct store {
    const char *member;
    unsigned size;
    int index;
};
struct immutable {
    const char **names;
    unsigned nnames, capnames; /* "T.f" and "T.", sorted in the end */
    struct store *stores;
    unsigned nstores, capstores;
    bool all;
};

static void add_name(struct immutable *im, const char *s)
{
    if (im->nnames == im->capnames)
        im->names =
            ir_xrealloc(im->names, (im->capnames = im->capnames ? 2 * im->capnames : 64) * sizeof *im->names);
    im->names[im->nnames++] = s;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_stores(const void *x, const void *y)
{
    const struct store *a = x, *b = y;
    int c = strcmp(a->member, b->member);
    if (c)
        return c;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static const char *member_of(const char *sym)
{
    const char *dot = strrchr(sym, '.');
    return dot ? dot + 1 : sym;
}

static void add_store(struct immutable *im, const struct ir_inst *i)
{
    add_name(im, i->sym);
    if (im->nstores == im->capstores)
        im->stores = ir_xrealloc(im->stores, (im->capstores = im->capstores ? 2 * im->capstores : 64) *
                                                 sizeof *im->stores);
    im->stores[im->nstores++] =
        (struct store){member_of(i->sym), i->size, i->unit == IRU_OBJECT ? i->index : -1};
}

static void collect(struct immutable *im, struct ir_func *f)
{
    struct facts *fs = facts_new(f, true);
    for (unsigned k = 0; k < f->nrpo; k++) {
        facts_enter(fs, f->rpo[k]);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            bool fresh =
                i->nargs && (i->op == IR_ESCAPE || ir_is(i, IRF_WRITES)) && facts_fresh(fs, i->args[0]);
            if (i->op == IR_ESCAPE && !fresh && i->sym) {
                im->all |= !strcmp(i->sym, "*");
                add_name(im, i->sym);
            }
            if (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES) && i->sym && !fresh)
                add_store(im, i);
            facts_step(fs, i);
        }
    }
    facts_free(fs);
}

static bool has_name(const struct immutable *im, const char *s)
{
    return im->nnames && bsearch(&s, im->names, im->nnames, sizeof *im->names, compare_names);
}

static bool has_store(const struct immutable *im, struct store s)
{
    return im->nstores && bsearch(&s, im->stores, im->nstores, sizeof *im->stores, compare_stores);
}

/* Is a store to a field of the same member name, size and offset, of whatever record, among the stores? */
static bool namesake_stored(const struct immutable *im, const struct ir_inst *i)
{
    struct store s = {member_of(i->sym), i->size, i->unit == IRU_OBJECT ? i->index : -1};
    if (has_store(im, s))
        return true;
    if (s.index >= 0)
        return has_store(im, (struct store){s.member, s.size, -1});
    for (unsigned k = 0; k < im->nstores; k++)
        if (!strcmp(im->stores[k].member, s.member) && im->stores[k].size == s.size)
            return true;
    return false;
}

static bool is_mutable(const struct immutable *im, const struct ir_inst *i)
{
    char record[256];
    size_t n = (size_t)(member_of(i->sym) - i->sym);
    if (!n || n >= sizeof record)
        return true;
    memcpy(record, i->sym, n);
    record[n] = 0;
    return im->all || has_name(im, i->sym) || has_name(im, record) || namesake_stored(im, i);
}

/* ---- where the barrier pays all the same ---- */

static bool comes_after(const struct ir_inst *a, const struct ir_inst *b)
{
    if (a->block != b->block)
        return ir_dominates(b->block, a->block);
    while (a && a != b)
        a = a->prev;
    return a;
}

/* How many different places in the object that load i reads are read behind i, with barriers of their own? */
static unsigned places_behind(const struct numbering *n, const struct ir_inst *i,
                              struct ir_inst *const *reads, unsigned nreads)
{
    const struct ir_inst *owner = n->base[i->args[0]->id];
    const struct ir_inst *base = NULL;
    int off = 0;
    unsigned places = 0;
    for (unsigned k = 0; k < nreads && places < 2; k++) {
        const struct ir_inst *t = reads[k]->args[0];
        if (n->root[t->id] != owner || !comes_after(reads[k], i) ||
            (base == n->base[t->id] && off == n->off[t->id]))
            continue;
        base = n->base[t->id];
        off = n->off[t->id];
        places++;
    }
    return places;
}

static unsigned long keep_paying(struct ir_func *f)
{
    struct ir_inst **inferred = NULL, **reads = NULL;
    unsigned ninferred = 0, nreads = 0;
    unsigned long kept = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        ninferred = nreads = 0;
        for (unsigned k = 0; k < f->nblocks; k++)
            for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
                if (i->op != IR_LOAD)
                    continue;
                if ((i->flags & IRI_INFERRED) && i->unit == IRU_OBJECT && i->cls == IRC_INT) {
                    if (pass)
                        inferred[ninferred] = i;
                    ninferred++;
                } else if (ir_needs_barrier(i)) {
                    if (pass)
                        reads[nreads] = i;
                    nreads++;
                }
            }
        if (!ninferred || !nreads || (unsigned long)ninferred * nreads > MAX_PAIRS)
            break;
        if (!pass) {
            inferred = ir_xcalloc(ninferred, sizeof *inferred);
            reads = ir_xcalloc(nreads, sizeof *reads);
        }
    }
    if (inferred) {
        struct numbering *n = number_new(f, true);
        ir_compute_dominators(f);
        for (unsigned k = 0; k < ninferred; k++)
            if (!n->off[inferred[k]->args[0]->id] && places_behind(n, inferred[k], reads, nreads) > 1) {
                inferred[k]->flags &= ~(unsigned)(IRI_IMMUTABLE | IRI_INFERRED);
                kept++;
            }
        number_free(n);
    }
    free(inferred);
    free(reads);
    return kept;
}

unsigned long immutable_run(struct ir_module *m)
{
    struct immutable im = {0};
    unsigned long found = 0;
    for (unsigned n = 0; n < m->nfuncs; n++)
        found += keep_paying(m->funcs[n]);
    if (!m->whole)
        return found;
    for (unsigned n = 0; n < m->nfuncs; n++)
        collect(&im, m->funcs[n]);
    if (im.nnames)
        qsort(im.names, im.nnames, sizeof *im.names, compare_names);
    if (im.nstores)
        qsort(im.stores, im.nstores, sizeof *im.stores, compare_stores);
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next)
                if (i->op == IR_LOAD && i->sym && !(i->flags & IRI_IMMUTABLE) && !is_mutable(&im, i)) {
                    i->flags |= IRI_IMMUTABLE;
                    found++;
                }
    free(im.names);
    free(im.stores);
    return found;
}

unsigned passes_immutable_stores(struct ir_module *m, void (*report)(const struct ir_inst *store, void *ctx),
                                 void *ctx)
{
    unsigned found = 0;
    for (unsigned n = 0; n < m->nfuncs; n++) {
        struct ir_func *f = m->funcs[n];
        bool some = false;
        for (unsigned k = 0; k < f->nblocks && !some && !f->clone_of; k++) /* of copies the original tells */
            for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
                some |= ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES) && (i->flags & IRI_IMMUTABLE);
        struct facts *fs = some ? facts_new(f, true) : NULL;
        for (unsigned k = 0; fs && k < f->nrpo; k++) {
            facts_enter(fs, f->rpo[k]);
            for (const struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
                if (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES) && (i->flags & IRI_IMMUTABLE) &&
                    !facts_fresh(fs, i->args[0])) {
                    report(i, ctx);
                    found++;
                }
                facts_step(fs, i);
            }
        }
        if (fs)
            facts_free(fs);
    }
    return found;
}
