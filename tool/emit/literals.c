/* literals.c - compound literals of file scope become variables.
 *
 * Such a literal is an object with static storage and no name (C17 6.5.2.5p5), to which code writes through
 * pointers.  It must be in transactional storage, as a variable would whose address is taken, and for that
 * it gets a name:
 *
 *     static struct table *t = &(struct table){.slots = (struct node *[4]){0}};
 *
 *     static __typeof__(struct node *[4]) stm_l0 = {0};      (each with its section, and registered)
 *     static __typeof__(struct table) stm_l1 = {.slots = stm_l0};
 *     static struct table *t = &stm_l1;
 *
 * Those of const types stay, what an STM_RAW pointer leads to, and what is copied as a value and no more. */
#include "emit/literals.h"

#include <string.h>

#include "analysis/globals.h"
#include "ast/query.h"
#include "emit/expr.h"
#include "emit/text.h"
#include "source/diag.h"

/* Is the literal n, in d's initialiser, more than a value?  (One that initialises an array is a value.) */
static bool is_addressed(const struct decl *d, const struct node *n)
{
    const struct node *p = n->parent;
    for (; p && (p->kind == N_PAREN || p->kind == N_UNARY || (p->kind == N_MEMBER && !p->arrow));
         p = p->parent)
        n = p;
    return p ? p->kind == N_ADDROF || n->type->kind == T_ARRAY : d->type->kind == T_POINTER;
}

static bool is_kept_raw(const struct node *n)
{
    while (n && !n->kept_in)
        n = n->parent;
    return n;
}

static bool moves(const struct decl *d, const struct node *n)
{
    const struct decl as = {.kind = D_VAR, .type = n->type, .storage = ST_STATIC};
    return n->kind == N_COMPOUND_LITERAL && n->type && !n->in_macro && !d->raw && !is_kept_raw(n) &&
           !stays_as_it_is(&as) && is_addressed(d, n);
}

static bool needed_in(const struct decl *d, const struct node *n)
{
    if (!n || n->kind == N_UNEVALUATED)
        return false;
    bool needed = moves(d, n);
    for (unsigned i = 0; i < n->nkids && !needed; i++)
        needed = needed_in(d, n->kids[i]);
    return needed;
}

bool literals_needed(const struct decl *d)
{
    return needed_in(d, d->init);
}

/* Is the type of n, which must be complete, defined in the declaration d itself? */
static bool comes_too_early(const struct emitter *e, const struct decl *d, const struct node *n)
{
    const struct type *t = n->type;
    while (t->kind == T_ARRAY)
        t = t->elem;
    if (t->kind != T_RECORD || !t->tag)
        return false;
    size_t len = strlen(t->tag);
    for (const char *s = emit_src(e, d->begin), *end = emit_src(e, d->name_off); s < end; s++) {
        const char *behind = s + len + strspn(s + len, " \t\n");
        if (!strncmp(s, t->tag, len) && behind < end && *behind == '{')
            return true;
    }
    return false;
}

static void one_line(struct emitter *e, struct str *s)
{
    emit_flatten(e, s);
    for (char *p = s->s; p && (p = strchr(p, '\n'));)
        *p = ' ';
}

static void define(struct emitter *e, const struct decl *d, struct node *n, struct str *o)
{
    struct str type = {0}, value = {0};
    struct node *list = n->kids[n->nkids - 1];
    size_t end = list->begin;
    if (comes_too_early(e, d, n))
        diag(&e->u->src, n->begin, DIAG_ERROR, "define the type in a declaration of its own before",
             "compound literal of a type that the same declaration defines");
    while (end > n->begin && *emit_src(e, end) != ')')
        end--;
    str_addn(&type, emit_src(e, n->begin + 1), end - n->begin - 1);
    emit_ex(e, list, &value);
    one_line(e, &type);
    one_line(e, &value);
    struct decl *v = arena_alloc(&e->u->arena, sizeof *v);
    *v = (struct decl){.kind = D_VAR, .type = n->type, .storage = ST_STATIC, .transactional = true};
    v->name = arena_printf(&e->u->arena, "stm_l%s%u", e->u->own, e->nstatics);
    str_printf(o, "static __typeof__(%s) %s ", type.s, v->name);
    emit_section(v, o);
    str_printf(o, " = %s;", value.s);
    emit_registration(e, v, o);
    str_add(o, " ");
    emit_push_subst(e, n, v->name);
    str_free(&type);
    str_free(&value);
}

static void define_in(struct emitter *e, const struct decl *d, struct node *n, struct str *o)
{
    if (n->kind == N_UNEVALUATED)
        return;
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i])
            define_in(e, d, n->kids[i], o);
    if (moves(d, n))
        define(e, d, n, o);
}

void literals_define(struct emitter *e, const struct decl *d, struct str *o)
{
    define_in(e, d, d->init, o);
}
