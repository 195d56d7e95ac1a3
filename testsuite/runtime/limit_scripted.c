/* The heap is full while others are in flight: the emergency collection keeps what their transactions hold,
 * in both versions, and ends those that conflict.  Scripted.
 * variants: segment plainview */
#include "longs.h"

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=64k", "STM_MAJOR=64m", "STM_HEAP_SIZE=8m",
                                   NULL};

static struct {
    long **kept, *shared, *other, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static struct player P[3];

static void put(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}

static int setup(void **state)
{
    (void)state;
    stm_thread_leave();
    for (int i = 0; i < 3; i++)
        player_new(&P[i]);
    assert_int_equal(begin(&P[0]), DONE);
    long *s = stm_new_any(64);
    P[0].reg[0] = (uptr)s;
    long *o = stm_new_any(20000);
    put(s, 1);
    put(o, 2);
    *AT(stm_wr(&G.shared, 8), long *) = s;
    *AT(stm_wr(&G.other, 8), long *) = o;
    assert_int_equal(commit(&P[0]), DONE);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        player_done(&P[i]);
    return 0;
}

/* Garbage, promoted by each commit, until a collection had to come. */
static void fill(struct player *p, size_t each)
{
    unsigned long before = stmi_majors;
    turn_to(p);
    for (int round = 0; stmi_majors == before; round++) {
        assert_true(round < 100);
        assert_int_equal(begin(p), DONE);
        for (size_t n = 0; n < 1 << 19; n += each) {
            long *q = stm_new_any(each);
            put(q, (long)p->reg[7]);
            p->reg[7] = (uptr)q; /* lives a little longer than the transaction */
        }
        assert_int_equal(commit(p), DONE);
        p->reg[7] = 0;
    }
}

/* P[1] has replaced what G.shared leads to, and may still do either. */
static void in_flight(size_t each, int commits)
{
    turn_to(&P[1]);
    assert_int_equal(begin(&P[1]), DONE);
    long *mine = stm_new_any(128);
    P[1].reg[0] = (uptr)mine; /* any allocation may collect now */
    long *big = stm_new_any(9000);
    put(mine, 11);
    put(big + 1000, 12);
    put(mine + 1, (long)big);
    *AT(stm_wr(&G.shared, 8), long *) = mine;
    P[1].reg[0] = 0; /* only what it has written leads there */
    fill(&P[0], each);
    if (commits)
        assert_int_equal(commit(&P[1]), DONE);
    else
        assert_int_equal(give_up(&P[1]), ABORTED);
    turn_to(&P[2]);
    assert_int_equal(begin(&P[2]), DONE);
    long *now = *AT(stm_rd(&G.shared), long *);
    assert_int_equal(get(now), commits ? 11 : 1);
    if (commits)
        assert_int_equal(get((long *)get(now + 1) + 1000), 12);
    assert_int_equal(get(*AT(stm_rd(&G.other), long *)), 2);
    assert_int_equal(commit(&P[2]), DONE);
}
static void small_commits(void **state)
{
    (void)state;
    in_flight(100, 1);
}
static void small_aborts(void **state)
{
    (void)state;
    in_flight(100, 0);
}
static void large_commits(void **state)
{
    (void)state;
    in_flight(30000, 1);
}
static void large_aborts(void **state)
{
    (void)state;
    in_flight(30000, 0);
}

/* P[1] has read what was committed meanwhile: the collection ends it, and nothing of it stays. */
static void conflicting(void **state)
{
    (void)state;
    turn_to(&P[1]);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(get(*AT(stm_rd(&G.shared), long *)), 1);
    put(*AT(stm_rd(&G.other), long *), 99);
    assert_int_equal(begin(&P[2]), DONE);
    put(*AT(stm_rd(&G.shared), long *), 5);
    assert_int_equal(commit(&P[2]), DONE);
    fill(&P[0], 100);
    assert_int_equal(P[1].t->must_abort, STMI_ABORT_STOPPED);
    assert_int_equal(commit(&P[1]), ABORTED);
    turn_to(&P[1]);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(get(*AT(stm_rd(&G.shared), long *)), 5);
    assert_int_equal(get(*AT(stm_rd(&G.other), long *)), 2);
    assert_int_equal(commit(&P[1]), DONE);
}

/* Inevitable meanwhile: it is not touched. */
static void inevitable_in_flight(void **state)
{
    (void)state;
    turn_to(&P[1]);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(inevitable(&P[1]), DONE);
    put(*AT(stm_rd(&G.shared), long *), 7);
    long *mine = stm_new_any(300);
    put(mine, 8);
    P[1].reg[0] = (uptr)mine;
    turn_to(&P[0]);
    assert_int_equal(begin(&P[0]), DONE);
    stmi_major(P[0].t, true);
    assert_int_equal(give_up(&P[0]), ABORTED);
    turn_to(&P[1]);
    assert_int_equal(get(*AT(stm_rd(&G.shared), long *)), 7);
    assert_int_equal(get((long *)P[1].reg[0]), 8);
    assert_int_equal(commit(&P[1]), DONE);
    turn_to(&P[2]);
    assert_int_equal(begin(&P[2]), DONE);
    assert_int_equal(get(*AT(stm_rd(&G.shared), long *)), 7);
    assert_int_equal(commit(&P[2]), DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(small_commits), T(small_aborts), T(large_commits),
        T(large_aborts),  T(conflicting),  T(inevitable_in_flight),
#undef T
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
