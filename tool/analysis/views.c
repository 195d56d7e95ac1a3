/* views.c - who may write what: a file's part (passes/reach.c joins the parts).
 *
 * Each way in which a pointer to one type becomes a pointer to another is a view (struct ir_view):
 * conversions, explicit or not; addresses of members, and arrays that decay; what goes through integers,
 * through `...`, out to code that is not translated, and back.  (What an access touches: places.c.) */
#include "analysis/views.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "analysis/places.h"
#include "ast/fnkey.h"
#include "ast/query.h"
#include "base/util.h"
#include "parse/parse.h"

enum { NEAR = 1 << 20, MAX_MEMBERS = 1000 };

struct views {
    struct unit *u;
    struct map done, keys, lines;
    const struct type **wanted;
    unsigned nwanted, capwanted; /* records and functions that a view names */
};

/* The view of what is used as one, whose members matter. */
static const char *view(struct views *w, const struct type *t)
{
    t = element_type(t);
    const char *key = map_get(&w->keys, (uint64_t)(uintptr_t)t);
    if (key)
        return key;
    key = view_of_type(w->u, t);
    map_put(&w->keys, (uint64_t)(uintptr_t)t, (void *)key);
    ptr_push(&w->wanted, &w->nwanted, &w->capwanted, (void *)t);
    return key;
}

/* ---- lines ---- */

static void add(struct views *w, const char *from, const char *to, const struct ir_span *at,
                enum ir_view_kind kind, const char *unless)
{
    struct ir_view v = {.to = to, .kind = kind, .unless = unless};
    if (at)
        v.from = *at;
    v.from.view = from;
    if (from == to && (!at || (!at->lo && !at->hi)) && kind != IR_VIEW_ARITH)
        return;
    struct {
        const void *from, *to, *unless;
        long lo, hi, step, kind;
    } id = {from, to, unless, v.from.lo, v.from.hi, v.from.step, (long)kind};
    uint64_t h = hash_bytes(&id, sizeof id) | 1;
    if (map_get(&w->lines, h))
        return;
    map_put(&w->lines, h, w);
    ir_add_view(w->u->ir, v);
}

static void convert(struct views *w, const char *from, const char *to)
{
    add(w, from, to, NULL, IR_VIEW_CONVERT, NULL);
}

static const char *unconst(const char *view)
{
    return strncmp(view, "c ", 2) ? view : view + 2;
}

static const char *word(struct views *w, const char *s)
{
    return ir_intern(w->u->ir, s);
}

static void both(struct views *w, const char *a, const char *b)
{
    convert(w, a, word(w, b));
    convert(w, word(w, b), a);
}

static bool is_pointer(const struct type *t)
{
    return t && (t->kind == T_POINTER || t->kind == T_ARRAY);
}

/* A value of type t gets out of sight, or comes from there; if it is a record, what it holds. */
static void lose(struct views *w, const struct type *t)
{
    if (!t)
        return;
    if (t->kind == T_FUNC) {
        both(w, view(w, t), "?");
    } else if (is_pointer(t)) {
        if (!element_type(t->elem)->opaque_system) /* the library's own */
            both(w, view(w, t->elem), "?");
    } else if (t->kind == T_RECORD) {
        type_fields((struct type *)t);
        for (unsigned i = 0; i < t->nfields; i++)
            lose(w, t->fields[i].type->kind == T_ARRAY ? element_type(t->fields[i].type) : t->fields[i].type);
    }
}

static bool first_time(struct views *w, const void *p)
{
    if (map_get(&w->done, (uint64_t)(uintptr_t)p))
        return false;
    map_put(&w->done, (uint64_t)(uintptr_t)p, w);
    return true;
}

/* ---- calls ---- */

enum callee { TRANSLATED, KNOWN, CALLS, LOOSE };

/* KNOWN: keeps none of its arguments, and calls nobody.  CALLS: it gives its arguments to functions that are
 * among them, or returns one.  LOOSE: what it is given may come back from wherever. */
static enum callee callee_of(const struct node *call)
{
    const struct decl *d = call->decl;
    if (!d || d->defined)
        return TRANSLATED;
    if (callee_kind(d) == CALLEE_EITHER)
        return LOOSE;
    const struct external *e = call_external(call);
    if (!e && strncmp(d->name, "stm_", 4))
        return d->pure ? KNOWN : d->safe || d->irreversible ? LOOSE : TRANSLATED;
    if (e && (e->effect == EXT_UNKNOWN || e->effect == EXT_UNSUPPORTED || strstr(d->name, "specific")))
        return LOOSE;
    bool calls = !e;
    for (unsigned i = 1; i < call->nkids; i++)
        calls |= function_of(call->kids[i]->type) != NULL;
    return calls ? CALLS : KNOWN;
}

/* Pointers to t are moved along an array, and kept. */
static void arithmetic(struct views *w, const struct type *t)
{
    if (t->kind != T_FUNC && !element_type(t)->is_object)
        add(w, view(w, t), view(w, t), NULL, IR_VIEW_ARITH, NULL);
}

/* What the pointer leads to that a function, which is KNOWN, may store where its argument i points (strtol's
 * second); null: it stores none there. */
static const struct type *stored_pointer(const struct node *call, unsigned i)
{
    const struct external *e = call_external(call);
    const struct type *t = without_pointer_casts(call->kids[i])->type;
    bool given = e && i <= strlen(e->args) && strchr("we", e->args[i - 1]);
    return given && is_pointer(t) && is_pointer(t->elem) && !function_of(t->elem) ? t->elem->elem : NULL;
}

/* May what the function, which is KNOWN, is given come out of it: as its result, or by what it stores? */
static bool leads_out(const struct node *call)
{
    bool out = is_pointer(call->type) && is_used(call);
    for (unsigned i = 1; i < call->nkids && !out; i++)
        out = stored_pointer(call, i) != NULL;
    return out;
}

/* The function, which is KNOWN, gives out a pointer to `said`, used as one to `out`: it is the first of its
 * arguments, or leads into some argument: into what a points to, perhaps.  But structs, where they are not
 * what a points to, are the library's own: FILE, what localtime has. */
static void comes_out(struct views *w, const struct node *call, const struct node *a, const struct type *said,
                      const struct type *out)
{
    static const struct ir_span into = {.hi = IR_FAR, .step = 1};
    static const char *const same[] = {"strcpy", "strncpy", "strcat", "strncat", "fgets", NULL};
    const struct external *e = call_external(call);
    const char *from = view(w, a->type->elem), *result = view(w, out);
    if (said->kind == T_RECORD && strcmp(unconst(from), unconst(view(w, said))) != 0 &&
        strcmp(unconst(from), "v") != 0)
        return;
    bool is_same = said->kind == T_RECORD || (e && e->effect == EXT_MAPPED),
         is_char = !strcmp(unconst(from), unconst(result));
    for (unsigned i = 0; same[i]; i++)
        is_same |= !strcmp(c_name(call->decl), same[i]);
    add(w, from, result, is_same || is_char ? NULL : &into,
        is_same || !is_char ? IR_VIEW_CONVERT : IR_VIEW_ARITH, NULL);
}

/* Argument a of a function that is KNOWN comes out through pointers that it stores, moved on. */
static void stored_in_others(struct views *w, const struct node *call, const struct node *a)
{
    for (unsigned i = 1; i < call->nkids; i++) {
        const struct type *out = stored_pointer(call, i);
        if (out && without_pointer_casts(call->kids[i]) != a) {
            comes_out(w, call, a, out, out);
            arithmetic(w, out);
        }
    }
}

/* What a function that is among the arguments of `call` gets and returns. */
static void calls_back(struct views *w, const struct node *call, const struct type *f, const char *result)
{
    for (unsigned i = 1; i < call->nkids; i++) {
        const struct type *back = function_of(call->kids[i]->type), *t = call->kids[i]->type;
        if (i <= f->nparams)
            t = f->params[i - 1];
        if (result && is_pointer(t) && !function_of(t))
            convert(w, view(w, t->elem), result);
        for (unsigned p = 0; back && p < back->nparams; p++)
            for (unsigned k = 0; k < f->nparams && is_pointer(back->params[p]); k++)
                if (f->params[k]->kind == T_POINTER && f->params[k]->elem->kind == T_VOID)
                    convert(w, view(w, f->params[k]->elem), view(w, back->params[p]->elem));
        if (result && back && is_pointer(back->elem))
            convert(w, view(w, back->elem->elem), result);
        if (back && !back->prototype)
            lose(w, back);
    }
}

/* What goes out as bytes, or as text, or comes in so, by argument i of a function that is KNOWN: what is read
 * from a file may be a pointer that was written there; so may what scanf makes of printf's %p. */
static const struct type *transferred(const struct views *w, const struct node *call, unsigned i)
{
    const struct external *e = call_external(call);
    const struct type *f = function_of(call->kids[0]->type), *t = without_pointer_casts(call->kids[i])->type;
    if (!e || !is_pointer(t) || copies_memory(call))
        return NULL;
    if (e->rest && i > strlen(e->args))
        return e->rest == 'w' ? t->elem : is_address_output(&w->u->src, call, i - 1, e) ? t : NULL;
    if (!f || !f->prototype || i > f->nparams || !is_pointer(f->params[i - 1]) || e->effect == EXT_PURE)
        return NULL;
    const struct type *bytes = f->params[i - 1]->elem;
    bool given = i <= strlen(e->args) && strchr("rw", e->args[i - 1]) &&
                 (bytes->kind == T_VOID || (bytes->kind == T_SCALAR && bytes->size == 1));
    return given ? t->elem : NULL;
}

static void call(struct views *w, struct node *n)
{
    const struct type *f = function_of(n->kids[0]->type);
    enum callee to = callee_of(n);
    bool alone = !is_fresh_memory(n) && is_used(n) && !map_get(&w->done, (uint64_t)(uintptr_t)n);
    const char *result = is_pointer(n->type) ? view(w, n->type->elem) : NULL;
    if (n->decl && !strcmp(n->decl->name, "stm_new_"))
        return;
    for (unsigned i = 1; i < n->nkids; i++) {
        const struct node *a = without_pointer_casts(n->kids[i]);
        bool named = f && f->prototype && i <= f->nparams;
        if (to == LOOSE || (to != KNOWN && !named)) {
            lose(w, n->kids[i]->type);
            if (named)
                lose(w, f->params[i - 1]);
        }
        if (to == KNOWN && result && alone && is_pointer(a->type))
            comes_out(w, n, a, n->type->elem, n->type->elem);
        if (to == KNOWN && is_pointer(a->type))
            stored_in_others(w, n, a);
        if (to == KNOWN)
            lose(w, transferred(w, n, i));
        if (n->decl && !n->decl->defined && !strcmp(n->decl->name, "stm_pin") && is_pointer(a->type))
            convert(w, view(w, a->type->elem), word(w, "!"));
    }
    if (to == CALLS && f)
        calls_back(w, n, f, result);
    if (to == LOOSE || !f || !f->prototype)
        lose(w, n->type);
    if (copies_memory(n)) {
        const struct node *a = without_pointer_casts(n->kids[1]), *b = without_pointer_casts(n->kids[2]);
        if (is_pointer(a->type) && is_pointer(b->type))
            add(w, view(w, b->type->elem), view(w, a->type->elem), NULL, IR_VIEW_COPIED, NULL);
    }
}

/* ---- integers ---- */

enum carry { NOTHING, SAME, MOVED }; /* may it be a pointer: as it was, or after arithmetic? */

static enum carry carries(struct views *w, const struct node *n);

static enum carry more(enum carry a, enum carry b)
{
    return a > b ? a : b;
}

static char operator_of(struct views *w, const struct node *n)
{
    const char *s = w->u->src.text + n->kids[0]->end;
    return s[strcspn(s, "=|&+-*/%^<>;")];
}

/* An odd number made by a shift to the left is no pointer, but a tagged integer. */
static bool is_tagged_number(struct views *w, const struct node *n)
{
    if (n->kind != N_BINARY || n->nkids != 2)
        return false;
    const struct node *one = strip_parens(n->kids[1]), *shift = strip_parens(n->kids[0]);
    while (shift->kind == N_CAST && shift->nkids == 1)
        shift = strip_parens(shift->kids[0]);
    while (one->kind == N_CAST && one->nkids == 1)
        one = strip_parens(one->kids[0]);
    return (operator_of(w, n) == '|' || n->op == OP_ADD) && one->kind == N_LITERAL &&
           (strtoul(w->u->src.text + one->begin, NULL, 0) & 1) && shift->kind == N_BINARY &&
           shift->op == OP_SHL;
}

static enum carry carries(struct views *w, const struct node *n)
{
    n = strip_parens(n);
    if (!n->type || is_pointer(n->type))
        return n->type && n->kind != N_LITERAL ? SAME : NOTHING;
    if (n->type->is_integer && n->type->size > 0 && n->type->size < 8)
        return NOTHING;
    switch (n->kind) {
    case N_LITERAL:
    case N_UNEVALUATED:
    case N_LOGICAL:
        return NOTHING;
    case N_REF:
        return n->decl->kind == D_ENUM ? NOTHING : MOVED;
    case N_CAST:
    case N_PAREN:
        return n->nkids ? carries(w, n->kids[n->nkids - 1]) : MOVED;
    case N_UNARY:
        return n->op == OP_LNOT ? NOTHING : carries(w, n->kids[0]);
    case N_BINARY: {
        if (n->op >= OP_LT && n->op <= OP_NE)
            return NOTHING;
        enum carry c = more(carries(w, n->kids[0]), carries(w, n->kids[1]));
        bool bits = strchr("&|^<>", operator_of(w, n)) != NULL;
        return !c || bits ? c : MOVED;
    }
    case N_COND:
        return n->nkids == 3 ? more(carries(w, n->kids[1]), carries(w, n->kids[2])) : MOVED;
    case N_COMMA:
        return carries(w, n->kids[1]);
    default:
        return MOVED;
    }
}

/* ---- conversions ---- */

static void decay(struct views *w, struct node *n)
{
    struct place p = place_of(w->u, n);
    if (p.at.indexed)
        arithmetic(w, p.root);
    if (p.start)
        return;
    place_along(&p, n->type);
    add(w, view(w, p.root), view(w, n->type->elem), &p.at, IR_VIEW_PART, NULL);
}

static bool is_indexed(const struct node *n)
{
    n = with_parens(n);
    const struct node *up = n->parent;
    return up && ((up->kind == N_SUBSCRIPT && up->kids[0] == n) || up->kind == N_DEREF ||
                  up->kind == N_UNEVALUATED);
}

/* A constant, cast to a pointer or not. */
static bool is_null(const struct node *n)
{
    n = strip_parens(n);
    if (n->kind == N_CAST && n->nkids)
        return is_null(n->kids[n->nkids - 1]);
    return n->kind == N_LITERAL || (n->kind == N_REF && n->decl->kind == D_ENUM);
}

static void conversion(struct views *w, struct node *n, const struct type *to)
{
    const struct type *from = n->type;
    if (!from || from->kind == T_OTHER || to->kind == T_OTHER || to->kind == T_VOID || is_bool_type(to))
        return;
    struct node *source = without_pointer_casts(n);
    const struct node *call = argument_of(n);
    if (is_null(source) || is_fresh_memory(source))
        return;
    if (call && is_pointer(from) && callee_of(call) == KNOWN) {
        if (from->kind == T_ARRAY && n->kind != N_STRING && leads_out(call)) /* the rest is the call's */
            decay(w, n);
        return;
    }
    if (from->kind == T_ARRAY && n->kind != N_STRING && !is_indexed(n))
        decay(w, n);
    if (is_indexed(n) && from->kind == T_ARRAY && to->kind == T_POINTER &&
        element_type(from->elem) == element_type(to->elem))
        return;
    if (from->kind == T_FUNC && to->kind == T_POINTER) {
        const struct node *at = with_parens(n), *up = at->parent;
        if (up && up->kind == N_CALL && up->kids[0] == at)
            return; /* just called */
        convert(w, view(w, from), view(w, to->elem));
        return;
    }
    if (is_pointer(from) && is_pointer(to)) {
        bool called = source->kind == N_CALL && source->decl && source->decl->kind == D_FUNC;
        if (called && callee_of(source) == KNOWN) { /* what it returns is an argument, or lies there */
            first_time(w, source);
            for (unsigned i = 1; i < source->nkids; i++) {
                const struct node *a = without_pointer_casts(source->kids[i]);
                if (is_pointer(a->type))
                    comes_out(w, source, a, source->type->elem, to->elem);
            }
            return;
        }
        add(w, view(w, from->elem), view(w, to->elem), NULL, IR_VIEW_CONVERT,
            called ? word(w, decl_symbol(source->decl)) : NULL);
    } else if (is_pointer(from) && to->kind == T_SCALAR) {
        convert(w, view(w, from->elem), word(w, "#"));
    } else if (is_pointer(from) && to->kind == T_RECORD) { /* a transparent union */
        lose(w, from);
        lose(w, to);
    } else if (is_pointer(to) && from->kind == T_SCALAR) {
        enum carry c = is_tagged_number(w, strip_parens(n)) ? NOTHING : carries(w, n);
        struct ir_span any = {.lo = -NEAR, .hi = IR_FAR, .step = 1};
        if (c)
            add(w, word(w, "#"), view(w, to->elem), c == MOVED ? &any : NULL, IR_VIEW_CONVERT, NULL);
    }
}

/* ---- the tree ---- */

static void declare(struct views *w, const struct decl *d, int param, const struct type *t)
{
    if (is_pointer(t) || param == -2)
        ir_add_declared(w->u->ir, (struct ir_declared){.name = word(w, decl_symbol(d)),
                                                       .view = view(w, param == -2 ? t : t->elem),
                                                       .param = param,
                                                       .defined = d->defined || d->drop || d->alloc_size});
}

static void declaration(struct views *w, const struct decl *d)
{
    if (d->kind == D_FUNC && d->defined && d->type && library_may_call(d)) /* with what, we do not see */
        for (unsigned i = 0; i < d->type->nparams; i++)
            lose(w, d->type->params[i]);
    if ((d->kind != D_FUNC && d->kind != D_VAR) || d->storage != ST_EXTERN || d->system || !d->type ||
        d->pure || d->safe || d->irreversible || !strncmp(d->name, "stm_", 4) ||
        !strncmp(d->name, BUILTIN, strlen(BUILTIN)) || external_find(d->name) || !first_time(w, d))
        return;
    if (d->kind == D_VAR) {
        if (!d->file_scope || d->type->kind != T_FUNC)
            declare(w, d, -2, d->type);
        return;
    }
    declare(w, d, -1, d->type->elem);
    for (unsigned i = 0; i < d->type->nparams; i++)
        declare(w, d, (int)i, d->type->params[i]);
}

/* Of __real__ and __imag__, too: from the one part's address the other is reached, as from an element's. */
static void address(struct views *w, struct node *n)
{
    struct node *k = strip_parens(n->kids[0]), *in = target_of(k);
    const bool half = k->kind == N_UNARY;
    if (!k->type || k->type->kind == T_FUNC ||
        (in->kind != N_MEMBER && in->kind != N_SUBSCRIPT && in->kind != N_DEREF && !half))
        return;
    struct place p = place_of(w->u, k);
    if (p.at.indexed)
        arithmetic(w, p.root);
    if ((p.start && !half) || is_per_thread(in))
        return;
    place_along(&p, k->type);
    bool element_of = half || k->kind == N_SUBSCRIPT || k->type->kind == T_ARRAY,
         alone = !element_of && element_type(k->type)->kind != T_RECORD;
    add(w, view(w, p.root), view(w, k->type), &p.at, alone ? IR_VIEW_CONVERT : IR_VIEW_PART, NULL);
}

/* Is the sum n only accessed? */
static bool is_used_up(const struct node *n)
{
    n = with_parens(n);
    const struct node *up = n->parent;
    return n->kind != N_INCDEC && n->kind != N_COMPOUND_ASSIGN && up &&
           (up->kind == N_DEREF || (up->kind == N_MEMBER && up->arrow) ||
            (up->kind == N_SUBSCRIPT && up->kids[0] == n));
}

/* A union becomes the alternative n of it. */
static void alternative(struct views *w, struct node *n)
{
    struct place p = n->arrow && n->kids[0]->type->kind == T_POINTER ? place_root(n->kids[0]->type->elem)
                                                                     : place_of(w->u, n->kids[0]);
    p.at.indexed |= n->arrow && is_pointer_sum(n->kids[0]);
    if (is_alternative(n, &p))
        add(w, view(w, p.root), view(w, n->type), NULL, IR_VIEW_PART, NULL);
}

static void use(struct views *w, const struct type *t)
{
    if (t && t->kind == T_POINTER)
        t = t->elem;
    if (t && element_type(t)->kind == T_RECORD)
        view(w, t);
}

/* The function gets the address of something of type t, which no text says. */
static void passed(struct views *w, const struct type *t, const struct decl *to)
{
    const struct type *f = function_of(to->type);
    if (f && f->nparams && f->params[0]->kind == T_POINTER)
        convert(w, view(w, t), view(w, f->params[0]->elem));
    else if (f && !f->prototype)
        both(w, view(w, t), "?");
}

static void visit(struct views *w, struct node *n)
{
    if (!n)
        return;
    switch (n->kind) {
    case N_CALL:
        if (n->nkids)
            call(w, n);
        break;
    case N_REF:
        declaration(w, n->decl);
        if (n->decl->kind == D_FUNC && n->type && n->type->kind == T_FUNC && !n->type->prototype)
            lose(w, n->decl->type); /* an old-style definition has no prototype where it is used */
        break;
    case N_ADDROF:
        address(w, n);
        break;
    case N_GENERIC: /* what it chooses may be an array */
        for (unsigned i = 1; i < n->nkids; i++)
            if (n->kids[i]->type && n->kids[i]->type->kind == T_ARRAY)
                decay(w, n->kids[i]);
        break;
    case N_MEMBER: /* unions are views of their members */
    case N_INITLIST:
    case N_COMPOUND_LITERAL:
        use(w, n->kind == N_MEMBER ? n->kids[0]->type : n->type);
        if (n->kind == N_MEMBER)
            alternative(w, n);
        break;
    case N_INCDEC:
    case N_COMPOUND_ASSIGN:
    case N_BINARY:
        if (n->type && n->type->kind == T_POINTER && !is_used_up(n))
            arithmetic(w, n->type->elem);
        break;
    case N_VA_ARG:
    case N_OPAQUE:
    case N_ATOMIC:
        lose(w, n->type);
        break;
    case N_VAR:
        use(w, n->decl->type);
        if (n->decl->cleanup_fn)
            passed(w, n->decl->type, n->decl->cleanup_fn);
        break;
    default:
        break;
    }
    for (unsigned i = 0; i < n->nkids; i++) {
        struct node *k = n->kids[i];
        if (k && (n->kind == N_ASM || n->kind == N_ATOMIC || n->kind == N_OPAQUE)) {
            lose(w, k->type);
            if (is_pointer(k->type)) /* what lies there is exchanged */
                lose(w, element_type(k->type->elem));
        }
        visit(w, k);
    }
}

/* ---- records ---- */

static void add_members(struct views *w, struct ir_record *r, const struct type *t, struct ir_span at);

static void add_member(struct views *w, struct ir_record *r, const char *name, const struct type *t,
                       struct ir_span at, bool last)
{
    for (; t->kind == T_ARRAY; t = t->elem)
        span_move_along(&at, t, last);
    if (t->kind == T_RECORD) {
        add_members(w, r, t, at);
        return;
    }
    at.size = t->size > 0 ? t->size : 1;
    if (t->kind == T_POINTER)
        view(w, t->elem);
    if (r->nmembers < MAX_MEMBERS) {
        const struct type plain = {
            .kind = t->kind, .size = t->size, .elem = t->elem, .is_integer = t->is_integer};
        ir_add_member(
            w->u->ir, r,
            (struct ir_member){.name = word(w, name), .kind = view_of_type(w->u, &plain), .at = at});
    } else { /* too many: the rest is bytes */
        r->members[MAX_MEMBERS - 1] =
            (struct ir_member){word(w, ""), word(w, "i1"), {.hi = IR_FAR, .step = 1, .size = 1}};
    }
}

static void add_members(struct views *w, struct ir_record *r, const struct type *t, struct ir_span at)
{
    type_fields((struct type *)t);
    for (unsigned i = 0; i < t->nfields; i++) {
        const struct field *f = &t->fields[i];
        struct ir_span s = at;
        if (f->offset >= 0)
            span_move(&s, f->offset, f->offset, 0);
        else
            span_move(&s, 0, IR_FAR, 1);
        add_member(w, r, strchr(f->name, '(') ? "" : f->name, f->type, s, is_last_member(t, f->decl));
    }
}

static void describe(struct views *w, const struct type *t)
{
    if (t->kind == T_POINTER)
        view(w, t->elem);
    if (((t->kind != T_RECORD || t->size <= 0) && t->kind != T_FUNC) || t->opaque_system)
        return;
    struct type plain = *t;
    plain.is_const = false;
    const char *key = view_of_type(w->u, &plain);
    uint64_t h =
        hash_bytes(key, strlen(key)) ^ (t->kind == T_RECORD ? (uint64_t)(uintptr_t)t->id : 0) ^ 0x5bd1;
    if (!first_time(w, (const void *)(uintptr_t)(h | 1)))
        return;
    struct ir_record *r =
        ir_add_record(w->u->ir, key, t->kind == T_RECORD ? t->size : 8 * ((long)t->nparams + 1),
                      t->kind == T_FUNC || t->is_object);
    if (t->kind == T_RECORD) {
        add_members(w, r, t, (struct ir_span){0});
        return;
    }
    for (unsigned i = 0; i <= t->nparams; i++) {
        const struct type *p = i ? t->params[i - 1] : t->elem;
        long at = 8 * (long)i;
        if (p->kind == T_RECORD)
            lose(w, p);
        else if (p->kind != T_VOID)
            add_member(w, r, "", p, (struct ir_span){.lo = at, .hi = at}, false);
    }
}

void views_collect(struct unit *u)
{
    struct views w = {.u = u};
    for (unsigned i = 0; i < u->nconversions; i++)
        conversion(&w, (struct node *)u->conversions[i].operand, u->conversions[i].to);
    for (unsigned i = 0; i < u->nfuncs; i++) {
        declaration(&w, u->funcs[i]);
        if (!u->funcs[i]->drop)
            visit(&w, u->funcs[i]->body);
    }
    for (unsigned i = 0; i < u->nglobals; i++) {
        declaration(&w, u->globals[i]);
        visit(&w, u->globals[i]->init);
    }
    for (unsigned i = 0; i < u->naccesses; i++) {
        struct node *n = u->access_nodes[i];
        view(&w, place_of(u, n).root);
    }
    for (unsigned i = 0; i < w.nwanted; i++) /* grows */
        describe(&w, w.wanted[i]);
    free(w.wanted);
    map_free(&w.done);
    map_free(&w.keys);
    map_free(&w.lines);
}
