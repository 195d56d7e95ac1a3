/* variants: segment plainview */
/* Who wins, scripted and random: under each policy a transaction that others would abort for ever commits
 * within a number of tries that is known beforehand. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=6", "STM_RETRIES=8", NULL};

enum { CELLS = 40, PLAYERS = 6 };
static const unsigned long long LONG = 1000000000; /* cycles */

static struct {
    long v, pad;
} cell[CELLS] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static cell_static IN_SECTION(ungil_statics) = {cell, sizeof cell, 0, 0, "cell"};

static struct player P[PLAYERS];

static long get(int i)
{
    return *AT(stm_rd(&cell[i].v), long);
}
static void put(int i, long v)
{
    *AT(stm_wr(&cell[i].v, 8), long) = v;
}

static int players(void **state)
{
    (void)state;
    stm_thread_leave();
    for (int i = 0; i < PLAYERS; i++)
        player_new(&P[i]);
    return 0;
}

static int no_players(void **state)
{
    (void)state;
    for (int i = 0; i < PLAYERS; i++)
        player_done(&P[i]);
    stmi_opt.policy = STMI_POLICY_WORK;
    return 0;
}

static void hold(int n) /* only so many segments */
{
    for (int i = n; i < PLAYERS; i++)
        player_done(&P[i]);
}

static void hold_again(int n)
{
    for (int i = n; i < PLAYERS; i++)
        player_new(&P[i]);
}

/* P0 reads everything and writes one cell, at each try after another has committed a write.  How many tries
 * it takes. */
static int tries_of_long_reader(unsigned long long cycles)
{
    int tries = 1;
    assert_int_equal(begin(&P[0]), DONE);
    for (;; tries++) {
        turn_to(&P[0]);
        for (int i = 0; i < CELLS; i++)
            (void)get(i);
        put(0, tries);
        bool sure = stm_self.inevitable;
        assert_int_equal(begin(&P[1]), DONE);
        turn_to(&P[1]);
        put(tries % (CELLS - 1) + 1, tries);
        assert_int_equal(commit(&P[1]), sure ? BLOCKED : DONE);
        if (sure)
            break;
        P[0].t->seg->begun = stmi_cycles() - cycles; /* so long it took */
        assert_int_equal(commit(&P[0]), ABORTED);
        assert_int_equal(try_again(&P[0]), DONE);
    }
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), DONE);
    return tries;
}

static void by_retries(void **state)
{
    (void)state;
    stmi_opt.policy = STMI_POLICY_RETRIES;
    assert_int_equal(tries_of_long_reader(LONG), 9);
    assert_int_equal(tries_of_long_reader(0), 9);
    stmi_opt.retries = 2;
    assert_int_equal(tries_of_long_reader(LONG), 3);
    stmi_opt.retries = 8;
}

/* With n threads the n - 1 others would lose that often what a try lost: so it is the n-th abort that is too
 * much. */
static void by_work(void **state)
{
    (void)state;
    stmi_opt.policy = STMI_POLICY_WORK;
    assert_int_equal(tries_of_long_reader(0), 9); /* short: waking them costs more than trying again */
    for (int n = PLAYERS; n >= 2; n -= 2) {
        hold(n);
        assert_int_equal(tries_of_long_reader(LONG), n + 1);
        hold_again(n);
    }
}

static void by_age(void **state)
{
    (void)state;
    stmi_opt.policy = STMI_POLICY_AGE;
    assert_int_equal(tries_of_long_reader(LONG), 2);
    assert_int_equal(tries_of_long_reader(0), 2);
    /* of two that were aborted the first has the right, then the other */
    for (int i = 0; i < 3; i++)
        assert_int_equal(begin(&P[i]), DONE);
    for (int i = 0; i < 2; i++) {
        turn_to(&P[i]);
        put(i + 2, get(1));
    }
    turn_to(&P[2]);
    put(1, 5);
    assert_int_equal(commit(&P[2]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_int_equal(try_again(&P[0]), DONE);
    assert_int_equal(try_again(&P[1]), DONE);
    assert_int_equal(P[0].self.inevitable, 1);
    turn_to(&P[1]);
    assert_int_equal(stm_self.inevitable, 0);
    put(3, get(1));
    turn_to(&P[0]);
    put(1, 6);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_int_equal(try_again(&P[1]), DONE);
    turn_to(&P[1]);
    assert_int_equal(stm_self.inevitable, 1);
}

/* ---- a long atomic block that is asked to end looks whether it still can */

static void ask_and_look(enum outcome expected)
{
    pthread_mutex_lock(&stmi_world.lock);
    stmi_ask(P[0].t, STMI_POLL_BREAK);
    pthread_mutex_unlock(&stmi_world.lock);
    assert_int_equal(PLAY(&P[0], stm_safepoint()), expected);
}

static void write_by(struct player *p, int i, long v)
{
    assert_int_equal(begin(p), DONE);
    turn_to(p);
    put(i, v);
    assert_int_equal(commit(p), DONE);
}

static void blocks_look_ahead(void **state)
{
    (void)state;
    write_by(&P[1], 1, 100);
    write_by(&P[1], 3, 0);
    write_by(&P[1], 2, 200);
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(PLAY(&P[0], stm_atomic_enter()), DONE);
    turn_to(&P[0]);
    assert_int_equal(get(1), 100);
    put(3, 300);
    write_by(&P[1], 2, 201);
    ask_and_look(DONE);
    turn_to(&P[0]);
    assert_int_equal(get(2), 201); /* as new as the look */
    assert_int_equal(get(3), 300); /* its own stays */
    assert_int_equal(get(1), 100);
    assert_true(stm_self.poll != 0); /* it ends when the block does */
    write_by(&P[1], 2, 202);
    ask_and_look(ABORTED);
    assert_int_equal(P[0].why, STMI_ABORT_READ);
    assert_int_equal(try_again(&P[0]), DONE);
    turn_to(&P[0]);
    assert_int_equal(get(3), 0);
    assert_int_equal(get(2), 202);
}

/* What a block is owed from tries that were aborted in it is not lost when its begin would end the
 * transaction. */
static void blocks_keep_their_claim(void **state)
{
    (void)state;
    int block = 1;
    stmi_opt.policy = STMI_POLICY_RETRIES;
    assert_int_equal(begin(&P[0]), DONE);
    for (unsigned long k = 0; k <= stmi_opt.retries; k++) {
        unsigned long commits = P[0].t->stats.commits;
        pthread_mutex_lock(&stmi_world.lock);
        stmi_ask(P[0].t, k ? STMI_POLL_BREAK : 0);
        pthread_mutex_unlock(&stmi_world.lock);
        assert_int_equal(PLAY(&P[0], stm_atomic_enter()), DONE);
        assert_int_equal(P[0].t->stats.commits, commits);
        assert_int_equal(P[0].t->retries, k);
        turn_to(&P[0]);
        put(2, get(1));
        assert_int_equal(stm_self.inevitable, k == stmi_opt.retries);
        if (k < stmi_opt.retries)
            write_by(&P[1], 1, (long)k);
        assert_int_equal(PLAY(&P[0], stm_atomic_leave(&block)), DONE);
        assert_int_equal(commit(&P[0]), k < stmi_opt.retries ? ABORTED : DONE);
        if (k < stmi_opt.retries)
            assert_int_equal(try_again(&P[0]), DONE);
    }
}

/* But who has come through one block after an abort, and is asked to end, sees at the next one what others
 * have committed; what it is owed goes with it until it has written something. */
static void polling_sees_news(void **state)
{
    (void)state;
    int block = 1;
    stmi_opt.policy = STMI_POLICY_RETRIES;
    write_by(&P[1], 1, 0);
    assert_int_equal(begin(&P[0]), DONE);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(give_up(&P[0]), ABORTED);
        assert_int_equal(try_again(&P[0]), DONE);
    }
    for (int round = 1; round < 5; round++) {
        write_by(&P[1], 1, round);
        pthread_mutex_lock(&stmi_world.lock);
        stmi_ask(P[0].t, STMI_POLL_BREAK); /* the ticker */
        pthread_mutex_unlock(&stmi_world.lock);
        assert_int_equal(PLAY(&P[0], stm_atomic_enter()), DONE);
        assert_int_equal(P[0].t->retries, 3);
        turn_to(&P[0]);
        assert_int_equal(get(1), round == 1 ? 0 : round); /* the first block is what is owed */
        assert_int_equal(PLAY(&P[0], stm_atomic_leave(&block)), DONE);
    }
    turn_to(&P[0]);
    put(2, 1);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(P[0].t->retries, 0);
}

/* ---- random */

static unsigned long rnd;
static unsigned dice(unsigned n)
{
    return (unsigned)(next_random(&rnd) >> 20) % n;
}

/* Everybody reads and writes at random; whoever aborts tries again.  Nobody needs more than STM_RETRIES + 1
 * tries. */
static void random_tries(void **state)
{
    (void)state;
    for (unsigned long seed = 1; seed <= 60; seed++) {
        long commits = 0, aborts = 0, tries[PLAYERS] = {0};
        bool in[PLAYERS] = {false};
        rnd = seed * 0x9e3779b97f4a7c15ul + 1;
        stmi_opt.policy = dice(3);
        stmi_opt.retries = 1 + dice(6);
        for (int step = 0; step < 4000; step++) {
            int who = (int)dice(PLAYERS);
            struct player *p = &P[who];
            if (!in[who]) {
                in[who] = begin(p) == DONE;
                tries[who] = 1;
                continue;
            }
            turn_to(p);
            if (dice(12)) {
                if (dice(3))
                    (void)get((int)dice(CELLS));
                else
                    put((int)dice(CELLS), step);
                continue;
            }
            if (dice(8) == 0)
                p->t->seg->begun = stmi_cycles() - dice(1 << 30);
            enum outcome o = commit(p);
            if (o == BLOCKED)
                continue;
            if (o == DONE) {
                commits++;
                in[who] = false;
                if (tries[who] > (long)stmi_opt.retries + 1)
                    print_error("seed %lu: %ld tries\n", seed, tries[who]);
                assert_true(tries[who] <= (long)stmi_opt.retries + 1);
                continue;
            }
            aborts++;
            while ((o = try_again(p)) == BLOCKED) /* another is inevitable: let it end */
                for (int i = 0; i < PLAYERS; i++)
                    if (P[i].t->seg->in_tx && P[i].self.inevitable && &P[i] != p) {
                        assert_int_equal(commit(&P[i]), DONE);
                        in[i] = false;
                    }
            assert_int_equal(o, DONE);
            tries[who]++;
        }
        assert_true(commits > 30 && aborts > 10);
        for (int i = 0; i < PLAYERS; i++)
            if (in[i] && P[i].t->seg->in_tx) {
                turn_to(&P[i]);
                if (stm_self.inevitable)
                    assert_int_equal(commit(&P[i]), DONE);
            }
        for (int i = 0; i < PLAYERS; i++)
            if (in[i] && P[i].t->seg->in_tx)
                assert_int_equal(give_up(&P[i]), ABORTED);
    }
    stmi_opt.retries = 8;
}

#define T(f) cmocka_unit_test_setup_teardown(f, players, no_players)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(by_retries),        T(by_work),     T(by_age), T(blocks_look_ahead), T(blocks_keep_their_claim),
        T(polling_sees_news), T(random_tries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
