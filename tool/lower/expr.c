/* expr.c - from our syntax tree to the IR of transactional events.
 *
 * Expressions are walked in the order in which emit/expr.c will have them evaluated: operands left to right,
 * then the operation; an assignment's target address, then its value, then the store.  C leaves much of that
 * order open; where a safepoint lies among the operands, emit/ forces it (translator.md, trap 1).
 *
 * Every pointer expression yields an IR value of class ref, raw or any (annotations.md R3).  Every access to
 * memory that may be shared is numbered; how it is to be emitted (enum form) is noted on its tree node, and
 * the IR's instruction carries the number, so that the passes' decisions find their way back. */
#include "lower/expr.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/addresses.h"
#include "analysis/callee.h"
#include "analysis/globals.h"
#include "analysis/places.h"
#include "ast/query.h"
#include "lower/calls.h"
#include "lower/lower.h"
#include "lower/ranges.h"
#include "lower/raw.h"
#include "lower/stmts.h"
#include "parse/parse.h"
#include "source/diag.h"

static struct ir_inst *value_of(struct node *n, struct ir_inst *v)
{
    n->is_raw = v && (v->cls == IRC_RAW || v->op == IR_NULLV);
    return v;
}

static struct ir_inst *opaque(struct lower *l, const struct type *t, const struct decl *d,
                              const struct node *at)
{
    enum ir_class c = class_of_type(t, d);
    return c == IRC_INT ? NULL : low_from(low_op(l, IR_OPAQUE, c, at), d);
}

static struct ir_inst *unop(struct lower *l, enum ir_op op, enum ir_class cls, struct ir_inst *v,
                            const struct node *at)
{
    struct ir_inst *i = low_op(l, op, cls, at);
    ir_add_arg(i, v);
    return i;
}

static struct ir_inst *addr_of(struct lower *l, const struct decl *d, enum ir_class cls,
                               const struct node *at)
{
    struct ir_inst *i = low_op(l, IR_ADDR, cls, at);
    if (d->same)
        d = d->same;
    const char *name = decl_symbol(d);
    if (d->storage == ST_STATIC_LOCAL) /* several may have one name */
        name = arena_printf(&l->u->arena, "%s.%zu.static", name, d->name_off);
    else if (d->storage == ST_STATIC)
        name = arena_printf(&l->u->arena, "%s.static", name);
    i->sym = ir_intern(l->u->ir, name);
    bool internal = d->storage == ST_STATIC || d->storage == ST_STATIC_LOCAL;
    if (internal && !d->addr_taken && !d->second_name)
        i->flags |= IRI_ALONE;
    if (d->second_name || (d->storage == ST_EXTERN && !d->defined))
        i->flags |= IRI_ALIASED;
    else if (d->storage == ST_EXTERN)
        i->flags |= IRI_EXPORTED;
    return i;
}

/* A pointer to an object's struct is taken for the start of what the runtime knows as one object.  What lies
 * at a computed distance in other memory is none; constant distances are those of tags and members. */
static void no_object_within(struct lower *l, const struct ir_inst *v, const struct type *t,
                             const struct node *at)
{
    if (t->elem->kind != T_RECORD || !t->elem->is_object)
        return;
    while (v->op == IR_COPY)
        v = v->args[0];
    if (v->op == IR_DERIVE && v->index < 0 && !map_get(&l->constant_steps, (uint64_t)(uintptr_t)v))
        diag(&l->u->src, at->begin, DIAG_ERROR,
             "objects are allocated one by one: STM_NEW, or an allocation function with STM_ALLOC_FN",
             "a pointer to the STM_OBJECT type '%s' is made at a computed place in other memory",
             t->elem->spelling);
}

/* v seen through a pointer of type t: an object type makes it a reference. */
struct ir_inst *low_as_type(struct lower *l, struct ir_inst *v, const struct type *t, const struct node *at)
{
    if (t->kind != T_POINTER)
        return NULL;
    if (!v)
        return opaque(l, t, NULL, at);
    if (v->op != IR_NULLV && v->cls != IRC_REF && class_of_type(t, NULL) == IRC_REF) {
        no_object_within(l, v, t, at);
        return unop(l, IR_COPY, IRC_REF, v, at);
    }
    return v;
}

bool low_is_local(const struct ir_inst *v)
{
    while (!(v->flags & IRI_LOCAL) && (v->op == IR_COPY || v->op == IR_DERIVE))
        v = v->args[0];
    return v->flags & IRI_LOCAL;
}

static struct ir_inst *derive(struct lower *l, struct ir_inst *v, long off, const struct node *at)
{
    struct ir_inst *i = unop(l, IR_DERIVE, v->op == IR_NULLV ? IRC_ANY : v->cls, v, at);
    i->index = off >= 0 && off < IR_MAX_OFFSET ? (int)off : -1;
    return i;
}

/* ---- lvalues ---- */

static struct lv lv_raw(struct lower *l, struct ir_inst *addr)
{
    bool local = low_is_local(addr) || ir_mutant_is(l->u->ir, "rawwrite", addr->loc, l->f->name);
    return (struct lv){.form = local ? F_NONE : F_RAW_WRITE, .addr = addr, .known = local};
}

static struct lv lv_pointer(struct lower *l, struct node *base, struct ir_inst *v, long off, struct node *n)
{
    struct type *elem = base->type->elem;
    if (!v)
        v = opaque(l, base->type, NULL, n);
    if (!v) /* a function pointer or the like */
        return (struct lv){.form = F_NONE};
    if (elem->is_object && v->cls != IRC_REF)
        v = unop(l, IR_COPY, IRC_REF, v, n);
    if (elem->is_object)
        return (struct lv){
            .form = F_OBJ, .target = v, .unit = IRU_OBJECT, .base = base, .addr = v, .off = off};
    struct ir_inst *addr = off == 0 ? v : derive(l, v, off, n);
    if (v->cls == IRC_RAW)
        return lv_raw(l, addr);
    return (struct lv){
        .form = v->cls == IRC_REF ? F_ADDR : F_ANY, .target = addr, .unit = IRU_ADDRESS, .addr = addr};
}

static struct lv lv_ref(struct lower *l, struct node *n)
{
    struct decl *d = n->decl;
    if (d->kind != D_VAR && d->kind != D_PARAM)
        return (struct lv){.form = F_NONE};
    if (d->var)
        return (struct lv){.form = F_NONE, .ssa = d};
    if (d->transactional && !(d->weak && !d->type->is_object)) { /* weak: perhaps another's */
        struct ir_inst *a = addr_of(l, d, IRC_REF, n);
        if (d->type->is_object)
            return (struct lv){.form = F_OBJ, .target = a, .unit = IRU_OBJECT, .addr = a};
        return (struct lv){.form = F_ADDR, .target = a, .unit = IRU_ADDRESS, .addr = a};
    }
    if (d->kind == D_PARAM || d->storage == ST_LOCAL) {
        struct ir_inst *a = addr_of(l, d, IRC_RAW, n);
        a->flags |= IRI_LOCAL;
        return (struct lv){.form = F_NONE, .addr = a, .known = d->addr_taken};
    }
    if (d->storage == ST_EXTERN && (!d->defined || d->weak) && !d->system && !d->raw &&
        (d->type->is_object || !stays_as_it_is(d))) {
        struct ir_inst *a = addr_of(l, d, d->type->is_object ? IRC_REF : IRC_ANY, n);
        if (d->type->is_object)
            return (struct lv){.form = F_OBJ, .target = a, .unit = IRU_OBJECT, .addr = a};
        return (struct lv){.form = F_ANY, .target = a, .unit = IRU_ADDRESS, .addr = a};
    }
    struct lv v = lv_raw(l, addr_of(l, d, IRC_RAW, n));
    v.own = d->storage == ST_THREAD;
    return v;
}

/* v.x, v.lo, v.xz of clang's ext_vector_type */
static bool is_component(const struct lower *l, const struct node *n)
{
    return n->kind == N_OPAQUE && n->nkids == 1 && n->kids[0]->end < n->end &&
           strchr(".-", l->u->src.text[n->kids[0]->end]);
}

/* Built-in functions that make values of values, and are no calls to libclang. */
static bool is_of_values(const struct lower *l, const struct node *n)
{
    static const char *const names[] = {"__builtin_shufflevector", "__builtin_convertvector"};
    const char *s = l->u->src.text + n->begin;
    for (unsigned k = 0; k < sizeof names / sizeof *names; k++)
        if (!strncmp(s, names[k], strlen(names[k])))
            return true;
    return false;
}

/* A place that is, or lies in, what a generic selection chooses is not known as a place. */
static void no_choice(struct lower *l, const struct node *n, const char *hint, const char *what)
{
    for (;; n = n->kids[0])
        if (n->kind == N_SUBSCRIPT || n->kind == N_DEREF) {
            if (n->kids[0]->type->kind != T_ARRAY && !is_vector_element(n))
                return;
        } else if (n->kind != N_PAREN && n->kind != N_UNARY && !(n->kind == N_MEMBER && !n->arrow)) {
            break;
        }
    if (n->kind == N_GENERIC || (n->kind == N_OPAQUE && !is_component(l, n)))
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, hint, "%s a generic selection", what);
}

static void no_chosen_array(struct lower *l, const struct node *n)
{
    if (n->type->kind == T_ARRAY && strip_parens((struct node *)n)->kind == N_GENERIC)
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "index the array in each alternative",
             "element of an array that a generic selection chooses");
}

/* The indices of elements of vectors on the way from n to t, the place that is accessed. */
static void low_element(struct lower *l, struct node *n, const struct node *t)
{
    for (; n != t; n = n->kids[0])
        if (n->kind == N_SUBSCRIPT)
            low_value(l, n->kids[1]);
}

static bool is_zero(const struct lower *l, const struct node *n)
{
    return is_zero_literal(&l->u->src, n);
}

static void no_object_arithmetic(struct lower *l, const struct node *n, const struct type *t)
{
    if (t->kind == T_POINTER && t->elem->is_object)
        diag(&l->u->src, n->begin, DIAG_ERROR,
             "objects of this type are allocated one by one; keep an array of pointers to them",
             "arithmetic on a pointer to the STM_OBJECT type '%s'", t->elem->spelling);
}

/* The lvalue `l` moved to a part at byte offset off (-1: not constant). */
static struct lv lv_part(struct lower *l, struct lv v, long off, struct node *n)
{
    if (v.ssa || !v.addr)
        return v;
    if (v.form == F_OBJ) {
        v.off = v.off >= 0 && off >= 0 ? v.off + off : -1;
        return v;
    }
    if (off != 0)
        v.addr = derive(l, v.addr, off, n);
    if (v.form == F_ADDR || v.form == F_ANY)
        v.target = v.addr;
    return v;
}

/* Lowers of a place that does not exist what emit/ will evaluate. */
static struct lv lv_dropped(struct lower *l, struct node *n)
{
    struct node **ops = NULL;
    unsigned k = 0, cap = 0;
    place_operands(n, &ops, &k, &cap);
    for (unsigned i = 0; i < k; i++)
        if (has_effects(ops[i]))
            low_value(l, ops[i]);
    free(ops);
    return (struct lv){.form = F_DROPPED};
}

/* A thread's own copy, at no offset from anything. */
static struct lv lv_per_thread(struct lower *l, struct node *n)
{
    lv_dropped(l, n);
    struct ir_inst *a = low_op(l, IR_ADDR, IRC_RAW, n);
    a->sym = ir_intern(l->u->ir, n->decl->thread_copy);
    struct lv v = lv_raw(l, a);
    v.field = n->decl;
    v.own = true;
    return v;
}

struct lv low_lvalue(struct lower *l, struct node *n)
{
    struct lv v;
    if (is_per_thread(n) && !is_dropped(n))
        return lv_per_thread(l, n);
    if (n->kind <= N_DEREF && is_dropped(n))
        return lv_dropped(l, n);
    switch (n->kind) {
    case N_PAREN:
        return low_lvalue(l, n->kids[0]);
    case N_REF:
        return lv_ref(l, n);
    case N_MEMBER:
        if (n->arrow)
            v = lv_pointer(l, n->kids[0], low_value(l, n->kids[0]), n->offset, n);
        else
            v = lv_part(l, low_lvalue(l, n->kids[0]), n->offset, n);
        v.field = n->decl;
        return v;
    case N_SUBSCRIPT: {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        struct node *base = n->kids[rev], *index = n->kids[!rev];
        if (base->type->kind == T_ARRAY) {
            no_chosen_array(l, base);
            v = low_lvalue(l, base);
            low_value(l, index);
            return lv_part(l, v, is_zero(l, index) ? 0 : -1, n);
        }
        struct ir_inst *p = low_value(l, base);
        low_value(l, index);
        if (!is_zero(l, index))
            no_object_arithmetic(l, n, base->type);
        return lv_pointer(l, base, p, is_zero(l, index) ? 0 : -1, n);
    }
    case N_DEREF:
        no_chosen_array(l, n->kids[0]);
        if (n->kids[0]->type->kind == T_ARRAY)
            return lv_part(l, low_lvalue(l, n->kids[0]), 0, n);
        if (n->kids[0]->type->kind != T_POINTER) /* a function */
            return (struct lv){.form = F_NONE, .addr = low_value(l, n->kids[0])};
        return lv_pointer(l, n->kids[0], low_value(l, n->kids[0]), 0, n);
    case N_COMPOUND_LITERAL:
    case N_STRING: {
        if (n->kind == N_COMPOUND_LITERAL)
            for (unsigned i = 0; i < n->nkids; i++)
                low_value(l, n->kids[i]);
        struct ir_inst *a = low_op(l, IR_ADDR, IRC_RAW, n);
        a->sym = ir_intern(l->u->ir, n->kind == N_STRING ? ".string" : ".literal");
        a->flags |= n->kind == N_COMPOUND_LITERAL ? IRI_LOCAL : 0;
        if (n->kind == N_COMPOUND_LITERAL) /* a pointer of the round before may lead there */
            low_op(l, IR_LOCALW, IRC_INT, n);
        return (struct lv){.form = F_NONE, .addr = a};
    }
    case N_UNARY: /* __real__, __imag__ */
        return lv_part(l, low_lvalue(l, n->kids[0]), n->op == OP_IMAG ? n->type->size : 0, n);
    default: /* a struct that is not an lvalue: the result of a call, a conditional */
        low_value(l, n);
        return (struct lv){.form = F_NONE};
    }
}

/* ---- accesses ---- */

static const char *access_name(struct lower *l, const struct lv *v)
{
    if (!v->field)
        return NULL;
    char *s = arena_printf(&l->u->arena, "%s.%s", v->field->record_name ? v->field->record_name : "",
                           v->field->name);
    return ir_intern(l->u->ir, s);
}

/* Where an owner's barrier does not reach: in a large object it covers the first STM_CARD bytes only. */
enum { CARD = 128 };

static void note_access(struct lower *l, struct node *n, struct lv *v, bool write)
{
    const struct type *t = n->type;
    long size = t->size;
    if (l->blocking && (v->form == F_OBJ || v->form == F_ADDR)) {
        diag(&l->u->src, n->begin, DIAG_ERROR, "copy what you need into locals before the block",
             "access to a transactional object inside STM_BLOCKING");
        return;
    }
    if (l->blocking) /* raw memory; a reference traps */
        return;
    /* At an index the barrier is on the element, so that accesses to distant elements of an array do not
     * conflict; a read is free all the same where the owner has been read already. */
    bool object = v->form == F_OBJ;
    if (v->form == F_OBJ && (v->off < 0 || t->is_atomic || (write && (size < 0 || v->off + size > CARD)))) {
        v->form = F_ADDR;
        v->unit = IRU_ADDRESS;
        v->target = derive(l, v->addr, v->off, n);
    }
    struct ir_inst *range = v->unit == IRU_ADDRESS ? low_range_of(l, n, v->target, object) : NULL;
    if (range)
        v->target = derive(l, range, -1, n);
    n->form = v->form;
    n->unit = v->unit;
    n->write = write;
    n->base = v->form == F_OBJ ? v->base : NULL;
    /* What is not aligned by its size may lie across two granules. */
    n->range = v->unit == IRU_ADDRESS && (size > 16 || size <= 0 || place_alignment(n) < size);
    if ((n->bitfield || t->is_atomic) && v->unit == IRU_ADDRESS) /* compilers have no atomics through %gs */
        n->range = true;
    if (v->form == F_OBJ)
        n->obj_size = v->target->op == IR_ADDR ? CARD
                      : v->base && v->base->type->elem->size > 0 && v->base->type->elem->size < CARD
                          ? v->base->type->elem->size
                          : CARD;
    n->access = (int)l->u->naccesses;
    ptr_push(&l->u->access_nodes, &l->u->naccesses, &l->u->capaccesses, n);
}

/* Bytes that what is no access may write: at target, or, null, of any object; span null: anything. */
void low_escape(struct lower *l, struct ir_inst *target, const struct ir_span *span, const struct node *at)
{
    struct ir_inst *i = low_op(l, IR_ESCAPE, IRC_INT, at);
    i->span = span;
    if (target)
        ir_add_arg(i, target);
}

static struct ir_inst *event(struct lower *l, struct node *n, struct lv *v, enum ir_op op, enum ir_class cls)
{
    struct ir_inst *i = low_op(l, op, cls, n);
    ir_add_arg(i, v->target);
    i->unit = v->unit;
    i->size = n->range ? 0 : (unsigned)(n->type->size > 0 ? n->type->size : 0);
    i->access = n->access;
    i->index = v->form == F_OBJ && v->off >= 0 && v->off < IR_MAX_OFFSET ? (int)v->off : -1;
    i->sym = access_name(l, v);
    if (op != IR_LOAD || (v->field && n->type->kind != T_RECORD))
        i->span = span_of_place(l->u, n);
    return i;
}

/* The variable or field whose declaration says what kind of pointers are kept in the place. */
static const struct decl *place_decl(const struct lv *v, const struct node *n)
{
    return v->ssa ? v->ssa : v->field ? v->field : n->kind == N_REF ? n->decl : NULL;
}

/* d, from which the value of n comes, if it says where that leads. */
static const struct decl *claim_of(const struct decl *d, const struct node *n)
{
    bool pointer = n->type->kind == T_POINTER && n->type->elem->kind != T_FUNC;
    return d && pointer && (d->private_stack || d->raw) ? d : NULL;
}

/* v as the local variable d has it, which may say that it leads to a private stack. */
struct ir_inst *low_as_local(struct lower *l, struct ir_inst *v, const struct decl *d, const struct node *at)
{
    if (!v || !d->private_stack || low_is_local(v) || v->cls == IRC_REF)
        return v;
    return low_from(unop(l, IR_COPY, IRC_RAW, v, at), d);
}

static struct ir_inst *read_local(struct lower *l, const struct decl *d, const struct node *at)
{
    return low_as_local(l, ir_var_read(low_block(l), d->var - 1), d, at);
}

static struct ir_inst *read_lvalue(struct lower *l, struct node *n, struct lv *v)
{
    const struct decl *d = place_decl(v, n); /* what may say STM_RAW */
    n->from = claim_of(d ? d : low_keeper(n), n);
    if (v->ssa)
        return read_local(l, v->ssa, n);
    if (n->type->kind == T_ARRAY) { /* decays: an address, no access */
        no_choice(l, n, "take the address in each alternative", "address of");
        if (v->form == F_OBJ)
            return v->off == 0 ? v->addr : derive(l, v->addr, v->off, n);
        return v->addr;
    }
    if (n->type->kind == T_FUNC)
        return v->addr;
    if (v->form == F_DROPPED) {
        n->form = F_DROPPED;
        return n->type->kind == T_POINTER ? low_op(l, IR_NULLV, IRC_ANY, n) : NULL;
    }
    if (v->form == F_NONE || v->form == F_RAW_WRITE) {
        if (n == l->bound && v->addr)
            ir_add_arg(low_op(l, IR_LOCALR, IRC_INT, n), v->addr);
        return opaque(l, n->type, d, n);
    }
    note_access(l, n, v, false);
    if (n->access < 0)
        return opaque(l, n->type, d, n);
    struct ir_inst *i = low_from(event(l, n, v, IR_LOAD, class_of_type(n->type, d)), d);
    if (v->field && v->field->immutable)
        i->flags |= IRI_IMMUTABLE;
    if (n->type->is_volatile || n->type->is_atomic) /* the next one may find another value */
        return opaque(l, n->type, d, n);
    return i->cls == IRC_INT ? NULL : i;
}

void low_local_write(struct lower *l, struct ir_inst *addr, const struct node *at)
{
    ir_add_arg(low_op(l, IR_LOCALW, IRC_INT, at), addr);
}

/* The variable d of this frame, which is in memory, gets its initial value: a jump back may lead here again.
 */
void low_initialised(struct lower *l, const struct decl *d, const struct node *at)
{
    struct ir_inst *a = addr_of(l, d, IRC_RAW, at);
    a->flags |= IRI_LOCAL;
    low_local_write(l, a, at);
}

static void write_lvalue(struct lower *l, struct node *n, struct lv *v, struct ir_inst *value, enum ir_op op)
{
    if (v->ssa) {
        ir_var_write(low_block(l), v->ssa->var - 1,
                     value ? low_as_local(l, value, v->ssa, n) : opaque(l, v->ssa->type, v->ssa, n));
        return;
    }
    if (v->form == F_DROPPED) {
        n->form = F_DROPPED;
        return;
    }
    const struct decl *d = place_decl(v, n);
    if (v->form == F_RAW_WRITE && d && d->private_top &&
        n->type->kind == T_POINTER) /* an abort puts it back with the stack */
        v->form = F_NONE, v->known = true;
    if ((v->form == F_NONE && v->known) || v->form == F_RAW_WRITE) /* it may be read through a pointer */
        low_escape(l, NULL, span_of_place(l->u, n), n);
    if (v->form == F_NONE) {
        if (v->known)
            low_local_write(l, v->addr, n);
        return;
    }
    if (v->form == F_RAW_WRITE) {
        if (l->blocking)
            return;
        n->form = F_RAW_WRITE;
        n->write = true;
        struct ir_inst *i = low_op(l, IR_INEV, IRC_INT, n);
        i->sym = ir_intern(l->u->ir, v->own ? "thread-local write" : "raw write");
        i->flags |= IRI_MAYBE;
        return;
    }
    note_access(l, n, v, true);
    if (n->access >= 0 && v->field && v->field->immutable)
        event(l, n, v, op, IRC_INT)->flags |= IRI_IMMUTABLE;
    else if (n->access >= 0)
        event(l, n, v, op, IRC_INT);
}

/* ---- expressions ---- */

/* Does the store to t say whether it changes anything before it counts as a write?  Not floating point: -0
 * equals 0, and a NaN nothing; nor a _Bool, whose byte may be neither 0 nor 1 before it is stored to. */
static bool is_checked_store(const struct lower *l, const struct node *t, const struct lv *v)
{
    const struct type *type = t->type;
    if (!(l->u->checked_stores || (v->field && v->field->checked_store)) || l->blocking ||
        (v->field && v->field->immutable))
        return false;
    return (v->form == F_OBJ || v->form == F_ADDR || v->form == F_ANY) &&
           (type->is_integer || type->kind == T_POINTER) && !is_bool_type(type) && !t->bitfield &&
           !t->in_macro && !type->is_atomic && !type->is_volatile;
}

/* n stores value to t, unless it is there already: a read, then, on one of two ways, a write. */
static void low_checked_store(struct lower *l, struct node *n, struct node *t, struct lv *v,
                              struct ir_inst *value)
{
    struct lv read = *v;
    struct ir_block *differs = ir_block_new(l->f), *end = ir_block_new(l->f);
    n->old = arena_alloc(&l->u->arena, sizeof *n->old);
    *n->old = *t;
    note_access(l, n->old, &read, false);
    event(l, n->old, &read, IR_LOAD, IRC_INT);
    ir_branch(low_block(l), (struct ir_block *[]){differs, end}, 2, low_loc(l, n));
    ir_seal(differs);
    l->b = differs;
    write_lvalue(l, t, v, value, IR_STORE);
    low_goto(l, end, n);
    ir_seal(end);
}

/* Sets or clears bits, which may be so already. */
static bool is_bit_assignment(const struct lower *l, const struct node *n)
{
    const char *op = l->u->src.text + n->kids[0]->end;
    op += strcspn(op, "=|&+-*/%^<>");
    return !strncmp(op, "|=", 2) || !strncmp(op, "&=", 2);
}

/* The place `to` is assigned `value`, at once for all threads. */
static void no_address_outside(struct lower *l, const struct node *to, const struct node *value)
{
    const struct decl *d = l->blocking || to->type->size < 8 ? NULL : outside_place(to);
    if (d && address_in(value))
        diag(&l->u->src, address_in(value)->begin, DIAG_ERROR,
             "declare it as a pointer or uintptr_t, and it is part of transactions; or STM_RAW, if it never "
             "leads "
             "to an object",
             "an address is stored in '%s', which other threads see before the transaction is committed",
             d->name);
}

/* Is argument i of the atomic built-in n, or what it points to, stored? */
static bool is_stored(const struct lower *l, const struct node *n, unsigned i)
{
    const char *word = l->u->src.text + n->begin;
    size_t len = strspn(word, "_abcdefghijklmnopqrstuvwxyz0123456789");
    if (i >= n->op)
        return true;
    if (memmem(word, len, "compare", 7))
        return i == 2;
    return i == 1 && (memmem(word, len, "store", 5) || memmem(word, len, "exchange", 8));
}

static struct ir_inst *low_assign(struct lower *l, struct node *n)
{
    struct node *t = target_of(n->kids[0]);
    struct lv v = low_lvalue(l, t);
    low_element(l, n->kids[0], t);
    no_choice(l, t, "write each alternative as an assignment of its own", "assignment to");
    if (n->kind == N_ASSIGN)
        keep_in(low_keeper(t), n->kids[1]);
    struct ir_inst *value = low_value(l, n->kids[1]);
    if (v.form == F_RAW_WRITE)
        no_address_outside(l, t, n->kids[1]);
    low_library_variable(l, t, n->kids[1], value);
    if (n->kind == N_COMPOUND_ASSIGN) {
        if (t->type->kind == T_POINTER) {
            no_object_arithmetic(l, t, t->type);
            value =
                derive(l, v.ssa ? read_local(l, v.ssa, n) : opaque(l, t->type, place_decl(&v, t), n), -1, n);
        }
        if (is_checked_store(l, t, &v) && is_bit_assignment(l, n))
            low_checked_store(l, n, t, &v, value);
        else
            write_lvalue(l, t, &v, value, IR_UPDATE);
        return value;
    }
    if (t->type->kind == T_POINTER)
        value = low_as_type(l, value, t->type, n);
    if (is_checked_store(l, t, &v))
        low_checked_store(l, n, t, &v, value);
    else
        write_lvalue(l, t, &v, value, t == strip_parens(n->kids[0]) ? IR_STORE : IR_UPDATE);
    return t->type->kind == T_POINTER ? value : NULL;
}

void low_store(struct lower *l, struct node *t)
{
    struct lv v = low_lvalue(l, t);
    write_lvalue(l, t, &v, NULL, IR_STORE);
}

static struct ir_inst *low_incdec(struct lower *l, struct node *n)
{
    struct node *t = target_of(n->kids[0]);
    struct lv v = low_lvalue(l, t);
    struct ir_inst *old = NULL, *now = NULL;
    low_element(l, n->kids[0], t);
    no_choice(l, t, "write each alternative as an assignment of its own", "assignment to");
    if (t->type->kind == T_POINTER) {
        no_object_arithmetic(l, t, t->type);
        const struct decl *d = place_decl(&v, t);
        old = v.ssa ? read_local(l, v.ssa, n) : opaque(l, t->type, d, n);
        now = old ? derive(l, old, -1, n) : NULL;
        n->from = v.ssa ? NULL : claim_of(d, n);
    }
    write_lvalue(l, t, &v, now, IR_UPDATE);
    return n->op >= 2 ? old : now;
}

static struct ir_inst *low_binary(struct lower *l, struct node *n)
{
    struct ir_inst *a = low_value(l, n->kids[0]), *b = low_value(l, n->kids[1]);
    const struct type *ta = n->kids[0]->type, *tb = n->kids[1]->type;
    if (n->type->kind != T_POINTER) {
        if (ta->kind == T_POINTER && tb->kind == T_POINTER && n->op == OP_SUB)
            no_object_arithmetic(l, n, ta);
        return NULL;
    }
    bool left = ta->kind == T_POINTER || ta->kind == T_ARRAY;
    no_object_arithmetic(l, n, left ? ta : tb);
    struct ir_inst *p = left ? a : b;
    if (!p)
        return opaque(l, n->type, NULL, n);
    struct ir_inst *moved = derive(l, p, -1, n);
    if (is_fixed_number(n->kids[left]))
        map_put(&l->constant_steps, (uint64_t)(uintptr_t)moved, moved);
    return moved;
}

/* Branches on n: to yes or no, with short circuits. */
void low_condition(struct lower *l, struct node *n, struct ir_block *yes, struct ir_block *no)
{
    if (n->kind == N_PAREN) {
        low_condition(l, n->kids[0], yes, no);
    } else if (n->kind == N_UNARY && n->op == OP_LNOT) {
        low_condition(l, n->kids[0], no, yes);
    } else if (n->kind == N_LOGICAL) {
        struct ir_block *mid = ir_block_new(l->f);
        bool and = n->op == OP_LAND;
        low_condition(l, n->kids[0], and? mid : yes, and? no : mid);
        ir_seal(mid);
        l->b = mid;
        low_condition(l, n->kids[1], yes, no);
    } else if (is_call_to(n, "__builtin_expect") && strip_parens(n)->nkids == 3 &&
               strip_parens(n)->kids[2]->kind == N_LITERAL) {
        low_condition(l, strip_parens(n)->kids[1], yes, no);
    } else {
        low_value(l, n);
        struct ir_block *to[] = {yes, no};
        ir_branch(low_block(l), to, 2, low_loc(l, n));
    }
}

static struct ir_inst *low_choice(struct lower *l, struct node *n)
{
    bool pointer = n->type->kind == T_POINTER;
    unsigned var = pointer ? ir_var_new(l->f, class_of_type(n->type, NULL)) : 0;
    struct ir_block *yes = ir_block_new(l->f), *no = ir_block_new(l->f), *end = ir_block_new(l->f);
    struct ir_inst *v = NULL;
    if (n->kind == N_COND) {
        low_condition(l, n->kids[0], yes, no);
    } else {
        v = low_value(l, n->kids[0]);
        struct ir_block *to[] = {yes, no};
        ir_branch(low_block(l), to, 2, low_loc(l, n));
    }
    ir_seal(yes);
    ir_seal(no);
    l->b = yes;
    if (n->kind == N_COND)
        v = low_value(l, n->kids[1]);
    if (pointer)
        ir_var_write(low_block(l), var, low_as_type(l, v, n->type, n));
    low_goto(l, end, n);
    l->b = no;
    v = low_value(l, n->kids[n->nkids - 1]);
    if (pointer)
        ir_var_write(low_block(l), var, low_as_type(l, v, n->type, n));
    low_goto(l, end, n);
    ir_seal(end);
    return pointer ? ir_var_read(end, var) : NULL;
}

static void low_logical(struct lower *l, struct node *n)
{
    struct ir_block *end = ir_block_new(l->f);
    low_condition(l, n, end, end);
    ir_seal(end);
    l->b = end;
}

static void low_generic(struct lower *l, struct node *n)
{
    /* which association is chosen is not modelled: any may be */
    struct ir_block **to = xrealloc(NULL, (n->nkids + 1) * sizeof *to), *end = ir_block_new(l->f);
    unsigned k = 0;
    for (unsigned i = 1; i < n->nkids; i++)
        to[k++] = ir_block_new(l->f);
    to[k++] = end;
    ir_branch(low_block(l), to, k, low_loc(l, n));
    for (unsigned i = 1; i < n->nkids; i++) {
        ir_seal(to[i - 1]);
        l->b = to[i - 1];
        low_value(l, n->kids[i]);
        low_goto(l, end, n);
    }
    free(to);
    ir_seal(end);
    l->b = end;
}

/* Is n, perhaps cast, an argument of a function that does not exist either? */
static bool is_dropped_argument(const struct node *n)
{
    const struct node *p = n->parent;
    while (p && (p->kind == N_PAREN || p->kind == N_CAST))
        p = p->parent;
    return p && p->kind == N_CALL && p->decl && p->decl->drop;
}

static struct ir_inst *low_addrof(struct lower *l, struct node *n)
{
    struct node *k = strip_parens(n->kids[0]);
    if (k->kind == N_REF && k->decl->kind == D_FUNC)
        low_function_address(l, k);
    struct lv v = low_lvalue(l, k);
    no_choice(l, k, "take the address in each alternative", "address of");
    if (v.form == F_DROPPED && !is_dropped_argument(n))
        diag(&l->u->src, n->begin, DIAG_ERROR, "mark the function that takes it STM_DROP too",
             "address of the STM_DROP variable '%s'", k->decl ? k->decl->name : "");
    if (!v.addr)
        return opaque(l, n->type, NULL, n);
    if (v.form != F_OBJ || v.off == 0)
        return v.addr;
    if (k->type->is_object)
        diag(&l->u->src, n->begin, DIAG_ERROR, "only a first member can be an object of its own",
             "address of the STM_OBJECT type '%s' inside another object", k->type->spelling);
    return derive(l, v.addr, v.off, n);
}

void low_in_any_order(struct lower *l, struct node *n, unsigned count)
{
    struct ir_block *head = ir_block_new(l->f), *end = ir_block_new(l->f),
                    **to = xrealloc(NULL, (count + 1) * sizeof *to);
    low_goto(l, head, n);
    for (unsigned i = 0; i < count; i++)
        to[i] = ir_block_new(l->f);
    to[count] = end;
    ir_branch(head, to, count + 1, low_loc(l, n));
    for (unsigned i = 0; i < count; i++) {
        ir_seal(to[i]);
        l->b = to[i];
        low_value(l, n->kids[i]);
        if (!ir_terminated(l->b))
            ir_jump(l->b, head, low_loc(l, n));
    }
    ir_seal(head);
    ir_seal(end);
    l->b = end;
    free(to);
}

void low_perhaps(struct lower *l, struct node *n, unsigned first)
{
    if (n->nkids <= first)
        return;
    struct ir_block *yes = ir_block_new(l->f), *end = ir_block_new(l->f);
    ir_branch(low_block(l), (struct ir_block *[]){yes, end}, 2, low_loc(l, n));
    ir_seal(yes);
    l->b = yes;
    for (unsigned i = first; i < n->nkids; i++)
        low_value(l, n->kids[i]);
    low_goto(l, end, n);
    ir_seal(end);
    l->b = end;
}

/* C leaves the order of elements open; gcc and clang take that of the members, in which the tree has them,
 * and do not evaluate what another element initialises again. */
static void low_initlist(struct lower *l, struct node *n)
{
    if (n->any_order && n->nkids) {
        low_in_any_order(l, n, n->nkids);
        return;
    }
    for (unsigned i = 0; i < n->nkids; i++)
        low_value(l, n->kids[i]);
}

static bool is_place(const struct node *n)
{
    return (n->kind >= N_REF && n->kind <= N_DEREF) || n->kind == N_COMPOUND_LITERAL || n->kind == N_STRING;
}

static struct ir_inst *low_value_(struct lower *l, struct node *n)
{
    struct ir_inst *v;
    switch (n->kind) {
    case N_REF:
        if (n->decl->kind == D_FUNC) {
            low_function_address(l, n);
            return NULL;
        }
        /* fall through */
    case N_MEMBER:
    case N_SUBSCRIPT:
    case N_DEREF:
    case N_COMPOUND_LITERAL:
    case N_STRING: {
        struct node *t = is_vector_element(n) ? target_of(n) : n;
        struct lv lv = low_lvalue(l, t);
        low_element(l, n, t);
        struct ir_inst *value = is_place(t) ? read_lvalue(l, t, &lv) : NULL;
        const struct node *up = t == n ? NULL : with_parens(n)->parent;
        if (up && up->kind == N_ASM && t->form != F_NONE)
            diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "copy through a local",
                 "transactional memory as an operand of asm");
        return value;
    }
    case N_PAREN:
        v = low_value(l, n->kids[0]);
        return v;
    case N_ADDROF:
        return low_addrof(l, n);
    case N_INCDEC:
        return low_incdec(l, n);
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
        return low_assign(l, n);
    case N_BINARY:
        return low_binary(l, n);
    case N_LOGICAL:
        low_logical(l, n);
        return NULL;
    case N_COND:
    case N_GNU_COND:
        return low_choice(l, n);
    case N_COMMA:
        low_value(l, n->kids[0]);
        return low_value(l, n->kids[1]);
    case N_CALL:
        return low_call(l, n);
    case N_CAST:
        v = NULL;
        for (unsigned i = 0; i < n->nkids; i++) /* bounds of array types, then the operand */
            v = low_value(l, n->kids[i]);
        if (n->type->kind != T_POINTER)
            return NULL;
        if (!v && n->nkids && is_zero(l, n->kids[n->nkids - 1]))
            return low_op(l, IR_NULLV, class_of_type(n->type, NULL), n);
        return low_as_type(l, v, n->type, n);
    case N_UNARY:
        v = low_value(l, n->kids[0]);
        return n->type->kind == T_POINTER ? v : NULL;
    case N_STMT_EXPR:
        return low_stmt_expr(l, n);
    case N_INITLIST:
        low_initlist(l, n);
        return NULL;
    case N_GENERIC:
        low_generic(l, n);
        return opaque(l, n->type, NULL, n);
    case N_VA_ARG:
        for (unsigned i = 0; i < n->nkids; i++) {
            v = low_value(l, n->kids[i]);
            if (!i)
                low_va_list(l, n->kids[i], v);
        }
        return opaque(l, n->type, NULL, n);
    case N_ATOMIC:
        for (unsigned i = 0; i < n->nkids; i++) {
            const struct node *to = strip_parens(n->kids[0]);
            if (i && to->kind == N_ADDROF && is_stored(l, n, i))
                keep_in(low_keeper(to->kids[0]), n->kids[i]);
            v = low_value(l, n->kids[i]);
            const struct ir_span *span = v && i < n->op ? span_of_pointee(l->u, n->kids[i]) : NULL;
            if (span && v->cls != IRC_RAW && v->op != IR_NULLV)
                low_escape(l, v, span, n);
            if (to->kind == N_ADDROF && is_stored(l, n, i))
                no_address_outside(l, strip_parens(to->kids[0]), n->kids[i]);
            if (l->blocking && i < n->op && v && v->cls == IRC_REF)
                diag(&l->u->src, n->kids[i]->begin, DIAG_ERROR, "use it before or after the block",
                     "atomic access to a transactional object inside STM_BLOCKING");
        }
        v = low_op(l, IR_CALL, IRC_INT, n); /* it may write, which is no numbered access */
        v->sym = ir_intern(l->u->ir, "atomic access");
        v->flags = IRI_NOSAFEPOINT | IRI_NOALLOC | IRI_NOINEV;
        return opaque(l, n->type, NULL, n);
    case N_UNEVALUATED: /* but for the bounds of array types in it, unless they do not matter (C17 6.7.6.2p5)
                         */
        if (n->nkids > 1)
            low_in_any_order(l, n, n->nkids);
        else
            low_perhaps(l, n, 0);
        return NULL;
    case N_ADDR_LABEL:
    case N_LITERAL:
        return n->type && n->type->kind == T_POINTER ? opaque(l, n->type, NULL, n) : NULL;
    default:
        for (unsigned i = 0; i < n->nkids; i++)
            low_value(l, n->kids[i]);
        if (is_component(l, n)) {
            diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "index the vector: [0]",
                 "component of a vector by name");
        } else if (n->nkids && !is_of_values(l, n)) {
            const char *word = l->u->src.text + n->begin;
            int len = (int)strspn(word, "_abcdefghijklmnopqrstuvwxyz0123456789");
            bool is_name = len && word[len] == '(';
            diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, NULL, "%.*s is not translated yet",
                 is_name ? len : 15, is_name ? word : "this expression");
        }
        return opaque(l, n->type, NULL, n);
    }
}

/* Evaluates n; the IR value of a pointer, null for anything else. */
struct ir_inst *low_value(struct lower *l, struct node *n)
{
    n->blocking = l->blocking > 0;
    struct ir_inst *v = low_value_(l, n);
    if (n->type && n->type->kind == T_POINTER && !v)
        v = opaque(l, n->type, NULL, n);
    low_kept(l, n, v);
    return value_of(n, v);
}

/* ---- calls: calls.c; statements: stmts.c ---- */

struct ir_inst *low_opaque(struct lower *l, const struct type *t, const struct node *at)
{
    return opaque(l, t, NULL, at);
}

/* ---- when the function is done ---- */

/* What was a pointer of unknown kind while its loop was not closed may turn out to lead to raw memory. */
static void settle(struct lower *l, struct ir_inst *i)
{
    struct node *n = l->u->access_nodes[i->access];
    if (n->form != F_ANY || !(ir_op_flags[i->op] & IRF_WRITES) || i->args[0]->cls != IRC_RAW ||
        low_is_local(i->args[0]) || n->blocking)
        return;
    n->form = F_RAW_WRITE;
    struct ir_inst *escape = ir_insert_before(i, IR_ESCAPE, IRC_INT);
    escape->span = i->span;
    escape->loc = i->loc;
    struct ir_inst *turn = ir_insert_before(i, IR_INEV, IRC_INT);
    turn->sym = ir_intern(l->u->ir, "raw write");
    turn->flags |= IRI_MAYBE;
    turn->loc = i->loc;
}

void low_settle_raw_writes(struct lower *l)
{
    for (unsigned k = 0; k < l->f->nblocks; k++)
        for (struct ir_inst *i = l->f->blocks[k]->first; i; i = i->next)
            if (ir_op_flags[i->op] & IRF_ACCESS && i->access >= 0)
                settle(l, i);
}
