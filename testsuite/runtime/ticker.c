/* variants: segment gil plainview */
/* Loops that neither allocate nor write still end their transactions, in time for others to see. */
#include "longs.h"

#include <time.h>

const char *const stm_options[] = {"STM_SEGMENTS=2", NULL};

static struct {
    long go, seen, pad[2];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static void set(long *p, long v)
{
    *STM_AT(stm_wr(p, 8), long) = v;
}

static int enter(void **state)
{
    (void)state;
    stm_thread_enter();
    return 0;
}

static int leave(void **state)
{
    (void)state;
    stm_thread_leave();
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Waits for each number and passes it on, without anything that counts as work; both sides only read
 * meanwhile. */
static void *echo(void *arg)
{
    for (long i = 1; i <= 20; i++) {
        while (get(&G.go) < i)
            stm_safepoint();
        set(&G.seen, i);
    }
    return arg;
}

static void reading_loops_see_each_other(void **state)
{
    (void)state;
    pthread_t id;
    double begin = now();
    assert_int_equal(stm_thread_create(&id, NULL, echo, NULL), 0);
    stm_safepoint();
    for (long i = 1; i <= 20; i++) {
        set(&G.go, i);
        while (get(&G.seen) < i && now() - begin < 60)
            stm_safepoint();
    }
    assert_int_equal(get(&G.seen), 20);
    int b = stm_blocking_enter();
    assert_int_equal(pthread_join(id, NULL), 0);
    stm_blocking_leave(&b);
}

/* Alone again: the ticker leaves a transaction alone (gil: has none). */
static void alone(void **state)
{
    (void)state;
    stm_hint_commit_soon();
    stm_safepoint();
    unsigned long commits = stmi_me->stats.commits;
    for (double begin = now(); now() - begin < 0.3;)
        stm_safepoint();
    assert_int_equal(stmi_me->stats.commits, commits);
}

#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {T(reading_loops_see_each_other), T(alone)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
