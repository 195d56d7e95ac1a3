/* toplevel.c - the declarations of a file: functions with their bodies, variables with their initialisers,
 * what linkage says of both; and the end of it all. */
#include <stdlib.h>

#include "ast/query.h"
#include "parse/clang.h"
#include "source/diag.h"

/* A parameter's bounds are evaluated before the body, where nothing can be inserted. */
static void check_bounds(struct unit *u, CXCursor param)
{
    struct cursors k = cx_children(param);
    struct node n = {0};
    add_bounds(u, &n, &k);
    free(k.v);
    for (unsigned i = 0; i < n.nkids; i++)
        if (reads_memory(n.kids[i]))
            diag(&u->src, n.kids[i]->begin, DIAG_UNSUPPORTED,
                 "declare the parameter as a pointer, and a local of the array type",
                 "array bound of a parameter that reads memory or calls a function");
}

static void conv_function(struct unit *u, CXCursor c)
{
    struct decl *d = decl_of(u, c);
    struct cursors k = cx_children(c);
    d->nparams = (unsigned)clang_Cursor_getNumArguments(c);
    d->params = arena_alloc(&u->arena, (d->nparams + 1) * sizeof *d->params);
    for (unsigned i = 0; i < d->nparams; i++) {
        struct decl *p = d->params[i] = decl_of(u, clang_Cursor_getArgument(c, i));
        p->owner = d;
        p->index = i;
        check_bounds(u, clang_Cursor_getArgument(c, i));
    }
    for (unsigned i = 0; i < k.n; i++)
        if (clang_getCursorKind(k.v[i]) == CXCursor_CompoundStmt)
            d->body = convert(u, k.v[i]);
    free(k.v);
    ptr_push(&u->defined, &u->ndefined, &u->capdefined, d);
    if (d->body)
        ptr_push(&u->funcs, &u->nfuncs, &u->capfuncs, d);
}

static void top_var(struct unit *u, CXCursor c)
{
    struct decl *d = decl_of(u, c);
    CXCursor init = clang_Cursor_getVarDeclInitializer(c);
    bool defines = clang_Cursor_getStorageClass(c) != CX_SC_Extern || !clang_Cursor_isNull(init);
    if (!defines || d->weakref)
        return;
    struct node r = {0};
    cx_range(u, c, &r);
    if (!d->defined) {
        d->defined = true;
        ptr_push(&u->globals, &u->nglobals, &u->capglobals, d);
    }
    if (!clang_Cursor_isNull(init) || !d->init) {
        struct decl *last = u->last_var;
        if (last && last != d && last->begin == r.begin)
            last->grouped = d->grouped = true;
        d->grouped |= u->last_function == r.begin + 1;
        u->last_var = d;
        d->begin = r.begin;
        d->end = r.end;
        d->name_off = cx_offset(clang_getCursorLocation(c), NULL);
    }
    if (!clang_Cursor_isNull(init))
        d->init = convert(u, init);
}

/* `long f(long), x;`: what is said of x alone is not said before it all. */
static void function_declaration(struct unit *u, CXCursor c)
{
    struct node r = {0};
    cx_range(u, c, &r);
    if (u->last_var && u->last_var->begin == r.begin)
        u->last_var->grouped = true;
    u->last_function = r.begin + 1;
    decl_of(u, c);
    for (int i = 0; i < clang_Cursor_getNumArguments(c); i++)
        decl_of(u, clang_Cursor_getArgument(c, (unsigned)i));
}

static enum CXChildVisitResult visit_top(CXCursor c, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct unit *u = data;
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(c)))
        return CXChildVisit_Continue;
    switch (clang_getCursorKind(c)) {
    case CXCursor_FunctionDecl:
        linkage_read(u, decl_of(u, c), c);
        if (clang_isCursorDefinition(c))
            conv_function(u, c);
        else
            function_declaration(u, c);
        break;
    case CXCursor_VarDecl:
        linkage_read(u, decl_of(u, c), c);
        top_var(u, c);
        break;
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
        if (clang_isCursorDefinition(c))
            check_members(u, c);
        break;
    default: {
        size_t at = cx_offset(clang_getCursorLocation(c), NULL);
        u->file_asm |= at < u->src.n && (starts_with(u, at, "asm") || starts_with(u, at, "__asm"));
        break;
    }
    }
    return CXChildVisit_Continue;
}

int ast_convert(struct unit *u)
{
    struct cx *x = u->cx;
    CXCursor top = clang_getTranslationUnitCursor(x->tu);
    annotate_types(u, top);
    clang_visitChildren(top, visit_top, u);
    linkage_finish(u);
    hidden_names(u);
    return diag_errors ? 1 : 0;
}

void ast_free(struct unit *u)
{
    struct cx *x = u->cx;
    if (!x)
        return;
    map_free(&u->local_names);
    map_free(&u->functions);
    map_free(&u->thunks);
    map_free(&u->local_tags);
    free(u->reserved);
    free(u->defined);
    free(u->project_dirs.v);
    free(u->entered.v);
    free(u->rebound.v);
    free(u->also_defined.v);
    free(u->also_weak.v);
    free(u->aliases);
    free(u->records);
    free(u->conversions);
    map_free(&x->types);
    map_free(&x->decls);
    map_free(&x->object_records);
    clang_disposeTranslationUnit(x->tu);
    clang_disposeIndex(x->index);
}
