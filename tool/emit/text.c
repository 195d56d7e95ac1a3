/* text.c - what the text is put together from: the source's text, temporaries that stand for nodes, names of
 * types. */
#include "emit/text.h"

#include <stdio.h>
#include <string.h>

const char *emit_src(const struct emitter *e, size_t off)
{
    return e->u->src.text + off;
}

const struct subst *emit_subst_of(const struct emitter *e, const struct node *n)
{
    for (unsigned i = e->nsubs; i-- > 0;)
        if (e->subs[i].node == n)
            return &e->subs[i];
    return NULL;
}

void emit_push_subst(struct emitter *e, const struct node *n, const char *name)
{
    if (e->nsubs == e->capsubs)
        e->subs = xrealloc(e->subs, (e->capsubs = e->capsubs * 2 + 8) * sizeof *e->subs);
    e->subs[e->nsubs].node = n;
    snprintf(e->subs[e->nsubs].name, sizeof e->subs->name, "%s", name);
    e->nsubs++;
}

/* Text that goes inside a macro's parentheses: no preprocessor lines. */
void emit_flatten(struct emitter *e, struct str *s)
{
    if (!s->s || !strstr(s->s, "\n#"))
        return;
    struct str out = {0};
    for (char *p = s->s; *p;) {
        size_t n = strcspn(p, "\n");
        if (*p == '#' && (p == s->s || p[-1] == '\n'))
            e->resync = true;
        else
            str_addn(&out, p, n + (p[n] == '\n'));
        p += n + (p[n] == '\n');
    }
    str_free(s);
    *s = out;
}

/* A comma outside parentheses would end a macro's argument: a[i, j], (T){1, 2}. */
bool emit_has_bare_comma(const char *s)
{
    int depth = 0;
    for (; *s; s++) {
        if (*s == '"' || *s == '\'') {
            char quote = *s;
            for (s++; *s && *s != quote; s++)
                if (*s == '\\' && s[1])
                    s++;
            if (!*s)
                return false;
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')') {
            depth--;
        } else if (*s == ',' && depth == 0) {
            return true;
        }
    }
    return false;
}

/* Is n, perhaps behind labels, the last of a statement expression, and so its value? */
static bool is_value(const struct node *n)
{
    const struct node *p = n->parent;
    return p->kind == N_LABEL ? is_value(p)
                              : p->kind == N_BLOCK && p->parent && p->parent->kind == N_STMT_EXPR &&
                                    p->kids[p->nkids - 1] == n;
}

bool emit_is_statement(const struct node *n)
{
    const struct node *p = n->parent;
    switch (p->kind) {
    case N_BLOCK:
        return !is_value(n);
    case N_CASE:
    case N_DEFAULT:
        return p->kids[p->nkids - 1] == n;
    case N_LABEL:
        return !is_value(p);
    case N_IF:
        return p->kids[0] != n;
    case N_WHILE:
        return p->kids[1] == n;
    case N_DO:
        return p->kids[0] == n;
    case N_FOR:
        return p->kids[1] != n;
    case N_COMMA:
        return p->kids[0] == n || emit_is_statement(p);
    case N_PAREN:
        return emit_is_statement(p);
    case N_CAST:
        return p->type->kind == T_VOID;
    default:
        return false;
    }
}

/* Could a declaration in a block hide one of the spelling's names? */
static bool may_be_hidden(const struct emitter *e, const char *spelling)
{
    while (*(spelling += strcspn(spelling, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))) {
        size_t n = strspn(spelling, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        bool tag = (n == 6 && !strncmp(spelling, "struct", n)) ||
                   (n == 5 && !strncmp(spelling, "union", n)) || (n == 4 && !strncmp(spelling, "enum", n));
        if (map_get(&e->u->local_names, hash_bytes(spelling, n) | 1))
            return true;
        spelling += n;
        if (tag) { /* tags have names of their own */
            spelling += strspn(spelling, " ");
            n = strspn(spelling, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
            if (map_get(&e->u->local_tags, hash_bytes(spelling, n) | 1))
                return true;
            spelling += strspn(spelling, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        }
    }
    return false;
}

static bool usable(const struct emitter *e, const char *spelling, const struct type *t)
{
    return spelling && *spelling && !t->unnamed && !strstr(spelling, "(unnamed") &&
           !strstr(spelling, "(anonymous") && !strstr(spelling, "typeof") && !may_be_hidden(e, spelling);
}

/* A name for n's type: as written where it has one, else by typeof of the untranslated text, which is not
 * evaluated. */
void emit_type_name(struct emitter *e, const struct node *n, struct str *o)
{
    const struct node *p = n->kind == N_DEREF ? n->kids[0] : NULL;
    if (p && p->begin == n->begin && p->end == n->end) { /* it stands nowhere in the text */
        emit_pointee_name(e, p, o);
        return;
    }
    if (!usable(e, n->type_spelling, n->type)) {
        struct str s = {0};
        str_addn(&s, emit_src(e, n->begin), n->end - n->begin);
        emit_flatten(e, &s);
        str_printf(o, "__typeof__(%s)", s.s);
        str_free(&s);
    } else if (strpbrk(n->type_spelling, "([")) {
        str_printf(o, "__typeof__(%s)", n->type_spelling);
    } else {
        str_add(o, n->type_spelling);
    }
}

/* The type that the pointer expression n points to. */
void emit_pointee_name(struct emitter *e, const struct node *n, struct str *o)
{
    if (usable(e, n->type->elem->spelling, n->type->elem)) {
        str_add(o, n->type->elem->spelling);
    } else {
        struct str s = {0};
        str_addn(&s, emit_src(e, n->begin), n->end - n->begin);
        emit_flatten(e, &s);
        str_printf(o, "__typeof__(*(%s))", s.s);
        str_free(&s);
    }
}

size_t emit_block_start(const char *block)
{
    size_t at = 1;
    for (;;) {
        size_t next = at + strspn(block + at, " \t\n");
        while (block[next] == '#' && block[next - 1] == '\n') {
            next += strcspn(block + next, "\n");
            next += strspn(block + next, " \t\n");
        }
        if (strncmp(block + next, "__label__", 9) != 0)
            return at;
        at = next + strcspn(block + next, ";");
        at += block[at] == ';';
    }
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
