/* clone.c - copies of functions, for calls before which more barriers have been done than before others.
 *
 * Requires: placed barriers.  Leaves the control flow of functions alone, but adds functions and redirects
 * calls to them.  interproc.c keeps one set of facts for each function, what *all* its callers have done;
 * one call that has done less keeps the barriers for all.  So calls are put into groups by what has been
 * done before them, and a group that would lose barriers gets a copy of the function, which interproc.c then
 * treats as a function with fewer callers (Cooper, Hall, Kennedy, "A Methodology for Procedure Cloning",
 * Computer Languages 19, 1993; their "goal-directed" way: no copy that removes nothing).
 *
 *   has(c)      what holds before call c, of the facts that its callee could use (`asked`); a set of bits
 *   candidates  has(c) of the calls of f, and what two of them have in common, where it is more than all of
 *   them have
 *   gain(S)     barriers of f that go if S holds at its entry: each counted by the loops it is in, and facts
 *               that f's own calls of others pass on
 *   worth(S)    gain(S) times the calls c with has(c) >= S, each counted by the loops it is in
 *
 * The best candidate of each function is taken, those with the most worth for their size first, within
 * budgets: copies of one function, the size of a function, the growth of the module.  Copies pass on more to
 * what they call, and their own calls want copies in turn; so all is solved again, a few times.  What a copy
 * passes on may come to nothing: at the end those that lose no barrier beyond what the function that they
 * stand for loses are taken back.
 *
 * Any call may go to the original, and to each copy whose facts hold before it, since all of them do the
 * same but for barriers that are done already.  So functions with unknown callers have copies too; a
 * function that must exist once (static variables in it, say) is marked `unique`.
 *
 * Cost: a round solves interproc.c's problem, each caller once more, and each function once for each
 * candidate, of which there are MAX_STATES. */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROUNDS = 4,
    MAX_COPIES = 3 /* of one function */,
    MAX_SIZE = 400 /* of one function, in instructions */,
    GROWTH = 4 /* at most a quarter of the module */,
    FREE_GROWTH = 400 /* or so many instructions */,
    MAX_STATES = 8,
    MAX_FRESH = 32 /* parameters whose freshness is looked at */,
    MAX_WEIGHED_DEPTH = 3,
    WEIGHT_SHIFT = 3 /* of a loop: 8 */,
    GAIN_BARRIER = 4,
    GAIN_PASSED = 1 /* a fact passed on, beside a barrier that goes */,
    PER_SIZE = 4 /* instructions that a unit of worth pays for */
};

/* A set of facts about a function's entry: bit a: asked[a] marked, MAX_ASKED + a: written, 2 * MAX_ASKED +
 * p: parameter p fresh. */
enum { STATE_BITS = 2 * MAX_ASKED + MAX_FRESH, STATE_WORDS = (STATE_BITS + WORD_BITS - 1) / WORD_BITS };
struct state {
    word w[STATE_WORDS];
};

struct site {
    struct ir_inst *call;
    struct state has;
    unsigned long weight;
};

/* A function as its callers see it.  A call's aux is the target it goes to. */
struct target {
    struct ir_func *f;
    struct target *root; /* the original; itself, if it is one */
    unsigned copies;     /* root: that there are */
    struct state needs;  /* copy: what must hold before a call */
    unsigned size, calls;
    struct site *sites;
    unsigned nsites, capsites;
    bool wanted;    /* it might gain something */
    bool looked_at; /* its calls are among the sites of others */
    bool new_sites, gone;
    struct state best; /* the candidate taken */
    unsigned long worth;
};

struct cloning {
    struct ir_module *m;
    struct target **v;
    unsigned n, cap;    /* the originals, in the order of the module, then copies */
    unsigned long left; /* instructions that may still be added */
};

/* ---- sets of facts ---- */

static bool includes(const struct state *a, const struct state *b)
{
    for (unsigned k = 0; k < STATE_WORDS; k++)
        if (b->w[k] & ~a->w[k])
            return false;
    return true;
}

static struct state meet(const struct state *a, const struct state *b)
{
    struct state s;
    for (unsigned k = 0; k < STATE_WORDS; k++)
        s.w[k] = a->w[k] & b->w[k];
    return s;
}

/* As a list: what s says of t's function, and what all calls of the original give. */
static size_t list_size(const struct target *t)
{
    return (t->root->f->sum.ngiven + MAX_ASKED + MAX_FRESH) * sizeof(struct ir_fact);
}

static unsigned list_state(const struct target *t, const struct state *s, struct ir_fact *v)
{
    const struct ir_summary *root = &t->root->f->sum;
    unsigned n = root->ngiven;
    if (n)
        memcpy(v, root->given, n * sizeof *v);
    for (unsigned a = 0; a < root->nasked; a++)
        if (bit_get(s->w, a) || bit_get(s->w, MAX_ASKED + a)) {
            v[n] = root->asked[a];
            v[n++].kind = bit_get(s->w, MAX_ASKED + a) ? IR_FACT_WRITTEN : IR_FACT_MARKED;
        }
    for (unsigned p = 0; p < MAX_FRESH && p < t->f->nparams; p++)
        if (bit_get(s->w, 2 * MAX_ASKED + p))
            v[n++] = (struct ir_fact){.param = (int)p, .kind = IR_FACT_FRESH};
    return n;
}

/* ---- functions ---- */

static struct target *target_of(const struct ir_inst *i)
{
    return i->op == IR_CALL ? i->aux : NULL;
}

static unsigned size_of(const struct ir_func *f)
{
    unsigned n = 0;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            n += i->op != IR_PHI && i->op != IR_PARAM && i->op != IR_ANCHOR &&
                 !(ir_is(i, IRF_BARRIER) && i->flags & IRI_REMOVED);
    return n;
}

static unsigned long weight_of_depth(unsigned depth)
{
    return 1ul << WEIGHT_SHIFT * (depth < MAX_WEIGHED_DEPTH ? depth : MAX_WEIGHED_DEPTH);
}

static struct target *add_target(struct cloning *c, struct ir_func *f)
{
    struct target *t = ir_xcalloc(1, sizeof *t);
    t->f = f;
    t->root = t;
    t->size = size_of(f);
    if (c->n == c->cap)
        c->v = ir_xrealloc(c->v, (c->cap = c->cap ? 2 * c->cap : 64) * sizeof(struct target *));
    return c->v[c->n++] = t;
}

/* What the function gains if s holds at its entry.  Unweighted: the number of barriers that are superfluous
 * then. */
static unsigned long gain_from(const struct target *t, const struct state *s, bool weighted)
{
    struct ir_func *f = t->f;
    struct ir_summary was = f->sum;
    unsigned long gain = 0;
    struct ir_fact *given = ir_xcalloc(1, list_size(t));
    f->sum.ngiven = list_state(t, s, given);
    f->sum.given = given;
    struct facts *fs = facts_new(f, false);
    unsigned *depth = ir_loop_depths(f);
    for (unsigned k = 0; k < f->nrpo; k++) {
        unsigned long weight = weighted ? weight_of_depth(depth[f->rpo[k]->id]) : 1;
        facts_enter(fs, f->rpo[k]);
        for (const struct ir_inst *i = f->rpo[k]->first; i; i = i->next) {
            if (ir_sure_barrier(i) && facts_cover(fs, i))
                gain += weight * (weighted ? GAIN_BARRIER : 1);
            for (unsigned a = 0; weighted && target_of(i) && a < i->callee->nasked; a++) {
                struct ir_fact q = i->callee->asked[a];
                q.kind = IR_FACT_MARKED;
                if (q.param != IR_FACT_RESULT && facts_hold(fs, &q, i))
                    gain += weight * GAIN_PASSED;
                q.kind = IR_FACT_WRITTEN;
                if (q.param != IR_FACT_RESULT && facts_hold(fs, &q, i))
                    gain += weight * GAIN_PASSED;
            }
            facts_step(fs, i);
        }
    }
    free(depth);
    facts_free(fs);
    free(given);
    f->sum = was;
    return gain;
}

static bool might_gain(const struct target *t)
{
    struct state none = {{0}}, all;
    memset(&all, 0xff, sizeof all);
    return gain_from(t, &all, true) > gain_from(t, &none, true);
}

static void find_targets(struct cloning *c)
{
    struct func_index *index = func_index_new(c->m);
    struct target **by_name = ir_xcalloc(c->m->nfuncs + 1, sizeof *by_name);
    for (unsigned k = 0; k < c->m->nfuncs; k++) {
        struct target *t = add_target(c, c->m->funcs[k]);
        int place = func_index_find(index, t->f->name);
        if (place >= 0)
            by_name[place] = t;
    }
    for (unsigned n = 0; n < c->n; n++)
        for (unsigned k = 0; k < c->v[n]->f->nblocks; k++)
            for (struct ir_inst *i = c->v[n]->f->blocks[k]->first; i; i = i->next) {
                int place = i->op == IR_CALL && i->sym ? func_index_find(index, i->sym) : -1;
                struct target *t = place < 0 ? NULL : by_name[place];
                i->aux = t;
                if (t)
                    t->calls++;
            }
    free(by_name);
    func_index_free(index);
}

static bool can_copy(const struct target *t)
{
    return !t->f->unique && t->f->sum.nasked && t->size <= MAX_SIZE;
}

/* A function needs several calls, or one in a function that may be copied itself. */
static void find_wanted(struct cloning *c)
{
    for (unsigned k = 0; k < c->n; k++)
        c->v[k]->wanted = can_copy(c->v[k]) && c->v[k]->calls > func_callers_known(c->m, c->v[k]->f);
    for (bool again = true; again;) {
        again = false;
        for (unsigned n = 0; n < c->n; n++)
            for (unsigned k = 0; c->v[n]->wanted && k < c->v[n]->f->nblocks; k++)
                for (const struct ir_inst *i = c->v[n]->f->blocks[k]->first; i; i = i->next) {
                    struct target *t = target_of(i);
                    if (!t || t->wanted || !can_copy(t))
                        continue;
                    t->wanted = again = true;
                }
    }
    for (unsigned k = 0; k < c->n; k++)
        c->v[k]->wanted = c->v[k]->wanted && might_gain(c->v[k]);
}

/* ---- what holds before each call ---- */

static struct state state_before(const struct facts *fs, const struct facts *strict,
                                 const struct ir_func *callee, const struct ir_inst *call)
{
    struct state s = {{0}};
    for (unsigned a = 0; a < callee->sum.nasked; a++) {
        struct ir_fact q = callee->sum.asked[a];
        if (q.param == IR_FACT_RESULT && !q.sym)
            continue;
        q.kind = IR_FACT_MARKED;
        if (facts_hold(fs, &q, call))
            bit_set(s.w, a);
        q.kind = IR_FACT_WRITTEN;
        if (facts_hold(fs, &q, call))
            bit_set(s.w, MAX_ASKED + a);
    }
    for (unsigned p = 0; p < callee->nparams && p < MAX_FRESH; p++)
        if (facts_hold(strict, &(struct ir_fact){.param = (int)p, .kind = IR_FACT_FRESH}, call))
            bit_set(s.w, 2 * MAX_ASKED + p);
    return s;
}

static void add_site(struct target *t, struct site s)
{
    if (t->nsites == t->capsites)
        t->sites =
            ir_xrealloc(t->sites, (t->capsites = t->capsites ? 2 * t->capsites : 4) * sizeof *t->sites);
    t->sites[t->nsites++] = s;
    t->new_sites = true;
}

static void redirect(struct ir_inst *call, struct target *to)
{
    struct target *from = call->aux;
    from->calls--;
    to->calls++;
    call->aux = to;
    call->sym = to->f->name;
    call->callee = &to->f->sum;
}

/* A site in a copy may have more than it had in the original: there may be a copy for it.  Not for the last
 * call, which makes the function itself better. */
static struct target *choose_copy(const struct cloning *c, struct site *s)
{
    struct target *t = s->call->aux, *found = t;
    if (t->calls < 2 && func_callers_known(c->m, t->f))
        return t;
    for (unsigned k = 0; t->root->copies && k < c->n; k++) {
        struct target *v = c->v[k];
        if (v->root == t->root && includes(&s->has, &v->needs) && includes(&v->needs, &found->needs) &&
            !includes(&found->needs, &v->needs))
            found = v;
    }
    if (found != t)
        redirect(s->call, found);
    return found;
}

static void find_sites(struct cloning *c, struct target *in)
{
    struct ir_func *f = in->f;
    bool any = false;
    in->looked_at = true;
    for (unsigned k = 0; k < f->nblocks && !any; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i && !any; i = i->next)
            any = target_of(i) && target_of(i)->wanted;
    if (!any)
        return;
    struct facts *fs = facts_new(f, false), *strict = interproc_writes_whole(f) ? facts_new(f, true) : fs;
    unsigned *depth = ir_loop_depths(f);
    for (unsigned k = 0; k < f->nrpo; k++) {
        struct ir_block *b = f->rpo[k];
        facts_enter(fs, b);
        if (strict != fs)
            facts_enter(strict, b);
        for (struct ir_inst *i = b->first; i; i = i->next) {
            const struct target *t = target_of(i);
            if (t && t->wanted && !facts_dead(fs)) {
                struct site s = {i, state_before(fs, strict, t->f, i), weight_of_depth(depth[b->id])};
                add_site(choose_copy(c, &s), s);
            }
            facts_step(fs, i);
            if (strict != fs)
                facts_step(strict, i);
        }
    }
    if (strict != fs)
        facts_free(strict);
    facts_free(fs);
    free(depth);
}

/* ---- candidates ---- */

static void add_candidate(struct state *v, unsigned *n, const struct state *s, const struct state *all)
{
    for (unsigned k = 0; k < *n; k++)
        if (includes(&v[k], s) && includes(s, &v[k]))
            return;
    if (*n < MAX_STATES && !includes(all, s))
        v[(*n)++] = *s;
}

/* What all calls of t have in common already. */
static struct state common_state(const struct cloning *c, const struct target *t)
{
    struct state all = t->needs;
    if (!func_callers_known(c->m, t->f))
        return all;
    memset(&all, 0xff, sizeof all);
    for (unsigned k = 0; k < t->nsites; k++)
        all = meet(&all, &t->sites[k].has);
    return all;
}

static unsigned find_candidates(const struct cloning *c, const struct target *t, struct state *v)
{
    struct state all = common_state(c, t);
    unsigned n = 0;
    for (unsigned k = 0; k < t->nsites; k++)
        add_candidate(v, &n, &t->sites[k].has, &all);
    for (unsigned a = 0, pairs = n; a < pairs; a++)
        for (unsigned b = 0; b < a; b++) {
            struct state s = meet(&v[a], &v[b]);
            add_candidate(v, &n, &s, &all);
        }
    return n;
}

static void choose(const struct cloning *c, struct target *t)
{
    struct state v[MAX_STATES];
    unsigned n = find_candidates(c, t, v), most = 0;
    t->new_sites = false;
    t->worth = 0;
    if (!n)
        return;
    unsigned long now = gain_from(t, &t->needs, true);
    for (unsigned k = 0; k < n; k++) {
        unsigned long weight = 0;
        unsigned calls = 0;
        for (unsigned s = 0; s < t->nsites; s++)
            if (includes(&t->sites[s].has, &v[k])) {
                weight += t->sites[s].weight;
                calls++;
            }
        unsigned long gain = gain_from(t, &v[k], true), worth = gain > now ? weight * (gain - now) : 0;
        if (worth > t->worth || (worth == t->worth && worth && calls > most)) {
            t->worth = worth;
            t->best = v[k];
            most = calls;
        }
    }
    if (t->worth * PER_SIZE < t->size)
        t->worth = 0;
}

static int by_worth(const void *x, const void *y)
{
    const struct target *a = *(const struct target *const *)x, *b = *(const struct target *const *)y;
    unsigned long l = a->worth * b->size, r = b->worth * a->size;
    return l != r ? (l > r ? -1 : 1) : strcmp(a->f->name, b->f->name);
}

/* ---- copying ---- */

static const char *new_name(struct ir_module *m, const char *root)
{
    const char *suffix = m->clone_suffix ? m->clone_suffix : "__stm";
    size_t n = strlen(root) + strlen(suffix) + 16;
    char *s = ir_xcalloc(n, 1);
    for (unsigned k = 1;; k++) {
        bool taken = false;
        snprintf(s, n, "%s%s%u", root, suffix, k);
        for (unsigned f = 0; f < m->nfuncs; f++)
            taken |= !strcmp(m->funcs[f]->name, s);
        if (!taken)
            break;
    }
    const char *name = ir_intern(m, s);
    free(s);
    return name;
}

static struct ir_inst *copy_inst(struct ir_func *to, const struct ir_inst *i)
{
    struct ir_inst *n = ir_alloc(to->module, sizeof *n);
    struct target *callee = target_of(i);
    *n = *i;
    if (callee)
        callee->calls++;
    n->origin = i->origin ? i->origin : (struct ir_inst *)i;
    n->prev = n->next = NULL;
    n->nargs = n->capargs = 0;
    n->args = NULL;
    return n;
}

/* The blocks and instructions of `from`, with the same numbers. */
static void copy_body(struct ir_func *to, const struct ir_func *from)
{
    struct ir_inst **value = ir_xcalloc(from->nvalues + 1, sizeof(struct ir_inst *));
    to->nvalues = from->nvalues;
    for (unsigned k = 0; k < from->nblocks; k++)
        ir_block_new(to);
    for (unsigned k = 0; k < from->nblocks; k++) {
        const struct ir_block *b = from->blocks[k];
        for (unsigned s = 0; s < b->nsuccs; s++)
            ir_add_edge(to->blocks[k], to->blocks[b->succs[s]->id]);
        for (const struct ir_inst *i = b->first; i; i = i->next) {
            struct ir_inst *n = copy_inst(to, i);
            ir_append(to->blocks[k], n);
            if (ir_has_result(n))
                value[n->id] = n;
        }
    }
    for (unsigned k = 0; k < from->nblocks; k++) {
        struct ir_inst *n = to->blocks[k]->first;
        to->blocks[k]->sealed = true;
        for (const struct ir_inst *i = from->blocks[k]->first; i; i = i->next, n = n->next)
            for (unsigned a = 0; a < i->nargs; a++)
                ir_add_arg(n, value[i->args[a]->id]);
    }
    free(value);
    to->builder = NULL;
    ir_compute_dominators(to);
}

static struct target *new_copy(struct cloning *c, struct target *of)
{
    struct ir_func *root = of->root->f, *f = ir_func_new(c->m, new_name(c->m, root->name));
    f->loc = root->loc;
    f->nparams = root->nparams;
    f->ret = root->ret;
    f->is_static = true;
    f->clone_of = root;
    f->sum = root->sum; /* what holds of the original holds of it */
    f->sum.given = ir_alloc(c->m, list_size(of));
    f->sum.ngiven = list_state(of, &of->best, f->sum.given);
    struct target *t = add_target(c, f);
    t->root = of->root;
    t->root->copies++;
    t->needs = of->best;
    t->size = of->size;
    t->wanted = true;
    return t;
}

/* Moves the sites of t for which `copy` was made to it. */
static void move_sites(struct target *t, struct target *copy)
{
    unsigned n = 0;
    for (unsigned s = 0; s < t->nsites; s++)
        if (includes(&t->sites[s].has, &copy->needs)) {
            redirect(t->sites[s].call, copy);
            add_site(copy, t->sites[s]);
        } else {
            t->sites[n++] = t->sites[s];
        }
    t->nsites = n;
    t->new_sites = true;
}

/* Bodies are copied behind all redirections, so that copies of callers have them too. */
static bool make_copies(struct cloning *c)
{
    struct target **order = ir_xcalloc(c->n + 1, sizeof *order), **made = ir_xcalloc(c->n + 1, sizeof *made);
    unsigned n = 0;
    bool any = false;
    for (unsigned k = 0; k < c->n; k++)
        if (c->v[k]->worth)
            order[n++] = c->v[k];
    if (n)
        qsort(order, n, sizeof *order, by_worth);
    for (unsigned k = 0; k < n; k++) {
        struct target *t = order[k];
        t->worth = 0;
        if (t->size > c->left || t->root->copies >= MAX_COPIES)
            continue;
        c->left -= t->size;
        made[k] = new_copy(c, t);
        move_sites(t, made[k]);
    }
    for (unsigned k = 0; k < n; k++)
        if (made[k]) {
            copy_body(made[k]->f, order[k]->f);
            any = true;
        }
    free(order);
    free(made);
    return any;
}

static bool round_of(struct cloning *c)
{
    for (unsigned k = 0; k < c->n; k++)
        if (!c->v[k]->looked_at)
            find_sites(c, c->v[k]);
    for (unsigned k = 0; k < c->n; k++)
        if (c->v[k]->wanted && c->v[k]->new_sites && c->v[k]->root->copies < MAX_COPIES)
            choose(c, c->v[k]);
    return make_copies(c);
}

/* ---- taking back ---- */

/* Do two copies of one function call the same functions? */
static bool same_calls(const struct ir_func *a, const struct ir_func *b)
{
    for (unsigned k = 0; k < a->nblocks; k++)
        for (const struct ir_inst *i = a->blocks[k]->first, *j = b->blocks[k]->first; i;
             i = i->next, j = j->next)
            if (i->op == IR_CALL && i->sym != j->sym)
                return false;
    return true;
}

/* Has having both a and its copy b paid?  If not, a is left for both. */
static bool merge(struct target *a, struct target *b, struct ir_inst **calls, unsigned ncalls)
{
    struct state both = meet(&a->needs, &b->needs);
    if (!same_calls(a->f, b->f))
        return false;
    unsigned long gain = gain_from(a, &both, false);
    if (gain != gain_from(a, &a->needs, false) || gain != gain_from(b, &b->needs, false))
        return false;
    a->needs = both;
    b->gone = true;
    for (unsigned k = 0; k < ncalls; k++)
        if (calls[k]->aux == b)
            redirect(calls[k], a);
    return true;
}

/* The calls of copies; the caller frees the array. */
static struct ir_inst **calls_of_copies(const struct cloning *c, unsigned *n)
{
    struct ir_inst **v = NULL;
    unsigned cap = 0;
    *n = 0;
    for (unsigned f = 0; f < c->n; f++)
        for (unsigned k = 0; k < c->v[f]->f->nblocks; k++)
            for (struct ir_inst *i = c->v[f]->f->blocks[k]->first; i; i = i->next) {
                if (!target_of(i) || target_of(i)->root == target_of(i))
                    continue;
                if (*n == cap)
                    v = ir_xrealloc(v, (cap = cap ? 2 * cap : 64) * sizeof(struct ir_inst *));
                v[(*n)++] = i;
            }
    return v;
}

static void take_back(struct cloning *c)
{
    unsigned ncalls, n = 0, originals = 0;
    struct ir_inst **calls = calls_of_copies(c, &ncalls);
    while (originals < c->n && c->v[originals]->root == c->v[originals])
        originals++;
    for (bool again = true; again;) {
        again = false;
        for (unsigned k = originals; k < c->n; k++) {
            struct target *t = c->v[k];
            for (unsigned o = originals; o < k && !t->gone; o++)
                if (c->v[o]->root == t->root && !c->v[o]->gone)
                    again |= merge(c->v[o], t, calls, ncalls);
            if (!t->gone)
                again |= merge(t->root, t, calls, ncalls);
        }
    }
    for (unsigned k = 0; k < c->n; k++)
        if (!c->v[k]->gone)
            c->m->funcs[n++] = c->v[k]->f;
    c->m->nfuncs = n;
    free(calls);
}

/* ---- the pass ---- */

/* The accesses of copies get numbers of their own. */
static void number_accesses(struct ir_module *m)
{
    unsigned next = m->naccesses;
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned k = 0; k < m->funcs[f]->nblocks; k++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[k]->first; i; i = i->next)
                next = i->access >= (int)next ? (unsigned)i->access + 1 : next;
    int *number = ir_xcalloc(next, sizeof *number);
    m->naccesses = next;
    for (unsigned f = 0; f < m->nfuncs; f++) {
        if (!m->funcs[f]->clone_of)
            continue;
        for (int pass = 0; pass < 2; pass++) /* barriers may stand before their accesses */
            for (unsigned k = 0; k < m->funcs[f]->nblocks; k++)
                for (struct ir_inst *i = m->funcs[f]->blocks[k]->first; i; i = i->next)
                    if (!pass && ir_is(i, IRF_ACCESS))
                        number[i->access] = (int)m->naccesses++;
                    else if (pass && i->access >= 0)
                        i->access = number[i->access];
    }
    free(number);
}

unsigned long clone_run(struct ir_module *m)
{
    struct cloning c = {.m = m};
    struct interproc *ip = interproc_new(m);
    unsigned long size = 0;
    unsigned originals = m->nfuncs;
    find_targets(&c);
    find_wanted(&c);
    for (unsigned k = 0; k < c.n; k++)
        size += c.v[k]->size;
    c.left = size / GROWTH > FREE_GROWTH ? size / GROWTH : FREE_GROWTH;
    for (unsigned k = 0; k < MAX_ROUNDS && round_of(&c); k++)
        ;
    if (c.n > originals) {
        take_back(&c);
        number_accesses(m);
    }
    for (unsigned n = 0; n < m->nfuncs; n++)
        for (unsigned k = 0; k < m->funcs[n]->nblocks; k++)
            for (struct ir_inst *i = m->funcs[n]->blocks[k]->first; i; i = i->next)
                i->aux = NULL;
    for (unsigned k = 0; k < c.n; k++) {
        c.v[k]->f->sum.asked = NULL; /* of the copies; interproc_free sees to the others */
        c.v[k]->f->sum.nasked = 0;
        free(c.v[k]->sites);
        free(c.v[k]);
    }
    free(c.v);
    interproc_free(ip);
    return m->nfuncs - originals;
}
