/* What barriers are for, one of each kind: owners, elements, cards, statics by granule, unknown pointers,
 * ranges, bit-fields; updates, reads that a write follows, loops, branches, calls.  Each barrier that the
 * passes leave here is needed on some path that runs, but those on lines marked `covered`: there the object
 * has been done already each time, for a reason that the passes do not see. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ungil.h"

struct inner { long a, b, c, d, e, f; };
struct STM_OBJECT node {
    struct node *next;
    STM_IMMUTABLE long id;
    long value, count;
    unsigned low : 3, high : 5;
    struct inner inner;
    long elements[40];
};
struct STM_OBJECT array { long n; long v[]; };
struct raw { long x, y; struct raw *link; };

static struct node *head;
static struct { long hits, misses, a, b, c, d; } totals;
static long table[16];
static struct STM_OBJECT node fixed;
static struct array *large;
static struct raw *chain;

static struct node *new_node(long id)
{
    struct node *n = STM_NEW(struct node);
    n->id = id;
    n->value = id * 3;
    n->count = 1;
    return n;
}

static void push(long id)
{
    struct node *n = new_node(id);
    n->next = head;
    head = n;
}

static long sum(void)
{
    long s = 0;
    for (struct node *n = head; n; n = n->next)
        s += n->id + n->value;
    return s;
}

static void update(struct node *n, long by)
{
    n->value += by;
    n->count++;
    n->low = (unsigned)by;
    n->high = (unsigned)(by + n->low);
    STM_SAFEPOINT();
    if (n->value > 10)
        n->value = 0;
    STM_SAFEPOINT();
    n->elements[by & 31] = by;
    n->inner.b = n->inner.a + 1; /* covered: below 8 KB an object is logged whole */
    STM_SAFEPOINT();
    struct inner copy = n->inner;
    copy.f++;
    STM_SAFEPOINT();
    n->inner = copy;
}

static void statics(long i)
{
    totals.hits++;
    STM_SAFEPOINT();
    totals.misses += totals.hits;
    STM_SAFEPOINT();
    if (totals.hits > 3)
        totals.c = totals.a;
    table[i & 15] ^= i;
    STM_SAFEPOINT();
    fixed.value += i;
    fixed.elements[i & 7]++; /* covered: static objects are logged whole */
}

static void cards(long i)
{
    STM_SAFEPOINT();
    large->v[i * 40] = i;
    large->v[i * 40 + 1000] += large->n;
    STM_SAFEPOINT();
    long *at = &large->v[i];
    *at += 2;
}

static long unknown(struct raw *r)
{
    STM_SAFEPOINT();
    long s = r->x;
    STM_SAFEPOINT();
    r->y = s + 1;
    STM_SAFEPOINT();
    for (struct raw *p = r; p; p = p->link) /* covered: another address in the granule, or object, of p->y */
        s += p->y;
    return s;
}

static long same(const struct node *p, const struct node *q) { return p->value == q->value; }

int main(void)
{
    long s = 0;
    large = STM_NEW_FLEX(struct array, v, 4000);
    large->n = 4000; /* covered: fresh, but read back from a variable */
    for (long i = 0; i < 12; i++)
        push(i);
    for (int i = 0; i < 3; i++) {
        chain = memset(malloc(sizeof(struct raw)), 0, sizeof(struct raw));
        chain->x = i; /* covered: likewise */
    }
    STM_SAFEPOINT();
    for (long i = 0; i < 6; i++) {
        STM_SAFEPOINT();
        update(head->next, i);
        statics(i);
        cards(i);
        s += unknown(chain);
        STM_SAFEPOINT();
        s += sum();
        STM_SAFEPOINT();
        s += same(head, head->next);
    }
    STM_SAFEPOINT();
    printf("%ld %ld %ld %ld %ld %ld\n", s, head->next->value, totals.hits, table[3], fixed.value,
        large->v[1040]);
    return 0;
}
