/* decls.c - declarations, copied out of libclang once for each. */
#include "parse/clang.h"

#include <string.h>

#include "source/diag.h"

static void fill_var(struct decl *d, CXCursor c)
{
    CXCursor parent = clang_getCursorSemanticParent(c);
    enum CX_StorageClass sc = clang_Cursor_getStorageClass(c);
    d->align = type_alignment(clang_getCursorType(c));
    d->file_scope = clang_getCursorKind(parent) == CXCursor_TranslationUnit;
    if (clang_getCursorTLSKind(c) != CXTLS_None)
        d->storage = ST_THREAD;
    else if (sc == CX_SC_Static)
        d->storage = d->file_scope ? ST_STATIC : ST_STATIC_LOCAL;
    else if (sc == CX_SC_Extern || d->file_scope)
        d->storage = ST_EXTERN;
    else
        d->storage = ST_LOCAL;
}

struct decl *decl_of(struct unit *u, CXCursor c)
{
    struct cx *x = u->cx;
    CXCursor canon = clang_getCanonicalCursor(c);
    uint64_t key = (uint64_t)(uintptr_t)canon.data[0];
    struct decl *d = key ? map_get(&x->decls, key) : NULL;
    if (d)
        return d;
    d = arena_alloc(&u->arena, sizeof *d);
    if (key)
        map_put(&x->decls, key, d);
    CXCursor def = clang_getCursorDefinition(c);
    CXCursor best = clang_Cursor_isNull(def) ? c : def;
    d->name = cx_text(u, clang_getCursorSpelling(best));
    d->type = type_of(u, clang_getCursorType(best));
    d->type_spelling = cx_type_name(u, clang_getCursorType(best));
    d->is_volatile = d->type->is_volatile;
    d->is_address = type_is_address(u, d->type->kind == T_FUNC ? clang_getCursorResultType(best)
                                                               : clang_getCursorType(best));
    CXSourceLocation loc = clang_getCursorLocation(canon);
    d->system =
        cx_in_system_header(u, loc, &d->project) || clang_equalLocations(loc, clang_getNullLocation());
    d->name_off = cx_offset(clang_getCursorLocation(best), NULL);
    struct node range = {0};
    cx_range(u, best, &range);
    d->begin = d->first = range.begin;
    d->end = range.end;
    if (!d->system) {
        cx_range(u, canon, &range);
        d->first = range.begin;
    }
    switch (clang_getCursorKind(best)) {
    case CXCursor_VarDecl:
        d->kind = D_VAR;
        fill_var(d, best);
        break;
    case CXCursor_ParmDecl: /* libclang has its type as written */
        d->kind = D_PARAM;
        d->type = type_decayed(u, d->type);
        break;
    case CXCursor_FieldDecl:
        d->kind = D_FIELD;
        d->record_name = cx_text(u, clang_getCursorSpelling(clang_getCursorSemanticParent(best)));
        break;
    case CXCursor_FunctionDecl:
        d->kind = D_FUNC;
        d->storage = clang_Cursor_getStorageClass(best) == CX_SC_Static ? ST_STATIC : ST_EXTERN;
        d->inline_fn = clang_Cursor_isFunctionInlined(best);
        d->defined =
            !clang_Cursor_isNull(def) && !clang_Location_isInSystemHeader(clang_getCursorLocation(def));
        d->declared_plain = d->system;
        break;
    case CXCursor_EnumConstantDecl:
        d->kind = D_ENUM;
        break;
    default:
        d->kind = D_OTHER;
    }
    if (!d->system && d->kind != D_FIELD && (!strncmp(d->name, "stm_", 4) || !strncmp(d->name, "STM_", 4)))
        ptr_push(&u->reserved, &u->nreserved, &u->capreserved, d);
    if ((d->kind == D_VAR && !d->file_scope) || d->kind == D_PARAM || d->kind == D_ENUM)
        map_put(&u->local_names, hash_bytes(d->name, strlen(d->name)) | 1, d);
    if (d->kind == D_FUNC && !d->system)
        map_put(&u->functions, hash_bytes(d->name, strlen(d->name)) | 1, d);
    if (!d->system || d->project) {
        annotate_decl(u, d, best);
        if (!clang_equalCursors(best, canon))
            annotate_decl(u, d, canon);
        if (d->drop && d->kind == D_FUNC && d->storage != ST_STATIC && !cx_annotation(u, canon, "stm_drop"))
            diag(&u->src, cx_offset(loc, NULL), DIAG_ERROR, "put it here too: other files see this one alone",
                 "'%s' is STM_DROP in another declaration", d->name);
    } else if (d->kind == D_FUNC && d->defined) {
        annotate_decl(u, d, best);
    }
    return d;
}
