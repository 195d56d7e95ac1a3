/* hidden.c - names of types that mean something else inside a function.
 *
 *     struct node { ... };
 *     long f(struct node *p) { struct node { long y, x; } z; return p->x + z.x; }
 *
 * An access to p->x cannot be written with `struct node` there.  The tree has only what is used, so the text
 * is asked: which tags does it declare between a function's name and its end, which typedefs, which
 * enumerators? A few names too many do no harm: emission then says typeof of the expression instead. */
#include "parse/clang.h"
#include "source/tokens.h"

static void put(struct unit *u, struct map *m, const struct token *t)
{
    static const char *const keywords[] = {"char",   "short",    "int",    "long",   "float",
                                           "double", "void",     "_Bool",  "signed", "unsigned",
                                           "const",  "volatile", "struct", "union",  "enum"};
    for (unsigned i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (token_is(u->src.text, t, keywords[i]))
            return;
    map_put(m, hash_bytes(u->src.text + t->at, t->n) | 1, u);
}

/* t is `struct`, `union` or `enum`: its tag is declared here if a brace or a semicolon follows. */
static void tag(struct unit *u, struct token t, size_t end)
{
    const char *text = u->src.text;
    bool is_enum = token_is(text, &t, "enum");
    struct token name = {0};
    while (token_next(text, end, &t)) {
        if (token_is_punct(u->src.text, &t, '(') ||
            token_is_punct(u->src.text, &t, '[')) { /* of attributes */
            t.at = token_group_end(text, end, &t);
            t.n = 0;
        } else if (t.kind != TOK_NAME) {
            break;
        } else if (!token_is(text, &t, "attribute")) {
            if (name.n)
                return; /* t is a declarator */
            name = t;
        }
    }
    if (name.n && (token_is_punct(u->src.text, &t, '{') || token_is_punct(u->src.text, &t, ';') ||
                   token_is_punct(u->src.text, &t, ':')))
        put(u, &u->local_tags, &name);
    if (is_enum && token_is_punct(u->src.text, &t, '{')) {
        size_t close = token_group_end(text, end, &t);
        while (token_next(text, close, &t))
            if (t.kind == TOK_NAME)
                put(u, &u->local_names, &t);
    }
}

/* All that a typedef might name. */
static void names_up_to_semicolon(struct unit *u, struct token t, size_t end)
{
    int depth = 0;
    while (token_next(u->src.text, end, &t) && !(depth == 0 && token_is_punct(u->src.text, &t, ';'))) {
        if (t.kind == TOK_NAME)
            put(u, &u->local_names, &t);
        depth += token_is_punct(u->src.text, &t, '{') || token_is_punct(u->src.text, &t, '(');
        depth -= token_is_punct(u->src.text, &t, '}') || token_is_punct(u->src.text, &t, ')');
    }
}

void hidden_names(struct unit *u)
{
    const char *text = u->src.text;
    for (unsigned i = 0; i < u->nfuncs; i++) {
        const struct decl *d = u->funcs[i];
        struct token t = {.at = d->name_off};
        while (token_next(text, d->body->end, &t)) {
            if (t.directive)
                continue;
            if (token_is(text, &t, "struct") || token_is(text, &t, "union") || token_is(text, &t, "enum"))
                tag(u, t, d->body->end);
            else if (token_is(text, &t, "typedef"))
                names_up_to_semicolon(u, t, d->body->end);
        }
    }
}
