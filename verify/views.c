/* views.c - which structs' memory may be seen as which others', by the conversions of pointers that the
 * program has.
 *
 * A conversion of a pointer to struct A into one to B lets what was made as an A be seen as a B; so does any
 * number of such steps, and what goes through `void *`, integers, unions and arguments without a prototype
 * ("*") may come out as whatever is made of such.  Two structs meet where some memory may be seen as both.
 * Then what is stored through the pointer that one has at some offset is reached through the one that the
 * other has there: these are converted into each other, too.  Not counted: conversions between a struct and
 * the one that it begins with: a program that goes down from the base knows what it has (effective types; in
 * plain C, too, it would be wrong else).  The alternatives of a union are seen as each other.
 *
 * A struct is loose if its memory may be written as something else than a struct, by its parts: where a
 * pointer to it, or to a struct that it lies in or begins with, may become one to no struct.  A union is no
 * struct here, since clang computes no address of its members. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

enum { NAME = 4096 };
static struct map numbers; /* name -> number + 1 */
static struct edge {
    unsigned from, to;
    long off; /* of a pointer */
} * edges, *pointers, *parts;
static size_t nedges, capedges, npointers, cappointers, nparts, capparts, words; /* of a row */
static unsigned char *loose;                                                     /* by number */
/* Bits for each record: as which others memory that was made as it may be seen; and with which others it is
 * what some memory may be seen as. */
static uint64_t *made, *together;

static unsigned number_of(const char *name)
{
    uint64_t *k = map_at(&numbers, KEY(intern(name)));
    *k = *k ? *k : numbers.n;
    return (unsigned)*k - 1;
}

static bool is_set(const uint64_t *rows, unsigned a, unsigned b)
{
    return rows[a * words + b / 64] >> b % 64 & 1;
}

/* Returns whether it was not known yet. */
static bool add_edge(unsigned from, unsigned to)
{
    bool known = is_set(made, from, to);
    made[from * words + to / 64] |= 1ul << to % 64;
    return !known;
}

static bool add_edges(unsigned a, unsigned b)
{
    bool there = add_edge(a, b), back = add_edge(b, a);
    return there || back;
}

/* The struct that t begins with, or null. */
static LLVMTypeRef base_of(LLVMTypeRef t)
{
    bool some = !LLVMIsOpaqueStruct(t) && LLVMCountStructElementTypes(t);
    LLVMTypeRef first = some ? LLVMStructGetTypeAtIndex(t, 0) : NULL;
    return first && LLVMGetTypeKind(first) == LLVMStructTypeKind ? first : NULL;
}

static bool begins_with(const char *name, const char *base)
{
    char buf[NAME + 8];
    snprintf(buf, sizeof buf, "struct.%s", name);
    LLVMTypeRef t = LLVMGetTypeByName2(LLVMGetGlobalContext(), buf);
    while (t && strcmp(record_of(t) ? record_of(t) : "", base))
        t = base_of(t);
    return t;
}

static void take_part(const char *rest)
{
    char a[NAME], b[NAME];
    if (sscanf(rest, "%4095s %4095s", a, b) == 2)
        PUSH(parts, nparts, capparts, ((struct edge){number_of(a), number_of(b), 0}));
}

static void take_view(const char *rest)
{
    char a[NAME], b[NAME];
    if (sscanf(rest, "%4095s %4095s", a, b) == 2 && !begins_with(a, b) && !begins_with(b, a))
        PUSH(edges, nedges, capedges, ((struct edge){number_of(a), number_of(b), 0}));
}

/* A view that a function gives, unless it only makes memory. */
static void take_unless(const char *rest)
{
    const char *view = strchr(rest, ' ');
    char name[NAME];
    if (!view || view - rest >= NAME)
        return;
    snprintf(name, sizeof name, "%.*s", (int)(view - rest), rest);
    if (!makes_memory(name))
        take_view(view + 1);
}

/* Memory functions write to pointers to it. */
static void take_filled(const char *name)
{
    PUSH(edges, nedges, capedges, ((struct edge){number_of(name), number_of("="), 0}));
}

static void take_alternative(const char *rest)
{
    char a[NAME], b[NAME];
    if (sscanf(rest, "%4095s %4095s", a, b) != 2)
        return;
    PUSH(edges, nedges, capedges, ((struct edge){number_of(a), number_of(b), 0}));
    PUSH(edges, nedges, capedges, ((struct edge){number_of(b), number_of(a), 0}));
}

static void take_pointer(const char *rest)
{
    char a[NAME], b[NAME], *dot;
    if (sscanf(rest, "%4095s %4095s", a, b) != 2 || !(dot = strrchr(a, '.')))
        return;
    *dot = 0;
    PUSH(pointers, npointers, cappointers, ((struct edge){number_of(a), number_of(b), atol(dot + 1)}));
}

static void unite(uint64_t *row, const uint64_t *with)
{
    for (size_t w = 0; w < words; w++)
        row[w] |= with[w];
}

/* All that is reached by steps from `made` on, and what is together by that. */
static void find_together(unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        for (unsigned from = 0; from < n; from++)
            if (is_set(made, from, k))
                unite(made + from * words, made + k * words);
    for (unsigned from = 0; from < n; from++)
        for (unsigned k = 0; k < n; k++)
            if (is_set(made, from, k))
                unite(together + k * words, made + from * words);
}

/* Returns whether there are more than before. */
static bool find_loose(unsigned n, unsigned filled)
{
    bool grown = false;
    for (unsigned a = 0; a < n; a++)
        for (unsigned b = 0; b < n && a != filled; b++)
            if (loose[b] & ~loose[a] && is_set(together, a, b)) {
                loose[a] |= loose[b];
                grown = true;
            }
    for (const struct edge *x = parts; x < parts + nparts; x++)
        if (loose[x->from] & ~loose[x->to]) {
            loose[x->to] |= loose[x->from];
            grown = true;
        }
    return grown;
}

static void start(void)
{
    unsigned any = number_of("*"), filled = number_of("=");
    claims_each("view", take_view);
    claims_each("unless", take_unless);
    claims_each("filled", take_filled);
    claims_each("alternative", take_alternative);
    claims_each("points", take_pointer);
    claims_each("part", take_part);
    const unsigned n = (unsigned)numbers.n;
    words = n / 64 + 1;
    made = xzalloc(n * words * sizeof *made);
    together = xzalloc(n * words * sizeof *together);
    loose = xzalloc(n);
    loose[any] = BY_SCALAR | BY_FILLING;
    loose[filled] = BY_FILLING;
    for (unsigned k = 0; k < n; k++)
        add_edge(k, k);
    for (size_t k = 0; k < nedges; k++)
        add_edge(edges[k].from, edges[k].to);
    for (bool grown = true; grown;) {
        find_together(n);
        grown = find_loose(n, filled);
        for (const struct edge *x = pointers; x < pointers + npointers; x++) {
            if (loose[x->from] & BY_SCALAR)
                grown |= add_edges(x->to, any);
            for (const struct edge *y = pointers; y < x; y++)
                if (x->off == y->off && is_set(together, x->from, y->from))
                    grown |= add_edges(x->to, y->to);
        }
    }
}

/* A struct that no conversion leads from or to is seen as itself only. */
static bool may_be_one(const char *x, const char *y)
{
    uint64_t a = map_get(&numbers, KEY(x)), b = map_get(&numbers, KEY(y));
    return a && b && is_set(together, (unsigned)a - 1, (unsigned)b - 1);
}

bool is_loose(LLVMTypeRef a, enum written how)
{
    if (!together)
        start();
    for (LLVMTypeRef t = a; t; t = base_of(t)) {
        const char *name = record_of(t);
        uint64_t k = name ? map_get(&numbers, KEY(name)) : 0;
        if (!name || is_union(t) || !strcmp(name, "anon") || (k && loose[k - 1] & how))
            return true;
    }
    return false;
}

bool may_be_seen_as(LLVMTypeRef a, LLVMTypeRef b)
{
    if (!together)
        start();
    for (LLVMTypeRef s = a; s; s = base_of(s))
        for (LLVMTypeRef t = b; t; t = base_of(t)) {
            const char *x = record_of(s), *y = record_of(t);
            if (!x || !y || (x != y && may_be_one(x, y)))
                return true;
        }
    return false;
}
