/* loads.c - what may write to memory that a load reads.
 *
 * Different globals, and different bytes at constant distances from one pointer, do not meet.  Nor do bytes
 * at different offsets of objects, since objects do not overlap; nor what lies in an array with what lies
 * before it in its object.  A plain store does not reach transactional memory: it is not mapped there. */
#include "verify.h"

#include <string.h>

/* Is the call i one of an intrinsic function that writes to no memory that a program sees? */
static bool is_silent(const struct ins *i)
{
    const char *name = called_name(i->v);
    if (!name || strncmp(name, "llvm.", 5))
        return false;
    if (!strncmp(name, "llvm.lifetime.", 14) || !strncmp(name, "llvm.stack", 10) ||
        !strncmp(name, "llvm.prefetch", 13))
        return true;
    LLVMAttributeRef a =
        LLVMGetEnumAttributeAtIndex(LLVMGetCalledValue(i->v), (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                    LLVMGetEnumAttributeKindForName("memory", 6));
    /* two bits for each kind of memory, the upper one of them: what arguments lead to, inaccessible, other */
    return a && !(LLVMGetEnumAttributeValue(a) & (2u | 2u << 4));
}

static bool is_own(LLVMValueRef p)
{
    LLVMValueRef base = term_base(term_of(p));
    return base && LLVMIsAAllocaInst(base);
}

/* Is c a part of one of the translator's own tables, which tell the runtime where variables are? */
static bool is_in_table(LLVMValueRef c)
{
    const char *section = LLVMIsAGlobalVariable(c) ? LLVMGetSection(c) : NULL;
    if (LLVMIsAGlobalAlias(c))
        return false;
    if (LLVMIsAGlobalVariable(c))
        return section && !strncmp(section, "ungil_", 6) && strcmp(section, "ungil_data") &&
               strcmp(section, "ungil_const");
    for (LLVMUseRef u = LLVMGetFirstUse(c); u; u = LLVMGetNextUse(u))
        if (!is_in_table(LLVMGetUser(u)))
            return false;
    return LLVMIsAConstant(c);
}

/* Does `user`, which uses the address p, keep it, or what it makes of it? */
static bool keeps(LLVMValueRef user, LLVMValueRef p, bool members)
{
    switch (opcode_of(user)) {
    case LLVMLoad:
    case LLVMICmp:
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        return false;
    case LLVMStore:
        return LLVMGetOperand(user, 0) == p;
    case LLVMGetElementPtr:
        return members && is_kept(user, members);
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMAddrSpaceCast:
        return is_kept(user, members);
    case LLVMCall:
    case LLVMInvoke:
        if (calls_like(user, "llvm."))
            return false;
        if (!called_name(user) || !mark_of(called_name(user)))
            return true;
        return called_effect(user) & E_KEEPS ||
               (called_effect(user) & (E_RESOLVES | E_RESULT) && is_kept(user, members));
    default:
        return !LLVMIsAConstant(user) || !is_in_table(user);
    }
}

bool is_kept(LLVMValueRef p, bool members)
{
    for (LLVMUseRef u = LLVMGetFirstUse(p); u; u = LLVMGetNextUse(u))
        if (keeps(LLVMGetUser(u), p, members))
            return true;
    return false;
}

/* Is v a variable of its own, not a name that the linker may give to another one? */
static bool is_defined(LLVMValueRef v)
{
    return LLVMIsAGlobalVariable(v) && !LLVMIsDeclaration(v) &&
           (LLVMGetLinkage(v) == LLVMExternalLinkage || LLVMGetLinkage(v) == LLVMInternalLinkage);
}

bool is_unreached(LLVMValueRef v)
{
    static struct map known; /* 1: no, 2: yes */
    if (!LLVMIsAGlobalVariable(v) || LLVMGetLinkage(v) != LLVMInternalLinkage)
        return false;
    uint64_t *at = map_at(&known, KEY(v));
    if (!*at)
        *at = is_kept(v, true) ? 1 : 2;
    return *at == 2;
}

/* Do pointers made from a and b, which are not the same, lead to different variables?  A name that is only
 * declared here is not that of a variable defined here, but for those that are aliases here. */
static bool are_apart(LLVMValueRef a, LLVMValueRef b)
{
    if (called_effect(a) & E_FRESH) /* a new object is not in what was there, nor in another one */
        return LLVMIsAGlobalVariable(b) || LLVMIsAArgument(b) || called_effect(b) & E_FRESH;
    return is_unreached(a) || is_unreached(b) ||
           (LLVMIsAGlobalVariable(a) && LLVMIsAGlobalVariable(b) && (is_defined(a) || is_defined(b)));
}

/* Where an instruction writes. */
struct target {
    LLVMValueRef p; /* null: anywhere */
    int64_t size;
};

/* May what is written to t reach the `size` bytes at `at`, which p computes?  `same_call`: of one function,
 * in one call of it.  Of another one the terms are of another call: only variables and types tell. */
static bool meets(const struct target *t, LLVMValueRef p, term at, int64_t size, bool same_call)
{
    if (!t->p)
        return true;
    if (!is_shared(t->p))
        return false;
    term to = place_of_pointer(t->p);
    LLVMValueRef a = term_base(to), b = term_base(at);
    struct view u, v;
    int64_t d;
    if (b && a != b && (a ? are_apart(a, b) : is_unreached(b)))
        return false;
    if ((same_call || (a && LLVMIsAGlobalVariable(a))) && term_diff(to, at, &d))
        return d < size && d + t->size > 0;
    return !owner_of(p, &v) || !owner_of(t->p, &u) || may_meet(&v, size, &u, t->size);
}

/* Does i write to memory that is not its function's own?  Not what its callee does, if that is known. */
static bool writes(const struct ins *i, struct target *t)
{
    const char *name = called_name(i->v);
    *t = (struct target){.size = UNBOUNDED};
    switch (i->op) {
    case LLVMStore:
        *t = (struct target){LLVMGetOperand(i->v, 1), most_of(LLVMTypeOf(LLVMGetOperand(i->v, 0)))};
        return !is_own(t->p);
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        *t = (struct target){LLVMGetOperand(i->v, 0), most_of(LLVMTypeOf(LLVMGetOperand(i->v, 1)))};
        return true;
    case LLVMFence:
    case LLVMCallBr:
        return true;
    case LLVMCall:
    case LLVMInvoke:
        if (i->mark)
            return i->mark->effect & (E_ENDS | E_WRITES | E_BACK);
        if (is_silent(i))
            return false;
        if (name && !strncmp(name, "llvm.mem", 8)) {
            t->p = LLVMGetOperand(i->v, 0);
            return !is_own(t->p);
        }
        return !name || !claims_external(name) || claims_writes(name) || claims_calls_back(name);
    default:
        return false;
    }
}

enum { MAX_WRITERS = 200 };

/* All that a call of f does in writing, its callees included; false: too much to look at. */
static bool find_writers(struct func *f, struct func *into)
{
    struct target t;
    if (f->visit == into)
        return true;
    f->visit = into;
    for (unsigned b = 0; b < f->nblocks; b++)
        for (struct ins *i = f->blocks[b]->ins; i < f->blocks[b]->ins + f->blocks[b]->n; i++) {
            if (i->callee ? !find_writers(i->callee, into) : into->nwriters == MAX_WRITERS)
                return false;
            if (!i->callee && writes(i, &t))
                PUSH(into->writers, into->nwriters, into->capwriters, i);
        }
    return true;
}

bool may_write(const struct ins *i, LLVMValueRef p, term at, uint64_t size)
{
    struct func *f = i->callee;
    struct target t;
    if (!f)
        return writes(i, &t) && meets(&t, p, at, (int64_t)size, true);
    if (!f->knows_writers)
        f->writes_much = !find_writers(f, f);
    f->knows_writers = true;
    bool may = f->writes_much;
    for (unsigned k = 0; k < f->nwriters && !may; k++)
        may = writes(f->writers[k], &t) && meets(&t, p, at, (int64_t)size, false);
    return may;
}
