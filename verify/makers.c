/* makers.c - functions that only make memory, or more of it: what stands around malloc and realloc.
 *
 *     void *xrealloc(void *p, size_t n) { p = realloc(p, n); if (!p) abort(); return p; }
 *
 * A pointer that goes through such a function by way of `void *` is none that anything may become of: what
 * comes out is new memory, which has no type yet, or what went in.  So it is as if realloc stood at the call.
 * Looked at is the whole body: each value that is returned is null, new, a parameter, what realloc gives, or
 * what another such function gives; and parameters and those values are compared, passed on to such
 * functions, freed, filled and copied, but not stored anywhere, and nothing is loaded or stored through them.
 * (A pool of memory that is given out again is none, then.) */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 64 };
/* The values of one body, each once. */
struct body {
    LLVMValueRef v[MAX_VALUES];
    unsigned n;
};
static struct map known; /* function -> 1: it makes memory; 2: not, or it is being looked at */
static bool makes(struct func *f);

bool is_maker_call(LLVMValueRef v)
{
    struct func *f = LLVMIsACallInst(v) ? func_of(LLVMGetCalledValue(v)) : NULL;
    return f && makes(f);
}

static bool only_moves(struct body *b, LLVMValueRef v);
static bool is_made(struct body *b, LLVMValueRef v);

/* Is v the address, or what it was resolved to, of memory as it may be returned? */
static bool is_own_memory(struct body *b, LLVMValueRef v)
{
    while (called_effect(v) & E_RESOLVES || opcode_of(v) == LLVMPtrToInt)
        v = LLVMGetOperand(v, 0);
    return is_made(&(struct body){0}, v) && only_moves(b, v);
}

/* Does the call fill memory, or copy it from one of these to another? */
static bool fills_or_copies(struct body *b, LLVMValueRef call, const char *name)
{
    return !strncmp(name, "llvm.memset", 11) ||
           (!strncmp(name, "llvm.mem", 8) && is_own_memory(b, LLVMGetOperand(call, 0)) &&
            is_own_memory(b, LLVMGetOperand(call, 1)));
}

/* What `user` does with v, which is one of the memory's addresses, is no more than that. */
static bool is_harmless(struct body *b, LLVMValueRef user, LLVMValueRef v)
{
    const char *name = called_name(user);
    switch (opcode_of(user)) {
    case LLVMICmp:
    case LLVMRet:
        return true;
    case LLVMPHI:
    case LLVMSelect:
    case LLVMPtrToInt: /* to be resolved */
    case LLVMIntToPtr:
        return only_moves(b, user);
    case LLVMCall:
        if (!name || LLVMGetCalledValue(user) == v)
            return false;
        if (is_realloc(user) || called_effect(user) & E_RESOLVES || is_maker_call(user))
            return only_moves(b, user);
        return !strcmp(name, "stm_free") || fills_or_copies(b, user, name);
    default:
        return false;
    }
}

static bool has(const struct body *b, LLVMValueRef v)
{
    for (unsigned k = 0; k < b->n; k++)
        if (b->v[k] == v)
            return true;
    return false;
}

/* False: there are too many. */
static bool add(struct body *b, LLVMValueRef v)
{
    if (b->n == MAX_VALUES)
        return false;
    b->v[b->n++] = v;
    return true;
}

static bool only_moves(struct body *b, LLVMValueRef v)
{
    if (has(b, v))
        return true;
    if (!add(b, v))
        return false;
    for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u))
        if (!is_harmless(b, LLVMGetUser(u), v))
            return false;
    return true;
}

/* Is v, which is returned, new memory or what was given? */
static bool is_made(struct body *b, LLVMValueRef v)
{
    if (LLVMIsAConstantPointerNull(v) || LLVMIsUndef(v) || has(b, v))
        return true;
    if (LLVMIsAPHINode(v) || LLVMIsASelectInst(v)) {
        if (!add(b, v))
            return false;
        for (int j = !!LLVMIsASelectInst(v); j < LLVMGetNumOperands(v); j++)
            if (!is_made(b, LLVMGetOperand(v, (unsigned)j)))
                return false;
        return true;
    }
    return LLVMIsAArgument(v) || called_effect(v) & E_FRESH || is_realloc(v) || is_maker_call(v);
}

static bool makes(struct func *f)
{
    uint64_t *at = map_at(&known, KEY(f));
    if (*at)
        return *at == 1;
    *at = 2;
    bool ok = func_of(f->v) == f;
    for (unsigned k = 0; k < LLVMCountParams(f->v) && ok; k++)
        ok = !is_pointer(LLVMGetParam(f->v, k)) || only_moves(&(struct body){0}, LLVMGetParam(f->v, k));
    for (unsigned k = 0; k < f->nblocks && ok; k++) {
        LLVMValueRef ret = f->blocks[k]->end->v;
        if (!f->blocks[k]->n || f->blocks[k]->end->op != LLVMRet)
            continue;
        LLVMValueRef v = LLVMGetNumOperands(ret) ? LLVMGetOperand(ret, 0) : NULL;
        ok = v && is_pointer(v) && is_made(&(struct body){0}, v) && only_moves(&(struct body){0}, v);
    }
    *map_at(&known, KEY(f)) = ok ? 1 : 2;
    return ok;
}

/* Is f of that name in its file?  LLVM numbers equal ones of several files, the translator its variants. */
static bool is_named(const struct func *f, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(f->name, name, n) &&
           (!f->name[n] || f->name[n] == '.' || !strncmp(f->name + n, "__stm", 5));
}

bool makes_memory(const char *name)
{
    bool any = false;
    for (unsigned k = 0; k < prog.all.n; k++)
        if (is_named(prog.all.v[k], name)) {
            if (!makes(prog.all.v[k]))
                return false;
            any = true;
        }
    return any;
}
