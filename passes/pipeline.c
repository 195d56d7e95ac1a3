/* pipeline.c - the list of passes, and who runs, times, checks and prints around them.
 *
 * A pass is a function of the module that returns its number of changes and keeps its state on its own
 * stack.  It neither prints nor verifies nor times itself.  No pass changes the control flow, so orders and
 * dominators stay valid throughout.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct pass pass_table[] = {
    /* name, letter, what it does, function */
    {"local", 'l', "parameters that always point into the C stack", local_run},
    {"effects", 'e', "what calls of functions in the module may do", effects_run},
    {"immutable", 'm', "fields that the whole program writes in fresh objects only", immutable_run},
    {"place", 'p', "a barrier before each access that needs one", place_run},
    {"fresh", 'f', "remove barriers on objects allocated in this transaction", fresh_run},
    {"inevitable", 'v', "turn inevitable once a transaction, and read without barriers then", inevitable_run},
    {"upgrade", 'u', "read barriers that a write barrier always follows become it", upgrade_run},
    {"available", 'a', "remove barriers already done on every path", available_run},
    {"range", 'r', "one barrier before a counted loop for all elements that it reaches", range_run},
    {"motion", 'o', "move barriers out of loops, onto edges, and behind calls that ended the transaction",
     motion_run},
    {"clone", 'c', "copies of functions for calls before which more has been done", clone_run},
    {"interproc", 'i', "remove barriers that all callers have done, or that callees do", interproc_run},
};
const unsigned pass_count = sizeof pass_table / sizeof *pass_table;

static void count(struct pass_count *c, const struct ir_inst *i)
{
    bool write = i->op == IR_WBAR || ir_is(i, IRF_WRITES);
    c->write += write;
    c->read += !write;
}

static struct pass_count count_barriers(const struct ir_module *m)
{
    struct pass_count c = {0, 0};
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next)
                if (ir_live_barrier(i))
                    count(&c, i);
    return c;
}

static struct pass_count count_accesses(const struct ir_module *m)
{
    struct pass_count c = {0, 0};
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next)
                if (ir_is(i, IRF_ACCESS) && i->args[0]->cls != IRC_RAW)
                    count(&c, i);
    return c;
}

bool passes_named(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; p; p = strchr(p, ',')) {
        p += *p == ',';
        if (!strncmp(p, name, n) && (!p[n] || p[n] == ','))
            return true;
    }
    return false;
}

const char *passes_unknown(const char *list)
{
    for (const char *p = list;; p++) {
        size_t n = strcspn(p, ",");
        bool found = false;
        for (unsigned i = 0; i < pass_count; i++)
            found |= strlen(pass_table[i].name) == n && !strncmp(pass_table[i].name, p, n);
        if (!found)
            return p;
        p += n;
        if (!*p)
            return NULL;
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(const struct ir_module *m, const char *pass)
{
    for (unsigned i = 0; i < m->nfuncs; i++)
        if (!ir_verify(m->funcs[i], stderr))
            ir_die("malformed IR after pass %s", pass);
}

void passes_run(struct ir_module *m, const struct pass_options *o, struct pass_stats *stats)
{
    static const struct pass_options none;
    struct pass_stats s = {.accesses = count_accesses(m)};
    if (!o)
        o = &none;
    s.passes = ir_xcalloc(pass_count, sizeof *s.passes);
    ir_mutate(m, IR_LOWERED, NULL);
    for (unsigned i = 0; i < pass_count; i++) {
        const struct pass *p = &pass_table[i];
        if ((o->only && !passes_named(o->only, p->name)) || passes_named(o->without, p->name))
            continue;
        struct pass_row *row = &s.passes[s.npasses++];
        double start = seconds();
        row->name = p->name;
        row->changes = p->run(m);
        if (p->run == effects_run)
            ir_mutate(m, IR_FACTS, NULL);
        row->seconds = seconds() - start;
        row->left = s.final = count_barriers(m);
        if (p->run == place_run)
            s.naive = row->left;
        if (o->verify)
            check(m, p->name);
        if (o->dump && o->dump_out && (strchr(o->dump, '*') || strchr(o->dump, p->letter))) {
            fprintf(o->dump_out, "; after %s: %lu changes\n", p->name, row->changes);
            ir_print(o->dump_out, m);
        }
    }
    if (stats)
        *stats = s;
    else
        free(s.passes);
}

enum barrier_kind *passes_decisions(const struct ir_module *m, unsigned n)
{
    enum barrier_kind *d = ir_xcalloc(n, sizeof *d);
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned k = 0; k < m->funcs[f]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[k]->first; i; i = i->next) {
                if (!ir_live_barrier(i) || i->flags & IRI_MOVED || i->access < 0 || (unsigned)i->access >= n)
                    continue;
                enum barrier_kind kind = i->op == IR_WBAR ? BARRIER_WRITE : BARRIER_READ;
                if (kind > d[i->access])
                    d[i->access] = kind;
            }
    return d;
}

const struct ir_inst **passes_barriers(const struct ir_module *m, unsigned n)
{
    const struct ir_inst **barriers = ir_xcalloc(n, sizeof *barriers);
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned k = 0; k < m->funcs[f]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[k]->first; i; i = i->next)
                if (ir_is(i, IRF_BARRIER) && !(i->flags & IRI_MOVED) && i->access >= 0 &&
                    (unsigned)i->access < n)
                    barriers[i->access] = i;
    return barriers;
}
