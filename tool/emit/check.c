/* check.c - the checking build's part of the text (runtime/check.c): each access says what it is about
 * to touch, behind its barrier, and a table describes the sites.
 *
 * C leaves open in which order most operands are evaluated, so in the built code a check might run before
 * the barrier of a neighbour that covers it: f(p->x, p->y).  That is no fault, since nothing can end the
 * transaction between the two, but would look like one. So in this build expr.c puts operands into
 * temporaries wherever two of them, or one and the operation itself, touch memory. */
#include "emit/check.h"

#include "emit/text.h"

bool emit_is_checked(const struct emitter *e, const struct node *n)
{
    return e->u->check && n->access >= 0 && !e->bare;
}

void emit_checked_owner(const struct emitter *e, const struct node *n, struct str *owner)
{
    if (!emit_is_checked(e, n))
        return;
    const struct ir_inst *i = e->insts[n->access];
    struct str s = {0};
    long size = n->bitfield || n->type->size <= 0
                    ? 1
                    : n->type->size; /* a bit-field's place within its unit is not worth more */
    str_printf(&s, "STM_CHECK(%d, %d, %ld, %s)", n->access,
               i && i->unit == IRU_OBJECT && i->index > 0 ? i->index : 0, size, owner->s);
    str_free(owner);
    *owner = s;
}

void emit_checked_address(const struct emitter *e, const struct node *n, long size, struct str *address)
{
    if (!emit_is_checked(e, n))
        return;
    struct str s = {0};
    str_printf(&s, "STM_CHECK(%d, 0, %ld, %s)", n->access, size > 0 ? size : 1, address->s);
    str_free(address);
    *address = s;
}

void emit_checked_real(const struct emitter *e, const struct node *n, long size, const char *address,
                       const char *name, struct str *real)
{
    struct str s = {0};
    if (!emit_is_checked(e, n))
        return;
    str_printf(&s, "STM_CHECK_ANY(%d, %ld, %s, %s, %s)", n->access, size > 0 ? size : 1, address, name,
               real->s);
    str_free(real);
    *real = s;
}

bool emit_is_place(const struct node *n)
{
    const struct node *p = n->parent;
    for (; p && p->kind == N_PAREN; p = p->parent)
        n = p;
    return p && (p->kind == N_ADDROF || p->kind == N_INCDEC ||
                 ((p->kind == N_ASSIGN || p->kind == N_COMPOUND_ASSIGN) && p->kids[0] == n));
}

void emit_checked_private(struct emitter *e, const struct node *n, const char *value, struct str *o)
{
    const struct decl *d = n->private_from;
    struct ir_loc at = source_loc(&e->u->src, n->begin);
    unsigned k = e->temps++;
    str_printf(o, "({ __auto_type stm_t%u = %s; stm_check_private(stm_t%u, ", k, value, k);
    str_printf(o, d->private_top ? "&%s" : "0", d->kind == D_FIELD ? d->thread_copy : d->name);
    str_printf(o, ", \"%s:%u:%u: %s\"); stm_t%u; })", at.file, at.line, at.col, d->name, k);
}

void emit_check_prologue(const struct unit *u, struct str *o)
{
    if (!u->check)
        return;
    str_add(o, "#include \"ungil_check.h\"\n");
    if (!u->naccesses)
        return;
    str_printf(o,
               "static struct stm_check_site stm_checks[%u] "
               "__attribute__((__section__(\"ungil_checks\"), __used__, __aligned__(8)));\n",
               u->naccesses);
}

/* Accesses that control never reaches have no instruction any more, and an empty entry. */
static void site(const struct ir_inst *i, struct str *o)
{
    if (!i) {
        str_add(o, "    {0},\n");
        return;
    }
    bool write = ir_op_flags[i->op] & IRF_WRITES;
    str_add(o, "    {");
    emit_c_string(o, i->loc.file);
    str_add(o, ", ");
    emit_c_string(o, i->block->func->name);
    str_add(o, ", ");
    emit_c_string(o, i->sym);
    str_printf(o, ", %u, %u, %s%s},\n", i->loc.line, i->loc.col, write ? "STM_CHECK_WRITE" : "0u",
               !(i->flags & IRI_IMMUTABLE)         ? ""
               : !write && i->flags & IRI_INFERRED ? " | STM_CHECK_INFERRED"
                                                   : " | STM_CHECK_IMMUTABLE");
}

void emit_check_table(const struct emitter *e, struct str *o)
{
    if (!e->u->check || !e->u->naccesses)
        return;
    str_printf(o, "\nstatic struct stm_check_site stm_checks[%u] = {\n", e->u->naccesses);
    for (unsigned k = 0; k < e->u->naccesses; k++)
        site(e->insts[k], o);
    str_add(o, "};\n");
}
