/* per_thread.c - STM_PER_THREAD fields in the text: the thread's own variable instead
 * (analysis/per_thread.c). */
#include "emit/per_thread.h"

#include <stdlib.h>

#include "ast/query.h"
#include "emit/dropped.h"
#include "emit/expr.h"

void emit_per_thread(struct emitter *e, struct node *n, struct str *o)
{
    struct node **ops = NULL;
    unsigned k = 0, cap = 0;
    per_thread_operands(n, &ops, &k, &cap);
    struct str before = {0};
    for (unsigned i = 0; i < k; i++) {
        str_add(&before, "(void)(");
        emit_ex(e, ops[i], &before);
        str_add(&before, "), ");
    }
    if (!k)
        emit_use_locals(n->kids[0], &before);
    if (before.n)
        str_printf(o, "(*(%s&%s))", before.s, n->decl->thread_copy);
    else
        str_add(o, n->decl->thread_copy);
    str_free(&before);
    free(ops);
}

bool per_thread_needed(const struct node *n)
{
    if (!n || n->kind == N_UNEVALUATED)
        return false;
    if (is_per_thread(n) && !n->decl->copy_defined)
        return true;
    for (unsigned i = 0; i < n->nkids; i++)
        if (per_thread_needed(n->kids[i]))
            return true;
    return false;
}

void per_thread_define(const struct node *n, struct str *o)
{
    if (!n || n->kind == N_UNEVALUATED)
        return;
    if (is_per_thread(n) && !n->decl->copy_defined) {
        n->decl->copy_defined = true;
        str_printf(o, "__attribute__((__weak__)) _Thread_local __typeof__(((%s *)0)->%s) %s; ",
                   n->decl->record_type, n->decl->name, n->decl->thread_copy);
    }
    for (unsigned i = 0; i < n->nkids; i++)
        per_thread_define(n->kids[i], o);
}
