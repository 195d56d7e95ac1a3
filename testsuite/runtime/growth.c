/* variants: segment plainview */
/* How much may become old between major collections, where the user does not say. */
#include "longs.h"

const char *const stm_options[] = {"STM_SEGMENTS=2", "STM_NURSERY=1m", NULL};

enum { MB = 1 << 20, MS = 1000000 };

static void by_cost(void **state)
{
    (void)state;
    /* 4 MB in 100 ms, 2 ms for the collection: 2 MB would make it a twenty-fifth; half the way there */
    assert_in_range(stmi_growth_next(8 * MB, 4 * MB, 2 * MS, 100 * MS), 5 * MB - 1000, 5 * MB);
    /* dearer: more */
    assert_in_range(stmi_growth_next(4 * MB, 4 * MB, 6 * MS, 100 * MS), 5 * MB - 1000, 5 * MB);
    /* seldom: the least there is */
    assert_int_equal(stmi_growth_next(MB / 2, 4 * MB, MS, 100000ul * MS), MB / 2);
    /* never more than 16 MB, whatever the clock says */
    assert_int_equal(stmi_growth_next(16 * MB, 16 * MB, 50 * MS, 10 * MS), 16 * MB);
    assert_int_equal(stmi_growth_next(16 * MB, 16 * MB, 50 * MS, 0), 16 * MB);
}

static void fixed_point(void **state)
{
    (void)state;
    size_t growth = MB;
    for (int i = 0; i < 40;
         i++) /* 40 MB become old in a second, a collection takes 4 ms: 4 MB, each tenth of a second */
        growth = stmi_growth_next(growth, growth, 4 * MS,
                                  (unsigned long)((double)growth / (40.0 * MB) * 1000 * MS));
    assert_in_range(growth, 4 * MB - 1000, 4 * MB + 1000);
}

/* Everything becomes old, and dies: collections come, and growth stays within its bounds. */
static void in_use(void **state)
{
    (void)state;
    stm_thread_enter();
    assert_int_equal(stmi_heap.growth, MB);
    unsigned long before = stmi_majors;
    for (int i = 0; i < 40000; i++) {
        (void)stm_new_any(1000);
        new_transaction();
    }
    assert_in_range(stmi_majors - before, 2, 81); /* 40 MB by at most 16, at least a half */
    assert_in_range(stmi_heap.growth, MB / 2, 16 * MB);
    assert_true(stmi_heap.major_at >= stmi_heap.growth);
    stm_collect();
    size_t was = stmi_heap.growth;
    stm_collect();
    assert_int_equal(stmi_heap.growth, was); /* nothing has become old in between: no news */
    assert_int_equal(stmi_heap.promoted, 0);
    stm_thread_leave();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_cost),
        cmocka_unit_test(fixed_point),
        cmocka_unit_test(in_use),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
