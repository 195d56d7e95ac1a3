/* expr.c - the translated text.
 *
 * The source text is copied, and rebuilt from the leaves wherever an access, a call or a declaration must
 * change, since edits nest (translator.md, "Emission").  A reference's access goes through the segment, with
 * the barrier that the passes left as a function around the pointer; an unknown pointer's through a function
 * that resolves it.
 *
 * The order of evaluation is order.c's. */
#include "emit/expr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "analysis/externals.h"
#include "analysis/globals.h"
#include "analysis/thunks.h"
#include "ast/query.h"
#include "emit/anchors.h"
#include "emit/check.h"
#include "emit/clones.h"
#include "emit/count.h"
#include "emit/descs.h"
#include "emit/dropped.h"
#include "emit/homes.h"
#include "emit/order.h"
#include "emit/per_thread.h"
#include "emit/stores.h"
#include "emit/text.h"
#include "source/diag.h"

char *emit_text(struct emitter *e, struct node *n)
{
    struct str s = {0};
    emit_ex(e, n, &s);
    emit_flatten(e, &s);
    if (s.s && emit_has_bare_comma(s.s)) {
        struct str p = {0};
        str_printf(&p, "(%s)", s.s);
        str_free(&s);
        s = p;
    }
    str_add(&s, ""); /* never null */
    return s.s;
}

static enum barrier_kind decision(const struct emitter *e, const struct node *n)
{
    return n->access >= 0 && !e->bare ? e->decisions[n->access] : BARRIER_NONE;
}

static void ex_plain(struct emitter *e, struct node *n, struct str *o);
static void ex_here(struct emitter *e, struct node *n, struct str *o);

/* A pointer to what n is, with a home of its own. */
static void at_home(struct emitter *e, struct node *n, struct str *o)
{
    struct str s = {0};
    ex_here(e, n, &s);
    emit_flatten(e, &s);
    emit_home(e, n, s.s, o);
    str_free(&s);
}

/* ---- operands in temporaries (order.c) ---- */

void emit_bind(struct emitter *e, struct node *n, struct str *pre)
{
    char name[SUBST_NAME];
    e->wrapped++;
    if (emit_needs_home(e, n)) {
        struct str s = {0};
        at_home(e, n, &s);
        snprintf(name, sizeof name, "(*stm_t%s%u)", e->u->own, e->temps++);
        str_printf(pre, "__auto_type %.*s = %s; ", (int)strlen(name) - 3, name + 2, s.s);
        str_free(&s);
    } else {
        char *s = emit_text(e, n);
        snprintf(name, sizeof name, "stm_t%s%u", e->u->own, e->temps++);
        if (n->type && n->type->kind == T_SCALAR && strstr(n->type->spelling, "_Complex"))
            emit_type_name(e, n, pre); /* else gcc's would be in %gs */
        else
            str_add(pre, "__auto_type");
        str_printf(pre, " %s = %s(%s); ", name,
                   n->type && (n->type->is_integer || n->type->is_bitint) ? "+" : "", s);
        free(s);
    }
    e->wrapped--;
    emit_push_subst(e, n, name);
}

static void bind_operands(struct emitter *e, const struct operands *ops, struct str *pre)
{
    for (unsigned i = 0; i < ops->n; i++) {
        struct node *v = ops->v[i];
        if (emit_subst_of(e, v) || !v->events)
            continue;
        struct operands in = {0};
        if (emit_must_order(e, v, &in))
            bind_operands(e, &in, pre);
        free(in.v);
        emit_bind(e, v, pre);
    }
}

void emit_ex(struct emitter *e, struct node *n, struct str *o)
{
    const struct subst *t = emit_subst_of(e, n);
    if (t) {
        str_add(o, t->name);
        return;
    }
    if (!n->nkids && !strncmp(emit_src(e, n->begin), "__builtin_LINE", 14)) { /* what it stands in may move */
        str_printf(o, "((__typeof__(__builtin_LINE()))%u)", source_loc(&e->u->src, n->begin).line);
        return;
    }
    if (emit_needs_home(e, n)) {
        str_add(o, "(*");
        at_home(e, n, o);
        str_add(o, ")");
        return;
    }
    ex_here(e, n, o);
}

static void ex_here(struct emitter *e, struct node *n, struct str *o)
{
    const struct decl **claim = e->u->check && !n->in_macro ? emit_claim(n) : NULL;
    if (claim) {
        const struct decl *from = *claim;
        *claim = NULL;
        char *value = emit_text(e, n);
        *claim = from;
        emit_checked_claim(e, n, from, value, o);
        free(value);
        return;
    }
    struct operands ops = {0};
    if (emit_must_order(e, n, &ops)) {
        unsigned mark = e->nsubs;
        struct str pre = {0};
        e->wrapped++;
        bind_operands(e, &ops, &pre);
        str_printf(o, "({ %s", pre.s ? pre.s : "");
        ex_plain(e, n, o);
        str_add(o, "; })");
        e->wrapped--;
        e->nsubs = mark;
        str_free(&pre);
    } else {
        ex_plain(e, n, o);
    }
    free(ops.v);
}

/* ---- accesses ---- */

static void owner_barrier(struct emitter *e, const struct node *n, const char *p, struct str *o)
{
    switch (decision(e, n)) {
    case BARRIER_READ:
        str_printf(o, "stm_rd(%s)", p);
        break;
    case BARRIER_WRITE:
        str_printf(o, "stm_wr(%s, %ld)", p, n->obj_size);
        break;
    default:
        str_add(o, p);
    }
}

static struct node *root_of(struct node *n)
{
    for (;;) {
        if (n->kind == N_PAREN || (n->kind == N_MEMBER && !n->arrow) || n->kind == N_UNARY)
            n = n->kids[0];
        else if (n->kind == N_SUBSCRIPT)
            n = n->kids[n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER];
        else if (n->kind == N_DEREF && n->kids[0]->type->kind == T_ARRAY)
            n = n->kids[0];
        else
            return n;
    }
}

/* Does the path from the owner go through an element of an array? */
static bool path_has_subscript(const struct node *n)
{
    for (;; n = n->kids[0]) {
        if (n->kind == N_SUBSCRIPT || (n->kind == N_DEREF && n->kids[0]->type->kind == T_ARRAY))
            return true;
        if (n->kind != N_PAREN && n->kind != N_UNARY && !(n->kind == N_MEMBER && !n->arrow))
            return false;
    }
}

enum { BIG = 64 }; /* aggregates above go by real addresses: clang cannot copy them through %gs */

/* Of these compilers forget %gs: clang 14 and 19 of a struct given by value, which they copy from the place
 * itself; gcc of a vector whose elements are named, which it takes for an array's. */
static bool loses_segment(const struct node *n)
{
    const struct node *p = with_parens(n)->parent;
    return p && ((n->type->kind == T_RECORD && p->kind == N_CALL) ||
                 (is_vector_element(p) && strip_parens(p->kids[0]) == n));
}

/* Replaces the first occurrence of a placeholder, which no C text contains. */
static void splice(struct str *o, const char *in, const char *mark, const char *with)
{
    const char *p = strstr(in, mark);
    if (!p)
        die("emit: lost a placeholder in `%s`", in);
    str_addn(o, in, (size_t)(p - in));
    str_add(o, with);
    str_add(o, p + strlen(mark));
}

static const char MARK[] = "\001";

/* Is the place less aligned than compilers believe of its type, and does it matter to them?  In the text
 * nothing says that it lies in a packed struct. */
static bool is_displaced(const struct node *place)
{
    enum { VECTOR = 16 }; /* bytes: what is less they take from anywhere */
    const long align = element_type(place->type)->align;
    return align >= VECTOR && place_alignment(place) < align;
}

static const char DISPLACED[] = ".stm_v";
/* The type to which the place's address is cast; DISPLACED comes behind, then. */
static void place_type(struct emitter *e, const struct node *place, struct str *o)
{
    str_add(o, is_displaced(place) ? "struct { " : "");
    emit_type_name(e, place, o);
    str_add(o, is_displaced(place) ? " stm_v; } __attribute__((__packed__))" : "");
}

/* F_OBJ: the path from the owner, with the owner's pointer replaced. */
static void owner_access(struct emitter *e, struct node *n, struct str *o)
{
    struct str ptr = {0}, bar = {0}, path = {0}, full = {0}, type = {0};
    struct node *at = n->base ? n->base : root_of(n);
    char *p;
    if (n->base) {
        p = emit_text(e, n->base);
        str_add(&ptr, p);
        free(p);
        emit_pointee_name(e, n->base, &type);
    } else {
        str_printf(&ptr, "&%s", at->decl->name);
        emit_type_name(e, at, &type);
    }
    emit_counted(e, n, &ptr);
    owner_barrier(e, n, ptr.s, &bar);
    emit_checked_owner(e, n, &bar);
    bool element = path_has_subscript(n);
    struct node *place = n->bitfield && element ? n->kids[0] : n; /* a bit-field has no address */
    emit_push_subst(e, at, MARK);
    if (place == at)
        str_add(&path, MARK);
    else
        emit_rebuild(e, place, &path);
    e->nsubs--;
    emit_flatten(e, &path);
    struct str with = {0};
    if (!element && n->type->size <= BIG && !loses_segment(n)) {
        str_printf(&with, n->base ? "STM_AT(%s, %s)" : "(*STM_AT(%s, %s))", bar.s, type.s);
        splice(o, path.s, MARK, with.s);
    } else {
        str_printf(&with, n->base ? "((%s *)%s)" : "(*(%s *)%s)", type.s, bar.s);
        splice(&full, path.s, MARK, with.s);
        if (place->type->size > BIG || loses_segment(n)) {
            str_add(o, "(*(");
            place_type(e, place, o);
            str_printf(o, " *)stm_real(&%s))", full.s);
        } else {
            str_printf(o, emit_has_bare_comma(full.s) ? "(*STM_AT((&%s), " : "(*STM_AT(&%s, ", full.s);
            place_type(e, place, o);
            str_add(o, "))");
        }
        str_add(o, is_displaced(place) ? DISPLACED : "");
        if (place != n)
            str_printf(o, ".%s", n->name);
    }
    str_free(&ptr);
    str_free(&bar);
    str_free(&path);
    str_free(&full);
    str_free(&type);
    str_free(&with);
}

/* The address a, of `size` bytes, with n's barrier: the real address where the form is not F_ADDR, or a
 * range. */
static void address_barrier(const struct emitter *e, const struct node *n, const char *a, long size,
                            struct str *o)
{
    enum barrier_kind b = decision(e, n);
    const char *suffix = n->range ? "_range" : "";
    if (n->form == F_RAW_WRITE)
        str_printf(o, "stm_raw_wr(%s, %ld)", a, size);
    else if (n->form == F_ANY && b == BARRIER_WRITE)
        str_printf(o, "stm_any_wr%s(%s, %ld)", suffix, a, size);
    else if (n->form == F_ANY && b == BARRIER_READ && n->range)
        str_printf(o, "stm_any_rd_range(%s, %ld)", a, size);
    else if (n->form == F_ANY)
        str_printf(o, "stm_any%s(%s)", b == BARRIER_READ ? "_rd" : "", a);
    else if (n->range && b != BARRIER_NONE)
        str_printf(o, "stm_%s_range(%s, %ld)", b == BARRIER_WRITE ? "wr" : "rd", a, size);
    else if (n->range)
        str_printf(o, "stm_real(%s)", a);
    else if (b == BARRIER_WRITE)
        str_printf(o, "stm_wr(%s, %ld)", a, size);
    else
        str_printf(o, b == BARRIER_READ ? "stm_rd(%s)" : "%s", a);
}

/* The bytes accessed: n, or, for a bit-field, the struct around it. */
static struct node *addressed(struct node *n)
{
    return n->bitfield && n->kind == N_MEMBER && !n->arrow ? n->kids[0] : n;
}

void emit_address(struct emitter *e, struct node *n, struct str *o)
{
    if (n->kind == N_DEREF || (n->bitfield && n->arrow)) {
        char *p = emit_text(e, n->kids[0]);
        str_add(o, p);
        free(p);
        return;
    }
    struct str l = {0};
    emit_rebuild(e, addressed(n), &l);
    emit_flatten(e, &l);
    str_printf(o, emit_has_bare_comma(l.s) ? "(&%s)" : "&%s", l.s);
    str_free(&l);
}

/* The other forms: a barrier on the address. */
static void address_access(struct emitter *e, struct node *n, struct str *o)
{
    struct node *place = addressed(n);
    struct str a = {0}, bar = {0}, type = {0};
    long size = n->bitfield && n->arrow ? n->kids[0]->type->elem->size : place->type->size;
    emit_address(e, n, &a);
    if (n->bitfield && n->arrow)
        emit_pointee_name(e, n->kids[0], &type);
    else
        place_type(e, place, &type);
    emit_counted(e, n, &a);
    char name[SUBST_NAME];
    bool real = n->form != F_ADDR || n->range, once = real && emit_is_checked(e, n);
    if (once)
        snprintf(name, sizeof name, "stm_t%s%u", e->u->own, e->temps++);
    address_barrier(e, n, once ? name : a.s, size, &bar);
    if (real)
        emit_checked_real(e, n, size, a.s, name, &bar);
    else
        emit_checked_address(e, n, size, &bar);
    str_printf(o,
               real               ? "(*(%s *)%s)"
               : loses_segment(n) ? "(*(%s *)stm_real(%s))"
                                  : "(*STM_AT(%2$s, %1$s))",
               type.s, bar.s);
    if (n->bitfield)
        str_printf(o, ".%s", n->name);
    else if (is_displaced(place))
        str_add(o, DISPLACED);
    str_free(&a);
    str_free(&bar);
    str_free(&type);
}

static void access(struct emitter *e, struct node *n, struct str *o)
{
    if (n->in_macro)
        diag(&e->u->src, n->begin, DIAG_UNSUPPORTED, NULL,
             "access to transactional memory written inside a system header's macro");
    if (n->form == F_DROPPED)
        emit_dropped(e, n, NULL, o);
    else if (n->form == F_OBJ)
        owner_access(e, n, o);
    else
        address_access(e, n, o);
}

/* ---- other expressions ---- */

static void assign(struct emitter *e, struct node *n, struct str *o)
{
    struct node *t = target_of(n->kids[0]);
    if (n->old && (decision(e, t) != BARRIER_NONE || decision(e, n->old) != BARRIER_NONE)) {
        emit_checked_store(e, n, t, o);
        return;
    }
    const char *text = emit_src(e, n->begin);
    if (t->form == F_DROPPED) {
        emit_dropped(e, t, n->nkids > 1 ? n->kids[1] : NULL, o);
    } else if (n->kind == N_INCDEC && t->form != F_NONE && (*text == '+' || *text == '-') &&
               strstr(n->type->spelling, "_Complex")) { /* clang 19 crashes on ++*call() */
        char *place = emit_text(e, n->kids[0]);
        str_printf(o, "(%s %c= 1)", place, *text);
        free(place);
    } else {
        emit_rebuild(e, n, o);
    }
}

/* An atomic built-in on memory that may be transactional works on the resolved addresses: the transaction
 * makes it atomic.  Its values are references as they are. */
static void atomic(struct emitter *e, struct node *n, struct str *o)
{
    size_t at = n->begin;
    for (unsigned i = 0; i < n->nkids; i++) {
        struct node *k = n->kids[i];
        if (k->begin < at || k->end > n->end)
            continue;
        str_addn(o, emit_src(e, at), k->begin - at);
        bool address = k->type->kind == T_POINTER || k->type->kind == T_ARRAY;
        if (i < n->op && address && !k->is_raw && !n->blocking) {
            char *s = emit_text(e, k);
            long size = k->type->elem->size;
            str_add(o, "((");
            if (k->type->kind == T_ARRAY)
                str_printf(o, "__typeof__(&(%s)[0])", s);
            else
                emit_type_name(e, k, o);
            str_printf(o, ")stm_any_wr_range(%s, %ld))", s, size > 0 ? size : 1);
            free(s);
        } else {
            emit_ex(e, k, o);
        }
        at = k->end;
    }
    str_addn(o, emit_src(e, at), n->end - at);
}

static int by_offset(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static void ex_plain(struct emitter *e, struct node *n, struct str *o)
{
    switch (n->kind) {
    case N_REF:
        if (n->form != F_NONE)
            access(e, n, o);
        else if (stand_in_at(e->u, n))
            str_printf(o, "((__typeof__(&%s))%s)", n->decl->name, n->decl->thunk);
        else if (n->decl->clones)
            str_add(o, emit_callee(n));
        else
            str_addn(o, emit_src(e, n->begin), n->end - n->begin);
        return;
    case N_MEMBER:
    case N_SUBSCRIPT:
    case N_DEREF:
        if (n->form != F_NONE) {
            access(e, n, o);
            return;
        }
        break;
    case N_CALL:
        emit_checked_call(e, n, o);
        return;
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
    case N_INCDEC:
        assign(e, n, o);
        return;
    case N_ATOMIC:
        atomic(e, n, o);
        return;
    default:
        break;
    }
    emit_rebuild(e, n, o);
}

/* ---- statements and declarations ---- */

/* For the declarator of a transactional variable: a granule's alignment, at least.  The attribute would lower
 * that of the type. */
void emit_section(const struct decl *d, struct str *o)
{
    long align = d->align > d->type->align ? d->align : d->type->align;
    str_printf(o, "__attribute__((__section__(\"%s\"), __aligned__(%ld)))",
               d->type->is_const ? "ungil_const" : "ungil_data", align > 16 ? align : 16);
}

bool emit_is_registered(const struct emitter *e, const struct decl *d)
{
    return d->transactional || (d->outside && d->type->size > 0 && desc_has_references(e->u, d->type));
}

void emit_registration(struct emitter *e, const struct decl *d, struct str *o)
{
    const char *desc = desc_for_type(e->u, d->type), *what = d->transactional ? "static" : "root";
    str_printf(o,
               " static struct stm_%s stm_static_%s%u __attribute__((__section__(\"ungil_%ss\"), "
               "__used__, __aligned__(8))) = {%s&%s, ",
               what, e->u->own, e->nstatics++, what, d->type->is_volatile ? "(void *)" : "", d->name);
    if (d->init && d->init->flexible_end > d->type->size) /* the compiler does not count it */
        str_printf(o, "%ld, ", d->init->flexible_end);
    else
        str_printf(o, "sizeof(%s), ", d->name);
    str_printf(o, desc ? "&%s" : "0", desc);
    if (d->transactional)
        str_printf(o, ", %s, \"%s\"", starts_with_object(d->type) ? "STM_STATIC_OBJECT" : "0", d->name);
    str_add(o, "};");
}

/* Where the declarator of d ends: before the `=` of its initialiser. */
size_t emit_declarator_end(const struct emitter *e, const struct decl *d)
{
    size_t at = d->end;
    if (d->init) {
        for (at = d->init->begin; at > d->begin && *emit_src(e, at) != '='; at--)
            ;
        while (at > d->begin && strchr(" \t\n", *emit_src(e, at - 1)))
            at--;
    }
    return at;
}

/* clang cannot compile a value with effects for a range of elements.  ranged: the list is in one. */
static void bind_ranged(struct emitter *e, struct node *list, bool ranged, struct str *o)
{
    for (unsigned i = 0; list->kind == N_INITLIST && i < list->nkids; i++) {
        struct node *k = list->kids[i];
        if (k->kind == N_INITLIST)
            bind_ranged(e, k, ranged || k->ranged, o);
        else if ((ranged || k->ranged) && k->events)
            emit_bind(e, k, o);
    }
}

static void decls(struct emitter *e, struct node *n, struct str *o)
{
    unsigned mark = e->nsubs;
    const struct node *first = n->nkids ? n->kids[0] : NULL;
    if (first && first->kind == N_VAR && first->decl->storage == ST_LOCAL && first->decl->init &&
        n->parent->kind != N_FOR)
        bind_ranged(e, first->decl->init, false, o);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i] && n->kids[i]->kind == N_VAR && n->kids[i]->decl->drop) {
            str_add(o, "__attribute__((__unused__)) ");
            break;
        }
    emit_rebuild(e, n, o);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i] && n->kids[i]->kind == N_VAR && n->kids[i]->decl->storage == ST_STATIC_LOCAL &&
            emit_is_registered(e, n->kids[i]->decl))
            emit_registration(e, n->kids[i]->decl, o);
    e->nsubs = mark;
}

/* An attribute in front would be for all declarators that follow. */
static void var(struct emitter *e, struct node *n, struct str *o)
{
    struct decl *d = n->decl;
    if (d->storage == ST_STATIC_LOCAL ||
        (d->init && d->storage == ST_THREAD && !d->file_scope)) { /* evaluated by nobody */
        size_t at = n->begin;
        if (d->transactional) {
            at = emit_declarator_end(e, d);
            str_addn(o, emit_src(e, n->begin), at - n->begin);
            str_add(o, " ");
            emit_section(d, o);
        }
        size_t init = d->init ? d->init->begin : n->end;
        str_addn(o, emit_src(e, at), init - at);
        unsigned wrapped = e->wrapped;
        e->wrapped = 0;
        if (d->init)
            emit_ex(e, d->init, o); /* functions may have others standing in for them */
        e->wrapped = wrapped;
        str_addn(o, emit_src(e, d->init ? d->init->end : init), n->end - (d->init ? d->init->end : init));
        return;
    }
    emit_rebuild(e, n, o);
}

static void stmt(struct emitter *e, struct node *n, struct str *o)
{
    switch (n->kind) {
    case N_DECLS:
        decls(e, n, o);
        break;
    case N_VAR:
        var(e, n, o);
        break;
    case N_BLOCK:
        emit_block(e, n, o);
        break;
    case N_ASM:
        if (n->nkids && !n->blocking && emit_turns_inevitable(n)) {
            e->wrapped++;
            str_add(o, "({ stm_inevitable(\"inline assembly\"); ");
            emit_rebuild(e, n, o);
            str_add(o, "; })");
            e->wrapped--;
        } else {
            emit_rebuild(e, n, o);
        }
        break;
    default:
        emit_rebuild(e, n, o);
    }
}

void emit_child(struct emitter *e, struct node *n, struct str *o)
{
    e->consumed = 0;
    if (n->kind >= N_BLOCK) {
        stmt(e, n, o);
    } else {
        emit_ex(e, n, o);
        e->consumed = 0;
    }
}

void emit_rebuild(struct emitter *e, struct node *n, struct str *o)
{
    emit_rebuild_from(e, n, n->begin, o);
}

/* The source's [begin, end) has become what o has from `from` on: what follows shall stand in its line. */
static void keep_lines(const struct emitter *e, size_t begin, size_t end, size_t from, struct str *o)
{
    size_t lost = 0;
    for (size_t i = begin; i < end; i++)
        lost += *emit_src(e, i) == '\n';
    for (size_t i = from; i < o->n && lost; i++)
        lost -= o->s[i] == '\n';
    while (lost--)
        str_add(o, "\n");
}

void emit_rebuild_from(struct emitter *e, struct node *n, size_t at, struct str *o)
{
    if (is_per_thread(n)) {
        emit_per_thread(e, n, o);
        return;
    }
    struct node *few[16], **kids = few;
    unsigned k = 0;
    if (n->nkids > 16)
        kids = xrealloc(NULL, n->nkids * sizeof *kids);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i])
            kids[k++] = n->kids[i];
    qsort(kids, k, sizeof *kids, by_offset);
    for (unsigned i = 0; i < k; i++) {
        struct node *kid = kids[i];
        if (kid->begin < at || kid->end > n->end || kid->in_macro)
            continue; /* declarators that share a type, text from a macro: copied as they are */
        str_addn(o, emit_src(e, at), kid->begin - at);
        size_t from = o->n;
        at = emit_kid(e, n, kid, o);
        if (n->kind == N_BLOCK && !e->resync)
            keep_lines(e, kid->begin, at, from, o);
        if (n->kind == N_BLOCK && e->resync) {
            struct ir_loc l = source_loc(&e->u->src, at);
            str_printf(o, "\n#line %u \"%s\"\n", l.line, l.file);
            e->resync = false;
        }
    }
    if (at < n->end)
        str_addn(o, emit_src(e, at), n->end - at);
    e->consumed = at > n->end ? at : 0;
    if (kids != few)
        free(kids);
}
