/* variants: segment plainview */
/* Scripted interleavings: who aborts, who sees what.  One OS thread plays all. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=4", NULL};

struct cell {
    struct cell *next;
    long v[3];
};
static struct stm_type cell_type IN_SECTION(ungil_types) = {0,      0,   4, 0, (const unsigned long[]){1},
                                                            "cell", NULL};

static struct {
    long a, b, c, d, e, f;
    struct cell *list;
    long pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static struct {
    long x[8];
    struct cell *list;
} O __attribute__((section("ungil_data"), aligned(16), used)) = {.x = {7}};
static const struct stm_static o_static IN_SECTION(ungil_statics) = {&O, sizeof O, 0, STM_STATIC_OBJECT, "O"};

static struct player P[4];
static struct cell *shared, *shared2; /* committed objects */
static char *large;                   /* 20,000 bytes */

static long get(struct cell *c)
{
    return AT(stm_rd(c), struct cell)->v[0];
}
static void put(struct cell *c, long v)
{
    AT(stm_wr(c, 8), struct cell)->v[0] = v;
}
static long get_long(long *p)
{
    return *AT(stm_rd(p), long);
}
static void put_long(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}
static struct cell *new_cell(long v)
{
    struct cell *c = stm_new(sizeof *c, &cell_type);
    AT(c, struct cell)->v[0] = v;
    return c;
}

static long read_by(struct player *p, struct cell *c)
{
    long v = -1;
    turn_to(p);
    v = get(c);
    return v;
}
static void write_by(struct player *p, struct cell *c, long v)
{
    turn_to(p);
    put(c, v);
}

static int players(void **state)
{
    (void)state;
    stm_thread_leave();
    for (int i = 0; i < 4; i++)
        player_new(&P[i]);
    assert_int_equal(begin(&P[0]), DONE);
    shared = new_cell(1);
    shared2 = new_cell(2);
    large = stm_new_any(20000);
    put_long((long *)&G.list, (long)shared);
    AT(shared, struct cell)->next = shared2;
    *AT(stm_wr(&O.list, 8), void *) = large;
    assert_int_equal(commit(&P[0]), DONE);
    return 0;
}

static int no_players(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        player_done(&P[i]);
    return 0;
}

static void begin_all(int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(begin(&P[i]), DONE);
}

static void writer_first(void **state)
{
    (void)state;
    begin_all(2);
    write_by(&P[0], shared, 10);
    assert_int_equal(read_by(&P[1], shared), 1);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(read_by(&P[1], shared), 1); /* its view does not change under it */
    assert_int_equal(commit(&P[1]), DONE);       /* read-only: it came before */
    begin_all(2);
    assert_int_equal(read_by(&P[0], shared), 10);
    assert_int_equal(read_by(&P[1], shared), 10);
}

static void reader_that_writes_aborts(void **state)
{
    (void)state;
    begin_all(2);
    assert_int_equal(read_by(&P[1], shared), 1);
    write_by(&P[1], shared2, 20);
    write_by(&P[0], shared, 10);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_int_equal(P[1].why, STMI_ABORT_READ);
    begin_all(2);
    assert_int_equal(read_by(&P[1], shared2), 2);
    assert_int_equal(read_by(&P[1], shared), 10);
}

/* What was written before an atomic block is committed at its begin, and the block's own work at the
 * safepoint after it if it lasted: so taking a job from a queue, and putting away its result, are
 * transactions apart from the job. */
static void blocks_stand_apart(void **state)
{
    (void)state;
    int block = 1;
    begin_all(1);
    write_by(&P[0], shared, 10); /* take a job */
    assert_int_equal(PLAY(&P[0], stm_atomic_enter()), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(read_by(&P[1], shared), 10);
    assert_int_equal(commit(&P[1]), DONE);
    turn_to(&P[0]);
    write_by(&P[0], shared2, 20); /* the job, a long one */
    P[0].t->seg->begun -= 1000000000;
    assert_int_equal(PLAY(&P[0], stm_atomic_leave(&block)), DONE);
    assert_int_equal(PLAY(&P[0], stm_safepoint()), DONE);
    assert_int_equal(begin(&P[2]), DONE);
    assert_int_equal(read_by(&P[2], shared2), 20);
}

static void short_blocks_share(void **state)
{
    (void)state;
    int block = 1;
    begin_all(1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PLAY(&P[0], stm_atomic_enter()), DONE);
        write_by(&P[0], i ? shared2 : shared, 30 + i);
        P[0].t->seg->begun = stmi_cycles();
        assert_int_equal(PLAY(&P[0], stm_atomic_leave(&block)), DONE);
        assert_int_equal(PLAY(&P[0], stm_safepoint()), DONE);
    }
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(read_by(&P[1], shared), 1); /* neither has been committed */
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[2]), DONE);
    assert_int_equal(read_by(&P[2], shared), 30);
    assert_int_equal(read_by(&P[2], shared2), 31);
}

static void reader_commits_first(void **state)
{
    (void)state;
    begin_all(2);
    assert_int_equal(read_by(&P[1], shared), 1);
    write_by(&P[1], shared2, 20);
    write_by(&P[0], shared, 10);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), DONE); /* it never read shared2 */
    assert_int_equal(begin(&P[2]), DONE);
    assert_int_equal(read_by(&P[2], shared), 10);
    assert_int_equal(read_by(&P[2], shared2), 20);
}

static void write_write(void **state)
{
    (void)state;
    begin_all(2);
    write_by(&P[0], shared, 10);
    write_by(&P[1], shared, 11);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
    assert_int_equal(P[0].why, STMI_ABORT_WRITE);
    begin_all(1);
    assert_int_equal(read_by(&P[0], shared), 11);
}

static void abort_restores(void **state)
{
    (void)state;
    begin_all(1);
    P[0].reg[0] = 5;
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(1);
    P[0].reg[0] = 6;
    write_by(&P[0], shared, 10);
    put_long(&G.a, 77);
    AT(stm_wr(&O, 8), long)[0] = 8;
    char *fresh = stm_new_any(64);
    (void)fresh;
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_int_equal(P[0].reg[0], 5);
    begin_all(1);
    assert_int_equal(read_by(&P[0], shared), 1);
    assert_int_equal(get_long(&G.a), 0);
    assert_int_equal(*AT(stm_rd(&O), long), 7);
    assert_ptr_equal(stm_new_any(64), fresh); /* its memory was free again */
}

static void publication(void **state)
{
    (void)state;
    begin_all(2);
    write_by(&P[1], shared2, 3); /* gives P1 its own copies of the pages */
    turn_to(&P[0]);
    struct cell *c = new_cell(42);
    char *big = stm_new_any(10000);
    *(char *)stm_real(big + 9999) = 'x';
    AT(stm_wr(shared, 8), struct cell)->next = c;
    AT(c, struct cell)->next = (struct cell *)big;
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    begin_all(3);
    for (int i = 0; i < 3; i++) {
        turn_to(&P[i]);
        struct cell *seen = AT(stm_rd(shared), struct cell)->next;
        assert_ptr_equal(seen, c);
        assert_int_equal(get(seen), 42);
        assert_int_equal(*AT((char *)AT(seen, struct cell)->next + 9999, char), 'x');
    }
}

static void inevitable_wins(void **state)
{
    (void)state;
    begin_all(3);
    write_by(&P[0], shared, 10);
    write_by(&P[1], shared2, 20);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), BLOCKED);
    assert_int_equal(inevitable(&P[1]), BLOCKED);
    assert_int_equal(read_by(&P[2], shared), 1);
    assert_int_equal(commit(&P[2]), DONE); /* read-only ones go on */
    turn_to(&P[0]);
    assert_int_equal(get(shared2), 2);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    begin_all(3);
    assert_int_equal(read_by(&P[2], shared), 10);
    assert_int_equal(read_by(&P[2], shared2), 20);
}

static void inevitable_too_late(void **state)
{
    (void)state;
    begin_all(2);
    assert_int_equal(read_by(&P[0], shared), 1);
    write_by(&P[1], shared, 10);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(inevitable(&P[0]), ABORTED);
    assert_int_equal(P[0].why, STMI_ABORT_INEVITABLE);
    begin_all(1);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_int_equal(read_by(&P[0], shared), 10);
    assert_int_equal(commit(&P[0]), DONE); /* wrote nothing: the log's end is free again */
    begin_all(2);
    assert_int_equal(inevitable(&P[1]), DONE);
}

static long peek(struct player *p, struct cell *c)
{
    turn_to(p);
    return AT(c, struct cell)->v[0];
}

/* What an inevitable transaction reads without a barrier stays as it is until it has ended, and it validates
 * nothing: others wait to commit, collections move no view; nor does anybody else need its marks. */
static void inevitable_reads_unmarked(void **state)
{
    (void)state;
    begin_all(3);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_int_equal(peek(&P[0], shared), 1);
    write_by(&P[1], shared, 10);
    assert_int_equal(commit(&P[1]), BLOCKED);
    assert_int_equal(peek(&P[0], shared), 1);
    assert_int_equal(read_by(&P[2], shared2), 2);
    write_by(&P[2], (struct cell *)large, 5);
    assert_int_equal(PLAY(&P[0], stm_collect()), DONE);
    assert_int_equal(PLAY(&P[0], stmi_young(P[0].t, STMI_YOUNG_GO_ON)), DONE);
    assert_int_equal(commit(&P[1]), BLOCKED);
    write_by(&P[0], shared2,
             peek(&P[0], shared) + 100); /* from what was read, and to what another has read */
    assert_int_equal(peek(&P[0], shared), 1);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE); /* it comes after: what it wrote was read before */
    assert_int_equal(commit(&P[2]), ABORTED);
    assert_int_equal(P[2].why, STMI_ABORT_READ);
    begin_all(1);
    assert_int_equal(read_by(&P[0], shared), 10);
    assert_int_equal(read_by(&P[0], shared2), 101);
}

/* Before it turns inevitable a transaction needs its marks, and the turn checks them: so the order of the
 * two matters. */
static void unmarked_too_early(void **state)
{
    (void)state;
    begin_all(2);
    assert_int_equal(peek(&P[0], shared), 1);
    write_by(&P[1], shared, 10);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(inevitable(&P[0]), DONE); /* nothing is marked, nothing conflicts */
    assert_int_equal(peek(&P[0], shared), 10); /* but what was read is no more */
    assert_int_equal(commit(&P[0]), DONE);
}

static void statics_by_granule(void **state)
{
    (void)state;
    begin_all(3);
    turn_to(&P[0]);
    put_long(&G.a, 1); /* a and b share a granule, c and d the next */
    turn_to(&P[1]);
    put_long(&G.c, 3);
    turn_to(&P[2]);
    assert_int_equal(get_long(&G.b), 0);
    put_long(&G.e, 5);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[2]), ABORTED); /* read b beside a */
    begin_all(1);
    turn_to(&P[0]);
    assert_int_equal(get_long(&G.a), 1);
    assert_int_equal(get_long(&G.c), 3);
    assert_int_equal(get_long(&G.e), 0);
}

/* A struct assignment over granules of which the ends were written before. */
static void statics_gap(void **state)
{
    (void)state;
    begin_all(2);
    turn_to(&P[0]);
    put_long(&G.a, 1);
    put_long(&G.e, 5);
    struct three {
        long l[6];
    };
    *AT(stm_wr(&G, sizeof(struct three)), struct three) = (struct three){{1, 2, 3, 4, 5, 6}};
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(2);
    turn_to(&P[1]);
    assert_int_equal(get_long(&G.d), 4);
}

static void static_objects_whole(void **state)
{
    (void)state;
    begin_all(2);
    turn_to(&P[0]);
    AT(stm_wr(&O.x[6], 8), long)[0] = 1;
    turn_to(&P[1]);
    (void)AT(stm_rd(&O), long)[1];
    put_long(&G.e, 5);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
}

static void cards(void **state)
{
    (void)state;
    begin_all(3);
    turn_to(&P[0]);
    *AT(stm_wr(large + 1000, 1), char) = 'a';
    turn_to(&P[1]);
    *AT(stm_wr(large + 2000, 1), char) = 'b';
    turn_to(&P[2]);
    assert_int_equal(*AT(stm_rd(large + 3000), char), 0);
    *AT(stm_wr(large + 1010, 1), char) = 'c'; /* the card of 1000 */
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[2]), ABORTED);
    begin_all(3);
    turn_to(&P[2]);
    assert_int_equal(*AT(stm_rd(large + 1000), char), 'a');
    assert_int_equal(*AT(stm_rd(large + 2000), char), 'b');
}

/* A struct over two cards, of which the first is written already. */
static void cards_straddled(void **state)
{
    (void)state;
    struct wide {
        char c[100];
    };
    begin_all(2);
    turn_to(&P[0]);
    *AT(stm_wr(large + 1024 + 60, 1), char) = 'a';
    memset((char *)stm_real(stm_wr(large + 1024 + 60, sizeof(struct wide))), 'z', 100);
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(2);
    turn_to(&P[1]);
    assert_int_equal(*AT(stm_rd(large + 1024 + 159), char), 'z');
}

/* Whoever reads a large object by its owner sees any write to it; a range sees its own. */
static void large_by_owner(void **state)
{
    (void)state;
    begin_all(4);
    turn_to(&P[0]);
    memset(stm_wr_range(large + 5000, 1000), 'r', 1000);
    turn_to(&P[1]);
    (void)stm_rd(large);
    put_long(&G.a, 1);
    turn_to(&P[2]);
    (void)stm_x_rd(large + 10000);
    put_long(&G.c, 1);
    turn_to(&P[3]);
    (void)stm_rd_range(large + 7000, 100);
    put_long(&G.e, 1);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_int_equal(commit(&P[2]), ABORTED);
    assert_int_equal(commit(&P[3]), DONE);
    begin_all(2);
    turn_to(&P[1]);
    (void)stm_x_wr(large + 10000);
    turn_to(&P[0]);
    *AT(stm_wr(large + 15000, 1), char) = 1;
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
}

/* An address into an object that was not reached by its owner marks a granule; writers own them all. */
static void interior_any(void **state)
{
    (void)state;
    begin_all(2);
    turn_to(&P[0]);
    assert_int_equal(*(long *)stm_any_rd(&shared->v[2]), 0);
    put_long(&G.a, 1);
    turn_to(&P[1]);
    *(long *)stm_any_wr(&shared->v[0], 8) = 9;
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
}

static void major_ends_conflicting(void **state)
{
    (void)state;
    begin_all(3);
    assert_int_equal(read_by(&P[1], shared), 1);
    write_by(&P[1], shared2, 5);
    turn_to(&P[2]);
    P[2].reg[0] = (uptr)new_cell(33);
    put_long(&G.c, 3);
    write_by(&P[0], shared, 10);
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(1);
    assert_int_equal(PLAY(&P[0], stm_collect()), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_int_equal(P[1].why, STMI_ABORT_STOPPED);
    turn_to(&P[2]);
    assert_int_equal(get((struct cell *)P[2].reg[0]), 33);
    assert_int_equal(get_long(&G.c), 3);
    assert_int_equal(commit(&P[2]), DONE);
    begin_all(2);
    assert_int_equal(read_by(&P[1], shared), 10);
    assert_int_equal(read_by(&P[1], shared2), 2);
    turn_to(&P[0]);
    assert_int_equal(get_long(&G.c), 3);
    assert_int_equal(get((struct cell *)P[2].reg[0]), 33);
}

static uptr hidden; /* ~reference: main's own stack is a root too */
static __attribute__((noinline)) void make(int large_one)
{
    P[0].reg[0] = (uptr)(large_one ? stm_new_any(100000) : (void *)new_cell(4));
    hidden = ~P[0].reg[0];
}
static __attribute__((noinline)) void write_and_let_go(void)
{
    put_long((long *)P[0].reg[0] + 1, 99);
    P[0].reg[0] = 0;
}
static __attribute__((noinline)) bool is_there(int large_one)
{
    uptr at = ~hidden;
    return large_one ? stmi_large_find(at) && stmi_large_find(at)->ref == at
                     : stmi_bit(stmi_heap.start, stmi_granule(at));
}
static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[8192];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

/* An inevitable transaction has written what it alone had, and lets go of it: the memory is nobody else's
 * before it has committed. */
static void written_is_kept(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        begin_all(1);
        make(k);
        assert_int_equal(commit(&P[0]), DONE);
        begin_all(2);
        assert_int_equal(inevitable(&P[0]), DONE);
        turn_to(&P[0]);
        write_and_let_go();
        clear_stack();
        assert_int_equal(PLAY(&P[1], stm_collect()), DONE);
        assert_true(is_there(k));
        assert_int_equal(commit(&P[0]), DONE);
        assert_int_equal(commit(&P[1]), DONE);
    }
}

static void raw_writes(void **state)
{
    (void)state;
    static _Thread_local long local = 1;
    static long raw = 1;
    begin_all(1);
    turn_to(&P[0]);
    stmi_tls_find(P[0].t);
    *(long *)stm_raw_wr(&local, 8) = 2;
    assert_int_equal(stm_self.inevitable, 0);
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_int_equal(local, 1);
    begin_all(1);
    turn_to(&P[0]);
    long *disguised = stm_real(stm_rd(&shared->v[0]));
    *(long *)stm_any_wr(disguised, 8) = 12;
    assert_int_equal(stm_self.inevitable, 0);
    *(long *)stm_any_wr(&raw, 8) = 2;
    assert_int_equal(stm_self.inevitable, 1);
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(1);
    assert_int_equal(read_by(&P[0], shared), 12);
}

static void version_wrap(void **state)
{
    (void)state;
    unsigned long was = stmi_opt.version_max;
    stmi_opt.version_max = 5;
    begin_all(1);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(begin(&P[1]), DONE);
        if (i % 7 == 0) {
            assert_int_equal(read_by(&P[1], shared), 1);
            write_by(&P[1], shared2, i);
        }
        assert_int_equal(commit(&P[1]), DONE);
    }
    assert_true(P[1].t->stats.wraps >= 5);
    assert_int_equal(begin(&P[1]), DONE); /* no mark of an earlier transaction counts */
    turn_to(&P[1]);
    put_long(&G.a, 1);
    write_by(&P[0], shared, 10);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    stmi_opt.version_max = was;
}

static void double_free_conflicts(void **state)
{
    (void)state;
    begin_all(1);
    char *m = stm_malloc(100);
    assert_int_equal(commit(&P[0]), DONE);
    begin_all(2);
    assert_int_equal(PLAY(&P[0], stm_free(m)), DONE);
    assert_int_equal(PLAY(&P[1], stm_free(m)), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
}

/* A segment that nobody uses must not hold the log back; it is rebuilt when it is wanted again. */
static void idle_segment(void **state)
{
    (void)state;
    player_done(&P[3]);
    for (int i = 0; i < 200000; i++) {
        assert_int_equal(begin(&P[0]), DONE);
        write_by(&P[0], shared, i);
        assert_int_equal(commit(&P[0]), DONE);
        if (i % 1000 == 0)
            for (int k = 1; k < 3; k++) {
                assert_int_equal(begin(&P[k]), DONE);
                assert_int_equal(commit(&P[k]), DONE);
            }
    }
    assert_true(P[0].t->seg->chunk_bytes < 8 * STMI_LOG_SLACK);
    player_new(&P[3]);
    assert_int_equal(begin(&P[3]), DONE);
    assert_int_equal(read_by(&P[3], shared), 199999);
}

#define T(f) cmocka_unit_test_setup_teardown(f, players_reset, no_players)
static int players_reset(void **state)
{
    players(state);
    assert_int_equal(begin(&P[0]), DONE);
    memset(stm_wr_range(&G, sizeof G), 0, sizeof G);
    put_long((long *)&G.list, (long)shared);
    AT(stm_wr(&O, 8), long)[0] = 7;
    assert_int_equal(commit(&P[0]), DONE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(writer_first),
        T(reader_that_writes_aborts),
        T(blocks_stand_apart),
        T(short_blocks_share),
        T(reader_commits_first),
        T(write_write),
        T(abort_restores),
        T(publication),
        T(inevitable_wins),
        T(inevitable_too_late),
        T(inevitable_reads_unmarked),
        T(unmarked_too_early),
        T(statics_by_granule),
        T(statics_gap),
        T(static_objects_whole),
        T(cards),
        T(cards_straddled),
        T(large_by_owner),
        T(interior_any),
        T(major_ends_conflicting),
        T(written_is_kept),
        T(raw_writes),
        T(version_wrap),
        T(double_free_conflicts),
        T(idle_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
