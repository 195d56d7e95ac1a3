/* calls.c - calls: of translated code, of the runtime's markers, and of externals, whose pointer
 * arguments are resolved for the duration of the call (annotations.md R13). */
#include "emit/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/callee.h"
#include "analysis/externals.h"
#include "ast/query.h"
#include "emit/check.h"
#include "emit/descs.h"
#include "emit/dropped.h"
#include "emit/expr.h"
#include "emit/order.h"
#include "emit/text.h"

/* In the checking build: a function of the runtime that writes where its first argument points to. */
static bool writes_first(const struct emitter *e, const struct node *n, const struct external *x)
{
    const struct node *a = n->kids[1];
    return e->u->check && !e->bare && !n->blocking && x && x->effect == EXT_MAPPED &&
           !strncmp(x->mapped, "stm_mem", 7) && a->type && !a->is_raw &&
           (a->type->kind == T_POINTER || a->type->kind == T_ARRAY);
}

/* Is argument k one that the runtime's function does not get? */
static bool is_left_out(const struct external *x, unsigned k)
{
    return x && x->effect == EXT_MAPPED && k < strlen(x->args) && x->args[k] == 'x';
}

/* They are evaluated all the same. */
static void left_out(struct emitter *e, struct node *n, const struct external *x, struct str *o)
{
    for (unsigned k = 0; k + 1 < n->nkids; k++) {
        struct node *a = n->kids[k + 1];
        bool asks = strip_parens(a)->kind == N_CALL && call_evaluates(strip_parens(a)) != EVALUATED;
        if (!is_left_out(x, k) || asks || !(a->events || has_effects(a)))
            continue;
        char *s = emit_text(e, a);
        str_printf(o, "(void)(%s), ", s);
        free(s);
    }
}

static void call_arguments(struct emitter *e, struct node *n, const struct external *x, struct str *o,
                           bool *resolved)
{
    bool first = true;
    str_add(o, "(");
    for (unsigned k = 0; k + 1 < n->nkids; k++) {
        struct node *a = n->kids[k + 1];
        char mode = (char)(x ? argument_mode(&e->u->src, n, k, x) : '-');
        bool outside = n->blocking || (x && x->effect == EXT_BLOCK);
        if (is_left_out(x, k) && !outside)
            continue;
        if (!first)
            str_add(o, ", ");
        first = false;
        if (mode == '-' && !k && writes_first(e, n, x)) {
            char *to = emit_text(e, a);
            emit_checked_out(e, n, a, to, o);
            free(to);
            continue;
        }
        if (mode == '-') {
            emit_ex(e, a, o);
            continue;
        }
        *resolved |= !outside;
        char *s = emit_text(e, a);
        if ((x->rest && k >= strlen(x->args)) ||
            (n->decl->type->kind == T_FUNC &&
             k >= n->decl->type->nparams)) { /* a built-in's own type is not */
            if (a->type->kind == T_ARRAY) {  /* decays */
                str_printf(o, "(__typeof__(&(%s)[0]))", s);
            } else {
                str_add(o, a->type->is_atomic ? "(__typeof__((0, *(" : "("); /* the value's type is not */
                emit_type_name(e, a, o);
                str_add(o, a->type->is_atomic ? " *)0)))" : ")");
            }
        }
        const struct type *to = a->type->elem; /* a jmp_buf of the thread's own is saved, byte by byte */
        bool bytes = mode == 'w' && to->system_data && to->size > 0 && !outside;
        str_printf(o,
                   outside ? "stm_outside("
                   : bytes ? "stm_any_wr_range("
                           : "stm_x_%s(",
                   mode == 'r' ? "rd" : "wr");
        if (mode == 'w' && e->u->check && !e->bare && !outside)
            emit_checked_out(e, n, a, s, o);
        else
            str_add(o, s);
        if (outside)
            str_printf(o, ", \"%s\"", n->decl->name);
        if (bytes)
            str_printf(o, ", %ld", to->size);
        str_add(o, ")");
        free(s);
    }
    str_add(o, ")");
}

static void dropped_call(struct emitter *e, struct node *n, struct str *o)
{
    str_add(o, "(");
    for (unsigned k = 1; k < n->nkids; k++) {
        str_add(o, "(void)(");
        emit_ex(e, n->kids[k], o);
        str_add(o, "), ");
    }
    emit_zero(e, n, o);
    str_add(o, ")");
}

static bool marker_call(struct emitter *e, struct node *n, struct str *o)
{
    const char *name = n->decl->name;
    if (!strcmp(name, "stm_safepoint_")) {
        str_add(o, "stm_safepoint()");
    } else if (!strcmp(name, "stm_atomic_enter_") || !strcmp(name, "stm_exclusive_enter_") ||
               !strcmp(name, "stm_blocking_enter_")) {
        str_printf(o, "(%.*s(), 1)", (int)strlen(name) - 1,
                   name); /* the compiler shall see that the block runs */
    } else if (!strcmp(name, "stm_new_") && n->nkids == 3) {
        struct type *t = n->kids[2]->type->kind == T_POINTER ? n->kids[2]->type->elem : NULL;
        bool longer = strip_parens(n->kids[1])->kind != N_UNEVALUATED; /* STM_NEW_FLEX */
        const char *desc = t && (!longer || type_has_tail(t)) ? desc_for_type(e->u, t) : NULL;
        char *size = emit_text(e, n->kids[1]);
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

/* Arguments first, then enter, call, leave: for a call that may wait, outside the zone; for one that calls
 * back into translated code, a stretch in which no safepoint ends the transaction, since the addresses
 * resolved for it are good for this one only. */
static void call_in_block(struct emitter *e, struct node *n, const struct external *x, const char *enter,
                          const char *leave, struct str *o)
{
    struct str pre = {0}, call = {0};
    unsigned mark = e->nsubs;
    bool resolved = false;
    e->wrapped++;
    for (unsigned k = 1; k < n->nkids; k++)
        if (!emit_subst_of(e, n->kids[k]) && (n->kids[k]->events || has_effects(n->kids[k])))
            emit_bind(e, n->kids[k], &pre);
    call_arguments(e, n, x, &call, &resolved);
    const bool mapped = x->effect == EXT_MAPPED;
    bool back = resolved && !mapped && n->type->kind == T_POINTER && !emit_is_statement(n);
    const char *own = e->u->own;
    str_printf(o, "({ %sint stm_out%s%u __attribute__((__cleanup__(%s))) = %s(); (void)stm_out%s%u; ",
               pre.s ? pre.s : "", own, e->temps, leave, enter, own, e->temps);
    str_printf(o, back ? "stm_x_back(%s%s); })" : "%s%s; })", mapped ? x->mapped : n->decl->name, call.s);
    e->temps++;
    e->wrapped--;
    e->nsubs = mark;
    str_free(&pre);
    str_free(&call);
}

/* A pointer that the call stores, into memory that one of its arguments points to, is mapped back like a
 * result. */
static void end_pointer(struct emitter *e, struct node *n, const struct external *x, struct str *o)
{
    unsigned k = (unsigned)(strchr(x->args, 'e') - x->args), id = e->temps++;
    struct node *a = n->kids[k + 1];
    const char *own = e->u->own;
    e->wrapped++;
    char name[SUBST_NAME], *s = emit_text(e, a);
    struct str c = {0};
    bool resolved = false;
    snprintf(name, sizeof name, "stm_t%s%u", own, id);
    emit_push_subst(e, a, name);
    call_arguments(e, n, x, &c, &resolved);
    e->nsubs--;
    str_add(o, "({ ");
    emit_pointee_name(e, a, o);
    str_printf(o, " *%s = ", name);
    str_printf(o, a->is_raw ? "%s; " : "stm_x_wr(%s); ", s);
    str_printf(o, "__auto_type stm_r%s%u = %s%s; if (%s) *%s = stm_x_back(*%s); stm_r%s%u; })", own, id,
               n->decl->name, c.s, name, name, name, own, id);
    e->wrapped--;
    free(s);
    str_free(&c);
}

static bool is_null_literal(const struct node *n)
{
    while ((n->kind == N_PAREN || n->kind == N_CAST) && n->nkids)
        n = n->kids[n->nkids - 1];
    return n->kind == N_LITERAL;
}

/* A call that stores its result to a place in shared memory: the result goes to a local variable, and from
 * there to the place as an assignment's would. */
static void storing_call(struct emitter *e, struct node *n, struct node *place, struct str *o)
{
    unsigned mark = e->nsubs, id = e->temps++, last = n->nkids - 1;
    struct str call = {0}, type = {0}, to = {0};
    char name[SUBST_NAME];
    snprintf(name, sizeof name, "&stm_t%s%u", e->u->own, id);
    e->wrapped++;
    emit_pointee_name(e, n->kids[last], &type);
    emit_push_subst(e, n->kids[last], name);
    emit_rebuild(e, n, &call);
    e->nsubs = mark;
    emit_flatten(e, &call);
    emit_ex(e, place, &to);
    emit_flatten(e, &to);
    e->wrapped--;
    bool value = !emit_is_statement(n);
    str_printf(o, "({ %s stm_t%s%u; ", type.s, e->u->own, id);
    if (value)
        str_printf(o, "__auto_type stm_r%s%u = ", e->u->own, id);
    str_printf(o, value ? "%s; %s = %s; " : "(void)%s; %s = %s; ", call.s, to.s, name + 1);
    if (value)
        str_printf(o, "stm_r%s%u; ", e->u->own, id);
    str_add(o, "})");
    str_free(&call);
    str_free(&type);
    str_free(&to);
}

/* memcpy and its like, between places that no barrier is for, as this thread's own: no need to ask where. */
static bool is_plain_copy(const struct node *n, const struct external *x)
{
    if (x->effect != EXT_MAPPED || strncmp(x->mapped, "stm_mem", 7) != 0 || strchr(x->args, 'x'))
        return false;
    for (unsigned k = 1; k < n->nkids; k++)
        if ((n->kids[k]->type->kind == T_POINTER || n->kids[k]->type->kind == T_ARRAY) && !n->kids[k]->is_raw)
            return false;
    return true;
}

static void external_call(struct emitter *e, struct node *n, const struct external *x, struct str *o)
{
    struct node *place = stored_place(n, x);
    if (place && place->form != F_NONE) {
        storing_call(e, n, place, o);
        return;
    }
    const char *end = strchr(x->args, 'e');
    if (end && end - x->args + 1 < n->nkids && !is_null_literal(n->kids[end - x->args + 1])) {
        end_pointer(e, n, x, o);
        return;
    }
    struct str c = {0}, beside = {0};
    bool resolved = false;
    left_out(e, n, x, &beside);
    if (is_plain_copy(n, x))
        str_printf(&c, "__builtin_%s", x->mapped + strlen("stm_"));
    else
        str_add(&c, x->effect == EXT_MAPPED ? x->mapped : n->decl->name);
    e->wrapped += x->twice; /* a macro's */
    call_arguments(e, n, x, &c, &resolved);
    e->wrapped -= x->twice;
    emit_flatten(e, &c);
    bool back = resolved && !emit_is_statement(n) && n->type->kind == T_POINTER && x->effect != EXT_MAPPED;
    if (x->twice)
        str_printf(o, "STM_SETJMP(%u, %s)", e->jumps++, c.s);
    else if (beside.n)
        str_printf(o, "(%s%s)", beside.s, c.s);
    else
        str_printf(o, back ? "stm_x_back(%s)" : "%s", c.s);
    str_free(&c);
    str_free(&beside);
}

/* In STM_BLOCKING the library gets its arguments as they are, if none leads to transactional memory. */
static void outside_call(struct emitter *e, struct node *n, const struct external *x, struct str *o)
{
    bool asks = false, resolved = false;
    for (unsigned k = 0; x && k + 1 < n->nkids; k++)
        asks |= argument_mode(&e->u->src, n, k, x) != '-';
    if (!asks || x->twice) {
        emit_rebuild(e, n, o);
        return;
    }
    struct str c = {0};
    str_add(&c, n->decl->name);
    call_arguments(e, n, x, &c, &resolved);
    str_add(o, c.s);
    str_free(&c);
}

/* clang's assumption about memory that it cannot read as it stands: says nothing in the built code. */
static bool is_void_assumption(const struct node *n)
{
    return call_evaluates(n) == NOT_EVALUATED && n->type->kind == T_VOID && n->nkids == 2 &&
           (has_effects(n->kids[1]) || reads_memory(n->kids[1]));
}

void emit_call(struct emitter *e, struct node *n, struct str *o)
{
    if (n->decl && is_void_assumption(n)) {
        str_add(o, "((void)0)");
        return;
    }
    if (n->decl && n->decl->drop) {
        dropped_call(e, n, o);
        return;
    }
    if (n->decl && marker_call(e, n, o))
        return;
    const struct external *x = n->decl ? call_external(n) : NULL;
    bool starts_thread = x && x->effect == EXT_MAPPED && !strcmp(x->mapped, "stm_thread_create");
    if (!x || (n->blocking && !starts_thread)) {
        if (n->decl && n->decl->irreversible && !n->blocking && emit_turns_inevitable(n)) {
            str_printf(o, "(stm_inevitable(\"%s\"), ", n->decl->name);
            emit_rebuild(e, n, o);
            str_add(o, ")");
        } else {
            outside_call(e, n, x, o);
        }
        return;
    }
    bool irreversible = x->effect == EXT_INEV || x->effect == EXT_UNKNOWN;
    if (x->effect == EXT_BLOCK) {
        call_in_block(e, n, x, "stm_blocking_enter", "stm_blocking_leave", o);
        return;
    }
    bool back = may_call_back(n->decl, x), turns = irreversible && emit_turns_inevitable(n);
    if (!back && n->inev && x->effect == EXT_MAPPED && !emit_turns_inevitable(n) &&
        !has_effects(n->kids[1])) {
        /* stm_become_inevitable, of what is so already */
        str_add(o, e->u->claims ? "stm_v_asked()" : "((void)0)");
        return;
    }
    if (turns)
        str_printf(o, "(stm_inevitable(\"%s\"), ", n->decl->name);
    if (back)
        call_in_block(e, n, x, "stm_hold_enter", "stm_hold_leave", o);
    else
        external_call(e, n, x, o);
    str_add(o, turns ? ")" : "");
}
