/* To be stopped in: a list in the heap, a transactional variable; the one read, the other written by then. */
#include <stdio.h>
#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT node {
    struct node *next;
    long value;
};

static struct node *list;
static long total;

__attribute__((noinline)) void stop_here(struct node *first)
{
    if (!first)
        puts("no list");
}

int main(void)
{
    for (long i = 1; i <= 3; i++) {
        struct node *n = STM_NEW(struct node);
        n->value = i * 11;
        n->next = list;
        list = n;
    }
    STM_BLOCKING {
    }
    total = list->value + list->next->value;
    list->next->value = 100;
    stop_here(list);
    printf("%ld\n", total);
    return 0;
}
