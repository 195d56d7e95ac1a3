/* Between a commit's append, when others see its objects, and its promotion of them: they have no mark yet,
 * and are nobody's fresh objects any more.
 * variants: segment plainview
 *
 * The window is a few instructions wide.  Here the state in it is made by hand: one player's objects are
 * published before it commits, and another, who has been given them, must treat them as old. */
#include "check.h"

static struct {
    long *p, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static struct player P[2];
static int deaths;
static void died(void *obj)
{
    (void)obj, deaths++;
}

static int setup(void **state)
{
    (void)state;
    stm_thread_leave();
    deaths = 0;
    for (int i = 0; i < 2; i++)
        player_new(&P[i]);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        player_done(&P[i]);
    return 0;
}

/* What stmi_commit does up to its append, and what the other does when it applies that. */
static void publish(uptr ref, size_t n)
{
    struct stmi_seg *s = P[0].t->seg, *other = P[1].t->seg;
    turn_to(&P[0]);
    stmi_close_run(s, &stm_self);
    stmi_walk_runs(s);
    memcpy(stmi_shared(ref - 8), stmi_view(s, ref - 8), n + 8);
    memcpy(stmi_view(other, ref - 8), stmi_view(s, ref - 8), n + 8);
    stmi_privatise(other, ref - 8, n + 8);
}

static void free_is_undone(void **state)
{
    (void)state;
    for (size_t n = 40; n <= 40000; n *= 1000) {
        assert_int_equal(begin(&P[0]), DONE);
        long *x = stm_malloc(n);
        P[0].reg[0] = (uptr)x;
        publish((uptr)x, n);
        turn_to(&P[1]);
        assert_int_equal(begin(&P[1]), DONE);
        stm_free(x);
        assert_int_equal(give_up(&P[1]), ABORTED);
        assert_int_equal(commit(&P[0]), DONE);
        assert_int_equal(begin(&P[1]), DONE);
        stm_free(x); /* not a double free: the first never was */
        assert_int_equal(commit(&P[1]), DONE);
    }
}

/* Two transactions that free one object conflict. */
static void frees_conflict(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    long *x = stm_malloc(40);
    P[0].reg[0] = (uptr)x;
    publish((uptr)x, 40);
    turn_to(&P[1]);
    assert_int_equal(begin(&P[1]), DONE);
    stm_free(x);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    stm_free(x);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
}

static void does_not_die(void **state)
{
    (void)state;
    for (size_t n = 40; n <= 40000; n *= 1000) {
        assert_int_equal(begin(&P[0]), DONE);
        long *x = stm_new_any(n);
        P[0].reg[0] = (uptr)x;
        publish((uptr)x, n);
        turn_to(&P[1]);
        assert_int_equal(begin(&P[1]), DONE);
        void *w = stm_weak_new(x);
        P[1].reg[0] = (uptr)w;
        stm_set_destructor(x, died);
        stm_set_finalizer(x, died);
        stmi_young(P[1].t, STMI_YOUNG_GO_ON); /* nothing of its own leads to x */
        assert_ptr_equal(stm_weak_get(w), x);
        stmi_young(P[1].t, STMI_YOUNG_GO_ON);
        assert_int_equal(deaths, 0);
        assert_int_equal(give_up(&P[1]), ABORTED); /* nor does x die with it */
        assert_int_equal(deaths, 0);
        assert_int_equal(commit(&P[0]), DONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(free_is_undone, setup, teardown),
                                       cmocka_unit_test_setup_teardown(frees_conflict, setup, teardown),
                                       cmocka_unit_test_setup_teardown(does_not_die, setup, teardown)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
