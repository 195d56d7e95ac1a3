/* check.c - the checking build's part of the text (runtime/check.c): each access says what it is about
 * to touch, behind its barrier, and a table describes the sites.
 *
 * C leaves open in which order most operands are evaluated, so in the built code a check might run before
 * the barrier of a neighbour that covers it: f(p->x, p->y).  That is no fault, since nothing can end the
 * transaction between the two, but would look like one. So in this build expr.c puts operands into
 * temporaries wherever two of them, or one and the operation itself, touch memory.
 *
 * Two more tables tell which bytes are believed immutable, of which records, and which records the file's
 * types are.  What was inferred is believed of memory that was made as a type, and that alone: the facts of
 * the whole program say as which, and of memory made as what a load's own pointer points to it is always
 * true.  What is declared is believed of the record wherever it lies; so a record that has others in it
 * refers to them. Types are named by their views; where it matters that types of different files are the
 * same, by what they hold, too. */
#include "emit/check.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/places.h"
#include "ast/query.h"
#include "emit/descs.h"
#include "emit/text.h"
#include "parse/parse.h"

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

static bool is_place(const struct node *n)
{
    n = with_parens(n);
    const struct node *p = n->parent;
    return p && (p->kind == N_ADDROF || p->kind == N_INCDEC ||
                 ((p->kind == N_ASSIGN || p->kind == N_COMPOUND_ASSIGN) && p->kids[0] == n));
}

const struct decl **emit_claim(struct node *n)
{
    return is_place(n) ? NULL : n->from ? &n->from : n->kept_in ? &n->kept_in : NULL;
}

void emit_checked_claim(struct emitter *e, const struct node *n, const struct decl *d, const char *value,
                        struct str *o)
{
    struct ir_loc at = source_loc(&e->u->src, n->begin);
    unsigned k = e->temps++;
    str_printf(o, "({ __auto_type stm_t%s%u = %s; stm_check_%s(stm_t%s%u, ", e->u->own, k, value,
               d->private_stack ? "private" : "raw", e->u->own, k);
    if (d->private_stack)
        str_printf(o, d->private_top ? "&%s, " : "0, ", d->kind == D_FIELD ? d->thread_copy : d->name);
    str_printf(o, "\"%s:%u:%u: %s\"); stm_t%s%u; })", at.file, at.line, at.col, d->name, e->u->own, k);
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

/* ---- what is declared ---- */

static bool has_no_end(const struct type *t)
{
    return t->kind == T_ARRAY && t->size <= 0;
}

/* Of a bit-field the first byte, which is its own whatever its neighbours are. */
static long size_of_field(const struct field *f)
{
    return has_no_end(f->type) ? IR_FAR : f->bitfield ? 1 : f->type->size;
}

static bool is_immutable_field(const struct field *f)
{
    return f->decl && f->decl->immutable && f->offset >= 0 && size_of_field(f) > 0;
}

/* Is something in t declared immutable? */
static bool declares(const struct type *t)
{
    t = element_type(t);
    if (t->kind != T_RECORD)
        return false;
    type_fields((struct type *)t);
    for (unsigned k = 0; k < t->nfields; k++)
        if (is_immutable_field(&t->fields[k]) || declares(t->fields[k].type))
            return true;
    return false;
}

/* Are these bytes of a t, at whichever of their places, of what is declared immutable? */
static bool is_declared(const struct type *t, struct ir_span s)
{
    if (t->kind == T_ARRAY) {
        t = element_type(t);
        if (t->size <= 0 || s.step % t->size)
            return false;
        if (s.size >= t->size)
            return declares(t);
        s.lo = s.hi = s.lo % t->size;
        s.step = 0;
    }
    if (t->kind != T_RECORD)
        return false;
    type_fields((struct type *)t);
    for (unsigned k = 0; k < t->nfields; k++) {
        const struct field *f = &t->fields[k];
        long lo = f->offset, hi = lo + size_of_field(f);
        if (lo < 0 || s.lo >= hi || s.lo + s.size <= lo || s.hi >= hi || s.hi + s.size <= lo)
            continue;
        struct ir_span in = {.lo = s.lo - lo, .hi = s.hi - lo, .step = s.step, .size = s.size};
        if (in.lo < 0) {
            in.size += in.lo;
            in.hi -= in.lo;
            in.lo = 0;
        }
        if (is_immutable_field(f) || is_declared(f->type, in))
            return true;
    }
    return false;
}

/* ---- sites ---- */

/* Accesses that control never reaches have no instruction any more, and an empty entry. */
static void site(struct unit *u, const struct ir_inst *i, struct str *o)
{
    if (!i) {
        str_add(o, "    {0},\n");
        return;
    }
    struct node *n = u->access_nodes[i->access];
    bool write = ir_op_flags[i->op] & IRF_WRITES, immutable = i->flags & IRI_IMMUTABLE;
    struct ir_span s = {0};
    if (write && i->span && n) {
        s = *i->span;
        if (n->bitfield)
            s.size = 1;
        immutable |= is_declared(root_of_place(u, n), s);
    }
    str_add(o, "    {");
    emit_c_string(o, i->loc.file);
    str_add(o, ", ");
    emit_c_string(o, i->block->func->name);
    str_add(o, ", ");
    emit_c_string(o, i->sym);
    str_printf(o, ", %u, %u, %s%s, ", i->loc.line, i->loc.col, write ? "STM_CHECK_WRITE" : "0u",
               !immutable                          ? ""
               : !write && i->flags & IRI_INFERRED ? " | STM_CHECK_INFERRED"
                                                   : " | STM_CHECK_IMMUTABLE");
    str_printf(o, "%ldl, ", n && n->bitfield && n->form != F_OBJ && n->offset >= 0 ? n->offset : -1);
    emit_c_string(o, s.view);
    str_printf(o, ", %ldl, %ldl, %ldl, %ldl},\n", s.lo, s.hi, s.step, s.size);
}

/* ---- immutable bytes ---- */

struct table {
    struct unit *u;
    struct names fields;
    struct str types;
};

static const char *without_const(const char *view)
{
    return strncmp(view, "c ", 2) ? view : view + 2;
}

/* The view of the record t, and its layout. */
static void add_record(struct unit *u, struct str *o, const struct type *t)
{
    emit_c_string(o, without_const(view_of_type(u, t)));
    str_printf(o, ", %#lxul", layout_of_type(t));
}

static void add_line(struct table *t, struct str *line)
{
    ptr_push(&t->fields.v, &t->fields.n, &t->fields.cap, line->s);
}

static void inferred(struct table *t, const struct ir_span *s, const char *name)
{
    struct str line = {0};
    str_add(&line, "    {");
    emit_c_string(&line, without_const(s->view));
    str_printf(&line, ", 0, %ldl, %ldl, %ldl, %ldl, ", s->lo, s->hi, s->step, s->size);
    emit_c_string(&line, name);
    str_add(&line, ", 0, 0},\n");
    add_line(t, &line);
}

/* The places of the array t of records, a field at `lo`. */
static void add_elements(struct str *o, const struct type *t, long lo, bool last)
{
    long size = element_type(t)->size, n = t->size > 0 ? t->size / size : 0;
    bool tail = t->kind == T_ARRAY && n <= 1 && last;
    str_printf(o, "%ldl, %ldl, %ldl", lo,
               tail    ? IR_FAR
               : n > 0 ? lo + (n - 1) * size
                       : lo,
               t->kind == T_ARRAY ? size : 0);
}

static void declared(struct table *t, const struct type *record)
{
    for (unsigned k = 0; k < record->nfields; k++) {
        const struct field *f = &record->fields[k];
        const struct type *in = element_type(f->type);
        struct str line = {0};
        bool immutable = is_immutable_field(f);
        if (!immutable && (f->offset < 0 || in->size <= 0 || !declares(in)))
            continue;
        str_add(&line, "    {");
        add_record(t->u, &line, record);
        str_add(&line, ", ");
        if (immutable) {
            str_printf(&line, "%ldl, %ldl, 0l, %ldl, ", f->offset, f->offset, size_of_field(f));
            emit_c_string(&line, arena_printf(&t->u->arena, "%s.%s", f->decl->record_name, f->name));
            str_add(&line, ", 0, 0},\n");
        } else {
            add_elements(&line, f->type, f->offset, k + 1 == record->nfields);
            str_printf(&line, ", %ldl, 0, ", in->size);
            add_record(t->u, &line, in);
            str_add(&line, "},\n");
        }
        add_line(t, &line);
    }
}

static void type_record(void *ctx, const char *name, struct type *type)
{
    struct table *t = ctx;
    const struct type *record = element_type(type);
    if (record->kind != T_RECORD || record->size <= 0)
        return;
    str_printf(&t->types, "    {&%s, ", name);
    add_record(t->u, &t->types, record);
    str_add(&t->types, ", ");
    add_elements(&t->types, type, 0, true);
    str_add(&t->types, "},\n");
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
    struct unit *u = e->u;
    struct table t = {.u = u};
    struct str fields = {0};
    for (unsigned k = 0; k < u->naccesses; k++) {
        const struct ir_inst *i = e->insts[k];
        if (i && i->op == IR_LOAD && i->span && i->flags & IRI_IMMUTABLE && i->flags & IRI_INFERRED)
            inferred(&t, i->span, i->sym);
    }
    for (unsigned k = 0; k < u->ir->nbelieved; k++)
        inferred(&t, &u->ir->believed[k]->at, u->ir->believed[k]->name);
    for (unsigned k = 0; k < u->nrecords; k++) /* grows */
        if (declares(u->records[k]))
            declared(&t, u->records[k]);
    names_sort(&t.fields);
    for (unsigned k = 0; k < t.fields.n; k++)
        str_add(&fields, t.fields.v[k]);
    desc_each(u, type_record, &t);
    table(o, "stm_check_field", "stm_check_fields", "ungil_fields", fields.s);
    table(o, "stm_check_type", "stm_check_types", "ungil_check_types", t.types.s);
    free(t.fields.v);
    str_free(&fields);
    str_free(&t.types);
}

/* What the argument points into is said if that is one place in a record. */
void emit_checked_out(struct emitter *e, const struct node *call, struct node *argument, char *text,
                      struct str *o)
{
    struct unit *u = e->u;
    struct ir_loc at = source_loc(&u->src, call->begin);
    const struct ir_span *s = span_of_pointee(u, argument);
    const struct type *root = root_of_pointee(u, argument);
    struct str where = {0};
    str_printf(&where, "%s:%u:%u: %s", at.file, at.line, at.col, call->decl ? call->decl->name : "");
    str_add(o, "stm_check_out(");
    emit_c_string(o, where.s);
    str_printf(o, ", %s, ", text);
    if (s && root && root->kind == T_RECORD && root->size > 0 && s->lo == s->hi)
        add_record(u, o, root);
    else
        str_add(o, "0, 0");
    str_printf(o, ", %ldl)", s ? s->lo : 0);
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
        site(e->u, e->insts[k], o);
    str_add(o, "};\n");
}
