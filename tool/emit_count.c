/* emit_count.c - the counting build's part of the text (runtime/count.c): the pointer of each access goes through STM_COUNT
 * before its barrier, functions declare their activation, and a table describes the sites. */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

void emit_counted(struct emitter *e, const struct node *n, struct str *pointer)
{
    if (!e->u->count || n->access < 0)
        return;
    struct str s = {0};
    str_printf(&s, "STM_COUNT(%d, %s)", n->access, pointer->s);
    str_free(pointer);
    *pointer = s;
    e->counted = true;
}

void emit_activation(struct emitter *e, const struct str *body, struct str *o)
{
    if (!e->counted || body->s[0] != '{') {
        str_add(o, body->s);
        return;
    }
    str_add(o, "{ STM_ACTIVATION");
    str_add(o, body->s + 1);
}

void emit_count_prologue(const struct unit *u, struct str *o)
{
    if (!u->count || !u->naccesses)
        return;
    str_printf(o, "#include \"ungil_count.h\"\nstatic struct stm_site stm_sites[%u] "
                  "__attribute__((__section__(\"ungil_sites\"), __used__, __aligned__(16)));\n", u->naccesses);
}

void emit_c_string(struct str *o, const char *s)
{
    if (!s) {
        str_add(o, "0");
        return;
    }
    str_add(o, "\"");
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            str_printf(o, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            str_printf(o, "\\%03o", (unsigned char)*s);
        else
            str_addn(o, s, 1);
    str_add(o, "\"");
}

/* Accesses that control never reaches have no instruction any more, and an empty entry. */
static void site(const struct history *h, unsigned k, struct str *o)
{
    static const char letters[] = "-rw";
    const struct ir_inst *i = h->accesses[k];
    if (!i) {
        str_add(o, "    {0},\n");
        return;
    }
    str_add(o, "    {");
    emit_c_string(o, i->loc.file);
    str_add(o, ", ");
    emit_c_string(o, i->block->func->name);
    str_add(o, ", ");
    emit_c_string(o, i->sym);
    str_add(o, ", stm_passes, \"");
    for (unsigned p = 0; p < history_rows(); p++)
        str_addn(o, &letters[h->decisions[p][k]], 1);
    str_printf(o, "\", %u, %u, %u, %u, 0},\n", i->loc.line, i->loc.col, i->op == IR_LOAD ? 0u : i->op == IR_STORE ? 1u : 2u,
               i->op == IR_LOAD && i->flags & IRI_IMMUTABLE ? 1u : 0u);
}

void emit_count_table(const struct unit *u, struct str *o)
{
    if (!u->count || !u->naccesses)
        return;
    str_add(o, "\nstatic const char stm_passes[] = \"");
    for (unsigned p = 0; p < history_rows(); p++)
        str_printf(o, "%s%s", p ? "," : "", history_row(p));
    str_printf(o, "\";\nstatic struct stm_site stm_sites[%u] = {\n", u->naccesses);
    for (unsigned k = 0; k < u->naccesses; k++)
        site(u->history, k, o);
    str_add(o, "};\n");
}
