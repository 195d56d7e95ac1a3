/* makers.c - functions whose fresh result nobody else knows.
 *
 * Where a pointer to the result of a call becomes one to another type, memory that was made as one thing is
 * seen as another (reach.c).  If the call returns a fresh object that only its caller knows, there is nothing
 * to be seen as two: what the object is made for is what it becomes, and what was written to it before is
 * written to what nobody reads as anything else.  A function that has shown its object, to others or to
 * memory that outlives it, is none of these: there the object is, as what it was in that function.
 *
 * So a maker writes to nothing but what it has allocated, where others do not find the address, and calls
 * nobody who might keep it: only what writes nothing, what does not come back, and makers.  One that comes to
 * itself again is none.  What is not defined in the module returns fresh objects because it is declared so:
 * allocators of the runtime and of libraries. */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum state { NEW, ASKED, NONE, MAKER };
struct call {
    const char *name;
    bool fresh;
};
struct makers {
    struct func_index *index;
    enum state *state; /* by place there */
    struct call *calls;
    unsigned n;
};

static bool is_maker(struct makers *x, unsigned place);

static bool keeps_none(struct makers *x, const char *name)
{
    int place = func_index_find(x->index, name);
    return place >= 0 ? is_maker(x, (unsigned)place) : !func_index_has(x->index, name);
}

/* Does i show nobody what the function has made? */
static bool is_quiet(struct makers *x, const struct ir_inst *i)
{
    bool writes = i->op == IR_ESCAPE || i->op == IR_LOCALW || (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES));
    const struct ir_inst *to = writes && i->nargs ? i->args[0] : NULL;
    while (to && (to->op == IR_COPY || to->op == IR_DERIVE))
        to = to->args[0];
    if (writes)
        return to && (to->op == IR_ALLOC || (to->op == IR_CALL && to->flags & IRI_RETURNS_FRESH));
    if (i->op == IR_ICALL)
        return false;
    if (i->op != IR_CALL || i->flags & (IRI_PURE | IRI_READONLY | IRI_NORETURN))
        return true;
    return i->flags & IRI_RETURNS_FRESH && i->sym && keeps_none(x, i->sym);
}

static bool is_maker(struct makers *x, unsigned place)
{
    if (x->state[place] == NEW) {
        const struct ir_func *f = func_index_at(x->index, place);
        bool quiet = true;
        x->state[place] = ASKED;
        for (unsigned b = 0; b < f->nblocks; b++)
            for (const struct ir_inst *i = f->blocks[b]->first; i && quiet; i = i->next)
                quiet = is_quiet(x, i);
        x->state[place] = quiet ? MAKER : NONE;
    }
    return x->state[place] == MAKER;
}

/* By name, what is not fresh first. */
static int in_order(const void *a, const void *b)
{
    const struct call *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : x->fresh - y->fresh;
}

/* Each name once, fresh if all its calls are. */
static void find_calls(struct makers *x, const struct ir_module *m)
{
    unsigned cap = 0, n = 0;
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned b = 0; b < m->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[b]->first; i; i = i->next) {
                if (i->op != IR_CALL || !i->sym)
                    continue;
                if (n == cap)
                    x->calls = ir_xrealloc(x->calls, (cap = cap ? 2 * cap : 64) * sizeof *x->calls);
                x->calls[n++] = (struct call){i->sym, i->flags & IRI_RETURNS_FRESH};
            }
    if (n)
        qsort(x->calls, n, sizeof *x->calls, in_order);
    for (unsigned k = 0; k < n; k++)
        if (!k || strcmp(x->calls[k - 1].name, x->calls[k].name) != 0)
            x->calls[x->n++] = x->calls[k];
}

struct makers *makers_new(const struct ir_module *m)
{
    struct makers *x = ir_xcalloc(1, sizeof *x);
    x->index = func_index_new(m);
    x->state = ir_xcalloc(m->nfuncs + 1, sizeof *x->state);
    find_calls(x, m);
    return x;
}

void makers_free(struct makers *x)
{
    func_index_free(x->index);
    free(x->state);
    free(x->calls);
    free(x);
}

bool makers_keep_none(struct makers *x, const char *name)
{
    const struct call key = {name, false};
    unsigned lo = 0, hi = x->n;
    while (lo < hi) {
        unsigned mid = lo + (hi - lo) / 2;
        bool before = in_order(&x->calls[mid], &key) < 0;
        *(before ? &lo : &hi) = before ? mid + 1 : mid;
    }
    return lo < x->n && !strcmp(x->calls[lo].name, name) && x->calls[lo].fresh && keeps_none(x, name);
}
