/* variants: segment gil plainview */
/* A blocking thread's segment: it comes back to it if nobody had a use for it meanwhile; who needs a
 * segment, stops the world, lowers the limit or wants the log to go on takes it.  Scripted; one player more
 * than there are segments. */
#include "longs.h"

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=64m", "STM_TICK=0", NULL};

enum { MOST = 4 };
static struct player P[MOST];
static int seats; /* P[seats] is the one too many */
static struct {
    long n, pad, *list, pad2;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static unsigned long reattached(const struct player *p)
{
    return p->t->stats.reattached;
}
static bool is_away(const struct player *p)
{
    return p->t->detached && !p->t->seg && p->t->state == STMI_RUNNING;
}
static bool is_outside(const struct player *p)
{
    return !p->t->detached && !p->t->seg && p->t->state == STMI_OUTSIDE;
}

/* Everybody away, P[0] up to P[seats - 1] each with a segment. */
static int players(void **state)
{
    (void)state;
    seats = stmi_nseg;
    for (int i = 0; i <= seats; i++) {
        player_new(&P[i]);
        goes_away(&P[i]);
    }
    static bool again;
    assert_true(again || !STMI_VIEWS ||
                stmi_world.nlive == 1); /* what one left detached was better than a view to be made anew */
    again = true;
    for (int i = 0; i < seats; i++) /* a free one, or that of P[seats], who was the last to come */
        assert_int_equal(comes_back(&P[i]), DONE);
    for (int i = 0; i < seats; i++)
        goes_away(&P[i]);
    assert_true(is_outside(&P[seats]));
    return 0;
}
static int no_players(void **state)
{
    (void)state;
    stm_segment_limit(stmi_nseg);
    for (int i = 0; i <= seats; i++) {
        if (P[i].t->seg && P[i].t->seg->in_tx)
            (void)commit(&P[i]);
        if (P[i].t->seg)
            goes_away(&P[i]);
    }
    for (int i = 0; i <= seats; i++)
        player_done(&P[i]);
    assert_int_equal(stmi_world.nheld + stmi_world.nqueue + stmi_world.running, 0);
    return 0;
}

static void add_by(struct player *p)
{
    assert_int_equal(begin(p), DONE);
    turn_to(p);
    add(&G.n, 1);
    assert_int_equal(commit(p), DONE);
}

static void comes_back_to_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < seats; i++) {
        const struct stmi_seg *s = P[i].t->away;
        unsigned long before = reattached(&P[i]);
        assert_true(is_away(&P[i]) && s->holder == P[i].t);
        assert_int_equal(comes_back(&P[i]), DONE);
        assert_ptr_equal(P[i].t->seg, s);
        assert_int_equal(stm_self.base, s->base);
        assert_int_equal(reattached(&P[i]), before + 1);
        add_by(&P[i]);
    }
    assert_int_equal(stmi_world.nheld, seats);
}

/* What it allocates next is where it was, so nothing was given back. */
static void keeps_its_run(void **state)
{
    (void)state;
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    char *a = stm_new_any(24);
    P[0].reg[0] = (uptr)a;
    assert_int_equal(commit(&P[0]), DONE);
    goes_away(&P[0]);
    assert_int_equal(stm_self.alloc_end - stm_self.alloc,
                     0); /* to allocate now is an error, which only the slow path sees */
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    assert_ptr_equal(stm_new_any(24), a + 32);
}

/* Who finds all segments taken waits; when one goes away, its segment goes over, and it does not come back
 * as long as that is in use. */
static void goes_to_who_needs_it(void **state)
{
    (void)state;
    struct player *extra = &P[seats];
    for (int i = 0; i < seats; i++)
        assert_int_equal(comes_back(&P[i]), DONE);
    assert_int_equal(comes_back(extra), BLOCKED);
    add_by(&P[0]);
    goes_away(&P[0]);
    assert_int_equal(comes_back(extra), DONE);
    assert_true(is_outside(&P[0]));
    assert_ptr_equal(extra->t->seg->holder, extra->t);
    unsigned long before = reattached(&P[0]);
    assert_int_equal(comes_back(&P[0]), BLOCKED);
    goes_away(extra);
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_true(is_outside(extra));
    assert_int_equal(reattached(&P[0]), before);
    assert_int_equal(stmi_world.nheld, seats);
    add_by(&P[0]);
}

/* Somebody waits already: it is given up at once, and the next in the queue is called. */
static void given_up_for_who_waits(void **state)
{
    (void)state;
    assert_int_equal(comes_back(&P[0]), DONE);
    stmi_world.nqueue++;
    goes_away(&P[0]);
    stmi_world.nqueue--;
    assert_true(is_outside(&P[0]));
    assert_int_equal(stmi_world.nheld, seats - 1);
}

/* The leader finds nobody running, and all that they left where a collection looks for it. */
static void world_stops(void **state)
{
    (void)state;
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    long *held = stm_new_any(64);
    P[0].reg[0] = (uptr)held;
    *AT(held, long) = 17;
    assert_int_equal(commit(&P[0]), DONE);
    goes_away(&P[0]);
    turn_to(NULL);
    stmi_world_stop_all(NULL);
    assert_int_equal(stmi_world.running + stmi_world.nheld, 0);
    for (int i = 0; i < seats; i++)
        assert_true(is_outside(&P[i]));
    stmi_verify("in a test");
    stmi_world_resume();
    unsigned long before = reattached(&P[0]);
    assert_int_equal(comes_back(&P[1]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    stmi_major(P[1].t, true);
    assert_int_equal(commit(&P[1]), DONE);
    goes_away(&P[1]);
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(reattached(&P[0]), before);
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(get(held), 17);
    assert_true(stmi_bit(stmi_heap.start, stmi_granule((uptr)held)));
}

/* A leader in the zone, whose own segment stays. */
static void collection_reclaims(void **state)
{
    (void)state;
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(PLAY(&P[0], stm_collect()), DONE);
    for (int i = 1; i < seats; i++)
        assert_true(is_outside(&P[i]));
    assert_int_equal(stmi_world.nheld, 1);
}

static void limit_reclaims(void **state)
{
    (void)state;
    if (seats == 1)
        return;
    assert_int_equal(comes_back(&P[1]), DONE); /* inside, perhaps above the limit */
    int above = 0, inside_above = P[1].t->seg->id > 1;
    for (int i = 0; i < seats; i++)
        above += i != 1 && P[i].t->away->id > 1;
    assert_int_equal(stm_segment_limit(1), seats);
    assert_int_equal(stmi_world.nqueue, inside_above);
    assert_int_equal(stmi_world.nheld, seats - above);
    for (int i = 0; i < seats; i++)
        assert_true(i == 1 || (P[i].t->away->id > 1 ? is_outside(&P[i]) : is_away(&P[i])));
    goes_away(&P[1]);
    assert_int_equal(stmi_world.nqueue, 0);
    assert_true(inside_above ? is_outside(&P[1]) : is_away(&P[1]));
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(P[0].t->seg->id, 1);
    assert_int_equal(comes_back(&P[1]), BLOCKED);
    assert_int_equal(stm_segment_limit(seats), 1);
}

/* A sleeper must not hold up the log for ever. */
static void log_reclaims(void **state)
{
    (void)state;
    if (!STMI_VIEWS)
        return;
    assert_int_equal(comes_back(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    char *large = stm_new_any(100000);
    *AT(stm_wr(&G.list, 8), char *) = large;
    assert_int_equal(commit(&P[0]), DONE);
    int rounds = 0;
    for (; is_away(&P[1]) || is_away(&P[2]); rounds++) {
        assert_true(rounds < 1000);
        assert_int_equal(begin(&P[0]), DONE);
        memset(stm_wr_range(large, 100000), rounds, 100000);
        assert_int_equal(commit(&P[0]), DONE);
    }
    assert_true(rounds > 2);
    assert_true(is_outside(&P[1]) && is_outside(&P[2]));
    assert_int_equal(comes_back(&P[1]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(*AT(stm_rd(large), char), (char)(rounds - 1));
}

/* fork outside the zone, by one whose segment is detached. */
static void own_segment_at_a_stop(void **state)
{
    (void)state;
    turn_to(&P[0]);
    stmi_world_stop_all(P[0].t);
    assert_true(is_outside(&P[0]));
    assert_int_equal(stmi_world.running, 0);
    stmi_world_resume();
    assert_int_equal(comes_back(&P[0]), DONE);
    add_by(&P[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, players, no_players)
        T(comes_back_to_its_own),  T(keeps_its_run), T(goes_to_who_needs_it),
        T(given_up_for_who_waits), T(world_stops),   T(collection_reclaims),
        T(limit_reclaims),         T(log_reclaims),  T(own_segment_at_a_stop),
#undef T
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
