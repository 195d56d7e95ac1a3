/* views.c - which structs' memory may be seen as which others', by the conversions of pointers that the
 * program has.
 *
 * A conversion of a pointer to struct A into one to B lets what was made as an A be seen as a B; so does any
 * number of such steps, and what goes through `void *`, integers, unions and arguments without a prototype
 * ("*") may come out as whatever is made of such.  Two structs meet where some memory may be seen as both.
 * Then what is stored through the pointer that one has at some offset is reached through the one that the
 * other has there: these are converted into each other, too.  Not counted: conversions between a struct and
 * the one that it begins with: a program that goes down from the base knows what it has (effective types; in
 * plain C, too, it would be wrong else).  The alternatives of a union are seen as each other. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static const char **records;
static unsigned nrecords, caprecords;
static struct map numbers; /* name -> number + 1 */
static struct pointer {
    unsigned record, to;
    long off;
} * pointers;
static size_t npointers, cappointers;
static struct edge {
    unsigned from, to;
} * edges;
static size_t nedges, capedges;
static struct map known_edges;
static uint64_t *together; /* a row of bits for each record: those that some memory may be seen as, too */
static size_t words;       /* of a row */

static unsigned number_of(const char *name)
{
    uint64_t *k = map_at(&numbers, (uint64_t)(uintptr_t)name);
    if (!*k) {
        PUSH(records, nrecords, caprecords, name);
        *k = nrecords;
    }
    return (unsigned)*k - 1;
}

/* Returns whether it was not known yet. */
static bool add_edge(unsigned from, unsigned to)
{
    uint64_t *known = map_at(&known_edges, ((uint64_t)from << 32 | to) + 1);
    if (from == to || *known)
        return false;
    *known = 1;
    PUSH(edges, nedges, capedges, ((struct edge){from, to}));
    return true;
}

/* In both directions. */
static bool connect(unsigned a, unsigned b)
{
    bool there = add_edge(a, b), back = add_edge(b, a);
    return there || back;
}

static bool are_together(unsigned a, unsigned b)
{
    return a == b || together[a * words + b / 64] >> b % 64 & 1;
}

/* The struct that t begins with, or null. */
static LLVMTypeRef base_of(LLVMTypeRef t)
{
    bool some = !LLVMIsOpaqueStruct(t) && LLVMCountStructElementTypes(t);
    LLVMTypeRef first = some ? LLVMStructGetTypeAtIndex(t, 0) : NULL;
    return first && LLVMGetTypeKind(first) == LLVMStructTypeKind ? first : NULL;
}

static bool begins_with(LLVMTypeRef t, const char *base)
{
    for (; t; t = base_of(t))
        if (record_of(t) == base)
            return true;
    return false;
}

LLVMTypeRef type_named(const char *name)
{
    static const char *const kinds[] = {"struct.", "union."};
    char buf[320];
    LLVMTypeRef t = NULL;
    for (unsigned k = 0; k < 2 && !t; k++) {
        snprintf(buf, sizeof buf, "%s%s", kinds[k], name);
        t = LLVMGetTypeByName2(LLVMGetGlobalContext(), buf);
    }
    return t;
}

static void take_view(const char *rest)
{
    char a[300], b[300];
    if (sscanf(rest, "%299s %299s", a, b) != 2)
        return;
    const char *from = intern(a), *to = intern(b);
    LLVMTypeRef s = type_named(a), t = type_named(b);
    if ((s && begins_with(s, to)) || (t && begins_with(t, from)))
        return;
    add_edge(number_of(from), number_of(to));
}

static void take_alternative(const char *rest)
{
    char a[300], b[300];
    if (sscanf(rest, "%299s %299s", a, b) != 2)
        return;
    (void)connect(number_of(intern(a)), number_of(intern(b)));
}

static void take_pointer(const char *rest)
{
    char a[300], b[300], *dot;
    if (sscanf(rest, "%299s %299s", a, b) != 2 || !(dot = strrchr(a, '.')))
        return;
    *dot = 0;
    PUSH(pointers, npointers, cappointers,
         ((struct pointer){number_of(intern(a)), number_of(intern(b)), atol(dot + 1)}));
}

/* What memory that was made as `made` may be seen as, into row; todo has room for all records. */
static void reach(unsigned made, uint64_t *row, unsigned *todo)
{
    unsigned n = 0;
    memset(row, 0, words * sizeof *row);
    row[made / 64] |= 1ul << made % 64;
    todo[n++] = made;
    while (n) {
        unsigned at = todo[--n];
        for (size_t e = 0; e < nedges; e++)
            if (edges[e].from == at && !(row[edges[e].to / 64] >> edges[e].to % 64 & 1)) {
                row[edges[e].to / 64] |= 1ul << edges[e].to % 64;
                todo[n++] = edges[e].to;
            }
    }
}

static void find_together(void)
{
    uint64_t *row = xrealloc(NULL, words * sizeof *row);
    unsigned *todo = xrealloc(NULL, nrecords * sizeof *todo);
    memset(together, 0, nrecords * words * sizeof *together);
    for (unsigned made = 0; made < nrecords; made++) {
        reach(made, row, todo);
        for (unsigned k = 0; k < nrecords; k++)
            for (size_t w = 0; w < words && row[k / 64] >> k % 64 & 1; w++)
                together[k * words + w] |= row[w];
    }
    free(row);
    free(todo);
}

static void start(void)
{
    bool grown = true;
    unsigned any = number_of(intern("*"));
    claims_each("view", take_view);
    claims_each("alternative", take_alternative);
    claims_each("points", take_pointer);
    words = nrecords / 64 + 1;
    together = xrealloc(NULL, nrecords * words * sizeof *together);
    while (grown) {
        find_together();
        grown = false;
        for (size_t i = 0; i < npointers; i++) {
            const struct pointer *x = &pointers[i];
            if (are_together(x->record, any))
                grown |= connect(x->to, any);
            for (size_t j = 0; j < i; j++)
                if (x->off == pointers[j].off && are_together(x->record, pointers[j].record))
                    grown |= connect(x->to, pointers[j].to);
        }
    }
}

/* A struct that no conversion leads from or to is seen as itself only. */
static bool may_be_one(const char *x, const char *y)
{
    uint64_t a = map_get(&numbers, (uint64_t)(uintptr_t)x), b = map_get(&numbers, (uint64_t)(uintptr_t)y);
    return a && b && are_together((unsigned)a - 1, (unsigned)b - 1);
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
