/* effects.c - what calls may do, from the bodies of the functions they call.
 *
 * Requires nothing; leaves the control flow alone.  Narrows calls of functions that the module defines:
 * cannot reach a safepoint, cannot allocate, cannot turn inevitable, writes nothing that existed before, or
 * of that only its thread's own memory (alias.c), returns an object that it allocated (or null), returns
 * argument k, returns that or a fresh object, never returns.  What the front end said stays; calls of unknown
 * functions and indirect calls keep only that.  In a whole program the function `.icall:KEY` stands for what
 * indirect calls with that key may call (tool/whole/fnclass.c writes it), `.icall` for what those without
 * may.
 *
 * Bottom-up over the strongly connected components of the call graph (Tarjan, "Depth-First Search and Linear
 * Graph Algorithms", SIAM J. Comput. 1972).  Within a component: the least fixpoint of "may" (safepoint,
 * allocate, inevitable, return) and the greatest of "returns fresh" and "returns argument k"; all are right
 * for recursion, by induction over the length of an execution.
 *
 * Only what lies on a path to a return counts: nobody comes back to the call from `if (bad) error(...)`, so
 * what error does there ends no fact in the caller.  A function that calls setjmp is the exception, since an
 * inner call that "never returns" may end there: it is taken to do everything.
 *
 * If several functions of the module have one name, calls by that name are unknown.  Cost: the bodies, times
 * the rounds each component needs (two or three in practice, at most three times its size).
 */
#include "priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1, ANY = -2 };
enum { MAY_WRITE_OWN = 1 << 30 }; /* own memory that existed before (alias.c); beside enum ir_op_flag */

struct summary {
    struct ir_func *f;
    unsigned may; /* IRF_SAFEPOINT, IRF_ALLOCS, IRF_INEV, IRF_WRITES (of what existed before), MAY_WRITE_OWN
                     on paths that return */
    bool may_return, fresh;
    int or_fresh;             /* it returns this argument, or a fresh object, or null; NONE: no certain one */
    int argument;             /* which it returns; ANY: not known yet; NONE: no certain one */
    struct ir_inst **calls;   /* calls of functions of the module */
    struct summary **callees; /* of each of them */
    unsigned ncalls;
    unsigned index, low, next; /* Tarjan; index 0: not seen */
    bool on_stack;
};

struct effects {
    struct func_index *index;
    struct summary *all; /* in its order */
    unsigned n;
    struct summary **order; /* components, callees first */
    unsigned *component;    /* order[component[c]..component[c+1]) */
    unsigned ncomponents;
};

/* ---- the call graph ---- */

static struct summary *find(const struct effects *e, const char *name)
{
    int k = func_index_find(e->index, name);
    return k < 0 ? NULL : &e->all[k];
}

/* What stands for the functions that an indirect call may call: those of its type; without a type all. */
static struct summary *find_indirect(const struct effects *e, const char *key)
{
    if (!key)
        return find(e, ".icall");
    size_t n = sizeof ".icall:" + strlen(key);
    char *name = ir_xcalloc(n, 1);
    snprintf(name, n, ".icall:%s", key);
    struct summary *s = find(e, name);
    free(name);
    return s;
}

static void find_calls(const struct effects *e, struct summary *s)
{
    unsigned n = 0;
    for (unsigned k = 0; k < s->f->nblocks; k++)
        for (struct ir_inst *i = s->f->blocks[k]->first; i; i = i->next)
            n += i->op == IR_CALL || i->op == IR_ICALL;
    s->calls = ir_xcalloc(n, sizeof *s->calls);
    s->callees = ir_xcalloc(n, sizeof *s->callees);
    for (unsigned k = 0; k < s->f->nblocks; k++)
        for (struct ir_inst *i = s->f->blocks[k]->first; i; i = i->next) {
            struct summary *callee = i->op == IR_CALL && i->sym ? find(e, i->sym)
                                     : i->op == IR_ICALL        ? find_indirect(e, i->sym)
                                                                : NULL;
            i->aux = callee; /* for scan; cleared at the end */
            if (callee) {
                s->calls[s->ncalls] = i;
                s->callees[s->ncalls++] = callee;
            }
        }
}

static void find_components(struct effects *e)
{
    struct summary **stack = ir_xcalloc(e->n, sizeof *stack), **path = ir_xcalloc(e->n, sizeof *path);
    unsigned nstack = 0, npath = 0, index = 0, nordered = 0;
    for (unsigned root = 0; root < e->n; root++) {
        if (e->all[root].index)
            continue;
        path[npath++] = &e->all[root];
        while (npath) {
            struct summary *s = path[npath - 1];
            if (!s->index) {
                s->index = s->low = ++index;
                stack[nstack++] = s;
                s->on_stack = true;
            }
            if (s->next < s->ncalls) {
                struct summary *c = s->callees[s->next++];
                if (!c->index)
                    path[npath++] = c;
                else if (c->on_stack && c->index < s->low)
                    s->low = c->index;
                continue;
            }
            npath--;
            if (npath && s->low < path[npath - 1]->low)
                path[npath - 1]->low = s->low;
            if (s->low != s->index)
                continue;
            e->component[e->ncomponents++] = nordered;
            do {
                e->order[nordered] = stack[--nstack];
                e->order[nordered]->on_stack = false;
            } while (e->order[nordered++] != s);
        }
    }
    e->component[e->ncomponents] = nordered;
    free(stack);
    free(path);
}

/* ---- may: safepoint, allocate, turn inevitable, return ---- */

static bool never_returns(const struct ir_inst *i)
{
    const struct summary *callee = i->aux;
    return (i->flags & IRI_NORETURN) || (callee && !callee->may_return);
}

/* Does i write own memory that existed before the function was called?  Its frame did not. */
static bool writes_own(const struct ir_inst *i)
{
    if (i->op == IR_CALL || i->op == IR_ICALL)
        return !(i->flags & IRI_READONLY);
    bool writes = i->op == IR_LOCALW || (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES));
    const struct ir_inst *root = writes && i->nargs ? ir_object_root(i->args[0]) : NULL;
    return root && i->args[0]->cls == IRC_RAW && !(root->op == IR_ADDR && root->flags & IRI_LOCAL);
}

static unsigned may_of(const struct ir_inst *i)
{
    const struct summary *callee = i->aux;
    unsigned may = ir_effects(i);
    if (writes_own(i))
        may |= MAY_WRITE_OWN;
    if (i->flags & IRI_OWN)
        may &= ~(unsigned)IRF_WRITES;
    if (callee)
        may &= callee->may;
    if (i->op == IR_INEV)
        may |= IRF_WRITES; /* it stands for raw writes and assembly, too */
    if (ir_is(i, IRF_ACCESS) && ir_object_root(i->args[0])->op == IR_ALLOC)
        may &= ~(unsigned)IRF_WRITES; /* nobody outside has seen that object */
    return may & (IRF_SAFEPOINT | IRF_ALLOCS | IRF_INEV | IRF_WRITES | MAY_WRITE_OWN);
}

/* Blocks that control reaches, and, in returns[], those from whose end a return can be reached. */
static void find_paths(const struct ir_func *f, bool *reached, bool *returns)
{
    struct ir_block **work = ir_xcalloc(f->nblocks, sizeof *work);
    unsigned n = 0;
    bool *stops = ir_xcalloc(f->nblocks, sizeof *stops);
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i && !stops[k]; i = i->next)
            stops[k] = never_returns(i);
    work[n++] = f->blocks[0];
    reached[0] = true;
    while (n) {
        struct ir_block *b = work[--n];
        for (unsigned k = 0; !stops[b->id] && k < b->nsuccs; k++)
            if (!reached[b->succs[k]->id]) {
                reached[b->succs[k]->id] = true;
                work[n++] = b->succs[k];
            }
    }
    for (unsigned k = 0; k < f->nblocks; k++)
        if (reached[k] && f->blocks[k]->last->op == IR_RET && !stops[k]) {
            returns[k] = true;
            work[n++] = f->blocks[k];
        }
    while (n) {
        struct ir_block *b = work[--n];
        for (unsigned k = 0; k < b->npreds; k++) {
            unsigned p = b->preds[k]->id;
            if (reached[p] && !stops[p] && !returns[p]) {
                returns[p] = true;
                work[n++] = b->preds[k];
            }
        }
    }
    free(stops);
    free(work);
}

/* Brings s up to date with its callees; true if it changed. */
static bool scan(struct summary *s)
{
    const struct ir_func *f = s->f;
    bool *reached = ir_xcalloc(f->nblocks, sizeof *reached),
         *returns = ir_xcalloc(f->nblocks, sizeof *returns);
    unsigned may = 0;
    bool may_return = false;
    find_paths(f, reached, returns);
    for (unsigned k = 0; k < f->nblocks; k++) {
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
            if (returns[k])
                may |= may_of(i);
            if (reached[k] && (i->flags & IRI_RETURNS_TWICE)) {
                may |= IRF_SAFEPOINT | IRF_ALLOCS | IRF_INEV | IRF_WRITES | MAY_WRITE_OWN;
                may_return = true;
            }
        }
        may_return |= returns[k] && f->blocks[k]->last->op == IR_RET;
    }
    free(reached);
    free(returns);
    bool changed = may != s->may || may_return != s->may_return;
    s->may = may;
    s->may_return = may_return;
    return changed;
}

/* What `may` and `may_return` allow to say of a call. */
static void narrow(struct ir_inst *call, const struct summary *callee)
{
    if (!callee->may_return) {
        call->flags |= IRI_NORETURN; /* and `may` is about returns only */
        return;
    }
    if (!(callee->may & IRF_SAFEPOINT))
        call->flags |= IRI_NOSAFEPOINT;
    if (!(callee->may & IRF_ALLOCS))
        call->flags |= IRI_NOALLOC;
    if (!(callee->may & IRF_INEV))
        call->flags |= IRI_NOINEV;
    if (!(callee->may & IRF_WRITES))
        call->flags |= callee->may & MAY_WRITE_OWN ? IRI_OWN : IRI_READONLY;
}

/* ---- returns fresh ---- */

/* Can s return a fresh object at all?  Cheap, to leave out most functions. */
static bool fresh_candidate(const struct summary *s)
{
    bool some = false;
    for (unsigned k = 0; k < s->f->nblocks; k++) {
        const struct ir_inst *ret = s->f->blocks[k]->last;
        if (ret->op != IR_RET)
            continue;
        if (!ret->nargs)
            return false;
        enum ir_op op = ir_object_root(ret->args[0])->op;
        if (op != IR_ALLOC && op != IR_CALL && op != IR_ICALL && op != IR_PHI && op != IR_NULLV)
            return false;
        some = true;
    }
    return some;
}

/* What callers give (facts of a whole program) does not count: fresh is what was allocated in the call. */
static bool returns_fresh(struct summary *s, const struct ir_summary *given)
{
    struct ir_summary was = s->f->sum;
    bool fresh = true;
    s->f->sum = *given;
    struct facts *fs = facts_new(s->f, true);
    for (unsigned k = 0; fresh && k < s->f->nblocks; k++) {
        struct ir_block *b = s->f->blocks[k];
        if (b->last->op != IR_RET)
            continue;
        facts_enter(fs, b);
        for (const struct ir_inst *i = b->first; i != b->last; i = i->next)
            facts_step(fs, i);
        fresh = facts_fresh(fs, b->last->args[0]);
    }
    facts_free(fs);
    s->f->sum = was;
    return fresh;
}

/* Says so at the calls within s of functions that return fresh objects; `mine` marks the flags that are ours
 * to take back. */
static void flag_fresh_calls(struct summary *s, bool *const *mine, const struct effects *e)
{
    bool *m = mine[s - e->all];
    for (unsigned k = 0; k < s->ncalls; k++) {
        struct ir_inst *call = s->calls[k];
        if (s->callees[k]->fresh && !(call->flags & IRI_RETURNS_FRESH)) {
            call->flags |= IRI_RETURNS_FRESH;
            m[k] = true;
        } else if (!s->callees[k]->fresh && m[k]) {
            call->flags &= ~(unsigned)IRI_RETURNS_FRESH;
            m[k] = false;
        }
    }
}

static void find_fresh(const struct effects *e, struct summary **members, unsigned n, bool *const *mine)
{
    for (unsigned k = 0; k < n; k++)
        members[k]->fresh = fresh_candidate(members[k]);
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < n; k++)
            flag_fresh_calls(members[k], mine, e);
        for (unsigned k = 0; k < n; k++)
            if (members[k]->fresh && !returns_fresh(members[k], &(struct ir_summary){0})) {
                members[k]->fresh = false;
                changed = true;
            }
    }
}

/* ---- returns argument k ---- */

/* Null is no argument, although it needs no barrier: a barrier on a null result would not be one on the
 * argument. */
static int meet(int a, int b)
{
    return a == ANY ? b : b == ANY || a == b ? a : NONE;
}

/* Which argument v is, as far as those of its operands are known (by value number). */
static int argument_of(const struct ir_inst *v, const int *of)
{
    int a = ANY;
    switch (v->op) {
    case IR_PARAM:
        return v->index;
    case IR_COPY:
        return of[v->args[0]->id];
    case IR_PHI:
        for (unsigned k = 0; k < v->nargs; k++)
            a = meet(a, of[v->args[k]->id]);
        return a;
    case IR_CALL:
    case IR_ICALL: {
        const struct summary *callee = v->aux;
        a = callee ? callee->argument : v->index;
        unsigned k = (unsigned)a + (v->op == IR_ICALL);
        return a < 0 ? a : k < v->nargs ? of[v->args[k]->id] : NONE;
    }
    default:
        return NONE;
    }
}

static int returned_argument(const struct summary *s)
{
    const struct ir_func *f = s->f;
    int *of = ir_xcalloc(f->nvalues, sizeof *of), result = ANY;
    bool *reached = ir_xcalloc(f->nblocks, sizeof *reached),
         *returns = ir_xcalloc(f->nblocks, sizeof *returns);
    find_paths(f, reached, returns);
    for (unsigned v = 0; v < f->nvalues; v++)
        of[v] = ANY;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < f->nblocks; k++)
            for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
                if (ir_has_result(i) && of[i->id] != argument_of(i, of)) {
                    of[i->id] = argument_of(i, of);
                    changed = true;
                }
    }
    for (unsigned k = 0; k < f->nblocks; k++) {
        const struct ir_inst *ret = f->blocks[k]->last;
        if (returns[k] && ret->op == IR_RET)
            result = meet(result, ret->nargs ? of[ret->args[0]->id] : NONE);
    }
    free(of);
    free(reached);
    free(returns);
    return result;
}

/* Could s return an argument at all?  Cheap, to leave out most functions. */
static bool argument_candidate(const struct summary *s)
{
    for (unsigned k = 0; k < s->f->nblocks; k++) {
        const struct ir_inst *ret = s->f->blocks[k]->last;
        enum ir_op op = ret->op == IR_RET && ret->nargs ? ir_canonical(ret->args[0])->op : ret->op;
        if (op == IR_PARAM || op == IR_PHI || op == IR_CALL || op == IR_ICALL)
            return true;
    }
    return false;
}

static void find_arguments(struct summary **members, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        members[k]->argument = members[k]->may_return && argument_candidate(members[k]) ? ANY : NONE;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < n; k++) {
            struct summary *s = members[k];
            int now = s->argument == NONE ? NONE : returned_argument(s);
            changed |= now != s->argument;
            s->argument = now;
        }
    }
    for (unsigned k = 0; k < n; k++)
        for (unsigned c = 0; c < members[k]->ncalls; c++) {
            struct ir_inst *call = members[k]->calls[c];
            int a = members[k]->callees[c]->argument;
            if (call->index < 0 && a >= 0 && (unsigned)a + (call->op == IR_ICALL) < call->nargs)
                call->index = a;
        }
}

/* ---- returns argument k, or fresh ---- */

enum { MAX_VALUES = 32 }; /* that a returned value may come from */

/* Marks in `from` the parameters that v may be or point into; false if it may be something else that is not
 * fresh. */
static bool comes_from(const struct ir_func *f, struct ir_inst *v, bool *from)
{
    struct ir_inst *seen[MAX_VALUES];
    unsigned n = 0;
    seen[n++] = ir_object_root(v);
    for (unsigned k = 0; k < n; k++) {
        struct ir_inst *r = seen[k];
        if (r->op == IR_PARAM && (unsigned)r->index < f->nparams)
            from[r->index] = true;
        struct ir_inst *related = ir_related_argument(r);
        for (unsigned a = 0; a < (r->op == IR_PHI ? r->nargs : related ? 1 : 0); a++) {
            struct ir_inst *in = ir_object_root(related ? related : r->args[a]);
            unsigned s = 0;
            while (s < n && seen[s] != in)
                s++;
            if (s == n && n == MAX_VALUES)
                return false;
            if (s == n)
                seen[n++] = in;
        }
        if (r->op == IR_ADDR || r->op == IR_LOAD || r->op == IR_OPAQUE)
            return false;
    }
    return true;
}

/* The only parameter that s may return beside fresh objects and null, or NONE. */
static int or_fresh_candidate(const struct summary *s)
{
    bool *from = ir_xcalloc(s->f->nparams + 1, sizeof *from), some = false;
    int found = NONE;
    for (unsigned k = 0; k < s->f->nblocks; k++) {
        const struct ir_inst *ret = s->f->blocks[k]->last;
        if (ret->op != IR_RET)
            continue;
        some = ret->nargs && comes_from(s->f, ret->args[0], from);
        if (!some)
            break;
    }
    for (unsigned p = 0; some && p < s->f->nparams; p++)
        if (from[p]) {
            some = found == NONE;
            found = (int)p;
        }
    free(from);
    return some ? found : NONE;
}

/* Is what s returns fresh if that argument is?  Then it is told to callers. */
static void find_or_fresh(struct summary *s)
{
    struct ir_fact given = {.param = or_fresh_candidate(s), .kind = IR_FACT_FRESH};
    s->or_fresh = NONE;
    if (s->fresh || s->argument >= 0 || given.param < 0 || !s->may_return)
        return;
    if (returns_fresh(s, &(struct ir_summary){.given = &given, .ngiven = 1}))
        s->or_fresh = given.param;
}

static void flag_or_fresh_calls(struct summary *s)
{
    for (unsigned c = 0; c < s->ncalls; c++) {
        struct ir_inst *call = s->calls[c];
        int a = s->callees[c]->or_fresh;
        if (call->index < 0 && !(call->flags & IRI_RETURNS_FRESH) && a >= 0 &&
            (unsigned)a + (call->op == IR_ICALL) < call->nargs) {
            call->index = a;
            call->flags |= IRI_OR_FRESH;
        }
    }
}

/* ---- the pass ---- */

static void component(const struct effects *e, unsigned c, bool *const *mine)
{
    struct summary **members = e->order + e->component[c];
    unsigned n = e->component[c + 1] - e->component[c];
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < n; k++)
            changed |= scan(members[k]);
    }
    for (unsigned k = 0; k < n; k++)
        for (unsigned j = 0; j < members[k]->ncalls; j++)
            narrow(members[k]->calls[j], members[k]->callees[j]);
    find_arguments(members, n);
    for (unsigned k = 0; k < n; k++)
        flag_or_fresh_calls(members[k]); /* of components that are done */
    find_fresh(e, members, n, mine);
    for (unsigned k = 0; k < n; k++)
        find_or_fresh(members[k]);
    for (unsigned k = 0; k < n; k++)
        flag_or_fresh_calls(members[k]);
}

unsigned long effects_run(struct ir_module *m)
{
    struct effects e = {
        .index = func_index_new(m), .all = ir_xcalloc(m->nfuncs, sizeof *e.all), .n = m->nfuncs};
    e.order = ir_xcalloc(m->nfuncs, sizeof *e.order);
    e.component = ir_xcalloc(m->nfuncs + 1, sizeof *e.component);
    for (unsigned i = 0; i < m->nfuncs; i++)
        e.all[i] = (struct summary){.f = func_index_at(e.index, i), .argument = NONE, .or_fresh = NONE};
    bool **mine = ir_xcalloc(e.n, sizeof *mine);
    struct before {
        unsigned flags;
        int index;
    } **before = ir_xcalloc(e.n, sizeof *before);
    for (unsigned i = 0; i < e.n; i++) {
        struct summary *s = &e.all[i];
        find_calls(&e, s);
        mine[i] = ir_xcalloc(s->ncalls, sizeof **mine);
        before[i] = ir_xcalloc(s->ncalls, sizeof **before);
        for (unsigned k = 0; k < s->ncalls; k++)
            before[i][k] = (struct before){s->calls[k]->flags, s->calls[k]->index};
    }
    find_components(&e);
    for (unsigned c = 0; c < e.ncomponents; c++)
        component(&e, c, mine);
    unsigned long changes = 0;
    for (unsigned i = 0; i < e.n; i++) {
        struct summary *s = &e.all[i];
        for (unsigned k = 0; k < s->ncalls; k++) {
            changes += s->calls[k]->flags != before[i][k].flags || s->calls[k]->index != before[i][k].index;
            s->calls[k]->aux = NULL;
        }
        free(mine[i]);
        free(before[i]);
        free(s->calls);
        free(s->callees);
    }
    free(mine);
    free(before);
    free(e.component);
    free(e.order);
    free(e.all);
    func_index_free(e.index);
    return changes;
}
