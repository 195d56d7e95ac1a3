/* fnflow.c - which types a function pointer may be called through: a file's part (fnclass.c joins the
 * parts).
 *
 * C lets a function be called only through a pointer to its own type (6.5.2.2), so what an indirect call may
 * reach can be told by type.  Real programs break that rule, most of them through casts.  So types form
 * classes: wherever a pointer to one function type may turn into a pointer to another, the two are merged,
 * and where the type gets lost, the type joins the one class that may call anything, "*".  (Signatures
 * alone: LLVM's CFI; types that escape through casts: Lu, Hu, "Where Does It Go? Refining Indirect-Call
 * Targets with Multi-Layer Type Analysis", CCS 2019.)
 *
 * ast/fnkey.c says what a type's KEY is.  A summary says, one line each:
 *   merge KEY KEY   a conversion, explicit or not, between the two; "*" for one: to or from something that
 *                   is no function pointer (but not a null
 *                   pointer or another constant), through `...`, va_arg, an unprototyped call, assembly,
 *                   atomics, a system header's place
 *   out N KEY       an object that holds such a pointer N bytes behind its start becomes a void * or an
 *                   integer; in N KEY: the other way
 *   decl NAME SIG TOKENS    something with external linkage and the function pointers in its type; `def`
 *                           where it is defined
 *   foreign TOKENS  what code that is not translated gets or gives
 *   entered NAME            assembly, an alias or the like names the function
 *   rebound NAME            assembly may say what the symbol is
 *   rec {TAG} TOKENS        what TOKENS ({TAG} or KEY) a struct holds
 *
 * Memory of one type read as another: a cast between pointers to different structs merges what lies at the
 * same offset, follows pointers there, and takes a function pointer on top of anything else for "*", as in a
 * union.  So does memcpy.  An object seen through a pointer to char or to another scalar: "*".  void * is a
 * place where all types meet, but at the same offset only: objects of different types in one allocator's
 * memory are not read as each other (effective types, C 6.5p7). */
#include "whole/fnflow.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "analysis/externals.h"
#include "ast/fnkey.h"
#include "ast/query.h"
#include "parse/parse.h"

enum { MAX_ELEMENTS = 64, MAX_PAIRS = 1 << 20 };

struct fnflow {
    const struct unit *u;
    struct arena arena;
    struct names lines;
    struct map keys, done, inhub, outhub; /* by type; pairs of types */
};

/* A scalar at an offset; `size` bytes, more than t's if it stands for all elements of an array; it may lie
 * in a union. */
struct leaf {
    long off, size;
    const struct type *t;
    bool either;
};
struct leaves {
    struct leaf *v;
    unsigned n, cap;
    bool over; /* incomplete: an array's first element stands for all */
};

static const char *key_of(struct fnflow *w, const struct type *t)
{
    const struct type *f = function_of(t);
    uint64_t at = (uint64_t)(uintptr_t)f;
    const char *key = f ? map_get(&w->keys, at) : NULL;
    if (f && !key)
        map_put(&w->keys, at, (void *)(key = fnflow_key(&w->arena, f)));
    return key;
}

/* ---- lines ---- */

static void line(struct fnflow *w, const char *s)
{
    ptr_push(&w->lines.v, &w->lines.n, &w->lines.cap, (void *)s);
}

static void merge(struct fnflow *w, const char *a, const char *b)
{
    if (strcmp(a, b))
        line(w, strcmp(a, b) < 0 ? arena_printf(&w->arena, "merge %s %s", a, b)
                                 : arena_printf(&w->arena, "merge %s %s", b, a));
}

static void lose(struct fnflow *w, const struct type *f)
{
    merge(w, "*", key_of(w, f));
}

/* Notes a pair of types; true the first time. */
static bool first_time(struct map *m, const void *a, const void *b)
{
    uint64_t pair[2] = {(uint64_t)(uintptr_t)a, (uint64_t)(uintptr_t)b},
             h = hash_bytes(pair, sizeof pair) | 1;
    if (map_get(m, h))
        return false;
    map_put(m, h, m);
    return true;
}

/* ---- what lies in memory ---- */

static void add_leaves(struct leaves *v, const struct type *t, long off, bool either)
{
    long count = 1;
    for (; t->kind == T_ARRAY; t = t->elem)
        count = t->count > 0 ? count * t->count : count;
    if (t->kind == T_RECORD) {
        type_fields((struct type *)t);
        v->over |= count > MAX_ELEMENTS;
        for (long i = 0; i < count && i < MAX_ELEMENTS; i++)
            for (unsigned k = 0; k < t->nfields; k++)
                add_leaves(v, t->fields[k].type,
                           off + i * t->size + (t->fields[k].offset > 0 ? t->fields[k].offset : 0),
                           either || t->is_union);
        return;
    }
    if (v->n == v->cap)
        v->v = xrealloc(v->v, (v->cap = v->cap * 2 + 16) * sizeof *v->v);
    v->v[v->n++] = (struct leaf){off, count * (t->size > 0 ? t->size : 1), t, either};
}

static struct leaves leaves_of(const struct type *t)
{
    struct leaves v = {0};
    add_leaves(&v, t, 0, false);
    return v;
}

/* All function pointers in t, which memory of any other kind may be read as. */
static void lose_all(struct fnflow *w, const struct type *t)
{
    struct leaves v = leaves_of(t);
    for (unsigned i = 0; i < v.n; i++)
        if (function_of(v.v[i].t))
            lose(w, v.v[i].t);
    free(v.v);
}

/* A pointer to t becomes a void * or an integer (out), or the other way. */
static void hub(struct fnflow *w, const struct type *t, bool out)
{
    t = element_type(t);
    if (function_of(t) && t->kind == T_POINTER) {
        lose(w, t); /* nothing but that pointer, so no offset tells it from others */
        return;
    }
    if (t->kind != T_RECORD || !first_time(out ? &w->outhub : &w->inhub, t, NULL))
        return;
    struct leaves v = leaves_of(t);
    for (unsigned i = 0; i < v.n; i++)
        if (function_of(v.v[i].t) && (v.over || v.v[i].size > v.v[i].t->size))
            lose(w, v.v[i].t);
        else if (function_of(v.v[i].t))
            line(w,
                 arena_printf(&w->arena, "%s %ld %s", out ? "out" : "in", v.v[i].off, key_of(w, v.v[i].t)));
    free(v.v);
}

static void hub_both(struct fnflow *w, const struct type *t)
{
    hub(w, t, true);
    hub(w, t, false);
}

static void one_memory(struct fnflow *w, const struct type *a, const struct type *b);
static void one_value(struct fnflow *w, const struct type *a, const struct type *b, bool either);
static void lose_value(struct fnflow *w, const struct type *t);

/* Functions of types a and b, which are not the same, are taken for each other: then what is passed is, too.
 */
static void one_signature(struct fnflow *w, const struct type *a, const struct type *b)
{
    one_value(w, a->elem, b->elem, false);
    unsigned both = a->nparams < b->nparams ? a->nparams : b->nparams;
    for (unsigned i = 0; i < both; i++)
        one_value(w, a->params[i], b->params[i], false);
    const struct type *more = a->nparams > both ? a : b;
    for (unsigned i = both; i < more->nparams; i++)
        lose_value(w, more->params[i]);
}

/* The same bytes are read as a and as b.  either: in a union; there a pointer to an object is
 * read as what was written, for what it points to would not make sense otherwise. */
static void one_value(struct fnflow *w, const struct type *a, const struct type *b, bool either)
{
    const struct type *fa = function_of(a), *fb = function_of(b);
    if (fa && fb) {
        merge(w, key_of(w, fa), key_of(w, fb));
        if (fa != fb && first_time(&w->done, fa, fb))
            one_signature(w, fa, fb);
    } else if (fa || fb) {
        lose(w, fa ? fa : fb);
    } else if (a->kind == T_POINTER && b->kind == T_POINTER) {
        if (!either || function_of(a->elem) || function_of(b->elem))
            one_memory(w, a->elem, b->elem);
    } else if (!either && (a->kind == T_POINTER || b->kind == T_POINTER)) {
        hub_both(w, a->kind == T_POINTER ? a->elem : b->elem);
    } else if (a->kind == T_RECORD && b->kind == T_RECORD && a->id != b->id) {
        lose_all(w, a);
        lose_all(w, b);
    }
}

static void overlay(struct fnflow *w, const struct leaves *a, const struct leaves *b)
{
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned j = 0; j < b->n; j++) {
            const struct leaf *x = &a->v[i], *y = &b->v[j];
            bool pointers = x->t->kind == T_POINTER || y->t->kind == T_POINTER;
            if (x != y && pointers && x->off < y->off + y->size && y->off < x->off + x->size)
                one_value(w, x->t, y->t, x->either || y->either);
        }
}

/* The same memory is used as a's and as b's. */
static void one_memory(struct fnflow *w, const struct type *a, const struct type *b)
{
    a = element_type(a);
    b = element_type(b);
    if (a == b || (a->kind == T_RECORD && a->id == b->id) || !first_time(&w->done, a, b))
        return;
    if (a->kind == T_VOID || b->kind == T_VOID) {
        hub_both(w, a->kind == T_VOID ? b : a);
        return;
    }
    struct leaves x = leaves_of(a), y = leaves_of(b);
    if (a->kind != T_RECORD || b->kind != T_RECORD || x.over || y.over ||
        (unsigned long)x.n * y.n > MAX_PAIRS) {
        if (a->kind == T_POINTER && b->kind == T_POINTER)
            one_value(w, a, b, false);
        else {
            lose_all(w, a);
            lose_all(w, b);
        }
    } else {
        overlay(w, &x, &y);
    }
    free(x.v);
    free(y.v);
}

/* ---- conversions ---- */

static bool is_constant(const struct unit *u, const struct node *n)
{
    n = strip_parens(n);
    if (n->kind == N_CAST && n->nkids == 1)
        return is_constant(u, n->kids[0]);
    if (n->kind == N_UNARY && n->nkids == 1 && n->type && n->type->is_integer)
        return is_constant(u, n->kids[0]);
    if (n->kind == N_REF)
        return n->decl->kind == D_ENUM;
    char c = u->src.text[n->begin];
    return n->kind == N_LITERAL && n->type && n->type->is_integer && ((c >= '0' && c <= '9') || c == '\'');
}

static bool calls_one_of(const struct node *call, const char *const *names)
{
    for (; call && call->kind == N_CALL && call->decl && *names; names++)
        if (!strcmp(call->decl->name, *names))
            return true;
    return false;
}

/* Does the function pass its argument on to nobody, as it is? */
static bool keeps_to_itself(const struct node *call)
{
    static const char *const names[] = {"free", "memset", "memcmp", NULL};
    return calls_one_of(call, names);
}

static void convert_pointer(struct fnflow *w, const struct node *operand, const struct type *from,
                            const struct type *to)
{
    from = element_type(from);
    to = element_type(to);
    if (from->kind == T_VOID && to->kind == T_VOID)
        return;
    const struct node *source = strip_parens(operand);
    while (source->kind == N_CAST && source->nkids == 1)
        source = strip_parens(source->kids[0]);
    bool bytes = from->is_integer && from->size == 1 && to->kind == T_RECORD;
    if (from->kind == T_VOID || bytes) {
        if (!is_fresh_memory(source))
            hub(w, to, false);
    } else if (to->kind == T_VOID) {
        if (!keeps_to_itself(argument_of(operand)))
            hub(w, from, true);
    } else {
        if (from->kind == T_RECORD && to->is_integer)
            hub(w, from, true);
        one_memory(w, from, to);
    }
}

static void convert(struct fnflow *w, const struct node *operand, const struct type *from,
                    const struct type *to)
{
    if (!from || !to || from == to || to->kind == T_VOID || is_bool_type(to) ||
        from->kind == T_OTHER) /* the last: the name of a built-in function */
        return;
    const struct type *f = function_of(from), *t = function_of(to);
    bool pointer = from->kind == T_POINTER || from->kind == T_ARRAY,
         into = to->kind == T_POINTER || to->kind == T_ARRAY;
    if (!f && !t && !pointer && !into)
        return;
    if (is_constant(w->u, operand))
        return;
    if (f || t)
        one_value(w, f ? f : from, t ? t : to, false);
    else if (pointer && into)
        convert_pointer(w, operand, from->elem, to->elem);
    else
        hub(w, pointer ? from->elem : to->elem, pointer);
}

/* A value of type t gets out of sight, or comes from there. */
static void lose_value(struct fnflow *w, const struct type *t)
{
    if (!t)
        return;
    if (function_of(t))
        lose(w, t);
    else if (t->kind == T_RECORD)
        lose_all(w, t);
    else if (t->kind == T_POINTER || t->kind == T_ARRAY) {
        hub_both(w, t->elem);
        if (t->elem->kind == T_POINTER)
            lose_value(w, t->elem);
    }
}

/* ---- what is not translated ---- */

struct tokens {
    struct fnflow *w;
    struct names *to;
    struct map seen;
};

/* The function pointers that whoever has a t can get at: keys, and the names of structs. */
static void add_tokens(struct tokens *k, const struct type *t, bool inside)
{
    struct fnflow *w = k->w;
    if (!t || !first_time(&k->seen, t, inside ? t : NULL))
        return;
    const struct type *f = function_of(t);
    if (f) {
        ptr_push(&k->to->v, &k->to->n, &k->to->cap, (void *)key_of(w, f));
        add_tokens(k, f->elem, false);
        for (unsigned i = 0; i < f->nparams; i++)
            add_tokens(k, f->params[i], false);
    } else if (t->kind == T_POINTER || t->kind == T_ARRAY) {
        add_tokens(k, t->elem, false);
    } else if (t->kind == T_RECORD) {
        struct str s = {0};
        fnkey_type(&s, t, false);
        if (strcmp(s.s, "{}") && !inside) {
            ptr_push(&k->to->v, &k->to->n, &k->to->cap, arena_strn(&w->arena, s.s, s.n));
        } else {
            type_fields((struct type *)t);
            for (unsigned i = 0; i < t->nfields; i++)
                add_tokens(k, t->fields[i].type, false);
        }
        str_free(&s);
    }
}

static void token_line(struct fnflow *w, const char *head, const struct type *t, bool inside)
{
    struct names v = {0};
    struct tokens k = {.w = w, .to = &v};
    add_tokens(&k, t, inside);
    names_sort(&v);
    struct str s = {0};
    str_add(&s, head);
    for (unsigned i = 0; i < v.n; i++)
        str_printf(&s, " %s", v.v[i]);
    if (v.n || *head == 'd')
        line(w, arena_strn(&w->arena, s.s, s.n));
    str_free(&s);
    free(v.v);
    map_free(&k.seen);
}

static bool known_external(const struct decl *d)
{
    return external_find(d->name) || d->pure || d->safe || !strncmp(d->name, "__builtin_", 10) ||
           !strncmp(d->name, "stm_", 4);
}

static void declaration(struct fnflow *w, const struct decl *d)
{
    if ((d->kind != D_FUNC && d->kind != D_VAR) || d->storage != ST_EXTERN || !d->type ||
        !first_time(&w->done, d, NULL))
        return;
    if ((d->system && !d->defined) ||
        !strncmp(d->name, "__builtin_",
                 10)) { /* what the library is given it calls itself; a result may be anything */
        if (d->kind == D_VAR || !known_external(d))
            token_line(w, "foreign", d->type, false);
        else if (function_of(d->type->elem))
            token_line(w, "foreign", d->type->elem, false);
        return;
    }
    struct str s = {0};
    str_printf(&s, "%s %s ", d->defined ? "def" : "decl", decl_symbol(d));
    if (d->type->kind == T_FUNC)
        fnkey_function(&s, d->type, true);
    else
        fnkey_type(&s, d->type, true);
    token_line(w, s.s, d->type, false);
    str_free(&s);
}

/* ---- the file ---- */

/* What an argument points to, casts looked through. */
static const struct type *pointee(const struct node *a)
{
    a = without_pointer_casts(a);
    return a->type && (a->type->kind == T_POINTER || a->type->kind == T_ARRAY) ? a->type->elem : NULL;
}

static void call(struct fnflow *w, const struct node *n)
{
    const struct type *f = function_of(n->kids[0]->type);
    for (unsigned i = 1; i < n->nkids; i++)
        if (!f || !f->prototype || i > f->nparams)
            lose_value(w, n->kids[i]->type);
    const struct type *to = copies_memory(n) ? pointee(n->kids[1]) : NULL,
                      *from = to ? pointee(n->kids[2]) : NULL;
    if (to && from)
        one_memory(w, to, from);
}

static void reference(struct fnflow *w, const struct node *n)
{
    const struct type *f = n->decl->kind == D_FUNC ? function_of(n->decl->type) : NULL;
    declaration(w, n->decl);
    for (unsigned i = 0; f && n->type && n->type->kind == T_FUNC && !n->type->prototype && i < f->nparams;
         i++)
        lose_value(w, f->params[i]); /* an old-style definition has no prototype where it is used */
}

static void visit(struct fnflow *w, const struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_CALL && n->nkids)
        call(w, n);
    else if (n->kind == N_REF)
        reference(w, n);
    else if (n->kind == N_MEMBER && n->decl->system && n->type &&
             (function_of(n->type) || n->type->kind == T_RECORD))
        lose_value(w, n->type);
    else if (n->kind == N_VA_ARG || n->kind == N_OPAQUE || n->kind == N_ATOMIC)
        lose_value(w, n->type);
    for (unsigned i = 0; i < n->nkids; i++) {
        if ((n->kind == N_ASM || n->kind == N_ATOMIC) && n->kids[i])
            lose_value(w, n->kids[i]->type);
        visit(w, n->kids[i]);
    }
}

/* union { void *any; struct s *s; }: a conversion without a cast. */
static void hub_members(struct fnflow *w, const struct type *t)
{
    bool any = false;
    for (unsigned i = 0; i < t->nfields; i++)
        any |= t->fields[i].type->kind == T_POINTER && t->fields[i].type->elem->kind == T_VOID;
    for (unsigned i = 0; i < t->nfields && any; i++)
        if (t->fields[i].type->kind == T_POINTER)
            hub_both(w, t->fields[i].type->elem);
}

static void records(struct fnflow *w)
{
    for (unsigned i = 0; i < w->u->nrecords; i++) /* grows as their fields are looked at */
        type_fields(w->u->records[i]);
    for (unsigned i = 0; i < w->u->nrecords; i++) {
        const struct type *t = w->u->records[i];
        struct str s = {0};
        str_add(&s, "rec ");
        fnkey_type(&s, t, false);
        if (strcmp(s.s, "rec {}"))
            token_line(w, s.s, t, true);
        str_free(&s);
        if (!t->is_union)
            continue;
        hub_members(w, t);
        struct leaves v = leaves_of(t);
        if ((unsigned long)v.n * v.n > MAX_PAIRS || v.over)
            lose_all(w, t);
        else
            overlay(w, &v, &v);
        free(v.v);
    }
}

/* The functions whose address is taken. */
static void collect_taken(struct fnflow *w, const struct node *n, const struct node *up)
{
    if (!n)
        return;
    if (n->kind == N_REF && n->decl && n->decl->kind == D_FUNC &&
        !(up && up->kind == N_CALL && up->decl && strip_parens(up->kids[0]) == n))
        line(w, arena_printf(&w->arena, "taken %s %s", decl_symbol(n->decl), key_of(w, n->decl->type)));
    for (unsigned i = 0; i < n->nkids; i++)
        collect_taken(w, n->kids[i], n->kind == N_PAREN ? up : n);
}

void fnflow_summary(const struct unit *u, struct str *out)
{
    struct fnflow w = {.u = u};
    for (unsigned i = 0; i < u->nfuncs; i++) {
        const struct decl *d = u->funcs[i];
        declaration(&w, d);
        visit(&w, d->body);
        collect_taken(&w, d->body, NULL);
    }
    for (unsigned i = 0; i < u->nglobals; i++) {
        declaration(&w, u->globals[i]);
        visit(&w, u->globals[i]->init);
        collect_taken(&w, u->globals[i]->init, NULL);
    }
    for (unsigned i = 0; i < u->nconversions; i++)
        convert(&w, u->conversions[i].operand, u->conversions[i].operand->type, u->conversions[i].to);
    records(&w);
    for (unsigned i = 0; i < u->entered.n; i++)
        line(&w, arena_printf(&w.arena, "entered %s", u->entered.v[i]));
    for (unsigned i = 0; i < u->rebound.n; i++)
        line(&w, arena_printf(&w.arena, "rebound %s", u->rebound.v[i]));
    names_sort(&w.lines);
    for (unsigned i = 0; i < w.lines.n; i++)
        str_printf(out, "%s\n", w.lines.v[i]);
    free(w.lines.v);
    map_free(&w.keys);
    map_free(&w.done);
    map_free(&w.inhub);
    map_free(&w.outhub);
    arena_free(&w.arena);
}
