/* copyable.c - which functions can be written twice, for the copies that passes/clone.c makes.
 *
 * Written twice can be what does not declare anything that lasts or that others see: no static variables, no
 * types in the header, no assembly, which may define symbols.  __func__ is a variable that lasts: where it is
 * only given to a call, as assert does, a copy says the original's name (emit/clones.c). */
#include "analysis/copyable.h"

#include <ctype.h>
#include <string.h>

#include "ast/query.h"

static bool is_repeatable(const struct unit *u, const struct node *n)
{
    if (!n)
        return true;
    if (!n->nkids && own_name_length(u->src.text + n->begin) && !argument_of(n))
        return false;
    if (n->in_macro || n->kind == N_ASM || n->kind == N_ADDR_LABEL || n->kind == N_IGOTO ||
        (n->kind == N_VAR && (n->decl->storage == ST_STATIC_LOCAL || n->decl->storage == ST_THREAD)))
        return false;
    for (unsigned i = 0; i < n->nkids; i++)
        if (!is_repeatable(u, n->kids[i]))
            return false;
    return true;
}

/* Does the text hold one of the words, between underscores or not? */
static bool has_word(const char *s, const char *end, const char *const *words)
{
    while (s < end) {
        size_t n = 0;
        while (s + n < end && (isalnum((unsigned char)s[n]) || s[n] == '_'))
            n++;
        const char *w = s;
        size_t k = n;
        for (; k && *w == '_'; w++, k--)
            ;
        for (; k && w[k - 1] == '_'; k--)
            ;
        for (unsigned i = 0; words[i]; i++)
            if (k && strlen(words[i]) == k && !strncmp(words[i], w, k))
                return true;
        s += n ? n : 1;
    }
    return false;
}

bool clone_possible(const struct unit *u, const struct decl *d)
{
    static const char *const never[] = {"constructor", "destructor", "weak", "alias",
                                        "ifunc",       "section",    NULL};
    static const char *const not_static[] = {"extern", "inline", "attribute", "Noreturn", "noreturn", NULL};
    static const char *const names[] = {"builtin_FUNCTION", NULL};
    const char *text = u->src.text;
    size_t name = strlen(d->name);
    if (d->begin >= d->name_off || d->name_off + name > d->body->begin ||
        strncmp(text + d->name_off, d->name, name) || !strcmp(d->name, "main"))
        return false;
    if (memchr(text + d->begin, '{', d->body->begin - d->begin) ||
        memchr(text + d->begin, ';', d->body->begin - d->begin) || text[d->body->begin] != '{')
        return false; /* `;`: an old-style head, which is no declaration */
    if (has_word(text + d->begin, text + d->body->begin, never) ||
        (d->storage != ST_STATIC && has_word(text + d->begin, text + d->body->begin, not_static)))
        return false;
    return !d->drop && !d->noreturn && !d->compiled_apart && is_repeatable(u, d->body) &&
           !has_word(text + d->body->begin, text + d->body->end, names);
}

const char *clone_suffix(struct unit *u)
{
    const char *suffix = "__stm";
    while (strstr(u->src.text, suffix))
        suffix = arena_printf(&u->arena, "%sc", suffix);
    return suffix;
}
