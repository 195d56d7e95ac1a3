/* variants: segment plainview */
/* Memory that one segment loses and another gets: no write mark that the first has left counts there.  And
 * what a commit publishes is what it has once it has waited, not before.  Scripted. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=2", "STM_NURSERY=64k", "STM_HEAP_SIZE=4m", NULL};

enum { LARGE = 20000, MOST = 1100 };

static struct {
    uptr table[MOST];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static struct player P[2];
static uptr hidden[MOST]; /* complements: no roots */

static int set_up(void **state)
{
    (void)state;
    player_new(&P[0]);
    player_new(&P[1]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    player_done(&P[0]);
    player_done(&P[1]);
    return 0;
}

static __attribute__((noinline)) void make(int i, size_t n)
{
    hidden[i] = ~(uptr)stm_new_any(n);
}

/* P[1] publishes objects of n bytes until one lies where P[0] had hidden[0]; its place, 0 if none ever does.
 */
static int take_over(size_t n)
{
    for (int i = 1; i < MOST; i++) {
        assert_int_equal(begin(&P[1]), DONE);
        make(i, n);
        *AT(~hidden[i], long) = i;
        *AT(stm_wr(&G.table[i], 8), uptr) = ~hidden[i];
        assert_int_equal(commit(&P[1]), DONE);
        if (hidden[i] == hidden[0])
            return i;
    }
    return 0;
}

/* What P[0] had as its own and lost is committed by P[1]; P[0], whose view moves on as it turns inevitable,
 * writes to it. */
static void writes_to_what_it_lost(size_t n)
{
    int i = take_over(n);
    assert_true(i);
    assert_int_equal(inevitable(&P[0]), DONE);
    turn_to(&P[0]);
    uptr now = *AT(stm_rd(&G.table[i]), uptr);
    assert_int_equal(*AT(stm_rd(now), long), i);
    *AT(stm_wr(now, 8), long) = 4711;
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    turn_to(&P[1]);
    assert_int_equal(*AT(stm_rd(*AT(stm_rd(&G.table[i]), uptr)), long), 4711);
}

static void a_large_object_is_lost(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    turn_to(&P[0]);
    make(0, LARGE);
    stmi_young(P[0].t, STMI_YOUNG_GO_ON);
    writes_to_what_it_lost(LARGE);
}

/* The world stops, and the blocks that P[0] has emptied are anybody's. */
static void a_block_is_lost(void **state)
{
    (void)state;
    enum { BYTES = 4000 };
    assert_int_equal(begin(&P[0]), DONE);
    turn_to(&P[0]);
    for (int i = 0; i < 8; i++)
        P[0].reg[i] = (uptr)stm_new_any(BYTES);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    turn_to(&P[0]);
    for (int i = 0; i < 8; i++)
        (void)stm_wr(P[0].reg[i], 8);
    make(0, BYTES);
    for (int i = 1; i < 100; i++)
        make(i, BYTES);
    assert_int_equal(begin(&P[1]), DONE);
    stmi_heap.promoted = stmi_heap.major_at; /* not stm_collect, which gives memory back to the system */
    assert_int_equal(PLAY(&P[1], stmi_major(P[1].t, false)), DONE);
    assert_int_equal(stmi_owner(P[0].reg[1]), 0);
    for (int i = 0; i < 8; i++) /* what it has written it has written */
        assert_int_equal(*stmi_w_marker(P[0].t->seg, P[0].reg[i]), P[0].t->seg->version);
    assert_int_equal(commit(&P[1]), DONE);
    writes_to_what_it_lost(BYTES);
}

/* Space of large objects goes back to the system in whole pages, its markers in whole pages of theirs. */
static void a_version_comes_again(void **state)
{
    (void)state;
    unsigned long was = stmi_opt.version_max;
    stmi_opt.version_max = 200;
    assert_int_equal(begin(&P[0]), DONE);
    turn_to(&P[0]);
    P[0].reg[0] = (uptr)stm_new_any(3 * STMI_PAGE - 24);
    make(0, LARGE);
    P[0].reg[1] = ~hidden[0];
    P[0].reg[2] = (uptr)stm_new_any(1 << 20);
    const struct stmi_seg *s = P[0].t->seg;
    unsigned short version = s->version;
    assert_int_equal(commit(&P[0]), DONE);
    P[0].reg[1] = P[0].reg[2] = 0;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(PLAY(&P[0], stm_collect()), DONE);
    assert_int_equal(commit(&P[0]), DONE);
    assert_true(stmi_heap.large_low > ~hidden[0]);
    for (unsigned long wraps = P[0].t->stats.wraps; P[0].t->stats.wraps == wraps;) {
        assert_int_equal(begin(&P[0]), DONE);
        assert_int_equal(commit(&P[0]), DONE);
    }
    while (s->version + 1 != version) {
        assert_int_equal(begin(&P[0]), DONE);
        assert_int_equal(commit(&P[0]), DONE);
    }
    assert_int_equal(begin(&P[0]), DONE);
    writes_to_what_it_lost(LARGE);
    stmi_opt.version_max = was;
}

/* P[1]'s commit waits for P[0], who is inevitable, and collects: what P[1] has is split into more pieces. */
enum { KEPT = 6 };
static void collect_while_it_waits(struct stmi_thread *t)
{
    t->test_block = NULL;
    assert_int_equal(PLAY(&P[0], stm_collect()), DONE);
    assert_int_equal(commit(&P[0]), DONE);
    turn_to(&P[1]);
}

static __attribute__((noinline)) void keep_every_second(void)
{
    for (int i = 0; i < KEPT; i++) {
        P[1].reg[i] = (uptr)stm_new_any(8);
        *AT(P[1].reg[i], long) = 100 + i;
        make(KEPT, 120);
    }
}

static void an_entry_is_measured_when_it_is_built(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    turn_to(&P[1]);
    keep_every_second();
    size_t runs = P[1].t->seg->runs.n;
    (void)stm_wr_range(G.table, sizeof G.table);
    for (int i = 0; i < MOST; i++)
        *AT(&G.table[i], uptr) = 1000 + (uptr)i;
    P[1].t->test_block = collect_while_it_waits;
    assert_int_equal(commit(&P[1]), DONE);
    const struct stmi_seg *s = P[1].t->seg;
    const struct stmi_entry *e = s->last;
    assert_in_range(e->nnew, runs + 2, MOST);
    size_t data = 0;
    for (unsigned i = 0; i < e->nmod; i++)
        data += e->unit[i].size;
    const char *end = (const char *)&e->unit[e->nmod + e->nnew] + data;
    assert_true(end <= (const char *)(s->chunk_last + 1) + s->chunk_last->used);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_version_comes_again), /* first: the heap is empty */
        T(a_large_object_is_lost),
        T(a_block_is_lost),
        T(an_entry_is_measured_when_it_is_built),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
