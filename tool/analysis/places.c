/* places.c - which bytes an access touches, and what they are called.
 *
 * An access's bytes are counted from where a pointer leads that it goes through last: `p->a.b[i].c` is at the
 * sum of the offsets behind p, at any index.  What that pointer points to is named by its view.
 *
 * A type's key, its view, is its text with everything taken out in which types of the same memory may differ:
 *   {TAG}      a struct or union; without a tag {#HASH} of what it holds
 *   iN fN oN   an integer or enumeration, a floating point number, anything else, of N bytes
 *   *KEY       a pointer
 *   f(...)KEY  a function
 *   v          void; arrays are their elements; "c " before it: const */
#include "analysis/places.h"

#include <stdlib.h>
#include <string.h>

#include "ast/fnkey.h"
#include "ast/query.h"
#include "base/util.h"
#include "parse/parse.h"

/* ---- keys ---- */

static void add_key(struct str *s, const struct type *t);

/* The same wherever the header was found. */
unsigned long layout_of_type(const struct type *t)
{
    struct str in = {0};
    type_fields((struct type *)t);
    str_printf(&in, "%ld", t->size);
    for (unsigned i = 0; i < t->nfields; i++) {
        str_printf(&in, ",%ld %s ", t->fields[i].offset, t->fields[i].name);
        if (!strchr(t->fields[i].name, '('))
            add_key(&in, t->fields[i].type);
    }
    unsigned long h = hash_bytes(in.s, in.n);
    str_free(&in);
    return h;
}

static void add_key(struct str *s, const struct type *t)
{
    t = element_type(t);
    if (t->is_const && t->kind != T_FUNC)
        str_add(s, "c ");
    switch (t->kind) {
    case T_POINTER:
        str_add(s, "*");
        add_key(s, t->elem);
        return;
    case T_VOID:
        str_add(s, "v");
        return;
    case T_RECORD: {
        const char *name = unqualified(t->spelling);
        str_add(s, "{");
        if (t->unnamed || strpbrk(name, " ()\"\\"))
            str_printf(s, "#%016lx", layout_of_type(t));
        else
            str_add(s, name);
        str_add(s, "}");
        return;
    }
    case T_FUNC:
        str_add(s, "f(");
        for (unsigned i = 0; i < t->nparams; i++) {
            str_add(s, i ? "," : "");
            if (t->params[i]->kind == T_FUNC || t->params[i]->kind == T_ARRAY)
                str_add(s, "*");
            add_key(s, t->params[i]);
        }
        str_add(s, !t->prototype ? "?)" : t->variadic ? ",...)" : ")");
        add_key(s, t->elem);
        return;
    default:
        str_printf(s, "%c%ld",
                   t->is_integer                         ? 'i'
                   : t->kind == T_SCALAR && t->size <= 8 ? 'f'
                                                         : 'o',
                   t->size > 0 ? t->size : 1);
    }
}

const char *view_of_type(struct unit *u, const struct type *t)
{
    struct str s = {0};
    add_key(&s, t);
    const char *key = ir_intern(u->ir, s.s);
    str_free(&s);
    return key;
}

/* ---- places ---- */

void span_move(struct ir_span *s, long lo, long hi, long step)
{
    s->lo += lo;
    s->hi = s->hi >= IR_FAR || hi >= IR_FAR ? IR_FAR : s->hi + hi;
    s->step = s->lo == s->hi ? 0 : ir_gcd(s->step, step);
}

void span_move_along(struct ir_span *s, const struct type *t, bool last)
{
    if (t->kind != T_ARRAY)
        return;
    long size = t->elem->size;
    if (size <= 0)
        span_move(s, 0, IR_FAR, 1);
    else if (t->count > 1 || (t->count == 1 && !last))
        span_move(s, 0, (t->count - 1) * size, size);
    else
        span_move(s, 0, IR_FAR, size);
}

bool is_last_member(const struct type *record, const struct decl *d)
{
    if (!record || record->kind != T_RECORD || record->is_union)
        return true;
    type_fields((struct type *)record);
    return !record->nfields || record->fields[record->nfields - 1].decl == d ||
           record->fields[record->nfields - 1].type->kind == T_RECORD;
}

struct place place_root(const struct type *t)
{
    return (struct place){.root = element_type(t), .start = true};
}

void place_along(struct place *p, const struct type *t)
{
    if (!p->start)
        span_move_along(&p->at, t, p->last);
    else if (t->kind == T_ARRAY)
        p->at.indexed = true;
}

bool is_pointer_sum(const struct node *n)
{
    n = strip_parens(n);
    return n->kind == N_BINARY && n->type && n->type->kind == T_POINTER;
}

static bool is_zero_index(const struct unit *u, const struct node *n)
{
    return is_zero_literal(&u->src, n);
}

bool is_alternative(const struct node *n, const struct place *p)
{
    return n->kind == N_MEMBER && n->type && n->type->kind == T_RECORD && p->root->kind == T_RECORD &&
           p->root->is_union && !p->at.lo && !p->at.hi && !p->at.indexed && !p->at.own;
}

struct place place_of(const struct unit *u, struct node *n)
{
    struct place p;
    switch (n->kind) {
    case N_PAREN:
        return place_of(u, n->kids[0]);
    case N_UNARY: /* __real__, __imag__ */
        p = place_of(u, n->kids[0]);
        if (n->type && n->kids[0]->type && n->type->size != n->kids[0]->type->size && n->type->size > 0)
            span_move(&p.at, 0, n->type->size, n->type->size);
        return p;
    case N_MEMBER:
        if (n->arrow && n->kids[0]->type->kind != T_ARRAY) {
            p = place_root(n->kids[0]->type->elem);
            p.at.indexed = is_pointer_sum(n->kids[0]);
        } else {
            p = place_of(u, n->kids[0]);
            place_along(&p, n->kids[0]->type);
        }
        p.start = false;
        p.last = is_last_member(n->arrow ? n->kids[0]->type->elem : n->kids[0]->type, n->decl);
        if (n->offset >= 0)
            span_move(&p.at, n->offset, n->offset, 0);
        else
            span_move(&p.at, 0, IR_FAR, 1);
        return is_alternative(n, &p) ? place_root(n->type) : p;
    case N_SUBSCRIPT: {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        struct node *base = n->kids[rev];
        if (base->type->kind != T_ARRAY) {
            p = place_root(base->type->elem ? base->type->elem : base->type);
            p.at.indexed = !is_zero_index(u, n->kids[!rev]) || is_pointer_sum(base);
            return p;
        }
        p = place_of(u, base);
        place_along(&p, base->type);
        return p;
    }
    case N_DEREF:
        if (n->kids[0]->type->kind != T_ARRAY) {
            p = place_root(n->kids[0]->type->elem ? n->kids[0]->type->elem : n->kids[0]->type);
            p.at.indexed = is_pointer_sum(n->kids[0]);
            return p;
        }
        p = place_of(u, n->kids[0]);
        place_along(&p, n->kids[0]->type);
        return p;
    default: /* a variable, or a value */
        p = place_root(n->type);
        p.at.own = n->kind == N_REF;
        return p;
    }
}

const struct ir_span *span_of_place(struct unit *u, struct node *n)
{
    struct place p = place_of(u, n);
    p.at.view = view_of_type(u, p.root);
    p.at.own &= !p.root->is_const;
    p.at.size = n->type->size > 0 ? n->type->size : IR_FAR;
    return ir_span_new(u->ir, p.at);
}

const struct ir_span *span_of_all(struct unit *u, const char *view)
{
    struct ir_span s = {.view = ir_intern(u->ir, view), .size = IR_FAR};
    return ir_span_new(u->ir, s);
}

const struct ir_span *span_of_variable(struct unit *u, const struct decl *d)
{
    struct ir_span s = {.view = view_of_type(u, element_type(d->type)), .size = IR_FAR, .own = true};
    return ir_span_new(u->ir, s);
}

/* What the pointer n points to, and where. */
static bool place_pointed_to(const struct unit *u, struct node *n, struct place *p)
{
    n = without_pointer_casts(n);
    if (!n->type)
        return false;
    if (n->kind == N_ADDROF && n->kids[0]->type) {
        struct node *k = strip_parens(n->kids[0]);
        *p = place_of(u, k);
        place_along(p, k->type);
    } else if (n->type->kind == T_ARRAY) {
        *p = place_of(u, n);
        place_along(p, n->type);
    } else if (n->type->kind == T_POINTER) {
        *p = place_root(n->type->elem);
        p->at.indexed = is_pointer_sum(n);
    } else {
        return false;
    }
    return true;
}

const struct ir_span *span_of_pointee(struct unit *u, struct node *n)
{
    struct place p;
    if (!place_pointed_to(u, n, &p))
        return NULL;
    p.at.view = view_of_type(u, p.root);
    p.at.size = IR_FAR;
    return ir_span_new(u->ir, p.at);
}

const struct type *root_of_place(struct unit *u, struct node *n)
{
    return place_of(u, n).root;
}

const struct type *root_of_pointee(struct unit *u, struct node *n)
{
    struct place p;
    return place_pointed_to(u, n, &p) ? p.root : NULL;
}
