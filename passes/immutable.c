/* immutable.c - fields that never change once their object can be seen: loads of them need no barrier.
 *
 * Requires: no barriers yet, and the whole program (ir_module.whole); does nothing otherwise.  Leaves the
 * control flow alone.
 *
 * Bytes are immutable if every write in the program that could reach them is to an object that was allocated
 * in the same transaction.  Publication: until that transaction commits nobody else can have a reference to
 * the object; whoever gets one later gets it from a view of memory that holds the commit, and with it all
 * writes there will ever be.  In the writing transaction itself loads and stores are in program order.  So no
 * read can conflict.
 *
 * The analysis starts from the writes, all of them: stores, updates, and what the front end says by `escape`
 * of bytes that are written otherwise (struct copies, memory functions, what the library or untranslated code
 * is given, atomic built-ins, addresses that leave).  Those to fresh objects are left out.  Each tells the
 * bytes that it writes, seen through its pointer; one that does not writes everything.  What it may reach
 * through pointers of other types is reach.c's question.  A load is immutable if no write reaches its bytes
 * (doc/passes.md has the argument, construct by construct).
 *
 * In a file that is translated with the facts of the whole program, inferred loads come marked `inferred`.
 * One whose barrier would serve several reads of the same object behind it (the count before the items: a
 * barrier on the owner covers them all, and one on an item only that) loses the mark and gets its barrier.
 * Facts that crossed files were found without that barrier, so they hold with it.
 */
#include "priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 1 << 20 }; /* of loads to be compared in a function */

static void collect(struct reach *r, struct ir_func *f)
{
    struct facts *fs = facts_new(f, true);
    for (unsigned k = 0; k < f->nrpo; k++) {
        facts_enter(fs, f->rpo[k]);
        for (struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            bool writes = i->op == IR_ESCAPE || (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES));
            if (writes && !(i->nargs && facts_fresh(fs, i->args[0])))
                reach_write(r, i->span, i);
            facts_step(fs, i);
        }
    }
    facts_free(fs);
}

static bool is_candidate(const struct ir_inst *i)
{
    return i->op == IR_LOAD && i->span && !(i->flags & IRI_IMMUTABLE);
}

/* ---- where the barrier pays all the same ---- */

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
        if (n->root[t->id] != owner || !ir_comes_after(reads[k], i) ||
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

/* ---- what is believed of which memory ---- */

struct asked {
    struct ir_module *m;
    const char **name; /* by the number of the question: of a load that asked it */
    unsigned n;
};

static void name_question(struct asked *a, unsigned question, const char *name)
{
    if (question >= a->n) {
        unsigned n = 2 * question + 64;
        a->name = ir_xrealloc(a->name, n * sizeof *a->name);
        memset(a->name + a->n, 0, (n - a->n) * sizeof *a->name);
        a->n = n;
    }
    a->name[question] = name;
}

static void tell(void *ctx, unsigned question, const struct ir_span *at)
{
    const struct asked *a = ctx;
    ir_add_believed(a->m, (struct ir_believed){a->name[question], *at});
}

static void say_writer(void *ctx, const struct ir_inst *who)
{
    (void)ctx;
    fprintf(stderr, "ungil: mutant: written at %s:%u:%u\n", who->loc.file ? who->loc.file : "?",
            who->loc.line, who->loc.col);
}

/* Does nothing that is not fresh write the field that i, in f, reads? */
static bool is_unwritten(struct reach *r, unsigned question, const struct ir_inst *i, const struct ir_func *f)
{
    if (!reach_writer(r, question))
        return true;
    if (!ir_mutant_is(f->module, "immutable", i->loc, f->name))
        return false;
    reach_forget(r, question, say_writer, NULL);
    return true;
}

unsigned long immutable_run(struct ir_module *m)
{
    unsigned long found = 0;
    for (unsigned n = 0; n < m->nfuncs; n++)
        found += keep_paying(m->funcs[n]);
    if (!m->whole)
        return found;
    struct reach *r = reach_new(m);
    unsigned *asked = NULL, n = 0, cap = 0;
    struct asked names = {.m = m};
    for (unsigned pass = 0; pass < 3; pass++) {
        if (pass == 2)
            reach_solve(r);
        n = 0;
        for (unsigned k = 0; k < m->nfuncs; k++) {
            if (!pass)
                collect(r, m->funcs[k]);
            for (unsigned b = 0; pass && b < m->funcs[k]->nblocks; b++)
                for (struct ir_inst *i = m->funcs[k]->blocks[b]->first; i; i = i->next) {
                    if (!is_candidate(i))
                        continue;
                    if (n == cap)
                        asked = ir_xrealloc(asked, (cap = cap ? 2 * cap : 64) * sizeof *asked);
                    if (pass == 1)
                        name_question(&names, asked[n] = reach_ask(r, i->span), i->sym);
                    else
                        asked[n] = is_unwritten(r, asked[n], i, m->funcs[k]);
                    n++;
                }
        }
    }
    n = 0;
    for (unsigned k = 0; k < m->nfuncs; k++)
        for (unsigned b = 0; b < m->funcs[k]->nblocks; b++)
            for (struct ir_inst *i = m->funcs[k]->blocks[b]->first; i; i = i->next)
                if (is_candidate(i) && asked[n++]) {
                    i->flags |= IRI_IMMUTABLE;
                    found++;
                }
    if (m->tell_believed)
        reach_asked(r, tell, &names);
    free(names.name);
    free(asked);
    reach_free(r);
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
