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
 *   this offset of a struct V, and so on outwards; a load has such a row too.  If structs are in both rows,
 *   they meet if the bytes do, counted in each of these: structs of one type do not overlap by half.  An
 *   element of an array is somewhere in it, by an index or by a pointer that goes on from there, so no
 * further than where it ends; of a struct's last member, and of one of one element, that is not believed.
 * - Else they meet if the bytes do, counted in the outermost struct of the one and in some struct of the
 * other, if pointers to the one of these may become pointers to the other (views.c), and they are alike from
 * their start to the end of the bytes (offsets and kinds of all members; LLVM knows one alternative of a
 * union only, so what lies there is like anything).
 * - A store with no row goes where its pointer comes from: a parameter from all calls, a phi from each
 * operand, what malloc and its like return from nowhere: it is the start of an object. If that is not known,
 * it may be the start of any object: at a constant distance c it meets every load whose bytes are c behind
 * the start of its outermost struct, at an unknown distance all loads.  Or it may be the address of a field
 * or an element that somebody took and kept, passed or returned: so it meets all loads from such, and for an
 * element from its array, in which it may have moved.
 * - But a number or a pointer is stored with no row through a pointer to no struct only: clang computes the
 *   address of each member, and copies structs by memory functions.  So the outermost struct that it meets is
 * a loose one (views.c); and an address that was kept is not that of a struct that is not loose.
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
    int64_t off;      /* n == 0: behind a pointer; -1: not known */
    int64_t size;     /* bytes; UNBOUNDED: all that follow */
    enum written how; /* n == 0 */
    bool made;        /* n == 0: in memory of its own, in which no address was taken */
    LLVMValueRef base, global, who;
};
struct places {
    struct place *v;
    size_t n, cap;
};
static struct places stores, taken[BY_FILLING + 1]; /* by how it may be written to */

/* `far`: as views_of has it. */
static struct place place_of(LLVMValueRef p, bool far, int64_t size, LLVMValueRef who)
{
    struct place x = {.size = size, .who = who};
    term t = place_of_pointer(p);
    int64_t d;
    x.n = views_of(p, far, x.v);
    x.base = term_base(t);
    x.off = x.base && term_diff(t, term_leaf(x.base), &d) ? d : -1;
    x.global = x.base && LLVMIsAGlobalVariable(x.base) ? x.base : NULL;
    return x;
}

/* ---- are two structs alike? ---- */

enum { WILD = 1, WITHIN = 2, LAYOUT = 512 };
/* What begins at each byte: a kind and a size, or these. */
struct layout {
    unsigned at[LAYOUT], n;
};

static void lay_out(LLVMTypeRef t, uint64_t at, struct layout *x)
{
    LLVMTypeKind kind = LLVMGetTypeKind(t);
    uint64_t size = size_of(t);
    if (kind == LLVMStructTypeKind && !is_union(t)) {
        for (unsigned k = 0; k < LLVMCountStructElementTypes(t); k++)
            lay_out(LLVMStructGetTypeAtIndex(t, k), at + LLVMOffsetOfElement(prog.layout, t, k), x);
    } else if (is_array(t)) {
        LLVMTypeRef e = LLVMGetElementType(t);
        uint64_t count = LLVMGetArrayLength2(t), each = LLVMABISizeOfType(prog.layout, e);
        for (uint64_t k = 0; k < (count ? count : 4) && at + k * each < LAYOUT; k++)
            lay_out(e, at + k * each, x);
    } else {
        for (uint64_t k = at; k < at + size && k < LAYOUT; k++) {
            x->at[k] = kind == LLVMStructTypeKind ? WILD
                       : k > at                   ? WITHIN
                                                  : (kind + 1) << 16 | (unsigned)size << 2;
            x->n = (unsigned)k + 1;
        }
    }
}

/* Up to `end`, or to where one of them ends: it is the other's beginning then. */
static bool alike(LLVMTypeRef a, LLVMTypeRef b, int64_t end)
{
    struct layout x = {0}, y = {0};
    lay_out(a, 0, &x);
    lay_out(b, 0, &y);
    for (unsigned k = 0; k < x.n && k < y.n && k < end; k++)
        if (x.at[k] != y.at[k] && x.at[k] != WILD && y.at[k] != WILD)
            return false;
    return true;
}

/* ---- does a store reach a load? ---- */

/* Do they meet by way of pointers that are converted, counted in the structs at u and t? */
static bool meet_as(const struct place *s, const struct view *u, const struct place *l, const struct view *t)
{
    int64_t end = t->least + l->size;
    return may_meet(u, s->size, t, l->size) && may_be_seen_as(u->type, t->type) &&
           alike(u->type, t->type, end > u->least ? end : u->least + 1);
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
    const struct view *u = outermost(s), *t = outermost(l), untyped = {.least = s->off};
    bool same = s->global && s->global == l->global;
    if (!same && l->global && (s->global || is_unreached(l->global)))
        return false;
    bool together = false; /* in a struct of one type; and then in each that both lie in */
    for (unsigned j = 0; j < l->n; j++)
        for (unsigned k = 0; k < s->n; k++)
            if (l->v[j].record && l->v[j].record == s->v[k].record) {
                if (!may_meet(&s->v[k], s->size, &l->v[j], l->size))
                    return false;
                together = true;
            }
    if (together)
        return true;
    if (same)
        return true;
    for (unsigned k = 0; k < s->n; k++)
        if (!says_less(s, k) && meet_as(s, &s->v[k], l, t))
            return true;
    for (unsigned j = 0; j < l->n && u; j++)
        if (!says_less(l, j) && meet_as(s, u, l, &l->v[j]))
            return true;
    if (u || s->global) /* a variable of its own, no part of a struct */
        return false;
    return (!s->how || is_loose(t->type, s->how)) && (s->off < 0 || may_meet(&untyped, s->size, t, l->size));
}

/* A place among them from which, or at which, l is reached; null: none. */
static const struct place *find(const struct places *x, const struct place *l)
{
    for (size_t k = 0; k < x->n; k++)
        if (reaches(&x->v[k], l))
            return &x->v[k];
    return NULL;
}

/* ---- all stores ---- */

static void add(struct places *to, struct place x)
{
    PUSH(to->v, to->n, to->cap, x);
}

/* Is v, the pointer that a store goes behind, none to transactional memory: a local variable's, or what an
 * untranslated function has returned, of which it is known that it gives back nothing that it was given
 * before?  (stm_x_back comes between where it has been given that in the call.) */
static bool is_outside(LLVMValueRef v)
{
    const char *name = called_name(v);
    return LLVMIsAAllocaInst(v) ||
           (name && !func_of(LLVMGetCalledValue(v)) && !mark_of(name) && claims_external(name) &&
            claims_listed(name) && strcmp(name, "pthread_getspecific") != 0);
}

/* The address of the array of which p is the address of an element, or p. */
static LLVMValueRef array_of(LLVMValueRef p)
{
    while (is_element(p))
        p = LLVMGetOperand(p, 0);
    return p;
}

/* Values that the search for where a place lies has come to. */
enum { MAX_ORIGINS = 64 };
static struct {
    LLVMValueRef p;
    bool far;
} origins[MAX_ORIGINS];
static unsigned norigins;

/* Is what p is, a parameter in all calls or one of several values, all of it of use to `take` for x?  `far`:
 * x is further on or back by an unknown number of elements.  False, too: what p may be is not known. */
typedef bool take_origin(const struct place *x, LLVMValueRef from, bool far);
static bool each_origin(const struct place *x, LLVMValueRef p, bool far, take_origin *take)
{
    struct func *f = LLVMIsAArgument(p) ? func_of(LLVMGetParamParent(p)) : NULL;
    unsigned k = 0;
    for (unsigned j = 0; j < norigins; j++)
        if (origins[j].p == p && origins[j].far == far)
            return true;
    if (norigins == MAX_ORIGINS)
        return false;
    origins[norigins].p = p;
    origins[norigins++].far = far;
    bool ok = true;
    if (LLVMIsAPHINode(p) || LLVMIsASelectInst(p)) {
        for (int j = !!LLVMIsASelectInst(p); j < LLVMGetNumOperands(p) && ok; j++)
            ok = take(x, LLVMGetOperand(p, (unsigned)j), far);
        return ok;
    }
    if (!f || !f->known_callers || !f->ncalls)
        return false;
    while (LLVMGetParam(f->v, k) != p)
        k++;
    for (unsigned c = 0; c < f->ncalls && ok; c++)
        ok = k < LLVMGetNumArgOperands(f->calls[c]->v) && take(x, LLVMGetOperand(f->calls[c]->v, k), far);
    return ok;
}

/* The call gives new memory, or what one of its arguments leads to.  False: it may give something else. */
static bool add_from(const struct place *x, LLVMValueRef from, bool far);
static bool add_made(const struct place *x, LLVMValueRef call, int64_t off)
{
    const bool fresh = called_effect(call) & E_FRESH;
    bool ok = fresh || is_realloc(call) || is_maker_call(call);
    struct place y = *x;
    y.off = x->off < 0 ? -1 : off;
    y.made = true;
    if (ok)
        add(&stores, y);
    for (unsigned k = 0; ok && !fresh && k < LLVMGetNumArgOperands(call); k++)
        ok = !is_pointer(LLVMGetOperand(call, k)) || add_from(x, LLVMGetOperand(call, k), off < 0);
    return ok;
}

/* A store at x, of which no type is known, goes where `from` leads.  False: it does not tell where that
 * is. */
static bool add_from(const struct place *x, LLVMValueRef from, bool far)
{
    struct place y = place_of(from, far, x->size, x->who);
    if (far && !y.n)
        y = place_of(array_of(from), false, UNBOUNDED, x->who);
    for (unsigned v = 0; v < y.n && !far; v++)
        y.v[v].least += x->off;
    if (y.n || y.global)
        add(&stores, y);
    return y.n || y.global || (!far && LLVMIsAConstantPointerNull(from)) ||
           (y.base && (is_outside(y.base) || each_origin(x, y.base, far || y.off, add_from) ||
                       add_made(x, y.base, far || y.off < 0 ? -1 : x->off + y.off)));
}

/* Does `from` lead to constants only, or nowhere? */
static bool is_in_constant(const struct place *x, LLVMValueRef from, bool far)
{
    LLVMValueRef base = term_base(place_of_pointer(from));
    return LLVMIsAConstantPointerNull(from) ||
           (base && (LLVMIsAGlobalVariable(base) ? LLVMIsGlobalConstant(base)
                                                 : each_origin(x, base, far, is_in_constant)));
}

static void add_store(const struct ins *i, LLVMValueRef p, int64_t size)
{
    struct failure why;
    struct place x = place_of(p, false, size, i->v);
    struct key k = {.ask = FRESH, .at = term_of(p), .write = true, .renews = x.base && is_realloc(x.base)};
    size_t n = stores.n;
    if (!size || (x.base && is_outside(x.base)))
        return;
    if (prove(i, &k, &why)) { /* but what has been there may be there still */
        LLVMValueRef old = k.renews ? LLVMGetOperand(x.base, 0) : NULL;
        norigins = 0;
        if (old && !LLVMIsAConstantPointerNull(old) && !add_from(&x, old, x.off < 0))
            add(&stores, x);
        return;
    }
    /* clang copies structs by memory functions; what is given to functions outside is claimed to be loose */
    if (calls_like(p, "stm_v_any_wr_bytes"))
        x.how = BY_FILLING;
    else if (i->mark || (i->op == LLVMStore && LLVMGetOrdering(i->v) == LLVMAtomicOrderingNotAtomic))
        x.how = BY_SCALAR;
    norigins = 0;
    if (x.n || !x.base || (!each_origin(&x, x.base, x.off < 0, add_from) && !add_made(&x, x.base, x.off))) {
        stores.n = n;
        add(&stores, x);
    }
}

/* Of a plain store; it reaches no object if it is not through address space 256, or resolved. */
static void add_if_shared(const struct ins *i, LLVMValueRef p, int64_t size)
{
    if (is_shared(p))
        add_store(i, p, size);
}

static bool counts; /* a constant of the program may be a format with %n */

static void look_for_count(LLVMValueRef v)
{
    LLVMValueRef value = LLVMIsAGlobalVariable(v) ? LLVMGetInitializer(v) : NULL;
    size_t n = 0;
    const char *s = value && LLVMIsAConstantDataArray(value) && LLVMIsConstantString(value)
                        ? LLVMGetAsString(value, &n)
                        : NULL;
    for (size_t k = 0; k < n && !counts; k++) {
        size_t at = k + 1;
        while (at < n && s[at] && strchr("-+ #0123456789.'IhlLqjzt*$", s[at]))
            at++;
        counts = s[k] == '%' && at < n && s[at] == 'n';
    }
}

static void stores_of_call(const struct ins *i)
{
    const char *name = called_name(i->v);
    int64_t n = UNBOUNDED;
    if (name && !strncmp(name, "llvm.mem", 8)) {
        term_is_const(term_of(LLVMGetOperand(i->v, 2)), &n);
        add_if_shared(i, LLVMGetOperand(i->v, 0), n);
    }
    if (name && !strncmp(name, "stm_nested_", 11)) /* goes where kept pointers lead, at no known place */
        add(&stores, (struct place){.off = NOWHERE, .size = 1, .who = i->v});
    if (name && !strncmp(name, "stm_v", 5) && strstr(name, "printf") && counts) /* likewise */
        add(&stores, (struct place){.off = NOWHERE, .size = 1, .who = i->v});
    if (name && (!strcmp(name, "stm_vfprintf") || !strcmp(name, "stm_vprintf")))
        return; /* the first argument is the library's own, or read */
    if (!name || !i->mark || !(i->mark->effect & E_WRITES || !strcmp(name, "stm_x_wr")))
        return;
    for (unsigned k = 0; k < LLVMGetNumArgOperands(i->v); k++)
        if (is_pointer(LLVMGetOperand(i->v, k)) &&
            (k == 0 || !strcmp(name, "stm_private_stack") || !strcmp(name, "stm_lsearch")))
            add_store(i, LLVMGetOperand(i->v, k), strcmp(name, "stm_thread_create") ? UNBOUNDED : 8);
}

/* Of the innermost member at the start of a t. */
static int64_t size_of_first_member(LLVMTypeRef t)
{
    while (is_array(t) || (LLVMGetTypeKind(t) == LLVMStructTypeKind && LLVMCountStructElementTypes(t)))
        t = is_array(t) ? LLVMGetElementType(t) : LLVMStructGetTypeAtIndex(t, 0);
    return most_of(t);
}

/* Two numbers of one complex number are an array of two. */
static bool is_complex_part(LLVMValueRef v)
{
    LLVMTypeRef t = opcode_of(v) == LLVMGetElementPtr ? LLVMGetGEPSourceElementType(v) : NULL;
    return t && LLVMGetTypeKind(t) == LLVMStructTypeKind && !LLVMGetStructName(t);
}

/* The address v of a variable, or in a struct, is kept.  If it leads to a struct that is not loose, no scalar
 * is stored there, and if to a scalar, none behind it; but of a constant LLVM does not tell the address of a
 * struct from that of its first member. */
static void taken_by(LLVMValueRef v)
{
    const bool variable = LLVMIsAGlobalVariable(v);
    if ((!variable && opcode_of(v) != LLVMGetElementPtr) || !is_kept(v, false))
        return;
    LLVMTypeRef t = variable ? LLVMGlobalGetValueType(v) : LLVMGetGEPSourceElementType(v), e;
    for (unsigned k = 2; !variable && k < (unsigned)LLVMGetNumOperands(v); k++)
        t = is_array(t)
                ? LLVMGetElementType(t)
                : LLVMStructGetTypeAtIndex(t, (unsigned)LLVMConstIntGetZExtValue(LLVMGetOperand(v, k)));
    for (e = t; is_array(e);)
        e = LLVMGetElementType(e);
    struct place x = place_of(v, true, 1, v);
    x = x.n ? x : place_of(v, false, UNBOUNDED, v);
    const LLVMTypeKind kind = LLVMGetTypeKind(e);
    const bool one = e == t && kind != LLVMStructTypeKind && !is_complex_part(v);
    for (enum written how = AS_STRUCT; how <= BY_FILLING && x.n; how++) {
        const bool strict = how && kind == LLVMStructTypeKind && !is_loose(e, how);
        struct place y = x;
        if (strict)
            y.size = size_of_first_member(t);
        else if (one && how == BY_SCALAR)
            y.size = most_of(t);
        if (!strict || LLVMIsAConstant(v))
            add(&taken[how], y);
    }
}

/* And what constants are made of it. */
static void taken_of(LLVMValueRef v)
{
    taken_by(v);
    for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u))
        if (LLVMIsAConstantExpr(LLVMGetUser(u)))
            taken_of(LLVMGetUser(u));
}

static void look_at(struct ins *i)
{
    if (i->op == LLVMStore)
        add_if_shared(i, LLVMGetOperand(i->v, 1), most_of(LLVMTypeOf(LLVMGetOperand(i->v, 0))));
    else if (i->op == LLVMAtomicRMW || i->op == LLVMAtomicCmpXchg)
        add_if_shared(i, LLVMGetOperand(i->v, 0), most_of(LLVMTypeOf(LLVMGetOperand(i->v, 1))));
    else if (i->op == LLVMCall || i->op == LLVMInvoke)
        stores_of_call(i);
    taken_by(i->v);
}

/* ---- loads ---- */

static unsigned mark(void)
{
    return LLVMGetMDKindID("ungil.unchanging", 16);
}

void mark_unchanging(LLVMValueRef load)
{
    if (LLVMIsALoadInst(load))
        LLVMSetMetadata(load, mark(), LLVMMDNode(NULL, 0));
}

bool is_declared_immutable(LLVMValueRef load, LLVMValueRef p)
{
    struct view v[MAX_VIEWS];
    unsigned n = views_of(p, false, v);
    char name[300];
    for (unsigned k = 0; k < n; k++) {
        const char *record = v[k].record ? v[k].record : "";
        if (v[k].step)
            snprintf(name, sizeof name, "%s.%ld/%ld", record, (long)v[k].least, (long)v[k].step);
        else
            snprintf(name, sizeof name, "%s.%ld", record, (long)v[k].least);
        if (is_claimed("immutable", name, v[k].type))
            return true;
    }
    return prog.optimized && LLVMIsALoadInst(load) && LLVMGetMetadata(load, mark());
}

bool is_immutable(LLVMValueRef load, LLVMValueRef p, uint64_t size, LLVMValueRef *writer)
{
    static bool started;
    struct place l = place_of(p, false, size ? (int64_t)size : UNBOUNDED, load);
    if (prog.optimized) /* main.c */
        return claims_has("unchanging", place_text(load)) && !claims_has("changing", place_text(load));
    norigins = 0;
    if (is_in_constant(&l, p, false))
        return true;
    if (!prog.whole || !l.n)
        return false;
    if (!started) {
        program_each_variable(look_for_count);
        program_each(look_at);
        program_each_variable(taken_of);
    }
    started = true;
    const struct place *store = find(&stores, &l);
    for (size_t k = 0; stores.v && k < stores.n && !store; k++)
        if (!stores.v[k].n && !stores.v[k].global && !stores.v[k].made && find(&taken[stores.v[k].how], &l))
            store = &stores.v[k];
    *writer = store ? store->who : NULL;
    return !store;
}
