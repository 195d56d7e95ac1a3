/* variants: segment gil plainview */
/* Fairness among real threads.  Nothing is timed: who is starved hangs, or is counted. */
#include "longs.h"

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_RETRIES=5", "STM_SLICE=50", "STM_HEAP_SIZE=256m",
                                   NULL};

enum { CELLS = 4096, SHORT = 3 };
static long cell[CELLS] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static cell_static IN_SECTION(ungil_statics) = {cell, sizeof cell, 0, 0, "cell"};
static struct {
    long sum, pad;
} total __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static total_static IN_SECTION(ungil_statics) = {&total, sizeof total, 0, 0, "total"};

static void put(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}

/* Lets n threads run fn; the caller waits outside. */
static void run(int n, void *(*fn)(void *))
{
    pthread_t id[16];
    stm_thread_enter();
    for (long i = 0; i < n; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, fn, (void *)i), 0);
    stm_thread_leave();
    for (int i = 0; i < n; i++)
        pthread_join(id[i], NULL);
}

/* ---- one long transaction against short ones */

static _Atomic long tries, most_tries, long_commits, short_commits[SHORT], bad;
static _Atomic int over;

/* An atomic block over all cells, which moves nothing but the sum. */
static __attribute__((noinline)) void scan(void)
{
    int b = stm_atomic_enter();
    tries++; /* not undone */
    long sum = 0;
    for (int i = 0; i < CELLS; i++) {
        sum += get(&cell[i]);
        if (i % 64 == 0)
            stm_safepoint();
    }
    if (sum != 0)
        bad++;
    put(&total.sum, get(&total.sum) + 1);
    stm_atomic_leave(&b);
}

/* Moves 1 from one cell to another. */
static void move(unsigned long r)
{
    long *from = &cell[r % CELLS], *to = &cell[r / CELLS % CELLS];
    put(from, get(from) - 1);
    put(to, get(to) + 1);
}

static bool short_ones_done(void)
{
    for (int i = 0; i < SHORT; i++)
        if (short_commits[i] < 200)
            return false;
    return true;
}

static void *long_one(void)
{
    while (long_commits < 20 || !short_ones_done()) {
        tries = 0;
        scan();
        new_transaction();
        if (tries > most_tries)
            most_tries = tries;
        long_commits++;
    }
    over = 1;
    return NULL;
}

static void *long_or_short(void *arg)
{
    long who = (long)arg;
    unsigned long r = (unsigned long)who * 7919 + 3;
    if (who == SHORT)
        return long_one();
    while (!over) {
        move(next_random(&r) >> 20);
        new_transaction();
        short_commits[who]++;
    }
    return NULL;
}

static void under(unsigned long policy)
{
    stmi_opt.policy = policy;
    long_commits = most_tries = over = bad = 0;
    for (int i = 0; i < SHORT; i++)
        short_commits[i] = 0;
    run(SHORT + 1, long_or_short);
    assert_int_equal(bad, 0);
    if (STMI_VIEWS)
        assert_true(most_tries <= (long)stmi_opt.retries + 1);
    else
        assert_int_equal(most_tries, 1);
}

static void long_against_short(void **state)
{
    (void)state;
    under(STMI_POLICY_RETRIES);
    under(STMI_POLICY_WORK);
    under(STMI_POLICY_AGE);
    stmi_opt.policy = STMI_POLICY_WORK;
}

/* ---- who waits at the log's tail is not overtaken by one who becomes inevitable */

#if STMI_VIEWS
enum { HOGS = 2, GOAL = 300 };
static struct stmi_thread *_Atomic waiter[2];
static _Atomic long overtaken, modest_commits[2], hogs_done;

static bool waits(const struct stmi_thread *t)
{
    return *(struct stmi_thread * *volatile *)&t->tail_prev != NULL;
}
static unsigned long ends(const struct stmi_thread *t)
{
    const volatile struct stmi_stats *s = &t->stats;
    return s->commits + s->aborts[STMI_ABORT_READ] + s->aborts[STMI_ABORT_WRITE] +
           s->aborts[STMI_ABORT_INEVITABLE] + s->aborts[STMI_ABORT_STOPPED];
}

/* Inevitable all the time.  Before it was, somebody waited, and when it is, the same wait goes on:
 * overtaken. */
static void hog(void)
{
    for (volatile long k = 0; !over; k = 0) {
        bool was[2];
        unsigned long n[2];
        for (int i = 0; i < 2; i++) {
            was[i] = waits(waiter[i]);
            n[i] = ends(waiter[i]);
        }
        stm_become_inevitable("test");
        for (int i = 0; i < 2; i++)
            if (was[i] && ends(waiter[i]) == n[i] && waits(waiter[i]))
                overtaken++;
        for (; k < 3000; k++)
            ;
        new_transaction();
    }
}

static void *hog_or_modest(void *arg)
{
    long who = (long)arg;
    if (who < 2)
        waiter[who] = stmi_me;
    while (!waiter[0] || !waiter[1])
        new_transaction();
    if (who >= 2) {
        hog();
        hogs_done++;
        return NULL;
    }
    while (!over) { /* the one only commits, the other is inevitable, too */
        put(&cell[who * 2], get(&cell[who * 2]) + 1);
        if (who)
            stm_become_inevitable("test");
        new_transaction();
        if (++modest_commits[who] >= GOAL && modest_commits[!who] >= GOAL)
            over = 1;
    }
    while (hogs_done < HOGS) /* they look at this thread */
        new_transaction();
    return NULL;
}

static void nobody_overtakes(void **state)
{
    (void)state;
    over = 0;
    run(2 + HOGS, hog_or_modest);
    assert_int_equal(overtaken, 0);
}
#endif

/* ---- turns */

enum { THREADS = 6, TURNS = 1200 };
static _Atomic int arrived;
static _Atomic long turn;
static unsigned char order[TURNS + THREADS];
static _Atomic long turns_of[THREADS];

/* With one segment, who has it runs alone: `order` needs no lock. */
static void *in_turn(void *arg)
{
    long who = (long)arg;
    unsigned long was = stmi_me->stats.waits;
    bool here = false;
    while (turn < TURNS) {
        stm_safepoint();
        if (stmi_me->stats.waits == was)
            continue;
        was = stmi_me->stats.waits;
        if (!here)
            arrived++;
        here = true;
        if (arrived == THREADS)
            order[turn++] = (unsigned char)who;
    }
    return NULL;
}

/* Who yields queues in the same step, so between two turns of one each other has one. */
static void one_after_the_other(void **state)
{
    (void)state;
    arrived = 0;
    turn = 0;
    assert_int_equal(stm_segment_limit(1), stm_segments());
    run(THREADS, in_turn);
    for (int i = 0; i + THREADS <= TURNS; i++) {
        unsigned seen = 0;
        for (int k = 0; k < THREADS; k++)
            seen |= 1u << order[i + k];
        assert_int_equal(seen, (1u << THREADS) - 1);
    }
}

static void *counts_turns(void *arg)
{
    long who = (long)arg;
    unsigned long was = stmi_me->stats.waits;
    while (turn < 5 * TURNS) {
        stm_safepoint();
        if (stmi_me->stats.waits != was) {
            was = stmi_me->stats.waits;
            turns_of[who]++;
            turn++;
        }
    }
    return NULL;
}

static void shares(void **state)
{
    (void)state;
    stm_segment_limit(2);
    turn = 0;
    for (int i = 0; i < THREADS; i++)
        turns_of[i] = 0;
    run(THREADS, counts_turns);
    for (int i = 0; i < THREADS; i++)
        assert_true(turns_of[i] > turn / THREADS / 10);
    stm_segment_limit(stm_segments());
}

/* ---- the limit */

static _Atomic int inside_now, most_inside;

static void *holds(void *arg)
{
    for (int k = 0; k < 1000; k++) {
        int n = ++inside_now;
        for (int most = most_inside; n > most && !atomic_compare_exchange_weak(&most_inside, &most, n);)
            ;
        for (volatile int i = 0; i < 200; i++)
            ;
        inside_now--;
        new_transaction();
        if ((long)arg == 0 && k % 100 == 0)
            stm_segment_limit(k / 100 % 2 + 1);
    }
    return NULL;
}

static void limit(void **state)
{
    (void)state;
    int all = stm_segments();
    assert_int_equal(stm_segment_limit(0), all);
    assert_int_equal(stm_segment_limit(-3), all);
    assert_int_equal(stm_segment_limit(2), all);
    most_inside = 0;
    run(THREADS, holds);
    assert_true(most_inside <= (all < 2 ? all : 2));
    assert_true(stm_segment_limit(1000) <= 2);
    assert_int_equal(stm_segment_limit(0), all);
    if (STMI_VIEWS) { /* and the others are of use again */
        most_inside = 0;
        run(THREADS, holds);
        stm_segment_limit(all);
    }
    assert_int_equal(stmi_world.nqueue, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_against_short),
#if STMI_VIEWS
        cmocka_unit_test(nobody_overtakes),
#endif
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(shares),
        cmocka_unit_test(limit),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
