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

void *xzalloc(size_t n)
{
    return memset(xrealloc(NULL, n), 0, n);
}

uint64_t hash_mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15ul;
    return h ^ h >> 29;
}

static size_t slot_of(const struct map *m, uint64_t key)
{
    size_t k = hash_mix(0, key) & (m->cap - 1);
    while (m->slots[k].key && m->slots[k].key != key)
        k = (k + 1) & (m->cap - 1);
    return k;
}

uint64_t *map_at(struct map *m, uint64_t key)
{
    if (2 * m->n >= m->cap) {
        struct map old = *m;
        m->cap = old.cap ? 2 * old.cap : 64;
        m->slots = xzalloc(m->cap * sizeof *m->slots);
        for (size_t k = 0; k < old.cap; k++)
            if (old.slots[k].key)
                m->slots[slot_of(m, old.slots[k].key)] = old.slots[k];
        free(old.slots);
    }
    struct slot *s = &m->slots[slot_of(m, key)];
    m->n += !s->key;
    s->key = key;
    return &s->value;
}

uint64_t map_get(const struct map *m, uint64_t key)
{
    return m->cap ? m->slots[slot_of(m, key)].value : 0;
}

void map_free(struct map *m)
{
    free(m->slots);
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
            *at = KEY(strdup(s));
        if (!strcmp(AT(char, *at), s))
            return AT(char, *at);
    }
}
