/* names.c - the names that emission adds to a program's text.
 *
 * Temporaries and the like are `stm_t0`, `stm_r1`, `stm_tx`.  Where the text has such a name, ours get
 * underscores behind the word, as many as it takes: `stm_t_0`, `stm_tx_`.  Names of functions, macros and
 * types of ungil_abi.h are the same for all files; a program that declares one of these is told so. */
#include "emit/names.h"

#include <ctype.h>
#include <string.h>

#include "source/diag.h"
#include "source/tokens.h"

static const char *const abi_names[] = {
#include "abi_names.inc"
};

/* Is it WORD, OWN, and behind that a number where `numbered`? */
static bool is_one(const char *s, size_t n, const char *word, const char *own, bool numbered)
{
    size_t w = strlen(word), o = strlen(own);
    if (n < w + o || strncmp(s, word, w) || strncmp(s + w, own, o))
        return false;
    s += w + o;
    n -= w + o;
    if (!numbered || !n)
        return !n;
    while (n && isdigit((unsigned char)*s))
        s++, n--;
    return !n;
}

static bool is_ours(const char *s, size_t n, const char *own)
{
    static const char *const numbered[] = {"stm_t",   "stm_r", "stm_h",       "stm_l",
                                           "stm_out", "stm_a", "stm_static_", "stm_type_"},
                             *const alone[] = {"stm_tx",   "stm_next",  "stm_last", "stm_rounds",
                                               "stm_tags", "stm_notes", "stm_value"};
    for (unsigned i = 0; i < sizeof numbered / sizeof *numbered; i++)
        if (is_one(s, n, numbered[i], own, true))
            return true;
    for (unsigned i = 0; i < sizeof alone / sizeof *alone; i++)
        if (is_one(s, n, alone[i], own, false))
            return true;
    return false;
}

static bool occurs(const struct unit *u, const char *own)
{
    struct token t = {0};
    while (token_next(u->src.text, u->src.n, &t))
        if (t.kind == TOK_NAME && t.n > 5 && !strncmp(u->src.text + t.at, "stm_", 4) &&
            is_ours(u->src.text + t.at, t.n, own))
            return true;
    return false;
}

void names_pick(struct unit *u)
{
    u->own = "";
    while (occurs(u, u->own))
        u->own = arena_printf(&u->arena, "%s_", u->own);
    for (unsigned i = 0; i < u->nreserved; i++) {
        const struct decl *d = u->reserved[i];
        const char *file = source_loc(&u->src, d->first).file, *base = strrchr(file, '/');
        if (!strcmp(base ? base + 1 : file, "ungil.h"))
            continue;
        for (unsigned k = 0; k < sizeof abi_names / sizeof *abi_names; k++)
            if (!strcmp(d->name, abi_names[k]))
                diag(&u->src, d->name_off, DIAG_ERROR, "give it another name",
                     "'%s' is a name that translated code uses", d->name);
    }
}
