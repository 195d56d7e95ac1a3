/* variants: segment gil plainview */
/* Threads come and go by the thousand while others run and collections stop the world; and as many segments
 * as there can be. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=64",
                                   "STM_NURSERY=32k",
                                   "STM_MAJOR=256k",
                                   "STM_HEAP_SIZE=512m",
                                   "STM_MARK_ALONE=64k",
                                   "STM_MARKERS=3",
                                   NULL};

enum { COUNTERS = 64, MAKERS = 3, EACH = 500, MOST = 80 };
static struct {
    long v, pad;
} counter[COUNTERS] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static counter_static IN_SECTION(ungil_statics) = {counter, sizeof counter, 0, 0,
                                                                           "counter"};
struct cell {
    struct cell *next;
    long v;
};
static struct stm_type cell_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "cell"};

static _Atomic int over;
static _Atomic long bad;

static void add(int i)
{
    long *at = &counter[i].v;
    *AT(stm_wr(at, 8), long) += 1;
}

static long sum(void)
{
    long s = 0;
    for (int i = 0; i < COUNTERS; i++)
        s += *AT(stm_rd(&counter[i].v), long);
    return s;
}

/* A list that is as it was made, however many collections came between. */
static __attribute__((noinline)) void list(int n)
{
    struct cell *all = NULL;
    for (int i = 0; i < n; i++) {
        struct cell *c = stm_new(sizeof *c, &cell_type);
        AT(c, struct cell)->next = all;
        AT(c, struct cell)->v = i;
        all = c;
        stm_safepoint();
    }
    for (; n-- > 0; all = AT(stm_rd(all), struct cell)->next)
        if (AT(stm_rd(all), struct cell)->v != n)
            bad++;
    if (all)
        bad++;
}

static void *brief(void *arg)
{
    add((int)((long)arg % COUNTERS));
    list((int)((long)arg % 50));
    return (void *)((long)arg + 1);
}

static void create(pthread_t *id, void *(*fn)(void *), long arg)
{
    if (stm_thread_create(id, NULL, fn, (void *)arg))
        bad++;
}

static void join(pthread_t id, long expected)
{
    void *result;
    int b = stm_blocking_enter();
    if (pthread_join(id, &result))
        bad++;
    stm_blocking_leave(&b);
    if ((long)result != expected)
        bad++;
}

/* Up to five at a time. */
static void *maker(void *arg)
{
    pthread_t id[5];
    for (long i = 0; i < EACH; i += 5) {
        for (long k = 0; k < 5; k++)
            create(&id[k], brief, i + k);
        for (long k = 0; k < 5; k++)
            join(id[k], i + k + 1);
    }
    return arg;
}

static void *runner(void *arg)
{
    for (long last = 0; !over;) {
        list(300);
        long now = sum();
        if (now < last)
            bad++;
        last = now;
        stm_safepoint();
    }
    return arg;
}

static int threads_listed(void)
{
    int n = 0;
    pthread_mutex_lock(&stmi_world.lock);
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        n++;
    pthread_mutex_unlock(&stmi_world.lock);
    return n;
}

static void come_and_go(void **state)
{
    (void)state;
    pthread_t run[2], make[MAKERS];
    stm_thread_enter();
    long before = sum();
    for (long i = 0; i < 2; i++)
        create(&run[i], runner, i);
    for (long i = 0; i < MAKERS; i++)
        create(&make[i], maker, i);
    for (long i = 0; i < MAKERS; i++)
        join(make[i], i);
    over = 1;
    for (long i = 0; i < 2; i++)
        join(run[i], i);
    assert_int_equal(sum() - before, MAKERS * EACH);
    stm_thread_leave();
    assert_int_equal(bad, 0);
    assert_true(stmi_majors > 10);
    assert_int_equal(threads_listed(), 1);
    assert_int_equal(stmi_world.nheld, 0);
}

/* ---- all at once */

static _Atomic int inside_now;

static void *wait_for_all(void *arg)
{
    long who = (long)arg;
    inside_now++;
    int b = stm_atomic_enter();
    while (STMI_VIEWS && inside_now < stm_segments()) /* in a transaction each, or nobody could go on */
        stm_safepoint(); /* ends none here, but lets others take segments that need a stop */
    stm_atomic_leave(&b);
    for (int k = 0; k < 30; k++) {
        add((int)(who % COUNTERS));
        list(20);
        stm_hint_commit_soon();
        stm_safepoint();
    }
    return arg;
}

static void all_segments(void **state)
{
    (void)state;
    pthread_t id[MOST];
    stm_thread_enter();
    int n = STMI_VIEWS ? stm_segments() + 16 : MOST;
    assert_true(n <= MOST && (!STMI_VIEWS || n == MOST));
    long before = sum();
    for (long i = 0; i < n; i++)
        create(&id[i], wait_for_all, i);
    stm_hint_commit_soon();
    stm_safepoint();
    for (long i = 0; i < n; i++)
        join(id[i], i);
    assert_int_equal(sum() - before, n * 30);
    stm_thread_leave();
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(come_and_go), cmocka_unit_test(all_segments)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
