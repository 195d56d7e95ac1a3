/* stores.c - checked stores: a store that looks first whether it changes anything (lower/expr.c,
 * doc/passes.md).
 *
 *     p->f = v     ({ __auto_type o = p; T x = v; if (<o->f, with a read's barrier> != x) <o->f, with a
 *                  write's> = x; })
 *
 * The operands of the target are put into temporaries, since the target is emitted twice: as read and as
 * written. */
#include "emit/stores.h"

#include <stdlib.h>

#include "ast/query.h"
#include "emit/expr.h"
#include "emit/text.h"

void emit_checked_store(struct emitter *e, struct node *n, struct node *t, struct str *o)
{
    struct node **ops = NULL;
    unsigned nops = 0, cap = 0;
    struct str pre = {0}, type = {0}, target = {0};
    unsigned mark = e->nsubs, value = e->temps++;
    const char *own = e->u->own;
    e->wrapped++;
    place_operands(t, &ops, &nops, &cap);
    for (unsigned i = 0; i < nops; i++)
        if (!emit_subst_of(e, ops[i]) && ops[i]->kind != N_LITERAL)
            emit_bind(e, ops[i], &pre);
    if (n->kind == N_COMPOUND_ASSIGN && !emit_subst_of(e, n->kids[1]) && n->kids[1]->events)
        emit_bind(e, n->kids[1], &pre); /* before the old value is read, as in the IR */
    emit_type_name(e, t, &type);
    str_printf(o, "({ %s__typeof__(%s) stm_t%s%u", pre.s ? pre.s : "", type.s, own, value);
    if (n->kind == N_COMPOUND_ASSIGN) {
        unsigned was = e->temps++;
        str_printf(o, ", stm_t%s%u = ", own, was);
        emit_ex(e, n->old, o);
        str_printf(o, "; stm_t%s%u = stm_t%s%u; stm_t%s%u", own, value, own, was, own, value);
        str_addn(o, emit_src(e, n->kids[0]->end), n->kids[1]->begin - n->kids[0]->end);
        emit_ex(e, n->kids[1], o);
        str_printf(o, "; if (stm_t%s%u != stm_t%s%u) ", own, was, own, value);
    } else {
        str_add(o, " = ");
        emit_ex(e, n->kids[1], o);
        str_add(o, "; if (");
        emit_ex(e, n->old, o);
        str_printf(o, " != stm_t%s%u) ", own, value);
    }
    emit_ex(e, t, &target);
    str_printf(o, "%s = stm_t%s%u; ", target.s, own, value);
    str_printf(o, emit_is_statement(n) ? "})" : "stm_t%s%u; })", own, value);
    e->wrapped--;
    e->nsubs = mark;
    free(ops);
    str_free(&pre);
    str_free(&type);
    str_free(&target);
}
