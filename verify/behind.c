/* behind.c - reads that are marked behind themselves.
 *
 * What others commit comes into sight, and what has been read is looked at, only where the transaction may
 * end or the view moves on.  So a read is as good as marked if on all paths from it, before that, there is a
 * barrier on the place, in a function that is called, perhaps: C leaves open whether the left side of an
 * assignment, with the barrier, is evaluated before the right one.
 *
 * This is a walk forwards.  The pointers that the place is made of may be loaded again for the barrier, from
 * where nothing has been written since: these are the same then.
 *
 * Likewise what a call stores at a place is good only when it has been mapped back, and put there again. */
#include "walk.h"

#include <string.h>

static struct map quiet; /* function -> 1: no, or being looked at; 2: yes */

/* Does i neither end the transaction nor move the thread's view on, as an allocation may, turning inevitable
 * and whoever waits for the world to stop; and does control go on behind it? */
static bool is_quiet(const struct ins *i)
{
    const char *name = called_name(i->v);
    bool goes_on = i->op == LLVMBr || i->op == LLVMSwitch || i->op == LLVMIndirectBr, ok = true;
    if (i->op != LLVMCall)
        return goes_on || !LLVMIsATerminatorInst(i->v);
    if (i->mark)
        return (!strncmp(name, "stm_v_", 6) || !strncmp(name, "stm_x_", 6)) &&
               !(i->mark->effect & (E_ENDS | E_OUTSIDE | E_INEVITABLE | E_FRESH | E_WRITES));
    if (!i->targets)
        return name && !returns_twice(i->v) &&
               (!strncmp(name, "llvm.", 5) || (claims_external(name) && !claims_calls_back(name)));
    for (unsigned t = 0; t < i->targets->n && ok; t++) {
        const struct func *f = i->targets->v[t];
        uint64_t known = *map_at(&quiet, KEY(f));
        *map_at(&quiet, KEY(f)) = known ? known : 1;
        ok = known != 1;
        for (unsigned b = 0; b < f->nblocks && ok && !known; b++)
            for (const struct ins *x = f->blocks[b]->ins; ok && f->blocks[b]->n && x <= f->blocks[b]->end;
                 x++)
                ok = x->op == LLVMRet || is_quiet(x);
        if (ok)
            *map_at(&quiet, KEY(f)) = 2;
    }
    return ok;
}

/* Forwards, the key says where each pointer was loaded from: the base of each of these is what lies at the
 * next one. */
enum { PLACES = 4 };
static void places_of(struct key *k, term *place[PLACES])
{
    memcpy(place, (term *[]){&k->at, &k->guard, &k->when, &k->cond}, PLACES * sizeof *place);
}

/* Is k covered behind the call i, whatever was before?  i is quiet, so no path of what it runs calls that
 * again. */
static bool is_marked_within(const struct ins *i, struct key k)
{
    bool ok = i->targets && i->targets->n;
    k.guard = k.when = k.cond = 0;
    for (unsigned t = 0; ok && t < i->targets->n; t++) {
        struct func *f = i->targets->v[t];
        unsigned a = argument_for(i, f, &k, 0);
        ok = false;
        for (; !ok && f->nblocks && a != NO_ARGUMENT; a = argument_for(i, f, &k, a + 1)) {
            struct key in;
            term rest;
            const struct summary *s = into_callee(i, f, &k, a, &in, &rest) ? summarize(f, &in, false) : NULL;
            ok = s && !s->failed && !s->entries.n;
        }
    }
    return ok;
}

/* The step forward over i. */
static enum step ahead_over(struct walk *w, const struct ins *i, struct key *k)
{
    term *place[PLACES], again = 0;
    LLVMValueRef same = NULL;
    if (!is_quiet(i))
        return NO;
    if (i->mark ? i->mark->effect & E_BARRIER && covers(i, k) : is_marked_within(i, *k))
        return YES;
    places_of(k, place);
    if (i->op == LLVMLoad && !LLVMGetVolatile(i->v))
        again = place_of_pointer(LLVMGetOperand(i->v, 0));
    for (unsigned n = 1; n < PLACES && *place[n] && !same; n++)
        if (*place[n] == again && LLVMTypeOf(i->v) == LLVMTypeOf(w->loaded[n - 1]))
            same = term_base(*place[n - 1]);
    if (i->v != same && term_has(k->at, i->v) && !lose_index(k, i->v))
        return NO;
    for (unsigned n = 1; n < PLACES && *place[n]; n++) {
        LLVMValueRef load = w->loaded[n - 1];
        if ((i->v != same && term_has(*place[n], i->v)) ||
            may_write(i, LLVMGetOperand(load, 0), *place[n], size_of(LLVMTypeOf(load))))
            while (n < PLACES) /* nor is it known then what leads there */
                *place[n++] = 0;
    }
    return same && term_is_leaf(term_of(i->v)) && !subst_key(k, same, term_of(i->v)) ? NO : GO_ON;
}

/* Is k marked on all paths from behind i on?  With `again`, as loads further on read its pointers again. */
static bool is_marked_behind(const struct ins *i, struct key k, bool again)
{
    struct walk w = {0};
    term *place[PLACES];
    places_of(&k, place);
    for (unsigned n = 0; again && n + 1 < PLACES; n++) {
        LLVMValueRef load = term_base(*place[n]);
        if (!load || !LLVMIsALoadInst(load) || LLVMGetVolatile(load) || !is_shared(LLVMGetOperand(load, 0)))
            break;
        struct key lies = {.ask = SAME, .at = place_of_pointer(LLVMGetOperand(load, 0))};
        lies.size = size_of(LLVMTypeOf(load));
        if (!is_same(i, load, lies, load))
            break;
        w.loaded[n] = load;
        *place[n + 1] = lies.at;
    }
    push(&w, i->b, i + 1, k);
    while (w.at < w.n && !w.failed) {
        struct pair p = w.seen[w.at++];
        enum step s = GO_ON;
        for (const struct ins *x = p.i ? p.i : p.b->ins; s == GO_ON && x <= p.b->end; x++)
            s = ahead_over(&w, x, &p.key);
        w.failed |= s == NO;
        for (unsigned j = 0; s == GO_ON && j < LLVMGetNumSuccessors(p.b->end->v); j++)
            push(&w, block_of(LLVMGetSuccessor(p.b->end->v, j)), NULL, p.key);
    }
    free_walk(&w);
    return !w.failed;
}

bool marked_behind(const struct ins *i, const struct key *k)
{
    return !k->write && is_quiet(i) && (is_marked_behind(i, *k, false) || is_marked_behind(i, *k, true));
}

/* ---- what is mapped back ---- */

/* Is v what stm_x_back makes of what is loaded from `at`? */
static bool is_mapped_back(LLVMValueRef v, term at)
{
    LLVMValueRef load = calls_like(v, "stm_v_back") ? term_is_leaf(term_of(LLVMGetOperand(v, 0))) : NULL;
    return load && LLVMIsALoadInst(load) && place_of_pointer(LLVMGetOperand(load, 0)) == at;
}

/* Does control go from b to its successor number j, if `at` is not null? */
static bool goes_to(const struct block *b, unsigned j, term at)
{
    LLVMValueRef c =
        b->end->op == LLVMBr && LLVMIsConditional(b->end->v) ? LLVMGetCondition(b->end->v) : NULL;
    if (c && LLVMIsAConstantInt(c))
        return j == !LLVMConstIntGetZExtValue(c);
    return !c || opcode_of(c) != LLVMICmp || !LLVMIsAConstantPointerNull(LLVMGetOperand(c, 1)) ||
           place_of_pointer(LLVMGetOperand(c, 0)) != at ||
           LLVMGetICmpPredicate(c) != (j ? LLVMIntNE : LLVMIntEQ);
}

/* From the first of b's instructions in question on.  The optimiser leaves out a store that nothing reads. */
static bool is_put_back_from(const struct block *b, const struct ins *i, term at, struct map *seen)
{
    for (; i <= b->end; i++) {
        bool stored = i->op == LLVMStore && place_of_pointer(LLVMGetOperand(i->v, 1)) == at;
        if (stored || (prog.optimized && is_mapped_back(i->v, at)))
            return is_mapped_back(stored ? LLVMGetOperand(i->v, 0) : i->v, at);
        if ((i->op == LLVMCall || i->op == LLVMInvoke) && !calls_like(i->v, "stm_v_back") &&
            !calls_like(i->v, "llvm."))
            return false;
        if (i->op == LLVMLoad && place_of_pointer(LLVMGetOperand(i->v, 0)) == at)
            for (LLVMUseRef u = LLVMGetFirstUse(i->v); u; u = LLVMGetNextUse(u))
                if (!LLVMIsAPtrToIntInst(LLVMGetUser(u)) && !calls_like(LLVMGetUser(u), "stm_v_back"))
                    return false;
    }
    bool ok = LLVMGetNumSuccessors(b->end->v) > 0;
    for (unsigned j = 0; ok && j < LLVMGetNumSuccessors(b->end->v); j++) {
        const struct block *next = block_of(LLVMGetSuccessor(b->end->v, j));
        uint64_t *known = map_at(seen, KEY(next));
        if (!goes_to(b, j, at) || *known)
            continue;
        *known = 1;
        ok = is_put_back_from(next, next->ins, at, seen);
    }
    return ok;
}

bool is_put_back(const struct ins *call, term at)
{
    struct map seen = {0};
    bool ok = is_put_back_from(call->b, call + 1, at, &seen);
    map_free(&seen);
    return ok;
}
