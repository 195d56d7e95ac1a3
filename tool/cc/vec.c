/* vec.c - strings and argument vectors. */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every block is on one list, so that leak checkers see what we mean by "until exit". */
struct block {
    struct block *next;
    _Alignas(16) char bytes[];
};
static struct block *blocks;

void *host_alloc(size_t n)
{
    struct block *b = calloc(1, sizeof *b + n);
    if (!b) {
        fputs("ungil: error: out of memory\n", stderr);
        exit(2);
    }
    b->next = blocks;
    blocks = b;
    return b->bytes;
}

char *host_strndup(const char *s, size_t n)
{
    char *r = host_alloc(n + 1);
    memcpy(r, s, n);
    return r;
}

static char *vprint(const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *r = host_alloc((size_t)n + 1);
    vsnprintf(r, (size_t)n + 1, fmt, again);
    va_end(again);
    return r;
}

char *host_printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *r = vprint(fmt, ap);
    va_end(ap);
    return r;
}

bool host_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool host_starts_any(const char *s, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (host_starts(s, *prefixes))
            return true;
    return false;
}

bool host_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n >= k && memcmp(s + n - k, suffix, k) == 0;
}

const char *host_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *host_dirname(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return host_printf(".");
    return slash == path ? host_printf("/") : host_strndup(path, (size_t)(slash - path));
}

char *host_stem(const char *path)
{
    const char *base = host_basename(path), *dot = strrchr(base, '.');
    return host_strndup(base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

void host_vec_add(struct host_vec *vec, const char *s)
{
    if (vec->n + 1 >= vec->cap) {
        size_t cap = vec->cap ? 2 * vec->cap : 32;
        char **v = host_alloc(cap * sizeof *v);
        if (vec->n)
            memcpy(v, vec->v, vec->n * sizeof *v);
        vec->v = v;
        vec->cap = cap;
    }
    vec->v[vec->n++] = (char *)s;
    vec->v[vec->n] = NULL;
}

void host_vec_addf(struct host_vec *vec, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    host_vec_add(vec, vprint(fmt, ap));
    va_end(ap);
}

void host_vec_adds(struct host_vec *vec, const char *const *list)
{
    for (; *list; list++)
        host_vec_add(vec, *list);
}

void host_vec_cat(struct host_vec *vec, const struct host_vec *more)
{
    for (size_t i = 0; i < more->n; i++)
        host_vec_add(vec, more->v[i]);
}

void host_vec_words(struct host_vec *vec, const char *s)
{
    for (;;) {
        s += strspn(s, " \t\n");
        size_t n = strcspn(s, " \t\n");
        if (!n)
            return;
        host_vec_add(vec, host_strndup(s, n));
        s += n;
    }
}

void host_vec_print(const struct host_vec *argv)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:%@";
    for (size_t i = 0; i < argv->n; i++) {
        const char *s = argv->v[i];
        fputs(i ? " " : "", stderr);
        if (*s && strspn(s, plain) == strlen(s)) {
            fputs(s, stderr);
            continue;
        }
        fputc('\'', stderr);
        for (; *s; s++)
            fputs(*s == '\'' ? "'\\''" : (char[]){*s, 0}, stderr);
        fputc('\'', stderr);
    }
    fputc('\n', stderr);
}
