/* cursors.c - small helpers over libclang's cursors. */
#include "parse/clang.h"

#include <stdlib.h>
#include <string.h>

const char *cx_text(struct unit *u, CXString s)
{
    const char *c = clang_getCString(s);
    char *p = arena_strn(&u->arena, c ? c : "", c ? strlen(c) : 0);
    clang_disposeString(s);
    return p;
}

static enum CXChildVisitResult add_child(CXCursor c, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct cursors *v = data;
    if (v->n == v->cap)
        v->v = xrealloc(v->v, (v->cap = v->cap * 2 + 8) * sizeof *v->v);
    v->v[v->n++] = c;
    return CXChildVisit_Continue;
}

struct cursors cx_children(CXCursor c)
{
    struct cursors v = {0};
    clang_visitChildren(c, add_child, &v);
    return v;
}

const char *cx_annotation(struct unit *u, CXCursor c, const char *prefix)
{
    struct cursors k = cx_children(c);
    const char *found = NULL;
    for (unsigned i = 0; i < k.n && !found; i++)
        if (clang_getCursorKind(k.v[i]) == CXCursor_AnnotateAttr) {
            const char *s = cx_text(u, clang_getCursorSpelling(k.v[i]));
            size_t n = strlen(prefix);
            if (!strncmp(s, prefix, n) && (s[n] == 0 || s[n] == ':'))
                found = s[n] ? s + n + 1 : s + n;
        }
    free(k.v);
    return found;
}

size_t cx_offset(CXSourceLocation l, bool *in_macro)
{
    unsigned off, spell;
    CXFile f, g;
    clang_getExpansionLocation(l, &f, NULL, NULL, &off);
    clang_getSpellingLocation(l, &g, NULL, NULL, &spell);
    if (in_macro && (off != spell || !clang_File_isEqual(f, g)))
        *in_macro = true;
    return off;
}

void cx_range(struct unit *u, CXCursor c, struct node *n)
{
    CXSourceRange r = clang_getCursorExtent(c);
    n->begin = cx_offset(clang_getRangeStart(r), &n->in_macro);
    bool ignored = false; /* an end is often "spelled" at a token's end; only starts tell */
    n->end = cx_offset(clang_getRangeEnd(r), &ignored);
    if (n->end < n->begin || n->end > u->src.n)
        n->end = n->begin;
}

bool cx_in_system_header(struct unit *u, CXSourceLocation l, bool *project)
{
    *project = false;
    if (!clang_Location_isInSystemHeader(l))
        return false;
    if (!u->project_dirs.n)
        return true;
    CXFile f;
    clang_getFileLocation(l, &f, NULL, NULL, NULL);
    const char *name = f ? cx_text(u, clang_getFileName(f)) : "";
    for (unsigned i = 0; i < u->project_dirs.n; i++) {
        size_t n = strlen(u->project_dirs.v[i]);
        *project |= !strncmp(name, u->project_dirs.v[i], n) && name[n] == '/';
    }
    return true;
}
