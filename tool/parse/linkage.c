/* linkage.c - what the linker makes of functions and variables: under which name it knows them, and whether
 * the definition here is the one that counts.
 *
 * In C a name stands for one function.  To the linker it may be another's (`__asm__("g")`, weakref, `#pragma
 * redefine_extname`), or one of several names (alias), and of several definitions it takes one (weak,
 * `#pragma weak`, an inline definition beside an external one, a library's that the program interposes).
 * Everything that is learned across calls goes by the linker's name (decl.symbol); a function that may be
 * called in ways that are no call of its name has unknown callers (decl.entered); and of a function whose
 * body may not be the one that runs nothing is learned, and no copy is made (decl.replaceable, the only place
 * that decides it).
 *
 * Attributes may stand on any declaration, so all are read.  What libclang does not show is read from the
 * text: arguments of attributes, pragmas, and the names that assembly mentions. */
#include <stdlib.h>
#include <string.h>

#include "parse/clang.h"
#include "source/tokens.h"

static void enter(struct unit *u, const char *symbol)
{
    ptr_push(&u->entered.v, &u->entered.n, &u->entered.cap, (void *)symbol);
}

/* The string literals from t on, joined, up to something else. */
static const char *strings(struct unit *u, size_t end, struct token t)
{
    struct str s = {0};
    while (token_next(u->src.text, end, &t))
        if (t.kind == TOK_STRING && t.n >= 2)
            str_addn(&s, u->src.text + t.at + 1, t.n - 2);
        else if (!token_is_punct(u->src.text, &t, '(') || s.n)
            break;
    const char *text = s.n ? arena_strn(&u->arena, s.s, s.n) : NULL;
    str_free(&s);
    return text;
}

/* What the attributes of one declaration say of other names. */
struct other_names {
    bool weakref, ifunc;
    const char *target;
    bool before; /* it is not the definition */
};

static void attribute(struct unit *u, struct decl *d, CXCursor attr, struct other_names *other)
{
    const char *text = u->src.text;
    struct token t = {.at = cx_offset(clang_getRangeStart(clang_getCursorExtent(attr)), NULL)};
    if (!token_next(text, u->src.n, &t))
        return;
    struct token next = t; /* gnu::weak */
    if (token_next(text, u->src.n, &next) && text[next.at] == ':' && token_next(text, u->src.n, &next) &&
        token_next(text, u->src.n, &next))
        t = next;
    const char *argument = strings(u, u->src.n, t);
    bool weakref = token_is(text, &t, "weakref");
    other->weakref |= weakref;
    d->weak |= token_is(text, &t, "weak") || weakref;
    d->hidden |= token_is(text, &t, "visibility") && argument && strcmp(argument, "default");
    d->gnu_inline |= token_is(text, &t, "gnu_inline");
    d->always_inline |= token_is(text, &t, "always_inline");
    d->overloadable |= token_is(text, &t, "overloadable");
    d->destructor |= token_is(text, &t, "destructor");
    d->entered |= token_is(text, &t, "constructor") || token_is(text, &t, "destructor") ||
                  token_is(text, &t, "used") || token_is(text, &t, "retain"); /* by assembly */
    static const char *const how[] = {"target",
                                      "target_clones",
                                      "optimize",
                                      "no_sanitize",
                                      "no_sanitize_address",
                                      "no_sanitize_thread",
                                      "no_instrument_function"};
    for (unsigned i = 0; i < sizeof how / sizeof *how; i++)
        d->compiled_apart |= other->before && token_is(text, &t, how[i]);
    if (token_is(text, &t, "section"))
        d->section = argument ? argument : "";
    if (!argument)
        return;
    if (token_is(text, &t, "alias") || token_is(text, &t, "ifunc") || weakref)
        enter(u, argument);
    other->ifunc |= token_is(text, &t, "ifunc");
    if (token_is(text, &t, "alias") || weakref)
        other->target = argument;
}

/* d is a function that is defined here, by another's body: what else has its name may not be what runs. */
static void also_defined(struct unit *u, const char *name, bool weak)
{
    struct names *to = weak ? &u->also_weak : &u->also_defined;
    for (unsigned i = 0; i < to->n; i++)
        if (!strcmp(to->v[i], name))
            return;
    ptr_push(&to->v, &to->n, &to->cap, (void *)name);
    ptr_push(&u->rebound.v, &u->rebound.n, &u->rebound.cap, (void *)name);
}

/* A weakref is another name of its target, wherever that is.  So is a static alias of a function.  A variable
 * and its alias are two places once the linker, or the loader, takes another's for one of them. */
static void take_name(struct unit *u, struct decl *d, const struct other_names *other)
{
    if (d->kind == D_FUNC && d->storage != ST_STATIC && !other->weakref && (other->target || other->ifunc))
        also_defined(u, decl_symbol(d), d->weak);
    if (other->target && (other->weakref || (d->kind != D_VAR && d->storage == ST_STATIC)))
        d->symbol = other->target;
    if (other->weakref && d->kind == D_VAR) {
        d->storage = ST_EXTERN;
        d->defined = false;
        d->weakref = true;
    }
}

/* Does the declaration, before the name, say the word? */
static bool says(struct unit *u, CXCursor c, const char *word)
{
    size_t name = cx_offset(clang_getCursorLocation(c), NULL);
    struct token t = {.at = cx_offset(clang_getRangeStart(clang_getCursorExtent(c)), NULL)};
    while (token_next(u->src.text, name, &t))
        if (token_is(u->src.text, &t, word) ||
            (t.kind == TOK_NAME && t.n == strlen(word) + 2 && !strncmp(u->src.text + t.at, "__", 2) &&
             !strncmp(u->src.text + t.at + 2, word, t.n - 2)))
            return true;
    return false;
}

void linkage_read(struct unit *u, struct decl *d, CXCursor c)
{
    struct cursors k = cx_children(c);
    struct other_names other = {.before = !clang_isCursorDefinition(c)};
    for (unsigned i = 0; i < k.n; i++) {
        enum CXCursorKind kind = clang_getCursorKind(k.v[i]);
        if (kind == CXCursor_AsmLabelAttr)
            d->symbol = cx_text(u, clang_getCursorSpelling(k.v[i]));
        else if (kind == CXCursor_UnexposedAttr || kind == CXCursor_VisibilityAttr)
            attribute(u, d, k.v[i], &other);
    }
    free(k.v);
    take_name(u, d, &other);
    if (d->kind != D_FUNC)
        return;
    bool is_extern = clang_Cursor_getStorageClass(c) == CX_SC_Extern;
    d->declared_plain |= is_extern || !says(u, c, "inline");
    d->defined_extern |= is_extern && clang_isCursorDefinition(c);
    if (d->overloadable && !d->symbol)
        d->symbol = cx_text(u, clang_Cursor_getMangling(c));
}

/* ---- what the text says elsewhere ---- */

struct renamed {
    const char *name, *target;
};
struct elsewhere {
    struct unit *u;
    struct names weak;
    struct names labels;     /* the linker's names of functions that have another one in the text */
    struct renamed *renamed; /* redefine_extname; `weak a = b` is an alias that may be another's */
    unsigned nrenamed;
};

static const char *name_at(struct unit *u, const struct token *t)
{
    return arena_strn(&u->arena, u->src.text + t->at, t->n);
}

static bool next_name(struct unit *u, struct token *t)
{
    return token_next(u->src.text, u->src.n, t) && t->directive && t->kind == TOK_NAME;
}

/* t is `#`. */
static void pragma(struct elsewhere *e, struct token t)
{
    struct unit *u = e->u;
    const char *text = u->src.text;
    if (!next_name(u, &t) || !token_is(text, &t, "pragma") || !next_name(u, &t))
        return;
    size_t at = t.at;
    bool weak = token_is(text, &t, "weak");
    if (token_is(text, &t, "clang") && next_name(u, &t) && token_is(text, &t, "section")) {
        u->pragma_section = at;
        return;
    }
    if ((!weak && !token_is(text, &t, "redefine_extname")) || !next_name(u, &t))
        return;
    struct renamed p = {name_at(u, &t), NULL};
    if (weak) {
        ptr_push(&e->weak.v, &e->weak.n, &e->weak.cap, (void *)p.name);
        if (!token_next(text, u->src.n, &t) || !t.directive || text[t.at] != '=')
            return;
    }
    if (!next_name(u, &t))
        return;
    p.target = name_at(u, &t);
    enter(u, p.target);
    if (weak) { /* an alias, which may be another's */
        also_defined(u, p.name, true);
        return;
    }
    e->renamed = xrealloc(e->renamed, (e->nrenamed + 1) * sizeof *e->renamed);
    e->renamed[e->nrenamed++] = p;
}

/* Might the assembly in the string say what a symbol is, beside using it? */
static bool binds(const char *s, size_t n)
{
    static const char *const words[] = {".weak", ".set", ".equ", "=", ".symver", ".globl", ".global"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(s, n, words[i], strlen(words[i])))
            return true;
    return false;
}

static void mentioned(struct elsewhere *e, const char *name, bool rebound)
{
    enter(e->u, name);
    if (rebound)
        ptr_push(&e->u->rebound.v, &e->u->rebound.n, &e->u->rebound.cap, (void *)name);
}

/* The identifiers in the strings of an asm: t is the keyword. */
static size_t assembly(struct elsewhere *e, struct token t)
{
    struct unit *u = e->u;
    const char *text = u->src.text;
    while (token_next(text, u->src.n, &t) && t.kind == TOK_NAME) /* volatile, goto, inline */
        ;
    if (!token_is_punct(text, &t, '('))
        return t.at;
    size_t end = token_group_end(text, u->src.n, &t);
    while (token_next(text, end, &t)) {
        if (t.kind != TOK_STRING)
            continue;
        struct token w = {.at = t.at + 1};
        bool rebound = binds(text + t.at + 1, t.n - 2);
        while (token_next(text, t.at + t.n - 1, &w))
            if (w.kind == TOK_NAME) {
                mentioned(e, name_at(u, &w), rebound);
                if (text[w.at - 1] == '\\' && w.n > 1) /* \n or \t stands before a name */
                    mentioned(e, arena_strn(&u->arena, text + w.at + 1, w.n - 1), rebound);
            }
    }
    return end;
}

static void look_elsewhere(struct elsewhere *e)
{
    struct unit *u = e->u;
    const char *text = u->src.text;
    struct token t = {0};
    while (token_next(text, u->src.n, &t))
        if (t.directive && token_is_punct(text, &t, '#')) {
            pragma(e, t);
        } else if (t.kind == TOK_NAME && !t.directive &&
                   (token_is(text, &t, "asm") || (t.n == 5 && !strncmp(text + t.at, "__asm", 5)))) {
            t.at = assembly(e, t);
            t.n = 0;
        }
}

/* May a call by its name run another body than d's? */
static bool is_replaceable(const struct elsewhere *e, const struct decl *d)
{
    const struct unit *u = e->u;
    if (names_has(&e->u->rebound, decl_symbol(d)))
        return true;
    if (names_has(&u->entered, decl_symbol(d)) &&
        d->symbol) /* several names, and other definitions of them */
        return true;
    if (d->storage == ST_STATIC) /* or it may be called by a name that the linker gives to another */
        return names_has(&e->labels, d->name) && !d->symbol;
    if (d->weak)
        return true;
    if (d->inline_only && !d->always_inline)
        return true;
    return u->interposable && !d->hidden && strcmp(d->name, "main");
}

static void finish(struct elsewhere *e, struct decl *d)
{
    struct unit *u = e->u;
    bool external = d->storage != ST_LOCAL && d->storage != ST_STATIC_LOCAL && d->storage != ST_STATIC;
    for (unsigned i = 0; external && i < e->nrenamed; i++)
        if (!strcmp(e->renamed[i].name, d->name) && !d->defined)
            d->symbol = e->renamed[i].target;
    d->weak |= external && names_has(&e->weak, d->name);
    d->entered |= names_has(&u->entered, decl_symbol(d)) || names_has(&e->labels, d->name);
    d->inline_only = d->inline_fn && d->storage != ST_STATIC &&
                     (d->gnu_inline || u->gnu89_inline ? d->defined_extern : !d->declared_plain);
    d->replaceable = d->kind == D_FUNC && is_replaceable(e, d);
}

static bool is_file_scope(const struct decl *d)
{
    return (d->kind == D_VAR && d->storage != ST_LOCAL && d->storage != ST_STATIC_LOCAL) || d->kind == D_FUNC;
}

void linkage_finish(struct unit *u)
{
    struct cx *x = u->cx;
    struct elsewhere e = {.u = u};
    look_elsewhere(&e);
    for (unsigned i = 0; i < e.nrenamed; i++)
        ptr_push(&e.labels.v, &e.labels.n, &e.labels.cap, (void *)e.renamed[i].target);
    for (size_t i = 0; i < x->decls.cap; i++) {
        const struct decl *d = x->decls.vals[i];
        if (d && d->kind == D_FUNC && d->symbol && d->storage != ST_STATIC)
            ptr_push(&e.labels.v, &e.labels.n, &e.labels.cap, (void *)d->symbol);
        for (unsigned k = 0; d && d->kind == D_FUNC && d->defined && k < e.nrenamed; k++)
            if (!strcmp(e.renamed[k].name, d->name)) /* to clang; gcc leaves the name of what is defined */
                also_defined(u, e.renamed[k].target, false);
    }
    names_sort(&e.labels);
    names_sort(&e.weak);
    names_sort(&u->rebound);
    names_sort(&u->entered);
    struct map by_symbol = {0};
    for (size_t i = 0; i < x->decls.cap; i++) {
        struct decl *d = x->decls.vals[i];
        if (!d || !is_file_scope(d))
            continue;
        finish(&e, d);
        if (d->kind == D_VAR && !d->symbol)
            map_put(&by_symbol, hash_bytes(d->name, strlen(d->name)) | 1, d);
    }
    for (size_t i = 0; i < x->decls.cap; i++) {
        struct decl *d = x->decls.vals[i];
        if (d && d->kind == D_VAR && is_file_scope(d) && d->symbol) {
            struct decl *same = map_get(&by_symbol, hash_bytes(d->symbol, strlen(d->symbol)) | 1);
            d->same = same != d ? same : NULL;
        }
    }
    map_free(&by_symbol);
    free(e.weak.v);
    free(e.labels.v);
    free(e.renamed);
}
