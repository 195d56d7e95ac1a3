/* random.c - random programs, walked along random paths against a model of transactions.
 *
 * timeout: 300
 *
 * For each seed: a module of functions with random control flow (loops, irreducible ones too) over a few
 * pointer variables is made with the builder, printed, parsed back, and run through the passes.  Then an
 * interpreter walks random paths through it.  Every executed instruction that yields a pointer yields a new
 * object (or null), so no two values are the same by luck; copies, derives and phis carry identity.
 * Barriers mark objects and addresses in the current transaction; everything that may end the transaction
 * does.
 *
 * Memory: a load yields what the last load of the same bytes did, unless something came in between that may
 * have written them, in some program that this one may stand for.  That is found out at run time, from what
 * the walk knows of the objects, not of the text: when each came to be known, and whether it was allocated
 * then (what was known before is another one; what came to be known later may be the same); variables, of the
 * frame they were made with, by name, and by what names may share; whether it is shared or a thread's own,
 * which the first access by a reference or by a raw pointer settles, and a second of the other kind traps;
 * whether an access is at an object's start.  An immutable field changes while its object is in the
 * transaction that allocated it: by a store through what leads there for certain, or a call that is given
 * that.
 *
 * Whether a safepoint ends the transaction is chance.  Anchors stand behind calls and at ends of blocks, and
 * name some variables; barriers that were moved there are executed as the emitter's code would, those for
 * the end of the transaction only if it has another number than the function knew.
 *
 * Counted loops are made on purpose, with their anchors.  Whether one is entered is decided at its anchor,
 * where barriers on ranges are executed if it is. An address computed from a range lies in it; one in an
 * array of an object is not before that.
 *
 * Soundness: each executed access that needs a barrier is covered, in the transaction in which it runs;
 * reads also if that is inevitable. Profitability: whenever a transaction or the walk ends, no more barriers
 * have been executed than under naive placement, nor with upgrade more than without, nor with copies of
 * functions more than without, and no more turns to inevitable than the program has; a transaction is
 * inevitable then only if it would have been. Safety: no barrier meets a value that is no reference (a
 * tagged integer, say), unless the program then accesses it too. Ranges: where a barrier on one is executed,
 * each round accesses it, the loop ends by its condition, in the same transaction, and what its head loads
 * stays the same. Effects: what a pass claims of a call (no safepoint, fresh result, never returns, writes
 * nothing that existed before, or only own memory) is true of the walk through its callee.
 *
 * Some modules are `whole`: then only main and functions whose address is taken are called from outside.
 *
 * UNGIL_SEED=n runs one seed and prints its IR; UNGIL_SEEDS=n sets how many, UNGIL_FIRST=n which is the
 * first.
 */
#include "ir.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_OBJECTS = 6000, MAX_STEPS = 2500, MAX_DEPTH = 12, MAX_FUNCS = 4, WALKS = 12 };

/* ---- random numbers: splitmix64 ---- */

static uint64_t rng;
static unsigned rnd(unsigned n)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (unsigned)((z ^ z >> 31) % n);
}

/* ---- programs ---- */

struct gen {
    struct ir_module *m;
    int access, anchor;
    unsigned nfuncs, nvars, nblocks, safepoints, depth;
    bool one_object, turns;   /* turns: much that cannot be undone, and anchors for that */
    struct ir_inst *identity; /* what most returns return, or null */
};
/* Globals: two that any pointer may lead to, one that is reached by its name only, two that may be one or
 * what has an exported name, which is apart from the rest. */
static const struct global {
    const char *name;
    unsigned flags;
} globals[] = {{"a", 0},           {"b", 0},           {"alone", IRI_ALONE},
               {"d", IRI_ALIASED}, {"e", IRI_ALIASED}, {"x", IRI_EXPORTED}};
enum { NGLOBALS = sizeof globals / sizeof *globals, ALONE = 2, NLOCALS = 2 };
static const char *const locals[NLOCALS] = {"l", "m"};
static const struct ir_loc nowhere;

static unsigned any_var(struct gen *g)
{
    return rnd(g->nvars);
}

/* Half of the functions work on what v0 holds, and seldom change it, as interpreters do with their frame. */
static unsigned accessed_var(struct gen *g)
{
    return g->one_object && rnd(4) ? 0 : any_var(g);
}
static unsigned written_var(struct gen *g)
{
    return g->one_object && g->nvars > 1 && rnd(8) ? 1 + rnd(g->nvars - 1) : any_var(g);
}

static struct ir_inst *emit_addr(struct gen *g, struct ir_block *b, unsigned k)
{
    struct ir_inst *i = ir_emit(b, IR_ADDR, IRC_REF, nowhere);
    i->sym = ir_intern(g->m, globals[k].name);
    i->flags = globals[k].flags;
    return i;
}

/* A pointer to own memory: a variable of this frame, into a private stack, or raw memory. */
static struct ir_inst *emit_own(struct gen *g, struct ir_block *b)
{
    unsigned kind = rnd(4);
    struct ir_inst *i = ir_emit(b, kind < 3 ? IR_ADDR : IR_OPAQUE, IRC_RAW, nowhere);
    if (kind < 3)
        i->sym = ir_intern(g->m, kind < NLOCALS ? locals[kind] : "raw");
    i->flags = kind < NLOCALS || kind == 3 ? IRI_LOCAL : 0;
    return i;
}

static void emit_local_write(struct gen *g, struct ir_block *b)
{
    struct ir_inst *at = rnd(4) ? emit_own(g, b) : NULL, *i = ir_emit(b, IR_LOCALW, IRC_INT, nowhere);
    if (at)
        ir_add_arg(i, at);
}

static void emit_escape(struct gen *g, struct ir_block *b)
{
    static const char *const what[] = {"T.", "U.", "T.f0", "U.f8", "*"};
    struct ir_inst *at = rnd(2) ? ir_var_read(b, any_var(g)) : NULL,
                   *i = ir_emit(b, IR_ESCAPE, IRC_INT, nowhere);
    i->sym = ir_intern(g->m, what[rnd(rnd(4) ? 4 : 5)]);
    if (at)
        ir_add_arg(i, at);
}

/* A store that does not name its field may be to any. */
static void emit_escapes(struct gen *g, struct ir_inst *store)
{
    for (unsigned k = 0; g->m->whole && k < 2; k++)
        ir_insert_before(store, IR_ESCAPE, IRC_INT)->sym = ir_intern(g->m, k ? "T." : "U.");
}

static void emit_access(struct gen *g, struct ir_block *b)
{
    static const unsigned sizes[] = {0, 1, 4, 8, 16, 64};
    static const enum ir_op ops[] = {IR_LOAD, IR_LOAD, IR_LOAD, IR_STORE, IR_STORE, IR_UPDATE};
    bool named = !rnd(12);
    struct ir_inst *target =
        named ? emit_addr(g, b, rnd(3) ? ALONE : rnd(NGLOBALS)) : ir_var_read(b, accessed_var(g));
    enum ir_op op = ops[rnd(6)];
    struct ir_inst *i = ir_emit(b, op, op == IR_STORE || rnd(2) ? IRC_INT : IRC_REF, nowhere);
    ir_add_arg(i, target);
    i->access = g->access++;
    i->unit = !named && (g->one_object || rnd(3)) ? IRU_OBJECT : IRU_ADDRESS;
    i->size = i->unit == IRU_OBJECT ? 8 : sizes[rnd(6)];
    if (i->unit == IRU_OBJECT && rnd(6)) {
        i->index = 8 * (int)rnd(3);
        char name[8];
        snprintf(name, sizeof name, "%c.f%d", rnd(2) ? 'T' : 'U', i->index);
        i->sym = g->m->whole || rnd(2) ? ir_intern(g->m, name) : NULL;
    }
    if (op != IR_LOAD && !i->sym)
        emit_escapes(g, i);
    if (op == IR_LOAD && !rnd(15))
        i->flags = IRI_IMMUTABLE;
    if (i->cls == IRC_REF)
        ir_var_write(b, written_var(g), i);
}

static void emit_anchor(struct gen *g, struct ir_block *b, unsigned flags)
{
    static const char *const names[] = {"v0", "v1", "v2", "v3"};
    if (!rnd(4))
        return;
    struct ir_inst *i = ir_emit(b, IR_ANCHOR, IRC_INT, nowhere);
    i->index = g->anchor++;
    i->flags = flags;
    for (unsigned v = 0; v < g->nvars; v++)
        if (rnd(5))
            ir_add_local(i, ir_var_read(b, v), ir_intern(g->m, names[v]));
}

static void name_function(const struct gen *g, char *name, unsigned k)
{
    if (!k && g->m->whole)
        strcpy(name, "main");
    else
        sprintf(name, "f%u", k);
}

static void emit_call(struct gen *g, struct ir_block *b)
{
    static const unsigned flags[] = {IRI_NOSAFEPOINT,
                                     IRI_NOSAFEPOINT | IRI_RETURNS_FRESH,
                                     IRI_RETURNS_FRESH,
                                     0,
                                     IRI_NOSAFEPOINT | IRI_PURE | IRI_NOALLOC,
                                     IRI_NOSAFEPOINT | IRI_READONLY,
                                     IRI_NOSAFEPOINT | IRI_OWN,
                                     IRI_NOSAFEPOINT | IRI_RETURNS_TWICE};
    char name[16] = "external";
    bool internal = rnd(3);
    if (internal)
        name_function(g, name, rnd(g->nfuncs));
    struct ir_inst *i = ir_emit(b, !internal && !rnd(4) ? IR_ICALL : IR_CALL, IRC_REF, nowhere);
    if (i->op == IR_CALL)
        i->sym = ir_intern(g->m, name);
    for (unsigned k = 0; k < 2; k++)
        ir_add_arg(i, ir_var_read(b, any_var(g)));
    if (!internal)
        i->flags = flags[rnd(rnd(4) ? 3 : 8)];
    if (!(i->flags & IRI_RETURNS_TWICE))
        emit_anchor(g, b, IRI_AFTER);
    if (rnd(2))
        ir_var_write(b, written_var(g), i);
}

static void emit_value(struct gen *g, struct ir_block *b)
{
    static const enum ir_op ops[] = {IR_NULLV, IR_ADDR,   IR_OPAQUE, IR_COPY,  IR_COPY,
                                     IR_COPY,  IR_DERIVE, IR_DERIVE, IR_ALLOC, IR_ALLOC};
    static const enum ir_class classes[] = {IRC_REF, IRC_REF, IRC_REF, IRC_ANY, IRC_ANY, IRC_RAW};
    enum ir_op op = ops[rnd(10)];
    struct ir_inst *arg = op == IR_COPY || op == IR_DERIVE ? ir_var_read(b, any_var(g)) : NULL;
    struct ir_inst *i = ir_emit(b, op, classes[rnd(rnd(4) ? 5 : 6)], nowhere);
    if (op == IR_DERIVE && rnd(4))
        i->index = 8 * (int)rnd(4);
    if (op == IR_ADDR) {
        unsigned k = rnd(3) ? rnd(ALONE) : ALONE + 1 + rnd(NGLOBALS - ALONE - 1);
        i->sym = ir_intern(g->m, globals[k].name);
        i->flags = globals[k].flags;
        if (i->cls == IRC_RAW) {
            i->sym = ir_intern(g->m, locals[rnd(NLOCALS)]);
            i->flags = IRI_LOCAL;
        }
    }
    if (arg)
        ir_add_arg(i, arg);
    ir_var_write(b, written_var(g), i);
}

static void emit_turn(struct gen *g, struct ir_block *b)
{
    struct ir_inst *i = ir_emit(b, rnd(2) ? IR_INEV : IR_ANCHOR, IRC_INT, nowhere);
    if (i->op == IR_ANCHOR)
        i->index = g->anchor++;
    else if (!rnd(6))
        i->flags = IRI_MAYBE;
}

static struct ir_block *emit_statement(struct gen *g, struct ir_block *b);

/* An access to an element. */
static void emit_member(struct gen *g, struct ir_block *b, struct ir_inst *range)
{
    static const enum ir_op ops[] = {IR_LOAD, IR_STORE, IR_UPDATE};
    struct ir_inst *d = ir_emit(b, IR_DERIVE, range->cls, nowhere);
    ir_add_arg(d, range);
    struct ir_inst *i = ir_emit(b, ops[rnd(3)], IRC_INT, nowhere);
    ir_add_arg(i, d);
    i->access = g->access++;
    i->unit = IRU_ADDRESS;
    i->size = rnd(4) ? 8 : 0;
    if (i->op != IR_LOAD)
        emit_escapes(g, i);
    if (!rnd(6))
        ir_var_write(b, written_var(g), d);
}

/* A counted loop's body, from b on; ends with the jump to its head. */
static void emit_body(struct gen *g, struct ir_block *b, struct ir_block *head, struct ir_inst *const *ranges,
                      unsigned n)
{
    struct ir_func *f = b->func;
    unsigned len = 1 + rnd(4), shape = rnd(5);
    for (unsigned s = 0; s < len; s++) {
        if (rnd(2))
            emit_member(g, b, ranges[rnd(n)]);
        else if (shape)
            emit_access(g, b);
        else
            b = emit_statement(g, b); /* any, loops too */
        if (!rnd(15))
            emit_call(g, b);
        else if (!rnd(30))
            ir_emit(b, IR_SAFEPOINT, IRC_INT, nowhere);
        if (!rnd(shape < 3 ? 4 : 40)) { /* an arm; sometimes it leads out of the loop */
            struct ir_block *arm = ir_block_new(f), *join = ir_block_new(f);
            ir_branch(b, (struct ir_block *[]){arm, join}, 2, nowhere);
            if (rnd(2))
                emit_member(g, arm, ranges[rnd(n)]);
            if (rnd(6))
                ir_jump(arm, join, nowhere);
            else
                ir_jump(arm, f->blocks[1 + rnd(g->nblocks - 1)], nowhere);
            b = join;
        }
    }
    ir_jump(b, head, nowhere);
}

/* A counted loop behind b; returns the block behind it. */
static struct ir_block *emit_loop(struct gen *g, struct ir_block *b)
{
    struct ir_func *f = b->func;
    struct ir_inst *base = ir_var_read(b, accessed_var(g)), *other = ir_var_read(b, any_var(g)), *ranges[2];
    unsigned n = 1 + rnd(2);
    if (base->op == IR_NULLV || base->cls == IRC_RAW)
        return b;
    struct ir_block *head = ir_block_new(f), *body = ir_block_new(f), *end = ir_block_new(f);
    for (unsigned k = 0; k < n; k++) {
        struct ir_inst *array = rnd(2) ? ir_emit(b, IR_DERIVE, base->cls, nowhere) : NULL;
        if (array) {
            ir_add_arg(array, base);
            array->index = 8 * (1 + (int)rnd(2));
        }
        ranges[k] = ir_emit(b, IR_DERIVE, base->cls, nowhere);
        ir_add_arg(ranges[k], array ? array : base);
        ranges[k]->flags = IRI_RANGE | (array ? IRI_ARRAY : 0);
    }
    struct ir_inst *anchor = ir_emit(b, IR_ANCHOR, IRC_INT, nowhere);
    anchor->index = g->anchor++;
    anchor->flags = IRI_GUARDED;
    struct ir_inst *own = rnd(3) ? NULL : emit_own(g, b);
    ir_jump(b, head, nowhere);
    if (own) {
        ir_add_arg(ir_emit(head, IR_LOCALR, IRC_INT, nowhere), own);
    } else if (rnd(2)) {
        struct ir_inst *bound = ir_emit(head, IR_LOAD, IRC_INT, nowhere);
        ir_add_arg(bound, rnd(3) ? base : other);
        bound->access = g->access++;
        bound->unit = rnd(3) ? IRU_OBJECT : IRU_ADDRESS;
        bound->size = 8;
        bound->index = bound->unit == IRU_OBJECT ? 8 * (int)rnd(2) : -1;
        bound->flags = rnd(6) ? 0 : IRI_IMMUTABLE;
        if (!rnd(3))
            bound->size = 4;
    }
    ir_branch(head, (struct ir_block *[]){body, end}, 2, nowhere);
    g->depth++;
    emit_body(g, body, head, ranges, n);
    g->depth--;
    return end;
}

/* Returns the block where the next one goes. */
static struct ir_block *emit_statement(struct gen *g, struct ir_block *b)
{
    if (!rnd(25))
        emit_local_write(g, b);
    if (!rnd(40))
        emit_escape(g, b);
    unsigned r = rnd(g->depth < 2 ? 104 : 100);
    if (r >= 100)
        return emit_loop(g, b);
    if (g->turns && !rnd(4))
        emit_turn(g, b);
    if (r < 55)
        emit_access(g, b);
    else if (r < 85)
        emit_value(g, b);
    else if (r < 94)
        emit_call(g, b);
    else if (r < 97)
        ir_emit(b, IR_INEV, IRC_INT, nowhere)->flags = rnd(6) ? 0 : IRI_MAYBE;
    else if (rnd(4) < g->safepoints) {
        ir_emit(b, IR_SAFEPOINT, IRC_INT, nowhere);
        emit_anchor(g, b, IRI_AFTER);
    } else
        ir_var_write(b, written_var(g), ir_var_read(b, any_var(g)));
    return b;
}

/* Ends b, which began as number k. */
static void emit_end(struct gen *g, struct ir_func *f, struct ir_block *b, unsigned k)
{
    struct ir_block *to[3];
    unsigned n = 1 + rnd(3);
    for (unsigned i = 0; i < n; i++) /* forward mostly, but never to the entry */
        to[i] = f->blocks[rnd(3) ? 1 + (k + rnd(3)) % (g->nblocks - 1) : 1 + rnd(g->nblocks - 1)];
    emit_anchor(g, b, 0);
    if (k + 1 == g->nblocks || !rnd(12))
        ir_ret(b, g->identity && rnd(8) ? g->identity : ir_var_read(b, any_var(g)), nowhere);
    else if (!rnd(40))
        ir_unreachable(b, nowhere);
    else if (n == 1)
        ir_jump(b, to[0], nowhere);
    else
        ir_branch(b, to, n, nowhere);
}

static void make_function(struct gen *g, unsigned n)
{
    char name[16];
    name_function(g, name, n);
    struct ir_func *f = ir_func_new(g->m, name);
    f->nparams = 2;
    f->ret = IRC_REF;
    unsigned nblocks = 2 + rnd(rnd(3) ? 8 : 20);
    g->nvars = 1 + rnd(4);
    f->is_static = rnd(4) && strcmp(name, "main");
    f->address_taken = !rnd(6);
    g->safepoints = rnd(4);
    g->one_object = rnd(2);
    g->turns = !rnd(3);
    g->nblocks = nblocks;
    for (unsigned k = 0; k < nblocks; k++)
        ir_block_new(f);
    for (unsigned v = 0; v < g->nvars; v++)
        ir_var_new(f, IRC_REF);
    for (int k = 0; k < 2; k++) {
        struct ir_inst *p = ir_emit(f->blocks[0], IR_PARAM, IRC_REF, nowhere);
        p->index = k;
        ir_var_write(f->blocks[0], any_var(g), p);
        if (!k)
            g->identity = rnd(3) ? NULL : p;
    }
    if (rnd(2))
        ir_seal(f->blocks[0]);
    for (unsigned k = 0; k < nblocks; k++) {
        struct ir_block *b = f->blocks[k];
        for (unsigned s = rnd(7); s > 0; s--)
            b = emit_statement(g, b);
        emit_end(g, f, b, k);
    }
    ir_finish(f);
}

static char *make_program(uint64_t seed)
{
    struct gen g = {.m = ir_module_new("random")};
    rng = seed * 0x2545f4914f6cdd1du + 1;
    g.nfuncs = 1 + rnd(MAX_FUNCS);
    g.m->whole = !rnd(4);
    for (unsigned n = 0; n < g.nfuncs; n++)
        make_function(&g, n);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ir_print(out, g.m);
    fclose(out);
    ir_module_free(g.m);
    return text;
}

/* ---- the model ---- */

struct val {
    unsigned obj, origin;
    int off;
    unsigned range; /* the origin of the range that it was computed from, or 0 */
    bool certain;   /* it came from its allocation without passing through memory, or through a call whose
                       callers or results nobody knows */
};                  /* obj 0: null; origin 0 of an object: its start */
/* What the walk knows of an object.  Their numbers go up as they come to be known. */
enum kind { UNKNOWN, ALLOCATED, GLOBAL, FRAME };
enum region { ANYWHERE, SHARED, OWN }; /* settled by accesses */
struct object {
    enum kind kind;
    enum region region;
    unsigned name, flags, born; /* of a variable; the transaction in which it was allocated */
    unsigned start;             /* the origin of a pointer to it */
};
struct cell {
    unsigned obj, origin;
    int lo, hi, in_object; /* where it ends, from the start of an object that it was read from; of several the
                              nearest */
    bool object, immutable, inferred, gone, known;
    enum ir_class cls;
    unsigned regions;
    struct val content;
};
enum {
    MAX_CELLS = 300,
    ADDRS = 1 << 13,
    MAX_SUMS = MAX_STEPS,
    MAX_ORIGINS = 2 * MAX_OBJECTS,
    MAX_LOOPS = 64,
    MAX_BLOCKS = 400
};
/* A call that control is in: which objects are older than it, and whether it has written to such ones. */
struct called {
    unsigned nobjects;
    bool writes_shared, writes_own;
};
/* A counted loop that control is in, with barriers on ranges. */
struct active {
    const struct ir_block *before, *head;
    unsigned depth, nranges;
    const struct ir_inst *barrier;
    unsigned ranges[4];
    bool bounded;
    struct val bound;
};
struct walk {
    struct ir_module *m;
    unsigned inevitable; /* the last transaction that turned so */
    unsigned txn, nobjects, norigins, steps;
    struct cell cells[MAX_CELLS];
    unsigned ncells;
    unsigned marked[MAX_OBJECTS], written[MAX_OBJECTS], fresh[MAX_OBJECTS]; /* transaction in which */
    struct {
        unsigned origin;
        int off;
        unsigned read_txn, read_size, write_txn, write_size;
    } at[ADDRS]; /* hashed by origin and offset */
    struct {
        unsigned read_txn, write_txn;
        bool owed, array;
        int at, off;
        unsigned origin;
    } range[MAX_ORIGINS]; /* by origin; owed: to be accessed in this round; origin, off: of what lies `at`
                             behind an object's start */
    struct active loops[MAX_LOOPS];
    unsigned nloops;
    unsigned length;                 /* bytes of the next access of unknown size */
    struct val global[NGLOBALS + 1]; /* the last one is raw */
    struct object object[MAX_OBJECTS];
    struct called calls[MAX_DEPTH + 1];
    unsigned ncalls;
    unsigned long barriers, accesses, moved, broken, ranges; /* moved, broken, ranges: of the barriers */
    unsigned long turns, early, unmarked; /* turns to inevitable, moved ones; reads that only those cover */
    unsigned long copies;                 /* of functions, called */
    struct sum {
        unsigned long barriers, turns;
        bool inevitable;
    } sums[MAX_SUMS];
    unsigned nsums;            /* when a transaction ended, or the walk */
    bool invalid[MAX_OBJECTS]; /* no object at all */
    unsigned bad, bad_calls;   /* an invalid one that a barrier has met, and in how many calls */
    const struct ir_inst *bad_at;
    bool over; /* the walk has ended somewhere below */
    const char *wrong;
    const struct ir_inst *where;
};

/* What the program says of its accesses, by number, whatever the passes make of them, but for fields that
 * they found to be immutable. */
static struct said {
    bool immutable, declared;
    enum ir_class target, cls;
} * accesses;

static const struct said *said_of(const struct ir_inst *i)
{
    while (i->origin)
        i = i->origin;
    return &accesses[i->access];
}

static struct val new_object(struct walk *w, bool fresh)
{
    struct val v = {++w->nobjects, ++w->norigins, 0, 0};
    w->object[v.obj].start = v.origin;
    if (fresh) {
        w->fresh[v.obj] = w->txn;
        w->object[v.obj].kind = ALLOCATED;
        w->object[v.obj].region = SHARED;
        w->object[v.obj].born = w->txn;
        v.certain = true;
    }
    return v;
}

static struct val new_variable(struct walk *w, enum kind kind, unsigned name, unsigned flags,
                               enum region region)
{
    struct val v = new_object(w, false);
    struct object *o = &w->object[v.obj];
    o->kind = kind;
    o->name = name;
    o->flags = flags;
    o->region = region;
    return v;
}

/* What comes from elsewhere may be anything. */
static struct val new_value(struct walk *w)
{
    struct val v = new_object(w, false);
    w->invalid[v.obj] = !rnd(100);
    return v;
}

static void flunk(struct walk *w, const char *what, const struct ir_inst *i)
{
    if (!w->wrong) {
        w->wrong = what;
        w->where = i;
    }
    w->over = true;
}

/* The program has not accessed, in this transaction and function, what a barrier met. */
static void still_bad(struct walk *w)
{
    if (w->bad && !w->over)
        flunk(w, "barrier on what is no reference, and not accessed", w->bad_at);
}

static unsigned slot_of(struct walk *w, struct val v)
{
    unsigned k = (v.origin * 2654435761u + (unsigned)v.off * 40503u) % ADDRS;
    while (w->at[k].origin && (w->at[k].origin != v.origin || w->at[k].off != v.off))
        k = (k + 1) % ADDRS;
    w->at[k].origin = v.origin;
    w->at[k].off = v.off;
    return k;
}

/* What an access through a pointer of this class may reach. */
static unsigned regions_of(enum ir_class cls)
{
    return cls == IRC_REF ? 1 << SHARED : cls == IRC_RAW ? 1 << OWN : 1 << SHARED | 1 << OWN;
}

/* In some program that this one stands for, may x and y, which are different to the walk, be one? */
static bool may_be_one(const struct walk *w, unsigned x, unsigned y)
{
    const struct object *a = &w->object[x], *b = &w->object[y];
    if (x == y)
        return true;
    if (a->kind == UNKNOWN && b->kind != UNKNOWN)
        return may_be_one(w, y, x);
    if (b->kind == UNKNOWN && a->kind == UNKNOWN)
        return a->region == ANYWHERE || b->region == ANYWHERE || a->region == b->region;
    if (b->kind == UNKNOWN) /* is it as old as the other? */
        return !(a->flags & IRI_ALONE) && (a->kind == GLOBAL || y > x) &&
               (b->region == ANYWHERE || b->region == a->region);
    return a->kind == GLOBAL && b->kind == GLOBAL &&
           ((a->flags & IRI_ALIASED && b->flags & (IRI_ALIASED | IRI_EXPORTED)) ||
            (b->flags & IRI_ALIASED && a->flags & IRI_EXPORTED));
}

/* Something has been written that existed before some of the calls that control is in. */
static void note_write(struct walk *w, unsigned obj, bool shared, bool own)
{
    bool is_new = w->object[obj].kind == ALLOCATED || w->object[obj].kind == FRAME;
    for (unsigned k = 0; k < w->ncalls; k++)
        if (!is_new || obj <= w->calls[k].nobjects) {
            w->calls[k].writes_shared |= shared;
            w->calls[k].writes_own |= own;
        }
}

/* Everything that may change in these regions. */
static void write_regions(struct walk *w, unsigned regions)
{
    note_write(w, 0, regions & 1 << SHARED, regions & 1 << OWN);
    for (unsigned k = 0; k < w->ncells; k++)
        w->cells[k].gone |= !w->cells[k].immutable && w->cells[k].regions & regions;
}

/* Another transaction, or a function that nobody knows, has written everything that may change. */
static void write_all(struct walk *w)
{
    write_regions(w, 1 << SHARED | 1 << OWN);
}

/* Whoever has an object in the transaction that allocated it may write its immutable fields. */
static void initialise(struct walk *w, struct val v)
{
    if (v.obj && v.certain && w->object[v.obj].born == w->txn)
        for (unsigned k = 0; k < w->ncells; k++)
            w->cells[k].gone |= w->cells[k].immutable && may_be_one(w, v.obj, w->cells[k].obj);
}

/* Own memory at v, of whatever extent; null: a variable of this frame. */
static void write_own(struct walk *w, struct val v)
{
    if (v.obj)
        note_write(w, v.obj, false, true);
    for (unsigned k = 0; k < w->ncells; k++) {
        struct cell *c = &w->cells[k];
        if (c->regions & 1 << OWN && (!v.obj || may_be_one(w, v.obj, c->obj)))
            c->gone = true;
    }
}

/* A call may set errno: an int, at no offset from a pointer that nobody else has. */
static void set_errno(struct walk *w)
{
    for (unsigned k = 0; k < w->ncells; k++) {
        struct cell *c = &w->cells[k];
        c->gone |= c->regions & 1 << OWN && (!c->known || (c->hi - c->lo <= 4 && !c->lo)) &&
                   c->cls == IRC_INT && !c->immutable && w->object[c->obj].kind == UNKNOWN;
    }
}

static void sum_up(struct walk *w)
{
    w->sums[w->nsums++] = (struct sum){w->barriers, w->turns, w->inevitable == w->txn};
}

/* In the middle of a loop whose ranges have been marked, to its end as was thought. */
static void still_counting(struct walk *w, unsigned depth)
{
    for (unsigned k = 0; k < w->nloops; k++)
        if (w->loops[k].depth >= depth && w->loops[k].nranges && !w->over)
            flunk(w, "barrier on a range, but its loop did not come to its end in one transaction",
                  w->loops[k].barrier);
}

static void end_transaction(struct walk *w)
{
    still_counting(w, 0);
    sum_up(w);
    w->txn++;
    still_bad(w);
    for (unsigned k = 0; k < w->ncells; k++) /* others have written, not this thread */
        w->cells[k].gone |= !w->cells[k].immutable;
}

/* Is this an access at the start of an object, as far as the program says? */
static bool at_start(const struct walk *w, const struct ir_inst *i, struct val v)
{
    return i->unit == IRU_OBJECT && !v.off && v.origin == w->object[v.obj].start;
}

static bool range_of(const struct ir_inst *i, struct val v, int *lo, int *hi)
{
    *lo = v.off + (i->unit == IRU_OBJECT ? i->index : 0);
    *hi = *lo + (int)i->size;
    return i->size && (i->unit == IRU_ADDRESS || i->index >= 0);
}

static bool lies_behind(const struct walk *w, const struct cell *c, struct val v)
{
    return v.range && w->range[v.range].array && c->known &&
           ((c->object && c->in_object <= w->range[v.range].at) ||
            (c->origin == w->range[v.range].origin && c->hi <= w->range[v.range].off));
}

static void do_write(struct walk *w, const struct ir_inst *i, struct val v)
{
    int lo, hi;
    unsigned regions = regions_of(said_of(i)->target);
    const struct object *o = &w->object[v.obj];
    bool known = range_of(i, v, &lo, &hi), fresh = v.certain && o->born == w->txn;
    note_write(w, v.obj, o->region != OWN, o->region == OWN);
    for (unsigned k = 0; k < w->ncells; k++) {
        struct cell *c = &w->cells[k];
        if (c->inferred && !fresh && c->obj == v.obj && c->origin == v.origin && known && lo < c->hi &&
            c->lo < hi)
            flunk(w, "store to a field that was found to be immutable", i);
        bool comparable = c->origin == v.origin || (c->object && at_start(w, i, v));
        if (!(c->regions & regions) || (c->immutable && !fresh) || !may_be_one(w, v.obj, c->obj) ||
            (comparable && known && c->known && (hi <= c->lo || c->hi <= lo)) || lies_behind(w, c, v))
            continue;
        c->gone = true;
    }
}

static struct cell *new_cell(struct walk *w, struct val v, int lo, int hi, bool known, enum ir_class cls,
                             unsigned regions)
{
    if (w->ncells == MAX_CELLS) {
        w->over = true;
        return NULL;
    }
    w->cells[w->ncells] = (struct cell){.obj = v.obj,
                                        .origin = v.origin,
                                        .lo = lo,
                                        .hi = hi,
                                        .in_object = INT_MAX,
                                        .gone = true,
                                        .known = known,
                                        .cls = cls,
                                        .regions = regions};
    return &w->cells[w->ncells++];
}

/* What accesses say of the place adds up: it is what they all say. */
static struct val do_read(struct walk *w, const struct ir_inst *i, struct val v)
{
    struct val content = rnd(12) ? new_value(w) : (struct val){0};
    int lo = 0, hi = 0;
    bool own = i->op == IR_LOCALR, known = !own && range_of(i, v, &lo, &hi),
         object = !own && at_start(w, i, v),
         fixed = !own && said_of(i)->immutable && said_of(i)->target != IRC_RAW;
    unsigned regions = own ? 1 << OWN : regions_of(said_of(i)->target);
    enum ir_class cls = own ? IRC_INT : said_of(i)->cls;
    if (!known && !own)
        return content;
    struct cell *c = NULL;
    for (unsigned k = 0; k < w->ncells; k++)
        if (w->cells[k].origin == v.origin && w->cells[k].lo == lo && w->cells[k].hi == hi &&
            w->cells[k].known == known)
            c = &w->cells[k];
    if (!c)
        c = new_cell(w, v, lo, hi, known, cls, regions);
    if (!c)
        return content;
    if (c->gone)
        c->content = content;
    c->gone = false;
    c->object |= object;
    c->regions &= regions;
    if (cls != IRC_INT)
        c->cls = cls;
    if (object && c->in_object > i->index + (int)i->size)
        c->in_object = i->index + (int)i->size;
    c->inferred = (c->inferred || !c->immutable) && fixed && !said_of(i)->declared;
    c->immutable |= fixed;
    return c->content;
}

static void do_barrier(struct walk *w, const struct ir_inst *i, struct val v)
{
    w->barriers++;
    w->moved += (i->flags & (IRI_MOVED | IRI_BROKEN)) == IRI_MOVED;
    w->broken += (i->flags & IRI_BROKEN) != 0;
    v.off += i->index;
    if (!v.obj)
        return;
    if (w->invalid[v.obj]) {
        w->bad = v.obj;
        w->bad_at = i;
        w->bad_calls = w->ncalls;
    }
    if (i->unit == IRU_RANGE) {
        struct active *a = &w->loops[w->nloops - 1];
        w->ranges++;
        w->range[v.origin].read_txn = w->txn;
        if (i->op == IR_WBAR)
            w->range[v.origin].write_txn = w->txn;
        w->range[v.origin].owed = true;
        a->barrier = i;
        a->ranges[a->nranges++] = v.origin;
        return;
    }
    if (i->unit == IRU_OBJECT) {
        w->marked[v.obj] = w->txn;
        if (i->flags & IRI_WHOLE)
            w->fresh[v.obj] = w->txn; /* as good as */
        if (i->op == IR_WBAR)
            w->written[v.obj] = w->txn;
        return;
    }
    unsigned size = i->size ? i->size : w->length, k = slot_of(w, v);
    if (w->at[k].read_txn != w->txn || w->at[k].read_size < size) {
        w->at[k].read_txn = w->txn;
        w->at[k].read_size = size;
    }
    if (i->op == IR_WBAR && (w->at[k].write_txn != w->txn || w->at[k].write_size < size)) {
        w->at[k].write_txn = w->txn;
        w->at[k].write_size = size;
    }
}

/* Is an access of kind i to v covered in this transaction?  Every object may be a large one, logged by card.
 */
static bool covered(struct walk *w, const struct ir_inst *i, struct val v)
{
    bool write = i->op != IR_LOAD;
    if (w->fresh[v.obj] == w->txn)
        return true;
    if (i->unit == IRU_OBJECT)
        return (write ? w->written : w->marked)[v.obj] == w->txn;
    if (!write && w->marked[v.obj] == w->txn)
        return true;
    if (v.range &&
        (w->range[v.range].write_txn == w->txn || (!write && w->range[v.range].read_txn == w->txn)))
        return true;
    unsigned size = i->size ? i->size : w->length, k = slot_of(w, v);
    return write ? w->at[k].write_txn == w->txn && w->at[k].write_size >= size
                 : w->at[k].read_txn == w->txn && w->at[k].read_size >= size;
}

static struct val walk_func(struct walk *w, const struct ir_func *f, const struct val *args, unsigned nargs,
                            unsigned depth);

static const struct ir_func *callee_of(const struct walk *w, const struct ir_inst *i)
{
    for (unsigned k = 0; i->op == IR_CALL && i->sym && k < w->m->nfuncs; k++)
        if (!strcmp(w->m->funcs[k]->name, i->sym))
            return w->m->funcs[k];
    return NULL;
}

static struct val do_call(struct walk *w, const struct ir_inst *i, const struct val *env, unsigned depth)
{
    const struct ir_func *f = callee_of(w, i);
    struct val args[8] = {{0, 0, 0, 0}}, v;
    if (!f) {
        if (!(i->flags & IRI_NOSAFEPOINT) && rnd(2))
            end_transaction(w);
        if (!(i->flags & (IRI_PURE | IRI_READONLY | IRI_RETURNS_TWICE)) && !rnd(100)) {
            still_bad(w); /* it exits, perhaps because of what it was given */
            still_counting(w, 0);
            w->over = true;
        }
        if (!(i->flags & (IRI_PURE | IRI_READONLY | IRI_OWN))) {
            write_all(w);
            for (unsigned k = 0; k < i->nargs; k++)
                initialise(w, env[i->args[k]->id]);
        } else if (!(i->flags & IRI_READONLY)) {
            write_regions(w, 1 << OWN);
        }
        set_errno(w);
        return new_object(w, i->flags & IRI_RETURNS_FRESH);
    }
    if (depth == MAX_DEPTH) {
        w->over = true;
        return args[0];
    }
    w->copies += f->clone_of != NULL;
    for (unsigned k = 0; k < i->nargs && k < 8; k++)
        args[k] = env[i->args[k]->id];
    bool was_fresh = i->index >= 0 && (!args[i->index].obj || w->fresh[args[i->index].obj] == w->txn);
    unsigned before = w->txn;
    const struct called *call = &w->calls[w->ncalls];
    w->calls[w->ncalls++] = (struct called){.nobjects = w->nobjects};
    const struct ir_func *original = f->clone_of ? f->clone_of : f;
    for (unsigned k = 0; k < 8; k++)
        args[k].certain &= !original->address_taken &&
                           (original->is_static || (w->m->whole && strcmp(original->name, "main")));
    v = walk_func(w, f, args, i->nargs, depth + 1);
    v.certain = false;
    w->ncalls--;
    if (w->over)
        return v;
    set_errno(w);
    if ((i->flags & IRI_READONLY && (call->writes_shared || call->writes_own)) ||
        (i->flags & IRI_OWN && call->writes_shared))
        flunk(w, "call wrote what it is said not to", i);
    if ((i->flags & IRI_NOSAFEPOINT) && w->txn != before)
        flunk(w, "call marked nosafepoint ended the transaction", i);
    if ((i->flags & IRI_RETURNS_FRESH) && v.obj && w->fresh[v.obj] != w->txn)
        flunk(w, "call marked fresh returned an object that is not", i);
    if (i->flags & IRI_NORETURN)
        flunk(w, "call marked noreturn returned", i);
    if ((i->flags & IRI_TURNS) && w->inevitable != w->txn)
        flunk(w, "call marked turns left the transaction as it was", i);
    if ((i->flags & IRI_OR_FRESH) && was_fresh && v.obj && w->fresh[v.obj] != w->txn)
        flunk(w, "call marked orfresh returned another object that is not", i);
    if (i->index >= 0 && !(i->flags & IRI_OR_FRESH) &&
        (v.obj != args[i->index].obj ||
         (v.obj && (v.origin != args[i->index].origin || v.off != args[i->index].off))))
        flunk(w, "call did not return the argument that it is said to", i);
    return v;
}

static void do_access(struct walk *w, const struct ir_inst *i, struct val v)
{
    w->accesses++;
    w->range[v.range].owed = false;
    enum ir_class cls = said_of(i)->target;
    struct object *o = &w->object[v.obj];
    if (v.obj && o->region == ANYWHERE && cls != IRC_ANY)
        o->region = cls == IRC_REF ? SHARED : OWN;
    /* A pointer that goes about as an object's leads to the start of one, as the front end demands. */
    bool inside =
        i->unit == IRU_OBJECT && v.obj && !at_start(w, i, v) && ir_canonical(i->args[0])->op != IR_DERIVE;
    if (!v.obj || inside || w->invalid[v.obj] ||
        (o->region != ANYWHERE && !(regions_of(cls) >> o->region & 1)))
        w->over = true; /* the program traps */
    else if (ir_needs_barrier(i) && !covered(w, i, v)) {
        if (i->op != IR_LOAD || w->inevitable != w->txn)
            flunk(w, "access not covered", i);
        w->unmarked++;
    }
    w->length = 1 + rnd(99);
}

/* What the head of a loop with marked ranges loads is its bound. */
static void note_bound(struct walk *w, const struct ir_inst *i, struct val v)
{
    struct active *a = w->nloops ? &w->loops[w->nloops - 1] : NULL;
    if (!a || a->head != i->block || !a->nranges)
        return;
    if (a->bounded && (a->bound.obj != v.obj || a->bound.origin != v.origin))
        flunk(w, "barrier on a range, but the bound of its loop changes", i);
    a->bounded = true;
    a->bound = v;
}

/* Executes i; returns its value. */
static struct val do_inst(struct walk *w, const struct ir_inst *i, const struct val *env,
                          const struct val *args, unsigned nargs, const struct val *frame, unsigned depth)
{
    struct val null = {0, 0, 0, 0};
    switch (i->op) {
    case IR_PARAM:
        return (unsigned)i->index < nargs ? args[i->index] : null;
    case IR_NULLV:
        return null;
    case IR_ADDR:
        if (i->cls == IRC_RAW && i->flags & IRI_LOCAL)
            return frame[i->sym[0] == 'm'];
        for (unsigned k = 0; k < NGLOBALS; k++)
            if (!strcmp(globals[k].name, i->sym))
                return w->global[k];
        return w->global[NGLOBALS];
    case IR_OPAQUE:
        if (i->cls == IRC_RAW)
            return new_variable(w, UNKNOWN, 0, 0, OWN);
        return rnd(10) ? new_value(w) : null;
    case IR_LOCALW:
        write_own(w, i->nargs ? env[i->args[0]->id] : null);
        return null;
    case IR_LOCALR:
        note_bound(w, i, do_read(w, i, env[i->args[0]->id]));
        return null;
    case IR_ALLOC:
        return new_object(w, true);
    case IR_COPY:
        return env[i->args[0]->id];
    case IR_DERIVE: {
        struct val v = env[i->args[0]->id];
        if (i->index >= 0)
            return (struct val){v.obj, v.origin, v.off + i->index, v.range, v.certain};
        struct val d = {v.obj, ++w->norigins, 0, 0, v.certain};
        if (i->args[0]->flags & IRI_RANGE && i->args[0]->op == IR_DERIVE)
            d.range = v.origin;
        if (i->flags & IRI_ARRAY) {
            w->range[d.origin].array = true;
            w->range[d.origin].at = i->args[0]->index;
            w->range[d.origin].origin = v.origin;
            w->range[d.origin].off = v.off;
        }
        return d;
    }
    case IR_LOAD:
    case IR_STORE:
    case IR_UPDATE:
        do_access(w, i, env[i->args[0]->id]);
        if (i->op == IR_LOAD) {
            struct val v = do_read(w, i, env[i->args[0]->id]);
            note_bound(w, i, v);
            return v;
        }
        do_write(w, i, env[i->args[0]->id]);
        return rnd(12) ? new_object(w, false) : null;
    case IR_RBAR:
    case IR_WBAR:
        if (!(i->flags & IRI_REMOVED))
            do_barrier(w, i, env[i->args[0]->id]);
        return null;
    case IR_INEV:
        if (!(i->flags & IRI_MOVED))
            write_all(w); /* raw memory, assembly */
        if (!(i->flags & (IRI_MAYBE | IRI_REMOVED))) {
            w->inevitable = w->txn;
            w->turns++;
            w->early += (i->flags & IRI_MOVED) != 0;
        }
        if ((i->flags & IRI_REMOVED) && w->inevitable != w->txn)
            flunk(w, "not inevitable", i);
        return null;
    case IR_SAFEPOINT:
        if (rnd(2))
            end_transaction(w);
        return null;
    case IR_CALL:
    case IR_ICALL:
        return do_call(w, i, env, depth);
    default:
        return null;
    }
}

static const struct ir_block *take_edge(const struct ir_block *b, const struct ir_block *to, struct val *env)
{
    struct val in[64];
    unsigned pred = 0, n = 0;
    while (to->preds[pred] != b)
        pred++;
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        in[n++] = env[phi->args[pred]->id];
    n = 0;
    for (const struct ir_inst *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next)
        env[phi->id] = in[n++];
    return to;
}

/* Control comes from the loop's head into its body, or leaves it. */
static void next_round(struct walk *w, bool enter)
{
    struct active *a = &w->loops[w->nloops - 1];
    for (unsigned k = 0; k < a->nranges; k++)
        w->range[a->ranges[k]].owed = enter;
    if (!enter)
        w->nloops--;
}

/* Control comes to the head of a loop again. */
static void end_round(struct walk *w)
{
    const struct active *a = &w->loops[w->nloops - 1];
    for (unsigned k = 0; k < a->nranges; k++)
        if (w->range[a->ranges[k]].owed)
            flunk(w, "barrier on a range, but not every round of its loop accesses it", a->barrier);
}

/* Can control come from b to the loop's head, but not from before the loop? */
static bool in_loop(const struct active *a, const struct ir_block *b, bool *seen)
{
    if (b == a->head)
        return true;
    if (b == a->before || seen[b->id])
        return false;
    seen[b->id] = true;
    for (unsigned k = 0; k < b->nsuccs; k++)
        if (in_loop(a, b->succs[k], seen))
            return true;
    return false;
}

/* Control has come to b: out of some loops, perhaps. */
static void leave_loops(struct walk *w, const struct ir_block *b, unsigned depth)
{
    while (w->nloops && w->loops[w->nloops - 1].depth == depth) {
        const struct active *a = &w->loops[w->nloops - 1];
        bool seen[MAX_BLOCKS] = {false};
        if (b->func->nblocks <= MAX_BLOCKS && in_loop(a, b, seen))
            return;
        if (a->nranges)
            flunk(w, "barrier on a range, but its loop did not come to its end", a->barrier);
        w->nloops--;
    }
}

static struct val walk_func(struct walk *w, const struct ir_func *f, const struct val *args, unsigned nargs,
                            unsigned depth)
{
    struct val *env = calloc(f->nvalues + 1, sizeof *env), result = {0, 0, 0, 0}, frame[NLOCALS];
    for (unsigned k = 0; k < NLOCALS; k++)
        frame[k] = new_variable(w, FRAME, k, 0, OWN);
    bool enter = false, first = false; /* decided at a counted loop's anchor, for its first test */
    const struct ir_block *b = f->blocks[0];
    const struct ir_inst *setjmp_at = NULL;
    unsigned tx = w->txn; /* the emitter's stm_tx */
    bool broken = false;  /* what the last check found */
    for (const struct ir_inst *i = b->first; !w->over;) {
        if (i->op != IR_RBAR && i->op != IR_WBAR && !(i->flags & IRI_MOVED) && ++w->steps > MAX_STEPS) {
            w->over = true;
            break;
        }
        if (i->op == IR_RET) {
            if (i->nargs)
                result = env[i->args[0]->id];
            if (w->bad_calls >= w->ncalls) /* its caller may go on to access it */
                still_bad(w);
            still_counting(w, depth);
            while (w->nloops && w->loops[w->nloops - 1].depth == depth)
                w->nloops--;
            break;
        }
        if (i->op == IR_UNREACH) {
            still_bad(w);
            still_counting(w, 0);
            w->over = true;
            break;
        }
        if (i->op == IR_JUMP || i->op == IR_BRANCH) {
            struct active *a = w->nloops ? &w->loops[w->nloops - 1] : NULL;
            bool head = a && a->depth == depth && a->head == b;
            unsigned to = rnd(b->nsuccs);
            if (head) {
                if (first)
                    to = !enter;
                first = false;
                next_round(w, !to);
                a = NULL;
            }
            b = take_edge(b, b->succs[to], env);
            if (a && a->depth == depth && a->head == b && !first)
                end_round(w);
            leave_loops(w, b, depth);
            i = b->first;
            while (i->op == IR_PHI)
                i = i->next;
            continue;
        }
        if (ir_is_checked(i) && ir_anchor_after(i)->flags & IRI_STALE)
            tx = w->txn;
        if (i->op == IR_ANCHOR && i->flags & IRI_AFTER) {
            broken = ir_is_checked(i->prev) && tx != w->txn;
            if (broken)
                tx = w->txn;
        }
        if (i->op == IR_ANCHOR && i->flags & IRI_GUARDED) {
            enter = rnd(2);
            first = true;
            if (w->nloops == MAX_LOOPS) {
                w->over = true;
                break;
            }
            w->loops[w->nloops++] = (struct active){.before = b, .head = b->succs[0], .depth = depth};
        }
        if ((i->flags & IRI_BROKEN && !broken) || (i->unit == IRU_RANGE && !enter)) {
            i = i->next;
            continue;
        }
        struct val v = do_inst(w, i, env, args, nargs, frame, depth);
        if (i->id != ~0u)
            env[i->id] = v;
        if (i->flags & IRI_RETURNS_TWICE)
            setjmp_at = i;
        if (!w->over && setjmp_at && i->op == IR_CALL && i != setjmp_at && !callee_of(w, i) &&
            !(i->flags & (IRI_PURE | IRI_READONLY | IRI_OWN)) &&
            !rnd(4)) { /* longjmp, in a later transaction */
            end_transaction(w);
            for (unsigned k = 0; k < w->ncells; k++)
                w->cells[k].gone = true;
            i = setjmp_at;
            b = i->block;
            leave_loops(w, b, depth);
        }
        i = i->next;
    }
    free(env);
    return result;
}

/* Walks from function 0 along the path that seed says. */
static void walk(struct walk *w, struct ir_module *m, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    rng = seed;
    w->m = m;
    w->txn = 1;
    w->length = 1 + rnd(99);
    for (unsigned k = 0; k < NGLOBALS; k++)
        w->global[k] = new_variable(w, GLOBAL, k, globals[k].flags, SHARED);
    w->global[NGLOBALS] = new_variable(w, GLOBAL, NGLOBALS, 0, OWN);
    struct val args[2] = {new_object(w, false), new_object(w, false)};
    const struct ir_func *f = NULL; /* one that anybody may call; if there is none, nothing runs */
    unsigned originals = 0;         /* copies come after them */
    while (originals < m->nfuncs && !m->funcs[originals]->clone_of)
        originals++;
    for (unsigned n = 0, k = rnd(originals); n < originals && !f; n++, k++)
        if (m->whole
                ? !strcmp(m->funcs[k % originals]->name, "main") || m->funcs[k % originals]->address_taken
                : !m->funcs[k % originals]->is_static || m->funcs[k % originals]->address_taken)
            f = m->funcs[k % originals];
    if (f)
        walk_func(w, f, args, 2, 0);
    if (!w->over)
        sum_up(w);
}

/* What a has executed too much of, compared with b; or null. */
static const char *too_much(const struct walk *a, const struct walk *b)
{
    for (unsigned k = 0; k < a->nsums && k < b->nsums; k++) {
        const struct sum *x = &a->sums[k], *y = &b->sums[k];
        if (x->barriers > y->barriers)
            return "executed more barriers";
        if (x->turns > y->turns || x->inevitable > y->inevitable)
            return "turned inevitable more often";
    }
    return NULL;
}

/* ---- the test ---- */

static const char *const pass_lists[] = {"place,fresh",
                                         "place,available",
                                         "place,upgrade",
                                         "effects,place,fresh,available",
                                         "place,inevitable",
                                         "place,interproc",
                                         "place,motion",
                                         "place,range",
                                         "effects,place,upgrade,range,motion,interproc",
                                         "place,inevitable,motion",
                                         "effects,place,inevitable,available,interproc",
                                         "place,clone,interproc",
                                         NULL};
static const char all_but_clone[] =
    "local,effects,immutable,place,fresh,inevitable,upgrade,available,range,motion,interproc";
enum { ALL = sizeof pass_lists / sizeof *pass_lists - 1, ALL_BUT_UPGRADE = 3 };
static struct walk befores[WALKS], withouts[WALKS], withouts_copies[WALKS],
    after; /* large; without: the run of ALL_BUT_UPGRADE; without copies: of all_but_clone */
static unsigned long total_accesses, total_naive, total_left, total_walks, total_moved, total_broken,
    total_ranges, total_unmarked, total_early, total_copies, total_left_without_copies;

static void note_accesses(const struct ir_module *m, bool found)
{
    for (unsigned f = 0; f < m->nfuncs; f++)
        for (unsigned b = 0; b < m->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = m->funcs[f]->blocks[b]->first; i; i = i->next) {
                if (i->op != IR_LOAD && i->op != IR_STORE && i->op != IR_UPDATE)
                    continue;
                struct said *s = &accesses[i->access];
                s->immutable |= i->flags & IRI_IMMUTABLE;
                if (!found)
                    *s = (struct said){s->immutable, i->flags & IRI_IMMUTABLE, i->args[0]->cls, i->cls};
            }
}

static bool run_seed(uint64_t seed, bool show)
{
    char *text = make_program(seed);
    struct ir_module *naive = ir_parse("naive", text, stderr);
    struct ir_module *not_upgraded = ir_parse("without", text, stderr);
    struct ir_module *not_copied = ir_parse("without copies", text, stderr);
    struct pass_options place = {.verify = true, .only = "place"},
                        some = {.only = pass_lists[ALL_BUT_UPGRADE]}, most = {.only = all_but_clone};
    bool good = naive;
    struct ir_module *found = ir_parse("found", text, stderr);
    accesses = calloc(strlen(text), sizeof *accesses); /* more than there are */
    passes_run(found, &(struct pass_options){.only = "local,effects,immutable"}, NULL);
    note_accesses(found, true);
    note_accesses(naive, false);
    ir_module_free(found);
    passes_run(naive, &place, NULL);
    passes_run(not_upgraded, &some, NULL);
    passes_run(not_copied, &most, NULL);
    for (unsigned n = 0; n < WALKS; n++) {
        uint64_t path = seed ^ (uint64_t)(n + 1) << 40;
        walk(&befores[n], naive, path);
        walk(&withouts[n], not_upgraded, path);
        walk(&withouts_copies[n], not_copied, path);
    }
    for (unsigned l = 0; good && l <= ALL; l++) {
        struct ir_module *m = ir_parse("random", text, stderr);
        struct pass_options o = {.verify = true, .only = pass_lists[l]};
        passes_run(m, &o, NULL);
        for (unsigned n = 0; good && n < WALKS; n++) {
            const struct walk *before = &befores[n];
            walk(&after, m, seed ^ (uint64_t)(n + 1) << 40);
            if (!before->wrong && !after.wrong)
                after.wrong = too_much(&after, before);
            total_unmarked += after.unmarked;
            total_early += after.early;
            total_moved += after.moved;
            total_broken += after.broken;
            total_ranges += after.ranges;
            if (l == ALL && !after.wrong) {
                if (too_much(&after, &withouts[n]))
                    after.wrong = "executed more barriers than without upgrade";
                if (!after.wrong && too_much(&after, &withouts_copies[n]))
                    after.wrong = "executed more barriers than without copies of functions";
                total_copies += after.copies;
                total_left_without_copies += withouts_copies[n].barriers;
            }
            if (!after.wrong && before->accesses != after.accesses)
                after.wrong = "took another path";
            good = !before->wrong && !after.wrong;
            if (!good) {
                print_error("seed %llu, walk %u, passes %s: %s%s\n", (unsigned long long)seed, n,
                            pass_lists[l] ? pass_lists[l] : "all", before->wrong ? "naive: " : "",
                            before->wrong ? before->wrong : after.wrong);
                const struct walk *w = before->wrong ? before : &after;
                if (w->where)
                    print_error("in %s, b%u: %s #%d %%%u\n", w->where->block->func->name, w->where->block->id,
                                ir_op_name[w->where->op], w->where->access, w->where->id);
            }
            if (!pass_lists[l]) {
                total_walks++;
                total_accesses += before->accesses;
                total_naive += before->barriers;
                total_left += after.barriers;
            }
        }
        if (!good || (show && !pass_lists[l]))
            ir_print(stderr, m);
        ir_module_free(m);
    }
    ir_module_free(naive);
    ir_module_free(not_upgraded);
    ir_module_free(not_copied);
    free(text);
    free(accesses);
    return good;
}

static void test_random(void **state)
{
    (void)state;
    const char *one = getenv("UNGIL_SEED"), *many = getenv("UNGIL_SEEDS"), *first = getenv("UNGIL_FIRST");
    if (one) {
        assert_true(run_seed(strtoull(one, NULL, 10), true));
        return;
    }
    unsigned long n = many ? strtoul(many, NULL, 10) : 600, from = first ? strtoul(first, NULL, 10) : 1;
    for (unsigned long seed = from; seed < from + n; seed++)
        assert_true(run_seed(seed, false));
    print_message("%lu walks, %lu accesses; barriers executed: naive %lu, left %lu\n", total_walks,
                  total_accesses, total_naive, total_left);
    print_message(
        "of all passes' and some: %lu barriers moved onto edges, %lu behind the end of a transaction, %lu on "
        "ranges; %lu reads without, in inevitable transactions, %lu turns to that moved\n",
        total_moved, total_broken, total_ranges, total_unmarked, total_early);
    print_message("%lu calls of copies; barriers left without copies: %lu\n", total_copies,
                  total_left_without_copies);
    /* The walks must do something, and the passes too. */
    assert_true(total_moved > n / 4 && total_broken > n / 4 && total_unmarked > n / 4 &&
                total_early > n / 8 && total_ranges > n / 4);
    assert_true(total_accesses > 20 * n);
    assert_true(total_left * 10 < total_naive * 9);
    assert_true(total_copies > n / 4 && total_left < total_left_without_copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
