/* immutable.c - fields that are never written once their object can be seen.
 *
 * A load needs no barrier if every store of the program that could reach its bytes is to an object that was
 * allocated in the same transaction (the argument is in doc/passes.md).  Fields declared STM_IMMUTABLE are
 * taken as said.  Of others this file starts from all stores, whatever they are written by: stores through
 * address space 256 and at real addresses, memory functions, what untranslated code is given to write.  (A
 * plain store reaches no object: those are not mapped where it goes.)  Those whose target the walk finds
 * fresh are left out.  Of the rest:
 *
 * - What LLVM's types say of a store's place is a row of views: it is at this offset of a struct U, that at
 *   this offset of a struct V, and so on outwards; a load has such a row too.  If a struct is in both rows,
 *   they meet if the bytes do, counted in it: structs of one type do not overlap by half.
 * - Else they meet if the bytes do, counted in the outermost struct of the one and in some struct of the
 * other, if pointers to the one of these may become pointers to the other (views.c), and they are alike from
 * their start to the end of the bytes (offsets and kinds of all members; LLVM knows one alternative of a
 * union only, so what lies there is like anything).
 * - A store with no row, at a constant distance c from a pointer of which nothing is known: that may be the
 *   start of any object, so it meets every load whose bytes are c behind the start of its outermost struct;
 *   or it may be the address of a field or an element that somebody took and kept, passed or returned: so it
 *   meets all loads from such.  At an unknown distance it meets all loads.
 *
 * What is believed here of C: a pointer to a struct is used as one to a struct that is not alike only where
 * the object is such a one (effective types; downcasts are right). */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static const int64_t NOWHERE = (int64_t)1 << 50; /* in no object */
struct place {
    struct view v[MAX_VIEWS];
    unsigned n;
    int64_t off;  /* n == 0: behind a pointer; -1: not known */
    int64_t size; /* bytes; UNBOUNDED: all that follow */
    LLVMValueRef base, global, who;
};
static struct place *stores, *taken;
static size_t nstores, capstores, ntaken, captaken;
static bool started;

static struct place place_of(LLVMValueRef p, int64_t size, LLVMValueRef access)
{
    struct place x = {.size = size};
    term t = place_of_pointer(p);
    LLVMValueRef base = term_base(t);
    int64_t d;
    x.n = views_of(p, x.v);
    const char *record = accessed_record(access, &d);
    bool known = !record || !type_named(record) || x.n == MAX_VIEWS;
    for (unsigned k = 0; k < x.n && !known; k++)
        known = x.v[k].record == intern(record);
    if (!known) { /* the optimiser drops steps to first members */
        memmove(x.v + 1, x.v, x.n++ * sizeof *x.v);
        x.v[0] = (struct view){intern(record), type_named(record), 0, d, 0};
    }
    x.off = base && term_diff(t, term_leaf(base), &d) ? d : -1;
    x.base = base;
    x.global = base && LLVMIsAGlobalVariable(base) ? base : NULL;
    return x;
}

/* ---- are two structs alike? ---- */

struct member {
    int64_t off, size;
    LLVMTypeKind kind;
    bool any; /* a union */
};

static bool is_union(LLVMTypeRef t)
{
    const char *name = LLVMGetStructName(t);
    return name && !strncmp(name, "union.", 6);
}

static void members_of(LLVMTypeRef t, int64_t at, struct member *m, unsigned *n, unsigned max)
{
    LLVMTypeKind kind = LLVMGetTypeKind(t);
    if (kind == LLVMStructTypeKind && !is_union(t)) {
        for (unsigned k = 0; k < LLVMCountStructElementTypes(t); k++)
            members_of(LLVMStructGetTypeAtIndex(t, k), at + (int64_t)LLVMOffsetOfElement(prog.layout, t, k),
                       m, n, max);
    } else if (kind == LLVMArrayTypeKind) {
        LLVMTypeRef e = LLVMGetElementType(t);
        uint64_t count = LLVMGetArrayLength2(t);
        for (uint64_t k = 0; (k < count || (!count && k < 4)) && *n < max; k++)
            members_of(e, at + (int64_t)(k * LLVMABISizeOfType(prog.layout, e)), m, n, max);
    } else if (*n < max) {
        bool any = kind == LLVMStructTypeKind;
        m[(*n)++] = (struct member){
            at, any && !LLVMTypeIsSized(t) ? 0 : (int64_t)LLVMStoreSizeOfType(prog.layout, t), kind, any};
    }
}

/* Where what is like anything at x[k] ends, of n members; 0: it is not. */
static int64_t end_of_any(const struct member *x, unsigned k, unsigned n)
{
    return k < n && x[k].any ? x[k].off + x[k].size : 0;
}

static bool alike(LLVMTypeRef a, LLVMTypeRef b, int64_t end)
{
    enum { MAX = 64 };
    struct member x[MAX], y[MAX];
    unsigned nx = 0, ny = 0;
    members_of(a, 0, x, &nx, MAX);
    members_of(b, 0, y, &ny, MAX);
    for (unsigned k = 0, j = 0;; k++, j++) {
        for (int64_t any; (any = end_of_any(x, k, nx)) || (any = end_of_any(y, j, ny));) {
            while (k < nx && x[k].off < any)
                k++;
            while (j < ny && y[j].off < any)
                j++;
        }
        bool in_x = k < nx && x[k].off < end, in_y = j < ny && y[j].off < end;
        if (!in_x || !in_y)
            return true; /* one is the other's beginning */
        if (x[k].off != y[j].off || x[k].size != y[j].size || x[k].kind != y[j].kind)
            return false;
    }
}

/* ---- does a store reach a load? ---- */

/* Do they meet by way of pointers that are converted, counted in the structs at u and t? */
static bool meet_as(const struct place *s, const struct view *u, const struct place *l, const struct view *t)
{
    int64_t end = t->least + l->size;
    return may_meet(u->least, s->size, u->step, t->least, l->size, t->step) &&
           may_be_seen_as(u->type, t->type) && alike(u->type, t->type, end > u->least ? end : u->least + 1);
}

/* Is the view number k of x a union that says less than the alternative before it? */
static bool says_less(const struct place *x, unsigned k)
{
    return k && is_union(x->v[k].type) && x->v[k].least == x->v[k - 1].least;
}

static const struct view *outermost(const struct place *x)
{
    unsigned k = x->n;
    while (k > 1 && says_less(x, k - 1))
        k--;
    return k ? &x->v[k - 1] : NULL;
}

static bool reaches(const struct place *s, const struct place *l)
{
    const struct view *u = outermost(s), *t = outermost(l);
    if (s->global && l->global)
        return s->global == l->global;
    for (unsigned j = 0; j < l->n; j++)
        for (unsigned k = 0; k < s->n; k++)
            if (l->v[j].record && l->v[j].record == s->v[k].record)
                return may_meet(s->v[k].least, s->size, s->v[k].step, l->v[j].least, l->size, l->v[j].step);
    for (unsigned k = 0; k < s->n; k++)
        if (!says_less(s, k) && meet_as(s, &s->v[k], l, t))
            return true;
    for (unsigned j = 0; j < l->n && u; j++)
        if (!says_less(l, j) && meet_as(s, u, l, &l->v[j]))
            return true;
    if (u)
        return false;
    if (s->global) /* a variable of its own, no part of a struct */
        return false;
    if (s->off < 0)
        return true;
    return may_meet(s->off, s->size, 0, t->least, l->size, t->step);
}

/* May the address of what l reads have been kept somewhere? */
static bool is_taken(const struct place *l)
{
    for (size_t k = 0; k < ntaken; k++)
        if (reaches(&taken[k], l))
            return true;
    return false;
}

/* ---- all stores ---- */

/* Is v, the pointer that a store goes behind, none to transactional memory: a local variable's, or what an
 * untranslated function has returned?  (stm_x_back comes between where it may be one.) */
static bool is_outside(LLVMValueRef v)
{
    const char *name = called_name(v);
    return LLVMIsAAllocaInst(v) ||
           (name && !func_of(LLVMGetCalledValue(v)) && !mark_of(name) && claims_external(name));
}

/* The number of a parameter of a function of which all calls are known; -1: v is none. */
static int known_parameter(LLVMValueRef v, struct func **f)
{
    *f = LLVMIsAArgument(v) ? func_of(LLVMGetParamParent(v)) : NULL;
    for (unsigned k = 0; *f && (*f)->known_callers && k < LLVMCountParams((*f)->v); k++)
        if (LLVMGetParam((*f)->v, k) == v)
            return (int)k;
    return -1;
}

/* The address of the array of which p is the address of an element, or p. */
static LLVMValueRef array_of(LLVMValueRef p)
{
    while (is_element(p))
        p = LLVMGetOperand(p, 0);
    return p;
}

/* A store at x, of which no type is known: what p, a parameter, is in all calls tells where it goes.  `far`:
 * from there, further on by an unknown number of elements.  False: it does not. */
static bool add_by_callers(const struct place *x, LLVMValueRef p, bool far, unsigned depth)
{
    struct func *f;
    int k = known_parameter(p, &f);
    if (k < 0 || depth > 4 || !f->ncalls)
        return false;
    for (unsigned c = 0; c < f->ncalls; c++) {
        LLVMValueRef arg = LLVMGetOperand(f->calls[c]->v, (unsigned)k);
        struct place y = place_of(far ? array_of(arg) : arg, far ? UNBOUNDED : x->size, arg);
        y.who = x->who;
        for (unsigned v = 0; v < y.n && !far; v++)
            y.v[v].least += x->off;
        if (y.n || y.global) {
            PUSH(stores, nstores, capstores, y);
        } else if (!y.base || !is_outside(y.base)) {
            if (!y.base || !add_by_callers(x, y.base, far || y.off, depth + 1))
                return false;
        }
    }
    return true;
}

static void add_store(struct block *b, unsigned i, LLVMValueRef p, int64_t size)
{
    struct failure why;
    struct key k = {.ask = FRESH, .at = term_of(p), .write = true};
    struct place x = place_of(p, size, b->ins[i].v);
    if ((x.base && is_outside(x.base)) || prove(b, i, &k, &why))
        return;
    x.who = b->ins[i].v;
    size_t n = nstores;
    if (x.n || !x.base || !add_by_callers(&x, x.base, x.off < 0, 0)) {
        nstores = n;
        PUSH(stores, nstores, capstores, x);
    }
}

static bool is_shared(LLVMValueRef p)
{
    return LLVMGetPointerAddressSpace(LLVMTypeOf(p)) == 256 || is_resolved(p);
}

/* Of what is not known how large it is, all that follows may be meant. */
static int64_t most_of(LLVMTypeRef t)
{
    return LLVMTypeIsSized(t) ? (int64_t)size_of(t) : UNBOUNDED;
}

static void stores_of(struct block *b, unsigned i)
{
    const struct ins *x = &b->ins[i];
    switch (x->op) {
    case LLVMStore:
        if (is_shared(LLVMGetOperand(x->v, 1)))
            add_store(b, i, LLVMGetOperand(x->v, 1), most_of(LLVMTypeOf(LLVMGetOperand(x->v, 0))));
        break;
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        if (is_shared(LLVMGetOperand(x->v, 0)))
            add_store(b, i, LLVMGetOperand(x->v, 0), most_of(LLVMTypeOf(LLVMGetOperand(x->v, 1))));
        break;
    case LLVMCall:
    case LLVMInvoke: {
        const char *name = called_name(x->v);
        int64_t n = UNBOUNDED;
        if (name &&
            !strncmp(name, "stm_nested_", 11)) { /* goes where kept pointers lead, at no known place */
            PUSH(stores, nstores, capstores, ((struct place){.off = NOWHERE, .size = 1, .who = x->v}));
        }
        if (calls_like(x->v, "llvm.mem")) {
            term_is_const(term_of(LLVMGetOperand(x->v, 2)), &n);
            if (is_shared(LLVMGetOperand(x->v, 0)) && n)
                add_store(b, i, LLVMGetOperand(x->v, 0), n);
        } else if (x->mark && (x->mark->effect & E_WRITES || !strcmp(name, "stm_x_wr"))) {
            for (unsigned k = 0; k < LLVMGetNumArgOperands(x->v); k++)
                if (LLVMGetTypeKind(LLVMTypeOf(LLVMGetOperand(x->v, k))) == LLVMPointerTypeKind &&
                    (k == 0 || !strcmp(name, "stm_private_stack")))
                    add_store(b, i, LLVMGetOperand(x->v, k), UNBOUNDED);
        }
        break;
    }
    default:
        break;
    }
}

static void taken_by(LLVMValueRef v)
{
    struct place x;
    if (opcode_of(v) != LLVMGetElementPtr)
        return;
    if (!is_kept(v, false))
        return;
    x = place_of(v, UNBOUNDED, v);
    if (!x.n)
        return;
    /* of a member that is no array, no more than that is reached from it */
    LLVMTypeRef t = LLVMGetGEPSourceElementType(v);
    if (LLVMGetTypeKind(t) == LLVMStructTypeKind && LLVMGetNumOperands(v) == 3) {
        LLVMTypeRef m = LLVMStructGetTypeAtIndex(t, (unsigned)LLVMConstIntGetZExtValue(LLVMGetOperand(v, 2)));
        if (LLVMGetTypeKind(m) != LLVMArrayTypeKind)
            x.size = most_of(m);
    }
    PUSH(taken, ntaken, captaken, x);
}

void immutable_start(void)
{
    if (started || !prog.whole)
        return;
    started = true;
    for (unsigned f = 0; f < prog.nfuncs; f++)
        for (unsigned b = 0; b < prog.funcs[f]->nblocks; b++)
            for (unsigned i = 0; i < prog.funcs[f]->blocks[b]->n; i++) {
                struct ins *x = &prog.funcs[f]->blocks[b]->ins[i];
                stores_of(prog.funcs[f]->blocks[b], i);
                taken_by(x->v);
                for (int k = 0; k < LLVMGetNumOperands(x->v); k++)
                    if (LLVMIsAConstantExpr(LLVMGetOperand(x->v, (unsigned)k)))
                        taken_by(LLVMGetOperand(x->v, (unsigned)k));
            }
}

bool is_declared_immutable(LLVMValueRef load, LLVMValueRef p)
{
    struct view v[MAX_VIEWS];
    unsigned n = views_of(p, v);
    int64_t off;
    char name[300];
    const char *record = accessed_record(load, &off);
    if (record) {
        snprintf(name, sizeof name, "%s.%ld", record, (long)off);
        if (claims_has("immutable", name))
            return true;
    }
    for (unsigned k = 0; k < n; k++) {
        if (v[k].step || !v[k].record)
            continue;
        snprintf(name, sizeof name, "%s.%ld", v[k].record, (long)v[k].least);
        if (claims_has("immutable", name))
            return true;
    }
    return false;
}

static unsigned kind(void)
{
    return LLVMGetMDKindID("ungil.unchanging", 16);
}

void mark_unchanging(LLVMValueRef load)
{
    if (LLVMIsALoadInst(load))
        LLVMSetMetadata(load, kind(), LLVMMDNode(NULL, 0));
}

bool is_immutable(LLVMValueRef load, LLVMValueRef p, uint64_t size, LLVMValueRef *writer)
{
    struct place l = place_of(p, size ? (int64_t)size : UNBOUNDED, load);
    if (is_declared_immutable(load, p) ||
        (prog.optimized && /* main.c */
         (LLVMGetMetadata(load, kind()) ||
          (claims_has("unchanging", place_text(load)) && !claims_has("changing", place_text(load))))))
        return true;
    if (!prog.whole || !l.n)
        return false;
    immutable_start();
    LLVMValueRef untyped = NULL;
    for (size_t k = 0; k < nstores; k++) {
        if (reaches(&stores[k], &l)) {
            *writer = stores[k].who;
            return false;
        }
        if (!stores[k].n && !stores[k].global)
            untyped = stores[k].who;
    }
    *writer = untyped;
    return !untyped || !is_taken(&l);
}
