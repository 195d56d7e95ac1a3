/* variants: segment gil plainview */
/* Times by state: they add up to each thread's life, each state is met, and an abort makes void what it
 * should. */
#include "longs.h"

#include <unistd.h>

static char file[64];
const char *const stm_options[] = {"STM_SEGMENTS=2", "STM_STATS=json", "STM_NURSERY=64k", "STM_TICK=0", NULL};

static struct {
    long a, b, c, d;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static void set(long *p, long v)
{
    *STM_AT(stm_wr(p, 8), long) = v;
}

static unsigned long long sum(const struct stmi_thread *t)
{
    unsigned long long n = 0;
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        n += t->times.spent[i];
    return n;
}

static void adds_up(const struct stmi_thread *t)
{
    assert_true(sum(t) == t->times.since - t->times.start);
}

/* ---- a state, and what brings a thread there */

static void next_transaction(void)
{
    stm_hint_commit_soon();
    stm_safepoint();
}

static bool never(int what)
{
    return what == STMI_TIME_lost ||
           (!STMI_VIEWS && (what == STMI_TIME_turn || what == STMI_TIME_stopped ||
                            what == STMI_TIME_inevitable || what == STMI_TIME_young));
}

/* The first state that t was never in, though it can be; STMI_TIME_KINDS: none. */
static int missing(const struct stmi_thread *t)
{
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        if (!never(i) && !t->times.spent[i])
            return i;
    return STMI_TIME_KINDS;
}

static __attribute__((noinline)) void garbage(void)
{
    for (int i = 0; i < 3000; i++)
        (void)stm_new_any(100);
}

static void *others_life(void *arg)
{
    for (long i = 0; !get(&G.d); i++) {
        stm_inevitable("test");
        if (i % 8 == 0)
            stm_collect();
        for (volatile int k = 0; k < 100000; k++)
            ;
        set(&G.b, get(&G.b) + 1);
        next_transaction();
    }
    return arg;
}

/* Two threads that are inevitable all the time, on two segments or one, and collections in between. */
static void every_state_is_met(void **state)
{
    (void)state;
    pthread_t id[2];
    stm_thread_enter();
    for (int i = 0; i < 2; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, others_life, NULL), 0);
    next_transaction();
    struct stmi_thread *t = stmi_me;
    for (int i = 0; i < 50000 && missing(t) < STMI_TIME_KINDS; i++) {
        stm_inevitable("test");
        set(&G.a, i);
        garbage();
        if (i % 8 == 0)
            stm_collect();
        next_transaction();
        if (i % 8 == 4) {
            int b = stm_blocking_enter();
            usleep(100);
            stm_blocking_leave(&b);
        }
        adds_up(t);
    }
    set(&G.d, 1);
    next_transaction();
    int b = stm_blocking_enter();
    for (int i = 0; i < 2; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    stm_thread_leave();
    assert_int_equal(missing(t), STMI_TIME_KINDS);
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        assert_true(!never(i) || !t->times.spent[i]);
    adds_up(t);
}

#if STMI_VIEWS
static void aborts_make_void(void **state)
{
    (void)state;
    static struct player P[2];
    player_new(&P[0]);
    player_new(&P[1]);
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    struct stmi_times *c = &P[1].t->times;
    unsigned long long committing = c->spent[STMI_TIME_committing];
    turn_to(&P[1]);
    (void)get(&G.a);
    set(&G.c, 1);
    turn_to(&P[0]);
    set(&G.a, 2);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(P[0].t->times.spent[STMI_TIME_lost], 0);
    assert_int_equal(commit(&P[1]), ABORTED);
    assert_true(c->spent[STMI_TIME_lost] > 0);
    assert_int_equal(c->spent[STMI_TIME_working], 0); /* it never committed anything */
    assert_int_equal(c->spent[STMI_TIME_committing], committing);
    adds_up(P[1].t);
    assert_int_equal(begin(&P[1]), DONE);
    unsigned long long lost = c->spent[STMI_TIME_lost];
    turn_to(&P[1]);
    set(&G.c, 1);
    assert_int_equal(commit(&P[1]), DONE);
    assert_true(c->spent[STMI_TIME_working] > 0);
    assert_int_equal(c->spent[STMI_TIME_lost], lost);
    adds_up(P[1].t);
    player_done(&P[0]);
    player_done(&P[1]);
}
#endif

/* ---- what is printed */

static void *short_life(void *arg)
{
    next_transaction();
    return arg;
}

/* The number after the next `key` from *p on, which moves behind it. */
static double number(char **p, const char *key)
{
    *p = strstr(*p, key);
    assert_non_null(*p);
    *p += strlen(key);
    return strtod(*p, p);
}

static void rows_in_json(void **state)
{
    (void)state;
    enum { MORE = 10 };
    static char text[100000];
    stm_thread_enter();
    for (int i = 0; i < STMI_THREADS_KEPT + MORE; i++) {
        pthread_t id;
        assert_int_equal(stm_thread_create(&id, NULL, short_life, NULL), 0);
        int b = stm_blocking_enter();
        pthread_join(id, NULL);
        stm_blocking_leave(&b);
    }
    stm_thread_leave();
    stmi_files.stats_file = file;
    stmi_stats_print();
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    char *p = text;
    double commits = number(&p, "\"commits\":");
    int rows = 0;
    while ((p = strstr(p, "{\"thread"))) {
        double life = number(&p, "\"us\":"), all = number(&p, "\"times_us\":");
        for (int i = 0; i < STMI_TIME_KINDS; i++)
            all += number(&p, "\":");
        assert_true(all > life - 1 && all < life + 1); /* each is rounded to tenths */
        commits -= number(&p, "\"commits\":");
        rows++;
    }
    assert_int_equal(rows, STMI_THREADS_KEPT + 2); /* this one, those kept, the rest */
    assert_true(commits == 0);
    p = text;
    assert_true(number(&p, "{\"threads\":") >= MORE);
    assert_int_equal(unlink(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_is_met),
        cmocka_unit_test(rows_in_json),
#if STMI_VIEWS
        cmocka_unit_test(aborts_make_void),
#endif
    };
    snprintf(file, sizeof file, "times-%ld.json", (long)getpid());
    stm_thread_leave();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    stmi_opt.stats = 0;
    return rc;
}
