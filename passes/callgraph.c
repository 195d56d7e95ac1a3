/* callgraph.c - functions by name.
 *
 * A call names its callee; where several functions of the module have that name (statics of several files,
 * before they are renamed), nobody knows which is meant.  Nor is it known where the one that has it is
 * replaceable: weak, say.  Such a call is one of an unknown function, and such a function has unknown
 * callers; every pass asks here, so none learns from a body that may not be the one that runs, or copies
 * it. */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

struct func_index {
    struct ir_func **v;
    unsigned n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct ir_func *const *)a)->name, (*(struct ir_func *const *)b)->name);
}

struct func_index *func_index_new(const struct ir_module *m)
{
    struct func_index *x = ir_xcalloc(1, sizeof *x);
    x->n = m->nfuncs;
    x->v = ir_xcalloc(m->nfuncs + 1, sizeof(struct ir_func *));
    if (m->nfuncs)
        memcpy(x->v, m->funcs, m->nfuncs * sizeof(struct ir_func *));
    qsort(x->v, x->n, sizeof(struct ir_func *), by_name);
    return x;
}

void func_index_free(struct func_index *x)
{
    free(x->v);
    free(x);
}

struct ir_func *func_index_at(const struct func_index *x, unsigned k)
{
    return x->v[k];
}

/* Where the functions of that name are: [*from, return value). */
static unsigned named(const struct func_index *x, const char *name, unsigned *from)
{
    unsigned lo = 0, hi = x->n;
    while (lo < hi) {
        unsigned mid = lo + (hi - lo) / 2;
        bool before = strcmp(x->v[mid]->name, name) < 0;
        *(before ? &lo : &hi) = before ? mid + 1 : mid;
    }
    *from = lo;
    while (hi < x->n && !strcmp(x->v[hi]->name, name))
        hi++;
    return hi;
}

int func_index_find(const struct func_index *x, const char *name)
{
    unsigned from, to = named(x, name, &from);
    return to - from == 1 && !x->v[from]->replaceable ? (int)from : -1;
}

bool func_index_has(const struct func_index *x, const char *name)
{
    unsigned from;
    return named(x, name, &from) != from;
}

bool func_callers_known(const struct ir_module *m, const struct ir_func *f)
{
    return !f->address_taken && !f->replaceable && (f->is_static || (m->whole && strcmp(f->name, "main")));
}
