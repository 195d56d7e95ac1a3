/* count.c - the counting build's part of the text (runtime/count.c): the pointer of each access goes
 * through STM_COUNT before its barrier, functions declare their activation, and a table describes the sites.
 */
#include "emit/count.h"

#include "emit/text.h"
#include "outcome/history.h"

void emit_counted(struct emitter *e, const struct node *n, struct str *pointer)
{
    if (!e->u->count || n->access < 0 || e->bare)
        return;
    struct str s = {0};
    str_printf(&s, "STM_COUNT(%d, %s)", n->access, pointer->s);
    str_free(pointer);
    *pointer = s;
    e->counted = true;
}

void emit_counted_moved(struct emitter *e, const struct ir_inst *barrier, struct str *pointer)
{
    if (!e->u->count)
        return;
    struct str s = {0};
    str_printf(&s, "STM_COUNT(%u, %s)", history_moved_site(e->u->history, barrier), pointer->s);
    str_free(pointer);
    *pointer = s;
    e->counted = true;
}

void emit_body(struct emitter *e, const struct str *body, struct str *o)
{
    if ((!e->counted && !e->checks && !e->jumps && !e->homes.n) || body->s[0] != '{') {
        str_add(o, body->s);
        return;
    }
    size_t start = emit_block_start(body->s);
    str_addn(o, body->s, start);
    str_printf(o, " %s%s%s", e->homes.n ? e->homes.s : "", e->counted ? "STM_ACTIVATION " : "",
               e->checks ? "STM_TX " : "");
    if (e->jumps)
        str_printf(o, "STM_NOTES(%u) ", e->jumps);
    str_add(o, body->s + start);
}

static unsigned nsites(const struct unit *u)
{
    return u->count ? u->naccesses + u->history->nmoved : 0;
}

void emit_count_prologue(const struct unit *u, struct str *o)
{
    if (nsites(u))
        str_printf(o,
                   "#include \"ungil_count.h\"\nstatic struct stm_site stm_sites[%u] "
                   "__attribute__((__section__(\"ungil_sites\"), __used__, __aligned__(16)));\n",
                   nsites(u));
}

/* Accesses that control never reaches have no instruction any more, and an empty entry.  after: a letter for
 * each row. */
static void site(const struct ir_inst *i, const char *field, const char *after, unsigned kind, unsigned flags,
                 struct str *o)
{
    if (!i) {
        str_add(o, "    {0},\n");
        return;
    }
    str_add(o, "    {");
    emit_c_string(o, i->loc.file);
    str_add(o, ", ");
    emit_c_string(o, i->block->func->name);
    str_add(o, ", ");
    emit_c_string(o, field);
    str_printf(o, ", stm_passes, \"%s\", %u, %u, %u, %u, 0},\n", after, i->loc.line, i->loc.col, kind, flags);
}

void emit_count_table(const struct unit *u, struct str *o)
{
    static const char letters[] = "-rw";
    const struct history *h = u->history;
    char after[64] = "";
    if (!nsites(u))
        return;
    if (history_rows() >= sizeof after)
        die("emit: too many passes");
    str_add(o, "\nstatic const char stm_passes[] = \"");
    for (unsigned p = 0; p < history_rows(); p++)
        str_printf(o, "%s%s", p ? "," : "", history_row(p));
    str_printf(o, "\";\nstatic struct stm_site stm_sites[%u] = {\n", nsites(u));
    for (unsigned k = 0; k < u->naccesses; k++) {
        const struct ir_inst *i = h->accesses[k];
        for (unsigned p = 0; p < history_rows(); p++)
            after[p] = letters[h->decisions[p][k]];
        site(i, i ? i->sym : NULL, after,
             !i || i->op == IR_LOAD ? 0u
             : i->op == IR_STORE    ? 1u
                                    : 2u,
             i && i->op == IR_LOAD && i->flags & IRI_IMMUTABLE ? 1u : 0u, o);
    }
    for (unsigned k = 0; k < h->nmoved; k++) {
        const struct moved *v = h->moved[k];
        for (unsigned p = 0; p < history_rows(); p++)
            after[p] = letters[v->after[p]];
        site(v->i, v->i->sym, after, v->i->op == IR_WBAR, 2u, o);
    }
    str_add(o, "};\n");
}
