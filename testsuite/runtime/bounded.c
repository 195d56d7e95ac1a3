/* Memory stays bounded however many transactions there are: log, views, markers, tables.
 * variants: segment plainview
 * timeout: 300
 *
 * Each case runs N transactions while something stands in the log's way, and samples the resident set and
 * the bytes that the log's chunks take.  As a test, N is small, and what was taken in the first tenth bounds
 * the rest.  With arguments CASE N it prints the samples (bench/memory.sh makes the figure of them). */
#include "longs.h"

#include <unistd.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=256k", "STM_MAJOR=2m", "STM_HEAP_SIZE=1g",
                                   NULL};

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "node"};
static struct {
    long counter[64];
    struct node *list;
    long *array, pad[14];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static _Atomic long done;
static _Atomic int stop, ready, first_runs;
static long total;
enum { ARRAY = 200000, SAMPLES = 50 };

/* ---- samples, by the first thread */

static struct sample {
    long done, rss_kb, log_kb;
} samples[SAMPLES + 2];
static int nsamples;

static void sample(void)
{
    long pages = 0, log = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = -1;
    if (f)
        fclose(f);
    for (int i = 1; i <= stmi_nseg; i++)
        log += (long)((volatile struct stmi_seg *)&stmi_segs[i])->chunk_bytes;
    samples[nsamples++] = (struct sample){atomic_load(&done), pages * 4, log / 1024};
}

/* A transaction is done; the threads count together. */
static void one_done(int first)
{
    if (atomic_fetch_add(&done, 1) >= (nsamples + 1) * (total / SAMPLES) && first && nsamples < SAMPLES)
        sample();
}

/* ---- the threads */

/* The second, should it be quick, does not do all the work before the first has begun. */
static void wait_for_first(const void *second)
{
    ready = 1;
    if (!second)
        first_runs = 1;
    int block = stm_blocking_enter();
    while (!first_runs)
        usleep(100);
    stm_blocking_leave(&block);
}

/* Counters, a list of constant length, garbage. */
static void *small(void *arg)
{
    wait_for_first(arg);
    for (long k = 0; atomic_load(&done) < total; k++) {
        add(&G.counter[(long)arg * 16 + k % 8 * 2], 1);
        if (k % 16 == 0) {
            struct node *n = stm_new(sizeof *n, &node_type);
            AT(n, struct node)->next = k % 256 ? *AT(stm_rd(&G.list), struct node *) : NULL;
            *AT(stm_wr(&G.list, 8), struct node *) = n;
        }
        new_transaction();
        one_done(!arg);
    }
    return NULL;
}

/* Never comes to the allocator. */
static void *counts(void *arg)
{
    while (atomic_load(&done) < total) {
        for (int i = 0; i < 16; i++)
            add(&G.counter[i * 2], 1);
        new_transaction();
        one_done(1);
    }
    return arg;
}

/* Modifies more and more of a large array: entries above a chunk, each larger than the last. */
static void *big(void *arg)
{
    wait_for_first(arg);
    long *a = *AT(stm_rd(&G.array), long *);
    for (long k = 0; atomic_load(&done) < total; k++) {
        for (long i = 0; i < 8000 + k % 4000 * 16; i += 16)
            *AT(stm_wr(a + i, 8), long) = k;
        new_transaction();
        one_done(!arg);
    }
    return NULL;
}

/* Works for a moment, and is outside from then on. */
static void *idle(void *arg)
{
    add(&G.counter[63], 1);
    new_transaction();
    ready = 1;
    int block = stm_blocking_enter();
    while (!stop)
        usleep(1000);
    stm_blocking_leave(&block);
    return arg;
}

/* In one transaction for a long time, and reads; safepoints, but no end. */
static void *reads(void *arg)
{
    while (!stop) {
        int block = stm_atomic_enter();
        long s = get(&G.counter[63]);
        ready = 1;
        for (long i = 0; i < 20000000 && !stop; i++) {
            s += get(&G.counter[63]);
            stm_safepoint();
        }
        stm_atomic_leave(&block);
        if (s)
            arg = NULL;
        new_transaction();
    }
    return arg;
}

/* Blocks the log now and then, and waits while it does. */
static void *waits(void *arg)
{
    ready = 1;
    while (!stop) {
        int block = stm_atomic_enter();
        stm_become_inevitable("test");
        add(&G.counter[63], 1);
        int blocking = stm_blocking_enter();
        usleep(200);
        stm_blocking_leave(&blocking);
        stm_atomic_leave(&block);
        new_transaction();
        blocking = stm_blocking_enter();
        usleep(1000);
        stm_blocking_leave(&blocking);
    }
    return arg;
}

static const struct test_case {
    const char *name, *what;
    void *(*first)(void *), *(*second)(void *);
    long n; /* transactions in the test */
    unsigned long version_max;
} cases[] = {
    {"two", "two threads that commit", small, small, 400000, 0},
    {"wraps", "the same, markers cleared every 500 transactions", small, small, 100000, 500},
    {"idle", "another thread is idle outside", small, idle, 400000, 0},
    {"reads", "another transaction reads for long", small, reads, 400000, 0},
    {"counts", "a writer that never allocates, the same reader", counts, reads, 400000, 0},
    {"waits", "another waits while inevitable", small, waits, 200000, 0},
    {"big", "entries of 64 to 600 KB", big, reads, 4000, 0},
    {"big_two", "the same from two threads", big, big, 4000, 0},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void run_case(const struct test_case *c, long n)
{
    pthread_t id[2];
    stm_thread_enter();
    done = stop = ready = first_runs = nsamples = 0;
    total = n;
    if (c->version_max)
        stmi_opt.version_max = c->version_max;
    long *a = stm_new_any(ARRAY * sizeof(long));
    *AT(stm_wr(&G.array, 8), long *) = a;
    new_transaction();
    if (stm_thread_create(&id[1], NULL, c->second, (void *)1))
        abort();
    new_transaction();
    int block = stm_blocking_enter();
    while (!ready && !done)
        usleep(100);
    stm_blocking_leave(&block);
    if (stm_thread_create(&id[0], NULL, c->first, NULL))
        abort();
    new_transaction();
    block = stm_blocking_enter();
    pthread_join(id[0], NULL);
    stop = 1;
    pthread_join(id[1], NULL);
    stm_blocking_leave(&block);
    stmi_opt.version_max = 65535;
    stm_thread_leave();
}

static void bounded(void **state)
{
    const struct test_case *c = *state;
    run_case(c, c->n);
    assert_true(nsamples > 2);
    long early = 0, rss = 0, log = 0;
    for (int i = 0; i < nsamples; i++) {
        if (i <= nsamples / 10 + 1 && samples[i].rss_kb > early)
            early = samples[i].rss_kb;
        rss = samples[i].rss_kb > rss ? samples[i].rss_kb : rss;
        log = samples[i].log_kb > log ? samples[i].log_kb : log;
    }
    print_message("%s: %ld transactions, resident %ld MB early, %ld at most, log %ld KB\n", c->name, c->n,
                  early >> 10, rss >> 10, log);
    assert_true(early > 0);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed for a while */
    assert_true(rss < early + (24 << 10));
#endif
    assert_true(log < 24 << 10);
}

int main(int argc, char **argv)
{
    stm_thread_leave();
    for (int i = 0; i < CASES && argc == 3; i++)
        if (!strcmp(argv[1], cases[i].name)) {
            run_case(&cases[i], atol(argv[2]));
            printf("# %s\n", cases[i].what);
            for (int k = 0; k < nsamples; k++)
                printf("%ld %ld %ld\n", samples[k].done, samples[k].rss_kb, samples[k].log_kb);
            return 0;
        }
    struct CMUnitTest tests[CASES];
    for (int i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, bounded, NULL, NULL, (void *)&cases[i]};
    return _cmocka_run_group_tests("bounded", tests, CASES, NULL, NULL);
}
