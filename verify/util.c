/* util.c - memory, messages, a hash map. */
#include "verify.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ungil-verify: error: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(2);
}

void *xrealloc(void *p, size_t n)
{
    p = realloc(p, n);
    if (!p)
        die("out of memory");
    return p;
}

uint64_t hash_mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15ul;
    return h ^ h >> 29;
}

static size_t slot_of(const struct map *m, uint64_t key)
{
    size_t k = hash_mix(0, key) & (m->cap - 1);
    while (m->keys[k] && m->keys[k] != key)
        k = (k + 1) & (m->cap - 1);
    return k;
}

uint64_t *map_at(struct map *m, uint64_t key)
{
    if (2 * m->n >= m->cap) {
        struct map old = *m;
        m->cap = old.cap ? 2 * old.cap : 64;
        m->keys = memset(xrealloc(NULL, m->cap * sizeof *m->keys), 0, m->cap * sizeof *m->keys);
        m->values = memset(xrealloc(NULL, m->cap * sizeof *m->values), 0, m->cap * sizeof *m->values);
        for (size_t k = 0; k < old.cap; k++)
            if (old.keys[k]) {
                size_t s = slot_of(m, old.keys[k]);
                m->keys[s] = old.keys[k];
                m->values[s] = old.values[k];
            }
        map_free(&old);
    }
    size_t k = slot_of(m, key);
    if (!m->keys[k]) {
        m->keys[k] = key;
        m->n++;
    }
    return &m->values[k];
}

uint64_t map_get(const struct map *m, uint64_t key)
{
    return m->cap ? m->values[slot_of(m, key)] : 0;
}

void map_free(struct map *m)
{
    free(m->keys);
    free(m->values);
    *m = (struct map){0};
}

const char *intern(const char *s)
{
    static struct map strings;
    uint64_t h = 88172645463325252ul;
    for (const char *p = s; *p; p++)
        h = hash_mix(h, (unsigned char)*p);
    for (;; h += 2) {
        uint64_t *at = map_at(&strings, h | 1);
        if (!*at)
            *at = (uint64_t)(uintptr_t)strdup(s);
        if (!strcmp((const char *)(uintptr_t)*at, s))
            return (const char *)(uintptr_t)*at;
    }
}
