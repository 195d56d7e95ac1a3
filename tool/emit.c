/* emit.c - the translated text.
 *
 * The source text is copied, and rebuilt from the leaves wherever an access, a call or a declaration must change, since
 * edits nest (translator.md, "Emission").  A reference's access goes through the segment, with the barrier that the
 * passes left as a function around the pointer; an unknown pointer's through a function that resolves it.
 *
 * Unsequenced evaluation (trap 1).  C lets a compiler run the barrier of p->f, then a call, then the access.  Where an
 * operator has an operand that may pass a safepoint beside another that accesses shared memory, or two that write it,
 * its operands are evaluated into temporaries, left to right, in a statement expression.  Only there, so that ordinary
 * code stays as it was written.  The tree's operands are then *substituted* by the temporaries' names. */
#include "tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct subst { const struct node *node; char name[24]; };

struct emitter {
    struct unit *u;
    const enum barrier_kind *decisions;
    struct subst *subs; unsigned nsubs, capsubs;
    unsigned temps;
    unsigned nstatics;
    struct str *epilogue;
    bool resync;              /* a #line was dropped inside an expression: say the line again after the statement */
};

static void ex(struct emitter *e, struct node *n, struct str *o);
static void rebuild(struct emitter *e, struct node *n, struct str *o);

static const char *src(const struct emitter *e, size_t off) { return e->u->src.text + off; }

static const struct subst *subst_of(const struct emitter *e, const struct node *n)
{
    for (unsigned i = e->nsubs; i-- > 0;)
        if (e->subs[i].node == n)
            return &e->subs[i];
    return NULL;
}

/* Text that goes inside a macro's parentheses: no preprocessor lines. */
static void flatten(struct emitter *e, struct str *s)
{
    if (!s->s || !strstr(s->s, "\n#"))
        return;
    struct str out = {0};
    for (char *p = s->s; *p;) {
        size_t n = strcspn(p, "\n");
        if (*p == '#' && (p == s->s || p[-1] == '\n'))
            e->resync = true;
        else
            str_addn(&out, p, n + (p[n] == '\n'));
        p += n + (p[n] == '\n');
    }
    str_free(s);
    *s = out;
}

static char *text(struct emitter *e, struct node *n)
{
    struct str s = {0};
    ex(e, n, &s);
    flatten(e, &s);
    if (s.s && strchr(s.s, '{') && s.s[0] != '(') {
        struct str p = {0};
        str_printf(&p, "(%s)", s.s);
        str_free(&s);
        s = p;
    }
    return s.s ? s.s : strcpy(xrealloc(NULL, 1), "");
}

/* ---- what a subtree does ---- */

static bool call_may_safepoint(const struct node *n)
{
    return n->kind == N_CALL && n->inst && !n->blocking && (ir_effects(n->inst) & IRF_SAFEPOINT);
}

static void summarize(struct node *n)
{
    if (!n)
        return;
    for (unsigned i = 0; i < n->nkids; i++) {
        struct node *k = n->kids[i];
        if (!k)
            continue;
        summarize(k);
        n->has_safepoint |= k->has_safepoint;
        n->has_access |= k->has_access;
        n->has_write |= k->has_write;
    }
    const struct external *x = n->kind == N_CALL ? call_external(n) : NULL;
    n->has_safepoint |= call_may_safepoint(n) || (x && x->effect == EXT_BLOCK && !n->blocking);
    n->has_access |= n->form == F_OBJ || n->form == F_ADDR || n->form == F_ANY;
    n->has_write |= n->has_access && n->write;
    if (x && strpbrk(x->args, "rw"))
        n->has_access = true;
}

/* The operands of n that are evaluated before its own operation, in the order in which lower.c takes them. */
struct operands { struct node **v; unsigned n, cap; bool own_access_after; };

static void lvalue_operands(struct node *n, struct operands *o)
{
    switch (n->kind) {
    case N_PAREN:
        lvalue_operands(n->kids[0], o);
        break;
    case N_MEMBER:
        if (n->arrow)
            ptr_push(&o->v, &o->n, &o->cap, n->kids[0]);
        else
            lvalue_operands(n->kids[0], o);
        break;
    case N_SUBSCRIPT: {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        if (n->kids[rev]->type->kind == T_ARRAY)
            lvalue_operands(n->kids[rev], o);
        else
            ptr_push(&o->v, &o->n, &o->cap, n->kids[rev]);
        ptr_push(&o->v, &o->n, &o->cap, n->kids[!rev]);
        break;
    }
    case N_DEREF:
        ptr_push(&o->v, &o->n, &o->cap, n->kids[0]);
        break;
    case N_REF:
        break;
    default:
        ptr_push(&o->v, &o->n, &o->cap, n);
    }
}

static void operands_of(struct node *n, struct operands *o)
{
    switch (n->kind) {
    case N_MEMBER:
    case N_SUBSCRIPT:
    case N_DEREF:
        lvalue_operands(n, o);
        break;
    case N_ADDROF:
    case N_INCDEC:
        lvalue_operands(n->kids[0], o);
        break;
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN: {
        lvalue_operands(n->kids[0], o);
        ptr_push(&o->v, &o->n, &o->cap, n->kids[1]);
        struct node *t = strip_parens(n->kids[0]);
        o->own_access_after = t->form != F_NONE && t->form != F_DROPPED;
        break;
    }
    case N_BINARY:
        for (unsigned i = 0; i < n->nkids; i++)
            ptr_push(&o->v, &o->n, &o->cap, n->kids[i]);
        break;
    case N_CALL:
        for (unsigned i = n->decl ? 1 : 0; i < n->nkids; i++)
            ptr_push(&o->v, &o->n, &o->cap, n->kids[i]);
        break;
    default:
        break;
    }
}

static bool must_split(const struct emitter *e, const struct node *n, const struct operands *o)
{
    unsigned safepoints = 0, touching = 0, writes = 0;
    for (unsigned i = 0; i < o->n; i++) {
        if (subst_of(e, o->v[i]))
            continue;
        safepoints += o->v[i]->has_safepoint;
        touching += o->v[i]->has_safepoint || o->v[i]->has_access;
        writes += o->v[i]->has_write;
    }
    bool last_only = o->n && o->v[o->n - 1]->has_safepoint && !subst_of(e, o->v[o->n - 1]);
    if (safepoints && (touching > 1 || (o->own_access_after && last_only)))
        return true;
    /* an owner's barrier on a base that is a plain variable, with a safepoint in an index */
    if (safepoints && n->form == F_OBJ && o->n > 1)
        return true;
    return writes > 1;
}

static void bind(struct emitter *e, struct node *n, struct str *pre)
{
    char *s = text(e, n);
    if (e->nsubs == e->capsubs)
        e->subs = xrealloc(e->subs, (e->capsubs = e->capsubs * 2 + 8) * sizeof *e->subs);
    struct subst *t = &e->subs[e->nsubs];
    snprintf(t->name, sizeof t->name, "stm_t%u", e->temps++);
    str_printf(pre, "__auto_type %s = %s(%s); ", t->name, n->type && n->type->is_integer ? "+" : "", s);
    t->node = n;
    e->nsubs++;
    free(s);
}

static void ex_plain(struct emitter *e, struct node *n, struct str *o);

/* n, with its operands put into temporaries first where their order matters. */
static void ex(struct emitter *e, struct node *n, struct str *o)
{
    const struct subst *t = subst_of(e, n);
    if (t) {
        str_add(o, t->name);
        return;
    }
    if (!n->has_safepoint && !n->has_write) {
        ex_plain(e, n, o);
        return;
    }
    struct operands ops = {0};
    operands_of(n, &ops);
    if (ops.n && must_split(e, n, &ops)) {
        unsigned mark = e->nsubs;
        struct str pre = {0};
        for (unsigned i = 0; i < ops.n; i++)
            if (!subst_of(e, ops.v[i]) && (ops.v[i]->has_access || ops.v[i]->has_safepoint))
                bind(e, ops.v[i], &pre);
        str_printf(o, "({ %s", pre.s ? pre.s : "");
        ex_plain(e, n, o);
        str_add(o, "; })");
        e->nsubs = mark;
        str_free(&pre);
    } else {
        ex_plain(e, n, o);
    }
    free(ops.v);
}

/* ---- accesses ---- */

static bool usable(const char *spelling, const struct type *t)
{
    return spelling && *spelling && !t->unnamed && !strstr(spelling, "(unnamed") && !strstr(spelling, "(anonymous") && !strstr(spelling, "typeof");
}

/* A name for n's type: as written where it has one, else by typeof of the untranslated text, which is not evaluated. */
static void type_name(struct emitter *e, const struct node *n, struct str *o)
{
    if (!usable(n->type_spelling, n->type)) {
        struct str s = {0};
        str_addn(&s, src(e, n->begin), n->end - n->begin);
        flatten(e, &s);
        str_printf(o, "__typeof__(%s)", s.s);
        str_free(&s);
    } else if (strpbrk(n->type_spelling, "([")) {
        str_printf(o, "__typeof__(%s)", n->type_spelling);
    } else {
        str_add(o, n->type_spelling);
    }
}

/* The type that the pointer expression n points to. */
static void pointee_name(struct emitter *e, const struct node *n, struct str *o)
{
    if (usable(n->type->elem->spelling, n->type->elem)) {
        str_add(o, n->type->elem->spelling);
    } else {
        struct str s = {0};
        str_addn(&s, src(e, n->begin), n->end - n->begin);
        flatten(e, &s);
        str_printf(o, "__typeof__(*(%s))", s.s);
        str_free(&s);
    }
}

static enum barrier_kind decision(const struct emitter *e, const struct node *n)
{
    return n->access >= 0 ? e->decisions[n->access] : BARRIER_NONE;
}

static void owner_barrier(struct emitter *e, const struct node *n, const char *p, struct str *o)
{
    switch (decision(e, n)) {
    case BARRIER_READ: str_printf(o, "stm_rd(%s)", p); break;
    case BARRIER_WRITE: str_printf(o, "stm_wr(%s, %ld)", p, n->obj_size); break;
    default: str_add(o, p);
    }
}

static struct node *root_of(struct node *n)
{
    for (;;) {
        if (n->kind == N_PAREN || (n->kind == N_MEMBER && !n->arrow) || n->kind == N_UNARY)
            n = n->kids[0];
        else if (n->kind == N_SUBSCRIPT)
            n = n->kids[n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER];
        else
            return n;
    }
}

static bool path_has_subscript(const struct node *n)
{
    for (;; n = n->kids[0]) {
        if (n->kind == N_SUBSCRIPT)
            return true;
        if (n->kind != N_PAREN && !(n->kind == N_MEMBER && !n->arrow))
            return false;
    }
}

static void push_subst(struct emitter *e, const struct node *n, const char *name)
{
    if (e->nsubs == e->capsubs)
        e->subs = xrealloc(e->subs, (e->capsubs = e->capsubs * 2 + 8) * sizeof *e->subs);
    e->subs[e->nsubs].node = n;
    snprintf(e->subs[e->nsubs].name, sizeof e->subs->name, "%s", name);
    e->nsubs++;
}

enum { BIG = 64 }; /* aggregates above go by real addresses: clang cannot copy them through %gs */

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

/* F_OBJ: the path from the owner, with the owner's pointer replaced. */
static void owner_access(struct emitter *e, struct node *n, struct str *o)
{
    struct str ptr = {0}, bar = {0}, path = {0}, full = {0}, type = {0};
    struct node *at = n->base ? n->base : root_of(n);
    char *p;
    if (n->base) {
        p = text(e, n->base);
        str_add(&ptr, p);
        free(p);
        pointee_name(e, n->base, &type);
    } else {
        str_printf(&ptr, "&%s", at->decl->name);
        type_name(e, at, &type);
    }
    owner_barrier(e, n, ptr.s, &bar);
    push_subst(e, at, MARK);
    rebuild(e, n, &path);
    e->nsubs--;
    flatten(e, &path);
    bool direct = n->bitfield || (!path_has_subscript(n) && n->type->size <= BIG);
    struct str with = {0};
    if (direct) {
        str_printf(&with, n->base ? "STM_AT(%s, %s)" : "(*STM_AT(%s, %s))", bar.s, type.s);
        splice(o, path.s, MARK, with.s);
    } else {
        str_printf(&with, n->base ? "((%s *)%s)" : "(*(%s *)%s)", type.s, bar.s);
        splice(&full, path.s, MARK, with.s);
        if (n->type->size > BIG) {
            str_add(o, "(*(");
            type_name(e, n, o);
            str_printf(o, " *)stm_real(&%s))", full.s);
        } else {
            str_printf(o, "(*STM_AT(&%s, ", full.s);
            type_name(e, n, o);
            str_add(o, "))");
        }
    }
    str_free(&ptr);
    str_free(&bar);
    str_free(&path);
    str_free(&full);
    str_free(&type);
    str_free(&with);
}

/* The other forms: a barrier on the address of `place`, which is n or, for a bit-field, the struct around it. */
static void address_access(struct emitter *e, struct node *n, struct str *o)
{
    struct node *place = n->bitfield && n->kind == N_MEMBER && !n->arrow ? n->kids[0] : n;
    struct str a = {0}, type = {0};
    long size = place->type->size;
    if (n->kind == N_DEREF) {
        char *p = text(e, n->kids[0]);
        str_add(&a, p);
        free(p);
    } else if (n->bitfield && n->arrow) {
        char *p = text(e, n->kids[0]);
        str_add(&a, p);
        free(p);
        size = n->kids[0]->type->elem->size;
    } else {
        str_add(&a, "&");
        struct str l = {0};
        rebuild(e, place, &l);
        flatten(e, &l);
        str_add(&a, l.s);
        str_free(&l);
    }
    if (n->bitfield && n->arrow)
        pointee_name(e, n->kids[0], &type);
    else
        type_name(e, place, &type);
    enum barrier_kind b = decision(e, n);
    const char *suffix = n->range ? "_range" : "";
    str_add(o, "(*");
    if (n->form == F_RAW_WRITE) {
        str_printf(o, "(%s *)stm_raw_wr(%s, %ld)", type.s, a.s, size);
    } else if (n->form == F_ANY) {
        if (b == BARRIER_WRITE)
            str_printf(o, "(%s *)stm_any_wr%s(%s, %ld)", type.s, suffix, a.s, size);
        else if (b == BARRIER_READ && n->range)
            str_printf(o, "(%s *)stm_any_rd_range(%s, %ld)", type.s, a.s, size);
        else
            str_printf(o, "(%s *)stm_any%s(%s)", type.s, b == BARRIER_READ ? "_rd" : "", a.s);
    } else if (n->range && b != BARRIER_NONE) {
        str_printf(o, "(%s *)stm_%s_range(%s, %ld)", type.s, b == BARRIER_WRITE ? "wr" : "rd", a.s, size);
    } else if (n->range) {
        str_printf(o, "(%s *)stm_real(%s)", type.s, a.s);
    } else if (b == BARRIER_WRITE) {
        str_printf(o, "STM_AT(stm_wr(%s, %ld), %s)", a.s, size, type.s);
    } else if (b == BARRIER_READ) {
        str_printf(o, "STM_AT(stm_rd(%s), %s)", a.s, type.s);
    } else {
        str_printf(o, "STM_AT(%s, %s)", a.s, type.s);
    }
    str_add(o, ")");
    if (n->bitfield)
        str_printf(o, ".%s", n->name);
    str_free(&a);
    str_free(&type);
}

/* A value for something that does not exist in this build. */
static void zero_of(struct emitter *e, const struct node *n, struct str *o)
{
    if (n->type->kind == T_VOID) {
        str_add(o, "(void)0");
    } else if (n->type->kind == T_RECORD) {
        str_add(o, "(");
        type_name(e, n, o);
        str_add(o, "){0}");
    } else {
        str_add(o, "(");
        type_name(e, n, o);
        str_add(o, ")0");
    }
}

static void access(struct emitter *e, struct node *n, struct str *o)
{
    if (n->in_macro)
        diag(&e->u->src, n->begin, DIAG_UNSUPPORTED, NULL, "access to transactional memory written inside a system header's macro");
    if (n->form == F_DROPPED)
        zero_of(e, n, o);
    else if (n->form == F_OBJ)
        owner_access(e, n, o);
    else
        address_access(e, n, o);
}

/* ---- calls ---- */

static bool is_char_pointer(const struct type *t)
{
    return t->kind == T_POINTER && t->elem->size == 1 && t->elem->kind == T_SCALAR;
}

/* The mode of argument k: by the table, or by the parameter's type where the table is silent. */
static char arg_mode(const struct node *call, unsigned k, const struct external *x)
{
    const struct node *a = call->kids[k + 1];
    if (!a->type || (a->type->kind != T_POINTER && a->type->kind != T_ARRAY) || a->is_raw || strip_parens(a)->kind == N_STRING)
        return '-';
    if (a->type->elem->kind == T_FUNC || a->type->elem->opaque_system)
        return '-';
    size_t n = strlen(x->args);
    if (x->effect == EXT_UNKNOWN)
        return a->type->elem->is_const || is_char_pointer(a->type) ? (a->type->elem->is_const ? 'r' : 'w') : 'w';
    if (k < n)
        return x->args[k] == 'r' || x->args[k] == 'w' ? x->args[k] : '-';
    if (x->rest == 'f')
        return is_char_pointer(a->type) ? 'r' : '-';
    return x->rest == 'w' ? 'w' : '-';
}

static void call_arguments(struct emitter *e, struct node *n, const struct external *x, struct str *o, bool *resolved)
{
    str_add(o, "(");
    for (unsigned k = 0; k + 1 < n->nkids; k++) {
        struct node *a = n->kids[k + 1];
        char mode = x && !n->blocking ? arg_mode(n, k, x) : '-';
        if (k)
            str_add(o, ", ");
        if (mode == '-') {
            ex(e, a, o);
            continue;
        }
        *resolved = true;
        char *s = text(e, a);
        bool variadic = x->rest && k >= strlen(x->args);
        if (variadic) {
            str_add(o, "(");
            type_name(e, a, o);
            str_add(o, ")");
        }
        str_printf(o, "stm_x_%s(%s)", mode == 'r' ? "rd" : "wr", s);
        free(s);
    }
    str_add(o, ")");
}

static void dropped_call(struct emitter *e, struct node *n, struct str *o)
{
    str_add(o, "(");
    for (unsigned k = 1; k < n->nkids; k++) {
        str_add(o, "(void)(");
        ex(e, n->kids[k], o);
        str_add(o, "), ");
    }
    zero_of(e, n, o);
    str_add(o, ")");
}

static bool marker_call(struct emitter *e, struct node *n, struct str *o)
{
    const char *name = n->decl->name;
    if (!strcmp(name, "stm_safepoint_")) {
        str_add(o, "stm_safepoint()");
    } else if (!strcmp(name, "stm_new_") && n->nkids == 3) {
        struct type *t = n->kids[2]->type->kind == T_POINTER ? n->kids[2]->type->elem : NULL;
        const char *desc = t ? desc_for_type(e->u, t) : NULL;
        char *size = text(e, n->kids[1]);
        if (desc)
            str_printf(o, "stm_new(%s, &%s)", size, desc);
        else
            str_printf(o, "stm_new_any(%s)", size);
        free(size);
    } else {
        return false;
    }
    return true;
}

/* Outside the zone: arguments first, then leave, call, enter again. */
static void blocking_call(struct emitter *e, struct node *n, const struct external *x, struct str *o)
{
    struct str pre = {0}, call = {0};
    unsigned mark = e->nsubs;
    bool resolved = false;
    for (unsigned k = 1; k < n->nkids; k++)
        if (!subst_of(e, n->kids[k]) && n->kids[k]->has_access)
            bind(e, n->kids[k], &pre);
    call_arguments(e, n, x, &call, &resolved);
    str_printf(o, "({ %sint stm_out%u __attribute__((cleanup(stm_blocking_leave))) = stm_blocking_enter(); (void)stm_out%u; %s%s; })",
               pre.s ? pre.s : "", e->temps, e->temps, n->decl->name, call.s);
    e->temps++;
    e->nsubs = mark;
    str_free(&pre);
    str_free(&call);
}

static void call(struct emitter *e, struct node *n, struct str *o)
{
    if (n->decl && n->decl->drop) {
        dropped_call(e, n, o);
        return;
    }
    if (n->decl && marker_call(e, n, o))
        return;
    const struct external *x = n->decl ? call_external(n) : NULL;
    bool starts_thread = x && x->effect == EXT_MAPPED && !strcmp(x->mapped, "stm_thread_create");
    if (!x || (n->blocking && !starts_thread)) {
        if (n->decl && n->decl->irreversible && !n->blocking) {
            str_printf(o, "(stm_inevitable(\"%s\"), ", n->decl->name);
            rebuild(e, n, o);
            str_add(o, ")");
        } else {
            rebuild(e, n, o);
        }
        return;
    }
    if (x->effect == EXT_BLOCK) {
        blocking_call(e, n, x, o);
        return;
    }
    struct str c = {0};
    bool resolved = false;
    str_add(&c, x->effect == EXT_MAPPED ? x->mapped : n->decl->name);
    call_arguments(e, n, x, &c, &resolved);
    flatten(e, &c);
    bool back = resolved && n->type->kind == T_POINTER && x->effect != EXT_MAPPED;
    if (x->effect == EXT_INEV || x->effect == EXT_UNKNOWN)
        str_printf(o, "(stm_inevitable(\"%s\"), ", n->decl->name);
    str_printf(o, back ? "stm_x_back(%s)" : "%s", c.s);
    if (x->effect == EXT_INEV || x->effect == EXT_UNKNOWN)
        str_add(o, ")");
    str_free(&c);
}

/* ---- other expressions ---- */

static void assign(struct emitter *e, struct node *n, struct str *o)
{
    struct node *t = strip_parens(n->kids[0]);
    if (t->form != F_DROPPED) {
        rebuild(e, n, o);
        return;
    }
    str_add(o, "(");
    if (n->nkids > 1) {
        str_add(o, "(void)(");
        ex(e, n->kids[1], o);
        str_add(o, "), ");
    }
    zero_of(e, n, o);
    str_add(o, ")");
}

/* An atomic built-in on memory that may be transactional works on the resolved address: the transaction makes it atomic. */
static void atomic(struct emitter *e, struct node *n, struct str *o)
{
    size_t at = n->begin;
    for (unsigned i = 0; i < n->nkids; i++) {
        struct node *k = n->kids[i];
        if (k->begin < at || k->end > n->end)
            continue;
        str_addn(o, src(e, at), k->begin - at);
        if (k->type->kind == T_POINTER && !k->is_raw) {
            char *s = text(e, k);
            str_add(o, "((");
            type_name(e, k, o);
            str_printf(o, ")stm_any_wr_range(%s, %ld))", s, k->type->elem->size);
            free(s);
        } else {
            ex(e, k, o);
        }
        at = k->end;
    }
    str_addn(o, src(e, at), n->end - at);
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
        else if (n->decl->kind == D_FUNC && !strcmp(n->decl->name, "main"))
            str_add(o, "stm_user_main");
        else
            str_addn(o, src(e, n->begin), n->end - n->begin);
        return;
    case N_MEMBER:
    case N_SUBSCRIPT:
    case N_DEREF:
        if (n->form != F_NONE) {
            access(e, n, o);
            return;
        }
        break;
    case N_CALL: call(e, n, o); return;
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
    case N_INCDEC: assign(e, n, o); return;
    case N_ATOMIC: atomic(e, n, o); return;
    default: break;
    }
    rebuild(e, n, o);
}

/* ---- statements and declarations ---- */

static void spaces_for(struct emitter *e, const struct decl *d, struct str *o)
{
    const char *section = d->type->is_const ? "ungil_const" : "ungil_data";
    (void)e;
    str_printf(o, "__attribute__((section(\"%s\"), aligned(16))) ", section);
}

static void registration(struct emitter *e, const struct decl *d, struct str *o)
{
    const char *desc = desc_for_type(e->u, d->type);
    str_printf(o, " static struct stm_static stm_static_%u __attribute__((section(\"ungil_statics\"), used, aligned(8))) = {&%s, sizeof(%s), ",
               e->nstatics++, d->name, d->name);
    str_printf(o, desc ? "&%s" : "0", desc);
    str_printf(o, ", %s, \"%s\"};", d->type->is_object ? "STM_STATIC_OBJECT" : "0", d->name);
}

static void decls(struct emitter *e, struct node *n, struct str *o)
{
    bool moved = false, drop = false;
    for (unsigned i = 0; i < n->nkids; i++) {
        if (n->kids[i]->kind != N_VAR)
            continue;
        if (n->kids[i]->decl->transactional && !moved) {
            spaces_for(e, n->kids[i]->decl, o);
            moved = true;
        }
        if (n->kids[i]->decl->drop && !drop) {
            str_add(o, "__attribute__((unused)) ");
            drop = true;
        }
    }
    rebuild(e, n, o);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i]->kind == N_VAR && n->kids[i]->decl->transactional)
            registration(e, n->kids[i]->decl, o);
}

static void var(struct emitter *e, struct node *n, struct str *o)
{
    struct decl *d = n->decl;
    if (d->init && (d->storage == ST_STATIC_LOCAL || d->storage == ST_THREAD)) {
        str_addn(o, src(e, n->begin), n->end - n->begin);
        return;
    }
    rebuild(e, n, o);
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
    case N_ASM:
        if (n->nkids && !n->blocking)
            str_add(o, "({ stm_inevitable(\"inline assembly\"); ");
        rebuild(e, n, o);
        if (n->nkids && !n->blocking)
            str_add(o, "; })");
        break;
    default:
        rebuild(e, n, o);
    }
}

/* n's text with its children rebuilt, in text order. */
static void rebuild(struct emitter *e, struct node *n, struct str *o)
{
    struct node *few[16], **kids = few;
    unsigned k = 0;
    if (n->nkids > 16)
        kids = xrealloc(NULL, n->nkids * sizeof *kids);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i])
            kids[k++] = n->kids[i];
    qsort(kids, k, sizeof *kids, by_offset);
    size_t at = n->begin;
    for (unsigned i = 0; i < k; i++) {
        struct node *kid = kids[i];
        if (kid->begin < at || kid->end > n->end || kid->in_macro)
            continue; /* declarators that share a type, text from a macro: copied as they are */
        str_addn(o, src(e, at), kid->begin - at);
        if (kid->kind >= N_BLOCK)
            stmt(e, kid, o);
        else
            ex(e, kid, o);
        at = kid->end;
        if (n->kind == N_BLOCK && e->resync) {
            struct ir_loc l = source_loc(&e->u->src, at);
            str_printf(o, "\n#line %u \"%s\"\n", l.line, l.file);
            e->resync = false;
        }
    }
    str_addn(o, src(e, at), n->end - at);
    if (kids != few)
        free(kids);
}

static void function(struct emitter *e, struct decl *d, struct str *o)
{
    struct node *b = d->body;
    if (d->alloc_size) {
        str_add(o, "{ ");
        bool found = false, found_ptr = !d->realloc_ptr;
        for (unsigned i = 0; i < d->nparams; i++) {
            str_printf(o, "(void)%s; ", d->params[i]->name);
            found |= !strcmp(d->params[i]->name, d->alloc_size);
            found_ptr |= d->realloc_ptr && !strcmp(d->params[i]->name, d->realloc_ptr);
        }
        if (!found || !found_ptr)
            diag(&e->u->src, d->name_off, DIAG_ERROR, NULL, "STM_ALLOC_FN or STM_REALLOC_FN names no parameter of '%s'", d->name);
        if (d->realloc_ptr)
            str_printf(o, "return stm_renew(%s, %s); ", d->realloc_ptr, d->alloc_size);
        else
            str_printf(o, "return stm_new_any(%s); ", d->alloc_size);
        for (size_t i = b->begin; i < b->end; i++)
            if (src(e, i)[0] == '\n')
                str_add(o, "\n");
        str_add(o, "}");
        return;
    }
    summarize(b);
    e->temps = 0;
    if (strcmp(d->name, "main")) {
        rebuild(e, b, o);
    } else { /* renamed, so its end no longer means return 0 */
        struct str s = {0};
        rebuild(e, b, &s);
        str_addn(o, s.s, s.n - 1);
        str_add(o, "return 0; }");
        str_free(&s);
    }
}

/* ---- the file ---- */

enum edit_kind { E_UNUSED, E_VAR, E_NAME, E_FUNC };
struct edit { size_t at; enum edit_kind kind; struct decl *d; };

static int by_at(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (int)x->kind - (int)y->kind;
}

static void tags(struct unit *u, struct str *o)
{
    if (!u->ntags)
        return;
    str_add(o, "\nvoid stm_register_tag(unsigned long mask, unsigned long tag);\n"
               "static void __attribute__((constructor(102), used)) stm_tags(void)\n{\n");
    for (unsigned i = 0; i < u->ntags; i++)
        str_printf(o, "    stm_register_tag(0x%lxul, 0x%lxul);\n", u->tags[i].mask, u->tags[i].tag);
    str_add(o, "}\n");
}

/* Where the declaration that contains offset `at` starts: declarators share their specifiers. */
static void edits_of(struct unit *u, struct edit **v, unsigned *n, unsigned *cap)
{
#define ADD(a, k, dd) do { if (*n == *cap) *v = xrealloc(*v, (*cap = *cap * 2 + 64) * sizeof **v); \
                           (*v)[(*n)++] = (struct edit){a, k, dd}; } while (0)
    for (unsigned i = 0; i < u->nfuncs; i++) {
        struct decl *d = u->funcs[i];
        if (!strcmp(d->name, "main"))
            ADD(d->name_off, E_NAME, d);
        if (d->drop || (d->storage == ST_STATIC && d->inline_fn && source_loc(&u->src, d->begin).file != u->src.name))
            ADD(d->begin, E_UNUSED, d); /* a header's: no longer known as one, so clang would warn */
        if (!d->drop)
            ADD(d->body->begin, E_FUNC, d);
    }
    size_t last = (size_t)-1;
    for (unsigned i = 0; i < u->nglobals; i++) {
        struct decl *d = u->globals[i];
        if (d->storage == ST_STATIC_LOCAL || (!d->transactional && !d->drop) || d->begin == last)
            continue;
        last = d->begin;
        ADD(d->begin, E_VAR, d);
    }
#undef ADD
    if (*n)
        qsort(*v, *n, sizeof **v, by_at);
}

/* Our annotations have done their work; other compilers than clang would warn of them. */
static void without_annotations(const char *s, struct str *out)
{
    static const char open[] = "__attribute__((annotate(\"stm_";
    for (const char *p; (p = strstr(s, open)); s = p) {
        str_addn(out, s, (size_t)(p - s));
        p = strstr(p, "\")))");
        if (!p)
            die("emit: unterminated annotation");
        p += 4;
    }
    str_add(out, s);
}

void emit(struct unit *u, const enum barrier_kind *decisions, struct str *out)
{
    struct str body = {0}, epilogue = {0};
    struct emitter e = {.u = u, .decisions = decisions, .epilogue = &epilogue};
    struct edit *v = NULL;
    unsigned n = 0, cap = 0;
    edits_of(u, &v, &n, &cap);
    size_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        struct decl *d = v[i].d;
        if (v[i].at < at)
            continue;
        str_addn(&body, src(&e, at), v[i].at - at);
        at = v[i].at;
        if (v[i].kind == E_NAME) {
            str_add(&body, "stm_user_main");
            at += strlen("main");
        } else if (v[i].kind == E_VAR) {
            if (d->transactional)
                spaces_for(&e, d, &body);
            else
                str_add(&body, "__attribute__((unused)) ");
        } else if (v[i].kind == E_UNUSED) {
            str_add(&body, "__attribute__((unused)) ");
        } else {
            function(&e, d, &body);
            at = d->body->end;
        }
    }
    str_addn(&body, src(&e, at), u->src.n - at);
    free(v);
    for (unsigned i = 0; i < u->nglobals; i++)
        if (u->globals[i]->transactional && u->globals[i]->storage != ST_STATIC_LOCAL) {
            registration(&e, u->globals[i], &epilogue);
            str_add(&epilogue, "\n");
        }
    tags(u, &epilogue);
    str_printf(out, "#include \"ungil_abi.h\"\n%s", desc_prologue(u));
    without_annotations(body.s ? body.s : "", out);
    str_add(out, epilogue.s ? epilogue.s : "");
    str_free(&body);
    str_free(&epilogue);
    free(e.subs);
}
