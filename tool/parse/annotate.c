/* annotate.c - the annotations of ungil.h, which reach us as annotate attributes: read here, and rejected
 * where they mean nothing.  Objects by value where they cannot be (annotations.md R10) are found at the
 * members' declarations. */
#include "parse/clang.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "source/diag.h"

enum target {
    ON_VAR = 1,
    ON_PARAM = 2,
    ON_FIELD = 4,
    ON_FUNC = 8,
    ON_RECORD = 16,
    ON_TYPEDEF = 32,
    ON_ENUM = 64
};

enum { NO_FLAG = -1 };

static const struct annotation {
    const char *name, *word; /* as the attribute says it, as the user does */
    unsigned targets;
    const char *hint;
    int flag; /* offset of a bool in struct decl */
} annotations[] = {
#define FLAG(f) (int)offsetof(struct decl, f)
    {"stm_object", "STM_OBJECT", ON_RECORD | ON_TYPEDEF, "put it on a struct, a union, or a typedef of one",
     NO_FLAG},
    {"stm_tagged", "STM_TAGGED", ON_TYPEDEF, "put it on the typedef of the tagged value", NO_FLAG},
    {"stm_ref", "STM_REF", ON_VAR | ON_PARAM | ON_FIELD,
     "put it on a variable, a parameter or a field of pointer type", FLAG(ref)},
    {"stm_raw", "STM_RAW", ON_VAR | ON_PARAM | ON_FIELD, "put it on a variable, a parameter or a field",
     FLAG(raw)},
    {"stm_immutable", "STM_IMMUTABLE", ON_FIELD, "put it on a field", FLAG(immutable)},
    {"stm_checked_store", "STM_CHECKED_STORE", ON_FIELD, "put it on a field", FLAG(checked_store)},
    {"stm_per_thread", "STM_PER_THREAD", ON_FIELD,
     "put it on a field of the struct that holds the interpreter's state", FLAG(per_thread)},
    {"stm_private_stack", "STM_PRIVATE_STACK", ON_VAR | ON_PARAM | ON_FIELD,
     "put it on a pointer into the stack", FLAG(private_stack)},
    {"stm_private_top", "STM_PRIVATE_TOP", ON_VAR | ON_FIELD,
     "put it on the pointer whose address stm_private_stack is given", FLAG(private_top)},
    {"stm_drop", "STM_DROP", ON_VAR | ON_FIELD | ON_FUNC, "put it on a variable, a field or a function",
     FLAG(drop)},
    {"stm_no_safepoint", "STM_NO_SAFEPOINT", ON_FUNC, "put it on a function", FLAG(no_safepoint)},
    {"stm_transaction_pure", "STM_TRANSACTION_PURE", ON_FUNC, "put it on a function", FLAG(pure)},
    {"stm_transaction_safe", "STM_TRANSACTION_SAFE", ON_FUNC, "put it on a function", FLAG(safe)},
    {"stm_irreversible", "STM_IRREVERSIBLE", ON_FUNC, "put it on a function", FLAG(irreversible)},
    {"stm_alloc_fn", "STM_ALLOC_FN", ON_FUNC, "put it on a function that returns a pointer", NO_FLAG},
    {"stm_realloc_fn", "STM_REALLOC_FN", ON_FUNC, "put it on a function that returns a pointer", NO_FLAG},
};

static const struct annotation *annotation_find(const char *s)
{
    size_t n = strcspn(s, ":");
    for (unsigned i = 0; i < sizeof annotations / sizeof *annotations; i++)
        if (strlen(annotations[i].name) == n && !strncmp(annotations[i].name, s, n))
            return &annotations[i];
    return NULL;
}

/* The annotation of attribute `attr` on c, checked for its place; null if there is none (any more). */
static const struct annotation *read_annotation(struct unit *u, CXCursor attr, CXCursor c, enum target target,
                                                const char **text)
{
    if (clang_getCursorKind(attr) != CXCursor_AnnotateAttr)
        return NULL;
    const char *s = *text = cx_text(u, clang_getCursorSpelling(attr)),
               *name = cx_text(u, clang_getCursorSpelling(c));
    if (strncmp(s, "stm_", 4))
        return NULL;
    size_t at = cx_offset(clang_getCursorLocation(c), NULL);
    const struct annotation *a = annotation_find(s);
    if (!a)
        diag(&u->src, at, DIAG_ERROR, "the annotations are listed in ungil.h",
             "unknown annotation '%s' on '%s'", s, name);
    else if (!(a->targets & target))
        diag(&u->src, at, DIAG_ERROR, a->hint, "%s means nothing on '%s'", a->word, name);
    else
        return a;
    return NULL;
}

/* `(name)`, behind the word cleanup. */
static void read_cleanup(struct unit *u, struct decl *d, const char *s)
{
    s += strspn(s, "( \t\n");
    size_t n = strcspn(s, ") \t\n");
    d->cleanup = arena_strn(&u->arena, s, n);
    d->cleanup_fn = map_get(&u->functions, hash_bytes(s, n) | 1);
    d->addr_taken = true;
    if (d->cleanup_fn)
        d->cleanup_fn->is_cleanup = true;
}

static void add_alias(struct unit *u, struct decl *d, const char *target)
{
    if (u->naliases == u->capaliases)
        u->aliases = xrealloc(u->aliases, (u->capaliases = u->capaliases * 2 + 8) * sizeof *u->aliases);
    u->aliases[u->naliases++] = (struct alias){d, target, false};
}

static void other_attribute(struct unit *u, struct decl *d, CXCursor attr)
{
    static const char *const cleanup[] = {"cleanup"}, *const noreturn[] = {"noreturn", "_Noreturn"},
                             *const second[] = {"alias", "weak", "weakref", "ifunc", "common"};
    const char *s = u->src.text + cx_offset(clang_getRangeStart(clang_getCursorExtent(attr)), NULL);
    s += !strncmp(s, "gnu::", 5) ? 5 : !strncmp(s, "__gnu__::", 9) ? 9 : 0;
    if (!strncmp(s, "__", 2)) /* both spellings */
        s += 2;
    for (unsigned i = 0; i < sizeof cleanup / sizeof *cleanup; i++)
        if (!strncmp(s, cleanup[i], strlen(cleanup[i])) && d->kind == D_VAR)
            read_cleanup(u, d, s + strlen(cleanup[i]));
    for (unsigned i = 0; i < sizeof noreturn / sizeof *noreturn; i++)
        d->noreturn |= !strncmp(s, noreturn[i], strlen(noreturn[i]));
    for (unsigned i = 0; i < sizeof second / sizeof *second; i++)
        d->second_name |= !strncmp(s, second[i], strlen(second[i]));
    d->in_section |= !strncmp(s, "section", 7);
    const char *target = !strncmp(s, "alias", 5) ? s + strcspn(s, "\"") : "";
    if (*target)
        add_alias(u, d, arena_strn(&u->arena, target + 1, strcspn(target + 1, "\"")));
}

/* STM_RAW where the type says the contrary.  (Of structs: check_raw_record.) */
static void check_raw(struct unit *u, const struct decl *d, size_t at)
{
    const struct type *t = element_type(d->type);
    if (t->kind == T_POINTER && t->elem->is_object)
        diag(&u->src, at, DIAG_ERROR, "take STM_RAW away: what leads to an object is always a reference",
             "STM_RAW on '%s', a pointer to the STM_OBJECT type '%s'", d->name, t->elem->spelling);
}

/* STM_REF where the type, or another annotation, says the contrary. */
static void check_ref(struct unit *u, const struct decl *d, size_t at)
{
    const struct type *t = element_type(d->type);
    if (t->kind == T_POINTER && t->elem->kind == T_FUNC)
        diag(&u->src, at, DIAG_ERROR, "take STM_REF away: functions are not in the heap",
             "STM_REF on '%s', a pointer to a function", d->name);
}

static void check_pointer(struct unit *u, const struct decl *d, const struct annotation *a, size_t at)
{
    bool any = a->flag == FLAG(raw) && d->kind != D_PARAM; /* STM_RAW on any variable: it stays where it is */
    if (element_type(d->type)->kind != T_POINTER && !any)
        diag(&u->src, at, DIAG_ERROR, a->hint, "%s on '%s', which is no pointer", a->word, d->name);
    else if (a->flag == FLAG(raw))
        check_raw(u, d, at);
    else
        check_ref(u, d, at);
}

/* STM_PER_THREAD: the thread's copy of the field gets its name. */
static void check_per_thread(struct unit *u, struct decl *d, CXCursor c, size_t at)
{
    CXCursor record = clang_getCursorSemanticParent(c);
    const struct type *t = type_of(u, clang_getCursorType(record));
    const char *type = cx_text(u, clang_getTypeSpelling(clang_getCursorType(record))), *tag = type;
    const char *wrong = NULL;
    if (!strncmp(tag, "struct ", 7))
        tag += 7;
    if (t->is_union)
        wrong = "in a union";
    else if (t->is_object)
        wrong = "in an STM_OBJECT type, of which there may be many";
    else if (clang_Cursor_isBitField(c))
        wrong = "on a bit-field";
    else if (strchr(type, '('))
        wrong = "in a struct without a name";
    else if (clang_getCursorKind(clang_getCursorSemanticParent(record)) == CXCursor_FunctionDecl)
        wrong = "in a struct that is declared in a function";
    else if (d->type->size < 0)
        wrong = "on a field without a size";
    else if (d->type->is_object)
        wrong = "on an STM_OBJECT by value";
    if (wrong) {
        diag(&u->src, at, DIAG_ERROR,
             "put it on a plain field of the one struct that holds the interpreter's state",
             "STM_PER_THREAD %s ('%s')", wrong, d->name);
        d->per_thread = false;
        return;
    }
    d->record_type = type;
    d->thread_copy = arena_printf(&u->arena, "stm_field_%zu%s_%s", strlen(tag), tag, d->name);
}

/* The runtime puts the top of a private stack back itself, wherever it is; but only its own thread may reach
 * it. */
static void check_private(struct unit *u, struct decl *d, size_t at)
{
    const char *word = d->private_top ? "STM_PRIVATE_TOP" : "STM_PRIVATE_STACK";
    if (d->type->kind != T_POINTER)
        diag(&u->src, at, DIAG_ERROR, "put it on a pointer into the stack", "%s on '%s', which is no pointer",
             word, d->name);
    else if (d->type->elem->is_object)
        diag(&u->src, at, DIAG_ERROR, "objects are in the heap; a stack holds pointers to them",
             "%s on '%s', a pointer to the STM_OBJECT type '%s'", word, d->name, d->type->elem->spelling);
    else if (d->private_top && !(d->kind == D_FIELD ? d->per_thread : d->storage == ST_THREAD))
        diag(&u->src, at, DIAG_ERROR, "make it STM_THREAD_LOCAL, or a field STM_PER_THREAD",
             "STM_PRIVATE_TOP on '%s', which is not the thread's own", d->name);
    else
        return;
    d->private_stack = d->private_top = false;
}

void annotate_decl(struct unit *u, struct decl *d, CXCursor c)
{
    static const enum target targets[] = {
        [D_VAR] = ON_VAR, [D_PARAM] = ON_PARAM, [D_FIELD] = ON_FIELD, [D_FUNC] = ON_FUNC};
    if (d->kind > D_FUNC)
        return;
    struct cursors k = cx_children(c);
    size_t at = cx_offset(clang_getCursorLocation(c), NULL);
    for (unsigned i = 0; i < k.n; i++) {
        const char *s;
        if (clang_getCursorKind(k.v[i]) == CXCursor_UnexposedAttr)
            other_attribute(u, d, k.v[i]);
        d->second_name |= clang_getCursorKind(k.v[i]) == CXCursor_AsmLabelAttr;
        const struct annotation *a = read_annotation(u, k.v[i], c, targets[d->kind], &s);
        if (!a)
            continue;
        if (a->flag != NO_FLAG) {
            *((bool *)d + a->flag) = true;
            if (a->flag == FLAG(ref) || a->flag == FLAG(raw))
                check_pointer(u, d, a, at);
            else if (a->flag == FLAG(per_thread))
                check_per_thread(u, d, c, at);
            continue;
        }
        if (d->type->kind == T_FUNC && d->type->elem->kind != T_POINTER)
            diag(&u->src, at, DIAG_ERROR, a->hint, "%s on '%s', which returns no pointer", a->word, d->name);
        char *arg = arena_strn(&u->arena, s, strlen(s)), *q = strchr(arg, ':');
        d->alloc_size = q ? q + 1 : "";
        if (a->name[4] == 'r' && (q = strchr(d->alloc_size, ':'))) {
            *q = 0;
            d->realloc_ptr = d->alloc_size;
            d->alloc_size = q + 1;
        }
    }
    free(k.v);
    d->private_stack |= d->private_top;
    if (d->ref && (d->raw || d->private_stack))
        diag(&u->src, at, DIAG_ERROR, "it is one or the other", "STM_REF and %s on '%s'",
             d->raw ? "STM_RAW" : "STM_PRIVATE_STACK", d->name);
    if (d->private_stack)
        check_private(u, d, at);
}

/* ---- types ---- */

static void tagged(struct unit *u, CXCursor c, const char *s, const char *name)
{
    CXType t = clang_getCanonicalType(clang_getTypedefDeclUnderlyingType(c));
    size_t at = cx_offset(clang_getCursorLocation(c), NULL);
    char *e1, *e2 = NULL;
    const char *second = strchr(s, ':');
    struct tagged *v = arena_alloc(&u->arena, (u->ntags + 1) * sizeof *v);
    if (u->ntags)
        memcpy(v, u->tags, u->ntags * sizeof *v);
    v[u->ntags].mask = strtoul(s, &e1, 0);
    v[u->ntags].tag = second ? strtoul(second + 1, &e2, 0) : 0;
    v[u->ntags].name = name;
    if (e1 == s || !second || e2 == second + 1)
        diag(&u->src, at, DIAG_ERROR, "for example STM_TAGGED(0x0000ffffffffffff, 0xfffc000000000000)",
             "STM_TAGGED needs two integer literals, a mask and a tag");
    else if (clang_Type_getSizeOf(t) != (long long)sizeof(void *))
        diag(&u->src, at, DIAG_ERROR,
             "put it on a typedef of a 64-bit integer, a pointer, a double, or a union of these",
             "STM_TAGGED on '%s', which does not have the size of a reference", name);
    u->tags = v;
    u->ntags++;
}

static void annotate_typedef(struct unit *u, CXCursor c)
{
    struct cx *x = u->cx;
    const char *s, *name = cx_text(u, clang_getCursorSpelling(c));
    struct cursors k = cx_children(c);
    for (unsigned i = 0; i < k.n; i++) {
        const struct annotation *a = read_annotation(u, k.v[i], c, ON_TYPEDEF, &s);
        if (!a)
            continue;
        if (!strcmp(a->name, "stm_tagged")) {
            tagged(u, c, s + strcspn(s, ":") + (strchr(s, ':') != NULL), name);
            continue;
        }
        CXType t = clang_getCanonicalType(clang_getTypedefDeclUnderlyingType(c));
        CXCursor decl = clang_getTypeDeclaration(t), def = clang_getCursorDefinition(decl);
        if (t.kind != CXType_Record)
            diag(&u->src, cx_offset(clang_getCursorLocation(c), NULL), DIAG_ERROR, a->hint,
                 "STM_OBJECT on '%s', which is no struct or union", name);
        else
            map_put(&x->object_records, (uint64_t)(uintptr_t)(clang_Cursor_isNull(def) ? decl : def).data[0],
                    x);
    }
    free(k.v);
}

static enum CXChildVisitResult visit_type(CXCursor c, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct unit *u = data;
    enum CXCursorKind kind = clang_getCursorKind(c);
    bool record = kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl, project;
    if (cx_in_system_header(u, clang_getCursorLocation(c), &project) && !project)
        return CXChildVisit_Continue;
    if (kind == CXCursor_TypedefDecl)
        annotate_typedef(u, c);
    if (record || kind == CXCursor_EnumDecl) {
        struct cursors k = cx_children(c);
        const char *s;
        for (unsigned i = 0; i < k.n; i++)
            read_annotation(u, k.v[i], c, record ? ON_RECORD : ON_ENUM, &s);
        free(k.v);
    }
    return record ? CXChildVisit_Recurse : CXChildVisit_Continue;
}

void annotate_types(struct unit *u, CXCursor top)
{
    clang_visitChildren(top, visit_type, u);
}
