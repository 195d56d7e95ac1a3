/* sets.c - the classic micro-benchmarks of transactional memory, in plain C, one source for every contender.
 *
 * Compiled by ungil-cc it is what a port looks like: nodes are STM_OBJECTs, an operation is an STM_ATOMIC
 * block, and there is no barrier in sight.  Other builds choose the synchronisation by a macro:
 *   SYNC_NONE   nothing: the unsynchronised base line, one thread only
 *   SYNC_MUTEX  one pthread mutex
 *   SYNC_ITM    GCC's transactional memory (-fgnu-tm)
 *
 *   sets list|tree|hash|counters THREADS SECONDS
 * prints operations per second.  The structure is checked at the end: keys in order, and as many as
 * additions less removals say; a wrong one is an error and exit status 1.
 *
 * Workload as in the literature (Herlihy et al., DSTM, PODC 2003, and its followers): keys drawn uniformly
 * from twice the initial size, 80 % look-ups, the rest additions and removals in equal parts; counters: ten
 * of 16,384 incremented. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef SYNC_ITM
#define STM_OBJECT
#define STM_IMMUTABLE
#define STM_NEW(T) ((T *)calloc(1, sizeof(T)))
#define STM_NEW_FLEX(T, f, n) ((T *)calloc(1, sizeof(T) + (n) * sizeof(((T *)0)->f[0])))
#define STM_SAFEPOINT() ((void)0)
#define STM_BLOCKING
#define SAFE __attribute__((transaction_safe))
#define DISPOSE(p) free(p)
#define BEGIN                                                                                                \
    __transaction_atomic                                                                                     \
    {
#define END }
#else
#define UNGIL_PLAIN_MALLOC
#include "ungil.h"
#define SAFE
#ifdef UNGIL_TRANSLATE
#define DISPOSE(p) ((void)(p)) /* collected */
#define BEGIN                                                                                                \
    STM_ATOMIC                                                                                               \
    {
#define END }
#else
#define DISPOSE(p) free(p)
#ifdef SYNC_MUTEX
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define BEGIN pthread_mutex_lock(&lock);
#define END pthread_mutex_unlock(&lock);
#else
#define BEGIN
#define END
#endif
#endif
#endif

struct STM_OBJECT node {
    long key, value;
    struct node *left, *right; /* a list uses left */
};

struct STM_OBJECT table {
    unsigned long mask STM_IMMUTABLE;
    struct node *bucket[];
};

struct STM_OBJECT counter {
    long count;
};

struct STM_OBJECT counters {
    struct counter *of[16384] STM_IMMUTABLE;
};

enum { LIST_SIZE = 256, TREE_SIZE = 16384, HASH_SIZE = 16384, COUNTERS = 16384, PER_TRANSACTION = 10 };
enum operation { LOOKUP, ADD, REMOVE };

static struct node *root; /* the list's or tree's sentinel: its left is the first */
static struct table *table;
static struct counters *all;
static volatile int stop;

/* ---- sorted list */

SAFE static struct node *list_before(long key)
{
    struct node *before = root;
    for (struct node *n = before->left; n && n->key < key; n = n->left)
        before = n;
    return before;
}

SAFE static int list_do(enum operation what, long key)
{
    struct node *before = list_before(key), *n = before->left;
    int found = n && n->key == key;
    if (what == ADD && !found) {
        struct node *fresh = STM_NEW(struct node);
        fresh->key = key;
        fresh->left = n;
        before->left = fresh;
    } else if (what == REMOVE && found) {
        before->left = n->left;
        DISPOSE(n);
    }
    return what == ADD ? !found : found;
}

/* ---- binary search tree, not balanced */

SAFE static void tree_unlink(struct node *parent, struct node *n)
{
    struct node *heir;
    if (!n->left) {
        heir = n->right;
    } else if (!n->right) {
        heir = n->left;
    } else { /* the next larger key moves here, and its node goes */
        struct node *above = n, *next = n->right;
        while (next->left) {
            above = next;
            next = next->left;
        }
        n->key = next->key;
        n->value = next->value;
        if (above == n)
            above->right = next->right;
        else
            above->left = next->right;
        DISPOSE(next);
        return;
    }
    if (parent->left == n)
        parent->left = heir;
    else
        parent->right = heir;
    DISPOSE(n);
}

SAFE static int tree_do(enum operation what, long key)
{
    struct node *parent = root, *n = root->left;
    while (n && n->key != key) {
        parent = n;
        n = key < n->key ? n->left : n->right;
    }
    int found = n != NULL;
    if (what == ADD && !found) {
        struct node *fresh = STM_NEW(struct node);
        fresh->key = key;
        if (parent == root || key < parent->key)
            parent->left = fresh;
        else
            parent->right = fresh;
    } else if (what == REMOVE && found) {
        tree_unlink(parent, n);
    }
    return what == ADD ? !found : found;
}

/* ---- hash set, chained */

SAFE static int hash_do(enum operation what, long key)
{
    unsigned long i = ((unsigned long)key * 0x9e3779b97f4a7c15ul >> 32) & table->mask;
    struct node *before = NULL, *n = table->bucket[i];
    while (n && n->key != key) {
        before = n;
        n = n->left;
    }
    int found = n != NULL;
    if (what == ADD && !found) {
        struct node *fresh = STM_NEW(struct node);
        fresh->key = key;
        fresh->left = table->bucket[i];
        table->bucket[i] = fresh;
    } else if (what == REMOVE && found) {
        if (before)
            before->left = n->left;
        else
            table->bucket[i] = n->left;
        DISPOSE(n);
    }
    return what == ADD ? !found : found;
}

/* ---- one transaction of each kind */

static __attribute__((noinline)) int list_operation(enum operation what, long key)
{
    int r;
    BEGIN r = list_do(what, key);
    END return r;
}

static __attribute__((noinline)) int tree_operation(enum operation what, long key)
{
    int r;
    BEGIN r = tree_do(what, key);
    END return r;
}

static __attribute__((noinline)) int hash_operation(enum operation what, long key)
{
    int r;
    BEGIN r = hash_do(what, key);
    END return r;
}

static __attribute__((noinline)) void count_operation(const unsigned *which)
{
    BEGIN
    for (int i = 0; i < PER_TRANSACTION; i++)
        all->of[which[i]]->count++;
    END
}

static const struct kind {
    const char *name;
    int (*operation)(enum operation what, long key);
    long size;
} kinds[] = {
    {"list", list_operation, LIST_SIZE},
    {"tree", tree_operation, TREE_SIZE},
    {"hash", hash_operation, HASH_SIZE},
    {"counters", NULL, COUNTERS},
};

/* ---- threads */

struct job {
    const struct kind *kind;
    uint64_t seed;
    long operations, net;
    char apart[96];
};

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void *work(void *arg)
{
    struct job *job = arg;
    const struct kind *k = job->kind;
    uint64_t s = job->seed;
    long operations = 0, net = 0;
    while (!stop) {
        if (k->operation) {
            uint64_t r = next_random(&s) >> 20;
            long key = (long)(r % (uint64_t)(2 * k->size));
            unsigned dice = (unsigned)(next_random(&s) >> 33) % 10;
            enum operation what = dice < 8 ? LOOKUP : dice == 8 ? ADD : REMOVE;
            int hit = k->operation(what, key);
            net += what == ADD ? hit : what == REMOVE ? -hit : 0;
        } else {
            unsigned which[PER_TRANSACTION];
            for (int i = 0; i < PER_TRANSACTION; i++)
                which[i] = (unsigned)(next_random(&s) >> 20) % COUNTERS;
            count_operation(which);
        }
        operations++;
        STM_SAFEPOINT();
    }
    job->operations = operations;
    job->net = net;
    return NULL;
}

static void fail(const char *what)
{
    fprintf(stderr, "sets: %s\n", what);
    exit(1);
}

static void build(const struct kind *k)
{
    uint64_t s = 99;
    root = STM_NEW(struct node);
    root->key = -1;
    struct table *t = STM_NEW_FLEX(struct table, bucket, HASH_SIZE);
    t->mask = HASH_SIZE - 1;
    table = t;
    struct counters *c = STM_NEW(struct counters);
    for (int i = 0; i < COUNTERS; i++)
        c->of[i] = STM_NEW(struct counter);
    all = c;
    for (long n = 0; k->operation && n < k->size; STM_SAFEPOINT())
        n += k->operation(ADD, (long)((next_random(&s) >> 20) % (uint64_t)(2 * k->size)));
}

static long count_tree(const struct node *n, long low, long high)
{
    if (!n)
        return 0;
    if (n->key <= low || n->key >= high)
        fail("the tree's keys are out of order");
    return 1 + count_tree(n->left, low, n->key) + count_tree(n->right, n->key, high);
}

/* The elements, or the sum of the counters. */
static long total(const struct kind *k)
{
    long n = 0;
    if (k->operation == list_operation) {
        long last = -1;
        for (struct node *p = root->left; p; p = p->left, n++) {
            if (p->key <= last)
                fail("the list's keys are out of order");
            last = p->key;
        }
    } else if (k->operation == tree_operation) {
        n = count_tree(root->left, -1, 2 * TREE_SIZE);
    } else if (k->operation == hash_operation) {
        for (unsigned long i = 0; i <= table->mask; i++)
            for (struct node *p = table->bucket[i]; p; p = p->left)
                n++;
    } else {
        for (int i = 0; i < COUNTERS; i++)
            n += all->of[i]->count;
    }
    return n;
}

static void wait_seconds(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    STM_BLOCKING
    {
        nanosleep(&t, NULL);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum { MAX_THREADS = 64 };

int main(int argc, char **argv)
{
    static struct job jobs[MAX_THREADS];
    const struct kind *k = NULL;
    for (unsigned i = 0; argc > 3 && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(argv[1], kinds[i].name))
            k = &kinds[i];
    int threads = argc > 3 ? atoi(argv[2]) : 0;
    if (!k || threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "usage: sets list|tree|hash|counters THREADS SECONDS\n");
        return 2;
    }
    build(k);
    long before = total(k);
    pthread_t t[MAX_THREADS];
    for (int i = 0; i < threads; i++) {
        jobs[i].kind = k;
        jobs[i].seed = 5 + (uint64_t)i * 999983;
        pthread_create(&t[i], NULL, work, &jobs[i]);
    }
    double begin = now();
    wait_seconds(atof(argv[3]));
    stop = 1;
    for (int i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
    double seconds = now() - begin;
    long operations = 0, net = 0;
    for (int i = 0; i < threads; i++) {
        operations += jobs[i].operations;
        net += jobs[i].net;
    }
    long expected = before + (k->operation ? net : operations * PER_TRANSACTION);
    if (total(k) != expected)
        fail("the count does not match the operations");
    printf("%.0f\n", (double)operations / seconds);
    return 0;
}
