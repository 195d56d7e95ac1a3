/* Constructors and destructors of all priorities that a program may have are translated code. */
#include <stdio.h>
#include <stdlib.h>
#include "ungil.h"

typedef unsigned long value STM_TAGGED(0x0000fffffffffffful, 0xfffc000000000000ul);
struct STM_OBJECT node {
    struct node *next;
    long v;
};
static struct node *list;
static value tagged;
static long order;

static void put(long v)
{
    struct node *n = STM_NEW(struct node);
    n->next = list;
    n->v = v;
    list = n;
    order = order * 10 + v;
}

__attribute__((constructor(101))) static void first(void)
{
    struct node *n = STM_NEW(struct node);
    n->v = 7;
    tagged = (unsigned long)n | 0xfffc000000000000ul;
    for (int i = 0; i < 1000; i++) { /* garbage */
        n = STM_NEW(struct node);
        n->v = i;
    }
    stm_collect();
    put(1);
}
__attribute__((constructor(500))) static void second(void)
{
    put(2);
}
__attribute__((constructor)) static void third(void)
{
    put(3);
}
__attribute__((destructor(101))) static void last(void)
{
    put(4);
    long n = 0;
    for (struct node *p = list; p; p = p->next)
        n += p->v;
    printf("last: %ld %ld\n", order, n);
    fflush(stdout);
}
__attribute__((destructor)) static void before(void)
{
    put(5);
    printf("before: %ld\n", order);
}

int main(void)
{
    struct node *n = (struct node *)(tagged & 0x0000fffffffffffful);
    printf("main: %ld %ld %ld\n", order, list->v, n->v);
    return 0;
}
