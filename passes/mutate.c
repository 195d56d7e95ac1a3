/* mutate.c - faults on purpose: one thing wrong in what the front end said of a file, in what the passes took
 * for a fact, or in the barriers that they left.
 *
 * What looks for missing barriers (the checking build, `ungil verify`, the tests) is worth what it finds.
 * So each way in which the translator was ever wrong, or may be, is a kind here; a mutant is a kind and a
 * number, and changes the n-th place of that kind, in the order of the module.  Three moments: when the IR
 * has been made (an event is lost, is another one, or stands in another order; a value is something else;
 * control cannot go where it can), when effects.c has said what calls do (a call has a property that it has
 * not), and when all passes are done (a barrier is gone, too weak, too small, or too late).  What cannot be
 * changed in the IR is asked for where it is made (ir_mutant_is).
 *
 * What the emitter relies on stays: access numbers, anchors and the order of the tree's calls.  Whether a
 * mutant is a fault at all is for its user to find out (testsuite/mutants/): the text may be the same, or
 * something else may cover the place.
 *
 * After DeMillo, Lipton, Sayward, "Hints on Test Data Selection", IEEE Computer 11(4), 1978. */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

/* ---- the IR as the front end made it: each says whether i is such a place, and does it if `now` */

static bool write_read(struct ir_inst *i, bool now)
{
    if ((i->op != IR_STORE && i->op != IR_UPDATE) || i->args[0]->cls == IRC_RAW)
        return false;
    if (now && i->op == IR_STORE)
        i->id = i->block->func->nvalues++;
    if (now)
        i->op = IR_LOAD;
    return true;
}

static bool read_immutable(struct ir_inst *i, bool now)
{
    if (i->op != IR_LOAD || i->args[0]->cls == IRC_RAW || i->flags & IRI_IMMUTABLE)
        return false;
    if (now)
        i->flags |= IRI_IMMUTABLE | IRI_INFERRED;
    return true;
}

enum { QUIET = IRI_NOSAFEPOINT | IRI_NOALLOC | IRI_NOINEV | IRI_PURE | IRI_READONLY };

/* Becomes an event that does nothing, in its place. */
static void silence(struct ir_inst *i)
{
    i->op = IR_CALL;
    i->sym = ir_intern(i->block->func->module, "nothing");
    i->flags = (i->flags & IRI_AFTER) | QUIET;
    i->nargs = 0;
    i->index = -1;
    i->id = i->block->func->nvalues++;
}

static bool lose(struct ir_inst *i, enum ir_op op, bool now)
{
    if (i->op != op)
        return false;
    if (now)
        silence(i);
    return true;
}

static bool no_safepoint(struct ir_inst *i, bool now)
{
    return lose(i, IR_SAFEPOINT, now);
}
static bool no_local_write(struct ir_inst *i, bool now)
{
    return lose(i, IR_LOCALW, now);
}
static bool no_bound_read(struct ir_inst *i, bool now)
{
    return lose(i, IR_LOCALR, now);
}
static bool no_escape(struct ir_inst *i, bool now)
{
    return lose(i, IR_ESCAPE, now);
}
/* Asked for by name: nobody else knows what for. */
static bool is_asked_for(const struct ir_inst *i)
{
    static const char asked[] = "stm_become_inevitable";
    return i->sym && !strncmp(i->sym, asked, sizeof asked - 1);
}
static bool no_inevitable(struct ir_inst *i, bool now)
{
    return !is_asked_for(i) && lose(i, IR_INEV, now);
}

static bool no_call(struct ir_inst *i, bool now)
{
    if ((i->op != IR_CALL && i->op != IR_ICALL) || (i->flags & QUIET) == QUIET)
        return false;
    if (now)
        i->flags |= QUIET;
    return true;
}

static bool returns_once(struct ir_inst *i, bool now)
{
    if (!(i->flags & IRI_RETURNS_TWICE))
        return false;
    if (now)
        i->flags &= ~(unsigned)IRI_RETURNS_TWICE;
    return true;
}

static bool alone(struct ir_inst *i, bool now)
{
    if (i->op != IR_ADDR || i->flags & IRI_ALONE)
        return false;
    if (now)
        i->flags = (i->flags & ~(unsigned)(IRI_ALIASED | IRI_EXPORTED)) | IRI_ALONE;
    return true;
}

static bool raw(struct ir_inst *i, bool now)
{
    bool value = i->op == IR_PARAM || i->op == IR_OPAQUE || i->op == IR_LOAD || i->op == IR_COPY;
    if (!value || (i->cls != IRC_ANY && i->cls != IRC_REF))
        return false;
    if (now)
        i->cls = IRC_RAW;
    return true;
}

static bool local(struct ir_inst *i, bool now)
{
    if (!ir_has_result(i) || i->cls != IRC_RAW || i->flags & IRI_LOCAL || i->op == IR_NULLV)
        return false;
    if (now)
        i->flags |= IRI_LOCAL;
    return true;
}

static bool other_offset(struct ir_inst *i, bool now)
{
    if (i->op != IR_DERIVE)
        return false;
    if (now)
        i->index = i->index == -1 ? 0 : i->index + 8;
    return true;
}

/* An assignment on one of the ways to a join is not seen. */
static bool other_value(struct ir_inst *i, bool now)
{
    if (i->op != IR_PHI || i->nargs < 2 || i->args[0] == i->args[1])
        return false;
    if (now) /* the value of the first way is there on all ways, as far as it is known */
        i->args[1] = ir_dominates(i->args[0]->block, i->block->preds[1]) ? i->args[0] : i->args[1];
    return true;
}

static bool is_event(const struct ir_inst *i)
{
    return ir_is(i, IRF_ACCESS) || i->op == IR_CALL || i->op == IR_ICALL || i->op == IR_SAFEPOINT ||
           i->op == IR_INEV || i->op == IR_LOCALW;
}

static bool uses(const struct ir_inst *user, const struct ir_inst *value)
{
    for (unsigned k = 0; k < user->nargs; k++)
        if (user->args[k] == value)
            return true;
    return false;
}

/* The next event of the block, if nothing up to it depends on i. */
static struct ir_inst *next_event(const struct ir_inst *i)
{
    for (struct ir_inst *j = i->next; j && j->op != IR_ANCHOR && !uses(j, i); j = j->next)
        if (is_event(j))
            return j->next && j->next->op == IR_ANCHOR ? NULL : j;
    return NULL;
}

static bool other_order(struct ir_inst *i, bool now)
{
    struct ir_inst *j = is_event(i) && (!i->next || i->next->op != IR_ANCHOR) ? next_event(i) : NULL;
    if (!j)
        return false;
    if (now) {
        struct ir_block *b = i->block;
        ir_remove(i);
        i->block = b;
        i->prev = j;
        i->next = j->next;
        *(j->next ? &j->next->prev : &b->last) = i;
        j->next = i;
    }
    return true;
}

/* ---- what effects.c says of calls ---- */

static bool gains(struct ir_inst *i, unsigned flags, bool now)
{
    if ((i->op != IR_CALL && i->op != IR_ICALL) || (i->flags & flags) == flags)
        return false;
    if (now)
        i->flags |= flags;
    return true;
}

static bool fact_no_safepoint(struct ir_inst *i, bool now)
{
    return gains(i, IRI_NOSAFEPOINT, now);
}
static bool fact_readonly(struct ir_inst *i, bool now)
{
    return gains(i, IRI_READONLY, now);
}
static bool fact_own(struct ir_inst *i, bool now)
{
    return gains(i, IRI_OWN, now);
}
static bool fact_turns(struct ir_inst *i, bool now)
{
    return gains(i, IRI_TURNS, now);
}
static bool fact_fresh(struct ir_inst *i, bool now)
{
    return i->cls == IRC_REF && gains(i, IRI_RETURNS_FRESH, now);
}
static bool fact_noreturn(struct ir_inst *i, bool now)
{
    return gains(i, IRI_NORETURN, now);
}

static bool fact_returned(struct ir_inst *i, bool now)
{
    if (i->op != IR_CALL || i->cls == IRC_INT || !i->nargs || i->index >= 0 || i->args[0]->cls == IRC_INT)
        return false;
    if (now)
        i->index = 0;
    return true;
}

/* ---- barriers ---- */

static bool is_moved(const struct ir_inst *i)
{
    return (i->flags & (IRI_MOVED | IRI_REMOVED)) == IRI_MOVED && ir_is(i, IRF_BARRIER);
}

static bool moved_gone(struct ir_inst *i, bool now)
{
    if (!is_moved(i))
        return false;
    if (now)
        i->flags |= IRI_REMOVED;
    return true;
}

static bool moved_weak(struct ir_inst *i, bool now)
{
    if (!is_moved(i) || i->op != IR_WBAR)
        return false;
    if (now)
        i->op = IR_RBAR, i->flags &= ~(unsigned)IRI_WHOLE;
    return true;
}

static bool moved_small(struct ir_inst *i, bool now)
{
    if (!is_moved(i) || !(i->flags & IRI_WHOLE || (i->unit != IRU_OBJECT && i->size > 1)))
        return false;
    if (now && i->flags & IRI_WHOLE)
        i->flags &= ~(unsigned)IRI_WHOLE;
    else if (now)
        i->size = 1;
    return true;
}

static bool moved_inevitable(struct ir_inst *i, bool now)
{
    if (i->op != IR_INEV || i->flags & (IRI_REMOVED | IRI_MAYBE) || is_asked_for(i))
        return false;
    if (now)
        i->flags |= IRI_REMOVED;
    return true;
}

/* ---- barriers at their accesses, as the emitter is told (passes_decisions) ---- */

static bool drop(struct ir_inst *i, enum barrier_kind *d, bool now)
{
    if (d[i->access] == BARRIER_NONE)
        return false;
    if (now)
        d[i->access] = BARRIER_NONE;
    return true;
}

static bool weaken(struct ir_inst *i, enum barrier_kind *d, bool now)
{
    if (d[i->access] != BARRIER_WRITE)
        return false;
    if (now)
        d[i->access] = BARRIER_READ;
    return true;
}

static bool delay(struct ir_inst *i, enum barrier_kind *d, bool now)
{
    const struct ir_inst *next = i->next;
    while (next && !ir_needs_barrier(next))
        next = next->next;
    if (!next || d[next->access] >= d[i->access])
        return false;
    if (now) {
        d[next->access] = d[i->access];
        d[i->access] = BARRIER_NONE;
    }
    return true;
}

static const struct kind {
    const char *name;
    enum ir_moment moment;
    bool (*at)(struct ir_inst *i, bool now);
    const char *what;
    bool (*decide)(struct ir_inst *access, enum barrier_kind *d, bool now);
} kinds[] = {
    {"write", IR_LOWERED, write_read, "a write is taken for a read", NULL},
    {"read", IR_LOWERED, read_immutable, "a read is taken for one of an immutable field", NULL},
    {"safepoint", IR_LOWERED, no_safepoint, "a safepoint is not seen", NULL},
    {"call", IR_LOWERED, no_call, "a call is not seen", NULL},
    {"localwrite", IR_LOWERED, no_local_write, "a write to memory of the thread's own is not seen", NULL},
    {"bound", IR_LOWERED, no_bound_read, "a loop's bound that is read is not seen", NULL},
    {"escape", IR_LOWERED, no_escape, "what other code may write is not seen", NULL},
    {"inevitable", IR_LOWERED, no_inevitable, "what cannot be undone is not seen", NULL},
    {"setjmp", IR_LOWERED, returns_once, "setjmp is taken for a call that returns once", NULL},
    {"edge", IR_MADE, NULL, "a way that control may take is not seen", NULL},
    {"cleanup", IR_MADE, NULL, "a cleanup at the end of a scope is not seen", NULL},
    {"jump", IR_MADE, NULL, "a label of an asm goto is not seen", NULL},
    {"callback", IR_MADE, NULL, "a library function is said not to call back", NULL},
    {"rawwrite", IR_MADE, NULL, "a write to raw memory is taken for one to the stack", NULL},
    {"replaced", IR_MADE, NULL, "a body is taken for the one that runs", NULL},
    {"immutable", IR_MADE, NULL, "a field is said to be immutable that is written", NULL},
    {"given", IR_MADE, NULL, "callers are said to establish what one does not", NULL},
    {"done", IR_MADE, NULL, "a function is said to establish what it does not on one path", NULL},
    {"range", IR_MADE, NULL, "the indices of a range are not asked whether they wrap", NULL},
    {"order", IR_LOWERED, other_order, "two events are taken in another order", NULL},
    {"alias", IR_LOWERED, alone, "a variable is taken for one to which no pointer leads", NULL},
    {"class", IR_LOWERED, raw, "a pointer is taken for one to raw memory", NULL},
    {"local", IR_LOWERED, local, "a pointer is taken for one to the thread's own memory", NULL},
    {"offset", IR_LOWERED, other_offset, "an address is taken for another one", NULL},
    {"assign", IR_LOWERED, other_value, "an assignment is not seen", NULL},
    {"fact-nosafepoint", IR_FACTS, fact_no_safepoint, "a call is said not to end the transaction", NULL},
    {"fact-readonly", IR_FACTS, fact_readonly, "a call is said to write nothing", NULL},
    {"fact-own", IR_FACTS, fact_own, "a call is said to write its thread's own memory only", NULL},
    {"fact-turns", IR_FACTS, fact_turns, "a call is said to turn the transaction inevitable", NULL},
    {"fact-fresh", IR_FACTS, fact_fresh, "a call is said to return a fresh object", NULL},
    {"fact-noreturn", IR_FACTS, fact_noreturn, "a call is said not to return", NULL},
    {"fact-returned", IR_FACTS, fact_returned, "a call is said to return its first argument", NULL},
    {"drop", IR_PLACED, NULL, "a barrier is gone", drop},
    {"weak", IR_PLACED, NULL, "a write barrier is a read barrier", weaken},
    {"late", IR_PLACED, NULL, "a barrier stands at the next access", delay},
    {"moved", IR_PLACED, moved_gone, "a moved barrier is gone", NULL},
    {"moved-weak", IR_PLACED, moved_weak, "a moved write barrier is a read barrier", NULL},
    {"moved-small", IR_PLACED, moved_small, "a moved barrier is of less than is needed", NULL},
    {"moved-inevitable", IR_PLACED, moved_inevitable, "the transaction is not turned inevitable", NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct ir_mutant {
    const struct kind *kind; /* null: all are counted */
    unsigned long n;         /* places of the kind still to pass by */
    unsigned long counts[KINDS];
    bool done;
};

struct ir_mutant *ir_mutant_new(struct ir_module *m, const char *spec)
{
    struct ir_mutant *x = ir_alloc(m, sizeof *x);
    size_t n = strcspn(spec, ":");
    char *end;
    if (!strcmp(spec, "list"))
        return m->mutant = x;
    for (unsigned k = 0; k < KINDS; k++)
        if (strlen(kinds[k].name) == n && !strncmp(kinds[k].name, spec, n))
            x->kind = &kinds[k];
    if (x->kind && spec[n] == ':' && spec[n + 1]) {
        x->n = strtoul(spec + n + 1, &end, 10);
        if (!*end)
            return m->mutant = x;
    }
    fprintf(stderr, "ungil: error: '%s' is no mutant; 'list' counts those of each kind\n", spec);
    return NULL;
}

static void say(const struct kind *k, const struct ir_loc *loc, const char *func)
{
    fprintf(stderr, "ungil: mutant: %s, at %s:%u:%u in %s\n", k->what, loc->file ? loc->file : "", loc->line,
            loc->col, func);
}

/* A place of kind k: is it the one? */
static bool is_it(struct ir_mutant *x, const struct kind *k)
{
    x->counts[k - kinds]++;
    return !x->done && x->kind == k && !x->n--;
}

static const struct kind *kind_named(const char *name)
{
    const struct kind *k = kinds;
    while (strcmp(k->name, name) != 0)
        k++;
    return k;
}

bool ir_mutant_is(struct ir_module *m, const char *kind, struct ir_loc loc, const char *func)
{
    if (!m->mutant || !is_it(m->mutant, kind_named(kind)))
        return false;
    say(kind_named(kind), &loc, func);
    return m->mutant->done = true;
}

/* Is i a place of kind k, which it becomes if `now`? */
static bool is_place(const struct kind *k, struct ir_inst *i, enum barrier_kind *d, bool now)
{
    if (k->decide)
        return ir_is(i, IRF_ACCESS) && k->decide(i, d, now);
    return k->at && k->at(i, now);
}

static void mutate_inst(struct ir_mutant *x, struct ir_inst *i, enum ir_moment moment, enum barrier_kind *d)
{
    for (const struct kind *k = kinds; k < kinds + KINDS; k++)
        if (k->moment == moment && is_place(k, i, d, false) && is_it(x, k)) {
            say(k, &i->loc, i->block->func->name);
            is_place(k, i, d, true);
            x->done = true;
        }
}

void ir_mutate(struct ir_module *m, enum ir_moment moment, enum barrier_kind *decisions)
{
    struct ir_mutant *x = m->mutant;
    if (!x)
        return;
    for (unsigned f = 0; f < m->nfuncs; f++) {
        ir_compute_dominators(m->funcs[f]);
        for (unsigned b = 0; b < m->funcs[f]->nblocks; b++)
            for (struct ir_inst *i = m->funcs[f]->blocks[b]->first, *next; i; i = next) {
                next = i->next;
                mutate_inst(x, i, moment, decisions);
            }
    }
}

void ir_mutant_end(const struct ir_module *m)
{
    const struct ir_mutant *x = m->mutant;
    for (unsigned k = 0; x && k < KINDS && !x->kind; k++)
        fprintf(stderr, "%s %lu\n", kinds[k].name, x->counts[k]);
    if (x && x->kind && !x->done)
        fprintf(stderr, "ungil: no such mutant: there are %lu\n", x->counts[x->kind - kinds]);
}
