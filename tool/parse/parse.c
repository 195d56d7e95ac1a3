/* parse.c - running libclang on the cleaned text.
 *
 * The text has been through the preprocessor once, but its #include lines of system headers define macros
 * again.  Most do no harm, since no use of them is left.  A macro whose expansion names itself
 * (`sa_handler`, `si_pid`) would be expanded a second time.  So when the parse fails, it is done again with
 * every such macro undefined behind the includes: libclang's record of macro expansions tells which names in
 * the user's text were taken for macros.  The text that is emitted has the same #undefs. */
#include "parse/clang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/diag.h"

static const char input_name[] = "ungil-input.c";

static CXTranslationUnit parse_once(struct unit *u, const char *const *args, unsigned nargs, unsigned flags)
{
    struct cx *x = u->cx;
    static const char *const fixed[] = {"-x",
                                        "c",
                                        "-resource-dir",
                                        UNGIL_RESOURCE_DIR,
                                        "-fsyntax-only",
                                        "-Wno-everything",
                                        "-Wignored-attributes"};
    enum { NFIXED = sizeof fixed / sizeof *fixed };
    const char **argv = xrealloc(NULL, (nargs + NFIXED) * sizeof *argv);
    for (unsigned i = 0; i < nargs; i++)
        argv[i] = args[i];
    for (unsigned i = 0; i < NFIXED; i++)
        argv[nargs + i] = fixed[i];
    struct CXUnsavedFile file = {input_name, u->src.text, u->src.n};
    CXTranslationUnit tu = NULL;
    enum CXErrorCode rc = clang_parseTranslationUnit2(x->index, input_name, argv, (int)(nargs + NFIXED),
                                                      &file, 1, CXTranslationUnit_KeepGoing | flags, &tu);
    free(argv);
    return rc == CXError_Success ? tu : NULL;
}

/* An annotation that clang ignores is an error; of other attributes it is the compiler that warns. */
static bool is_error(struct unit *u, CXDiagnostic d)
{
    enum CXDiagnosticSeverity severity = clang_getDiagnosticSeverity(d);
    return severity >= CXDiagnostic_Error || (severity == CXDiagnostic_Warning &&
                                              strstr(cx_text(u, clang_getDiagnosticSpelling(d)), "annotate"));
}

static unsigned count_errors(struct unit *u, CXTranslationUnit tu)
{
    unsigned errors = 0;
    for (unsigned i = 0; i < clang_getNumDiagnostics(tu); i++) {
        CXDiagnostic d = clang_getDiagnostic(tu, i);
        errors += is_error(u, d);
        clang_disposeDiagnostic(d);
    }
    return errors;
}

/* Shows clang's diagnostics in the user's coordinates. */
static void show_diagnostics(struct unit *u)
{
    struct cx *x = u->cx;
    for (unsigned i = 0; i < clang_getNumDiagnostics(x->tu); i++) {
        CXDiagnostic d = clang_getDiagnostic(x->tu, i);
        if (is_error(u, d)) {
            const char *text = cx_text(u, clang_getDiagnosticSpelling(d));
            CXFile f;
            unsigned off, line, col;
            clang_getExpansionLocation(clang_getDiagnosticLocation(d), &f, &line, &col, &off);
            if (f && clang_File_isEqual(f, x->file)) {
                diag(&u->src, off, DIAG_ERROR, NULL, "%s", text);
            } else {
                fprintf(stderr, "%s\n",
                        cx_text(u, clang_formatDiagnostic(d, clang_defaultDiagnosticDisplayOptions())));
                diag_errors++;
            }
        }
        clang_disposeDiagnostic(d);
    }
}

/* ---- macros of system headers that the user's text should not see again */

struct referenced {
    struct unit *u;
    const char **v;
    unsigned n, cap;
};

static enum CXChildVisitResult visit_expansion(CXCursor c, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct referenced *names = data;
    struct cx *x = names->u->cx;
    CXFile f;
    unsigned line, col, off;
    if (clang_getCursorKind(c) != CXCursor_MacroExpansion)
        return CXChildVisit_Continue;
    clang_getFileLocation(clang_getCursorLocation(c), &f, &line, &col, &off);
    if (!f || !clang_File_isEqual(f, x->file))
        return CXChildVisit_Continue;
    const char *name = cx_text(names->u, clang_getCursorSpelling(c));
    for (unsigned i = 0; i < names->n; i++)
        if (!strcmp(names->v[i], name))
            return CXChildVisit_Continue;
    ptr_push(&names->v, &names->n, &names->cap, (void *)name);
    return CXChildVisit_Continue;
}

/* The text with every name undefined after each include.  Line markers follow the includes, so no line
 * moves. */
static void undefine(struct unit *u, const struct referenced *names)
{
    struct str out = {0};
    for (const char *p = u->src.text, *end = p + u->src.n; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *e = nl ? nl + 1 : end;
        str_addn(&out, p, (size_t)(e - p));
        if (!strncmp(p, "#include <", 10) || !strncmp(p, "#include \"", 10))
            for (unsigned i = 0; i < names->n; i++)
                str_printf(&out, "#undef %s\n", names->v[i]);
        p = e;
    }
    source_replace(&u->src, out.s, out.n);
}

static void parse_without_macros(struct unit *u, const char *const *args, unsigned nargs)
{
    struct cx *x = u->cx;
    CXTranslationUnit tu = parse_once(u, args, nargs, CXTranslationUnit_DetailedPreprocessingRecord);
    if (!tu)
        return;
    struct referenced names = {.u = u};
    CXFile before = x->file;
    x->file = clang_getFile(tu, input_name);
    clang_visitChildren(clang_getTranslationUnitCursor(tu), visit_expansion, &names);
    clang_disposeTranslationUnit(tu);
    x->file = before;
    if (!names.n)
        return;
    struct str old = {0};
    str_addn(&old, u->src.text, u->src.n);
    undefine(u, &names);
    tu = parse_once(u, args, nargs, 0);
    if (tu && count_errors(u, tu) < count_errors(u, x->tu)) {
        clang_disposeTranslationUnit(x->tu);
        x->tu = tu;
        str_free(&old);
    } else { /* the errors are the user's own */
        if (tu)
            clang_disposeTranslationUnit(tu);
        source_replace(&u->src, old.s, old.n);
    }
    free(names.v);
}

int ast_parse(struct unit *u, const char *const *args, unsigned nargs)
{
    struct cx *x = u->cx = arena_alloc(&u->arena, sizeof *x);
    fields_begin(u);
    for (unsigned i = 0; i < nargs; i++) /* the last one counts */
        u->wraps = !strcmp(args[i], "-fwrapv") || !strcmp(args[i], "-fno-strict-overflow") ||
                   (u->wraps && strcmp(args[i], "-fno-wrapv") && strcmp(args[i], "-fstrict-overflow"));
    x->index = clang_createIndex(0, 0);
    for (unsigned i = 0; i < nargs; i++)
        if (!strcmp(args[i], "-fexceptions") || !strcmp(args[i], "-fno-exceptions"))
            u->exceptions = args[i][2] == 'e';
    x->tu = parse_once(u, args, nargs, 0);
    if (!x->tu) {
        fprintf(stderr, "ungil: error: libclang cannot parse %s with these options\n", u->src.name);
        return 1;
    }
    if (count_errors(u, x->tu))
        parse_without_macros(u, args, nargs);
    x->file = clang_getFile(x->tu, input_name);
    show_diagnostics(u);
    return diag_errors ? 1 : ast_convert(u);
}
