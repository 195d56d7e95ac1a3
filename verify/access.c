/* access.c - what has to be proven: at each access through address space 256, or at a real address, that it
 * is covered; of each real address, that it is used in the transaction in which it was resolved, and leaves
 * the function in no way but to untranslated code; of each pointer given to untranslated code, that it is
 * no reference; of each call of what cannot be undone, that the transaction is inevitable; of each write to a
 * variable outside of transactional memory, that the runtime is told before. */
#include "verify.h"

#include <setjmp.h>
#include <string.h>

struct count counted;

static void say(LLVMValueRef at, const char *what, const struct failure *why)
{
    counted.findings++;
    report(at, what, why);
}

/* Tells the check behind the optimiser whether a load was one of an immutable field. */
static void note_load(LLVMValueRef load, bool immutable)
{
    counted.by_immutable += immutable;
    if (immutable)
        mark_unchanging(load);
    if (prog.notes)
        fprintf(prog.notes, "%s %s\n", immutable ? "unchanging" : "changing", place_text(load));
}

/* The access by i to size bytes at p, or to as many as `length` says. */
static void check(const struct ins *i, LLVMValueRef p, uint64_t size, LLVMValueRef length, bool write,
                  unsigned align)
{
    struct failure why = {0};
    LLVMValueRef at = i->v;
    struct key k = {.ask = COVERED, .at = term_of(p), .size = size, .write = write, .align = align};
    int64_t n;
    counted.accesses++;
    counted.loads += !write;
    counted.stores += write;
    counted.resolved += is_resolved(p);
    if (length && term_is_const(term_of(length), &n)) {
        if (!n)
            return;
        k.size = (uint64_t)n;
    } else if (length) {
        k.size_term = term_of(length);
    }
    if (is_resolved(p)) {
        struct key valid = {.ask = VALID, .at = k.at};
        if (!prove(i, &valid, &why)) {
            say(at, "a real address is used after the transaction may have ended", &why);
            return;
        }
    }
    bool declared = !write && is_declared_immutable(at, p);
    struct key marked = k;
    marked.at = place_of_pointer(p);
    bool covered = declared || prove(i, &k, &why) || marked_behind(i, &marked);
    bool immutable = declared || (!covered && !write && is_immutable(at, p, k.size, &why.writer));
    if (!write)
        note_load(at, immutable);
    if (!covered && !immutable)
        say(at, write ? "this write is not covered by a write barrier" : "this read is not covered", &why);
}

/* A variable outside of transactional memory, or a thread-local one, that p computes a place in: the runtime
 * must be told before it is written, by stm_raw_wr, which returns the place. */
static bool is_raw_variable(LLVMValueRef p)
{
    for (;;) {
        const char *name = called_name(p);
        LLVMOpcode op = opcode_of(p);
        if (op != LLVMGetElementPtr && op != LLVMBitCast && op != LLVMIntToPtr && op != LLVMPtrToInt &&
            !(name && !strncmp(name, "llvm.threadlocal.address", 24)))
            break;
        p = LLVMGetOperand(p, 0);
    }
    size_t n;
    const char *section = LLVMIsAGlobalVariable(p) ? LLVMGetSection(p) : NULL;
    return LLVMIsAGlobalVariable(p) && !(section && !strncmp(section, "ungil_", 6)) &&
           !claims_has("untold", LLVMGetValueName2(p, &n));
}

static LLVMTypeRef byval_type(LLVMValueRef call, unsigned k)
{
    LLVMAttributeRef a = LLVMGetCallSiteEnumAttribute(call, (LLVMAttributeIndex)(k + 1),
                                                      LLVMGetEnumAttributeKindForName("byval", 5));
    return a ? LLVMGetTypeAttributeValue(a) : NULL;
}

/* What the format, a literal, does with the argument number `at` behind it: the letter; 0: not known. */
static char conversion(LLVMValueRef format, unsigned at)
{
    LLVMValueRef text = LLVMIsAGlobalVariable(format) ? LLVMGetInitializer(format) : NULL;
    if (!text || !LLVMIsGlobalConstant(format) || !LLVMIsAConstantDataSequential(text))
        return 0;
    bool inside = false; /* of a conversion */
    for (unsigned j = 0; j < LLVMGetArrayLength(LLVMTypeOf(text)); j++) {
        unsigned long long c = LLVMConstIntGetZExtValue(LLVMGetAggregateElement(text, j));
        if (!c || c == '$') /* numbered: not looked into */
            return 0;
        bool modifies = c < 128 && strchr("-+ #'0123456789.hlLqjztI", (int)c);
        if (inside && c != '%' && !modifies && !at--)
            return (char)c;
        inside = c == '%' ? !inside : inside && (c == '*' || modifies);
    }
    return 0;
}

/* Argument k of the call x of a function of that name, if it has one. */
static void check_argument(const struct ins *x, unsigned k, const char *name)
{
    LLVMValueRef arg = LLVMGetOperand(x->v, k);
    if (!is_pointer(arg))
        return;
    LLVMTypeRef byval = byval_type(x->v, k);
    bool outside = !x->callee && name && claims_external(name);
    char says = (char)(outside ? claims_argument(name, k) : 0);
    if (is_resolved(arg)) {
        if (byval)
            check(x, arg, size_of(byval), NULL, false, 16);
        else if (outside)
            check(x, arg, says == 'w' && returns_twice(x->v) ? sizeof(jmp_buf) : 0, NULL, says == 'w', 16);
        else if (!x->mark && !LLVMIsAInlineAsm(LLVMGetCalledValue(x->v)))
            say(x->v, "a real address is given to translated code", NULL);
        return;
    }
    int format = outside ? claims_format(name) : -1;
    bool shown = format >= 0 && (int)k > format &&
                 conversion(LLVMGetOperand(x->v, (unsigned)format), k - (unsigned)format - 1) == 'p';
    if (!outside || shown || says == '-' || says == 'u' || says == 'e')
        return;
    LLVMValueRef base = term_base(term_of(arg));
    const char *section = base && LLVMIsAGlobalVariable(base) ? LLVMGetSection(base) : NULL;
    if ((section && (!strcmp(section, "ungil_data") || !strcmp(section, "ungil_const"))) ||
        (base && called_effect(base) & E_FRESH))
        say(x->v, "a reference is given to untranslated code, and not its real address", NULL);
}

/* Something is done there that needs an inevitable transaction, or none. */
static void check_turned(const struct ins *i, const char *what)
{
    struct key turned = {.ask = INEVITABLE};
    struct failure why = {0};
    if (!prove(i, &turned, &why))
        say(i->v, what, &why);
}

static const char undoable[] = "what cannot be undone is done by a transaction that may be aborted";

/* An instruction of the target's that gets an address may do anything there. */
static bool takes_pointer(LLVMValueRef call)
{
    unsigned k = 0;
    while (k < LLVMGetNumArgOperands(call) && !is_pointer(LLVMGetOperand(call, k)))
        k++;
    return k < LLVMGetNumArgOperands(call);
}

/* Assembly with operands does what nobody knows. */
static bool is_assembly(LLVMValueRef call)
{
    return LLVMIsAInlineAsm(LLVMGetCalledValue(call)) &&
           (LLVMGetNumArgOperands(call) || LLVMGetTypeKind(LLVMTypeOf(call)) != LLVMVoidTypeKind);
}

static void check_call(const struct ins *i)
{
    const char *name = called_name(i->v);
    if (name && !strncmp(name, "llvm.mem", 8) && LLVMGetNumArgOperands(i->v) >= 3) {
        LLVMValueRef to = LLVMGetOperand(i->v, 0), from = LLVMGetOperand(i->v, 1),
                     length = LLVMGetOperand(i->v, 2);
        if (is_shared(to))
            check(i, to, 0, length, true, 16);
        if (strncmp(name, "llvm.memset", 11) && is_shared(from))
            check(i, from, 0, length, false, 16);
        return;
    }
    if (name && !strncmp(name, "llvm.x86.", 9) && takes_pointer(i->v))
        check_turned(i, undoable);
    if (name && !strncmp(name, "llvm.", 5))
        return;
    if (name && !strcmp(name, "stm_v_asked"))
        check_turned(i, "the transaction may be aborted where the program asks that it is not");
    bool thrown = name && !strcmp(name, "abort") && i->b->ins->op == LLVMLandingPad; /* the compiler's own */
    if (name ? !i->callee && claims_has("inev", name) && !thrown : is_assembly(i->v))
        check_turned(i, undoable);
    struct key held = {.ask = HELD};
    struct failure why = {0};
    const bool back = called_effect(i->v) & E_BACK ||
                      (name && !i->callee && claims_external(name) && claims_calls_back(name));
    if (back && !prove(i, &held, &why))
        say(i->v, "a function that calls back may end the transaction", &why);
    for (unsigned k = 0; k < LLVMGetNumArgOperands(i->v); k++)
        check_argument(i, k, name);
}

void check_access(struct ins *i)
{
    LLVMValueRef p, value;
    switch (i->op) {
    case LLVMLoad:
        p = LLVMGetOperand(i->v, 0);
        if (is_shared(p))
            check(i, p, size_of(LLVMTypeOf(i->v)), NULL, false, LLVMGetAlignment(i->v));
        break;
    case LLVMStore:
        value = LLVMGetOperand(i->v, 0);
        p = LLVMGetOperand(i->v, 1);
        if (is_shared(p))
            check(i, p, size_of(LLVMTypeOf(value)), NULL, true, LLVMGetAlignment(i->v));
        else if (LLVMGetOrdering(i->v) == LLVMAtomicOrderingNotAtomic && is_raw_variable(p))
            check_turned(i, "this write to raw memory is not told to the runtime");
        if (is_resolved(value))
            say(i->v, "a real address is stored", NULL);
        break;
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        p = LLVMGetOperand(i->v, 0);
        if (is_shared(p))
            check(i, p, size_of(LLVMTypeOf(LLVMGetOperand(i->v, 1))), NULL, true, 16);
        break;
    case LLVMRet:
        if (LLVMGetNumOperands(i->v) && is_resolved(LLVMGetOperand(i->v, 0)))
            say(i->v, "a real address is returned", NULL);
        break;
    case LLVMCall:
    case LLVMInvoke:
    case LLVMCallBr:
        check_call(i);
        break;
    default:
        break;
    }
}
