/* interproc.c - barrier facts that cross calls.
 *
 * Requires: placed barriers.  Leaves the control flow alone.  Two questions for each function:
 *
 *   given   What has every caller done before the call?  Asked where all callers are known: static functions
 *           whose address is not taken, and in a
 *           whole program all such functions but main.  The callee's own barrier then goes.
 *   done    What holds on every path when it returns: a barrier it does itself, or one that its callees do,
 *           with no safepoint
 *           behind.  The caller's barrier behind the call then goes.
 *
 * Both are facts in the sense of facts.c about a parameter or a global, at a constant offset, `done` about
 * the result too ("returns it read"); `given` also says that the object a parameter points to is fresh.
 * Only facts that some barrier in the function, or in what it calls, can use are followed (`asked`, at most
 * MAX_ASKED for each).
 *
 * The greatest fixpoint of both together: all facts are assumed, each function is solved with what it is
 * given and what its callees have done, and what does not hold at some call or some return goes, until
 * nothing changes (after Cooper and Kennedy, "Interprocedural Side-Effect Analysis in Linear Time", PLDI
 * 1988, in its must-form).  That is right for recursion by induction over the length of an execution: every
 * fact used at a point stems from an earlier point of the same execution.  The same induction allows all
 * covered barriers to go at once: the earliest one that goes is covered by barriers that stay.
 *
 * Cost: a solution of each function for each round; a round follows only if a fact went, and only for the
 * functions it concerns.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SEEN = 32 }; /* phis looked at, from one value */

struct node {
    struct ir_func *f;
    struct numbering *num;
    struct ir_fact asked[MAX_ASKED];
    unsigned nasked;
    bool given_marked[MAX_ASKED], given_written[MAX_ASKED], done_marked[MAX_ASKED], done_written[MAX_ASKED];
    bool *fresh;          /* by parameter */
    bool ambiguous, open; /* open: callers are not all known */
    bool called, dirty;
    struct node **callers;
    unsigned ncallers, capcallers;
};

struct interproc {
    struct ir_module *m;
    struct func_index *index;
    struct node *v; /* in its order */
    unsigned n;
    const bool *mutant; /* for tests: a fact that is kept though it does not hold */
};

static struct node *callee_of(const struct interproc *ip, const struct ir_inst *i)
{
    int k = i->op == IR_CALL && i->sym ? func_index_find(ip->index, i->sym) : -1;
    return k < 0 ? NULL : &ip->v[k];
}

/* Hands each function to step, and again those that it leaves dirty, until none is. */
static void work(struct interproc *ip, void (*step)(struct interproc *, struct node *))
{
    for (bool again = true; again;) {
        again = false;
        for (unsigned k = 0; k < ip->n; k++)
            if (ip->v[k].dirty) {
                step(ip, &ip->v[k]);
                again = true;
            }
    }
}

/* ---- asked ---- */

/* Whoever may pass the question on looks at it again: n itself if it is about its result, and its callers. */
static void ask(struct node *n, struct ir_fact a)
{
    if (a.off < 0 || a.off > MAX_FACT_OFFSET)
        return;
    for (unsigned k = 0; k < n->nasked; k++)
        if (n->asked[k].sym == a.sym && n->asked[k].param == a.param && n->asked[k].off == a.off &&
            n->asked[k].unit == a.unit && n->asked[k].size == a.size)
            return;
    if (n->nasked == MAX_ASKED)
        return;
    n->asked[n->nasked++] = a;
    n->f->sum.nasked = n->nasked;
    n->dirty |= !a.sym && a.param == IR_FACT_RESULT;
    for (unsigned c = 0; c < n->ncallers; c++)
        n->callers[c]->dirty = true;
}

/* Phis that a question has come through, and at which offset.  Each is asked once: those of a loop lead in
 * circles, and would use up any number before the question has come out of it. */
struct seen {
    struct {
        const struct ir_inst *phi;
        int off;
    } v[MAX_SEEN];
    unsigned n;
};

static bool see(struct seen *s, const struct ir_inst *phi, int off)
{
    for (unsigned k = 0; k < s->n; k++)
        if (s->v[k].phi == phi && s->v[k].off == off)
            return false;
    if (s->n == MAX_SEEN)
        return false;
    s->v[s->n].phi = phi;
    s->v[s->n++].off = off;
    return true;
}

/* Fact q about v, q.off bytes behind it: if v is a parameter or a global, or the result of a function that
 * we know, or a phi of such. */
static void ask_about(const struct interproc *ip, struct node *n, const struct ir_inst *v, struct ir_fact q,
                      struct seen *seen)
{
    const struct ir_inst *b = n->num->base[v->id];
    struct node *callee = callee_of(ip, b);
    q.off += n->num->off[v->id];
    q.sym = number_is_constant(b) ? b->sym : NULL;
    q.param = b->op == IR_PARAM ? b->index : callee ? IR_FACT_RESULT : 0;
    if (callee || b->op == IR_PARAM || q.sym)
        ask(callee ? callee : n, q);
    if (b->op == IR_PHI && see(seen, b, q.off))
        for (unsigned k = 0; k < b->nargs; k++)
            ask_about(ip, n, b->args[k], q, seen);
}

/* What n's barriers, its callees, and who asks about its result want to know. */
static void ask_all(struct interproc *ip, struct node *n)
{
    n->dirty = false;
    for (unsigned k = 0; k < n->f->nblocks; k++)
        for (struct ir_inst *i = n->f->blocks[k]->first; i; i = i->next) {
            struct seen seen;
            seen.n = 0;
            if (ir_live_barrier(i) && i->unit != IRU_RANGE && (i->unit == IRU_OBJECT || i->size))
                ask_about(ip, n, i->args[0],
                          (struct ir_fact){
                              .off = i->index, .unit = i->unit, .size = i->unit == IRU_OBJECT ? 0 : i->size},
                          &seen);
            for (unsigned a = 0; i->callee && a < i->callee->nasked; a++) {
                const struct ir_fact *q = &i->callee->asked[a];
                if (q->sym)
                    ask(n, *q);
                else if (q->param != IR_FACT_RESULT && (unsigned)q->param < i->nargs)
                    seen.n = 0, ask_about(ip, n, i->args[q->param], *q, &seen);
            }
            for (unsigned a = 0; i->op == IR_RET && i->nargs && a < n->nasked; a++)
                if (n->asked[a].param == IR_FACT_RESULT)
                    seen.n = 0, ask_about(ip, n, i->args[0], n->asked[a], &seen);
        }
}

/* ---- the fixpoint ---- */

static unsigned write_facts(struct node *n, struct ir_fact *out, const bool *marked, const bool *written,
                            bool fresh)
{
    unsigned k = 0;
    for (unsigned a = 0; a < n->nasked; a++)
        if (marked[a] || written[a]) {
            out[k] = n->asked[a];
            out[k++].kind = written[a] ? IR_FACT_WRITTEN : IR_FACT_MARKED;
        }
    for (unsigned p = 0; fresh && n->fresh && p < n->f->nparams; p++)
        if (n->fresh[p])
            out[k++] = (struct ir_fact){.param = (int)p, .kind = IR_FACT_FRESH};
    return k;
}

static void publish(struct interproc *ip, struct node *n)
{
    struct ir_summary *s = &n->f->sum;
    if (!n->open) {
        if (!s->given)
            s->given = ir_alloc(ip->m, (n->nasked + n->f->nparams + 1) * sizeof *s->given);
        s->ngiven = write_facts(n, s->given, n->given_marked, n->given_written, true);
    }
    if (!s->done)
        s->done = ir_alloc(ip->m, (n->nasked + 1) * sizeof *s->done);
    s->ndone = write_facts(n, s->done, n->done_marked, n->done_written, false);
}

/* What i, a call or a return, says of a fact about `changed`; mutant: the fault of not listening to it. */
static void keep(struct interproc *ip, struct node *changed, bool *fact, bool holds, const struct ir_inst *i,
                 const char *mutant, bool *any)
{
    if (!*fact || holds || fact == ip->mutant)
        return;
    if (ir_mutant_is(ip->m, mutant, i->loc, i->block->func->name)) {
        ip->mutant = fact;
        return;
    }
    *fact = false;
    changed->dirty = true;
    *any = true;
}

static bool fact_holds(const struct facts *fs, struct ir_fact q, enum ir_fact_kind kind,
                       const struct ir_inst *call)
{
    q.kind = kind;
    return facts_hold(fs, &q, call);
}

bool interproc_writes_whole(const struct ir_func *f)
{
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            if (i->flags & IRI_WHOLE)
                return true;
    return false;
}

/* strict: facts in which only allocation makes fresh. */
static void at_call(struct interproc *ip, const struct facts *fs, const struct facts *strict,
                    struct node *callee, const struct ir_inst *call)
{
    bool any = false;
    for (unsigned a = 0; a < callee->nasked; a++) {
        if (callee->given_marked[a])
            keep(ip, callee, &callee->given_marked[a], fact_holds(fs, callee->asked[a], IR_FACT_MARKED, call),
                 call, "given", &any);
        if (callee->given_written[a])
            keep(ip, callee, &callee->given_written[a],
                 fact_holds(fs, callee->asked[a], IR_FACT_WRITTEN, call), call, "given", &any);
    }
    for (unsigned p = 0; p < callee->f->nparams; p++)
        if (callee->fresh[p])
            keep(ip, callee, &callee->fresh[p],
                 fact_holds(strict, (struct ir_fact){.param = (int)p}, IR_FACT_FRESH, call), call, "given",
                 &any);
}

static bool at_return(struct interproc *ip, const struct facts *fs, struct node *n, const struct ir_inst *ret)
{
    bool any = false;
    for (unsigned a = 0; a < n->nasked; a++) {
        if (n->done_marked[a])
            keep(ip, n, &n->done_marked[a], fact_holds(fs, n->asked[a], IR_FACT_MARKED, ret), ret, "done",
                 &any);
        if (n->done_written[a])
            keep(ip, n, &n->done_written[a], fact_holds(fs, n->asked[a], IR_FACT_WRITTEN, ret), ret, "done",
                 &any);
    }
    return any;
}

static void solve(struct interproc *ip, struct node *n)
{
    bool lost = false;
    publish(ip, n);
    struct facts *fs = facts_new(n->f, false),
                 *strict = interproc_writes_whole(n->f) ? facts_new(n->f, true) : fs;
    n->dirty = false;
    for (unsigned k = 0; k < n->f->nrpo; k++) {
        struct ir_block *b = n->f->rpo[k];
        facts_enter(fs, b);
        if (strict != fs)
            facts_enter(strict, b);
        for (struct ir_inst *i = b->first; i; i = i->next) {
            struct node *callee = callee_of(ip, i);
            if (callee && !callee->open)
                at_call(ip, fs, strict, callee, i);
            if (i->op == IR_RET)
                lost |= at_return(ip, fs, n, i);
            facts_step(fs, i);
            if (strict != fs)
                facts_step(strict, i);
        }
    }
    if (strict != fs)
        facts_free(strict);
    facts_free(fs);
    for (unsigned c = 0; lost && c < n->ncallers; c++)
        n->callers[c]->dirty = true;
    publish(ip, n);
}

/* ---- the pass ---- */

static void find_callers(struct interproc *ip)
{
    for (unsigned k = 0; k < ip->n; k++)
        for (unsigned b = 0; b < ip->v[k].f->nblocks; b++)
            for (struct ir_inst *i = ip->v[k].f->blocks[b]->first; i; i = i->next) {
                struct node *callee = callee_of(ip, i);
                if (!callee)
                    continue;
                i->callee = &callee->f->sum;
                callee->called = true;
                callee->callers = ir_grow(ip->m, callee->callers, callee->ncallers, &callee->capcallers,
                                          sizeof(struct node *));
                callee->callers[callee->ncallers++] = &ip->v[k];
            }
    for (unsigned k = 0; k < ip->n; k++) {
        struct node *n = &ip->v[k];
        n->open = !func_callers_known(ip->m, n->f) || n->ambiguous || !n->called;
    }
}

struct interproc *interproc_new(struct ir_module *m)
{
    struct interproc *ip = ir_xcalloc(1, sizeof *ip);
    *ip = (struct interproc){.m = m, .n = m->nfuncs};
    ip->v = ir_xcalloc(m->nfuncs + 1, sizeof *ip->v);
    ip->index = func_index_new(m);
    for (unsigned k = 0; k < ip->n; k++) {
        ip->v[k].f = func_index_at(ip->index, k);
        ip->v[k].ambiguous = func_index_find(ip->index, ip->v[k].f->name) < 0;
    }
    find_callers(ip);
    for (unsigned k = 0; k < ip->n; k++) {
        ip->v[k].num = number_new(ip->v[k].f, false);
        ip->v[k].f->sum.asked = ip->v[k].asked;
        ip->v[k].f->sum.nasked = 0;
        ip->v[k].dirty = true;
    }
    work(ip, ask_all);
    for (unsigned k = 0; k < ip->n; k++) {
        struct node *n = &ip->v[k];
        number_free(n->num);
        n->fresh = ir_alloc(m, n->f->nparams + 1);
        memset(n->fresh, !n->open, n->f->nparams);
        for (unsigned a = 0; a < n->nasked; a++)
            n->given_marked[a] = n->given_written[a] = !n->open && n->asked[a].param != IR_FACT_RESULT;
        memset(n->done_marked, !n->ambiguous, sizeof n->done_marked);
        memset(n->done_written, !n->ambiguous, sizeof n->done_written);
        n->dirty = true;
        n->f->sum.done = NULL; /* what whole-program mode said of it is too short to write into */
        if (!n->open)
            n->f->sum.given = NULL;
        publish(ip, n);
    }
    work(ip, solve);
    return ip;
}

void interproc_free(struct interproc *ip)
{
    for (unsigned k = 0; k < ip->n; k++) {
        ip->v[k].f->sum.asked = NULL;
        ip->v[k].f->sum.nasked = 0;
    }
    func_index_free(ip->index);
    free(ip->v);
    free(ip);
}

unsigned long interproc_run(struct ir_module *m)
{
    struct interproc *ip = interproc_new(m);
    unsigned long removed = facts_remove_covered(m, false, "interproc");
    interproc_free(ip);
    return removed;
}
