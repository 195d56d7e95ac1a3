/* Linked lists and trees of annotated objects; enough garbage to collect. */
#include <stdio.h>
#include "ungil.h"

struct STM_OBJECT list {
    struct list *next;
    long value;
};
typedef struct tree tree;
struct STM_OBJECT tree {
    tree *left, *right;
    int key;
};

static struct list *reverse(struct list *l)
{
    struct list *r = NULL;
    while (l) {
        struct list *next = l->next;
        l->next = r;
        r = l;
        l = next;
    }
    return r;
}

static void insert(tree **where, int key)
{
    while (*where) {
        if ((*where)->key == key)
            return;
        where = key < (*where)->key ? &(*where)->left : &(*where)->right;
    }
    *where = STM_NEW(tree);
    (*where)->key = key;
}

static long walk(const tree *t, int depth)
{
    return t ? walk(t->left, depth + 1) + (long)t->key * depth + walk(t->right, depth + 1) : 0;
}

int main(void)
{
    struct list *l = NULL;
    for (int i = 0; i < 1000; i++) {
        struct list *n = STM_NEW(struct list);
        n->next = l;
        n->value = i * i;
        l = n;
    }
    l = reverse(l);
    long sum = 0, i = 0;
    for (struct list *n = l; n; n = n->next)
        sum += n->value * (i++ % 7);
    printf("%ld %ld\n", sum, i);

    for (int round = 0; round < 200; round++) {
        tree *root = NULL;
        unsigned x = 12345;
        for (int k = 0; k < 500; k++) {
            x = x * 1103515245u + 12345u;
            insert(&root, (int)(x >> 16) % 1000);
        }
        STM_SAFEPOINT();
        if (round % 50 == 0)
            printf("%ld\n", walk(root, 1));
    }
    return 0;
}
