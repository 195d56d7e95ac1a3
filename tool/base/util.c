/* util.c - arena, growing strings, pointer arrays and a hash map: the little that the front end needs of
 * each.
 *
 * Everything that describes a translated file lives in one arena and dies with it. */
#include "base/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, cap;
};
enum { CHUNK = 1 << 18 };

void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ungil: internal error: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    abort();
}

void *xrealloc(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p) {
        fputs("ungil: error: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    struct arena_chunk *c = a->chunk;
    if (!c || c->used + n > c->cap) {
        size_t cap = n > CHUNK ? n : CHUNK;
        c = xrealloc(NULL, sizeof *c + 16 + cap);
        c->next = a->chunk;
        c->used = 0;
        c->cap = cap;
        a->chunk = c;
    }
    char *p = (char *)(c + 1);
    p += -(uintptr_t)p & 15;
    p += c->used;
    c->used += n;
    return memset(p, 0, n);
}

char *arena_strn(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    memcpy(p, s, n);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void arena_free(struct arena *a)
{
    while (a->chunk) {
        struct arena_chunk *next = a->chunk->next;
        free(a->chunk);
        a->chunk = next;
    }
}

void str_addn(struct str *b, const char *s, size_t n)
{
    if (b->n + n + 1 > b->cap) {
        b->cap = (b->cap + n + 1) * 2;
        b->s = xrealloc(b->s, b->cap);
    }
    memcpy(b->s + b->n, s, n);
    b->n += n;
    b->s[b->n] = 0;
}

void str_add(struct str *b, const char *s)
{
    str_addn(b, s, strlen(s));
}

void str_printf(struct str *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = xrealloc(NULL, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    str_addn(b, p, (size_t)n);
    free(p);
}

void str_free(struct str *b)
{
    free(b->s);
    *b = (struct str){0};
}

void ptr_push(void *v, unsigned *n, unsigned *cap, void *p)
{
    void ***array = v;
    if (*n == *cap)
        *array = xrealloc(*array, (*cap = *cap * 2 + 8) * sizeof(void *));
    (*array)[(*n)++] = p;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void names_sort(struct names *s)
{
    unsigned n = 0;
    if (s->n)
        qsort(s->v, s->n, sizeof *s->v, compare_names);
    for (unsigned i = 0; i < s->n; i++)
        if (!i || strcmp(s->v[i], s->v[n - 1]))
            s->v[n++] = s->v[i];
    s->n = n;
}

bool names_has(const struct names *s, const char *name)
{
    return s->n && bsearch(&name, s->v, s->n, sizeof *s->v, compare_names);
}

uint64_t hash_bytes(const void *p, size_t n)
{
    /* FNV-1a */
    uint64_t h = 0xcbf29ce484222325u;
    for (const unsigned char *s = p; n--; s++)
        h = (h ^ *s) * 0x100000001b3u;
    return h;
}

static size_t slot(const struct map *m, uint64_t key)
{
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (m->cap - 1);
    while (m->vals[i] && m->keys[i] != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

void *map_get(const struct map *m, uint64_t key)
{
    return m->cap ? m->vals[slot(m, key)] : NULL;
}

void map_put(struct map *m, uint64_t key, void *val)
{
    if (m->n * 2 >= m->cap) {
        struct map old = *m;
        m->cap = old.cap ? old.cap * 2 : 64;
        m->keys = xrealloc(NULL, m->cap * sizeof *m->keys);
        m->vals = xrealloc(NULL, m->cap * sizeof *m->vals);
        memset(m->vals, 0, m->cap * sizeof *m->vals);
        for (size_t i = 0; i < old.cap; i++)
            if (old.vals[i]) {
                size_t j = slot(m, old.keys[i]);
                m->keys[j] = old.keys[i];
                m->vals[j] = old.vals[i];
            }
        free(old.keys);
        free(old.vals);
    }
    size_t i = slot(m, key);
    if (!m->vals[i])
        m->n++;
    m->keys[i] = key;
    m->vals[i] = val;
}

void map_free(struct map *m)
{
    free(m->keys);
    free(m->vals);
    *m = (struct map){0};
}
