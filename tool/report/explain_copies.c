/* explain_copies.c - which functions have copies (passes/clone.c), for which calls, and what holds before
 * these. */
#include "report/explain.h"

#include <stdlib.h>
#include <string.h>

#include "outcome/clones.h"

static uint64_t name_key(const char *s)
{
    return hash_bytes(s, strlen(s)) | 1;
}

static int by_place(const void *a, const void *b)
{
    const struct copied *x = a, *y = b;
    int c = strcmp(x->loc.file, y->loc.file);
    if (c || x->loc.line != y->loc.line)
        return c ? c : x->loc.line < y->loc.line ? -1 : 1;
    return strcmp(x->name, y->name);
}

struct lines {
    unsigned *v, n, cap;
};

static void add_line(struct lines *l, unsigned line)
{
    if (l->n == l->cap)
        l->v = xrealloc(l->v, (l->cap = l->cap ? 2 * l->cap : 4) * sizeof *l->v);
    l->v[l->n++] = line;
}

static int by_number(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

/* "lines 12, 40": a line may have several calls, or one in several copies. */
static const char *say_lines(struct unit *u, struct lines *l)
{
    struct str o = {0};
    if (l->n)
        qsort(l->v, l->n, sizeof *l->v, by_number);
    for (unsigned i = 0; i < l->n; i++)
        if (!i || l->v[i] != l->v[i - 1])
            str_printf(&o, "%s %u", i ? "," : "", l->v[i]);
    const char *s =
        arena_printf(&u->arena, "%s%s", o.n && strchr(o.s, ',') ? "lines" : "line", o.n ? o.s : "");
    str_free(&o);
    return s;
}

static bool same_fact(const struct ir_fact *a, const struct ir_fact *b)
{
    return a->sym == b->sym && a->param == b->param && a->off == b->off && a->unit == b->unit &&
           a->size == b->size && a->kind == b->kind;
}

/* Appends what holds before calls of c and not before those of its original, each about an object once. */
static void say_given(const struct clone *c, struct str *o)
{
    static const char *const kinds[] = {"read", "written", "fresh"};
    const struct ir_summary *s = &c->f->sum, *root = &c->f->clone_of->sum;
    for (unsigned k = 0; k < s->ngiven; k++) {
        const struct ir_fact *q = &s->given[k];
        bool known = q->kind == IR_FACT_LOCAL || (!q->sym && (unsigned)q->param >= c->of->nparams);
        for (unsigned r = 0; r < root->ngiven; r++)
            known |= same_fact(&root->given[r], q);
        for (unsigned r = 0; r < s->ngiven; r++) /* a fresh object has all the other facts */
            known |= q->kind != IR_FACT_FRESH && s->given[r].kind == IR_FACT_FRESH && !q->sym &&
                     s->given[r].param == q->param;
        if (known)
            continue;
        const char *name = q->sym ? q->sym : c->of->params[q->param]->name;
        struct str one = {0};
        str_add(&one, name);
        if (q->off)
            str_printf(&one, " + %d", q->off);
        str_printf(&one, " %s", kinds[q->kind]);
        const char *at = o->n ? strstr(o->s, one.s) : NULL;
        if (!at || (at > o->s && at[-1] != ' '))
            str_printf(o, "%s%s", o->n ? ", " : "", one.s);
        str_free(&one);
    }
}

void explain_copies(struct explanation *e)
{
    struct unit *u = e->u;
    struct lines *calls = xrealloc(NULL, (u->nclones + 1) * sizeof *calls);
    struct map number = {0};
    e->copies = xrealloc(NULL, (u->nclones + 1) * sizeof *e->copies);
    memset(calls, 0, (u->nclones + 1) * sizeof *calls);
    for (unsigned k = 0; k < u->nclones; k++)
        map_put(&number, name_key(u->clones[k]->f->name), &calls[k]);
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next) {
                struct lines *l = i->op == IR_CALL && i->sym ? map_get(&number, name_key(i->sym)) : NULL;
                if (l)
                    add_line(l, i->loc.line);
            }
    for (unsigned k = 0; k < u->nclones; k++) {
        const struct clone *c = u->clones[k];
        struct str given = {0};
        say_given(c, &given);
        e->copies[e->ncopies++] =
            (struct copied){c->f->loc, c->f->name, c->f->clone_of->name, say_lines(u, &calls[k]),
                            given.n ? arena_strn(&u->arena, given.s, given.n) : ""};
        str_free(&given);
        free(calls[k].v);
    }
    free(calls);
    map_free(&number);
    if (e->ncopies)
        qsort(e->copies, e->ncopies, sizeof *e->copies, by_place);
}
