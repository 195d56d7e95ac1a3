/* raw.c - what is kept in STM_RAW pointers.
 *
 * STM_RAW is the program's word: the collector leaves such a pointer out, and what it leads to is accessed
 * as it is.  But where a value is known to be a reference, the word is wrong, and the place of the mistake
 * is here, not where the memory is accessed, or is gone.  What is not known is looked at by the checking
 * build (emit/check.c).
 *
 * Where a value goes is noted on its node, before it is lowered: by an assignment, a declaration, a call; by
 * the front end, of the members in a list. */
#include "lower/raw.h"

#include <string.h>

#include "analysis/libc.h"
#include "ast/query.h"
#include "source/diag.h"

const struct decl *low_keeper(const struct node *n)
{
    for (;; n = n->kids[0]) {
        if (n->kind == N_REF || n->kind == N_MEMBER)
            return n->decl;
        bool element = (n->kind == N_SUBSCRIPT || n->kind == N_DEREF) && n->kids[0]->type->kind == T_ARRAY;
        if (!element && n->kind != N_PAREN && n->kind != N_UNARY)
            return NULL;
    }
}

/* What v is a copy of, or derived from; of a choice of one kind, the first that is not null. */
static const struct ir_inst *origin(const struct ir_inst *v, unsigned depth)
{
    while (v->op == IR_COPY || v->op == IR_DERIVE)
        v = v->args[0];
    if (v->op != IR_PHI || !depth)
        return v;
    for (unsigned i = 0; i < v->nargs; i++) {
        const struct ir_inst *o = v->args[i] ? origin(v->args[i], depth - 1) : v;
        if (o->op != IR_NULLV)
            return o;
    }
    return v;
}

enum { DEPTH = 4 }; /* of choices in choices */

/* Is v, if it is not null, a reference whatever happens?  What the program only casts to a pointer to an
 * object may be a mark of its own, at the address of something else. */
static bool is_reference(const struct ir_inst *v, unsigned depth)
{
    if (v->op == IR_COPY || v->op == IR_DERIVE)
        return v->args[0]->cls != IRC_RAW &&
               (v->args[0]->cls != IRC_REF ? v->cls == IRC_REF : is_reference(v->args[0], depth));
    if (v->op != IR_PHI || !depth)
        return v->op != IR_NULLV && v->cls == IRC_REF;
    bool any = false;
    for (unsigned i = 0; i < v->nargs; i++) {
        if (!v->args[i] || v->args[i] == v || v->args[i]->op == IR_NULLV)
            continue;
        if (!is_reference(v->args[i], depth - 1))
            return false;
        any = true;
    }
    return any;
}

static void refuse(struct unit *u, const struct node *n, const char *hint)
{
    diag(&u->src, n->begin, DIAG_ERROR, hint, "'%s' is STM_RAW, but this is a reference", n->kept_in->name);
}

static const char variable[] =
    "take STM_RAW away; or mark the variable STM_RAW, too, and it stays outside of transactions";

void low_kept(struct lower *l, struct node *n, const struct ir_inst *v)
{
    if (!n->kept_in)
        return;
    if (!v || v->op == IR_NULLV || l->blocking || !is_reference(v, DEPTH)) {
        if (!v || v->cls != IRC_ANY || v->op == IR_NULLV || l->blocking || n->type->kind != T_POINTER)
            n->kept_in = NULL;
        return;
    }
    const struct ir_inst *o = origin(v, DEPTH);
    refuse(l->u, n,
           o->op == IR_ADDR ? variable
           : o->op == IR_CALL || o->op == IR_ALLOC
               ? "take STM_RAW away: malloc and its kin, too, allocate in "
                 "the transactional heap"
               : "take STM_RAW away: pointers to objects, and STM_REF "
                 "ones, are references");
}

void low_library_variable(struct lower *l, const struct node *to, const struct node *value,
                          const struct ir_inst *v)
{
    const struct decl *d = to->kind == N_REF ? to->decl : NULL;
    bool library = d && d->kind == D_VAR && d->storage == ST_EXTERN && !d->defined &&
                   (d->system || libc_has(d->name)); /* environ is declared by hand */
    if (!library || l->blocking || !v || to->type->kind != T_POINTER || to->type->elem->kind == T_FUNC ||
        v->op == IR_NULLV || !is_reference(v, DEPTH))
        return;
    diag(&l->u->src, value->begin, DIAG_UNSUPPORTED,
         "give it memory that is not the collector's: an STM_RAW variable, or the stack",
         "'%s', a variable of the library's, would lead to transactional memory", d->name);
}

/* The variable to which the constant address n leads; or null. */
static const struct decl *leads_to(const struct node *n)
{
    while (n->nkids && n->kind != N_REF) {
        const struct type *first = n->kids[0]->type;
        bool pointer = first && (first->kind == T_POINTER || first->kind == T_ARRAY);
        switch (n->kind) {
        case N_CAST:
            n = n->kids[n->nkids - 1];
            break;
        case N_BINARY:
        case N_SUBSCRIPT:
            n = n->kids[n->nkids > 1 && !pointer];
            break;
        case N_PAREN:
        case N_UNARY:
        case N_ADDROF:
        case N_DEREF:
        case N_MEMBER:
            n = n->kids[0];
            break;
        default:
            return NULL;
        }
    }
    return n->kind == N_REF ? n->decl : NULL;
}

void low_kept_static(struct unit *u, const struct node *n)
{
    const struct decl *d = n->kept_in && n->kind != N_INITLIST ? leads_to(n) : NULL;
    if (d && d->kind == D_VAR && d->transactional)
        refuse(u, n, variable);
}
