/* print.c - the text form of the IR (doc/ir.md).
 *
 * One instruction a line; everything an instruction means is on its line, so a dump can be pasted into a
 * test.  Two things are left out: predecessors, which the terminators imply, and barriers that a pass has
 * removed.
 */
#include "priv.h"

#include <ctype.h>
#include <string.h>

static void print_quoted(FILE *out, const char *s)
{
    putc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

/* True if s can stand without quotes after @ (the same test as in parse.c's lexer). */
static bool is_word(const char *s)
{
    if (!*s)
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("_.$", *s))
            return false;
    return true;
}

static void print_name(FILE *out, const char *s)
{
    fputs(" @", out);
    if (is_word(s))
        fputs(s, out);
    else
        print_quoted(out, s);
}

static void print_loc(FILE *out, struct ir_loc loc)
{
    if (!loc.file && !loc.line && !loc.col)
        return;
    fputs("  !", out);
    const char *file = loc.file ? loc.file : "";
    bool plain = *file != '\0';
    for (const char *p = file; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_./+-<>", *p))
            plain = false;
    if (plain)
        fputs(file, out);
    else
        print_quoted(out, file);
    fprintf(out, ":%u:%u", loc.line, loc.col);
}

static void print_far(FILE *out, long n)
{
    if (n >= IR_FAR)
        fputs(" inf", out);
    else
        fprintf(out, " %ld", n);
}

static void print_places(FILE *out, const struct ir_span *s)
{
    print_far(out, s->lo);
    print_far(out, s->hi);
    print_far(out, s->step);
}

void ir_print_span(FILE *out, const struct ir_span *s)
{
    print_quoted(out, s->view);
    print_places(out, s);
    print_far(out, s->size);
    fputs(s->indexed ? " indexed" : "", out);
    fputs(s->own ? " own" : "", out);
}

/* What the module says beside its functions. */
static void print_views(FILE *out, const struct ir_module *m)
{
    for (unsigned k = 0; k < m->nrecords; k++) {
        const struct ir_record *r = m->records[k];
        fputs("record ", out);
        print_quoted(out, r->view);
        print_far(out, r->size);
        fputs(r->object ? " object\n" : "\n", out);
        for (unsigned i = 0; i < r->nmembers; i++) {
            fputs("member ", out);
            print_quoted(out, r->members[i].name);
            putc(' ', out);
            print_quoted(out, r->members[i].kind);
            print_places(out, &r->members[i].at);
            print_far(out, r->members[i].at.size);
            putc('\n', out);
        }
    }
    for (unsigned k = 0; k < m->nviews; k++) {
        const struct ir_view *v = m->views[k];
        fputs("view ", out);
        print_quoted(out, v->from.view);
        putc(' ', out);
        print_quoted(out, v->to);
        print_places(out, &v->from);
        if (v->kind != IR_VIEW_CONVERT)
            fprintf(out, " %s", ir_view_name[v->kind]);
        if (v->unless) {
            fputs(" unless", out);
            print_name(out, v->unless);
        }
        putc('\n', out);
    }
    for (unsigned k = 0; k < m->ndeclared; k++) {
        const struct ir_declared *d = m->declared[k];
        fputs("declared", out);
        print_name(out, d->name);
        fprintf(out, " %d ", d->param);
        print_quoted(out, d->view);
        fputs(d->defined ? " defined\n" : "\n", out);
    }
}

static void print_operands(FILE *out, const struct ir_inst *i, unsigned from)
{
    for (unsigned k = from; k < i->nargs; k++)
        fprintf(out, "%s%%%u", k > from ? ", " : "", i->args[k]->id);
}

/* What stands between the mnemonic and the flags. */
static void print_body(FILE *out, const struct ir_inst *i)
{
    const struct ir_block *b = i->block;
    switch (i->op) {
    case IR_PARAM:
        fprintf(out, " %d", i->index);
        return;
    case IR_PHI:
        for (unsigned k = 0; k < i->nargs; k++)
            fprintf(out, "%s[b%u: %%%u]", k ? ", " : " ", b->preds[k]->id, i->args[k]->id);
        return;
    case IR_CALL:
    case IR_ICALL:
        if (i->sym)
            print_name(out, i->sym);
        if (i->op == IR_ICALL)
            fprintf(out, " %%%u", i->args[0]->id);
        putc('(', out);
        print_operands(out, i, i->op == IR_ICALL);
        putc(')', out);
        if (i->index >= 0)
            fprintf(out, " returns %d", i->index);
        return;
    case IR_JUMP:
    case IR_BRANCH:
        for (unsigned k = 0; k < b->nsuccs; k++)
            fprintf(out, "%sb%u", k ? ", " : " ", b->succs[k]->id);
        return;
    default:
        break;
    }
    if (i->op == IR_ADDR && i->sym)
        print_name(out, i->sym);
    if (i->op == IR_ANCHOR) {
        fprintf(out, " %d", i->index);
        for (unsigned k = 0; k < i->nargs; k++) {
            fprintf(out, "%s%%%u ", k ? ", " : " ", i->args[k]->id);
            print_quoted(out, i->names[k]);
        }
        return;
    }
    if (i->nargs) {
        putc(' ', out);
        print_operands(out, i, 0);
    }
    if (ir_is(i, IRF_ACCESS | IRF_BARRIER))
        fprintf(out, " %s %u", ir_unit_name[i->unit], i->size);
    if (i->index >= 0 && (i->op == IR_DERIVE || (ir_is(i, IRF_ACCESS) && i->unit == IRU_OBJECT) ||
                          (ir_is(i, IRF_BARRIER) && i->index)))
        fprintf(out, " +%d", i->index);
    if (i->sym && i->op != IR_ADDR) {
        putc(' ', out);
        print_quoted(out, i->sym);
    }
    if (i->access >= 0)
        fprintf(out, " #%d", i->access);
    if (i->span) {
        fputs(" in ", out);
        ir_print_span(out, i->span);
    }
}

static void print_inst(FILE *out, const struct ir_inst *i)
{
    fputs("  ", out);
    if (ir_has_result(i))
        fprintf(out, "%%%u = ", i->id);
    fputs(ir_op_name[i->op], out);
    print_body(out, i);
#define FLAG(bit, name)                                                                                      \
    if (i->flags & (bit))                                                                                    \
        fputs(" " name, out);
    IR_FLAG_TABLE(FLAG)
#undef FLAG
    if (ir_has_result(i))
        fprintf(out, " : %s", ir_class_name[i->cls]);
    print_loc(out, i->loc);
    putc('\n', out);
}

void ir_print_func(FILE *out, const struct ir_func *f)
{
    fputs("func", out);
    print_name(out, f->name);
    fprintf(out, "(%u) -> %s%s%s", f->nparams, ir_class_name[f->ret], f->is_static ? " static" : "",
            f->address_taken ? " address_taken" : "");
    if (f->unique)
        fputs(" unique", out);
    if (f->replaceable)
        fputs(" replaceable", out);
    print_loc(out, f->loc);
    fputs(" {\n", out);
    for (unsigned k = 0; k < f->nblocks; k++) {
        fprintf(out, "b%u:\n", k);
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            if (!(i->flags & IRI_REMOVED))
                print_inst(out, i);
    }
    fputs("}\n", out);
}

void ir_print(FILE *out, const struct ir_module *m)
{
    if (m->whole)
        fputs("whole\n", out);
    print_views(out, m);
    for (unsigned i = 0; i < m->nfuncs; i++) {
        if (i || m->whole || m->nrecords || m->nviews || m->ndeclared)
            putc('\n', out);
        ir_print_func(out, m->funcs[i]);
    }
}
