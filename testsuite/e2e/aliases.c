/* One place under two names, or reached by two kinds of pointers: what is read there twice is not the same.
 */
#include "ungil.h"

#include <stdio.h>
#include <stdlib.h>

struct STM_OBJECT node {
    long x, y;
    struct node *next;
};

#define NOINLINE static __attribute__((noinline))

static struct node *current;
extern struct node *alias __attribute__((alias("current")));

NOINLINE long by_alias(struct node *other)
{
    long sum = current->x;
    alias = other;
    return sum + current->y;
}

/* A global that begins with an object, or that is taken for one. */
static struct wrap {
    struct node node;
    long more;
} wrap;
static struct node *head;

NOINLINE long by_first_member(struct node *p, struct node *other)
{
    long sum = wrap.node.next->x;
    p->next = other;
    return sum + wrap.node.next->y;
}

/* Its fields by the variable's name and by a pointer to the object: one conflict unit. */
NOINLINE struct node *next_of(struct node *p)
{
    return p->next;
}
NOINLINE struct node *by_name_and_pointer(struct node *p, struct node *other)
{
    wrap.node.next = other;
    STM_SAFEPOINT();
    return next_of(p);
}

struct STM_OBJECT link {
    struct node *to;
};

NOINLINE long by_fake_object(struct link *p, struct node *other)
{
    long sum = head->x;
    p->to = other;
    return sum + head->y;
}

/* A private stack, reached by a pointer of unknown kind. */
struct cell {
    struct node *n;
};
static STM_THREAD_LOCAL struct cell *top STM_PRIVATE_TOP;

NOINLINE void replace(struct node *n)
{
    top[-1].n = n;
}

NOINLINE long by_stack(struct cell *c, struct node *other)
{
    long sum = c->n->x;
    replace(other);
    return sum + c->n->y;
}

static struct cell *unknown(void)
{
    return top - 1;
}
static struct cell *(*volatile get)(void) = unknown;

/* A frame that an inner call writes to, and one that a jump back initialises again. */
NOINLINE void put(struct cell *c, struct node *n)
{
    c->n = n;
}

NOINLINE struct cell *same(struct cell *c)
{
    return get ? c : NULL;
}

NOINLINE long by_frame(struct node *first, struct node *other)
{
    struct cell cell = {first}, *c = same(&cell);
    long sum = c->n->x;
    put(&cell, other);
    sum += c->n->y;
    cell.n = first;
    return sum + c->n->y;
}

NOINLINE long by_jump(struct node *first, struct node *other)
{
    struct cell *c = NULL;
    struct node *now = first;
    long sum = 0;
again:;
    struct cell cell = {now};
    if (!c) {
        c = same(&cell);
        sum = c->n->x;
        now = other;
        goto again;
    }
    return sum + c->n->y;
}

/* A field that is immutable once the object is not fresh any more. */
struct STM_OBJECT pair {
    struct node *first STM_IMMUTABLE;
    long n;
};

NOINLINE void initialise(struct pair *p, struct node *n)
{
    p->first = n;
}

NOINLINE long by_constructor(struct node *first, struct node *other)
{
    struct pair *p = STM_NEW(struct pair);
    initialise(p, first);
    long sum = p->first->x;
    initialise(p, other);
    return sum + p->first->y;
}

/* A field that may change whenever it is read. */
struct STM_OBJECT cursor {
    struct node *volatile at;
};

NOINLINE long by_volatile(struct cursor *c)
{
    return c->at->x + c->at->y;
}

/* Members of a union share their bytes, through whatever they are named. */
union number {
    unsigned long bits;
    double d;
    float f[2];
    int i[2];
};
struct STM_OBJECT numbers {
    long n;
    union number all[3];
};
static __attribute__((noinline)) double by_union(struct numbers *p, long k)
{
    union number *apart = calloc(1, sizeof *apart);
    apart->d = (double)k;
    apart->bits += 1ul << 52; /* doubled */
    double sum = apart->d;
    free(apart);
    for (int j = 0; j < 3; j++) {
        p->all[j].f[1] = (float)j;
        p->all[j].i[1] += 1 << 23;
        sum += p->all[j].f[1];
    }
    p->all[k & 1].d = 3;
    p->all[k & 1].bits ^= 1ul << 63;
    return sum + p->all[k & 1].d;
}

int main(void)
{
    struct node *a = STM_NEW(struct node), *b = STM_NEW(struct node);
    struct cursor *c = STM_NEW(struct cursor);
    a->x = 1;
    b->y = 2;
    top = stm_private_stack(NULL, 8192, &top);
    top++->n = a;
    current = head = wrap.node.next = c->at = a;
    STM_SAFEPOINT();
    printf("alias %ld\n", by_alias(b));
    STM_SAFEPOINT();
    printf("first member %ld\n", by_first_member(&wrap.node, b));
    STM_SAFEPOINT();
    printf("name and pointer %ld\n", by_name_and_pointer(&wrap.node, a)->x);
    STM_SAFEPOINT();
    printf("fake object %ld\n", by_fake_object((struct link *)(void *)&head, b));
    STM_SAFEPOINT();
    printf("stack %ld\n", by_stack(get(), b));
    STM_SAFEPOINT();
    printf("frame %ld\n", by_frame(a, b));
    STM_SAFEPOINT();
    printf("jump %ld\n", by_jump(a, b));
    STM_SAFEPOINT();
    printf("constructor %ld\n", by_constructor(a, b));
    STM_SAFEPOINT();
    printf("volatile %ld\n", by_volatile(c));
    STM_SAFEPOINT();
    printf("union %g\n", by_union(STM_NEW(struct numbers), 5));
    return 0;
}
