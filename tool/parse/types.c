/* types.c - what the translator must know of C types, copied out of libclang once for each canonical type. */
#include "parse/clang.h"

#include <stdlib.h>
#include <string.h>

/* Types whose variables are the system's business: they stay in raw memory (annotations.md R14). */
static bool is_opaque_system(const char *s)
{
    static const char *const names[] = {
        "pthread_mutex_t",
        "pthread_cond_t",
        "pthread_rwlock_t",
        "pthread_spinlock_t",
        "pthread_barrier_t",
        "pthread_once_t",
        "pthread_attr_t",
        "pthread_mutexattr_t",
        "pthread_condattr_t",
        "pthread_t",
        "sem_t",
        "mtx_t",
        "cnd_t",
        "once_flag",
        "struct _IO_FILE",
        "struct __jmp_buf_tag",
        "struct __pthread_cond_s",
        "struct sigaction",
        "sigset_t",
    };
    if (!strncmp(s, "const ", 6))
        s += 6;
    if (!strncmp(s, "union ", 6)) /* pthread_attr_t is one by that tag */
        s += 6;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (!strncmp(s, names[i], n) && !strchr("_abcdefghijklmnopqrstuvwxyz", s[n] ? s[n] : '*') &&
            !strchr(s, '*'))
            return true;
    }
    return false;
}

/* Is t, or what it is an array of, declared by the system? */
static bool is_system_type(CXType t)
{
    while (t.kind == CXType_ConstantArray || t.kind == CXType_IncompleteArray ||
           t.kind == CXType_VariableArray)
        t = clang_getArrayElementType(t);
    return clang_Location_isInSystemHeader(clang_getCursorLocation(clang_getTypeDeclaration(t)));
}

static bool is_system_data(const char *s)
{
    return strstr(s, "struct __jmp_buf_tag") || strstr(s, "struct sigaction") || strstr(s, "sigset_t");
}

/* Where the bracket before `end`, a closing one, was opened. */
static const char *opened(const char *start, const char *end)
{
    int depth = 0;
    while (end-- > start)
        if (!(depth += (*end == ')') - (*end == '(')))
            return end;
    return NULL;
}

/* clang puts a function's attributes behind its parameters, where a type name can have none: those of
 * `void (*)(int) __attribute__((noreturn))` go before the asterisk. */
const char *cx_type_name(struct unit *u, CXType t)
{
    static const char word[] = " __attribute__((";
    const char *s = cx_text(u, clang_getTypeSpelling(t));
    for (const char *at = s; (at = strstr(at, word));) {
        const char *params = at > s && at[-1] == ')' ? opened(s, at) : NULL, *before = params,
                   *end = strstr(at, "))");
        while (before && before > s && before[-1] == ' ')
            before--;
        const char *group = before && before > s && before[-1] == ')' ? opened(s, before) : NULL,
                   *to = group                      ? group + 1
                         : params == strchr(s, '(') ? s
                                                    : NULL;
        if (!params || !end || !to) {
            at++;
            continue;
        }
        bool gone =
            u->src.for_gcc && strstr(at, "noreturn") && strstr(at, "noreturn") < end; /* gcc has none */
        s = arena_printf(&u->arena, "%.*s%.*s%s%.*s%s", (int)(to - s), s,
                         gone ? 0 : (int)(end + 2 - (at + 1)), at + 1, gone ? "" : " ", (int)(at - to), to,
                         end + 2);
        at = s;
    }
    return s;
}

static bool record_is_object(struct unit *u, CXCursor def)
{
    struct cx *x = u->cx;
    return cx_annotation(u, def, "stm_object") ||
           map_get(&x->object_records, (uint64_t)(uintptr_t)def.data[0]);
}

long type_alignment(CXType sugared)
{
    CXType c = clang_getCanonicalType(sugared);
    if (c.kind == CXType_Unexposed || c.kind == CXType_Void || c.kind == CXType_FunctionProto ||
        c.kind == CXType_FunctionNoProto)
        return 0;
    long align = (long)clang_Type_getAlignOf(sugared);
    return align > 0 ? align : 0;
}

bool type_is_address(struct unit *u, CXType t)
{
    for (;;) {
        CXCursor d = clang_getTypeDeclaration(t);
        const char *name;
        switch (t.kind) {
        case CXType_Elaborated:
            t = clang_Type_getNamedType(t);
            break;
        case CXType_Typedef:
            name = cx_text(u, clang_getCursorSpelling(d));
            if (!strcmp(name, "uintptr_t") || !strcmp(name, "intptr_t") || cx_annotation(u, d, "stm_tagged"))
                return true;
            t = clang_getTypedefDeclUnderlyingType(d);
            break;
        case CXType_ConstantArray:
        case CXType_IncompleteArray:
        case CXType_VariableArray:
            t = clang_getArrayElementType(t);
            break;
        case CXType_Atomic:
            t = clang_Type_getValueType(t);
            break;
        case CXType_Attributed:
            t = clang_Type_getModifiedType(t);
            break;
        default:
            return false;
        }
    }
}

/* libclang does not know _BitInt.  Of the width N it is, on x86-64, as the next larger integer; above 64, an
 * array of words. */
static void bit_precise(struct type *t)
{
    const char *at = strstr(t->spelling, "_BitInt(");
    if (!at || strpbrk(at + strlen("_BitInt("), "(*[") || strchr(t->spelling, '(') != at + strlen("_BitInt"))
        return;
    long bits = atol(at + strlen("_BitInt("));
    t->kind = T_SCALAR;
    t->is_bitint = true;
    t->size = 1;
    while (t->size < 8 && 8 * t->size < bits)
        t->size *= 2;
    t->align = t->size;
    if (bits > 64)
        t->size = (bits + 63) / 64 * 8;
    t->is_integer = bits == 8 * t->size;
}

struct type *type_of(struct unit *u, CXType t)
{
    struct cx *x = u->cx;
    const char *sugar = NULL;
    if (t.kind == CXType_Typedef || t.kind == CXType_Elaborated || t.kind == CXType_ConstantArray) {
        sugar = cx_text(u, clang_getTypeSpelling(t));
        if (!is_opaque_system(sugar) || !is_system_type(t))
            sugar = NULL;
    }
    CXType c = clang_getCanonicalType(t);
    uint64_t key =
        (uint64_t)(uintptr_t)c.data[0] | (sugar ? 1ull << 63 : 0); /* its low bits are qualifiers */
    struct type *r = map_get(&x->types, key);
    if (r)
        return r;
    r = arena_alloc(&u->arena, sizeof *r);
    map_put(&x->types, key, r);
    bool sized =
        c.kind != CXType_Unexposed; /* the type of a built-in function's name: libclang crashes if asked */
    r->size = sized ? (long)clang_Type_getSizeOf(c) : -1;
    r->align = sized ? (long)clang_Type_getAlignOf(c) : -1;
    if (r->size < 0)
        r->size = -1;
    r->is_const = clang_isConstQualifiedType(c);
    r->is_volatile = clang_isVolatileQualifiedType(c);
    r->spelling = cx_type_name(u, c);
    r->unnamed = strstr(r->spelling, "(unnamed") || strstr(r->spelling, "(anonymous");
    r->opaque_system = sugar || (is_opaque_system(r->spelling) && is_system_type(c));
    r->system_data = r->opaque_system && is_system_data(sugar ? sugar : r->spelling);
    CXType *keep = arena_alloc(&u->arena, sizeof *keep);
    *keep = c;
    r->cx = keep;
    switch (c.kind) {
    case CXType_Void:
        r->kind = T_VOID;
        break;
    case CXType_Pointer:
    case CXType_BlockPointer:
        r->kind = T_POINTER;
        r->elem = type_of(u, clang_getPointeeType(c));
        break;
    case CXType_ConstantArray:
    case CXType_IncompleteArray:
    case CXType_VariableArray:
        r->kind = T_ARRAY;
        r->elem = type_of(u, clang_getArrayElementType(c));
        r->count = c.kind == CXType_ConstantArray ? (long)clang_getArraySize(c) : -1;
        r->is_vla = c.kind == CXType_VariableArray || r->elem->is_vla;
        r->is_const |= r->elem->is_const;
        r->opaque_system |= r->elem->opaque_system;
        r->unnamed |= r->elem->unnamed;
        break;
    case CXType_Record: {
        CXCursor d = clang_getTypeDeclaration(c), def = clang_getCursorDefinition(d);
        r->kind = T_RECORD;
        if (clang_Cursor_isNull(def))
            def = d;
        r->is_object = record_is_object(u, def);
        r->is_union = clang_getCursorKind(def) == CXCursor_UnionDecl;
        r->tag = cx_text(u, clang_getCursorSpelling(def));
        r->id = def.data[0];
        ptr_push(&u->records, &u->nrecords, &u->caprecords, r);
        break;
    }
    case CXType_FunctionNoProto:
    case CXType_FunctionProto:
        r->kind = T_FUNC;
        r->elem = type_of(u, clang_getResultType(c));
        r->prototype = c.kind == CXType_FunctionProto;
        r->variadic = c.kind == CXType_FunctionProto && clang_isFunctionTypeVariadic(c);
        r->nparams = r->prototype ? (unsigned)clang_getNumArgTypes(c) : 0;
        r->params = arena_alloc(&u->arena, (r->nparams + 1) * sizeof *r->params);
        for (unsigned i = 0; i < r->nparams; i++)
            r->params[i] = type_of(u, clang_getArgType(c, i));
        break;
    case CXType_Atomic:
        *r = *type_of(u, clang_Type_getValueType(c));
        r->is_atomic = true;
        r->cx = keep;
        break;
    case CXType_Vector:
    case CXType_ExtVector:
    case CXType_Complex:
        r->kind = T_SCALAR;
        break;
    default:
        r->is_double = c.kind == CXType_Double;
        r->kind = c.kind > CXType_Void && c.kind <= CXType_LastBuiltin ? T_SCALAR
                  : c.kind == CXType_Enum                              ? T_SCALAR
                                                                       : T_OTHER;
        r->is_integer = (c.kind >= CXType_Bool && c.kind <= CXType_Int128) || c.kind == CXType_Enum;
        if (!sized)
            bit_precise(r);
    }
    return r;
}

struct type *type_decayed(struct unit *u, struct type *t)
{
    if (t->kind != T_ARRAY && t->kind != T_FUNC)
        return t;
    if (t->decayed)
        return t->decayed;
    struct type *r = t->decayed = arena_alloc(&u->arena, sizeof *r), *to = t->kind == T_ARRAY ? t->elem : t;
    r->kind = T_POINTER;
    r->size = r->align = (long)sizeof(void *);
    r->elem = to;
    r->spelling = arena_printf(&u->arena, "%s *", to->spelling);
    r->unnamed = to->unnamed || to->kind == T_ARRAY || to->kind == T_FUNC || strpbrk(to->spelling, "([");
    return r;
}
