/* inner.c - types that an expression defines.
 *
 *     ((struct pair { long x, y; } *)p)->x + sizeof(struct pair)
 *
 * Such a tag, and such enumerators, are known from there to the end of the block.  Where the translation puts
 * a block around the expression, they would end with it, and what follows would mean another one, or nothing.
 * So in how many blocks each of them lies is compared with the text that was made. */
#include "emit/inner.h"

#include <stdlib.h>

#include "source/diag.h"
#include "source/tokens.h"

struct inner {
    size_t at;
    unsigned blocks; /* around it */
};
struct inners {
    struct inner *v;
    unsigned n, cap;
};

/* t is `struct`, `union` or `enum`: does it define a tag, or enumerators? */
static bool defines(const char *text, size_t end, struct token t)
{
    bool named = token_is(text, &t, "enum");
    while (token_next(text, end, &t)) {
        if (token_is_punct(text, &t, '(') || token_is_punct(text, &t, '[')) { /* of attributes */
            t.at = token_group_end(text, end, &t);
            t.n = 0;
        } else if (t.kind != TOK_NAME) {
            return named && token_is_punct(text, &t, '{');
        } else {
            named |= !token_is(text, &t, "attribute");
        }
    }
    return false;
}

/* Those in text[from, end), in their order.  A `for` may declare something in its parentheses. */
static struct inners find(const char *text, size_t from, size_t end)
{
    struct inners found = {0};
    struct str open = {0}; /* brackets: `f`, that of a `for` */
    struct token t = {.at = from};
    unsigned blocks = 0;
    for (bool is_for = false; token_next(text, end, &t); is_for = token_is(text, &t, "for")) {
        bool brace = token_is_punct(text, &t, '{');
        if (brace || token_is_punct(text, &t, '(')) {
            str_add(&open, brace ? "{" : is_for ? "f" : "(");
            blocks += brace;
        } else if ((token_is_punct(text, &t, '}') || token_is_punct(text, &t, ')')) && open.n) {
            blocks -= open.s[--open.n] == '{';
        }
        bool type = token_is(text, &t, "struct") || token_is(text, &t, "union") || token_is(text, &t, "enum");
        if (!type || t.directive || !open.n || open.s[open.n - 1] != '(' || !defines(text, end, t))
            continue;
        if (found.n == found.cap)
            found.v = xrealloc(found.v, (found.cap = 2 * found.cap + 4) * sizeof *found.v);
        found.v[found.n++] = (struct inner){t.at, blocks};
    }
    str_free(&open);
    return found;
}

void emit_check_inner_types(const struct emitter *e, const struct node *n, const struct str *out)
{
    struct inners before = find(e->u->src.text, n->begin, n->end), after = {0};
    if (before.n)
        after = find(out->s, 0, out->n);
    for (unsigned k = 0; k < before.n; k++)
        if (before.n != after.n || before.v[k].blocks != after.v[k].blocks)
            diag(&e->u->src, before.v[k].at, DIAG_UNSUPPORTED, "define it before the statement",
                 "a type with a name that an expression defines");
    free(before.v);
    free(after.v);
}
