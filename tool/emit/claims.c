/* claims.c - what `ungil verify` cannot see in compiled code, for it to take as said: which structs are
 * objects, which functions are not translated, what is declared of those and of fields.  Only annotations
 * and where things are declared; nothing that was found out.  A section of lines (verify/claims.c). */
#include "emit/claims.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "ast/query.h"
#include "emit/text.h"
#include "parse/parse.h"

static void line(struct names *lines, struct unit *u, const char *word, const char *name)
{
    ptr_push(&lines->v, &lines->n, &lines->cap, arena_printf(&u->arena, "%s %s", word, name));
}

/* Of a function that goes by this name, or is called by it for the linker. */
static void claims_of_name(struct unit *u, const struct decl *d, const char *name, struct names *lines)
{
    if (callee_kind(d) == CALLEE_LIBRARY) {
        const struct external *x = callee_if_library(d);
        line(lines, u, "external", name);
        if (call_is_irreversible(x))
            line(lines, u, "inev", name);
        if (may_call_back(d, x))
            line(lines, u, "back", name);
    }
    if (d->no_safepoint || d->pure || d->alloc_size)
        line(lines, u, "nosafepoint", name);
    if (d->alloc_size && !d->realloc_ptr)
        line(lines, u, "fresh", name);
}

static void function_claims(struct unit *u, const struct decl *d, struct names *lines)
{
    if (d->kind != D_FUNC || d->defined)
        return;
    claims_of_name(u, d, strncmp(d->name, "__builtin_", 10) ? d->name : d->name + 10, lines);
    if (strcmp(decl_symbol(d), d->name))
        claims_of_name(u, d, decl_symbol(d), lines);
}

/* Variables to which the runtime need not be told of writes: tops of private stacks, which it keeps itself,
 * and what only atomic operations change, which nobody undoes. */
static void variable_claims(struct unit *u, const struct decl *d, struct names *lines)
{
    if (d->private_top || element_type(d->type)->is_atomic)
        line(lines, u, "untold", d->thread_copy ? d->thread_copy : decl_symbol(d));
}

static void tree_claims(struct unit *u, const struct node *n, struct names *lines)
{
    if (!n)
        return;
    if (n->decl)
        function_claims(u, n->decl, lines);
    if (n->decl && n->kind == N_REF && n->decl->kind == D_VAR)
        variable_claims(u, n->decl, lines); /* of another file's, too */
    for (unsigned i = 0; i < n->nkids; i++)
        tree_claims(u, n->kids[i], lines);
}

/* As LLVM names it: by its tag, else by the first name that a typedef gives it.  One word. */
static const char *llvm_name(struct unit *u, const struct type *t)
{
    const char *s = t->spelling ? t->spelling : "";
    s += !strncmp(s, "const ", 6) ? 6 : 0;
    s += !strncmp(s, "volatile ", 9) ? 9 : 0;
    s += !strncmp(s, "struct ", 7) ? 7 : !strncmp(s, "union ", 6) ? 6 : 0;
    char *name = arena_printf(&u->arena, "%s", s);
    for (char *c = name; *c; c++)
        if (*c == ' ')
            *c = '_';
    return name;
}

/* The struct that a pointer of type t leads to, or a pointer to such pointers (*deep); "*": something else;
 * null: no pointer. */
static const char *pointed(struct unit *u, const struct type *t, bool *deep)
{
    *deep = false;
    if (!t || (t->kind != T_POINTER && t->kind != T_ARRAY))
        return t && t->is_integer && t->size >= 8 ? "*" : NULL;
    for (t = t->elem; t && (t->kind == T_ARRAY || t->kind == T_POINTER); t = t->elem)
        *deep |= t->kind == T_POINTER;
    return !t ? NULL : t->kind == T_RECORD ? llvm_name(u, t) : "*";
}

/* A pointer to `from` becomes one to `to`; `by`: unless that function only makes memory, or more of it. */
static void view(struct unit *u, struct names *lines, const char *by, const char *from, const char *to)
{
    if (strcmp(from, to) && by)
        line(lines, u, "unless", arena_printf(&u->arena, "%s %s %s", by, from, to));
    else if (strcmp(from, to))
        line(lines, u, "view", arena_printf(&u->arena, "%s %s", from, to));
}

/* A pointer of type `from` becomes one of type `to`. */
static void views(struct unit *u, struct names *lines, const char *by, const struct type *from,
                  const struct type *to)
{
    bool deep_from, deep_to;
    const char *f = pointed(u, from, &deep_from), *t = pointed(u, to, &deep_to);
    if (!f || !t)
        return;
    if (deep_from || deep_to) {
        view(u, lines, by, f, deep_from == deep_to ? t : "*");
        view(u, lines, by, t, deep_from == deep_to ? f : "*");
    } else {
        view(u, lines, by, f, t);
    }
}

/* A pointer of type t goes where anything may become of it. */
static void loses_view(struct unit *u, struct names *lines, const struct type *t)
{
    bool deep;
    const char *s = pointed(u, t, &deep);
    if (s)
        view(u, lines, NULL, s, "*");
}

static const struct node *without_casts(const struct node *n)
{
    while ((n->kind == N_PAREN || n->kind == N_CAST) && n->nkids)
        n = n->kids[n->nkids - 1];
    return n;
}

/* New memory has no type yet, null no memory. */
static bool is_new(const struct node *n)
{
    n = without_casts(n);
    if (n->kind == N_LITERAL)
        return true;
    const struct external *x = n->kind == N_CALL && n->decl ? external_find(n->decl->name) : NULL;
    return n->kind == N_CALL && n->decl && !n->decl->realloc_ptr &&
           (!strcmp(n->decl->name, "stm_new_") || n->decl->alloc_size || (x && x->fresh));
}

/* Does the call n, or null, call one of these functions of the C library? */
static bool calls_library(const struct node *n, const char *const *names)
{
    bool any = false;
    for (; n && n->kind == N_CALL && n->decl && *names && !any; names++)
        any = !strcmp(c_name(n->decl), *names) && callee_kind(n->decl) == CALLEE_LIBRARY;
    return any;
}

static bool calls_realloc(const struct node *n)
{
    static const char *const names[] = {"realloc", "reallocarray", NULL};
    return calls_library(n, names) || (n && n->kind == N_CALL && n->decl && n->decl->realloc_ptr);
}

/* The function that the call n, or null, calls by name, if it is a translated one. */
static const char *called_by_name(const struct node *n)
{
    const struct decl *d = n && n->kind == N_CALL ? n->decl : NULL;
    return d && d->kind == D_FUNC && !d->drop && callee_kind(d) != CALLEE_LIBRARY ? decl_symbol(d) : NULL;
}

/* Calls whose values are converted: by the address of the node. */
static void note_converted_calls(struct unit *u, struct map *converted)
{
    for (unsigned i = 0; i < u->nconversions; i++)
        map_put(converted, (uint64_t)(uintptr_t)without_casts(u->conversions[i].operand), u);
}

static bool is_known(const struct map *converted, const struct node *call)
{
    return !is_used(call) || map_get(converted, (uint64_t)(uintptr_t)call);
}

enum goes { ANYWHERE, NOWHERE, FILLED };
/* What the function of the call n does with the pointers that it is given: it keeps none and copies none, or
 * its result is what it was given, and known.  Or it writes to them by whatever they are. */
static enum goes where_given(const struct node *n, const struct map *converted)
{
    static const char *const readers[] = {"free", "memcmp", "bcmp", NULL};
    static const char *const fillers[] = {"memset", "bzero", "explicit_bzero", NULL};
    if (calls_library(n, readers) || (calls_realloc(n) && is_known(converted, n)))
        return NOWHERE;
    return calls_library(n, fillers) && !is_used(n) ? FILLED : ANYWHERE;
}

/* Pointers that the call n is given become ones of type `to`. */
static void argument_views(struct unit *u, struct names *lines, const struct node *n, const struct type *to)
{
    for (unsigned k = 1; k < n->nkids; k++) {
        const struct node *a = without_casts(n->kids[k]);
        if (!is_new(a) && a->type && (a->type->kind == T_POINTER || a->type->kind == T_ARRAY))
            views(u, lines, NULL, a->type, to);
    }
}

/* Conversions of pointers: who sees one struct's memory as another's.  What realloc returns is what it was
 * given, and so is what a function returns that only makes memory, or more of it (ungil verify looks): so
 * what it is given is seen as what its result becomes, if that is known. */
static void conversion_claims(struct unit *u, const struct map *converted, struct names *lines)
{
    for (unsigned i = 0; i < u->nconversions; i++) {
        const struct conversion *c = &u->conversions[i];
        const struct node *source = without_casts(c->operand), *call = argument_of(c->operand);
        const char *by = called_by_name(source);
        if (is_new(source) || (call && where_given(call, converted)))
            continue;
        if (by || calls_realloc(source))
            argument_views(u, lines, source, c->to);
        if (!by && call && is_known(converted, call))
            by = called_by_name(call);
        if (!calls_realloc(source))
            views(u, lines, by, c->operand->type, c->to);
    }
}

/* The records that are alternatives in the union t: pointers to it and to each of them become each other. */
static void alternative_claims(struct unit *u, struct names *lines, const struct type *t)
{
    for (unsigned k = 0; k < t->nfields; k++) {
        const struct type *m = element_type(t->fields[k].type);
        if (m->kind == T_RECORD)
            line(lines, u, "alternative", arena_printf(&u->arena, "%s %s", llvm_name(u, t), llvm_name(u, m)));
    }
}

/* What lies in the record t.  Of unions, and where bits are the first member, clang computes no member's
 * address: they are no structs. */
static void part_claims(struct unit *u, struct names *lines, const struct type *t)
{
    if (t->is_union || (t->nfields && t->fields[0].bitfield))
        line(lines, u, "part", arena_printf(&u->arena, "* %s", llvm_name(u, t)));
    for (unsigned k = 0; k < t->nfields; k++) {
        const struct type *m = element_type(t->fields[k].type);
        if (m->kind == T_RECORD)
            line(lines, u, "part", arena_printf(&u->arena, "%s %s", llvm_name(u, t), llvm_name(u, m)));
    }
}

/* Pointers that change their types without a conversion: those that share bytes in a union, and arguments
 * that no prototype declares, or of functions that are not translated. */
static void union_claims(struct unit *u, struct names *lines, const struct type *t)
{
    if (t->is_union)
        alternative_claims(u, lines, t);
    part_claims(u, lines, t);
    for (unsigned k = 0; t->is_union && k < t->nfields; k++)
        loses_view(u, lines, t->fields[k].type);
    for (unsigned k = 0; k < t->nfields; k++) {
        bool deep;
        const struct type *m = element_type(t->fields[k].type);
        const char *to = pointed(u, m, &deep);
        long size = t->fields[k].type->size;
        for (long at = 0; to && strcmp(to, "*") && m->kind == T_POINTER && (at < size || !at) && at < 512;
             at += m->size)
            line(lines, u, "points",
                 arena_printf(&u->arena, "%s.%ld %s", llvm_name(u, t), t->fields[k].offset + at, to));
    }
}

static void argument_claims(struct unit *u, const struct node *n, const struct map *converted,
                            struct names *lines)
{
    bool deep;
    if (!n)
        return;
    if (n->kind == N_VA_ARG)
        loses_view(u, lines, n->type);
    for (unsigned k = 0; n->kind == N_ASM && k < n->nkids; k++)
        loses_view(u, lines, n->kids[k] ? n->kids[k]->type : NULL);
    if (n->kind == N_CALL && n->nkids && n->kids[0]->type) {
        const struct type *f =
            n->kids[0]->type->kind == T_POINTER ? n->kids[0]->type->elem : n->kids[0]->type;
        bool outside = n->decl && n->decl->kind == D_FUNC && callee_kind(n->decl) == CALLEE_LIBRARY;
        const enum goes goes = where_given(n, converted);
        for (unsigned k = f->kind == T_FUNC && f->prototype && !outside ? f->nparams + 1 : 1; k < n->nkids;
             k++) {
            const char *s = pointed(u, without_casts(n->kids[k])->type, &deep);
            if (goes == ANYWHERE)
                loses_view(u, lines, n->kids[k]->type);
            else if (goes == FILLED && k == 1 && s && strcmp(s, "*") && !deep)
                line(lines, u, "filled", s);
        }
    }
    for (unsigned i = 0; i < n->nkids; i++)
        argument_claims(u, n->kids[i], converted, lines);
}

static void view_claims(struct unit *u, struct names *lines)
{
    struct map converted = {0};
    note_converted_calls(u, &converted);
    conversion_claims(u, &converted, lines);
    for (unsigned i = 0; i < u->nrecords; i++)
        union_claims(u, lines, u->records[i]);
    for (unsigned i = 0; i < u->nfuncs; i++) {
        const struct decl *d = u->funcs[i];
        argument_claims(u, d->body, &converted, lines);
        for (unsigned k = 0; d->type && !d->type->prototype && k < d->nparams; k++)
            loses_view(u, lines, d->params[k]->type);
    }
    map_free(&converted);
}

/* Where something lies in a record: `at`, or in an array of so many (0: any number), so many bytes apart. */
struct reach {
    const char *record;
    long at, apart, count;
    long size; /* of the record: another one may have its name */
};

static void immutable_claim(struct unit *u, struct reach r, struct names *lines)
{
    for (long k = 0; k < (r.apart ? r.count : 1) && k < 64; k++)
        line(lines, u, "immutable",
             arena_printf(&u->arena, "%s.%ld %ld", r.record, r.at + k * r.apart, r.size));
    if (r.apart)
        line(lines, u, "immutable",
             arena_printf(&u->arena, "%s.%ld/%ld %ld", r.record, r.at, r.apart, r.size));
}

/* Bit-fields one behind the other, from number k of t's on, are read together: if all are STM_IMMUTABLE, each
 * of their bytes is. Returns how many there are. */
static unsigned immutable_bits(struct unit *u, struct reach r, const struct type *t, unsigned k,
                               struct names *lines)
{
    const long start = r.at;
    unsigned n = 0;
    bool all = true;
    for (; k + n < t->nfields && t->fields[k + n].bitfield; n++)
        all &= t->fields[k + n].decl && (!*t->fields[k + n].name || t->fields[k + n].decl->immutable);
    for (long at = t->fields[k].offset; n && all && at <= t->fields[k + n - 1].offset; at++) {
        r.at = start + at;
        immutable_claim(u, r, lines);
    }
    return n;
}

/* The STM_IMMUTABLE fields of t, which lies there: those of a member whose type has no tag, and in LLVM no
 * name that is known here, are the record's own. */
static void immutable_claims(struct unit *u, struct reach r, struct type *t, struct names *lines)
{
    const long start = r.at;
    type_fields(t);
    for (unsigned k = 0; k < t->nfields; k++) {
        const struct field *f = &t->fields[k];
        struct type *m = f->type;
        struct reach in = r;
        in.at = start + f->offset;
        if (f->bitfield) {
            k += immutable_bits(u, r, t, k, lines) - 1;
            continue;
        }
        if (m->kind == T_ARRAY && !r.apart && m->elem->size > 0) {
            in.apart = m->elem->size;
            in.count = m->count > 0 ? m->count : 0;
            m = m->elem;
        }
        if (f->decl && f->decl->immutable)
            immutable_claim(u, in, lines);
        else if (m->kind == T_RECORD && m->unnamed)
            immutable_claims(u, in, m, lines);
    }
}

void emit_claims(struct emitter *e, struct str *o)
{
    struct unit *u = e->u;
    struct names lines = {0};
    if (!u->claims)
        return;
    for (unsigned i = 0; i < u->nfuncs; i++) {
        tree_claims(u, u->funcs[i]->body, &lines);
        if (u->funcs[i]->drop) /* not translated, and not there */
            line(&lines, u, "dropped", decl_symbol(u->funcs[i]));
    }
    for (unsigned i = 0; i < u->nglobals; i++) {
        tree_claims(u, u->globals[i]->init, &lines);
        variable_claims(u, u->globals[i], &lines);
    }
    for (unsigned i = 0; i < u->nrecords; i++) {
        struct type *t = u->records[i];
        if (t->is_object)
            line(&lines, u, "object", arena_printf(&u->arena, "%s %ld", llvm_name(u, t), t->size));
        type_fields(t);
        for (unsigned k = 0; k < t->nfields; k++)
            if (t->fields[k].decl && t->fields[k].decl->private_top)
                variable_claims(u, t->fields[k].decl, &lines);
        immutable_claims(u, (struct reach){.record = llvm_name(u, t), .size = t->size}, t, &lines);
    }
    view_claims(u, &lines);
    names_sort(&lines);
    str_add(o,
            "\nstatic const char stm_claims[] __attribute__((__section__(\"ungil_claims\"), __used__)) =\n");
    for (unsigned i = 0; i < lines.n; i++) {
        str_add(o, "    ");
        emit_c_string(o, arena_printf(&u->arena, "%s\n", lines.v[i]));
        str_add(o, "\n");
    }
    str_add(o, "    \"\";\n");
    free(lines.v);
}
