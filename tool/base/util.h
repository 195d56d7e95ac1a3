/* util.h - arena, growing strings, arrays of pointers, sets of names, a hash map. */
#ifndef UNGIL_TOOL_BASE_UTIL_H
#define UNGIL_TOOL_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
    struct arena_chunk *chunk;
};
void *arena_alloc(struct arena *a, size_t n); /* zeroed; aborts when memory is out */
char *arena_strn(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);
void *xrealloc(void *p, size_t n);
/* A growing string. */
struct str {
    char *s;
    size_t n, cap;
};
void str_addn(struct str *b, const char *s, size_t n);
void str_add(struct str *b, const char *s);
void str_printf(struct str *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_free(struct str *b);
/* Appends p to the array at *v of *n elements. */
void ptr_push(void *v, unsigned *n, unsigned *cap, void *p);
/* A set of names. */
struct names {
    const char **v;
    unsigned n, cap;
};
/* Sorts, and leaves each name once. */
void names_sort(struct names *s);
/* Is name in the sorted set? */
bool names_has(const struct names *s, const char *name);
/* A hash table from 64-bit keys to pointers. */
struct map {
    uint64_t *keys;
    void **vals;
    size_t n, cap;
};
void *map_get(const struct map *m, uint64_t key);
void map_put(struct map *m, uint64_t key, void *val); /* val not null */
void map_free(struct map *m);
uint64_t hash_bytes(const void *p, size_t n);
/* Our bug. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
