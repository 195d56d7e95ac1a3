/* attributes.c - attributes that tell a compiler what a call does not do.
 *
 * They are true of the user's function, and no longer of the translated one: it marks what it reads, logs
 * what it writes, may pass a safepoint, is given references where it had addresses.  A compiler that believes
 * `pure` deletes a call whose result is not used, and with it the barrier that its caller counts on; one that
 * believes `nonnull` drops a test that an STM_DROP has made true.  So they are taken out, wherever they
 * stand: in declarations, definitions, typedefs, types of pointers, in both syntaxes, in a pragma.  They are
 * hints: no program means something else without them.  doc/annotations.md has the table, with why each of
 * the others is harmless.
 *
 * `[static 10]` in a parameter says that so many elements can be read there, at the address as it is: a
 * reference has no memory there. */
#include "source/attributes.h"

#include <string.h>

#include "source/tokens.h"

static const char *const hints[] = {"pure",
                                    "const",
                                    "malloc",
                                    "nonnull",
                                    "returns_nonnull",
                                    "leaf",
                                    "nothrow",
                                    "alloc_size",
                                    "alloc_align",
                                    "assume_aligned",
                                    "access",
                                    "noescape",
                                    "reproducible",
                                    "unsequenced",
                                    "noalias",
                                    "restrict",
                                    "nonnull_if_nonzero",
                                    NULL};

/* What a copy of a function, which is called by its own name only, must not have of the original. */
static const char *const roles[] = {"used",   "retain",     "externally_visible", "constructor", "destructor",
                                    "weak",   "visibility", "dllexport",          "ifunc",       "alias",
                                    "symver", NULL};

static void blank(char *text, size_t from, size_t to)
{
    for (; from < to; from++)
        if (text[from] != '\n')
            text[from] = ' ';
}

static bool is_in(const char *const *names, const char *text, const struct token *t)
{
    for (; *names; names++)
        if (token_is(text, t, *names))
            return true;
    return false;
}

static bool opens_attributes(const char *text, const struct token *t)
{
    static const char *const words[] = {"__attribute__", "__attribute", "__declspec"};
    for (unsigned i = 0; t->kind == TOK_NAME && i < sizeof words / sizeof *words; i++)
        if (t->n == strlen(words[i]) && !memcmp(text + t->at, words[i], t->n))
            return true;
    return false;
}

/* The list of attributes from `at` up to `end`: those of these names become blank with their arguments, and
 * the vendor's name before them. */
static void blank_list(char *text, size_t at, size_t end, const char *const *names)
{
    struct token t = {.at = at}, next;
    size_t from = 0;
    bool vendor = false; /* t stands behind `gnu::`, which began at `from` */
    while (token_next(text, end, &t)) {
        if (t.kind != TOK_NAME)
            continue;
        size_t begin = vendor ? from : t.at, stop = t.at + t.n;
        next = t;
        bool more = token_next(text, end, &next);
        if (more && token_is_punct(text, &next, ':')) {
            token_next(text, end, &next);
            from = begin;
            vendor = true;
            t = next;
            continue;
        }
        vendor = false;
        bool group = more && token_is_punct(text, &next, '(');
        if (group)
            stop = token_group_end(text, end, &next);
        if (is_in(names, text, &t))
            blank(text, begin, stop);
        t.at = stop;
        t.n = 0;
    }
}

/* `[static n]`, `[const static n]`: t is the bracket. */
static void blank_static(char *text, size_t n, struct token t)
{
    static const char *const words[] = {"const", "volatile", "restrict", "_Atomic"};
    while (token_next(text, n, &t) && t.kind == TOK_NAME) {
        if (token_is(text, &t, "static")) {
            blank(text, t.at, t.at + t.n);
            return;
        }
        bool qualifier = t.n == 10 && !memcmp(text + t.at, "__restrict", 10);
        for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
            qualifier |= token_is(text, &t, words[i]);
        if (!qualifier)
            return;
    }
}

static void blank_named(char *text, size_t n, const char *const *names)
{
    struct token t = {0}, next;
    while (token_next(text, n, &t)) {
        next = t;
        if (opens_attributes(text, &t)) {
            if (token_next(text, n, &next) && token_is_punct(text, &next, '('))
                blank_list(text, next.at + 1, token_group_end(text, n, &next) - 1, names);
        } else if (token_is_punct(text, &t, '[') && token_next(text, n, &next)) {
            if (token_is_punct(text, &next, '['))
                blank_list(text, next.at + 1, token_group_end(text, n, &next) - 1, names);
            else if (names == hints)
                blank_static(text, n, t);
        }
    }
}

void attributes_blank(char *text, size_t n)
{
    blank_named(text, n, hints);
}

void attributes_blank_roles(char *text, size_t n)
{
    blank_named(text, n, roles);
}
