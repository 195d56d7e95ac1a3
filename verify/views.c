/* views.c - which structs' memory may be seen as which others', by the conversions of pointers that the
 * program has.
 *
 * Structs that are converted into each other, in either direction and over any number of steps, are one
 * class; so is all that goes through `void *`, integers, unions and arguments without a prototype ("*").  In
 * a class, what members at one offset point to is one class, too.  Not counted: conversions between a struct
 * and the one that it begins with: a program that goes down from the base knows what it has (effective types;
 * in plain C, too, it would be wrong else). */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static struct record {
    const char *name;
    unsigned class;
} * records;
static unsigned nrecords, caprecords;
static struct map numbers; /* name -> number + 1 */
static struct pointer {
    unsigned record, to;
    long off;
} * pointers;
static size_t npointers, cappointers;
static bool changed, started;

static unsigned number_of(const char *name)
{
    uint64_t *k = map_at(&numbers, (uint64_t)(uintptr_t)name);
    if (!*k) {
        struct record r = {name, nrecords};
        PUSH(records, nrecords, caprecords, r);
        *k = nrecords;
    }
    return (unsigned)*k - 1;
}

static unsigned class_of(unsigned k)
{
    while (records[k].class != k)
        k = records[k].class = records[records[k].class].class;
    return k;
}

static void merge(unsigned a, unsigned b)
{
    a = class_of(a);
    b = class_of(b);
    changed |= a != b;
    records[a].class = b;
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
    merge(number_of(from), number_of(to));
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

static void start(void)
{
    started = true;
    unsigned any = number_of(intern("*"));
    claims_each("view", take_view);
    claims_each("points", take_pointer);
    do {
        changed = false;
        for (size_t i = 0; i < npointers; i++) {
            if (class_of(pointers[i].record) == class_of(any))
                merge(pointers[i].to, any);
            for (size_t j = 0; j < i; j++)
                if (pointers[i].off == pointers[j].off &&
                    class_of(pointers[i].record) == class_of(pointers[j].record))
                    merge(pointers[i].to, pointers[j].to);
        }
    } while (changed);
}

bool may_be_seen_as(LLVMTypeRef a, LLVMTypeRef b)
{
    if (!started)
        start();
    for (LLVMTypeRef s = a; s; s = base_of(s))
        for (LLVMTypeRef t = b; t; t = base_of(t)) {
            const char *x = record_of(s), *y = record_of(t);
            if (!x || !y || (x != y && class_of(number_of(x)) == class_of(number_of(y))))
                return true;
        }
    return false;
}
