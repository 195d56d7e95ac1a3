/* list.c - walks of a sorted list: read barriers, one for each node, and now and then an insertion.
 *
 *   list [NODES [WALKS]]
 *
 * Each walk is a transaction.  Prints a sum. */
#include <stdio.h>
#include <stdlib.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT node {
    long key;
    long hits;
    struct node *next;
};

static struct node *head;

static void insert(long key)
{
    struct node *n = STM_NEW(struct node);
    n->key = key;
    if (!head || head->key >= key) {
        n->next = head;
        head = n;
        return;
    }
    struct node *p = head;
    while (p->next && p->next->key < key)
        p = p->next;
    n->next = p->next;
    p->next = n;
}

static struct node *find(long key)
{
    for (struct node *p = head; p; p = p->next)
        if (p->key == key)
            return p;
    return NULL;
}

static long sum(void)
{
    long s = 0;
    for (const struct node *p = head; p; p = p->next) {
        s += p->key;
        if (p->hits)
            s += p->hits;
    }
    return s;
}

static void transaction_ends(void)
{
    stm_hint_commit_soon();
    STM_SAFEPOINT();
}

int main(int argc, char **argv)
{
    long nodes = argc > 1 ? atol(argv[1]) : 1000, walks = argc > 2 ? atol(argv[2]) : 500, total = 0;
    for (long i = 0; i < nodes; i++)
        insert(nodes - i);
    for (long i = 0; i < walks; i++) {
        transaction_ends();
        total += sum();
        transaction_ends();
        struct node *n = find(i * 7919 % nodes + 1);
        if (n)
            n->hits++;
        if (i % 16 == 0)
            insert(i * 104729 % nodes);
    }
    printf("%ld\n", total);
    return 0;
}
