/* check.c - the checking build's part of the text (runtime/check.c): each access says what it is about
 * to touch, behind its barrier, and a table describes the sites.
 *
 * C leaves open in which order most operands are evaluated, so in the built code a check might run before
 * the barrier of a neighbour that covers it: f(p->x, p->y).  That is no fault, since nothing can end the
 * transaction between the two, but would look like one. So in this build expr.c puts operands into
 * temporaries wherever two of them, or one and the operation itself, touch memory.
 *
 * Two more tables tell which bytes are believed immutable: of which views, for what the file reads without a
 * barrier or declares so; and what views the file's types are, or have in them. */
#include "emit/check.h"

#include <stdlib.h>

#include "analysis/views.h"
#include "ast/query.h"
#include "emit/descs.h"
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
    n = with_parens(n);
    const struct node *p = n->parent;
    return p && (p->kind == N_ADDROF || p->kind == N_INCDEC ||
                 ((p->kind == N_ASSIGN || p->kind == N_COMPOUND_ASSIGN) && p->kids[0] == n));
}

void emit_checked_private(struct emitter *e, const struct node *n, const char *value, struct str *o)
{
    const struct decl *d = n->private_from;
    struct ir_loc at = source_loc(&e->u->src, n->begin);
    unsigned k = e->temps++;
    str_printf(o, "({ __auto_type stm_t%s%u = %s; stm_check_private(stm_t%s%u, ", e->u->own, k, value,
               e->u->own, k);
    str_printf(o, d->private_top ? "&%s" : "0", d->kind == D_FIELD ? d->thread_copy : d->name);
    str_printf(o, ", \"%s:%u:%u: %s\"); stm_t%s%u; })", at.file, at.line, at.col, d->name, e->u->own, k);
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

/* ---- immutable bytes ---- */

struct table {
    const struct emitter *e;
    struct str fields, views;
    struct names seen;
    const char *desc;
};

static void add_places(struct str *o, const struct ir_span *s)
{
    str_printf(o, "%ldl, %ldl, %ldl", s->lo, s->hi, s->step);
}

static void add_field(struct table *t, const struct ir_span *s, const char *name)
{
    struct str line = {0};
    str_add(&line, "    {");
    emit_c_string(&line, s->view);
    str_add(&line, ", ");
    add_places(&line, s);
    str_printf(&line, ", %ldl, ", s->size);
    emit_c_string(&line, name);
    str_add(&line, "},\n");
    ptr_push(&t->seen.v, &t->seen.n, &t->seen.cap, line.s);
}

static void declared_fields(struct table *t, const struct type *record)
{
    struct unit *u = t->e->u;
    struct type plain = *record;
    plain.is_const = false;
    for (unsigned i = 0; i < record->nfields; i++) {
        const struct field *f = &record->fields[i];
        struct ir_span s = {.view = view_of_type(u, &plain), .lo = f->offset, .hi = f->offset};
        s.size = f->type->size;
        if (f->decl && f->decl->immutable && f->offset >= 0 && f->type->size > 0)
            add_field(t, &s, arena_printf(&u->arena, "%s.%s", f->decl->record_name, f->name));
    }
}

static void view_inside(void *ctx, const struct ir_span *at, const struct type *type)
{
    struct table *t = ctx;
    (void)type;
    str_printf(&t->views, "    {&%s, ", t->desc);
    emit_c_string(&t->views, at->view);
    str_add(&t->views, ", ");
    add_places(&t->views, at);
    str_add(&t->views, "},\n");
}

static void type_views(void *ctx, const char *name, struct type *type)
{
    struct table *t = ctx;
    t->desc = name;
    views_inside(t->e->u, type, (struct ir_span){0}, view_inside, t);
}

static void table(struct str *o, const char *type, const char *name, const char *section, const char *lines)
{
    if (lines && *lines)
        str_printf(o,
                   "\nstatic const struct %s %s[] __attribute__((__section__(\"%s\"), __used__, "
                   "__aligned__(8))) = {\n%s};\n",
                   type, name, section, lines);
}

static void immutable_bytes(const struct emitter *e, struct str *o)
{
    struct table t = {.e = e};
    for (unsigned k = 0; k < e->u->naccesses; k++) {
        const struct ir_inst *i = e->insts[k];
        if (i && i->op == IR_LOAD && i->span && i->flags & IRI_IMMUTABLE)
            add_field(&t, i->span, i->sym);
    }
    for (unsigned k = 0; k < e->u->nrecords; k++)
        declared_fields(&t, e->u->records[k]);
    names_sort(&t.seen);
    for (unsigned k = 0; k < t.seen.n; k++)
        str_add(&t.fields, t.seen.v[k]);
    desc_each(e->u, type_views, &t);
    table(o, "stm_check_field", "stm_check_fields", "ungil_fields", t.fields.s);
    table(o, "stm_check_view", "stm_check_views", "ungil_views", t.views.s);
    free(t.seen.v);
    str_free(&t.fields);
    str_free(&t.views);
}

void emit_checked_out(struct emitter *e, const struct node *call, char *argument, struct str *o)
{
    struct ir_loc at = source_loc(&e->u->src, call->begin);
    struct str where = {0};
    str_printf(&where, "%s:%u:%u: %s", at.file, at.line, at.col, call->decl ? call->decl->name : "");
    str_add(o, "stm_check_out(");
    emit_c_string(o, where.s);
    str_printf(o, ", %s)", argument);
    str_free(&where);
}

void emit_check_table(const struct emitter *e, struct str *o)
{
    if (!e->u->check)
        return;
    immutable_bytes(e, o);
    if (!e->u->naccesses)
        return;
    str_printf(o, "\nstatic struct stm_check_site stm_checks[%u] = {\n", e->u->naccesses);
    for (unsigned k = 0; k < e->u->naccesses; k++)
        site(e->insts[k], o);
    str_add(o, "};\n");
}
