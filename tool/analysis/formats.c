/* formats.c - what printf does with the arguments behind its format.
 *
 * A format that is a literal says it: %s reads a string, %n stores a number, %p takes the pointer as it is.
 * Of any other, and of one with numbered arguments, the types of the arguments must do: what could be for %s
 * or %n counts as that. */
#include "analysis/formats.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "base/util.h"

/* The value of the escape sequence at *s, behind its backslash; *s goes behind it. */
static char escape(const char **s)
{
    static const char simple[] = "a\ab\bf\fn\nr\rt\tv\v";
    unsigned v = 0;
    const char *at = *s, *p;
    if (*at == 'x') {
        for (at++; *at && strchr("0123456789abcdefABCDEF", *at); at++)
            v = v * 16 + (unsigned)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    } else if (*at >= '0' && *at <= '7') {
        for (unsigned i = 0; i < 3 && *at >= '0' && *at <= '7'; i++)
            v = v * 8 + (unsigned)(*at++ - '0');
    } else {
        for (p = simple; *p && *p != *at; p += 2)
            ;
        v = (unsigned char)(*p ? p[1] : *at);
        at++;
    }
    *s = at;
    return (char)v;
}

/* The text of the string literal n, of its parts together.  False: some of it is not there to be read. */
static bool literal(const struct source *src, const struct node *n, struct str *out)
{
    const char *s = src->text + n->begin, *end = src->text + n->end;
    while (s < end) {
        if (*s == '#') /* a line of the preprocessor */
            s += strcspn(s, "\n");
        size_t word = strspn(s, "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        s += word;
        if (word && *s != '"') /* a macro */
            return false;
        if (*s++ != '"')
            continue;
        while (s < end && *s != '"') {
            char c = *s++;
            if (c == '\\')
                c = escape(&s);
            str_addn(out, &c, 1);
        }
        s++;
    }
    str_add(out, "");
    return true;
}

/* What the conversion that takes argument k does with it: 's', 'n' or another; 0: none does; '?': arguments
 * are numbered. */
static char conversion(const char *f, unsigned k)
{
    unsigned next = 0;
    for (; (f = strchr(f, '%')); f++) {
        size_t n = 1;
        for (; f[n] && strchr("-+ #0123456789.'IhlLqjzt*$", f[n]); n++) {
            if (f[n] == '$')
                return '?';
            if (f[n] == '*' && next++ == k)
                return '*';
        }
        f += n;
        if (!*f)
            break;
        if (*f != '%' && *f != 'm' && next++ == k)
            return *f;
    }
    return 0;
}

/* %s takes char, and what is as good; signed char is for %hhn. */
static bool is_text(const struct type *t)
{
    bool is_signed = strstr(t->spelling, "signed char") && !strstr(t->spelling, "unsigned char");
    return t->kind == T_SCALAR && t->size == 1 && !is_signed;
}

bool may_be_counted(const struct type *t)
{
    return t->is_integer && !t->is_const && !is_text(t);
}

static char by_type(const struct node *a)
{
    const struct type *t = a->type->elem;
    if (is_text(t) || strstr(a->type_spelling, "wchar_t"))
        return 'r';
    return may_be_counted(t) ? 'w' : '-';
}

char format_argument(const struct source *src, const struct node *format, unsigned k, const struct node *a)
{
    format = without_pointer_casts(format);
    if (format->kind == N_COND) {
        char yes = format_argument(src, format->kids[1], k, a),
             no = format_argument(src, format->kids[2], k, a);
        return (char)(yes == 'w' || no == 'w' ? 'w' : yes == 'r' ? yes : no);
    }
    if (format->kind != N_STRING)
        return by_type(a);
    struct str text = {0};
    char c = (char)(literal(src, format, &text) ? conversion(text.s, k) : '?');
    str_free(&text);
    if (c == '?')
        return by_type(a);
    return (char)(c == 's' || c == 'S' ? 'r' : c == 'n' ? 'w' : '-');
}
