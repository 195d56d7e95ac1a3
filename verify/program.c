/* program.c - the bitcode: a module for each file, functions as arrays, who calls whom.  What the files have
 * in common is found by name; LLVM's linker would take structs of one layout for one type.
 *
 * A body counts only if it is the one that runs: not where the linker may take another (weak, common; of a
 * whole program all are known), nor where it stands for one that is elsewhere (C99's inline).  All callers of
 * a function are known if nothing but calls mention it, and no other code can name it: it is local to its
 * file, or the program is whole and it is no entry. */
#include "verify.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdlib.h>
#include <string.h>

struct program prog;
static struct map functions, blocks, instructions;
static struct map by_type; /* a function's type -> those of it whose address is taken */
static struct map names;   /* of what is not local: interned name -> value */
static LLVMModuleRef *modules;
static unsigned nmodules, capmodules;

bool is_local(LLVMValueRef v)
{
    LLVMLinkage linkage = LLVMGetLinkage(v);
    return linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage;
}

/* Is it sure that the linker takes no other definition for this one?  In a whole program, of weak ones the
 * first counts, if there is no other (note_name): ungil-cc refuses a link in which something else has
 * another. */
static bool is_final(LLVMValueRef v)
{
    return is_local(v) || LLVMGetLinkage(v) == LLVMExternalLinkage ||
           (prog.whole && LLVMGetLinkage(v) == LLVMWeakAnyLinkage);
}

static const char *name_of(LLVMValueRef v)
{
    size_t n;
    return LLVMGetValueName2(v, &n);
}

LLVMValueRef program_definition(LLVMValueRef v)
{
    LLVMValueRef known =
        is_local(v) ? NULL : (LLVMValueRef)AT(void, map_get(&names, KEY(intern(name_of(v)))));
    v = known ? known : v;
    LLVMValueRef of = LLVMIsAGlobalAlias(v) && is_final(v) ? LLVMAliasGetAliasee(v) : NULL;
    return of && LLVMIsAGlobalValue(of) ? program_definition(of) : v;
}

struct func *func_of(LLVMValueRef v)
{
    return AT(struct func, map_get(&functions, KEY(program_definition(v))));
}

struct block *block_of(LLVMBasicBlockRef b)
{
    return AT(struct block, map_get(&blocks, KEY(b)));
}

struct ins *ins_of(LLVMValueRef v)
{
    return AT(struct ins, map_get(&instructions, KEY(v)));
}

const char *called_name(LLVMValueRef v)
{
    LLVMValueRef f = LLVMIsACallInst(v) || LLVMIsAInvokeInst(v) ? LLVMGetCalledValue(v) : NULL;
    return f && LLVMIsAFunction(f) ? name_of(f) : NULL;
}

bool calls_like(LLVMValueRef v, const char *prefix)
{
    const char *name = called_name(v);
    return name && !strncmp(name, prefix, strlen(prefix));
}

unsigned called_effect(LLVMValueRef v)
{
    const char *name = called_name(v);
    const struct mark *m = name ? mark_of(name) : NULL;
    return m ? m->effect : 0;
}

static void read_claims(LLVMModuleRef m)
{
    for (LLVMValueRef g = LLVMGetFirstGlobal(m); g; g = LLVMGetNextGlobal(g)) {
        const char *section = LLVMGetSection(g);
        LLVMValueRef text = LLVMGetInitializer(g);
        size_t n;
        if (section && !strcmp(section, "ungil_claims") && text && LLVMIsAConstantDataArray(text)) {
            const char *s = LLVMGetAsString(text, &n);
            claims_add(s, n);
        }
    }
}

static LLVMModuleRef read_module(const char *path)
{
    LLVMMemoryBufferRef buffer;
    LLVMModuleRef m;
    char *message = NULL;
    if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message))
        die("%s: %s", path, message);
    const char *start = LLVMGetBufferStart(buffer);
    if (LLVMGetBufferSize(buffer) < 4 || memcmp(start, "BC\xc0\xde", 4) || LLVMParseBitcode2(buffer, &m))
        die("%s: not bitcode of this version; build it with ungil-cc --verify", path);
    LLVMDisposeMemoryBuffer(buffer);
    return m;
}

static void run_passes(LLVMModuleRef m, const char *passes)
{
    LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
    LLVMErrorRef e = LLVMRunPasses(m, passes, NULL, o);
    if (e)
        die("%s: %s", passes, LLVMGetErrorMessage(e));
    LLVMDisposePassBuilderOptions(o);
}

static void add_block(struct func *f, LLVMBasicBlockRef v)
{
    struct block *b = xzalloc(sizeof *b);
    unsigned cap = 0;
    *b = (struct block){.v = v, .f = f, .id = f->nblocks};
    for (LLVMValueRef i = LLVMGetFirstInstruction(v); i; i = LLVMGetNextInstruction(i)) {
        struct ins x = {.v = i, .op = LLVMGetInstructionOpcode(i), .b = b};
        if (called_name(i)) {
            x.mark = mark_of(called_name(i));
            x.callee = x.mark ? NULL : func_of(LLVMGetCalledValue(i));
        }
        b->nphis += x.op == LLVMPHI;
        PUSH(b->ins, b->n, cap, x);
    }
    for (unsigned k = 0; k < b->n; k++)
        *map_at(&instructions, KEY(b->ins[k].v)) = KEY(&b->ins[k]);
    b->end = &b->ins[b->n - 1];
    PUSH(f->blocks, f->nblocks, f->capblocks, b);
    *map_at(&blocks, KEY(v)) = KEY(b);
}

/* The number of the only successor of b that control goes to, since its condition compares constants; -1. */
static int only_way(const struct block *b)
{
    LLVMValueRef c =
        b->end && b->end->op == LLVMBr && LLVMIsConditional(b->end->v) ? LLVMGetCondition(b->end->v) : NULL;
    if (!c || !LLVMIsAICmpInst(c) || !LLVMIsAConstantInt(LLVMGetOperand(c, 0)) ||
        !LLVMIsAConstantInt(LLVMGetOperand(c, 1)) || LLVMGetICmpPredicate(c) != LLVMIntNE)
        return -1;
    return LLVMGetOperand(c, 0) == LLVMGetOperand(c, 1);
}

/* Does the call i never come back?  As function-attrs has found of functions that are defined. */
static bool is_last(const struct ins *i)
{
    LLVMValueRef f = called_name(i->v) ? program_definition(LLVMGetCalledValue(i->v)) : NULL;
    return f && i->op == LLVMCall && LLVMIsAFunction(f) &&
           LLVMGetEnumAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                       LLVMGetEnumAttributeKindForName("noreturn", 8));
}

/* Control comes to b; of it remains what is before a call that does not come back. */
static void reach(struct block *b)
{
    const int only = only_way(b);
    int n = (int)LLVMGetNumSuccessors(b->end->v);
    b->reached = true;
    for (unsigned k = 0; k < b->n; k++)
        if (is_last(&b->ins[k])) {
            b->n = k + 1;
            n = 0;
        }
    for (int k = 0; k < n; k++) {
        struct block *s = block_of(LLVMGetSuccessor(b->end->v, (unsigned)k));
        if ((only < 0 || k == only) && (!s->npreds || s->preds[s->npreds - 1] != b))
            PUSH(s->preds, s->npreds, s->cappreds, b);
    }
    for (int k = 0; k < n; k++)
        if ((only < 0 || k == only) && !block_of(LLVMGetSuccessor(b->end->v, (unsigned)k))->reached)
            reach(block_of(LLVMGetSuccessor(b->end->v, (unsigned)k)));
}

static const struct funcs *of_type(LLVMTypeRef type)
{
    return AT(struct funcs, map_get(&by_type, KEY(type)));
}

/* A function is called through a compatible type only (C 6.5.2.2p9); such have one type in LLVM.  Without a
 * prototype, a call has the types of its arguments, which are the function's then (p6), and an ellipsis. */
static const struct funcs *targets_of(const struct ins *i)
{
    LLVMTypeRef type = LLVMGetCalledFunctionType(i->v);
    if (i->callee)
        return &i->callee->alone;
    if (!prog.whole || LLVMIsAFunction(LLVMGetCalledValue(i->v)))
        return NULL;
    const struct funcs *of = of_type(type), *fixed;
    LLVMTypeRef params[LLVMCountParamTypes(type) + 1];
    LLVMGetParamTypes(type, params);
    type = LLVMFunctionType(LLVMGetReturnType(type), params, LLVMCountParamTypes(type), false);
    fixed = of_type(type);
    if (!of || !fixed || of == fixed)
        return of ? of : fixed;
    struct funcs *both = xzalloc(sizeof *both);
    for (unsigned k = 0; k < of->n + fixed->n; k++)
        PUSH(both->v, both->n, both->cap, k < of->n ? of->v[k] : fixed->v[k - of->n]);
    return both;
}

static void add_blocks(struct func *f)
{
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f->v); b; b = LLVMGetNextBasicBlock(b))
        add_block(f, b);
    reach(f->blocks[0]);
    for (unsigned k = 0; k < f->nblocks; k++) {
        struct block *b = f->blocks[k];
        if (!b->reached)
            b->n = 0; /* nothing to be proven there */
        for (struct ins *i = b->ins; i < b->ins + b->n; i++) {
            if (i->callee)
                PUSH(i->callee->calls, i->callee->ncalls, i->callee->capcalls, i);
            if (i->op == LLVMCall || i->op == LLVMInvoke)
                i->targets = targets_of(i);
        }
    }
}

static bool is_entry(const char *name)
{
    return !strcmp(name, "main") || !strcmp(name, "stm_user_main");
}

/* v stands for f in one of the files: whatever else than a call mentions it may call it. */
static void note_uses(struct func *f, LLVMValueRef v)
{
    for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u)) {
        LLVMValueRef user = LLVMGetUser(u);
        if (LLVMIsABlockAddress(user)) /* a label, for a computed goto */
            continue;
        bool called = (LLVMIsACallInst(user) || LLVMIsAInvokeInst(user)) && LLVMGetCalledValue(user) == v;
        for (unsigned k = 0; called && k < LLVMGetNumArgOperands(user); k++)
            called = LLVMGetOperand(user, k) != v;
        f->address_taken |= !called;
    }
}

static void note_callers(struct func *f)
{
    f->known_callers =
        func_of(f->v) == f && !f->address_taken && (is_local(f->v) || (prog.whole && !is_entry(f->name)));
    if (!f->address_taken)
        return;
    uint64_t *at = map_at(&by_type, KEY(LLVMGlobalGetValueType(f->v)));
    *at = *at ? *at : KEY(xzalloc(sizeof(struct funcs)));
    struct funcs *of = AT(struct funcs, *at);
    PUSH(of->v, of->n, of->cap, f);
}

/* A name that several files have: a definition goes before a declaration, a strong one before a weak one. */
static int weight(LLVMValueRef v)
{
    return LLVMIsDeclaration(v) ? 0 : is_final(v) ? 2 : 1;
}

static void note_name(LLVMValueRef v)
{
    if (is_local(v))
        return;
    uint64_t *at = map_at(&names, KEY(intern(name_of(v))));
    if (!*at || weight((LLVMValueRef)AT(void, *at)) < weight(v))
        *at = KEY(v);
}

#define EACH(what, v, m) for (LLVMValueRef v = LLVMGetFirst##what(m); v; v = LLVMGetNext##what(v))

static void add_function(LLVMValueRef v)
{
    const char *name = name_of(v);
    const bool definition = program_definition(v) == v;
    if (definition && !strncmp(name, "stm_", 4) && LLVMIsDeclaration(v) && !mark_of(name) &&
        !strstr(name, "__stm"))
        die("%s: a function of the runtime that this checker does not know", name);
    if (LLVMIsDeclaration(v))
        return;
    struct func *f = xzalloc(sizeof *f);
    *f = (struct func){.v = v, .name = name};
    PUSH(f->alone.v, f->alone.n, f->alone.cap, f);
    PUSH(prog.all.v, prog.all.n, prog.all.cap, f);
    if (definition && weight(v) == 2) /* else it may run, but what is called may be another one */
        *map_at(&functions, KEY(v)) = KEY(f);
}

/* Does b begin by asking whether what has been stored is 0, only to branch, and go to *otherwise if it is? */
static bool asks_if_zero(LLVMBasicBlockRef b, LLVMValueRef stored, LLVMBasicBlockRef *otherwise)
{
    LLVMValueRef v = LLVMGetFirstInstruction(b), is = LLVMGetNextInstruction(v),
                 branch = is ? LLVMGetNextInstruction(is) : NULL;
    if (!LLVMIsALoadInst(v) || LLVMGetVolatile(v) || LLVMGetOperand(v, 0) != LLVMGetOperand(stored, 1) ||
        LLVMTypeOf(v) != LLVMTypeOf(LLVMGetOperand(stored, 0)) || !LLVMIsAICmpInst(is) ||
        LLVMGetICmpPredicate(is) != LLVMIntNE || LLVMGetOperand(is, 0) != v ||
        !LLVMIsNull(LLVMGetOperand(is, 1)) || !LLVMIsABranchInst(branch) || !LLVMIsConditional(branch) ||
        LLVMGetNextUse(LLVMGetFirstUse(v)) || LLVMGetNextUse(LLVMGetFirstUse(is)))
        return false;
    *otherwise = LLVMGetSuccessor(branch, 1);
    return !LLVMIsAPHINode(LLVMGetFirstInstruction(*otherwise));
}

/* Where 0 is stored, and a loop's head asks for it next, control goes straight behind the loop: so of a block
 * that runs once (STM_ATOMIC) it is known behind it that it has run. */
static void leave_loops(LLVMValueRef f)
{
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f), behind; b; b = LLVMGetNextBasicBlock(b)) {
        LLVMValueRef end = LLVMGetBasicBlockTerminator(b), zero = LLVMGetPreviousInstruction(end);
        if (zero && LLVMIsAStoreInst(zero) && !LLVMGetVolatile(zero) && LLVMIsABranchInst(end) &&
            !LLVMIsConditional(end) && LLVMIsNull(LLVMGetOperand(zero, 0)) &&
            asks_if_zero(LLVMGetSuccessor(end, 0), zero, &behind))
            LLVMSetSuccessor(end, 0, behind);
    }
}

void program_load(const char *const *paths, unsigned n, const char *passes)
{
    for (unsigned k = 0; k < n; k++) {
        LLVMModuleRef m = read_module(paths[k]);
        read_claims(m);
        EACH(Function, v, m)
        leave_loops(v);
        run_passes(m, passes);
        PUSH(modules, nmodules, capmodules, m);
        EACH(Function, v, m)
        note_name(v);
        EACH(Global, v, m)
        note_name(v);
        EACH(GlobalAlias, v, m)
        note_name(v);
    }
    prog.layout = LLVMGetModuleDataLayout(modules[0]);
    for (unsigned k = 0; k < n; k++)
        EACH(Function, v, modules[k])
    add_function(v);
    for (unsigned k = 0; k < n; k++)
        EACH(Function, v, modules[k])
    if (func_of(v))
        note_uses(func_of(v), v);
    for (unsigned k = 0; k < prog.all.n; k++)
        note_callers(prog.all.v[k]);
    for (unsigned k = 0; k < prog.all.n; k++)
        add_blocks(prog.all.v[k]);
}

void program_write(const char *const *paths)
{
    for (unsigned k = 0; k < nmodules; k++)
        if (LLVMWriteBitcodeToFile(modules[k], paths[k]))
            die("%s: cannot be written", paths[k]);
}

void program_each_variable(void (*f)(LLVMValueRef v))
{
    for (unsigned k = 0; k < nmodules; k++)
        EACH(Global, v, modules[k])
    f(v);
}

void program_each(void (*f)(struct ins *i))
{
    for (unsigned k = 0; k < prog.all.n; k++)
        for (unsigned b = 0; b < prog.all.v[k]->nblocks; b++)
            for (unsigned i = 0; i < prog.all.v[k]->blocks[b]->n; i++)
                f(&prog.all.v[k]->blocks[b]->ins[i]);
}
