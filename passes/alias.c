/* alias.c - may this write change what that load read?
 *
 * The only place where that is decided.  number.c asks it to find loads that yield the same value, range.c
 * for the bounds of counted loops; effects.c says of calls what is needed here.  No rule depends on C types,
 * which interpreters often break by casts.  What follows is why each rule holds; what none of them keeps
 * apart may be one.
 *
 * Where memory is.  It is `shared` (objects, and globals that are transactional storage: what references lead
 * to) or its thread's `own` (frames, private stacks, thread-locals, and the raw memory of the program: what
 * plain C reaches).  An access of class ref goes through the segment's view, where own memory is not mapped,
 * and one of class raw is plain C, which the pages of shared memory are closed to: either traps on the
 * other's memory.  So a ref's access meets no raw one; one of class any, which asks at run time, meets both.
 *
 * What is written where:
 *   store, update         as its pointer's class says
 *   localwrite            own memory: at its operand, of whatever extent; without one, in this frame
 *   a call                anything; `readonly`: nothing that existed before it; `own`: of that only own
 *                         memory; `pure`: the same, for it touches nothing shared
 *   inev                  anything: it stands for raw writes and assembly, too
 *   what ends the transaction, or comes back twice    anything
 * A call may also set errno, whatever it is said to be (C 7.5): that is an int, so it is what an access of 4
 * bytes, of no pointer, at offset 0 of an unknown pointer into own memory may lead to.
 *
 * Two places do not meet, if
 * - their bases are equal, and the bytes [lo, hi) behind them are different.
 * - both are accesses to objects, of different bytes.  The operand of such an access is an object's start,
 * and objects do not overlap: one inside another lies at its beginning (the front end refuses others), and a
 *   global that begins with an object is accessed by addresses.  What was computed from another pointer by an
 *   unknown offset is not taken for a start, whatever its type says.
 * - they begin at different names.  C gives each variable storage of its own (6.2.4, 6.5.9p6), but not each
 *   name: what another file defines (`aliased`) may be an alias of anything that files know by name
 *   (`exported`), and so may what has an alias here, an assembler's name, or a weak definition (gcc's
 *   symtab_node::equal_address_to has the same rule).
 * - one is a global that is `alone`: no pointer leads there, since nobody takes its address (6.5.3.2); and
 * the other is not reached by that name.
 * - one is an object that this function allocated, and the other was computed from a global, from another
 *   allocation, or from a pointer that was there before: storage is new when it is given out (7.22.3).
 *   If the definition of that pointer's base dominates the allocation, whoever now holds both has run through
 *   it first; for a way that reaches the access from that definition without the allocation would, put behind
 *   one that leads to the definition, be a way around the allocation, which dominates its own uses.
 * - one is a variable of this frame, and the other was computed from a parameter: the frame is newer.
 * - the write goes to an element of an array in an object, at an index that is not negative, and the load
 * reads what lies before the array, of that object or any.
 *
 * A load of an immutable field is changed only by a write to an object that is fresh: that is what immutable
 * means.  It may be the very object loaded from.  So it meets stores to what may be fresh, by the rules
 * above, stores that say so themselves, and calls that are given what may be fresh: whoever may write the
 * field holds the object from its allocation, through arguments and results (immutable.c).  It survives the
 * end of the transaction, behind which nothing is fresh, but not setjmp, behind which what is new may be
 * gone.  Variables have no immutable fields, whatever their types: a raw pointer's load is as any other, and
 * one that may lead to own memory meets what is written there other than by a store, in this function
 * (localwrite, inev).
 *
 * Volatile objects, and what a signal handler may write, need no rule: the only such values that C lets a
 * program rely on are volatile or atomic (5.1.2.3p5), and what the front end loads from these is `opaque`,
 * and no bound.  `restrict` is not used. */
#include "priv.h"

#include <limits.h>
#include <stdlib.h>

enum { SHARED = 1, OWN = 2, SIZE_OF_INT = 4 };

static unsigned regions_of(const struct ir_inst *pointer)
{
    return pointer->cls == IRC_RAW ? OWN : pointer->cls == IRC_REF ? SHARED : SHARED | OWN;
}

struct alias_place alias_place(const struct numbering *n, struct ir_inst *i)
{
    const struct ir_inst *t = i->args[0];
    struct alias_place a = {.inst = i, .base = n->base[t->id], .root = n->root[t->id]};
    bool access = ir_is(i, IRF_ACCESS), object = access && i->unit == IRU_OBJECT;
    long lo = n->off[t->id] + (object ? (long)i->index : 0);
    a.regions = access ? regions_of(t) : OWN;
    a.object = object && !n->off[t->id] && a.base->op != IR_DERIVE;
    a.known = access && i->size && (!object || i->index >= 0) && lo + (long)i->size < INT_MAX;
    a.lo = a.known ? (int)lo : 0;
    a.hi = a.known ? (int)(lo + i->size) : INT_MAX;
    return a;
}

/* ---- which places are apart ---- */

static bool is_variable(const struct ir_inst *root)
{
    return root->op == IR_ADDR && root->sym;
}

/* Does what is known of a's root say that nothing computed from b leads there? */
static bool excludes(const struct ir_inst *a, const struct ir_inst *b)
{
    if (is_variable(a))
        return a->flags & IRI_ALONE || (a->flags & IRI_LOCAL && b->op == IR_PARAM);
    return ir_makes_fresh(a) && (is_variable(b) || ir_makes_fresh(b) || ir_comes_after(a, b));
}

/* May a and b, two names, be one place? */
static bool name_one(const struct ir_inst *a, const struct ir_inst *b)
{
    return a->sym == b->sym || /* raw ones of one name may be several, or one */
           (a->flags & IRI_ALIASED && b->flags & (IRI_ALIASED | IRI_EXPORTED)) ||
           (b->flags & IRI_ALIASED && a->flags & IRI_EXPORTED);
}

static bool are_apart(const struct ir_inst *a, const struct ir_inst *b)
{
    if (a == b)
        return false;
    if (is_variable(a) && is_variable(b))
        return !name_one(a, b);
    return excludes(a, b) || excludes(b, a);
}

/* Is what is stored to in an array of an object that lies behind the bytes loaded, in that object or any? */
static bool lies_behind(const struct numbering *n, const struct alias_place *load,
                        const struct alias_place *store)
{
    const struct ir_inst *t = ir_canonical(store->inst->args[0]);
    const struct ir_inst *range = t->op == IR_DERIVE ? ir_canonical(t->args[0]) : t;
    if (range->op != IR_DERIVE || !(range->flags & IRI_ARRAY) || !load->known)
        return false;
    const struct ir_inst *array = range->args[0];
    return (load->object && load->hi <= array->index) ||
           (n->base[array->id] == load->base && load->hi <= n->off[array->id]);
}

static bool places_meet(const struct numbering *n, const struct alias_place *load,
                        const struct alias_place *store)
{
    if (!(load->regions & store->regions))
        return false;
    if (load->base == store->base || (load->object && store->object))
        if (load->known && store->known && (load->hi <= store->lo || store->hi <= load->lo))
            return false;
    if (load->base == store->base)
        return !lies_behind(n, load, store);
    return !are_apart(load->root, store->root) && !lies_behind(n, load, store);
}

/* ---- writes ---- */

bool alias_write(const struct numbering *n, struct ir_inst *i, struct alias_write *w)
{
    *w = (struct alias_write){.inst = i};
    bool call = i->op == IR_CALL || i->op == IR_ICALL;
    if (ir_ends_facts(i) || i->op == IR_INEV) {
        w->regions = SHARED | OWN;
    } else if (call) {
        w->regions = i->flags & IRI_READONLY ? 0 : i->flags & (IRI_OWN | IRI_PURE) ? OWN : SHARED | OWN;
        w->sets_errno = true;
    } else if (i->op == IR_LOCALW) {
        w->regions = OWN;
        w->at_place = i->nargs;
    } else if (ir_is(i, IRF_ACCESS) && ir_is(i, IRF_WRITES)) {
        w->at_place = true;
    }
    if (w->at_place) {
        w->place = alias_place(n, i);
        w->regions = w->place.regions;
    }
    for (unsigned k = 0; call && w->regions & SHARED && k < i->nargs; k++)
        w->initialises |= n->may_be_fresh[i->args[k]->id];
    if (w->at_place)
        w->initialises = n->may_be_fresh[i->args[0]->id] || i->flags & IRI_IMMUTABLE;
    return w->regions || w->sets_errno;
}

static bool given_fresh(const struct numbering *n, const struct ir_inst *call, const struct alias_place *load)
{
    for (unsigned k = 0; k < call->nargs; k++)
        if (n->may_be_fresh[call->args[k]->id] && !are_apart(n->root[call->args[k]->id], load->root))
            return true;
    return false;
}

bool alias_may_change(const struct numbering *n, const struct alias_place *load, const struct alias_write *w)
{
    if (load->inst->flags & IRI_IMMUTABLE && load->regions & SHARED) {
        bool names_own = w->inst->op == IR_LOCALW || w->inst->op == IR_INEV;
        if (w->inst->flags & IRI_RETURNS_TWICE || (names_own && !w->at_place && load->regions & OWN))
            return true;
        if (!w->initialises && !names_own)
            return false;
        return w->at_place ? places_meet(n, load, &w->place) : given_fresh(n, w->inst, load);
    }
    if (w->sets_errno && load->regions & OWN && load->inst->size <= SIZE_OF_INT && !load->lo &&
        load->inst->cls == IRC_INT && !is_variable(load->root))
        return true;
    if (!w->at_place)
        return w->regions & load->regions;
    return places_meet(n, load, &w->place);
}

/* ---- what may be fresh, wherever control is ---- */

static bool may_be_fresh(const struct numbering *n, const struct ir_inst *i)
{
    bool may =
        ir_makes_fresh(i) || i->flags & IRI_OR_FRESH ||
        (i->op == IR_PARAM && func_callers_known(n->f->module, n->f)); /* they may give what is fresh */
    for (unsigned k = 0; i->op == IR_PARAM && k < n->f->sum.ngiven; k++)
        may |= n->f->sum.given[k].kind == IR_FACT_FRESH && !n->f->sum.given[k].sym &&
               n->f->sum.given[k].param == i->index;
    for (unsigned k = 0; (i->op == IR_COPY || i->op == IR_DERIVE || i->op == IR_PHI) && k < i->nargs; k++)
        may |= n->may_be_fresh[i->args[k]->id];
    const struct ir_inst *argument = ir_related_argument(i);
    return may || (argument && n->may_be_fresh[argument->id]);
}

void alias_find_fresh(struct numbering *n)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned k = 0; k < n->f->nrpo; k++)
            for (struct ir_inst *i = n->f->rpo[k]->first; i; i = i->next)
                if (ir_has_result(i) && !n->may_be_fresh[i->id] && may_be_fresh(n, i))
                    n->may_be_fresh[i->id] = changed = true;
    }
}
