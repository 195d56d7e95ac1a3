/* References in memory that has no type of its own: payloads of char and of other numbers, at the end of an
 * object, inside it, in structs and unions, in globals, in words with tags.  The collector sees them all,
 * wherever they are aligned. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ungil.h"

struct STM_OBJECT leaf {
    long a, value;
};
struct STM_OBJECT flex {
    long n;
    char payload[];
};
struct STM_OBJECT odd {
    int n;
    unsigned char payload[];
};
struct STM_OBJECT fixed {
    char kind;
    signed char payload[36];
};
struct STM_OBJECT ints {
    int n;
    int slots[9];
};
struct STM_OBJECT shorts {
    short m[3][8];
};
struct STM_OBJECT doubles {
    double x;
    double slots[4];
};
struct STM_OBJECT words {
    uintptr_t one;
    long more[2];
};
struct STM_OBJECT either {
    long n;
    union {
        char bytes[16];
        float numbers[4];
    } u;
};
struct entry {
    int key;
    char bytes[20];
};
struct STM_OBJECT table {
    long n;
    struct entry entries[];
};
struct STM_OBJECT flags {
    unsigned long reference : 48, flags : 16;
};
typedef long two __attribute__((vector_size(16)));
typedef int halves __attribute__((vector_size(8)));
typedef void function(void);
struct STM_OBJECT numbers {
    int n;
    function *f, *more[2];
    halves h;
    two v;
    __int128 wide;
    long double extended;
    _Complex double z;
    union {
        double d;
        function *f;
    } either;
};
static _Alignas(8) char global[64];
static two vector;
static __int128 wide;
static function *pointer;
static __thread halves own;
static struct {
    int n;
    char bytes[20];
} record;

static struct flex *flex;
static struct odd *odd;
static struct fixed *fixed;
static struct ints *ints;
static struct shorts *shorts;
static struct doubles *doubles;
static struct words *words;
static struct either *either;
static struct table *table;
static struct flags *flags;
static struct numbers *numbers;
static char *raw;

static struct leaf *leaf(long v)
{
    struct leaf *l = STM_NEW(struct leaf);
    l->value = v;
    return l;
}

/* The first aligned place in p. */
static void *aligned(void *p)
{
    return (void *)(((uintptr_t)p + 7) & ~(uintptr_t)7);
}

static void put(void *at, long v)
{
    struct leaf *l = leaf(v);
    memcpy(aligned(at), &l, sizeof l);
}

static long got(void *at)
{
    struct leaf *l = NULL;
    memcpy(&l, aligned(at), sizeof l);
    return l->value;
}

static __attribute__((noinline)) void fill(void)
{
    flex = STM_NEW_FLEX(struct flex, payload, 33);
    odd = STM_NEW_FLEX(struct odd, payload, 28);
    fixed = STM_NEW(struct fixed);
    ints = STM_NEW(struct ints);
    shorts = STM_NEW(struct shorts);
    doubles = STM_NEW(struct doubles);
    words = STM_NEW(struct words);
    either = STM_NEW(struct either);
    table = STM_NEW_FLEX(struct table, entries, 4);
    flags = STM_NEW(struct flags);
    numbers = STM_NEW(struct numbers);
    raw = malloc(64);
    for (long i = 0; i < 4; i++) {
        ((struct leaf **)flex->payload)[i] = leaf(1);
        put(fixed->payload + 8 * i, 2);
        put(ints->slots + 2 * i, 3);
        put(doubles->slots + i, 4);
        put(table->entries[i].bytes + 4, 5);
        put(raw + 8 * i, 6);
        put(global + 8 * i, 7);
    }
    put(odd->payload, 8);
    put(odd->payload + 16, 9);
    put(shorts->m[2], 10);
    put(either->u.bytes + 8, 11);
    put(record.bytes + 4, 12);
    words->one = (uintptr_t)leaf(13) | 1;
    words->more[1] = (long)(intptr_t)&leaf(14)->value;
    flags->reference = (uintptr_t)leaf(15);
    numbers->f = (function *)leaf(16);
    numbers->more[1] = (function *)leaf(17);
    put(&numbers->h, 18);
    numbers->v[1] = (long)leaf(19);
    numbers->wide = (__int128)(uintptr_t)leaf(20) << 64 | (uintptr_t)leaf(21);
    put(&numbers->extended, 22);
    put((double *)&numbers->z + 1, 23);
    numbers->either.f = (function *)leaf(24);
    vector[1] = (long)leaf(25);
    wide = (__int128)(uintptr_t)leaf(26) << 64;
    pointer = (function *)leaf(27);
    put(&own, 28);
}

static long sum(void)
{
    long s = 0;
    for (long i = 0; i < 4; i++)
        s += ((struct leaf **)flex->payload)[i]->value + got(fixed->payload + 8 * i) +
             got(ints->slots + 2 * i) + got(doubles->slots + i) + got(table->entries[i].bytes + 4) +
             got(raw + 8 * i) + got(global + 8 * i);
    s += got(odd->payload) + got(odd->payload + 16) + got(shorts->m[2]) + got(either->u.bytes + 8) +
         got(record.bytes + 4);
    s += ((struct leaf *)(words->one & ~(uintptr_t)1))->value + *(long *)(intptr_t)words->more[1];
    s += ((struct leaf *)numbers->f)->value + ((struct leaf *)numbers->more[1])->value + got(&numbers->h) +
         ((struct leaf *)numbers->v[1])->value + ((struct leaf *)(uintptr_t)(numbers->wide >> 64))->value +
         ((struct leaf *)(uintptr_t)numbers->wide)->value + got(&numbers->extended) +
         got((double *)&numbers->z + 1) + ((struct leaf *)numbers->either.f)->value;
    s += ((struct leaf *)vector[1])->value + ((struct leaf *)(uintptr_t)(wide >> 64))->value +
         ((struct leaf *)pointer)->value + got(&own);
    return s + ((struct leaf *)(uintptr_t)flags->reference)->value;
}

int main(void)
{
    fill();
    for (int round = 0; round < 5; round++) {
        STM_SAFEPOINT();
        for (int i = 0; i < 3000; i++)
            leaf(-1);
        stm_collect();
        STM_SAFEPOINT();
        printf("%ld\n", sum());
    }
    return 0;
}
