/* values.c - the term of each value of LLVM's, and what the types of address computations say of its place.
 *
 * A pointer, the number that it is, and what is computed from it by adding are one sum.  A load is the leaf
 * of the first load that reads the same (same.c).  What resolves is a leaf of its own: a real address.
 *
 * Owners.  A pointer to an STM_OBJECT is the start of an object, or null (annotations.md); clang computes
 * &p->f as `getelementptr %struct.T, p, 0, f`, whatever became of C's types.  So p is an owner if such a
 * computation starts from it and T is an object's type. */
#include "verify.h"

#include <string.h>

static struct map terms, owners, leaders;
static struct map resolved; /* value -> 1 */

/* The name of a struct, without "struct." or "union.", and without what LLVM adds to tell two of one name
 * apart. */
static const char *record_name(LLVMTypeRef t)
{
    const char *s = LLVMGetTypeKind(t) == LLVMStructTypeKind ? LLVMGetStructName(t) : NULL;
    if (!s)
        return NULL;
    s += !strncmp(s, "struct.", 7) ? 7 : !strncmp(s, "union.", 6) ? 6 : 0;
    size_t n = strlen(s) + 1;
    char buf[n], *dot = strrchr(memcpy(buf, s, n), '.');
    if (dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
        *dot = 0;
    return intern(buf);
}

const char *record_of(LLVMTypeRef t)
{
    static struct map by_type;
    uint64_t *known = map_at(&by_type, KEY(t));
    if (!*known)
        *known = KEY(record_name(t));
    return AT(char, *known);
}

/* Hand-written claims leave out the size. */
bool is_claimed(const char *word, const char *name, LLVMTypeRef t)
{
    char sized[400];
    snprintf(sized, sizeof sized, "%s %lu", name,
             LLVMTypeIsSized(t) ? (unsigned long)LLVMABISizeOfType(prog.layout, t) : 0);
    return claims_has(word, name) || claims_has(word, sized);
}

bool is_object_type(LLVMTypeRef t)
{
    const char *name = record_of(t);
    return name && is_claimed("object", name, t);
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

int64_t most_of(LLVMTypeRef t)
{
    return LLVMTypeIsSized(t) ? (int64_t)size_of(t) : UNBOUNDED;
}

static term address_term(LLVMValueRef gep)
{
    term t = term_of(LLVMGetOperand(gep, 0));
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    for (int k = 1; k < LLVMGetNumOperands(gep); k++) {
        LLVMValueRef index = LLVMGetOperand(gep, (unsigned)k);
        if (k > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);
            t = term_add(t, term_const((int64_t)LLVMOffsetOfElement(prog.layout, type, field)), 1);
            type = LLVMStructGetTypeAtIndex(type, field);
            continue;
        }
        if (k > 1)
            type = LLVMGetElementType(type);
        term i = term_of(index);
        if (bits_of(index) < 64) {
            int64_t c;
            if (!term_is_const(i, &c))
                i = term_op(LLVMSExt | bits_of(index) << 8, 64, i, 0);
        }
        t = term_add(t, i, (int64_t)LLVMABISizeOfType(prog.layout, type));
    }
    return t;
}

/* Does control come to the phi over edge k? */
static bool comes(LLVMValueRef phi, unsigned k)
{
    const struct block *b = block_of(LLVMGetInstructionParent(phi)),
                       *from = block_of(LLVMGetIncomingBlock(phi, k));
    for (unsigned p = 0; p < b->npreds; p++)
        if (b->preds[p] == from)
            return true;
    return false;
}

/* Of a phi, and the phis that it comes from: the term that all their other operands have, if it is not made
 * of these phis. */
static term phi_term(LLVMValueRef phi)
{
    enum { MAX = 12 };
    LLVMValueRef group[MAX] = {phi};
    unsigned n = 1, j;
    term only = 0;
    *map_at(&terms, KEY(phi)) = term_leaf(phi); /* for operands that are made of it */
    while (n < LLVMCountIncoming(phi) && LLVMGetIncomingValue(phi, n) == LLVMGetIncomingValue(phi, 0))
        n++;
    only = n == LLVMCountIncoming(phi) ? term_of(LLVMGetIncomingValue(phi, 0)) : 0;
    if (only && !term_has(only, phi)) /* c ? x : x */
        return only;
    only = 0;
    n = 1;
    for (unsigned g = 0; g < n; g++)
        for (unsigned k = 0; k < LLVMCountIncoming(group[g]); k++) {
            LLVMValueRef v = LLVMGetIncomingValue(group[g], k);
            if (!comes(group[g], k))
                continue;
            for (j = 0; j < n && group[j] != v;)
                j++;
            if (j == n && LLVMIsAPHINode(v) && n < MAX)
                group[n++] = v;
            else if (j == n && only && only != term_of(v))
                return term_leaf(phi);
            else if (j == n)
                only = term_of(v);
        }
    for (j = 0; j < n && !term_has(only, group[j]);)
        j++;
    return only && j == n ? only : term_leaf(phi);
}

/* Of a call that returns one of its arguments, as LLVM's passes have found, that. */
static term call_term(LLVMValueRef v)
{
    const struct ins *i = ins_of(v);
    LLVMValueRef f = i && i->callee ? i->callee->v : NULL;
    const unsigned n = f ? LLVMCountParams(f) : 0, returned = LLVMGetEnumAttributeKindForName("returned", 8);
    /* There is one place for each thread; all this is one thread's. */
    if (calls_like(v, "llvm.threadlocal.address") || called_effect(v) & E_RESULT)
        return term_of(LLVMGetOperand(v, 0));
    for (unsigned k = 0; k < n && k < LLVMGetNumArgOperands(v); k++)
        if (LLVMGetEnumAttributeAtIndex(f, k + 1, returned) &&
            LLVMTypeOf(v) == LLVMTypeOf(LLVMGetOperand(v, k)))
            return term_of(LLVMGetOperand(v, k));
    return term_leaf(v);
}

static term compute(LLVMValueRef v)
{
    unsigned bits = bits_of(v);
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
        if (bits_of(a) == 64 && bits == 64)
            return term_of(a);
        return term_op(op, bits, term_of(a), 0);
    case LLVMAddrSpaceCast:
    case LLVMBitCast:
        return bits_of(a) == bits ? term_of(a) : term_leaf(v);
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
        return term_op(op | bits_of(a) << 8, bits, term_of(a), 0);
    case LLVMICmp:
        return term_op(LLVMICmp | (unsigned)LLVMGetICmpPredicate(v) << 8, bits_of(a), term_of(a), term_of(b));
    case LLVMPHI:
        return phi_term(v);
    case LLVMLoad: { /* another load before it has read the same, or a store has written it */
        LLVMValueRef same = (LLVMValueRef)AT(void, map_get(&leaders, KEY(v)));
        return same ? term_of(same) : term_leaf(v);
    }
    case LLVMCall:
        return call_term(v);
    default:
        return LLVMIsABinaryOperator(v) ? term_op(op, bits, term_of(a), term_of(b)) : term_leaf(v);
    }
}

term term_of(LLVMValueRef v)
{
    term t = (term)map_get(&terms, KEY(v));
    if (t)
        return t;
    t = compute(v);
    *map_at(&terms, KEY(v)) = t ? t : term_leaf(v);
    return t ? t : term_leaf(v);
}

term unresolved(term t)
{
    for (LLVMValueRef base; (base = term_base(t)) && called_effect(base) & E_RESOLVES;)
        t = term_subst(t, base, term_of(LLVMGetOperand(base, 0)));
    return t;
}

term place_of_pointer(LLVMValueRef p)
{
    return unresolved(term_of(p));
}

bool is_resolved(LLVMValueRef p)
{
    return map_get(&resolved, KEY(p));
}

bool calls_outside(LLVMValueRef call)
{
    const char *name = called_name(call);
    size_t n;
    if (!name || mark_of(name))
        return false;
    const char *in = LLVMGetValueName2(LLVMGetBasicBlockParent(LLVMGetInstructionParent(call)), &n);
    return (!strncmp(in, "stm_thunk_", 10) && !strcmp(in + 10, name)) ||
           (!func_of(LLVMGetCalledValue(call)) && claims_external(name));
}

/* Is it arithmetic that leaves an address one: of its low bits, or with an offset? */
static bool moves_little(LLVMValueRef v)
{
    LLVMOpcode op = opcode_of(v);
    return op == LLVMAdd || op == LLVMOr || op == LLVMXor ||
           ((op == LLVMAnd || op == LLVMSub) && LLVMIsAConstantInt(LLVMGetOperand(v, 1)));
}

/* v is a real address, and so is what is computed from it, as a number, too, and what a function may make of
 * it. */
static void resolve_forward(LLVMValueRef v)
{
    if (is_resolved(v))
        return;
    *map_at(&resolved, KEY(v)) = 1;
    for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u)) {
        LLVMValueRef user = LLVMGetUser(u);
        LLVMOpcode op = LLVMIsAInstruction(user) ? opcode_of(user) : 0;
        if (op == LLVMPHI || op == LLVMSelect || op == LLVMBitCast || op == LLVMAddrSpaceCast ||
            op == LLVMFreeze || op == LLVMPtrToInt || op == LLVMIntToPtr || moves_little(user) ||
            (is_pointer(user) && calls_outside(user)) ||
            (op == LLVMGetElementPtr && LLVMGetOperand(user, 0) == v))
            resolve_forward(user);
    }
}

bool is_shared(LLVMValueRef p)
{
    return LLVMGetPointerAddressSpace(LLVMTypeOf(p)) == 256 || is_resolved(p);
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

static void note_owners(LLVMValueRef v)
{
    LLVMTypeRef type;
    if (is_member_access(v, &type) && is_object_type(type)) /* &p->f, or p + 0 (ungil_verify.h) */
        *map_at(&owners, term_of(LLVMGetOperand(v, 0))) = 1;
    for (int k = 0; k < LLVMGetNumOperands(v) && !LLVMIsAConstantExpr(v); k++) {
        LLVMValueRef o = LLVMGetOperand(v, (unsigned)k);
        if (o && LLVMIsAConstantExpr(o))
            note_owners(o);
    }
}

static void note(struct ins *i)
{
    if (i->mark && i->mark->effect & E_RESOLVES)
        resolve_forward(i->v);
    note_owners(i->v);
}

void values_start(void)
{
    map_free(&terms);
    map_free(&owners);
    program_each(note);
}

void values_same(LLVMValueRef load, LLVMValueRef other)
{
    *map_at(&leaders, KEY(load)) = KEY(other);
}

/* ---- places ---- */

/* Where n bytes at v end at the latest. */
static int64_t end_of(const struct view *v, int64_t n)
{
    return v->step && n <= v->end - v->least ? v->end : v->least + (v->step ? UNBOUNDED : n);
}

bool may_meet(const struct view *a, int64_t na, const struct view *b, int64_t nb)
{
    int64_t step = a->step && b->step ? 1 : a->step + b->step, d = a->least - b->least;
    if (end_of(b, nb) <= a->least || end_of(a, na) <= b->least)
        return false;
    if (!step)
        return d < nb && -d < na;
    d = (d % step + step) % step;
    return d < nb || step - d < na;
}

bool is_element(LLVMValueRef p)
{
    return opcode_of(p) == LLVMGetElementPtr &&
           (LLVMGetTypeKind(LLVMGetGEPSourceElementType(p)) == LLVMArrayTypeKind ||
            LLVMGetNumOperands(p) == 2);
}

bool is_union(LLVMTypeRef t)
{
    const char *name = LLVMGetTypeKind(t) == LLVMStructTypeKind ? LLVMGetStructName(t) : NULL;
    return name && !strncmp(name, "union.", 6);
}

bool is_array(LLVMTypeRef t)
{
    return LLVMGetTypeKind(t) == LLVMArrayTypeKind;
}

/* Of the address p of a member of a struct: is it an array; and where does it, or the union that it is, end?
 * UNBOUNDED: it is neither, or may be used as a longer one: it has one element, or nothing but filling
 * follows. */
static int64_t end_of_member(LLVMValueRef p, bool *array)
{
    LLVMTypeRef t = LLVMGetGEPSourceElementType(p);
    *array = false;
    if (LLVMGetNumOperands(p) != 3)
        return UNBOUNDED;
    unsigned k = (unsigned)LLVMConstIntGetZExtValue(LLVMGetOperand(p, 2)), n = LLVMCountStructElementTypes(t);
    LLVMTypeRef member = LLVMStructGetTypeAtIndex(t, k);
    *array = is_array(member);
    while (n > k + 1 && is_array(LLVMStructGetTypeAtIndex(t, n - 1)) &&
           size_of(LLVMGetElementType(LLVMStructGetTypeAtIndex(t, n - 1))) == 1)
        n--;
    if (n == k + 1 || (*array ? LLVMGetArrayLength2(member) < 2 : !is_union(member)))
        return UNBOUNDED;
    return (int64_t)(LLVMOffsetOfElement(prog.layout, t, k) + LLVMABISizeOfType(prog.layout, member));
}

/* Of the array, or what is used as one, that p is the address of an element of. */
static int64_t element_size(LLVMValueRef p)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(p);
    if (LLVMGetNumOperands(p) > 3)
        return 1;
    return (int64_t)LLVMABISizeOfType(prog.layout,
                                      LLVMGetNumOperands(p) == 3 ? LLVMGetElementType(type) : type);
}

/* The structs that lie in each other at `off` in the variable p, whose address computations clang drops where
 * they add nothing: from without inwards. */
static unsigned views_of_variable(LLVMValueRef p, int64_t off, struct view *v)
{
    LLVMTypeRef t = LLVMIsAGlobalVariable(p) ? LLVMGlobalGetValueType(p) : NULL, named;
    /* With elements of a flexible array it has a type of its own, which is not that of its accesses. */
    for (LLVMUseRef u = t ? LLVMGetFirstUse(p) : NULL; u && !record_of(t); u = LLVMGetNextUse(u))
        if (LLVMGetTypeKind(t) == LLVMStructTypeKind && is_member_access(LLVMGetUser(u), &named) &&
            LLVMGetOperand(LLVMGetUser(u), 0) == p)
            t = named;
    unsigned n = 0;
    while (t && (is_array(t) || LLVMGetTypeKind(t) == LLVMStructTypeKind) && n < MAX_VIEWS) {
        int64_t each = is_array(t) ? (int64_t)LLVMABISizeOfType(prog.layout, LLVMGetElementType(t)) : 0;
        if (off < 0 || (uint64_t)off >= LLVMABISizeOfType(prog.layout, t) ||
            (!each && !LLVMCountStructElementTypes(t)))
            return 0;
        if (each) {
            off %= each;
            t = LLVMGetElementType(t);
            continue;
        }
        v[n++] = (struct view){record_of(t), t, off, 0, 0};
        unsigned k = LLVMElementAtOffset(prog.layout, t, (uint64_t)off);
        off -= (int64_t)LLVMOffsetOfElement(prog.layout, t, k);
        t = LLVMStructGetTypeAtIndex(t, k);
    }
    for (unsigned k = 0; k < n / 2; k++) {
        struct view x = v[k];
        v[k] = v[n - 1 - k];
        v[n - 1 - k] = x;
    }
    return n;
}

/* Behind the optimiser a field's offset may have been added before the element's: then the array's length is
 * not relied on. */
unsigned views_of(LLVMValueRef p, bool far, struct view *v)
{
    int64_t off = 0, step = far, end = UNBOUNDED, d;
    LLVMTypeRef type;
    bool array;
    for (unsigned n = 0;; p = LLVMGetOperand(p, 0)) {
        LLVMOpcode op = opcode_of(p);
        if (op == LLVMPtrToInt || op == LLVMIntToPtr || op == LLVMAddrSpaceCast ||
            (op == LLVMCall && (called_effect(p) & E_RESOLVES || term_is_leaf(term_of(p)) != p)))
            continue; /* what resolves, and the like, changes no place */
        if (op != LLVMGetElementPtr)
            return n || step ? n : views_of_variable(p, off, v);
        bool known = term_diff(term_of(p), term_of(LLVMGetOperand(p, 0)), &d), element = is_element(p);
        if (!known && (!element || (prog.optimized && LLVMGetNumOperands(p) == 2)))
            return n;
        if (element && (step || !known)) { /* which element it is, or began at, is not relied on */
            far = LLVMGetNumOperands(p) == 2 && (far || !known);
            step = step && step != element_size(p) ? 1 : element_size(p);
            end = UNBOUNDED;
            d = 0;
        }
        off += d;
        end += end < UNBOUNDED ? d : 0;
        if (is_member_access(p, &type)) {
            int64_t last = end_of_member(p, &array);
            if (n == MAX_VIEWS || (far && !array))
                return n;
            far = false;
            end = step && end == UNBOUNDED && !prog.optimized ? last : end;
            v[n++] = (struct view){record_of(type), type, off, step, end};
        }
    }
}

bool owner_of(LLVMValueRef p, struct view *owner)
{
    struct view v[MAX_VIEWS];
    unsigned n = views_of(p, false, v);
    for (unsigned k = 0; k < n; k++)
        if (is_object_type(v[k].type)) {
            *owner = v[k];
            return true;
        }
    *owner = (struct view){0}; /* the first member is where its struct is */
    term at = place_of_pointer(p);
    LLVMValueRef base = prog.optimized ? term_base(at) : NULL; /* as in is_owner */
    return map_get(&owners, at) ||
           (base && term_diff(at, term_leaf(base), &owner->least) && owner->least >= 0);
}
