/* loads.c - what may write to memory that a load reads.
 *
 * Different globals, and different bytes at constant distances from one pointer, do not meet.  Nor do bytes
 * at different offsets of objects, since objects do not overlap; nor what lies in an array with what lies
 * before it in its object.  A plain store does not reach transactional memory: it is not mapped there. */
#include "verify.h"

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

/* Is v a global that is no object? */
static bool is_variable(LLVMValueRef v)
{
    return v && LLVMIsAGlobalVariable(v) && !is_object_type(LLVMGlobalGetValueType(v));
}

/* May a store of n bytes through q (0: any number) reach the `size` bytes at `at`, which p computes? */
static bool meets(LLVMValueRef q, uint64_t n, LLVMValueRef p, term at, uint64_t size)
{
    bool shared = LLVMGetPointerAddressSpace(LLVMTypeOf(q)) == 256 || is_resolved(q);
    if (!shared || local_base(q))
        return false;
    term to = place_of_pointer(q), o1, o2;
    LLVMValueRef a = term_base(to), b = term_base(at);
    int64_t d, least1, least2;
    int64_t step1, step2;
    if (a && b && a != b && LLVMIsAGlobalVariable(a) && LLVMIsAGlobalVariable(b))
        return false;
    if (term_diff(to, at, &d))
        return !(d >= (int64_t)size || (n && d + (int64_t)n <= 0));
    bool owned1 = owner_of(p, &o1, &least1, &step1), owned2 = owner_of(q, &o2, &least2, &step2);
    if ((owned1 && is_variable(a)) || (owned2 && is_variable(b)))
        return false;
    if (!owned1 || !owned2)
        return true;
    return may_meet(least1, (int64_t)size, step1, least2, n ? (int64_t)n : UNBOUNDED, step2);
}

static uint64_t stored_size(LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    return LLVMTypeIsSized(t) ? LLVMStoreSizeOfType(prog.layout, t) : 0;
}

bool may_write(const struct ins *i, LLVMValueRef p, term at, uint64_t size)
{
    switch (i->op) {
    case LLVMStore:
        return meets(LLVMGetOperand(i->v, 1), stored_size(LLVMGetOperand(i->v, 0)), p, at, size);
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        return meets(LLVMGetOperand(i->v, 0), stored_size(LLVMGetOperand(i->v, 1)), p, at, size);
    case LLVMFence:
    case LLVMCallBr:
        return true;
    case LLVMCall:
    case LLVMInvoke: {
        const char *name = called_name(i->v);
        if (i->mark)
            return i->mark->effect & (E_ENDS | E_WRITES);
        if (name && is_silent(name))
            return false;
        if (name && (!__builtin_strncmp(name, "llvm.mem", 8)))
            return meets(LLVMGetOperand(i->v, 0), 0, p, at, size);
        if (i->callee)
            return writes_anything(i->callee) || may_end(i->callee);
        return !name || !claims_external(name) || claims_writes(name);
    }
    default:
        return false;
    }
}

/* Does f write memory that is not its own? */
bool writes_anything(struct func *f)
{
    if (f->writes == 3)
        return false; /* recursion: what the others write counts */
    if (f->writes)
        return f->writes == 2;
    f->writes = 3;
    bool writes = false;
    for (unsigned b = 0; b < f->nblocks && !writes; b++)
        for (unsigned k = 0; k < f->blocks[b]->n && !writes; k++) {
            const struct ins *i = &f->blocks[b]->ins[k];
            const char *name = called_name(i->v);
            if (i->op == LLVMStore)
                writes = !local_base(LLVMGetOperand(i->v, 1));
            else if (i->op == LLVMAtomicRMW || i->op == LLVMAtomicCmpXchg || i->op == LLVMFence ||
                     i->op == LLVMCallBr)
                writes = true;
            else if (name && !__builtin_strncmp(name, "llvm.mem", 8))
                writes = !local_base(LLVMGetOperand(i->v, 0));
            else if (i->op == LLVMCall || i->op == LLVMInvoke)
                writes = i->mark                   ? i->mark->effect & E_WRITES
                         : i->callee               ? writes_anything(i->callee)
                         : name && is_silent(name) ? false
                                                   : !name || !claims_external(name) || claims_writes(name);
        }
    f->writes = writes ? 2 : 0; /* what was found with another's question still open is not kept */
    return writes;
}
