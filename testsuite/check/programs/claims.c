/* What was inferred to be immutable, of one type, and stores to others that look like it.  From case 20 on
 * shapes of the same kind, where a store goes to what was inferred, through a pointer that was cut in two:
 * the analysis takes it for none.  From case 30 on that is before it is read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ungil.h"

struct sub { long a; long c[3]; };
struct middle { long k; struct sub s[2]; };
union either { struct sub s; long raw[4]; };
struct STM_OBJECT inner { long x; struct sub f; };
struct STM_OBJECT array { long x; struct sub f[3]; };
struct STM_OBJECT deep { struct middle m[2]; };
struct STM_OBJECT both { long which; union either u; };
struct STM_OBJECT named { long id, value; };
struct STM_OBJECT other { long value, id; };
struct STM_OBJECT lent { long x; struct sub f[2]; long y; };
static struct holder { long n; struct sub s; } holder, holders[2];
static struct sub lone;

static struct sub *one;
static struct inner *inner;
static struct array *array;
static struct deep *deep;
static struct both *both;
static struct named *named;
static struct other *other;
static struct lent *lent;

static __attribute__((noinline)) long read_sub(struct sub *s, long k) { return s->c[k] + s->c[0]; }
static __attribute__((noinline)) long read_named(struct named *n) { return n->id; }
static __attribute__((noinline)) long read_lone(long k) { return lone.c[k]; }

static __attribute__((noinline)) void sneak(void *p, long at, long v)
{
    unsigned lo = (unsigned)(uintptr_t)p + (unsigned)at, hi = (unsigned)((uintptr_t)p >> 32);
    *(long *)((uintptr_t)hi << 32 | lo) = v;
}

int main(int argc, char **argv)
{
    long k = argc, sum = 0;
    struct sub value = {k, {k, 2, 3}};
    (void)argv;
    inner = STM_NEW(struct inner);
    array = STM_NEW(struct array);
    deep = STM_NEW(struct deep);
    both = STM_NEW(struct both);
    other = STM_NEW(struct other);
    lent = STM_NEW(struct lent);
    struct named *n = STM_NEW(struct named);
    struct sub *s = malloc(2 * sizeof *s);
    n->id = 5;
    s->a = 1, s->c[0] = 2, s->c[1] = 3, s->c[2] = 4;
    named = n;
    one = s;
    STM_SAFEPOINT();
    if (CASE < 30)
        sum = read_sub(one, k) + read_sub(&lent->f[k], k) + read_named(named) + read_lone(k);
    STM_SAFEPOINT();
    switch (CASE) {
    case 0:
        inner->f.c[k]++, inner->f = value;
        array->f[k].c[k] = 2, array->f[k] = array->f[0];
        deep->m[k].s[k].c[k] = 3, deep->m[k].s[k] = value, deep->m[0] = deep->m[k];
        both->u.s.c[k] = 4, both->u.raw[k] = 5, both->u.s = value;
        other->id = 6, named->value = 7;
        holder.s.c[k] = 8, holder.s = value, holders[k].s.c[k] = 9, holders[k].s = value;
        lent->x = lent->y = 10, lent->x = 11;
        break;
    case 20: case 30: sneak(one, 16, 2); break;
    case 21: case 31: sneak(lent, 56, 2); break;
    case 22: case 32: sneak(named, 0, 2); break;
    case 23: case 33: sneak(&lone, 16, 2); break;
    case 24: sneak(lent, 32, 2); break; /* of an element that was not read */
    }
    STM_SAFEPOINT();
    sum += read_sub(one, k) + read_sub(&lent->f[k], k) + read_named(named) + read_lone(k);
    STM_SAFEPOINT();
    printf("%ld %ld %ld %ld %ld %ld %ld %ld\n", sum, inner->f.c[1], array->f[1].c[1], deep->m[1].s[1].c[1],
           both->u.s.c[1], other->id, holder.s.c[1], holders[1].s.c[1]);
    return 0;
}
