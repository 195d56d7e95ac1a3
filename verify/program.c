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
static struct map func_map, block_map, index_map;
static struct map names; /* of what is not local: interned name -> value */
static LLVMModuleRef *modules;
static unsigned nmodules, capmodules;
static struct func **taken;
static unsigned ntaken, captaken;

static bool is_local(LLVMValueRef v)
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

LLVMValueRef program_definition(LLVMValueRef v)
{
    size_t n;
    uint64_t known = is_local(v) ? 0 : map_get(&names, (uint64_t)(uintptr_t)intern(LLVMGetValueName2(v, &n)));
    if (known)
        v = (LLVMValueRef)(uintptr_t)known;
    LLVMValueRef of = LLVMIsAGlobalAlias(v) && is_final(v) ? LLVMAliasGetAliasee(v) : NULL;
    return of && LLVMIsAGlobalValue(of) ? program_definition(of) : v;
}

struct func *func_of(LLVMValueRef v)
{
    return (struct func *)(uintptr_t)map_get(&func_map, (uint64_t)(uintptr_t)program_definition(v));
}

struct block *block_at(LLVMBasicBlockRef b)
{
    return (struct block *)(uintptr_t)map_get(&block_map, (uint64_t)(uintptr_t)b);
}

struct block *block_of(LLVMValueRef i)
{
    return block_at(LLVMGetInstructionParent(i));
}

unsigned index_of(LLVMValueRef i)
{
    return (unsigned)map_get(&index_map, (uint64_t)(uintptr_t)i);
}

const char *called_name(LLVMValueRef v)
{
    size_t n;
    LLVMValueRef f = LLVMIsACallInst(v) || LLVMIsAInvokeInst(v) ? LLVMGetCalledValue(v) : NULL;
    return f && LLVMIsAFunction(f) ? LLVMGetValueName2(f, &n) : NULL;
}

bool calls_like(LLVMValueRef v, const char *prefix)
{
    const char *name = called_name(v);
    return name && !strncmp(name, prefix, strlen(prefix));
}

const struct mark *called_mark(LLVMValueRef v)
{
    const char *name = called_name(v);
    return name ? mark_of(name) : NULL;
}

static bool runs_itself(LLVMValueRef f)
{
    return is_final(f) && !LLVMIsDeclaration(f);
}

static void read_claims(LLVMModuleRef m)
{
    for (LLVMValueRef g = LLVMGetFirstGlobal(m); g; g = LLVMGetNextGlobal(g)) {
        const char *section = LLVMGetSection(g);
        LLVMValueRef text = LLVMGetInitializer(g);
        size_t n;
        if (!section || strcmp(section, "ungil_claims") || !text || !LLVMIsAConstantDataArray(text) ||
            !LLVMIsConstantString(text))
            continue;
        const char *s = LLVMGetAsString(text, &n);
        claims_add(s, n);
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
    struct block *b = calloc(1, sizeof *b);
    unsigned cap = 0;
    if (!b)
        die("out of memory");
    b->v = v;
    b->f = f;
    b->id = f->nblocks;
    for (LLVMValueRef i = LLVMGetFirstInstruction(v); i; i = LLVMGetNextInstruction(i)) {
        struct ins x = {.v = i, .op = LLVMGetInstructionOpcode(i)};
        if (called_name(i)) {
            x.mark = called_mark(i);
            x.callee = func_of(LLVMGetCalledValue(i));
        }
        *map_at(&index_map, (uint64_t)(uintptr_t)i) = b->n;
        b->nphis += x.op == LLVMPHI;
        PUSH(b->ins, b->n, cap, x);
    }
    f->blocks = xrealloc(f->blocks, (f->nblocks + 1) * sizeof *f->blocks);
    f->blocks[f->nblocks++] = b;
    *map_at(&block_map, (uint64_t)(uintptr_t)v) = (uint64_t)(uintptr_t)b;
}

/* Blocks that control can come to, and their predecessors. */
static void add_edges(struct func *f)
{
    bool *reached = calloc(f->nblocks + 1, sizeof *reached);
    struct block **todo = xrealloc(NULL, (f->nblocks + 1) * sizeof *todo);
    unsigned n = 0;
    todo[n++] = f->blocks[0];
    reached[0] = true;
    while (n) {
        struct block *b = todo[--n];
        LLVMValueRef end = b->ins[b->n - 1].v;
        for (unsigned k = 0; k < LLVMGetNumSuccessors(end); k++) {
            struct block *s =
                (struct block *)(uintptr_t)map_get(&block_map, (uint64_t)(uintptr_t)LLVMGetSuccessor(end, k));
            bool twice = false;
            for (unsigned j = 0; j < s->npreds; j++)
                twice |= s->preds[j] == b;
            if (!twice) {
                s->preds = xrealloc(s->preds, (s->npreds + 1) * sizeof *s->preds);
                s->preds[s->npreds++] = b;
            }
            if (!reached[s->id]) {
                reached[s->id] = true;
                todo[n++] = s;
            }
        }
    }
    for (unsigned k = 0; k < f->nblocks; k++)
        if (!reached[k])
            f->blocks[k]->n = 0; /* nothing to be proven there */
    free(reached);
    free(todo);
}

static void note_calls(struct func *f)
{
    for (unsigned b = 0; b < f->nblocks; b++)
        for (unsigned k = 0; k < f->blocks[b]->n; k++) {
            struct ins *i = &f->blocks[b]->ins[k];
            if (!i->callee)
                continue;
            PUSH(i->callee->call_blocks, i->callee->ncalls, i->callee->capcallblocks, f->blocks[b]);
            i->callee->ncalls--;
            PUSH(i->callee->calls, i->callee->ncalls, i->callee->capcalls, i);
        }
}

static bool is_entry(const char *name)
{
    return !strcmp(name, "main") || !strcmp(name, "stm_user_main");
}

/* v stands for f in one of the files. */
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
    f->known_callers = !f->address_taken && (is_local(f->v) || (prog.whole && !is_entry(f->name)));
    if (f->address_taken)
        PUSH(taken, ntaken, captaken, f);
}

/* A name that several files have: a definition goes before a declaration, a strong one before a weak one. */
static int weight(LLVMValueRef v)
{
    return LLVMIsDeclaration(v) ? 0 : runs_itself(v) ? 2 : 1;
}

static void note_name(LLVMValueRef v)
{
    size_t n;
    if (is_local(v))
        return;
    uint64_t *at = map_at(&names, (uint64_t)(uintptr_t)intern(LLVMGetValueName2(v, &n)));
    if (!*at || weight((LLVMValueRef)(uintptr_t)*at) < weight(v))
        *at = (uint64_t)(uintptr_t)v;
}

#define EACH_FUNCTION(v, m)                                                                                  \
    LLVMValueRef v = LLVMGetFirstFunction(m);                                                                \
    v;                                                                                                       \
    v = LLVMGetNextFunction(v)

static void add_function(LLVMValueRef v)
{
    size_t len;
    const char *name = LLVMGetValueName2(v, &len);
    if (!strncmp(name, "stm_", 4) && LLVMIsDeclaration(v) && program_definition(v) == v && !mark_of(name) &&
        !strstr(name, "__stm"))
        die("%s: a function of the runtime that this checker does not know", name);
    if (!runs_itself(v) || program_definition(v) != v)
        return;
    struct func *f = calloc(1, sizeof *f);
    if (!f)
        die("out of memory");
    f->v = v;
    f->name = name;
    PUSH(prog.funcs, prog.nfuncs, prog.capfuncs, f);
    *map_at(&func_map, (uint64_t)(uintptr_t)v) = (uint64_t)(uintptr_t)f;
}

void program_load(const char *const *paths, unsigned n, const char *passes)
{
    for (unsigned k = 0; k < n; k++) {
        LLVMModuleRef m = read_module(paths[k]);
        read_claims(m);
        run_passes(m, passes);
        PUSH(modules, nmodules, capmodules, m);
        for (EACH_FUNCTION(v, m))
            note_name(v);
        for (LLVMValueRef v = LLVMGetFirstGlobal(m); v; v = LLVMGetNextGlobal(v))
            note_name(v);
        for (LLVMValueRef v = LLVMGetFirstGlobalAlias(m); v; v = LLVMGetNextGlobalAlias(v))
            note_name(v);
    }
    prog.layout = LLVMGetModuleDataLayout(modules[0]);
    for (unsigned k = 0; k < n; k++)
        for (EACH_FUNCTION(v, modules[k]))
            add_function(v);
    for (unsigned k = 0; k < n; k++)
        for (EACH_FUNCTION(v, modules[k]))
            if (func_of(v))
                note_uses(func_of(v), v);
    for (unsigned k = 0; k < prog.nfuncs; k++) {
        struct func *f = prog.funcs[k];
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f->v); b; b = LLVMGetNextBasicBlock(b))
            add_block(f, b);
        add_edges(f);
        note_callers(f);
    }
    for (unsigned k = 0; k < prog.nfuncs; k++)
        note_calls(prog.funcs[k]);
}

void program_write(const char *const *paths)
{
    for (unsigned k = 0; k < nmodules; k++)
        if (LLVMWriteBitcodeToFile(modules[k], paths[k]))
            die("%s: cannot be written", paths[k]);
}

bool program_targets(const struct ins *i, struct func ***v, unsigned *n)
{
    static struct func *one;
    if (i->callee) {
        one = i->callee;
        *v = &one;
        *n = 1;
        return true;
    }
    if (!prog.whole || LLVMIsAFunction(LLVMGetCalledValue(i->v)))
        return false;
    /* A function is called through a compatible type only (C 6.5.2.2p9); such have one type in LLVM. */
    static struct func **found;
    static unsigned cap;
    LLVMTypeRef type = LLVMGetCalledFunctionType(i->v);
    *n = 0;
    if (LLVMIsFunctionVarArg(type))
        return false;
    for (unsigned k = 0; k < ntaken; k++)
        if (LLVMGlobalGetValueType(taken[k]->v) == type)
            PUSH(found, *n, cap, taken[k]);
    *v = found;
    return *n > 0;
}
