/* stmts.c - lowering of statements and functions: control flow. */
#include "lower/stmts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/addresses.h"
#include "analysis/callee.h"
#include "analysis/places.h"
#include "analysis/copyable.h"
#include "ast/query.h"
#include "lower/anchors.h"
#include "lower/calls.h"
#include "lower/cleanup.h"
#include "lower/expr.h"
#include "lower/lower.h"
#include "lower/ranges.h"
#include "source/diag.h"

static void low_stmt(struct lower *l, struct node *n);

static struct ir_block *label_block(struct lower *l, uint64_t label)
{
    struct ir_block *b = map_get(&l->labels, label);
    if (!b)
        map_put(&l->labels, label, b = ir_block_new(l->f));
    return b;
}

/* The block of a marker loop (STM_ATOMIC, STM_BLOCKING), as ungil.h writes it, or null. */
static const char *marker_loop(const struct node *n)
{
    struct node *init = n->kids[0];
    if (!init || init->kind != N_DECLS || init->nkids != 2 || init->kids[0]->kind != N_VAR ||
        strcmp(init->kids[0]->decl->name, "stm_block_") || !init->kids[0]->decl->init ||
        strip_parens(init->kids[0]->decl->init)->kind != N_CALL)
        return NULL;
    struct node *call = strip_parens(init->kids[0]->decl->init);
    return call->decl ? call->decl->name : NULL;
}

static void low_marker_loop(struct lower *l, struct node *n, const char *name)
{
    struct jump j = {.up = l->jumps, .is_block = true, .inside = l->cleanups};
    bool blocking = !strcmp(name, "stm_blocking_enter_");
    low_stmt(l, n->kids[0]);
    l->jumps = &j;
    l->blocking += blocking;
    low_stmt(l, n->kids[3]);
    l->blocking -= blocking;
    l->jumps = j.up;
    if (blocking)
        low_op(l, IR_SAFEPOINT, IRC_INT, n);
}

/* counted: what the loop counts, or null. */
static void low_loop_body(struct lower *l, struct node *body, struct ir_block *brk, struct ir_block *cont,
                          struct counted *counted)
{
    struct jump j = {.up = l->jumps, .brk = brk, .cont = cont, .inside = l->cleanups};
    struct counted *outer = l->counted;
    l->jumps = &j;
    l->counted = counted;
    low_stmt(l, body);
    low_anchor_end(l, body);
    l->jumps = j.up;
    l->counted = outer;
}

static bool always(const struct lower *l, const struct node *n)
{
    if (!n)
        return true;
    n = strip_parens(n);
    return n->kind == N_LITERAL && n->type && n->type->is_integer && n->end > n->begin &&
           l->u->src.text[n->begin] >= '1' && l->u->src.text[n->begin] <= '9';
}

/* The condition of a loop, or (yes null) the increment. */
static void low_head(struct lower *l, struct node *n, struct ir_block *yes, struct ir_block *no)
{
    struct jump j = {.up = l->jumps, .is_head = true, .inside = l->cleanups};
    l->jumps = &j;
    if (yes)
        low_condition(l, n, yes, no);
    else
        low_value(l, n);
    l->jumps = j.up;
}

static void low_test(struct lower *l, struct node *cond, struct ir_block *yes, struct ir_block *no,
                     const struct node *at)
{
    if (always(l, cond))
        ir_jump(low_block(l), yes, low_loc(l, at));
    else
        low_head(l, cond, yes, no);
}

static void low_for(struct lower *l, struct node *n)
{
    const char *marker = marker_loop(n);
    if (marker) {
        low_marker_loop(l, n, marker);
        return;
    }
    struct ir_block *head = ir_block_new(l->f), *body = ir_block_new(l->f), *inc = ir_block_new(l->f),
                    *end = ir_block_new(l->f);
    unsigned outside = l->nscope;
    struct cleanup *outer = l->cleanups;
    low_anchor_before(l, n);
    if (n->kids[0])
        low_stmt(l, n->kids[0]);
    struct counted counted;
    bool counts = low_count_loop(l, n, &counted);
    low_goto(l, head, n);
    l->bound = counts ? strip_parens(counted.loop.bound) : NULL;
    low_test(l, n->kids[1], body, end, n);
    l->bound = NULL;
    ir_seal(body);
    l->b = body;
    low_loop_body(l, n->kids[3], end, inc, counts ? &counted : NULL);
    low_counted_end(&counted);
    low_goto(l, inc, n);
    ir_seal(inc);
    if (n->kids[2])
        low_head(l, n->kids[2], NULL, NULL);
    low_goto(l, head, n);
    ir_seal(head);
    ir_seal(end);
    l->b = end;
    low_cleanup_end(l, outer, n);
    l->nscope = outside;
}

static void low_while(struct lower *l, struct node *n)
{
    struct ir_block *head = ir_block_new(l->f), *body = ir_block_new(l->f), *end = ir_block_new(l->f);
    low_anchor_before(l, n);
    low_goto(l, head, n);
    low_test(l, n->kids[0], body, end, n);
    ir_seal(body);
    l->b = body;
    low_loop_body(l, n->kids[1], end, head, NULL);
    low_goto(l, head, n);
    ir_seal(head);
    ir_seal(end);
    l->b = end;
}

static void low_do(struct lower *l, struct node *n)
{
    struct ir_block *body = ir_block_new(l->f), *test = ir_block_new(l->f), *end = ir_block_new(l->f);
    low_anchor_before(l, n);
    low_goto(l, body, n);
    low_loop_body(l, n->kids[0], end, test, NULL);
    low_goto(l, test, n);
    ir_seal(test);
    low_test(l, n->kids[1], body, end, n);
    ir_seal(body);
    ir_seal(end);
    l->b = end;
}

static void low_if(struct lower *l, struct node *n)
{
    struct ir_block *yes = ir_block_new(l->f), *no = ir_block_new(l->f), *end = ir_block_new(l->f);
    low_condition(l, n->kids[0], yes, no);
    ir_seal(yes);
    l->b = yes;
    low_stmt(l, n->kids[1]);
    low_anchor_end(l, n->kids[1]);
    low_goto(l, end, n);
    ir_seal(no);
    l->b = no;
    if (n->nkids > 2) {
        low_stmt(l, n->kids[2]);
        low_anchor_end(l, n->kids[2]);
    } else {
        low_anchor_else(l, n);
    }
    low_goto(l, end, n);
    ir_seal(end);
    l->b = end;
}

struct case_list {
    struct node **v;
    unsigned n, cap;
    bool has_default;
};

static void collect_cases(struct node *n, struct case_list *c)
{
    if (!n || n->kind == N_SWITCH)
        return;
    if (n->kind == N_CASE || n->kind == N_DEFAULT) {
        ptr_push(&c->v, &c->n, &c->cap, n);
        c->has_default |= n->kind == N_DEFAULT;
    }
    for (unsigned i = 0; i < n->nkids; i++)
        collect_cases(n->kids[i], c);
}

static void low_switch(struct lower *l, struct node *n)
{
    struct case_list c = {0};
    collect_cases(n->kids[1], &c);
    low_value(l, n->kids[0]);
    struct ir_block *end = ir_block_new(l->f), **to = xrealloc(NULL, (c.n + 1) * sizeof *to);
    for (unsigned i = 0; i < c.n; i++) {
        to[i] = ir_block_new(l->f);
        map_put(&l->cases, (uint64_t)(uintptr_t)c.v[i], to[i]);
    }
    unsigned nto = c.n;
    if (!c.has_default)
        to[nto++] = end;
    ir_branch(low_block(l), to, nto, low_loc(l, n));
    free(to);
    struct jump j = {.up = l->jumps, .brk = end, .is_switch = true, .inside = l->cleanups};
    l->jumps = &j;
    low_stmt(l, n->kids[1]);
    l->jumps = j.up;
    low_goto(l, end, n);
    for (unsigned i = 0; i < c.n; i++)
        ir_seal(map_get(&l->cases, (uint64_t)(uintptr_t)c.v[i]));
    free(c.v);
    ir_seal(end);
    l->b = end;
}

static void low_jump(struct lower *l, struct node *n, bool cont)
{
    struct jump *j = l->jumps;
    while (cont && j && j->is_switch)
        j = j->up;
    if (j && j->is_head) {
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "use goto, or move the statements into the loop's body",
             "%s in a loop's condition or increment: compilers disagree about which loop it leaves",
             cont ? "continue" : "break");
        return;
    }
    if (j && j->is_block) {
        diag(&l->u->src, n->begin, DIAG_ERROR, "set a flag, or use goto",
             "%s would leave the STM_ATOMIC or STM_BLOCKING block only, not the loop around it",
             cont ? "continue" : "break");
        return;
    }
    struct ir_block *to = j ? (cont ? j->cont : j->brk) : NULL;
    low_anchor_before(l, n);
    low_cleanup_leave(l, j ? j->inside : NULL, n);
    if (to && !ir_terminated(l->b))
        ir_jump(l->b, to, low_loc(l, n));
}

static void low_igoto(struct lower *l, struct node *n)
{
    for (unsigned i = 0; i < n->nkids; i++)
        low_value(l, n->kids[i]);
    if (!l->ntaken) {
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, NULL,
             "computed goto in a function that takes no label's address");
        return;
    }
    ir_branch(low_block(l), l->taken, l->ntaken, low_loc(l, n));
}

static void low_var(struct lower *l, struct node *n)
{
    struct decl *d = n->decl;
    if (d->storage == ST_STATIC_LOCAL || d->storage == ST_EXTERN)
        return; /* a static's initialiser is evaluated by nobody */
    if (d->storage == ST_THREAD && !d->init)
        return;
    unsigned bounds = n->nkids - (d->init != NULL);
    if (bounds > 1) /* clang evaluates them from the left, gcc from the right */
        low_in_any_order(l, n, bounds);
    if (d->init)
        keep_in(d, d->init);
    for (unsigned i = bounds > 1 ? bounds : 0; i < n->nkids; i++) {
        struct ir_inst *v = low_value(l, n->kids[i]);
        if (n->kids[i] == d->init && d->var)
            ir_var_write(low_block(l), d->var - 1, low_as_local(l, low_as_type(l, v, d->type, n), d, n));
    }
    if (d->init && !d->var && d->addr_taken &&
        d->storage == ST_LOCAL) { /* a pointer may lead there already */
        low_initialised(l, d, n);
        low_escape(l, NULL, span_of_variable(l->u, d), n);
    }
    if (!d->init && d->var)
        ir_var_write(low_block(l), d->var - 1, low_opaque(l, d->type, n));
    low_scope_add(l, d);
    low_cleanup_declare(l, d);
}

/* Does no statement expression lie around label but not around n?  Nothing jumps into one. */
static bool can_jump(const struct node *n, const struct node *label)
{
    for (const struct node *s = label->parent; s; s = s->parent) {
        const struct node *p = n;
        while (s->kind == N_STMT_EXPR && p && p != s)
            p = p->parent;
        if (!p)
            return false;
    }
    return true;
}

/* Where control may go behind an `asm goto`: on, or to one of its labels; two labels of one name: to either.
 */
static void low_asm_goto(struct lower *l, struct node *n)
{
    struct ir_block **to = NULL, *next = ir_block_new(l->f);
    unsigned nto = 0, cap = 0;
    for (unsigned i = 0; i < n->jumps->n; i++)
        for (unsigned k = 0; k < l->nlabels; k++)
            if (!strcmp(l->label_nodes[k]->name, n->jumps->v[i]) && can_jump(n, l->label_nodes[k]) &&
                !ir_mutant_is(l->u->ir, "jump", low_loc(l, n), l->f->name))
                ptr_push(&to, &nto, &cap, label_block(l, l->label_nodes[k]->label));
    ptr_push(&to, &nto, &cap, next);
    ir_branch(low_block(l), to, nto, low_loc(l, n));
    ir_seal(next);
    l->b = next;
    free(to);
}

/* Operands are evaluated before the assembly; C has no place between them for what the emitter would put
 * there. */
static void check_operand(struct lower *l, const struct node *n)
{
    const struct external *e = n->kind == N_CALL ? call_external(n) : NULL;
    if (n->kind == N_CALL && !(e && e->effect == EXT_PURE && !e->safepoint) && !l->blocking)
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "call it before, into a local",
             "call in an operand of asm");
    if (n->kind == N_VAR && n->decl->cleanup && !l->blocking)
        diag(&l->u->src, n->begin, DIAG_UNSUPPORTED, "evaluate the operand before, into a local",
             "variable with a cleanup in an operand of asm");
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i])
            check_operand(l, n->kids[i]);
}

/* Is the operand n transactional memory, or an address that may lead there? */
static bool is_transactional_operand(const struct node *n)
{
    const bool address = n->type && (n->type->kind == T_POINTER || n->type->kind == T_ARRAY);
    bool any = n->form != F_NONE || (address && !n->is_raw) || address_in(n);
    if (n->kind == N_PAREN || (n->kind == N_UNARY && (n->op == OP_REAL || n->op == OP_IMAG)))
        any |= is_transactional_operand(n->kids[0]);
    for (unsigned i = 1; n->kind == N_GENERIC && i < n->nkids; i++)
        any |= is_transactional_operand(n->kids[i]);
    return any;
}

static void low_asm(struct lower *l, struct node *n)
{
    for (unsigned i = 0; i < n->nkids; i++) {
        struct node *k = n->kids[i];
        check_operand(l, k);
        low_value(l, k);
        if (is_transactional_operand(k))
            diag(&l->u->src, k->begin, DIAG_UNSUPPORTED, "copy through a local",
                 "transactional memory or a pointer to it as an operand of asm");
    }
    if (n->nkids) {
        if (!l->blocking)
            n->inev = low_inevitable(l, n, "inline assembly");
        low_op(l, IR_LOCALW, IRC_INT, n); /* outputs cannot be told from inputs */
    } else if (!l->blocking) {
        struct ir_inst *i = low_op(l, IR_CALL, IRC_INT, n); /* it may write what it knows by name */
        i->sym = ir_intern(l->u->ir, "inline assembly");
        i->flags = IRI_NOSAFEPOINT | IRI_NOALLOC | IRI_NOINEV;
    }
    if (n->jumps)
        low_asm_goto(l, n);
}

static void low_stmt(struct lower *l, struct node *n)
{
    if (!n)
        return;
    unsigned outside = l->nscope;
    struct cleanup *outer = l->cleanups;
    n->blocking = l->blocking > 0;
    low_anchor_turn(l, n);
    switch (n->kind) {
    case N_BLOCK:
        low_anchor_start(l, n);
        for (unsigned i = 0; i < n->nkids; i++)
            low_stmt(l, n->kids[i]);
        low_cleanup_end(l, outer, n);
        l->nscope = outside;
        return;
    case N_DECLS:
        for (unsigned i = 0; i < n->nkids; i++)
            if (n->kids[i]->kind == N_VAR)
                low_var(l, n->kids[i]);
            else
                low_value(l, n->kids[i]);
        return;
    case N_IF:
        low_if(l, n);
        return;
    case N_WHILE:
        low_while(l, n);
        return;
    case N_DO:
        low_do(l, n);
        return;
    case N_FOR:
        low_for(l, n);
        return;
    case N_SWITCH:
        low_switch(l, n);
        return;
    case N_CASE:
    case N_DEFAULT:
        low_anchor_before(l, n);
        low_goto(l, map_get(&l->cases, (uint64_t)(uintptr_t)n), n);
        low_stmt(l, n->nkids ? n->kids[n->nkids - 1] : NULL);
        return;
    case N_LABEL:
        low_anchor_before(l, n);
        low_goto(l, label_block(l, n->label), n);
        low_stmt(l, n->nkids ? n->kids[0] : NULL);
        return;
    case N_GOTO:
        low_anchor_before(l, n);
        low_cleanup_goto(l, n->label, n);
        if (!ir_terminated(l->b))
            ir_jump(l->b, label_block(l, n->label), low_loc(l, n));
        return;
    case N_IGOTO:
        low_igoto(l, n);
        return;
    case N_BREAK:
        low_jump(l, n, false);
        return;
    case N_CONTINUE:
        low_jump(l, n, true);
        return;
    case N_RETURN: {
        struct ir_inst *v = n->nkids ? low_value(l, n->kids[0]) : NULL;
        if (v && l->fn->type->elem->kind == T_POINTER)
            v = low_as_type(l, v, l->fn->type->elem, n);
        low_cleanup_leave(l, NULL, n);
        ir_ret(low_block(l), v, low_loc(l, n));
        return;
    }
    case N_ASM:
        low_asm(l, n);
        return;
    case N_EMPTY:
        return;
    default:
        low_value(l, n);
    }
}

struct ir_inst *low_stmt_expr(struct lower *l, struct node *n)
{
    struct node *block = n->kids[0];
    struct ir_inst *v = NULL;
    unsigned outside = l->nscope;
    struct cleanup *outer = l->cleanups;
    for (unsigned i = 0; i < block->nkids; i++) {
        struct node *k = block->kids[i];
        if (i + 1 == block->nkids && k->kind < N_BLOCK)
            v = low_value(l, k);
        else
            low_stmt(l, k);
    }
    low_cleanup_end(l, outer, n);
    l->nscope = outside;
    return v;
}

/* ---- functions ---- */

static void collect_labels(struct lower *l, struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_LABEL)
        ptr_push(&l->label_nodes, &l->nlabels, &l->caplabels, n);
    if (n->kind == N_ADDR_LABEL) {
        struct ir_block *b = label_block(l, n->label);
        bool known = false;
        for (unsigned i = 0; i < l->ntaken; i++)
            known |= l->taken[i] == b;
        if (!known)
            ptr_push(&l->taken, &l->ntaken, &l->captaken, b);
    }
    for (unsigned i = 0; i < n->nkids; i++)
        collect_labels(l, n->kids[i]);
}

static bool in_ssa_form(const struct decl *d)
{
    return (d->kind == D_PARAM || (d->kind == D_VAR && d->storage == ST_LOCAL)) &&
           d->type->kind == T_POINTER && !d->addr_taken && !d->type->is_volatile && !d->drop && !d->cleanup;
}

static void declare_locals(struct lower *l, struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_VAR && in_ssa_form(n->decl))
        n->decl->var = ir_var_new(l->f, class_of_type(n->decl->type, n->decl)) + 1;
    for (unsigned i = 0; i < n->nkids; i++)
        declare_locals(l, n->kids[i]);
}

static bool is_alloc_fn(const struct decl *d)
{
    return d->alloc_size != NULL;
}

static void low_function(struct unit *u, struct decl *d)
{
    struct lower l = {.u = u, .fn = d};
    l.f = ir_func_new(u->ir, ir_intern(u->ir, decl_symbol(d)));
    l.f->loc = source_loc(&u->src, d->name_off);
    l.f->nparams = d->nparams;
    l.f->ret = class_of_type(d->type->elem, NULL);
    d->ir = l.f;
    l.f->unique = !clone_possible(u, d) || d->replaceable || d->is_cleanup; /* no text says which copy */
    l.f->replaceable = d->replaceable && !ir_mutant_is(u->ir, "replaced", l.f->loc, l.f->name);
    l.f->promise = d->no_safepoint ? "STM_NO_SAFEPOINT" : d->pure ? "STM_TRANSACTION_PURE" : NULL;
    l.f->is_static = d->storage == ST_STATIC;
    l.f->address_taken =
        d->addr_taken || d->entered || library_may_call(d) || (d->is_cleanup && u->exceptions);
    l.b = ir_block_new(l.f);
    ir_seal(l.b);
    low_scope_begin(&l, d->body);
    for (unsigned i = 0; i < d->nparams; i++)
        low_count_name(&l, d->params[i]);
    for (unsigned i = 0; i < d->nparams; i++) {
        struct decl *p = d->params[i];
        if (in_ssa_form(p)) {
            enum ir_class c = class_of_type(p->type, p);
            p->var = ir_var_new(l.f, c) + 1;
            struct ir_inst *v = low_from(ir_emit(l.b, IR_PARAM, c, l.f->loc), p);
            v->index = (int)i;
            ir_var_write(l.b, p->var - 1, v);
            low_scope_add(&l, p);
        }
    }
    declare_locals(&l, d->body);
    collect_labels(&l, d->body);
    low_cleanup_begin(&l, d->body);
    low_stmt(&l, d->body);
    if (!ir_terminated(l.b))
        ir_ret(l.b, NULL, source_loc(&u->src, d->end ? d->end - 1 : 0));
    ir_finish(l.f);
    low_settle_raw_writes(&l);
    map_free(&l.labels);
    map_free(&l.label_scopes);
    free(l.label_nodes);
    map_free(&l.cases);
    map_free(&l.constant_steps);
    map_free(&l.names);
    free(l.scope);
    free(l.assigned);
    free(l.taken);
}

void lower(struct unit *u)
{
    u->ir = ir_module_new(u->src.name);
    if (u->mutant && !ir_mutant_new(u->ir, u->mutant))
        diag_errors++;
    for (unsigned i = 0; i < u->nfuncs; i++) {
        struct decl *d = u->funcs[i];
        if (!d->drop && !is_alloc_fn(d))
            low_function(u, d);
    }
    u->ir->naccesses = u->naccesses;
    u->ir->clone_suffix = clone_suffix(u);
    for (unsigned i = 0; i < u->nglobals; i++)
        if (!u->globals[i]->drop && u->globals[i]->init) {
            keep_in(u->globals[i], u->globals[i]->init);
            low_static_initialiser(u, u->globals[i]->init);
        }
}
