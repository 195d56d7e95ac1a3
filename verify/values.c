/* values.c - the term of each value of LLVM's, and what the types of address computations say of owners.
 *
 * A pointer, the number that it is, and what is computed from it by adding are one sum.  A load is the leaf
 * of the first load that reads the same (walk.c); since more addresses are equal when more loads are, that
 * is found in rounds.  What resolves is a leaf of its own: a real address.
 *
 * Owners.  A pointer to an STM_OBJECT is the start of an object, or null (annotations.md); clang computes
 * &p->f as `getelementptr %struct.T, p, 0, f`, whatever became of C's types.  So p is an owner if such a
 * computation starts from it and T is an object's type. */
#include "verify.h"

#include <string.h>

static struct map terms, owners, leaders;
enum { MAX_ROUNDS = 6 };
static LLVMTargetDataRef layout;

/* The name of a struct, without "struct." or "union.", and without what LLVM adds to tell two of one name
 * apart. */
static const char *record_name(LLVMTypeRef t)
{
    static char buf[256];
    const char *s = LLVMGetTypeKind(t) == LLVMStructTypeKind ? LLVMGetStructName(t) : NULL;
    if (!s || strlen(s) >= sizeof buf)
        return NULL;
    s += !strncmp(s, "struct.", 7) ? 7 : !strncmp(s, "union.", 6) ? 6 : 0;
    strcpy(buf, s);
    char *dot = strrchr(buf, '.');
    if (dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
        *dot = 0;
    return buf;
}

const char *record_of(LLVMTypeRef t)
{
    static struct map by_type;
    uint64_t *known = map_at(&by_type, (uint64_t)(uintptr_t)t);
    const char *name = *known ? NULL : record_name(t);
    if (name)
        *known = (uint64_t)(uintptr_t)intern(name);
    return (const char *)(uintptr_t)*known;
}

static bool is_object(LLVMTypeRef t)
{
    const char *name = record_name(t);
    return name && claims_has("object", name);
}

static unsigned width(LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    switch (LLVMGetTypeKind(t)) {
    case LLVMIntegerTypeKind:
        return LLVMGetIntTypeWidth(t);
    case LLVMPointerTypeKind:
        return 64;
    default:
        return 0;
    }
}

LLVMOpcode opcode_of(LLVMValueRef v)
{
    if (LLVMIsAInstruction(v))
        return LLVMGetInstructionOpcode(v);
    return LLVMIsAConstantExpr(v) ? LLVMGetConstOpcode(v) : (LLVMOpcode)0;
}

uint64_t size_of(LLVMTypeRef t)
{
    return LLVMTypeIsSized(t) ? LLVMStoreSizeOfType(prog.layout, t) : 0;
}

static term address_term(LLVMValueRef gep)
{
    term t = term_of(LLVMGetOperand(gep, 0));
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    for (int k = 1; k < LLVMGetNumOperands(gep); k++) {
        LLVMValueRef index = LLVMGetOperand(gep, (unsigned)k);
        if (k > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);
            t = term_add(t, term_const((int64_t)LLVMOffsetOfElement(layout, type, field)), 1);
            type = LLVMStructGetTypeAtIndex(type, field);
            continue;
        }
        if (k > 1)
            type = LLVMGetElementType(type);
        term i = term_of(index);
        if (width(index) < 64) {
            int64_t c;
            if (!term_is_const(i, &c))
                i = term_op(LLVMSExt | width(index) << 8, 64, i, 0);
        }
        t = term_add(t, i, (int64_t)LLVMABISizeOfType(layout, type));
    }
    return t;
}

/* Does v come, by conversions and steps into structs, from what is no phi?  Then it has a term whatever is
 * known of phis. */
static bool is_plain(LLVMValueRef v)
{
    for (unsigned n = 0; n < 8; n++)
        switch (opcode_of(v)) {
        case LLVMPtrToInt:
        case LLVMIntToPtr:
        case LLVMAddrSpaceCast:
        case LLVMFreeze:
            v = LLVMGetOperand(v, 0);
            break;
        case LLVMGetElementPtr:
            for (int k = 1; k < LLVMGetNumOperands(v); k++)
                if (!LLVMIsAConstantInt(LLVMGetOperand(v, (unsigned)k)))
                    return false;
            v = LLVMGetOperand(v, 0);
            break;
        case LLVMLoad:
            return true;
        default:
            return !LLVMIsAInstruction(v);
        }
    return false;
}

/* Of a phi, and the phis that it comes from: the term that all their other operands have; else 0. */
static term same_on_all_edges(LLVMValueRef phi)
{
    enum { MAX = 12 };
    LLVMValueRef group[MAX] = {phi};
    unsigned n = 1;
    term only = 0;
    for (unsigned g = 0; g < n; g++)
        for (unsigned k = 0; k < LLVMCountIncoming(group[g]); k++) {
            LLVMValueRef v = LLVMGetIncomingValue(group[g], k);
            unsigned j = 0;
            while (j < n && group[j] != v)
                j++;
            if (j < n)
                continue;
            if (LLVMIsAPHINode(v) && n < MAX) {
                group[n++] = v;
                continue;
            }
            term t = is_plain(v) ? term_of(v) : 0;
            if (!t || (only && only != t))
                return 0;
            only = t;
        }
    return only;
}

/* What it reads, another load before it has read, or a store has written, as far as is known by now. */
static term load_term(LLVMValueRef v)
{
    uint64_t same = map_get(&leaders, (uint64_t)(uintptr_t)v);
    return same ? term_of((LLVMValueRef)(uintptr_t)same) : term_leaf(v);
}

/* Which parameter f always returns; -1: none. */
static int returned_parameter(struct func *f)
{
    if (f->returns)
        return f->returns - 2;
    f->returns = 1; /* not known while it is asked */
    LLVMValueRef all = NULL;
    for (unsigned b = 0; b < f->nblocks; b++) {
        const struct block *x = f->blocks[b];
        if (!x->n || x->ins[x->n - 1].op != LLVMRet)
            continue;
        LLVMValueRef ret = x->ins[x->n - 1].v;
        LLVMValueRef v = LLVMGetNumOperands(ret) ? term_is_leaf(term_of(LLVMGetOperand(ret, 0))) : NULL;
        if (!v || !LLVMIsAArgument(v) || (all && all != v))
            return -1;
        all = v;
    }
    for (unsigned k = 0; all && k < LLVMCountParams(f->v); k++)
        if (LLVMGetParam(f->v, k) == all)
            f->returns = (int)k + 2;
    return f->returns - 2;
}

static term call_term(LLVMValueRef v)
{
    if (!called_name(v))
        return term_leaf(v);
    if (calls_like(v, "llvm.threadlocal.address"))
        return term_of(LLVMGetOperand(v, 0)); /* one place for each thread, and all this is one thread's */
    const struct mark *m = called_mark(v);
    struct func *callee = func_of(LLVMGetCalledValue(v));
    int k = m ? (m->effect & E_RESULT ? 0 : -1) : callee ? returned_parameter(callee) : -1;
    if (k < 0 || k >= (int)LLVMGetNumArgOperands(v) ||
        (!m && LLVMTypeOf(v) != LLVMTypeOf(LLVMGetOperand(v, (unsigned)k))))
        return term_leaf(v);
    return term_of(LLVMGetOperand(v, (unsigned)k));
}

static term compute(LLVMValueRef v)
{
    unsigned bits = width(v);
    if (LLVMIsAConstantInt(v) && bits <= 64)
        return term_const((int64_t)LLVMConstIntGetSExtValue(v));
    if (LLVMIsAConstantPointerNull(v))
        return term_const(0);
    LLVMOpcode op = opcode_of(v);
    if (!op || !bits)
        return term_leaf(LLVMIsAGlobalValue(v) ? program_definition(v) : v);
    LLVMValueRef a = op != LLVMCall && LLVMGetNumOperands(v) ? LLVMGetOperand(v, 0) : NULL,
                 b = op != LLVMCall && LLVMGetNumOperands(v) > 1 ? LLVMGetOperand(v, 1) : NULL;
    int64_t c;
    switch (op) {
    case LLVMPtrToInt:
    case LLVMIntToPtr:
        if (width(a) == 64 && bits == 64)
            return term_of(a);
        return term_op(op, bits, term_of(a), 0);
    case LLVMAddrSpaceCast:
    case LLVMBitCast:
        return width(a) == bits ? term_of(a) : term_leaf(v);
    case LLVMFreeze:
        return term_of(a);
    case LLVMGetElementPtr:
        return address_term(v);
    case LLVMAdd:
    case LLVMSub:
        if (bits == 64)
            return term_add(term_of(a), term_of(b), op == LLVMAdd ? 1 : -1);
        return term_op(op, bits, term_of(a), term_of(b));
    case LLVMMul:
    case LLVMShl:
        if (bits == 64 && term_is_const(term_of(b), &c) && (op == LLVMMul || (c >= 0 && c < 63)))
            return term_add(term_const(0), term_of(a), op == LLVMMul ? c : (int64_t)1 << c);
        return term_op(op, bits, term_of(a), term_of(b));
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
        return term_op(op | width(a) << 8, bits, term_of(a), 0);
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor:
    case LLVMLShr:
    case LLVMAShr:
    case LLVMUDiv:
    case LLVMSDiv:
    case LLVMURem:
    case LLVMSRem:
        return term_op(op, bits, term_of(a), term_of(b));
    case LLVMICmp:
        return term_op(LLVMICmp | (unsigned)LLVMGetICmpPredicate(v) << 8, width(a), term_of(a), term_of(b));
    case LLVMPHI: {
        term same = same_on_all_edges(v);
        return same ? same : term_leaf(v);
    }
    case LLVMLoad:
        return load_term(v);
    case LLVMCall:
        return call_term(v);
    default:
        return term_leaf(v);
    }
}

term term_of(LLVMValueRef v)
{
    uint64_t key = (uint64_t)(uintptr_t)v, known = map_get(&terms, key);
    if (known)
        return (term)known;
    term t = compute(v);
    return (term)(*map_at(&terms, key) = t ? t : term_leaf(v));
}

term place_of_pointer(LLVMValueRef p)
{
    term t = term_of(p);
    for (LLVMValueRef base; (base = term_base(t)) && LLVMIsACallInst(base) && is_resolved(base);)
        t = term_subst(t, base, term_of(LLVMGetOperand(base, 0)));
    return t;
}

/* ---- owners ---- */

static bool is_member_access(LLVMValueRef v, LLVMTypeRef *type)
{
    if (opcode_of(v) != LLVMGetElementPtr)
        return false;
    *type = LLVMGetGEPSourceElementType(v);
    LLVMValueRef first = LLVMGetOperand(v, 1);
    return LLVMGetTypeKind(*type) == LLVMStructTypeKind && LLVMIsAConstantInt(first) &&
           !LLVMConstIntGetSExtValue(first);
}

bool is_owner(term t)
{
    /* The optimiser drops computations that add nothing, and with them what they say of types: there it is
     * relied on that the same has been proven before. */
    return t && (map_get(&owners, t) || (prog.optimized && term_is_leaf(t)));
}

/* Does p point to the first element of an array, so that what is added to it can only lead upwards? */
static bool is_array_start(LLVMValueRef p)
{
    LLVMTypeRef type;
    if (opcode_of(p) != LLVMGetElementPtr || LLVMGetNumOperands(p) != 3)
        return false;
    LLVMValueRef index = LLVMGetOperand(p, 2);
    type = LLVMGetGEPSourceElementType(p);
    if (LLVMGetTypeKind(type) == LLVMArrayTypeKind)
        return LLVMIsAConstantInt(index) && !LLVMConstIntGetSExtValue(index);
    return is_member_access(p, &type) &&
           LLVMGetTypeKind(LLVMStructGetTypeAtIndex(type, (unsigned)LLVMConstIntGetZExtValue(index))) ==
               LLVMArrayTypeKind;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t c = a % b;
        a = b;
        b = c;
    }
    return a;
}

/* Of the array, or what is used as one, that p is the address of an element of. */
static int64_t element_size(LLVMValueRef p)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(p);
    if (LLVMGetNumOperands(p) > 3)
        return 1;
    return (int64_t)LLVMABISizeOfType(layout, LLVMGetNumOperands(p) == 3 ? LLVMGetElementType(type) : type);
}

bool may_meet(int64_t a, int64_t na, int64_t step_a, int64_t b, int64_t nb, int64_t step_b)
{
    int64_t g = gcd(step_a, step_b), d = a - b; /* the one is d further, and any multiple of g */
    if ((!step_b && b + nb <= a) || (!step_a && a + na <= b))
        return false;
    if (!g)
        return d < nb && -d < na;
    d = (d % g + g) % g;
    return d < nb || g - d < na;
}

bool is_element(LLVMValueRef p)
{
    return opcode_of(p) == LLVMGetElementPtr &&
           (LLVMGetTypeKind(LLVMGetGEPSourceElementType(p)) == LLVMArrayTypeKind ||
            LLVMGetNumOperands(p) == 2);
}

/* The structs that lie in each other at `off` in the variable p, whose address computations clang drops where
 * they add nothing. */
static unsigned views_of_variable(LLVMValueRef p, int64_t off, struct view *v)
{
    LLVMTypeRef t = LLVMIsAGlobalVariable(p) ? LLVMGlobalGetValueType(p) : NULL;
    struct view outer[MAX_VIEWS];
    const int64_t whole = off;
    unsigned n = 0;
    for (; t && LLVMGetTypeKind(t) == LLVMStructTypeKind && n < MAX_VIEWS; n++) {
        uint64_t size = LLVMABISizeOfType(layout, t);
        if (off < 0 || (uint64_t)off >= size || !LLVMCountStructElementTypes(t))
            return 0;
        outer[n] = (struct view){record_of(t), t, term_add(term_of(p), term_const(whole - off), 1), off, 0};
        unsigned k = LLVMElementAtOffset(layout, t, (uint64_t)off);
        off -= (int64_t)LLVMOffsetOfElement(layout, t, k);
        t = LLVMStructGetTypeAtIndex(t, k);
    }
    for (unsigned k = 0; k < n; k++)
        v[k] = outer[n - 1 - k];
    return n;
}

unsigned views_of(LLVMValueRef p, struct view *v)
{
    int64_t off = 0, step = 0;
    LLVMTypeRef type;
    for (unsigned n = 0;;) {
        switch (opcode_of(p)) {
        case LLVMPtrToInt:
        case LLVMIntToPtr:
        case LLVMAddrSpaceCast:
            p = LLVMGetOperand(p, 0);
            continue;
        case LLVMCall: /* what resolves, and the like, changes no place */
            if (!is_resolved(p) && term_is_leaf(term_of(p)) == p)
                return n;
            p = LLVMGetOperand(p, 0);
            continue;
        case LLVMGetElementPtr: {
            term base = term_of(LLVMGetOperand(p, 0));
            int64_t d;
            bool element = is_element(p);
            bool known = term_diff(term_of(p), base, &d);
            if (!known && (!element || (LLVMGetNumOperands(p) == 2 && !is_array_start(LLVMGetOperand(p, 0)))))
                return n;
            if (element && (step || !known)) { /* which element it is, or began at, is not relied on */
                step = gcd(step, element_size(p));
                d = 0;
            }
            off += d;
            if (is_member_access(p, &type)) {
                if (n == MAX_VIEWS)
                    return n;
                v[n++] = (struct view){record_of(type), type, base, off, step};
            }
            p = LLVMGetOperand(p, 0);
            continue;
        }
        default:
            return n || step ? n : views_of_variable(p, off, v);
        }
    }
}

bool owner_of(LLVMValueRef p, term *owner, int64_t *least, int64_t *step)
{
    struct view v[MAX_VIEWS];
    unsigned n = views_of(p, v);
    for (unsigned k = 0; k < n; k++)
        if (is_object(v[k].type)) {
            *owner = v[k].base;
            *least = v[k].least;
            *step = v[k].step;
            return true;
        }
    *owner = place_of_pointer(p); /* the first member is where its struct is */
    *least = 0;
    *step = 0;
    return *owner && map_get(&owners, *owner);
}

bool is_object_type(LLVMTypeRef t)
{
    return LLVMGetTypeKind(t) == LLVMStructTypeKind && is_object(t);
}

const char *accessed_record(LLVMValueRef v, int64_t *off)
{
    LLVMValueRef tag =
        LLVMIsALoadInst(v) || LLVMIsAStoreInst(v) ? LLVMGetMetadata(v, LLVMGetMDKindID("tbaa", 4)) : NULL;
    LLVMValueRef parts[8], base[64];
    unsigned len;
    if (!tag || LLVMGetMDNodeNumOperands(tag) < 3 || LLVMGetMDNodeNumOperands(tag) > 8)
        return NULL;
    LLVMGetMDNodeOperands(tag, parts);
    if (!parts[0] || !LLVMIsAConstantInt(parts[2]) || !LLVMIsAMDNode(parts[0]) ||
        !LLVMGetMDNodeNumOperands(parts[0]) || LLVMGetMDNodeNumOperands(parts[0]) > 64)
        return NULL;
    LLVMGetMDNodeOperands(parts[0], base);
    *off = LLVMConstIntGetSExtValue(parts[2]);
    return base[0] && LLVMIsAMDString(base[0]) ? LLVMGetMDString(base[0], &len) : NULL;
}

static void note_owner(LLVMValueRef v)
{
    LLVMTypeRef type;
    int64_t off;
    const char *record = accessed_record(v, &off);
    if (record && claims_has("object", record))
        *map_at(&owners, term_add(place_of_pointer(LLVMGetOperand(v, LLVMIsAStoreInst(v) ? 1 : 0)),
                                  term_const(off), -1)) = 1;
    if (is_member_access(v, &type) && is_object(type)) /* &p->f, or p + 0 (ungil_verify.h) */
        *map_at(&owners, term_of(LLVMGetOperand(v, 0))) = 1;
    if (LLVMIsAConstantExpr(v))
        return;
    for (int k = 0; k < LLVMGetNumOperands(v); k++) {
        LLVMValueRef o = LLVMGetOperand(v, (unsigned)k);
        if (o && LLVMIsAConstantExpr(o) && opcode_of(o) == LLVMGetElementPtr)
            note_owner(o);
    }
}

static void for_all(void (*f)(LLVMValueRef v))
{
    for (unsigned k = 0; k < prog.nfuncs; k++)
        for (unsigned b = 0; b < prog.funcs[k]->nblocks; b++)
            for (unsigned i = 0; i < prog.funcs[k]->blocks[b]->n; i++)
                f(prog.funcs[k]->blocks[b]->ins[i].v);
}

static bool changed;

/* Is p a variable that nobody writes? */
static bool is_never_written(LLVMValueRef p)
{
    if (!LLVMIsAGlobalVariable(p))
        return false;
    LLVMLinkage linkage = LLVMGetLinkage(p);
    bool constant =
        LLVMIsGlobalConstant(p) || linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage;
    for (LLVMUseRef u = LLVMGetFirstUse(p); u && constant && !LLVMIsGlobalConstant(p); u = LLVMGetNextUse(u))
        constant = LLVMIsALoadInst(LLVMGetUser(u));
    return constant;
}

static void find_leader(LLVMValueRef v)
{
    if (LLVMGetInstructionOpcode(v) != LLVMLoad || map_get(&leaders, (uint64_t)(uintptr_t)v))
        return;
    LLVMValueRef p = LLVMGetOperand(v, 0);
    if (!width(v) || LLVMGetVolatile(v) ||
        (LLVMGetPointerAddressSpace(LLVMTypeOf(p)) != 256 && !is_resolved(p) && !is_never_written(p)))
        return;
    struct key k = {
        .ask = SAME, .at = place_of_pointer(p), .size = LLVMStoreSizeOfType(layout, LLVMTypeOf(v))};
    k.stable = is_declared_immutable(v, p) || is_never_written(p);
    LLVMValueRef same = find_same_load(block_of(v), index_of(v), &k, v);
    if (!same || term_has(term_of(same), v))
        return;
    *map_at(&leaders, (uint64_t)(uintptr_t)v) = (uint64_t)(uintptr_t)same;
    changed = true;
}

void values_start(void)
{
    layout = prog.layout;
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        map_free(&terms);
        map_free(&owners);
        changed = false;
        for_all(note_owner);
        for_all(find_leader);
        if (!changed)
            break;
    }
    map_free(&terms);
    map_free(&owners);
    for_all(note_owner);
}
