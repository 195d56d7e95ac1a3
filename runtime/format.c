/* format.c - printf's formats with a va_list that may hold references.
 *
 * What a va_list holds is known only when it is read, so the format is followed here: each conversion's
 * arguments are taken from the list, strings' addresses resolved, and snprintf converts the values, one
 * conversion at a time.  Formats with numbered arguments (POSIX: `%2$s`) are gone through twice, since the
 * arguments can be taken in their order only: first for the type of each.
 *
 * One format has either kind.  Both in one, an argument of two types or beyond the 64th, or a conversion that
 * is not known: an error, and nothing is printed.  As in C11 7.21.6.1 and POSIX.1-2017, fprintf; with what
 * glibc adds: %m, %C, %S, the flags I and ', the lengths q and Z's z. */
#include "runtime.h"

#include <errno.h>
#include <stdarg.h>

enum kind { NONE, INT, LONG, DOUBLE, LONG_DOUBLE, STRING, POINTER, COUNT };
struct value {
    enum kind kind;
    union {
        int i;
        long l;
        double d;
        long double ld;
        void *p;
    };
};

enum { STARS = 2, NUMBERED = 64 }; /* POSIX: NL_ARGMAX is at least 9 */
/* A conversion: text without the numbers of its arguments, which are 0 where it has none. */
struct conversion {
    char text[64];
    enum kind kind;
    int size; /* the number of l's, minus that of h's, or one of j z t L q */
    int at, stars, star_at[STARS];
};
struct arguments {
    va_list list;
    bool numbered;
    int n;
    struct value v[NUMBERED + 1];
};

static void put(struct stmi_text *x, const char *from, size_t n)
{
    while (x->n + n + 1 > x->cap)
        x->at = stmi_grow(x->at, &x->cap, 1);
    memcpy(x->at + x->n, from, n);
    x->n += n;
    x->at[x->n] = 0;
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#define ONE(T, name)                                                                                         \
    static bool name(struct stmi_text *x, const char *spec, const int *star, int stars, T value)             \
    {                                                                                                        \
        for (;;) {                                                                                           \
            size_t left = x->cap - x->n;                                                                     \
            char *to = x->at + x->n;                                                                         \
            int k = stars == 2   ? snprintf(to, left, spec, star[0], star[1], value)                         \
                    : stars == 1 ? snprintf(to, left, spec, star[0], value)                                  \
                                 : snprintf(to, left, spec, value);                                          \
            if (k < 0)                                                                                       \
                return false;                                                                                \
            if ((size_t)k < left)                                                                            \
                return x->n += (size_t)k, true;                                                              \
            while (x->cap <= x->n + (size_t)k)                                                               \
                x->at = stmi_grow(x->at, &x->cap, 1);                                                        \
        }                                                                                                    \
    }
ONE(int, one_int)
ONE(long, one_long)
ONE(double, one_double)
ONE(long double, one_long_double)
ONE(const void *, one_pointer)

static bool kind_of(struct conversion *c, char last)
{
    if (strchr("dioubBxX", last))
        c->kind = c->size > 0 ? LONG : INT;
    else if (strchr("cC", last))
        c->kind = INT;
    else if (strchr("eEfFgGaA", last))
        c->kind = c->size == 'L' ? LONG_DOUBLE : DOUBLE;
    else if (strchr("sS", last))
        c->kind = STRING;
    else if (last == 'p' || last == 'n')
        c->kind = last == 'p' ? POINTER : COUNT;
    else
        c->kind = NONE;
    return c->kind || last == 'm' || last == '%';
}

/* The number of an argument at f, `12$`, and -1 for `0$`: returns what is behind it, or f. */
static const char *number(const char *f, int *at)
{
    size_t n = strspn(f, "0123456789");
    if (!n || n > 4 || f[n] != '$')
        return f;
    *at = atoi(f) ? atoi(f) : -1;
    return f + n + 1;
}

/* f: a conversion, after its %.  Its end, or null if it is none that is known. */
static const char *read_conversion(const char *f, struct conversion *c)
{
    *c = (struct conversion){.text = "%"};
    f = number(f, &c->at);
    for (size_t n = 1; *f && n < sizeof c->text - 1;) {
        char x = c->text[n++] = *f++;
        if (x == '*' && c->stars < STARS) {
            f = number(f, &c->star_at[c->stars]);
            c->stars++;
        } else if (x == 'l') {
            c->size++;
        } else if (x == 'h') {
            c->size--;
        } else if (strchr("jztLqZ", x)) {
            c->size = (unsigned char)x;
        } else if (!strchr("-+ #0123456789.'I", x)) {
            return kind_of(c, x) ? f : NULL;
        }
    }
    return NULL;
}

static void take(struct arguments *a, struct value *v)
{
    switch (v->kind) {
    case INT:
        v->i = va_arg(a->list, int);
        break;
    case LONG:
        v->l = va_arg(a->list, long);
        break;
    case DOUBLE:
        v->d = va_arg(a->list, double);
        break;
    case LONG_DOUBLE:
        v->ld = va_arg(a->list, long double);
        break;
    case STRING:
    case POINTER:
    case COUNT:
        v->p = va_arg(a->list, void *);
        break;
    case NONE:
        break;
    }
}

static bool note(struct arguments *a, int at, enum kind kind)
{
    if (at < 1 || at > NUMBERED)
        return false;
    enum kind *was = &a->v[at].kind;
    bool pointers = kind >= STRING && *was >= STRING;
    if (*was && *was != kind && !pointers)
        return false;
    *was = kind;
    if (at > a->n)
        a->n = at;
    return true;
}

/* Takes all arguments, which f numbers. */
static bool take_numbered(struct arguments *a, const char *f)
{
    struct conversion c;
    a->n = 0;
    memset(a->v, 0, sizeof a->v);
    for (f = strchr(f, '%'); f; f = strchr(f, '%')) {
        f = read_conversion(f + 1, &c);
        bool right = f;
        for (int i = 0; right && i < c.stars; i++)
            right = note(a, c.star_at[i], INT);
        if (right && c.kind)
            right = note(a, c.at, c.kind);
        if (!right)
            return false;
    }
    for (int i = 1; i <= a->n; i++) {
        if (!a->v[i].kind)
            a->v[i].kind = INT; /* as glibc does; POSIX leaves it open */
        take(a, &a->v[i]);
    }
    return true;
}

/* The argument with that number, or the next one: one must not be where the other is. */
static bool argument(struct arguments *a, int at, enum kind kind, struct value *v)
{
    if (a->numbered ? !at : at != 0)
        return false;
    if (at)
        *v = a->v[at];
    v->kind = kind;
    if (!at)
        take(a, v);
    return true;
}

static bool convert(struct stmi_text *x, const struct conversion *c, struct arguments *a)
{
    int star[STARS] = {0};
    struct value v = {.kind = NONE};
    for (int i = 0; i < c->stars; i++) {
        if (!argument(a, c->star_at[i], INT, &v))
            return false;
        star[i] = v.i;
    }
    if (c->kind && !argument(a, c->at, c->kind, &v))
        return false;
    switch (c->kind) {
    case LONG:
        return one_long(x, c->text, star, c->stars, v.l);
    case DOUBLE:
        return one_double(x, c->text, star, c->stars, v.d);
    case LONG_DOUBLE:
        return one_long_double(x, c->text, star, c->stars, v.ld);
    case STRING:
        return one_pointer(x, c->text, star, c->stars, stm_x_rd(v.p));
    case POINTER:
        return one_pointer(x, c->text, star, c->stars, v.p);
    case COUNT: { /* little-endian */
        size_t n = c->size == -2 ? 1 : c->size == -1 ? 2 : c->size > 0 ? 8 : 4;
        memcpy(stm_any_wr_range(v.p, n), &x->n, n);
        return true;
    }
    case INT:
    case NONE:
        break;
    }
    return one_int(x, c->text, star, c->stars, c->kind ? v.i : 0);
}

/* Is the first conversion with an argument one of a numbered one? */
static bool is_numbered(const char *f)
{
    struct conversion c;
    for (f = strchr(f, '%'); f && (f = read_conversion(f + 1, &c)); f = strchr(f, '%'))
        if (c.kind)
            return c.at != 0;
    return false;
}

bool stmi_format(struct stmi_text *x, const char *f, va_list ap)
{
    struct arguments a; /* large: the values are set if there are any to be kept */
    struct conversion c;
    a.numbered = is_numbered(f);
    va_copy(a.list, ap);
    put(x, "", 0);
    bool right = !a.numbered || take_numbered(&a, f);
    while (right && *f) {
        size_t plain = strcspn(f, "%");
        put(x, f, plain);
        f += plain;
        if (!*f)
            break;
        f = read_conversion(f + 1, &c);
        right = f && convert(x, &c, &a);
    }
    va_end(a.list);
    if (!right)
        errno = EINVAL;
    return right;
}
