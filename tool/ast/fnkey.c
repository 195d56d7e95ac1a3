/* fnkey.c - function types as text: the keys by which pointers to functions are told apart.
 *
 * A type's key is its text with everything taken out in which compatible types may differ: typedefs,
 * qualifiers, parameter names, signedness and enums (an integer is known by its size), what a pointer to a
 * function points to, structs without a name.  `()` without parameters fits all of its result type. */
#include "ast/fnkey.h"

#include <string.h>

static void add_words(struct str *s, const char *w)
{
    for (; *w; w++)
        str_addn(s, strchr(" ()*,{}", *w) ? "_" : w, 1);
}

const char *unqualified(const char *s)
{
    static const char *const words[] = {"const ", "volatile ", "struct ", "union "};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(s, words[i], strlen(words[i]))) {
            s += strlen(words[i]);
            i = (unsigned)-1;
        }
    return s;
}

void fnkey_type(struct str *s, const struct type *t, bool full)
{
    while (t->kind == T_POINTER || t->kind == T_ARRAY) {
        if (t->kind == T_POINTER)
            str_add(s, "p");
        t = t->elem;
    }
    if (t->kind == T_FUNC && full)
        fnkey_function(s, t, full);
    else if (t->kind == T_FUNC)
        str_add(s, "f");
    else if (t->kind == T_VOID)
        str_add(s, "v");
    else if (t->is_integer)
        str_printf(s, "i%ld", t->size > 0 ? t->size : (long)sizeof(int));
    else if (t->kind == T_RECORD)
        str_printf(s, "{%s}",
                   t->unnamed || strchr(unqualified(t->spelling), ' ') ? "" : unqualified(t->spelling));
    else
        add_words(s, unqualified(t->spelling));
}

void fnkey_function(struct str *s, const struct type *t, bool full)
{
    fnkey_type(s, t->elem, full);
    str_add(s, "(");
    for (unsigned i = 0; i < t->nparams; i++) {
        str_add(s, i ? "," : "");
        if (t->params[i]->kind == T_FUNC || t->params[i]->kind == T_ARRAY) /* adjusted */
            str_add(s, "p");
        fnkey_type(s, t->params[i], full);
    }
    str_add(s, !t->prototype ? ")" : t->variadic ? ",...)" : t->nparams ? ")" : "v)");
}

const struct type *function_of(const struct type *t)
{
    if (t && t->kind == T_POINTER)
        t = t->elem;
    return t && t->kind == T_FUNC ? t : NULL;
}

const char *fnflow_key(struct arena *a, const struct type *t)
{
    const struct type *f = function_of(t);
    if (!f)
        return NULL;
    struct str s = {0};
    fnkey_function(&s, f, false);
    const char *key = arena_strn(a, s.s, s.n);
    str_free(&s);
    return key;
}
