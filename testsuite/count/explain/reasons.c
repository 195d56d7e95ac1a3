/* Every reason that explain knows. */
#include <stdlib.h>
#include "ungil.h"

struct STM_OBJECT node {
    long key STM_IMMUTABLE;
    long value;
    struct node *next;
    long items[8];
};

static struct node *head;
void elsewhere(void); /* translated code: may pass a safepoint */
struct node *fetch(void);

long parameter(struct node *n)
{
    return n->value + n->value + n->key;
}

long loop(struct node *n)
{
    long s = 0;
    for (int i = 0; i < 10; i++)
        s += n->value;
    return s;
}

long walk(void)
{
    long s = 0;
    for (struct node *n = head; n; n = n->next)
        s += n->value;
    return s;
}

void call(struct node *n)
{
    n->value = 1;
    elsewhere();
    n->value = 2;
}

void safepoint(struct node *n)
{
    n->value = 1;
    STM_SAFEPOINT();
    n->value = 2;
}

long pointer(struct node *n, void (*f)(void))
{
    long v = n->value;
    f();
    return v + n->value;
}

long one_path(struct node *n, int c)
{
    if (c)
        n->value = 1;
    else
        c++;
    return n->value;
}

struct node *fresh(void)
{
    struct node *n = STM_NEW(struct node);
    n->value = 3;
    n->next = NULL;
    return n;
}

long result(void)
{
    return fetch()->value;
}

void upgrade(struct node *n)
{
    if (n->value != 4)
        abort();
    n->value = 5;
}

void element(struct node *n, int i)
{
    n->value = 6;
    n->items[i] = 7;
}

void unknown(long *p)
{
    *p = 8;
}
