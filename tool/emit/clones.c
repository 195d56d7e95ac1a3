/* clones.c - copies of functions: each as C behind the original, from the same tree with the copy's
 * barriers; and calls that go to copies.
 *
 *     static void push(struct frame *f, long v) { ... }
 *     #line 65 "dispatch.c"
 *     __attribute__((__unused__)) static void push__stm1(struct frame *f, long v) { ... }
 *     #line 69 "dispatch.c"
 *
 * A copy is declared before the first function that calls it and stands before it, by `static
 * __typeof__(push) push__stm1;`. */
#include "emit/clones.h"

#include <ctype.h>
#include <string.h>

#include "ast/query.h"
#include "emit/text.h"
#include "outcome/clones.h"
#include "source/attributes.h"

/* Returns where it ends in the source. */
static size_t header(const struct emitter *e, const struct clone *c, struct str *o)
{
    const struct decl *d = c->of;
    size_t after = d->name_off + strlen(d->name);
    str_add(o, "__attribute__((__unused__)) ");
    if (d->storage != ST_STATIC)
        str_add(o, "static ");
    const size_t from = o->n;
    str_addn(o, emit_src(e, d->begin), d->name_off - d->begin);
    str_add(o, c->f->name);
    size_t end = d->body->begin;
    while (end > after && isspace((unsigned char)*emit_src(e, end - 1)))
        end--;
    str_addn(o, emit_src(e, after), end - after);
    attributes_blank_roles(o->s + from, o->n - from);
    return end;
}

static void line(const struct emitter *e, size_t at, struct str *o)
{
    struct ir_loc l = source_loc(&e->u->src, at);
    str_printf(o, "\n#line %u \"%s\"\n", l.line, l.file);
}

/* The text, in which __func__ and its like stand for the original's name. */
static void with_name(const char *s, const char *name, struct str *o)
{
    while (*s) {
        size_t n = 1;
        if (*s == '"' || *s == '\'') {
            while (s[n] && s[n] != *s)
                n += s[n] == '\\' && s[n + 1] ? 2 : 1;
            n += s[n] != 0;
        } else if (isalnum((unsigned char)*s) || *s == '_') {
            while (isalnum((unsigned char)s[n]) || s[n] == '_')
                n++;
            if (own_name_length(s) == n) {
                str_printf(o, "\"%s\"", name);
                s += n;
                continue;
            }
        }
        str_addn(o, s, n);
        s += n;
    }
}

void emit_clones(struct emitter *e, const struct decl *d,
                 void (*body)(struct emitter *, struct decl *, struct str *), struct str *o)
{
    for (struct clone *c = d->clones; c; c = c->next) {
        struct str text = {0};
        struct binding *b = clone_bind(c);
        c->declared = true;
        line(e, d->begin, o);
        size_t end = header(e, c, o);
        str_addn(o, emit_src(e, end), d->body->begin - end);
        body(e, c->of, &text);
        with_name(text.s, d->name, o);
        clone_unbind(b);
        str_free(&text);
    }
    if (d->clones)
        line(e, d->body->end, o);
}

static void declare(struct emitter *e, const struct decl *before, struct clone *c, struct str *o)
{
    if (c->declared)
        return;
    c->declared = true;
    if (c->of == before) { /* the original may be declared nowhere before */
        header(e, c, o);
        str_add(o, "; ");
    } else {
        str_printf(o, "static __typeof__(%s) %s; ", c->of->name, c->f->name);
    }
}

static void declare_called(struct emitter *e, const struct decl *before, const struct ir_func *f,
                           struct str *o)
{
    for (unsigned k = 0; k < f->nblocks; k++)
        for (const struct ir_inst *i = f->blocks[k]->first; i; i = i->next) {
            struct clone *c = i->op == IR_CALL && i->sym ? clone_named(e->u, i->sym) : NULL;
            if (c)
                declare(e, before, c, o);
        }
}

void emit_clone_declarations(struct emitter *e, const struct decl *d, struct str *o)
{
    if (!e->u->nclones)
        return;
    if (!d->ir)
        return;
    size_t n = o->n;
    declare_called(e, d, d->ir, o);
    for (const struct clone *c = d->clones; c; c = c->next)
        declare_called(e, d, c->f, o);
    if (memchr(o->s + n, '\n', o->n - n))
        line(e, d->begin, o);
}

const char *emit_callee(const struct node *n)
{
    const struct node *call = call_of_name(n);
    bool called = call && call->decl == n->decl && call->inst && call->inst->op == IR_CALL && call->inst->sym;
    return called ? call->inst->sym : n->decl->name;
}
