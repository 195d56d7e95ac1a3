/* transactions.c - what a transaction costs, whatever it is good for.  Plain annotated C, compiled by
 * ungil-cc.
 *
 *   transactions empty          ns for each of many empty transactions
 *   transactions commit N       ns for each transaction that writes N objects of 32 bytes
 *   transactions stack BYTES    ns for each empty transaction begun with so much stack in use
 *   transactions blocking       ns for each round trip out of the zone, an empty STM_BLOCKING, nobody else
 *                               there; CPU time
 *   transactions work THREADS US   transactions per second, each US microseconds of computing and one write
 *                                  to an
 *                               object of the thread's own
 *   transactions young          ms for each MB that survives the young collection of a commit: a list of
 *                               48-byte objects
 *   transactions major MB       ms for each MB live in a major collection: a binary tree of such;
 *                               STM_MARKERS
 *
 * Prints one number.  Transactions end where the program asks for it (stm_hint_commit_soon), not where the
 * runtime would. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT cell {
    long value, more[3];
};

struct STM_OBJECT cells {
    long n STM_IMMUTABLE;
    struct cell *of[] STM_IMMUTABLE;
};

static const double MEASURED = 0.2; /* seconds */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void next_transaction(void)
{
    stm_hint_commit_soon();
    STM_SAFEPOINT();
}

static void write_all(struct cells *c)
{
    for (long i = 0; i < c->n; i++)
        c->of[i]->value++;
}

/* ns for each transaction that writes the objects of c, if any. */
static double repeat(struct cells *c)
{
    long n = 0;
    double begin = now(), end = begin;
    do {
        for (int i = 0; i < 100; i++, n++) {
            next_transaction();
            if (c)
                write_all(c);
        }
        end = now();
    } while (end - begin < MEASURED);
    return (end - begin) * 1e9 / (double)n;
}

static double commit(long n)
{
    struct cells *c = STM_NEW_FLEX(struct cells, of, n);
    c->n = n;
    for (long i = 0; i < n; i++)
        c->of[i] = STM_NEW(struct cell);
    next_transaction();
    repeat(c);
    return repeat(c);
}

static __attribute__((noinline)) double with_stack(size_t bytes)
{
    char used[bytes + 1];
    memset(used, 1, bytes + 1);
    double ns = repeat(NULL);
    return used[bytes / 2] ? ns : 0;
}

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double blocking(void)
{
    long n = 0;
    double begin = cpu_now(), end = begin;
    do {
        for (int i = 0; i < 1000; i++, n++)
            STM_BLOCKING {}
        end = cpu_now();
    } while (end - begin < MEASURED);
    return (end - begin) * 1e9 / (double)n;
}

/* ---- collections */

struct STM_OBJECT tree {
    struct tree *left, *right;
    long value[2];
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Median of ms. */
static double median(double *ms, int n)
{
    qsort(ms, (size_t)n, sizeof *ms, by_size);
    return ms[n / 2];
}

static struct tree *tree(int depth)
{
    struct tree *t = STM_NEW(struct tree);
    if (depth) {
        t->left = tree(depth - 1);
        t->right = tree(depth - 1);
    }
    return t;
}

enum { TIMES = 9 };

/* Three quarters of a megabyte: less than the least nursery, so that no collection comes before the
 * commit's. */
static double young(void)
{
    enum { OBJECTS = 16384 };
    static struct tree *kept;
    double ms[TIMES];
    for (int k = 0; k < TIMES; k++) {
        kept = NULL;
        next_transaction();
        for (int i = 0; i < OBJECTS; i++) {
            struct tree *t = STM_NEW(struct tree);
            t->left = kept;
            kept = t;
        }
        double begin = now();
        next_transaction();
        ms[k] = (now() - begin) * 1e3 / (OBJECTS * 48.0 / 1048576);
    }
    return median(ms, TIMES);
}

static double major(long mb)
{
    static struct tree *kept;
    double ms[TIMES], n;
    int depth = 0;
    for (n = 1; n * 48 < (double)mb * 1048576; depth++)
        n = 2 * n + 1;
    kept = tree(depth);
    next_transaction();
    for (int k = 0; k < TIMES; k++) {
        double begin = now();
        stm_collect();
        ms[k] = (now() - begin) * 1e3 / (n * 48 / 1048576);
    }
    return median(ms, TIMES);
}

/* ---- scaling */

struct STM_OBJECT job {
    struct cell *own;
    long rounds STM_IMMUTABLE; /* of computing, in one transaction */
    long done;
};

static volatile int stop;

/* About 1 ns for each round; the result must not be foreseeable. */
static __attribute__((noinline)) unsigned long compute(long rounds)
{
    unsigned long x = (unsigned long)rounds | 1;
    for (long i = 0; i < rounds; i++)
        x = x * 6364136223846793005ul + 1442695040888963407ul;
    return x;
}

static long rounds_in(double us)
{
    long n = 1000000;
    unsigned long sink = compute(n + 1); /* not n: the compiler would make one call of two equal ones */
    double begin = now();
    sink += compute(n);
    double seconds = now() - begin;
    return sink == 1 ? 0 : (long)((double)n * us * 1e-6 / seconds);
}

static void *work(void *arg)
{
    struct job *job = arg;
    long done = 0;
    while (!stop) {
        job->own->value += (long)compute(job->rounds);
        done++;
        next_transaction();
    }
    job->done = done;
    return NULL;
}

static double throughput(int threads, double us)
{
    enum { MOST = 64 };
    struct job *jobs[MOST];
    pthread_t t[MOST];
    long done = 0, rounds = rounds_in(us);
    struct timespec wait = {(time_t)MEASURED, (long)(MEASURED * 1e9)};
    if (threads < 1 || threads > MOST)
        return 0;
    for (int i = 0; i < threads; i++) {
        struct job *job = STM_NEW(struct job);
        job->rounds = rounds;
        job->own = STM_NEW(struct cell);
        jobs[i] = job;
    }
    next_transaction();
    for (int i = 0; i < threads; i++)
        pthread_create(&t[i], NULL, work, jobs[i]);
    double begin = now();
    STM_BLOCKING
    {
        nanosleep(&wait, NULL);
    }
    stop = 1;
    for (int i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
    double seconds = now() - begin;
    for (int i = 0; i < threads; i++)
        done += jobs[i]->done;
    return (double)done / seconds;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    double r = -1;
    if (!strcmp(what, "empty")) {
        repeat(NULL);
        r = repeat(NULL);
    } else if (!strcmp(what, "commit") && argc > 2) {
        r = commit(atol(argv[2]));
    } else if (!strcmp(what, "stack") && argc > 2) {
        r = with_stack((size_t)atol(argv[2]));
    } else if (!strcmp(what, "blocking")) {
        blocking();
        r = blocking();
    } else if (!strcmp(what, "young")) {
        r = young();
    } else if (!strcmp(what, "major") && argc > 2) {
        r = major(atol(argv[2]));
    } else if (!strcmp(what, "work") && argc > 3) {
        r = throughput(atoi(argv[2]), atof(argv[3]));
    }
    if (r < 0) {
        fprintf(stderr, "usage: transactions empty | commit N | stack BYTES | blocking | young | major MB | "
                        "work THREADS MICROSECONDS\n");
        return 2;
    }
    printf("%.5g\n", r);
    return 0;
}
