/* What waits for the end of a transaction: callbacks and deferred output.  Scripted, then real threads. */
#include "longs.h"

#include <errno.h>

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=64k", "STM_MAJOR=512k", NULL};

static struct {
    long n, pad0, m, pad1;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static char trace[200];
static void note(void *key)
{
    strcat(trace, key);
}
static char a[] = "a", b[] = "b", c[] = "c";

static char *text;
static size_t text_size;
static FILE *out;

static int enter(void **state)
{
    (void)state;
    trace[0] = 0;
    out = open_memstream(&text, &text_size);
    stm_defer_output(out);
    stm_thread_enter();
    return 0;
}
static int leave(void **state)
{
    (void)state;
    stm_thread_leave();
    return 0;
}
static const char *written(void)
{
    fflush(out);
    return text;
}

#if STMI_VIEWS
static struct player P[2];

static int players(void **state)
{
    enter(state);
    stm_thread_leave();
    for (int i = 0; i < 2; i++)
        player_new(&P[i]);
    return 0;
}
static int no_players(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        player_done(&P[i]);
    return 0;
}

static void set(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}

static void on_commit(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(stm_call_on_commit(a, note), 1);
    assert_int_equal(stm_call_on_commit(b, note), 1);
    assert_int_equal(stm_call_on_commit(a, note), 1);
    assert_int_equal(stm_call_on_abort(c, note), 1);
    assert_string_equal(trace, "");
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(trace, "aba");
    assert_int_equal(begin(&P[0]), DONE); /* forgotten */
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(trace, "aba");
}

static void on_abort(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    stm_call_on_commit(a, note);
    stm_call_on_abort(b, note);
    stm_call_on_abort(c, note);
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_string_equal(trace, "bc");
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(trace, "bc");
}

static void removed(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    stm_call_on_commit(a, note);
    stm_call_on_commit(b, note);
    stm_call_on_commit(a, note);
    assert_int_equal(stm_call_on_commit(a, NULL), 2);
    assert_int_equal(stm_call_on_commit(c, NULL), 0);
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(trace, "b");
}

static void when_inevitable(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    stm_call_on_commit(a, note);
    stm_call_on_abort(c, note);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_string_equal(trace, "a");
    stm_call_on_commit(b, note);
    assert_string_equal(trace, "ab");
    assert_int_equal(stm_call_on_abort(c, note), 0);
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(trace, "ab");
}

/* A conflict found while the world is stopped by another. */
static void aborted_by_leader(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    get(&G.n);
    set(&G.m, 1);
    stm_call_on_abort(b, note);
    stm_fprintf(out, "never");
    turn_to(&P[0]);
    set(&G.n, 1);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(begin(&P[0]), DONE);
    stm_collect();
    assert_string_equal(trace, "");
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(PLAY(&P[1], (void)0), ABORTED);
    assert_string_equal(trace, "b");
    assert_string_equal(written(), "");
}

static void output_order(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(stm_fprintf(out, "%s %d\n", "one", 1), 6);
    turn_to(&P[0]);
    stm_fputs("zero ", out);
    stm_fputc('0', out);
    stm_fwrite("\nxyz", 1, 1, out);
    assert_string_equal(written(), "");
    assert_int_equal(P[0].t->self->inevitable, 0);
    assert_int_equal(commit(&P[1]), DONE);
    assert_string_equal(written(), "one 1\n");
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(written(), "one 1\nzero 0\n");
}

static void output_dropped(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    stm_fputs("first", out);
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_int_equal(begin(&P[0]), DONE);
    stm_fputs("second", out);
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(written(), "second");
    assert_int_equal(begin(&P[0]), DONE); /* one that printed what is out of date */
    get(&G.n);
    stm_fputs("stale", out);
    assert_int_equal(begin(&P[1]), DONE);
    set(&G.n, 7);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
    assert_string_equal(written(), "second");
}

static void output_then_direct(void **state)
{
    (void)state;
    assert_int_equal(begin(&P[0]), DONE);
    for (int i = 0; i < 3; i++)
        stm_fprintf(out, "%d", i);
    assert_int_equal(stm_fflush(out), 0);
    assert_int_equal(inevitable(&P[0]), DONE);
    assert_string_equal(written(), "012");
    stm_fputs("3", out);
    assert_string_equal(written(), "0123");
    assert_int_equal(commit(&P[0]), DONE);
    assert_string_equal(written(), "0123");
    assert_int_equal(begin(&P[0]), DONE);
    stm_fprintf(stderr, "%s", ""); /* not deferred */
    assert_int_equal(P[0].t->self->inevitable, 1);
    assert_int_equal(commit(&P[0]), DONE);
}
#endif

static void immediate_outside(void **state)
{
    (void)state;
    stm_thread_leave();
    assert_int_equal(stm_call_on_commit(a, note), 1);
    assert_int_equal(stm_call_on_abort(b, note), 0);
    assert_string_equal(trace, "a");
    stm_fputs("x", out);
    assert_string_equal(written(), "x");
}

static void long_output(void **state)
{
    (void)state;
    char *big = malloc(3000);
    memset(big, 'x', 2999);
    big[2999] = 0;
    for (int i = 0; i < 500; i++) /* more than a buffer may hold */
        assert_int_equal(stm_fprintf(out, "%s", big), 2999);
    free(big);
    new_transaction();
    assert_int_equal(strlen(written()), 500 * 2999);
}

static int with_list(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = stm_vfprintf(out, fmt, ap);
    va_end(ap);
    return n;
}
static int to_string(char *to, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = stm_vsnprintf(to, size, fmt, ap);
    va_end(ap);
    return n;
}

static void lists_of_references(void **state)
{
    (void)state;
    char *ref = stm_strdup("heap"), want[200], got[200], small[8];
    int count = 0;
    assert_int_equal(with_list("<%s|%5s|%-6.2s|%*d>", ref, ref, ref, 4, 7), 24);
    new_transaction();
    assert_string_equal(written(), "<heap| heap|he    |   7>");
    static const char f[] = "%d %ld %hhu %lld %zu %x %c %% %5.2f %Lg %.*f %p %s%n";
    int n = snprintf(want, sizeof want, f, -1, 1l << 40, (unsigned char)200, -5ll, (size_t)9, 255, 'q', 2.5,
                     1.5L, 3, 0.125, (void *)0, "end", &count);
    int counted = count;
    assert_int_equal(to_string(got, sizeof got, f, -1, 1l << 40, (unsigned char)200, -5ll, (size_t)9, 255,
                               'q', 2.5, 1.5L, 3, 0.125, (void *)0, "end", &count),
                     n);
    assert_string_equal(got, want);
    assert_int_equal(count, counted);
    assert_int_equal(to_string(small, sizeof small, "%s%s", ref, ref), 8);
    assert_string_equal(small, "heaphea");
    assert_int_equal(to_string(got, sizeof got, "%2$s %1$*3$d%2$.1s", 7, ref, 3), 9);
    assert_string_equal(got, "heap   7h");
    static const char *const wrong[] = {"%1$d %s", "%d %1$d", "%1$d %1$f", "%1$*d",
                                        "%65$d",   "%0$d",    "%d %k",     "%"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        errno = 0;
        assert_int_equal(to_string(got, sizeof got, wrong[i], 1, ref), -1);
        assert_int_equal(errno, EINVAL);
        assert_string_equal(got, "heap   7h");
    }
}

/* Lines come in the order of commits. */
enum { LINES = 3000 };
static _Atomic int commits, aborts;
static void count_up(void *counter)
{
    ++*(_Atomic int *)counter;
}
static void *print_lines(void *unused)
{
    for (int i = 0; i < LINES; i++) {
        long n = *AT(stm_rd(&G.n), long) + 1;
        *AT(stm_wr(&G.n, 8), long) = n;
        stm_fprintf(out, "%ld\n", n);
        stm_call_on_commit(&commits, count_up);
        stm_call_on_abort(&aborts, count_up);
        if (i % 500 == 99)
            stm_become_inevitable("test");
        if (i % 3 == 0)
            new_transaction();
    }
    return unused;
}

static void lines_in_order(void **state)
{
    (void)state;
    pthread_t id[4];
    *AT(stm_wr(&G.n, 8), long) = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, print_lines, NULL), 0);
    int block = stm_blocking_enter();
    for (int i = 0; i < 4; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&block);
    const char *at = written();
    for (long want = 1; want <= 4 * LINES; want++) {
        char *end;
        if (strtol(at, &end, 10) != want || *end != '\n')
            fail_msg("line %ld is %.20s", want, at);
        at = end + 1;
    }
    assert_int_equal(*at, 0);
    assert_int_equal(commits, 4 * LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if STMI_VIEWS
        cmocka_unit_test_setup_teardown(on_commit, players, no_players),
        cmocka_unit_test_setup_teardown(on_abort, players, no_players),
        cmocka_unit_test_setup_teardown(removed, players, no_players),
        cmocka_unit_test_setup_teardown(when_inevitable, players, no_players),
        cmocka_unit_test_setup_teardown(aborted_by_leader, players, no_players),
        cmocka_unit_test_setup_teardown(output_order, players, no_players),
        cmocka_unit_test_setup_teardown(output_dropped, players, no_players),
        cmocka_unit_test_setup_teardown(output_then_direct, players, no_players),
#endif
        cmocka_unit_test_setup_teardown(immediate_outside, enter, leave),
        cmocka_unit_test_setup_teardown(long_output, enter, leave),
        cmocka_unit_test_setup_teardown(lists_of_references, enter, leave),
        cmocka_unit_test_setup_teardown(lines_in_order, enter, leave),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
