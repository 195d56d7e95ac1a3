/* dropped.c - places, values and calls that do not exist in this build (STM_DROP). */
#include "emit/dropped.h"

#include <stdlib.h>

#include "ast/query.h"
#include "emit/expr.h"
#include "emit/text.h"

void emit_zero(struct emitter *e, const struct node *n, struct str *o)
{
    const struct node *p = n->parent;
    bool target =
        p && (p->kind == N_ASSIGN || p->kind == N_COMPOUND_ASSIGN || p->kind == N_INCDEC) && p->kids[0] == n;
    if (n->type->kind == T_VOID || emit_is_statement(target ? p : n)) {
        str_add(o, "(void)0");
    } else if (n->type->kind == T_RECORD) {
        str_add(o, "(");
        emit_type_name(e, n, o);
        str_add(o, "){0}");
    } else {
        str_add(o, "(");
        emit_type_name(e, n, o);
        str_add(o, ")0");
    }
}

void emit_use_locals(const struct node *n, struct str *o)
{
    if (n->kind == N_REF && (n->decl->kind == D_PARAM || n->decl->storage == ST_LOCAL) &&
        n->decl->kind <= D_PARAM && !n->decl->drop)
        str_printf(o, "(void)%s, ", n->decl->name);
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i])
            emit_use_locals(n->kids[i], o);
}

void emit_dropped(struct emitter *e, struct node *n, struct node *value, struct str *o)
{
    struct node **ops = NULL;
    unsigned nops = 0, cap = 0;
    place_operands(n, &ops, &nops, &cap);
    str_add(o, "(");
    for (unsigned i = 0; i < nops; i++)
        if (has_effects(ops[i])) {
            str_add(o, "(void)(");
            emit_ex(e, ops[i], o);
            str_add(o, "), ");
        } else {
            emit_use_locals(ops[i], o);
        }
    if (value) {
        str_add(o, "(void)(");
        emit_ex(e, value, o);
        str_add(o, "), ");
    }
    emit_zero(e, n, o);
    str_add(o, ")");
    free(ops);
}
