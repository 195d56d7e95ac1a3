/* convert.c - from libclang's cursors to our own syntax tree.
 *
 * What libclang's C API hides is worked round here and nowhere else (annotations.md, "What libclang's C API
 * 19 hides"): implicit casts are UnexposedExprs with one child of the same range, and are skipped, so that
 * the tree has exactly the expressions that were written; loads and decays are inferred from context by
 * lowering.  Absent slots of `for` are found by the offsets of its two semicolons; `a ?: b` by its repeated
 * ranges; va_arg, offsetof and __atomic_* by their text. */
#include "parse/clang.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "source/diag.h"

_Static_assert(OP_SUB == (int)CXBinaryOperator_Sub && OP_LAND == (int)CXBinaryOperator_LAnd, "ast/node.h");
_Static_assert(OP_MUL == (int)CXBinaryOperator_Mul && OP_ADD == (int)CXBinaryOperator_Add &&
                   OP_SHL == (int)CXBinaryOperator_Shl && OP_LT == (int)CXBinaryOperator_LT,
               "ast/node.h");
_Static_assert(OP_GT == (int)CXBinaryOperator_GT && OP_LE == (int)CXBinaryOperator_LE &&
                   OP_GE == (int)CXBinaryOperator_GE,
               "ast/node.h");
_Static_assert(OP_NE == (int)CXBinaryOperator_NE && OP_ADD_ASSIGN == (int)CXBinaryOperator_AddAssign,
               "ast/node.h");
_Static_assert(OP_AND == (int)CXBinaryOperator_And && OP_XOR == (int)CXBinaryOperator_Xor &&
                   OP_OR == (int)CXBinaryOperator_Or,
               "ast/node.h");
_Static_assert(OP_SUB_ASSIGN == (int)CXBinaryOperator_SubAssign, "ast/node.h");
_Static_assert(OP_LNOT == (int)CXUnaryOperator_LNot && OP_REAL == (int)CXUnaryOperator_Real &&
                   OP_IMAG == (int)CXUnaryOperator_Imag,
               "ast/node.h");

bool starts_with(const struct unit *u, size_t off, const char *s)
{
    return !strncmp(u->src.text + off, s, strlen(s));
}

/* ---- nodes ---- */

static void add_kid(struct node *n, struct node *kid)
{
    ptr_push(&n->kids, &n->nkids, &n->capkids, kid);
    if (kid)
        kid->parent = n;
}

static struct node *node_new(struct unit *u, CXCursor c, enum node_kind k)
{
    struct node *n = arena_alloc(&u->arena, sizeof *n);
    n->kind = k;
    n->access = -1;
    n->offset = -1;
    cx_range(u, c, n);
    if (clang_isExpression(clang_getCursorKind(c))) {
        CXType t = clang_getCursorType(c);
        n->type = type_of(u, t);
        if (t.kind == CXType_Typedef || t.kind == CXType_Elaborated)
            n->align = type_alignment(t);
        n->type_spelling = cx_type_name(u, t);
    }
    return n;
}

static void conv_kids(struct unit *u, struct node *n, const struct cursors *k)
{
    for (unsigned i = 0; i < k->n; i++) {
        enum CXCursorKind kind = clang_getCursorKind(k->v[i]);
        if (clang_isAttribute(kind) || clang_isReference(kind))
            continue;
        if (clang_isExpression(kind) || clang_isStatement(kind))
            add_kid(n, convert(u, k->v[i]));
    }
}

static struct node *with_kids(struct unit *u, CXCursor c, enum node_kind k, const struct cursors *kids)
{
    struct node *n = node_new(u, c, k);
    conv_kids(u, n, kids);
    return n;
}

/* The last character before `at` that is neither white space nor in a preprocessor line, nor in the words
 * that may stand before a bound; -1: there is none. */
static int before(const struct unit *u, size_t at)
{
    static const char *const words[] = {"static", "const", "volatile", "restrict", "__restrict", "_Atomic"};
    const char *t = u->src.text;
    for (bool again = true; again;) {
        again = false;
        while (at > 0 && strchr(" \t\n", t[at - 1])) {
            size_t line = --at;
            while (line > 0 && t[line - 1] != '\n')
                line--;
            if (t[at] == '\n' && t[line] == '#')
                at = line;
        }
        for (unsigned i = 0; i < sizeof words / sizeof *words && !again; i++) {
            size_t n = strlen(words[i]);
            if (at > n && !strncmp(t + at - n, words[i], n) && strchr("[ \t\n", t[at - n - 1])) {
                at -= n;
                again = true;
            }
        }
    }
    return at > 0 ? (unsigned char)t[at - 1] : -1;
}

/* Bounds of variable-length arrays in a type are evaluated where the type is; a typeof's operand is not. */
void add_bounds(struct unit *u, struct node *n, const struct cursors *k)
{
    for (unsigned i = 0; i < k->n; i++) {
        if (!clang_isExpression(clang_getCursorKind(k->v[i])))
            continue;
        struct node r = {0};
        cx_range(u, k->v[i], &r);
        bool again = n->nkids && n->kids[n->nkids - 1]->begin == r.begin; /* libclang may show it twice */
        if (before(u, r.begin) == '[' && !again)
            add_kid(n, convert(u, k->v[i]));
    }
}

/* Does t, or what it points to, have a size that is computed? */
static bool is_variably_modified(CXType t)
{
    t = clang_getCanonicalType(t);
    while (t.kind == CXType_Pointer || t.kind == CXType_ConstantArray || t.kind == CXType_IncompleteArray)
        t = clang_getCanonicalType(t.kind == CXType_Pointer ? clang_getPointeeType(t)
                                                            : clang_getArrayElementType(t));
    return t.kind == CXType_VariableArray;
}

/* Does n, an operand of typeof, do more than name a place? */
static bool is_event(const struct node *n)
{
    bool event = n->kind == N_CALL || n->kind == N_ASSIGN || n->kind == N_COMPOUND_ASSIGN ||
                 n->kind == N_INCDEC || n->kind == N_ATOMIC || n->kind == N_STMT_EXPR ||
                 ((n->kind == N_MEMBER || n->kind == N_SUBSCRIPT || n->kind == N_DEREF) && n->type &&
                  n->type->kind != T_ARRAY);
    for (unsigned i = 0; i < n->nkids && !event; i++)
        event = n->kids[i] && is_event(n->kids[i]);
    return event;
}

/* The operand of a typeof among the children k of a declaration or cast is evaluated if its type is
 * variably modified, and C has no place to say when. */
static void check_typeof(struct unit *u, const struct cursors *k, CXCursor init)
{
    for (unsigned i = 0; i < k->n; i++) {
        struct node r = {0};
        if (!clang_isExpression(clang_getCursorKind(k->v[i])) || clang_equalCursors(k->v[i], init) ||
            !is_variably_modified(clang_getCursorType(k->v[i])))
            continue;
        cx_range(u, k->v[i], &r);
        if (before(u, r.begin) != '[' && is_event(convert(u, k->v[i])))
            diag(&u->src, r.begin, DIAG_UNSUPPORTED, "evaluate it into a local first",
                 "typeof of an expression that is evaluated, since its type is variably modified");
    }
}

/* What is written with a type and one operand has the children k: the operand is the last expression among
 * them, wherever it stands. */
static CXCursor operand_among(const struct cursors *k)
{
    CXCursor operand = clang_getNullCursor();
    for (unsigned i = 0; i < k->n; i++)
        if (clang_isExpression(clang_getCursorKind(k->v[i])))
            operand = k->v[i];
    return operand;
}

/* The other children of n are its type's: bounds are evaluated, the operand of a typeof is not. */
static void add_type(struct unit *u, struct node *n, const struct cursors *k, CXCursor operand)
{
    struct cursors type = {.v = xrealloc(NULL, (k->n + 1) * sizeof *type.v)};
    for (unsigned i = 0; i < k->n; i++)
        if (!clang_equalCursors(k->v[i], operand))
            type.v[type.n++] = k->v[i];
    add_bounds(u, n, &type);
    check_typeof(u, &type, clang_getNullCursor());
    free(type.v);
}

static bool same_range(CXCursor a, CXCursor b)
{
    return clang_equalRanges(clang_getCursorExtent(a), clang_getCursorExtent(b));
}

static void check_offsetof(struct unit *u, size_t at, const struct cursors *k)
{
    for (unsigned i = 0; i < k->n; i++) {
        if (clang_getCursorKind(k->v[i]) != CXCursor_MemberRef)
            continue;
        const struct decl *d = decl_of(u, clang_getCursorReferenced(k->v[i]));
        if (d->per_thread)
            diag(&u->src, at, DIAG_ERROR, "each thread has a copy of it elsewhere",
                 "offsetof of the STM_PER_THREAD field '%s'", d->name);
    }
}

/* For whole-program mode (whole/fnflow.c): n's value becomes one of type t. */
static void note_conversion(struct unit *u, const struct node *n, struct type *t)
{
    if (!n->type || !t || t == n->type || (n->type->kind == T_SCALAR && t->kind == T_SCALAR))
        return;
    if (u->nconversions == u->capconversions)
        u->conversions = xrealloc(u->conversions,
                                  (u->capconversions = u->capconversions * 2 + 64) * sizeof *u->conversions);
    u->conversions[u->nconversions++] = (struct conversion){n, t};
}

/* The kind of what implicit casts of c's range lie around. */
static enum CXCursorKind innermost(CXCursor c)
{
    struct cursors k = cx_children(c);
    bool around = clang_getCursorKind(c) == CXCursor_UnexposedExpr && k.n == 1 && same_range(c, k.v[0]);
    enum CXCursorKind kind = around ? innermost(k.v[0]) : clang_getCursorKind(c);
    free(k.v);
    return kind;
}

static bool is_atomic_name(const struct unit *u, size_t at)
{
    return starts_with(u, at, "__atomic_") || starts_with(u, at, "__c11_atomic_") ||
           starts_with(u, at, "__scoped_atomic_");
}

static int by_begin(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* How many of the arguments, the first ones, are addresses that the atomic built-in function at `at`
 * accesses; the others are values. */
static unsigned char atomic_addresses(const struct unit *u, size_t at)
{
    static const struct {
        const char *name;
        unsigned char n;
    } table[] = {
        {"load", 2},
        {"load_n", 1},
        {"store", 2},
        {"store_n", 1},
        {"exchange", 3},
        {"exchange_n", 1},
        {"compare_exchange", 3},
        {"compare_exchange_n", 2},
    };
    const char *word = u->src.text + at;
    size_t n = strspn(word, "_abcdefghijklmnopqrstuvwxyz0123456789");
    bool c11 = starts_with(u, at, "__c11_");
    if (c11)
        return starts_with(u, at, "__c11_atomic_compare_exchange") ? 2 : 1;
    const char *name = memmem(word, n, "atomic_", 7);
    name = name ? name + 7 : word;
    n -= (size_t)(name - word);
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].name) == n && !memcmp(table[i].name, name, n))
            return table[i].n;
    return 1;
}

/* An UnexposedExpr: an implicit cast, or something that libclang has no name for. */
static struct node *conv_unexposed(struct unit *u, CXCursor c, const struct cursors *k)
{
    struct node *n;
    struct node r = {0};
    cx_range(u, c, &r);
    bool named = own_name_length(u->src.text + r.begin) && innermost(c) == CXCursor_StringLiteral;
    if (k->n == 1 && same_range(c, k->v[0]) && !named) {
        n = convert(u, k->v[0]); /* an implicit cast; the text below is that of its first operand, perhaps */
        note_conversion(u, n, type_of(u, clang_getCursorType(c)));
        return n;
    }
    if (starts_with(u, r.begin, "__builtin_va_arg")) {
        n = node_new(u, c, N_VA_ARG);
        CXCursor list = operand_among(k);
        if (!clang_Cursor_isNull(list))
            add_kid(n, convert(u, list));
        add_type(u, n, k, list);
        return n;
    }
    if (starts_with(u, r.begin, "__builtin_offsetof")) {
        check_offsetof(u, r.begin, k);
        n = node_new(u, c, N_UNEVALUATED);
        add_bounds(u, n, k); /* indexes */
        if (!n->nkids)
            n->kind = N_LITERAL;
        return n;
    }
    if (named || starts_with(u, r.begin, "__builtin_types_compatible_p"))
        return node_new(u, c, N_LITERAL);
    if (is_atomic_name(u, r.begin)) {
        n = with_kids(u, c, N_ATOMIC, k);
        qsort(n->kids, n->nkids, sizeof *n->kids, by_begin); /* clang has the orders before the values */
        n->op = atomic_addresses(u, r.begin);
        return n;
    }
    if (starts_with(u, r.begin, "__builtin_choose_expr"))
        return with_kids(u, c, N_GENERIC, k);
    if (starts_with(u, r.begin, "__builtin_shufflevector") ||
        starts_with(u, r.begin, "__builtin_convertvector"))
        return with_kids(u, c, N_OPAQUE, k);
    if (k->n >= 3) { /* a ?: b */
        n = node_new(u, c, N_GNU_COND);
        add_kid(n, convert(u, k->v[0]));
        add_kid(n, convert(u, k->v[k->n - 1]));
        note_conversion(u, n->kids[0], n->type);
        return n;
    }
    if (k->n == 0)
        return node_new(u, c, N_LITERAL);
    return with_kids(u, c, N_OPAQUE, k);
}

/* Bytes from the start of rec to its field d, which may be in an anonymous member; -1 if it is not there. */
static long field_offset(struct type *rec, const struct decl *d)
{
    type_fields(rec);
    for (unsigned i = 0; i < rec->nfields; i++) {
        const struct field *f = &rec->fields[i];
        if (f->decl == d)
            return f->offset;
        bool anonymous = !*f->name;
        long in = f->type->kind == T_RECORD && anonymous ? field_offset(f->type, d) : -1;
        if (in >= 0 && f->offset >= 0)
            return f->offset + in;
    }
    return -1;
}

static struct node *conv_member(struct unit *u, CXCursor c, const struct cursors *k)
{
    struct node *n = node_new(u, c, N_MEMBER);
    CXCursor base = clang_getNullCursor();
    for (unsigned i = 0; i < k->n; i++)
        if (clang_isExpression(clang_getCursorKind(k->v[i])))
            base = k->v[i];
    /* anonymous members: nested MemberRefExprs of one range (for ->, the inner one may also end before the
     * operator) */
    while (!clang_Cursor_isNull(base) && clang_getCursorKind(base) == CXCursor_MemberRefExpr) {
        const char *name = cx_text(u, clang_getCursorSpelling(base));
        if (*name)
            break;
        struct cursors inner = cx_children(base);
        CXCursor next = clang_getNullCursor();
        for (unsigned i = 0; i < inner.n; i++)
            if (clang_isExpression(clang_getCursorKind(inner.v[i])))
                next = inner.v[i];
        free(inner.v);
        base = next;
    }
    n->decl = decl_of(u, clang_getCursorReferenced(c));
    n->name = n->decl->name;
    n->bitfield = clang_Cursor_isBitField(clang_getCursorReferenced(c));
    if (clang_Cursor_isNull(base)) {
        n->kind = N_OPAQUE;
        return n;
    }
    struct node *b = convert(u, base);
    add_kid(n, b);
    struct type *rec = b->type;
    n->arrow = rec->kind == T_POINTER || rec->kind == T_ARRAY;
    if (n->arrow)
        rec = rec->elem;
    if (rec->kind == T_RECORD)
        n->offset = field_offset(rec, n->decl);
    return n;
}

static struct node *conv_unary(struct unit *u, CXCursor c, const struct cursors *k)
{
    static const unsigned char incdec[] = {2, 3, 0, 1};
    enum CXUnaryOperatorKind op = clang_getCursorUnaryOperatorKind(c);
    struct node *n;
    switch (op) {
    case CXUnaryOperator_PostInc:
    case CXUnaryOperator_PostDec:
    case CXUnaryOperator_PreInc:
    case CXUnaryOperator_PreDec:
        n = with_kids(u, c, N_INCDEC, k);
        n->op = incdec[op - CXUnaryOperator_PostInc];
        return n;
    case CXUnaryOperator_AddrOf:
        return with_kids(u, c, N_ADDROF, k);
    case CXUnaryOperator_Deref:
        return with_kids(u, c, N_DEREF, k);
    case CXUnaryOperator_Extension: /* says nothing but to the compiler's warnings */
        return with_kids(u, c, N_PAREN, k);
    default:
        n = with_kids(u, c, N_UNARY, k);
        n->op = (unsigned char)op;
        return n;
    }
}

static struct node *conv_binary(struct unit *u, CXCursor c, const struct cursors *k)
{
    enum CXBinaryOperatorKind op = clang_getCursorBinaryOperatorKind(c);
    enum node_kind kind = N_BINARY;
    if (op == CXBinaryOperator_Assign)
        kind = N_ASSIGN;
    else if (op > CXBinaryOperator_Assign && op < CXBinaryOperator_Comma)
        kind = N_COMPOUND_ASSIGN;
    else if (op == CXBinaryOperator_Comma)
        kind = N_COMMA;
    else if (op == CXBinaryOperator_LAnd || op == CXBinaryOperator_LOr)
        kind = N_LOGICAL;
    struct node *n = with_kids(u, c, kind, k);
    n->op = (unsigned char)op;
    return n;
}

/* The label statement c, or the one that the LabelRef c names. */
static void set_label(struct unit *u, struct node *n, CXCursor c)
{
    n->name = cx_text(u, clang_getCursorSpelling(c));
    if (clang_getCursorKind(c) == CXCursor_LabelRef)
        c = clang_getCursorReferenced(c);
    n->label = (uint64_t)(uintptr_t)c.data[1] | 1;
}

/* The end of a balanced group that opens at `at`, or the place of `stop` at depth 0 after it. */
static size_t scan(const struct unit *u, size_t at, char stop)
{
    int depth = 0;
    const char *t = u->src.text;
    for (; at < u->src.n; at++) {
        char ch = t[at];
        if (ch == '"' || ch == '\'') {
            for (at++; at < u->src.n && t[at] != ch; at++)
                if (t[at] == '\\')
                    at++;
        } else if (ch == '(' || ch == '[' || ch == '{') {
            depth++;
        } else if (ch == ')' || ch == ']' || ch == '}') {
            if (depth-- == 0)
                return at;
        } else if (ch == stop && depth == 0) {
            return at;
        }
    }
    return at;
}

static struct node *conv_for(struct unit *u, CXCursor c, const struct cursors *k)
{
    struct node *n = node_new(u, c, N_FOR);
    size_t open = n->begin;
    while (open < n->end && u->src.text[open] != '(')
        open++;
    size_t semi1 = scan(u, open + 1, ';'), semi2 = scan(u, semi1 + 1, ';');
    struct node *slot[4] = {0};
    for (unsigned i = 0; i < k->n; i++) {
        if (i + 1 == k->n) {
            slot[3] = convert(u, k->v[i]);
            break;
        }
        struct node *kid = convert(u, k->v[i]);
        slot[kid->begin < semi1 ? 0 : kid->begin < semi2 ? 1 : 2] = kid;
    }
    for (unsigned i = 0; i < 4; i++)
        add_kid(n, slot[i]);
    return n;
}

static struct node *conv_var(struct unit *u, CXCursor c)
{
    struct node *n = node_new(u, c, N_VAR);
    struct decl *d = n->decl = decl_of(u, c);
    linkage_read(u, d, c);
    if (d->file_scope && d->storage != ST_EXTERN) /* the file defines it: nothing is done here */
        n->kind = N_EMPTY;
    if (d->file_scope || d->storage == ST_EXTERN) /* a declaration; the definition's place stays */
        return n;
    d->begin = n->begin;
    d->end = n->end;
    CXCursor init = clang_Cursor_getVarDeclInitializer(c);
    struct cursors k = cx_children(c);
    add_bounds(u, n, &k);
    check_typeof(u, &k, init);
    free(k.v);
    if (!clang_Cursor_isNull(init)) {
        d->init = convert(u, init);
        add_kid(n, d->init);
    }
    if (d->storage == ST_STATIC_LOCAL)
        ptr_push(&u->globals, &u->nglobals, &u->capglobals, d);
    return n;
}

static void local_function(struct unit *u, CXCursor c)
{
    struct decl *d = decl_of(u, c);
    linkage_read(u, d, c);
    map_put(&u->local_names, hash_bytes(d->name, strlen(d->name)) | 1, d);
}

static struct node *conv_decls(struct unit *u, CXCursor c, const struct cursors *k)
{
    struct node *n = node_new(u, c, N_DECLS);
    for (unsigned i = 0; i < k->n; i++)
        if (clang_getCursorKind(k->v[i]) == CXCursor_VarDecl)
            add_kid(n, conv_var(u, k->v[i]));
        else if (clang_getCursorKind(k->v[i]) == CXCursor_FunctionDecl)
            local_function(u, k->v[i]);
        else if (clang_isCursorDefinition(k->v[i]) && (clang_getCursorKind(k->v[i]) == CXCursor_StructDecl ||
                                                       clang_getCursorKind(k->v[i]) == CXCursor_UnionDecl))
            check_members(u, k->v[i]);
        else if (clang_getCursorKind(k->v[i]) == CXCursor_TypedefDecl) {
            struct node *t = node_new(u, k->v[i], N_UNEVALUATED);
            struct cursors in = cx_children(k->v[i]);
            add_bounds(u, t, &in);
            check_typeof(u, &in, clang_getNullCursor());
            free(in.v);
            add_kid(n, t);
        }
    return n;
}

/* An element of a list of initialisers, and the member that it names. */
struct element {
    struct node *n;
    long at, size; /* of that member; at -1: not known */
};

static int by_place(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Puts the elements of list n in the order of the members that they name, unless one may be named twice. */
static void in_order_of_members(struct node *n, struct element *v)
{
    for (unsigned i = 0; i < n->nkids; i++)
        n->any_order |= v[i].at < 0;
    if (n->any_order)
        return;
    qsort(v, n->nkids, sizeof *v, by_place);
    for (unsigned i = 0; i < n->nkids; i++) {
        n->any_order |= i && v[i].at < v[i - 1].at + (v[i - 1].size > 0 ? v[i - 1].size : 1);
        n->kids[i] = v[i].n;
    }
}

/* Is there a `...` in what stands before the value of the designated initialiser c? */
static bool is_range(struct unit *u, CXCursor c, size_t value)
{
    struct node r = {0};
    cx_range(u, c, &r);
    const char *dots = strstr(u->src.text + r.begin, "...");
    return dots && dots < u->src.text + value;
}

/* value is the next element of a list for the record t, that for its field k (-1: for which is not known).
 * Return: which is next. */
static long keep_in_field(struct node *value, const struct type *t, long k)
{
    while (k >= 0 && k < (long)t->nfields && t->fields[k].bitfield && !*t->fields[k].name)
        k++;
    if (k < 0 || k >= (long)t->nfields || !t->fields[k].decl)
        return -1;
    const struct type *f = t->fields[k].type, *v = value->type;
    if (value->kind != N_INITLIST && (f->kind == T_RECORD  ? !v || v->kind != T_RECORD || v->id != f->id
                                      : f->kind == T_ARRAY ? value->kind != N_STRING
                                                           : false))
        return -1; /* braces were left out */
    keep_in(t->fields[k].decl, value);
    return t->is_union ? -1 : k + 1;
}

static long index_of_field(const struct type *t, const struct decl *d)
{
    for (unsigned k = 0; k < t->nfields; k++)
        if (t->fields[k].decl == d)
            return k;
    return -1;
}

/* value is for that field of the record that list n is for, and if braces were left out so are the `rest`
 * behind it. */
static void note_flexible(struct unit *u, struct node *n, const struct decl *field, const struct node *value,
                          unsigned rest)
{
    if (n->type->kind != T_RECORD || !field || field->type->kind != T_ARRAY || field->type->size > 0)
        return;
    const struct type *elem = field->type->elem;
    if (value->kind == N_INITLIST && value->type->size <= 0 && value->nkids == 1 &&
        value->kids[0]->kind == N_STRING)
        value = value->kids[0];
    bool whole = value->kind == N_INITLIST || (value->kind == N_STRING && elem->is_integer);
    long size = whole ? value->type->size : (long)(rest + 1) * elem->size;
    if (!whole && (elem->kind == T_RECORD || elem->kind == T_ARRAY))
        diag(&u->src, value->begin, DIAG_UNSUPPORTED, "put braces around them",
             "elements of a flexible array member without braces");
    if (size > 0)
        n->flexible_end = field_offset(n->type, field) + size;
}

static struct node *conv_initlist(struct unit *u, CXCursor c, const struct cursors *k)
{
    struct node *n = node_new(u, c, N_INITLIST);
    struct element *v = xrealloc(NULL, (k->n + 1) * sizeof *v);
    bool designated = false;
    long next = n->type->kind == T_RECORD ? 0 : -1;
    if (!next)
        type_fields(n->type);
    for (unsigned i = 0; i < k->n; i++) {
        enum CXCursorKind kind = clang_getCursorKind(k->v[i]);
        if (!clang_isExpression(kind))
            continue;
        struct element *e = &v[n->nkids];
        e->at = -1;
        if (kind == CXCursor_UnexposedExpr && clang_getCursorType(k->v[i]).kind == CXType_Void) {
            /* a designated initialiser: MemberRefs and indexes first, the value last */
            struct cursors in = cx_children(k->v[i]);
            const struct decl *field = NULL;
            designated = true;
            for (unsigned j = 0; j < in.n; j++)
                if (clang_getCursorKind(in.v[j]) == CXCursor_MemberRef)
                    field = decl_of(u, clang_getCursorReferenced(in.v[j]));
            if (in.n && clang_getCursorKind(in.v[0]) == CXCursor_MemberRef && n->type->kind == T_RECORD) {
                const struct decl *d = decl_of(u, clang_getCursorReferenced(in.v[0]));
                e->at = d->type->size > 0 ? field_offset(n->type, d) : -1;
                e->size = d->type->size;
            }
            for (unsigned j = in.n; j-- > 0;)
                if (clang_isExpression(clang_getCursorKind(in.v[j]))) {
                    add_kid(n, e->n = convert(u, in.v[j]));
                    e->n->ranged = is_range(u, k->v[i], e->n->begin);
                    keep_in(field, e->n);
                    if (in.n == 2)
                        note_flexible(u, n, field, e->n, k->n - i - 1);
                    break;
                }
            next = field && in.n == 2 ? index_of_field(n->type, field) : -1;
            next += next >= 0 && !n->type->is_union;
            free(in.v);
        } else {
            add_kid(n, convert(u, k->v[i]));
            if (next >= 0 && next < (long)n->type->nfields)
                note_flexible(u, n, n->type->fields[next].decl, n->kids[n->nkids - 1], k->n - i - 1);
            next = keep_in_field(n->kids[n->nkids - 1], n->type, next);
        }
    }
    if (designated)
        in_order_of_members(n, v);
    free(v);
    return n;
}

/* The labels of `asm goto (template : outputs : inputs : clobbers : labels)`, which libclang does not show.
 */
static void find_jumps(struct unit *u, struct node *n)
{
    size_t at = n->begin;
    while (at < n->end && u->src.text[at] != '(')
        at++;
    for (unsigned colons = 0; colons < 4 && at < n->end; colons++) {
        at = scan(u, at + 1, ':');
        if (at >= n->end || u->src.text[at] != ':')
            return;
    }
    n->jumps = arena_alloc(&u->arena, sizeof *n->jumps);
    while (at < n->end) {
        size_t word = 0;
        while (isalnum((unsigned char)u->src.text[at + word]) || u->src.text[at + word] == '_')
            word++;
        if (word)
            ptr_push(&n->jumps->v, &n->jumps->n, &n->jumps->cap,
                     arena_strn(&u->arena, u->src.text + at, word));
        at += word ? word : u->src.text[at] == '#' ? strcspn(u->src.text + at, "\n") : 1;
    }
}

static struct node *conv_stmt(struct unit *u, CXCursor c, enum CXCursorKind kind, const struct cursors *k)
{
    struct node *n;
    switch (kind) {
    case CXCursor_CompoundStmt:
        return with_kids(u, c, N_BLOCK, k);
    case CXCursor_DeclStmt:
        return conv_decls(u, c, k);
    case CXCursor_IfStmt:
        return with_kids(u, c, N_IF, k);
    case CXCursor_WhileStmt:
        return with_kids(u, c, N_WHILE, k);
    case CXCursor_DoStmt:
        return with_kids(u, c, N_DO, k);
    case CXCursor_ForStmt:
        return conv_for(u, c, k);
    case CXCursor_SwitchStmt:
        return with_kids(u, c, N_SWITCH, k);
    case CXCursor_CaseStmt:
        return with_kids(u, c, N_CASE, k);
    case CXCursor_DefaultStmt:
        return with_kids(u, c, N_DEFAULT, k);
    case CXCursor_BreakStmt:
        return node_new(u, c, N_BREAK);
    case CXCursor_ContinueStmt:
        return node_new(u, c, N_CONTINUE);
    case CXCursor_ReturnStmt:
        return with_kids(u, c, N_RETURN, k);
    case CXCursor_NullStmt:
        return node_new(u, c, N_EMPTY);
    case CXCursor_GCCAsmStmt:
        n = with_kids(u, c, N_ASM, k);
        find_jumps(u, n);
        return n;
    case CXCursor_LabelStmt:
        n = with_kids(u, c, N_LABEL, k);
        set_label(u, n, c);
        return n;
    case CXCursor_GotoStmt:
        n = node_new(u, c, N_GOTO);
        if (k->n)
            set_label(u, n, k->v[0]);
        return n;
    case CXCursor_IndirectGotoStmt:
        return with_kids(u, c, N_IGOTO, k);
    default: /* UnexposedStmt: an attributed statement */
        return with_kids(u, c, N_BLOCK, k);
    }
}

/* libclang shows the type before decay.  Of the kinds of expression that can have an array type, few can
 * keep it. */
static void decay(struct unit *u, struct node *n)
{
    struct type *t = n->type;
    switch (n->kind) {
    case N_REF:
        if (n->decl->kind == D_PARAM)
            t = n->decl->type;
        break;
    case N_PAREN:
        t = n->nkids == 1 && n->kids[0]->type ? n->kids[0]->type : t;
        break;
    case N_INCDEC:
    case N_BINARY:
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
    case N_COND:
    case N_GNU_COND:
    case N_COMMA:
    case N_CALL:
    case N_CAST:
    case N_STMT_EXPR:
    case N_VA_ARG:
        t = t ? type_decayed(u, t) : t;
        break;
    default:
        break;
    }
    if (t != n->type) {
        n->type = t;
        n->type_spelling = t->spelling;
    }
}

static struct node *conv_any(struct unit *u, CXCursor c);

struct node *convert(struct unit *u, CXCursor c)
{
    struct node *n = conv_any(u, c);
    decay(u, n);
    return n;
}

/* An argument for a parameter that is a transparent union, c to libclang, is what was written; null: c is a
 * compound literal, whose braces come behind a type. */
static struct node *conv_transparent(struct unit *u, CXCursor c, CXCursor list)
{
    if (clang_Cursor_isNull(list) || cx_offset(clang_getRangeStart(clang_getCursorExtent(list)), NULL) !=
                                         cx_offset(clang_getRangeStart(clang_getCursorExtent(c)), NULL))
        return NULL;
    struct cursors given = cx_children(list);
    struct node *n = given.n ? convert(u, given.v[given.n - 1]) : NULL;
    free(given.v);
    return n;
}

static struct node *conv_any(struct unit *u, CXCursor c)
{
    enum CXCursorKind kind = clang_getCursorKind(c);
    struct cursors k = cx_children(c);
    struct node *n;
    switch (kind) {
    case CXCursor_UnexposedExpr:
        n = conv_unexposed(u, c, &k);
        break;
    case CXCursor_DeclRefExpr:
        n = node_new(u, c, N_REF);
        n->decl = decl_of(u, clang_getCursorReferenced(c));
        break;
    case CXCursor_MemberRefExpr:
        n = conv_member(u, c, &k);
        break;
    case CXCursor_CallExpr: {
        n = with_kids(u, c, N_CALL, &k);
        if (n->nkids) {
            struct node *f = called_name(n->kids[0]);
            if (f)
                n->decl = f->decl;
            if (n->decl &&
                !strncmp(n->decl->name, "__sync_", 7)) { /* overloaded: the name is not what was written */
                n->kind = N_ATOMIC;
                n->op = 1;
                n->decl = NULL;
                n->kids++;
                n->nkids--;
            }
        }
        break;
    }
    case CXCursor_IntegerLiteral:
    case CXCursor_FloatingLiteral:
    case CXCursor_ImaginaryLiteral:
    case CXCursor_CharacterLiteral:
        n = node_new(u, c, N_LITERAL);
        break;
    case CXCursor_StringLiteral:
        n = node_new(u, c, N_STRING);
        break;
    case CXCursor_ParenExpr:
        n = with_kids(u, c, N_PAREN, &k);
        break;
    case CXCursor_UnaryOperator:
        n = conv_unary(u, c, &k);
        break;
    case CXCursor_ArraySubscriptExpr:
        n = with_kids(u, c, N_SUBSCRIPT, &k);
        break;
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        n = conv_binary(u, c, &k);
        break;
    case CXCursor_ConditionalOperator:
        n = with_kids(u, c, N_COND, &k);
        break;
    case CXCursor_CStyleCastExpr: {
        n = node_new(u, c, N_CAST);
        CXCursor operand = operand_among(&k);
        add_type(u, n, &k, operand);
        if (!clang_Cursor_isNull(operand)) {
            add_kid(n, convert(u, operand));
            note_conversion(u, n->kids[n->nkids - 1], n->type);
        }
        break;
    }
    case CXCursor_CompoundLiteralExpr: {
        CXCursor list = operand_among(&k);
        if ((n = conv_transparent(u, c, list)))
            break;
        n = node_new(u, c, N_COMPOUND_LITERAL);
        add_type(u, n, &k, list);
        if (!clang_Cursor_isNull(list))
            add_kid(n, convert(u, list));
        break;
    }
    case CXCursor_InitListExpr:
        n = conv_initlist(u, c, &k);
        break;
    case CXCursor_AddrLabelExpr:
        n = node_new(u, c, N_ADDR_LABEL);
        if (k.n)
            set_label(u, n, k.v[0]);
        break;
    case CXCursor_StmtExpr:
        n = with_kids(u, c, N_STMT_EXPR, &k);
        break;
    case CXCursor_GenericSelectionExpr:
        n = with_kids(u, c, N_GENERIC, &k);
        break;
    case CXCursor_UnaryExpr: /* sizeof, _Alignof: of an array whose size is computed, evaluated */
        n = node_new(u, c, N_UNEVALUATED);
        add_bounds(u, n, &k);
        for (unsigned i = 0; i < k.n && !n->nkids; i++)
            if (clang_isExpression(clang_getCursorKind(k.v[i])) &&
                clang_getCanonicalType(clang_getCursorType(k.v[i])).kind == CXType_VariableArray)
                add_kid(n, convert(u, k.v[i]));
        break;
    default:
        if (clang_isStatement(kind))
            n = conv_stmt(u, c, kind, &k);
        else
            n = with_kids(u, c, N_OPAQUE, &k);
    }
    free(k.v);
    return n;
}
