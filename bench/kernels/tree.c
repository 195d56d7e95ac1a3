/* tree.c - insertions into a binary search tree, and look-ups.
 *
 *   tree [INSERTIONS]
 *
 * Each is a transaction.  Prints the number of keys and a sum. */
#include <stdio.h>
#include <stdlib.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT node {
    long key;
    long count;
    struct node *left, *right;
};

struct STM_OBJECT tree {
    struct node *root;
    long size;
};

static void insert(struct tree *t, long key)
{
    struct node *parent = NULL, *n = t->root;
    while (n && n->key != key) {
        parent = n;
        n = key < n->key ? n->left : n->right;
    }
    if (n) {
        n->count++;
        return;
    }
    n = STM_NEW(struct node);
    n->key = key;
    n->count = 1;
    if (!parent)
        t->root = n;
    else if (key < parent->key)
        parent->left = n;
    else
        parent->right = n;
    t->size++;
}

static long look_up(const struct tree *t, long key)
{
    const struct node *n = t->root;
    while (n) {
        if (n->key == key)
            return n->count;
        n = key < n->key ? n->left : n->right;
    }
    return 0;
}

static unsigned long next_random(unsigned long *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void transaction_ends(void)
{
    stm_hint_commit_soon();
    STM_SAFEPOINT();
}

int main(int argc, char **argv)
{
    long insertions = argc > 1 ? atol(argv[1]) : 20000, sum = 0;
    unsigned long seed = 42;
    struct tree *t = STM_NEW(struct tree);
    for (long i = 0; i < insertions; i++) {
        transaction_ends();
        insert(t, (long)(next_random(&seed) >> 20) % insertions);
        transaction_ends();
        sum += look_up(t, i);
    }
    printf("%ld %ld\n", t->size, sum);
    return 0;
}
