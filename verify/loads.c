/* loads.c - what may write to memory that a load reads.
 *
 * Different globals, and different bytes at constant distances from one pointer, do not meet.  Nor do bytes
 * at different offsets of objects, since objects do not overlap; nor what lies in an array with what lies
 * before it in its object.  A plain store does not reach transactional memory: it is not mapped there. */
#include "verify.h"

#include <string.h>

/* Is it an intrinsic function that writes nothing? */
static bool is_silent(const char *name)
{
    static const char *const silent[] = {"llvm.dbg.",         "llvm.lifetime.",   "llvm.expect.",
                                         "llvm.assume",       "llvm.umin.",       "llvm.umax.",
                                         "llvm.smin.",        "llvm.smax.",       "llvm.abs.",
                                         "llvm.ctpop.",       "llvm.ctlz.",       "llvm.cttz.",
                                         "llvm.bswap",        "llvm.fabs.",       "llvm.sqrt.",
                                         "llvm.fmuladd",      "llvm.is.fpclass",  "llvm.stacksave",
                                         "llvm.stackrestore", "llvm.usub.",       "llvm.uadd.",
                                         "llvm.sadd.",        "llvm.ssub.",       "llvm.smul.",
                                         "llvm.umul.",        "llvm.floor",       "llvm.ceil",
                                         "llvm.trunc",        "llvm.rint",        "llvm.fshl",
                                         "llvm.fshr",         "llvm.is.constant", "llvm.threadlocal.address",
                                         "llvm.objectsize"};
    for (unsigned k = 0; k < sizeof silent / sizeof *silent; k++) {
        const char *a = silent[k], *b = name;
        while (*a && *a == *b)
            a++, b++;
        if (!*a)
            return true;
    }
    return false;
}

static LLVMValueRef local_base(LLVMValueRef p)
{
    LLVMValueRef base = term_base(term_of(p));
    return base && LLVMIsAAllocaInst(base) ? base : NULL;
}

/* Is c a part of one of the translator's own tables, which tell the runtime where variables are? */
static bool is_in_table(LLVMValueRef c)
{
    if (LLVMIsAGlobalVariable(c))
        return LLVMGetSection(c) && !strncmp(LLVMGetSection(c), "ungil_", 6);
    for (LLVMUseRef u = LLVMGetFirstUse(c); u; u = LLVMGetNextUse(u))
        if (!is_in_table(LLVMGetUser(u)))
            return false;
    return LLVMIsAConstant(c);
}

bool is_kept(LLVMValueRef p, bool members)
{
    for (LLVMUseRef u = LLVMGetFirstUse(p); u; u = LLVMGetNextUse(u)) {
        LLVMValueRef user = LLVMGetUser(u);
        switch (opcode_of(user)) {
        case LLVMLoad:
        case LLVMICmp:
            break;
        case LLVMStore:
            if (LLVMGetOperand(user, 0) == p)
                return true;
            break;
        case LLVMAtomicRMW:
        case LLVMAtomicCmpXchg:
            break;
        case LLVMGetElementPtr:
            if (members && is_kept(user, members))
                return true;
            break;
        case LLVMPtrToInt:
        case LLVMIntToPtr:
        case LLVMAddrSpaceCast:
            if (is_kept(user, members))
                return true;
            break;
        case LLVMCall:
        case LLVMInvoke: {
            const struct mark *m = called_mark(user);
            if (calls_like(user, "llvm."))
                break;
            if (!m || (m->effect & (E_RESOLVES | E_RESULT) && is_kept(user, members)))
                return true;
            break;
        }
        default:
            if (!LLVMIsAConstant(user) || !is_in_table(user))
                return true;
        }
    }
    return false;
}

/* Is v a global that is no object? */
static bool is_variable(LLVMValueRef v)
{
    return v && LLVMIsAGlobalVariable(v) && !is_object_type(LLVMGlobalGetValueType(v));
}

/* Is v a variable of its own, not a name that the linker may give to another one? */
static bool is_defined(LLVMValueRef v)
{
    return LLVMIsAGlobalVariable(v) && !LLVMIsDeclaration(v) &&
           (LLVMGetLinkage(v) == LLVMExternalLinkage || LLVMGetLinkage(v) == LLVMInternalLinkage);
}

/* Is v a variable to which no pointer leads? */
static bool is_unreached(LLVMValueRef v)
{
    static struct map known; /* 1: no, 2: yes */
    if (!LLVMIsAGlobalVariable(v) || LLVMGetLinkage(v) != LLVMInternalLinkage)
        return false;
    uint64_t *at = map_at(&known, (uint64_t)(uintptr_t)v);
    if (!*at)
        *at = is_kept(v, true) ? 1 : 2;
    return *at == 2;
}

/* Do pointers made from a and b, which are not the same, lead to different variables?  A name that is only
 * declared here is not that of a variable defined here, but for those that are aliases here. */
static bool are_apart(LLVMValueRef a, LLVMValueRef b)
{
    return is_unreached(a) || is_unreached(b) ||
           (LLVMIsAGlobalVariable(a) && LLVMIsAGlobalVariable(b) && (is_defined(a) || is_defined(b)));
}

/* May a store of n bytes through q (0: any number) reach the `size` bytes at `at`, which p computes?
 * `same_call`: of one function, in one call of it. */
static bool meets(LLVMValueRef q, uint64_t n, LLVMValueRef p, term at, uint64_t size, bool same_call)
{
    bool shared = LLVMGetPointerAddressSpace(LLVMTypeOf(q)) == 256 || is_resolved(q);
    if (!shared || local_base(q))
        return false;
    term to = place_of_pointer(q), o1, o2;
    LLVMValueRef a = term_base(to), b = term_base(at);
    int64_t d, least1, least2;
    int64_t step1, step2;
    if (a && b && a != b && are_apart(a, b))
        return false;
    if ((same_call || (a && LLVMIsAGlobalVariable(a))) && term_diff(to, at, &d))
        return !(d >= (int64_t)size || (n && d + (int64_t)n <= 0));
    bool owned1 = owner_of(p, &o1, &least1, &step1), owned2 = owner_of(q, &o2, &least2, &step2);
    if ((owned1 && is_variable(a)) || (owned2 && is_variable(b)))
        return false;
    if (!owned1 || !owned2)
        return true;
    return may_meet(least1, (int64_t)size, step1, least2, n ? (int64_t)n : UNBOUNDED, step2);
}

/* Does i write to memory that is not its function's own?  Where, is in *p and *n (0: not known how much);
 * null: anywhere. */
static bool writes(const struct ins *i, LLVMValueRef *p, uint64_t *n)
{
    const char *name = called_name(i->v);
    *p = NULL;
    *n = 0;
    switch (i->op) {
    case LLVMStore:
        *p = LLVMGetOperand(i->v, 1);
        *n = size_of(LLVMTypeOf(LLVMGetOperand(i->v, 0)));
        return !local_base(*p);
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        *p = LLVMGetOperand(i->v, 0);
        *n = size_of(LLVMTypeOf(LLVMGetOperand(i->v, 1)));
        return true;
    case LLVMFence:
    case LLVMCallBr:
        return true;
    case LLVMCall:
    case LLVMInvoke:
        if (i->mark)
            return i->mark->effect & (E_ENDS | E_WRITES);
        if (name && is_silent(name))
            return false;
        if (name && !strncmp(name, "llvm.mem", 8)) {
            *p = LLVMGetOperand(i->v, 0);
            return !local_base(*p);
        }
        return !name || !claims_external(name) || claims_writes(name);
    default:
        return false;
    }
}

enum { MAX_WRITERS = 200 };

/* All that a call of f does in writing, its callees included; false: too much to look at. */
static bool find_writers(struct func *f, struct func *into)
{
    if (f->visit == into)
        return true;
    f->visit = into;
    for (unsigned b = 0; b < f->nblocks; b++)
        for (unsigned k = 0; k < f->blocks[b]->n; k++) {
            struct ins *i = &f->blocks[b]->ins[k];
            LLVMValueRef p;
            uint64_t n;
            if (i->callee && !i->mark) {
                if (!find_writers(i->callee, into))
                    return false;
            } else if (writes(i, &p, &n)) {
                if (into->nwriters == MAX_WRITERS)
                    return false;
                PUSH(into->writers, into->nwriters, into->capwriters, i);
            }
        }
    return true;
}

/* Of another function's store: its terms are of another call, so only variables and types say where it goes.
 */
static bool callee_may_write(const struct ins *i, LLVMValueRef p, term at, uint64_t size)
{
    LLVMValueRef q;
    uint64_t n;
    return writes(i, &q, &n) && (!q || meets(q, n, p, at, size, false));
}

bool may_write(const struct ins *i, LLVMValueRef p, term at, uint64_t size)
{
    LLVMValueRef q;
    uint64_t n;
    struct func *f = i->mark ? NULL : i->callee;
    if (!f)
        return writes(i, &q, &n) && (!q || meets(q, n, p, at, size, true));
    if (!f->knows_writers) {
        f->knows_writers = true;
        f->writes_much = !find_writers(f, f);
    }
    bool may = f->writes_much || may_end(f);
    for (unsigned k = 0; k < f->nwriters && !may; k++)
        may = callee_may_write(f->writers[k], p, at, size);
    return may;
}
