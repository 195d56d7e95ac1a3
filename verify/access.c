/* access.c - what has to be proven: at each access through address space 256, or at a real address, that it
 * is covered; of each real address, that it is used in the transaction in which it was resolved, and leaves
 * the function in no way but to untranslated code; of each pointer given to untranslated code, that it is
 * no reference, and of what is written there, that it may be; of each call of what cannot be undone, that the
 * transaction is inevitable; of each write to a variable outside of transactional memory, by whatever, that
 * the runtime is told before. */
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

/* Does p compute a place in a variable outside of transactional memory, or a thread-local one?  The runtime
 * must be told before it is written, by stm_raw_wr, which returns the place. */
static bool is_raw_variable(LLVMValueRef p, unsigned depth)
{
    size_t n;
    for (;;) {
        LLVMOpcode op = opcode_of(p);
        if (op != LLVMGetElementPtr && op != LLVMBitCast && op != LLVMIntToPtr && op != LLVMPtrToInt &&
            op != LLVMFreeze && !calls_like(p, "llvm.threadlocal.address"))
            break;
        p = LLVMGetOperand(p, 0);
    }
    bool any = false;
    if (depth && (LLVMIsAPHINode(p) || LLVMIsASelectInst(p)))
        for (int k = !!LLVMIsASelectInst(p); k < LLVMGetNumOperands(p) && !any; k++)
            any = is_raw_variable(LLVMGetOperand(p, (unsigned)k), depth - 1);
    p = LLVMIsAGlobalAlias(p) ? program_definition(p) : p;
    const char *section = LLVMIsAGlobalVariable(p) ? LLVMGetSection(p) : NULL;
    return any || (LLVMIsAGlobalVariable(p) && !(section && !strncmp(section, "ungil_", 6)) &&
                   !claims_has("untold", LLVMGetValueName2(p, &n)));
}

/* Something is done there that needs an inevitable transaction, or none. */
static void check_turned(const struct ins *i, const char *what)
{
    struct key turned = {.ask = INEVITABLE};
    struct failure why = {0};
    if (!prove(i, &turned, &why))
        say(i->v, what, &why);
}

/* The write by i to size bytes at p, or to as many as `length` says, wherever that is. */
static void check_write(const struct ins *i, LLVMValueRef p, uint64_t size, LLVMValueRef length,
                        unsigned align)
{
    enum { CHOICES = 4 };
    int64_t n;
    if (is_shared(p))
        check(i, p, size, length, true, align);
    else if (!(length && term_is_const(term_of(length), &n) && !n) && is_raw_variable(p, CHOICES))
        check_turned(i, "this write to raw memory is not told to the runtime");
}

static LLVMTypeRef byval_type(LLVMValueRef call, unsigned k)
{
    LLVMAttributeRef a = LLVMGetCallSiteEnumAttribute(call, (LLVMAttributeIndex)(k + 1),
                                                      LLVMGetEnumAttributeKindForName("byval", 5));
    return a ? LLVMGetTypeAttributeValue(a) : NULL;
}

/* What the format, a literal or one of several, does with the argument number `at` behind it: the letter, if
 * there are several, 'n' first; 0: not known. */
static char conversion(LLVMValueRef format, unsigned at, unsigned depth)
{
    char found = 0;
    if (depth && (LLVMIsAPHINode(format) || LLVMIsASelectInst(format))) {
        for (int k = !!LLVMIsASelectInst(format), first = k; k < LLVMGetNumOperands(format); k++) {
            char c = conversion(LLVMGetOperand(format, (unsigned)k), at, depth - 1);
            found = (char)(c == 'n' || found == 'n' ? 'n' : k == first || c == found ? c : 0);
        }
        return found;
    }
    LLVMValueRef text = LLVMIsAGlobalVariable(format) ? LLVMGetInitializer(format) : NULL;
    if (!text || !LLVMIsGlobalConstant(format) || !LLVMIsAConstantDataSequential(text))
        return 0;
    bool inside = false, width = false;       /* of a conversion; behind its '*' */
    unsigned next = 0, number = 0, which = 0; /* arguments, from 1 on; which: 0: the next one */
    for (unsigned j = 0; j < LLVMGetArrayLength(LLVMTypeOf(text)); j++) {
        unsigned long long c = LLVMConstIntGetZExtValue(LLVMGetAggregateElement(text, j));
        if (!c)
            break;
        if (!inside || c == '%') {
            inside = !inside && c == '%';
            width = false;
            number = which = 0;
            continue;
        }
        number = c >= '0' && c <= '9' ? number * 10 + (unsigned)(c - '0') : number;
        if (c == '$' && !width)
            which = number;
        bool modifies = c < 128 && strchr("-+ #'0123456789.hlLqjztI$", (int)c), star = c == '*';
        width = star || (width && c != '$');
        if (c < '0' || c > '9')
            number = 0;
        inside = modifies || star;
        if (!modifies && c != 'm' && (which && !star ? which : ++next) == at + 1 && (!found || c == 'n'))
            found = (char)c;
    }
    return found;
}

/* What becomes of argument k of the call, of a function of that name: the table's letter, and of what a
 * format is about, 'r', 'w' or 'p'; 0: not known. */
static char treatment(LLVMValueRef call, unsigned k, const char *name)
{
    enum { CHOICES = 4 };
    int format = claims_format(name);
    if (format < 0 || (int)k <= format)
        return claims_argument(name, k);
    char c = conversion(LLVMGetOperand(call, (unsigned)format), k - (unsigned)format - 1, CHOICES);
    return (char)(c == 'p' ? 'p' : c == 'n' ? 'w' : 'r');
}

/* Is an argument of the call but number k a real address? */
static bool gets_another(LLVMValueRef call, unsigned k)
{
    bool any = false;
    for (unsigned j = 0; j < LLVMGetNumArgOperands(call) && !any; j++)
        any = j != k && is_resolved(LLVMGetOperand(call, j));
    return any;
}

/* The real address arg is argument k of the call x. `outside`: not of a translated function. */
static void check_real_argument(const struct ins *x, unsigned k, bool outside, bool written)
{
    LLVMValueRef arg = LLVMGetOperand(x->v, k);
    LLVMTypeRef byval = byval_type(x->v, k);
    if (byval || (outside && is_pointer(arg)))
        check(x, arg,
              byval                            ? size_of(byval)
              : written && returns_twice(x->v) ? sizeof(jmp_buf)
                                               : 0,
              NULL, written, 16);
    else if (x->mark && strcmp(x->mark->name, "stm_v_back") != 0)
        say(x->v, "a real address is taken for a reference", NULL);
    else if (!outside && !x->mark && !LLVMIsAInlineAsm(LLVMGetCalledValue(x->v)))
        say(x->v, "a real address is given to translated code", NULL);
}

/* Argument k of the call x of a function of that name, if it has one. */
static void check_argument(const struct ins *x, unsigned k, const char *name)
{
    LLVMValueRef arg = LLVMGetOperand(x->v, k);
    bool library = name && (x->mark || calls_outside(x->v));
    char as = (char)(library ? treatment(x->v, k, name) : 0);
    bool outside = library && (!x->mark || (as && strchr("rwp", as))), written = as == 'w' || as == 'e';
    if (as == 'e' && gets_another(x->v, k) && !LLVMIsAConstantPointerNull(arg) &&
        !is_put_back(x, place_of_pointer(arg)))
        say(x->v, "an address in what the function was given stays where it stores it", NULL);
    if (is_resolved(arg))
        check_real_argument(x, k, outside, written);
    else if (is_pointer(arg) && outside && written)
        check_write(x, arg, 0, NULL, 16);
    if (is_resolved(arg) || !is_pointer(arg) || !outside || (as && strchr("-uep", as)))
        return;
    LLVMValueRef base = term_base(term_of(arg));
    const char *section = base && LLVMIsAGlobalVariable(base) ? LLVMGetSection(base) : NULL;
    if ((section && (!strcmp(section, "ungil_data") || !strcmp(section, "ungil_const"))) ||
        (base && called_effect(base) & E_FRESH))
        say(x->v, "a reference is given to untranslated code, and not its real address", NULL);
}

static const char undoable[] = "what cannot be undone is done by a transaction that may be aborted";

/* An instruction of the target's that gets an address may do anything there, but to a local variable: that,
 * and what controls floating point, is put back. */
static bool takes_pointer(LLVMValueRef call)
{
    bool any = false;
    for (unsigned k = 0; k < LLVMGetNumArgOperands(call) && !any; k++) {
        LLVMValueRef arg = LLVMGetOperand(call, k), base = is_pointer(arg) ? term_base(term_of(arg)) : NULL;
        any = is_pointer(arg) && !(base && LLVMIsAAllocaInst(base));
    }
    return any;
}

/* Assembly with operands does what nobody knows. */
static bool is_assembly(LLVMValueRef call)
{
    return LLVMIsAInlineAsm(LLVMGetCalledValue(call)) &&
           (LLVMGetNumArgOperands(call) || LLVMGetTypeKind(LLVMTypeOf(call)) != LLVMVoidTypeKind);
}

/* An intrinsic function, such as one that stores some elements of a vector: LLVM says whether it reads, or
 * writes, where its arguments lead. */
static void check_intrinsic(const struct ins *i, const char *name)
{
    enum { READS = 1, WRITES = 2 };
    LLVMAttributeRef a =
        LLVMGetEnumAttributeAtIndex(LLVMGetCalledValue(i->v), (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                    LLVMGetEnumAttributeKindForName("memory", 6));
    uint64_t does = a ? LLVMGetEnumAttributeValue(a) & (READS | WRITES) : 0;
    if (!strncmp(name, "llvm.lifetime.", 14) || !strncmp(name, "llvm.prefetch", 13))
        return;
    for (unsigned k = 0; does && k < LLVMGetNumArgOperands(i->v); k++) {
        LLVMValueRef p = LLVMGetOperand(i->v, k);
        if (is_pointer(p) && does & WRITES)
            check_write(i, p, 0, NULL, 1);
        else if (is_pointer(p) && is_shared(p))
            check(i, p, 0, NULL, false, 1);
    }
}

static void check_call(const struct ins *i)
{
    const char *name = called_name(i->v);
    if (name && !strncmp(name, "llvm.mem", 8) && LLVMGetNumArgOperands(i->v) >= 3) {
        LLVMValueRef to = LLVMGetOperand(i->v, 0), from = LLVMGetOperand(i->v, 1),
                     length = LLVMGetOperand(i->v, 2);
        check_write(i, to, 0, length, 16);
        if (strncmp(name, "llvm.memset", 11) && is_shared(from))
            check(i, from, 0, length, false, 16);
        return;
    }
    if (name && !strncmp(name, "llvm.x86.", 9) && takes_pointer(i->v))
        check_turned(i, undoable);
    if (name && !strncmp(name, "llvm.", 5)) {
        check_intrinsic(i, name);
        return;
    }
    if (name && !strcmp(name, "stm_v_asked"))
        check_turned(i, "the transaction may be aborted where the program asks that it is not");
    bool thrown = name && !strcmp(name, "abort") && i->b->ins->op == LLVMLandingPad; /* the compiler's own */
    if (name ? !i->callee && claims_irreversible(name) && !thrown : is_assembly(i->v))
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

/* Two values, of which one is a real address, are compared or subtracted: the other is one, or no address. */
static void check_pair(const struct ins *i)
{
    LLVMValueRef a = LLVMGetOperand(i->v, 0), b = LLVMGetOperand(i->v, 1);
    if (is_resolved(a) != is_resolved(b) && !LLVMIsAConstantInt(a) && !LLVMIsAConstantInt(b) &&
        !LLVMIsAConstantPointerNull(a) && !LLVMIsAConstantPointerNull(b))
        say(i->v, "a real address is taken for a reference", NULL);
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
        if (is_shared(p) || LLVMGetOrdering(i->v) == LLVMAtomicOrderingNotAtomic)
            check_write(i, p, size_of(LLVMTypeOf(value)), NULL, LLVMGetAlignment(i->v));
        if (is_resolved(value))
            say(i->v, "a real address is stored", NULL);
        break;
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        p = LLVMGetOperand(i->v, 0);
        if (is_shared(p))
            check(i, p, size_of(LLVMTypeOf(LLVMGetOperand(i->v, 1))), NULL, true, 16);
        break;
    case LLVMICmp:
    case LLVMSub:
        check_pair(i);
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
