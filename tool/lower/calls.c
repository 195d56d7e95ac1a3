/* calls.c - lowering of calls: translated code, the runtime's markers, and externals (annotations.md R13). */
#include "lower/calls.h"

#include <string.h>

#include "analysis/callee.h"
#include "analysis/formats.h"
#include "analysis/places.h"
#include "analysis/externals.h"
#include "analysis/per_thread.h"
#include "analysis/thunks.h"
#include "ast/fnkey.h"
#include "ast/query.h"
#include "lower/anchors.h"
#include "lower/expr.h"
#include "lower/lower.h"
#include "lower/raw.h"
#include "parse/parse.h"
#include "source/diag.h"

/* main has another name for the linker in its own file (emit/file.c). */
static void no_other_main(struct unit *u, const struct node *n)
{
    if (!strcmp(n->decl->name, "main") && !n->decl->defined)
        diag(&u->src, n->begin, DIAG_UNSUPPORTED, "let it call another function, which you call here, too",
             "main of another file");
}

/* The address of a function may be called with references, by code that knows nothing of them. */
static void check_function_address(struct unit *u, const struct node *n)
{
    no_other_main(u, n);
    if (!function_address_ok(u, n->decl))
        diag(&u->src, n->begin, DIAG_UNSUPPORTED, "wrap it in a function of your own, which is translated",
             "address of the untranslated function '%s'", n->decl->name);
}

void low_function_address(struct lower *l, struct node *n)
{
    if (!l->blocking)
        check_function_address(l->u, n);
}

void low_static_initialiser(struct unit *u, struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_REF && n->decl->kind == D_FUNC)
        check_function_address(u, n);
    per_thread_check_static(u, n);
    low_kept_static(u, n);
    for (unsigned i = 0; i < n->nkids; i++)
        low_static_initialiser(u, n->kids[i]);
}

/* Stands for an argument that is no pointer, so that the others keep their positions. */
static struct ir_inst *number_value(struct lower *l, struct ir_inst *call)
{
    (void)l;
    struct ir_inst *v = ir_insert_before(call, IR_OPAQUE, IRC_INT);
    v->loc = call->loc;
    return v;
}

static struct ir_inst *call_inst(struct lower *l, struct node *n, struct ir_inst *fp, struct ir_inst **args,
                                 unsigned nargs)
{
    if (!fp && !n->decl)
        fp = low_op(l, IR_OPAQUE, IRC_RAW, n);
    struct ir_inst *i = low_op(l, fp ? IR_ICALL : IR_CALL, class_of_type(n->type, NULL), n);
    if (fp)
        ir_add_arg(i, fp);
    const char *key = i->op == IR_ICALL && n->nkids ? fnflow_key(&l->u->arena, n->kids[0]->type) : NULL;
    if (key)
        i->sym = ir_intern(l->u->ir, key);
    for (unsigned k = 0; k < nargs; k++)
        ir_add_arg(i, args[k] ? args[k] : number_value(l, i));
    if (n->decl)
        i->sym = ir_intern(l->u->ir, decl_symbol(n->decl));
    n->inst = i;
    return i;
}

static void end_here(struct lower *l, const struct node *n)
{
    if (!ir_terminated(l->b))
        ir_unreachable(l->b, low_loc(l, n));
}

/* The name of what is called; of stm_become_inevitable("x") with the reason, where it is a plain literal:
 * `stm_become_inevitable: x`. */
static const char *reason(struct lower *l, const struct node *n, const struct external *e)
{
    const struct node *why = e->effect == EXT_MAPPED && n->nkids > 1 ? strip_parens(n->kids[1]) : NULL;
    if (!why || why->kind != N_STRING || why->end - why->begin < 3)
        return n->decl->name;
    const char *text = l->u->src.text + why->begin;
    size_t size = why->end - why->begin - 2;
    if (*text != '"' || strcspn(text + 1, "\"\\\n") != size)
        return n->decl->name;
    return arena_printf(&l->u->arena, "%s: %.*s", n->decl->name, (int)size, text + 1);
}

/* memcpy and its like: what they are given is resolved within. */
static bool is_memory_function(const struct external *e)
{
    return e->effect == EXT_MAPPED && !strncmp(e->mapped, "stm_mem", 7);
}

/* May e write what its argument k points to? */
static bool is_written(const struct source *src, const struct node *n, const struct external *e, unsigned k)
{
    const struct type *f = n->kids[0]->type, *p;
    if (f && f->kind == T_POINTER)
        f = f->elem;
    p = f && f->kind == T_FUNC && k < f->nparams ? f->params[k] : n->kids[k + 1]->type;
    if (p && p->kind == T_POINTER && p->elem->is_const)
        return false;
    if (is_memory_function(e))
        return k == 0;
    if (e->effect == EXT_MAPPED && k < strlen(e->args) && e->args[k] == 'u' && p && p->kind == T_POINTER &&
        !p->elem->opaque_system)
        return true; /* the runtime's function does, as pthread_create's the thread's name */
    if (e->effect == EXT_PURE || e->effect == EXT_INEV || e->effect == EXT_BLOCK || e->effect == EXT_MAPPED)
        return k >= strlen(e->args) ? e->rest == 'w' || is_format_output(src, n, k, e)
                                    : e->args[k] == 'w' || e->args[k] == 'e';
    return true;
}

/* What an external may write through its arguments. */
static void external_writes(struct lower *l, struct node *n, const struct external *e, struct ir_inst **args,
                            unsigned nargs)
{
    for (unsigned k = 0; k < nargs; k++)
        if (args[k] && args[k]->op != IR_NULLV && is_written(&l->u->src, n, e, k) &&
            n->kids[k + 1]->type->elem->kind != T_FUNC)
            low_escape(l, args[k], span_of_pointee(l->u, n->kids[k + 1]), n);
}

/* Raw memory that other threads may see is classified before it is written, as an assignment would: by what
 * resolves pointers that may be references. */
static void raw_writes(struct lower *l, struct node *n, const struct external *e, struct ir_inst **args,
                       unsigned nargs)
{
    for (unsigned k = 0; k < nargs; k++) {
        bool given = k < strlen(e->args) && !is_memory_function(e) ? e->args[k] == 'w' || e->args[k] == 'e'
                                                                   : is_written(&l->u->src, n, e, k);
        if (given && (e->effect == EXT_PURE || e->effect == EXT_MAPPED) && args[k] &&
            args[k]->op != IR_NULLV && !low_is_local(args[k]))
            n->kids[k + 1]->is_raw = false;
    }
}

/* What an own function may write that hands the va_list of its arguments on, by %n: of such integers as that
 * is for.  (Where it takes one out by va_arg, it writes as any other.) */
static void passed_on_writes(struct lower *l, struct node *n, struct ir_inst **args, unsigned nargs)
{
    const struct type *f = n->kids[0]->type;
    f = f && f->kind == T_POINTER ? f->elem : f;
    for (unsigned k = f && f->kind == T_FUNC && f->prototype ? f->nparams : 0; f && k < nargs; k++) {
        const struct type *t = n->kids[k + 1]->type;
        if (args[k] && args[k]->op != IR_NULLV && t && (t->kind == T_POINTER || t->kind == T_ARRAY) &&
            may_be_counted(t->elem))
            low_escape(l, args[k], span_of_pointee(l->u, n->kids[k + 1]), n);
    }
}

/* What it writes through pointers that lie in what it is given: bytes, by their type; numbers. */
static void nested_writes(struct lower *l, const struct external *e, const struct node *n)
{
    static const char *const views[] = {"v", "i1", "i4"};
    for (unsigned k = 0; e->effect == EXT_MAPPED && e->writes && k < sizeof views / sizeof *views; k++)
        low_escape(l, NULL, span_of_all(l->u, views[k]), n);
}

/* The pointers that a va_list holds are not resolved for a function of which nothing is known. */
static void no_unknown_va_list(struct lower *l, const struct node *n, const struct external *e,
                               unsigned nargs)
{
    for (unsigned k = 0; k < nargs && e->effect == EXT_UNKNOWN && !l->blocking; k++) {
        const struct type *t = n->kids[k + 1]->type;
        if (t && (t->kind == T_POINTER || t->kind == T_ARRAY) && strstr(t->elem->spelling, "__va_list_tag"))
            diag(&l->u->src, n->kids[k + 1]->begin, DIAG_UNSUPPORTED,
                 strstr(n->decl->name, "scanf")
                     ? "call sscanf and its kin where the arguments are"
                     : "print into a local buffer with vsnprintf, and give it that",
                 "'%s' gets a va_list, in which pointers may lead to transactional memory", n->decl->name);
    }
}

/* Does t hold pointers, or nothing else? */
static bool holds_pointers(struct type *t, bool only)
{
    type_fields(t);
    unsigned n = 0;
    for (unsigned f = 0; f < t->nfields; f++)
        n += t->fields[f].type->kind == T_POINTER;
    return n && (!only || n == t->nfields);
}

/* Nor are those in a transparent union, which is given as it is; nor in what is given where any type may be.
 * (Other structs and unions are values to those who get them, of things of their own.) */
static void no_pointers_in_value(struct lower *l, const struct node *n, const struct external *e,
                                 unsigned nargs)
{
    const struct type *f = n->kids[0]->type;
    f = f && f->kind == T_POINTER ? f->elem : f;
    for (unsigned k = 0; k < nargs && e->effect != EXT_MAPPED; k++) {
        struct type *t = n->kids[k + 1]->type;
        bool any = f && f->kind == T_FUNC && f->variadic && k >= f->nparams;
        if (t && t->kind == T_RECORD && (any || t->is_union) && holds_pointers(t, !any))
            diag(&l->u->src, n->kids[k + 1]->begin, DIAG_UNSUPPORTED, "give it the pointer itself",
                 "'%s' gets a %s with pointers, which may lead to transactional memory", n->decl->name,
                 t->is_union ? "union" : "struct");
    }
}

/* A lock and the like is where it is: it cannot be in memory of which each transaction has its own view. */
static void no_system_object(struct lower *l, const struct node *n, const struct external *e,
                             struct ir_inst *const *args, unsigned nargs)
{
    for (unsigned k = 0; k < nargs && e->effect != EXT_MAPPED && !l->blocking; k++) {
        const struct type *t = n->kids[k + 1]->type;
        if (args[k] && args[k]->cls == IRC_REF && t && (t->kind == T_POINTER || t->kind == T_ARRAY) &&
            t->elem->opaque_system && !t->elem->system_data)
            diag(&l->u->src, n->kids[k + 1]->begin, DIAG_UNSUPPORTED, "keep it in a variable at file scope",
                 "'%s' gets the address of a '%s' in transactional memory", n->decl->name, t->elem->spelling);
    }
}

/* Outside the zone no object can be reached, nor a transactional variable. */
static void none_outside(struct lower *l, const struct node *n, const struct external *e,
                         struct ir_inst *const *args, unsigned nargs)
{
    for (unsigned k = 0; k < nargs; k++)
        if (args[k] && args[k]->cls == IRC_REF && argument_mode(&l->u->src, n, k, e) != '-')
            diag(&l->u->src, n->kids[k + 1]->begin, DIAG_ERROR, "pass the address of a local, and copy",
                 l->blocking ? "'%s' is given transactional memory inside STM_BLOCKING"
                             : "'%s' may wait outside the zone, where objects cannot be reached",
                 n->decl->name);
}

static struct ir_inst *low_external(struct lower *l, struct node *n, const struct external *e,
                                    struct ir_inst **args, unsigned nargs)
{
    bool raw = e->unless_raw;
    for (unsigned k = 0; k < nargs; k++)
        raw = raw && (!args[k] || n->kids[k + 1]->is_raw);
    bool back = may_call_back(n->decl, e) && !ir_mutant_is(l->u->ir, "callback", low_loc(l, n), l->f->name);
    if (e->effect == EXT_UNSUPPORTED && !raw && !l->blocking)
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, e->mapped, "call to '%s'", n->decl->name);
    for (unsigned k = 0; e->keeps && k < nargs && !l->blocking; k++)
        if (args[k] && k < strlen(e->args) && e->args[k] == 'u' && !n->kids[k + 1]->is_raw &&
            n->kids[k + 1]->type->elem->kind != T_FUNC && args[k]->op != IR_NULLV)
            diag(&l->u->src, n->kids[k + 1]->begin, DIAG_UNSUPPORTED,
                 "give it memory that is not the collector's: an STM_RAW variable, or the stack",
                 "'%s' keeps this pointer, which may lead to transactional memory", n->decl->name);
    no_system_object(l, n, e, args, nargs);
    no_unknown_va_list(l, n, e, nargs);
    no_pointers_in_value(l, n, e, nargs);
    nested_writes(l, e, n);
    if (call_is_irreversible(e) && !l->blocking)
        n->inev = low_inevitable(l, n, reason(l, n, e));
    if (e->effect == EXT_BLOCK || l->blocking)
        none_outside(l, n, e, args, nargs);
    if (e->effect == EXT_BLOCK && !l->blocking) {
        low_op(l, IR_SAFEPOINT, IRC_INT, n);
    }
    external_writes(l, n, e, args, nargs);
    raw_writes(l, n, e, args, nargs);
    struct ir_inst *i = call_inst(l, n, NULL, args, nargs);
    if (!back)
        i->flags |= IRI_NOSAFEPOINT | (e->writes ? 0 : IRI_NOINEV | IRI_NOALLOC);
    if (e->effect == EXT_MAPPED) {
        i->flags &= ~(unsigned)IRI_NOALLOC;
        if (i->cls == IRC_ANY && (e->fresh || !strncmp(e->mapped, "stm_realloc", 11)))
            i->cls = IRC_REF;
    }
    if (e->effect == EXT_PURE && !strpbrk(e->args, "wuev") && e->rest != 'w' && !back && !e->writes)
        i->flags |= IRI_READONLY;
    if (e->fresh)
        i->flags |= IRI_RETURNS_FRESH;
    if (e->twice)
        i->flags |= IRI_RETURNS_TWICE;
    if (e->noreturn) {
        i->flags |= IRI_NORETURN;
        end_here(l, n);
    }
    return i->cls == IRC_INT ? NULL : i;
}

static bool low_marker(struct lower *l, struct node *n, struct ir_inst **result)
{
    const char *name = n->decl->name;
    *result = NULL;
    if (!strcmp(name, "stm_new_")) {
        for (unsigned k = 1; k < n->nkids; k++)
            low_value(l, n->kids[k]);
        struct ir_inst *i = low_op(l, IR_ALLOC, IRC_REF, n);
        struct type *t = n->nkids == 3 ? n->kids[2]->type : NULL;
        const char *s = t && t->kind == T_POINTER && !t->elem->unnamed ? t->elem->spelling : "?";
        i->sym = ir_intern(l->u->ir, s);
        n->inst = i;
        *result = i;
        if (l->blocking)
            diag(&l->u->src, n->begin, DIAG_ERROR, "allocate before the block",
                 "allocation inside STM_BLOCKING");
        return true;
    }
    if (!strcmp(name, "stm_safepoint_") || !strcmp(name, "stm_atomic_enter_") ||
        !strcmp(name, "stm_exclusive_enter_") || !strcmp(name, "stm_blocking_enter_")) {
        n->inst = low_op(l, IR_SAFEPOINT, IRC_INT, n);
        if (!strcmp(name, "stm_safepoint_"))
            low_anchor_call(l, n, n->inst);
        else if (!strcmp(name, "stm_exclusive_enter_"))
            low_inevitable(l, n, "STM_ATOMIC_EXCLUSIVE"); /* by itself: nothing is emitted for it */
        if (l->blocking)
            diag(&l->u->src, n->begin, DIAG_ERROR, "leave it out: the block itself ends the transaction",
                 "safepoint or block inside STM_BLOCKING");
        return true;
    }
    return false;
}

static struct node *around(struct lower *l, enum node_kind kind, struct node *n, struct type *t)
{
    struct node *up = arena_alloc(&l->u->arena, sizeof *up);
    *up = (struct node){.kind = kind, .begin = n->begin, .end = n->end, .in_macro = n->in_macro};
    up->type = t;
    up->type_spelling = t->spelling;
    up->parent = n->parent;
    up->access = -1;
    n->parent = up;
    ptr_push(&up->kids, &up->nkids, &up->capkids, n);
    return up;
}

/* The last argument of call n, an arithmetic built-in function's, is where its result is stored: lowered as
 * the place of an assignment.  A pointer p becomes &*p, so that there is a place in the tree. */
static void low_stored(struct lower *l, struct node *n, const struct external *e)
{
    unsigned k = (unsigned)(strchr(e->args, 's') - e->args) + 1;
    if (k >= n->nkids)
        return;
    struct node *a = n->kids[k];
    if (strip_parens(a)->kind != N_ADDROF && (a->type->kind == T_POINTER || a->type->kind == T_ARRAY)) {
        struct type *t = a->type;
        n->kids[k] = around(l, N_ADDROF, around(l, N_DEREF, a, t->elem), t);
    }
    struct node *to = stored_place(n, e);
    if (!to) {
        low_value(l, a);
        return;
    }
    for (struct node *p = strip_parens(n->kids[k]); p != to; p = p->kids[0])
        p->blocking = l->blocking > 0;
    low_store(l, to);
    if (to->form == F_DROPPED)
        diag(&l->u->src, a->begin, DIAG_ERROR, "mark the function that takes it STM_DROP too",
             "address of the STM_DROP variable '%s'", to->decl ? to->decl->name : "");
}

/* What va_start and its kin do to a va_list has no barriers. */
void low_va_list(struct lower *l, const struct node *n, const struct ir_inst *v)
{
    if (v && v->cls == IRC_REF && !l->blocking)
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "make it a local variable",
             "use of a va_list in transactional memory");
}

enum { MAX_ARGS = 64 };

struct ir_inst *low_call(struct lower *l, struct node *n)
{
    struct ir_inst *args[MAX_ARGS], *fp = NULL, *result;
    unsigned nargs = n->nkids ? n->nkids - 1 : 0;
    if (n->decl)
        no_other_main(l->u, n);
    if (n->decl && low_marker(l, n, &result))
        return result;
    if (call_evaluates(n) != EVALUATED) {
        if (call_evaluates(n) == PERHAPS_EVALUATED)
            low_perhaps(l, n, 1);
        return low_opaque(l, n->type, n);
    }
    if (nargs > MAX_ARGS) {
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, NULL, "call with more than %d arguments", MAX_ARGS);
        nargs = MAX_ARGS;
    }
    if (!n->decl && n->nkids)
        fp = low_value(l, n->kids[0]);
    const struct external *e = n->decl ? call_external(n) : NULL;
    bool stores = e && strchr(e->args, 's') && !n->decl->drop;
    if (stores && nargs)
        args[--nargs] = NULL;
    for (unsigned k = 0; k < nargs; k++) {
        if (n->decl && k < n->decl->nparams)
            keep_in(n->decl->params[k], n->kids[k + 1]);
        args[k] = low_value(l, n->kids[k + 1]);
    }
    if (n->decl && n->decl->drop)
        return low_opaque(l, n->type, n);
    for (unsigned k = 0; e && k < nargs && e->args[k]; k++)
        if (e->args[k] == 'v')
            low_va_list(l, n->kids[k + 1], args[k]);
    if (e) {
        result = low_external(l, n, e, args, nargs);
        if (stores)
            low_stored(l, n, e);
        return result;
    }
    if (l->blocking)
        diag(&l->u->src, n->begin, DIAG_ERROR, "call it before or after the block",
             "call of translated code inside STM_BLOCKING");
    if (n->decl && n->decl->irreversible)
        n->inev = low_inevitable(l, n, n->decl->name);
    if (n->decl && callee_kind(n->decl) == CALLEE_EITHER)
        external_writes(l, n, callee_if_library(n->decl), args, nargs);
    passed_on_writes(l, n, args, nargs);
    struct ir_inst *i = call_inst(l, n, fp, args, nargs);
    if (n->decl) {
        if (n->decl->no_safepoint || n->decl->pure || n->decl->alloc_size)
            i->flags |= IRI_NOSAFEPOINT;
        if (n->decl->pure)
            i->flags |= IRI_PURE | IRI_NOALLOC | IRI_NOINEV;
        if (n->decl->alloc_size)
            i->flags |= IRI_NOINEV | (n->decl->realloc_ptr ? 0 : IRI_RETURNS_FRESH);
        if (n->decl->alloc_size && i->cls == IRC_ANY)
            i->cls = IRC_REF;
        if (n->decl->noreturn) {
            i->flags |= IRI_NORETURN;
            end_here(l, n);
        }
    }
    low_anchor_call(l, n, i);
    return i->cls == IRC_INT ? NULL : i;
}
