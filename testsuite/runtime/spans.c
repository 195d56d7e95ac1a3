/* variants: segment plainview */
/* Barriers on the places of a counted loop: how many rounds it goes, against loops that are run, for every
 * small type; and what is marked and logged: exactly the range where that is certain, else the object that
 * holds its beginning, and nothing else ever. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=2", NULL};

/* ---- rounds */

static unsigned long certain, uncertain;

/* Runs the loop from first on, at most so far; checks what STM_ROUNDS says of it.  `must`: it has to know. */
#define RUN(T, first, bound, op, adjust, step, must)                                                         \
    do {                                                                                                     \
        T i = (T)(first), last = i;                                                                          \
        if (!(i op bound))                                                                                   \
            break;                                                                                           \
        STM_ROUNDS(i, bound, adjust, (step) > 0, step);                                                      \
        long n = 0;                                                                                          \
        __int128 value = i;                                                                                  \
        for (T k = i; n < 700 && k op bound; k = (T)(k + (step)), value += (step), n++) {                    \
            last = k;                                                                                        \
            if (stm_rounds >= 0)                                                                             \
                assert_true(value == k);                                                                     \
        }                                                                                                    \
        if (stm_rounds >= 0) {                                                                               \
            assert_true(n == (stm_rounds < 699 ? stm_rounds + 1 : 700));                                     \
            assert_true(n == 700 || stm_last == last);                                                       \
            certain++;                                                                                       \
        } else {                                                                                             \
            assert_false(must);                                                                              \
            uncertain++;                                                                                     \
        }                                                                                                    \
    } while (0)

#define BOTH_WAYS(T, first, bound)                                                                           \
    do {                                                                                                     \
        RUN(T, first, bound, <, -1, 1, 0);                                                                   \
        RUN(T, first, bound, <, -1, 3, 0);                                                                   \
        RUN(T, first, bound, <=, 0, 1, 0);                                                                   \
        RUN(T, first, bound, <=, 0, 100, 0);                                                                 \
        RUN(T, first, bound, !=, -1, 1, 0);                                                                  \
        RUN(T, first, bound, !=, 1, -1, 0);                                                                  \
        RUN(T, first, bound, >, 1, -1, 0);                                                                   \
        RUN(T, first, bound, >, 1, -7, 0);                                                                   \
        RUN(T, first, bound, >=, 0, -1, 0);                                                                  \
        RUN(T, first, bound, >=, 0, -2, 0);                                                                  \
    } while (0)

#define ALL_BOUNDS(T, U, low, high)                                                                          \
    for (int first = (low); first <= (high); first += 3)                                                     \
        for (int b = -140; b <= 300; b += 7) {                                                               \
            U bound = (U)b;                                                                                  \
            BOTH_WAYS(T, first, bound);                                                                      \
        }

static void rounds_of_small_types(void **state)
{
    (void)state;
    certain = uncertain = 0;
    ALL_BOUNDS(unsigned char, unsigned char, 0, 255)
    ALL_BOUNDS(unsigned char, int, 0, 255)
    ALL_BOUNDS(unsigned char, signed char, 0, 255)
    ALL_BOUNDS(signed char, signed char, -128, 127)
    ALL_BOUNDS(signed char, unsigned, -128, 127)
    ALL_BOUNDS(signed char, unsigned long, -128, 127)
    ALL_BOUNDS(short, unsigned char, -128, 127)
    ALL_BOUNDS(int, long, -128, 127)
    ALL_BOUNDS(int, unsigned, 0, 300)
    ALL_BOUNDS(unsigned, int, 0, 300)
    ALL_BOUNDS(long, unsigned, -100, 100)
    ALL_BOUNDS(unsigned long, int, 0, 300)
    assert_true(certain > 100000 && uncertain > 10000);
}

/* Where nothing is odd, the number is known; and at the ends of types too. */
static void rounds_are_known(void **state)
{
    (void)state;
    for (int hi = -3; hi < 300; hi++) {
        RUN(int, -5, hi, <, -1, 1, 1);
        RUN(long, -5, hi, <=, 0, 4, 1);
        RUN(int, 300, hi, >, 1, -2, 1);
        RUN(short, 300, hi, >=, 0, -1, 1);
    }
    for (unsigned hi = 1; hi < 255; hi++) {
        RUN(unsigned, 0, hi, <, -1, 1, 1);
        RUN(unsigned char, 0, hi, <, -1, 1, 1);
        RUN(unsigned long, 0, hi, !=, -1, 1, 1);
        RUN(unsigned, 300, hi, >, 1, -1, 1);
    }
    RUN(unsigned long, ~0ul - 100, ~0ul, <, -1, 1, 1);
    RUN(unsigned long, ~0ul - 100, ~0ul, <=, 0, 1, 0);
    RUN(unsigned long, ~0ul - 100, ~0ul, <, -1, 3, 0);
    RUN(long, 0x7ffffffffffffff0, 0x7fffffffffffffff, <, -1, 1, 1);
    RUN(unsigned, 0xfffffff0u, 0xffffffffu, !=, -1, 1, 1);
    RUN(unsigned, 5, 0u, >=, 0, -1, 0);
    assert_int_equal(stm_rounds_wide_(5, 10, -1, 1, 2, sizeof(int), 0, 0), 2);
    assert_int_equal(stm_rounds_wide_(5, 10, -1, 1, 0, sizeof(int), 0, 0), -1);  /* never ends */
    assert_int_equal(stm_rounds_wide_(9, 10, -1, 1, -1, sizeof(int), 0, 0), -1); /* runs away */
    assert_int_equal(stm_rounds_wide_(5, 5, 1, 0, 1, sizeof(int), 0, 0), -1);
    assert_int_equal(stm_rounds_32_(5, 10, -1, 1, 2, sizeof(int), 0, 0), 2);
    assert_int_equal(stm_rounds_32_(5, 10, -1, 1, 0, sizeof(int), 0, 0), -1);
    assert_int_equal(stm_rounds_32_(9, 10, -1, 1, -1, sizeof(int), 0, 0), -1);
    assert_int_equal(stm_rounds_32_(5, 5, 1, 0, 1, sizeof(int), 0, 0), -1);
}

/* ---- ranges */

static struct player P;
static uptr large, small;
static long table[64] __attribute__((section("ungil_data"), aligned(16), used));
static long other[64] __attribute__((section("ungil_data"), aligned(16), used));
static uptr roots[2] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static statics[] IN_SECTION(ungil_statics) = {{table, sizeof table, 0, 0, "table"},
                                                                      {other, sizeof other, 0, 0, "other"},
                                                                      {roots, sizeof roots, 0, 0, "roots"}};

enum { LARGE = 64 * 1024, SMALL = 2000 };

static int setup(void **state)
{
    (void)state;
    stm_thread_leave();
    player_new(&P);
    turn_to(&P);
    assert_int_equal(begin(&P), DONE);
    large = (uptr)stm_new_any(LARGE);
    small = (uptr)stm_new_any(SMALL);
    stm_wr_range(roots, sizeof roots);
    AT(roots, uptr)[0] = large;
    AT(roots, uptr)[1] = small;
    assert_int_equal(commit(&P), DONE);
    assert_int_equal(begin(&P), DONE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(commit(&P), DONE);
    player_done(&P);
    return 0;
}

static bool marked(uptr r, bool write)
{
    struct stmi_seg *s = stmi_me->seg;
    return *(write ? stmi_w_marker(s, r) : stmi_r_marker(s, r)) == s->version;
}

/* Marked in [lo, hi) of the object at ref, and not beyond, but for what shares a unit of so many bytes. */
static void only(uptr ref, size_t size, uptr lo, uptr hi, size_t unit, bool write)
{
    lo = ref + (lo - ref) / unit * unit;
    hi = ref + (hi - ref + unit - 1) / unit * unit;
    for (uptr r = ref; r < ref + size; r += STM_GRANULE)
        assert_int_equal(marked(r, write), r >= lo && r < hi);
}

static void exact_ranges(void **state)
{
    (void)state;
    stm_wr_span_(large + 1000, large + 1000 + 8, large + 1000 + 99 * 8, 8, 99);
    only(large, LARGE, large + 1000, large + 1800, STM_CARD, true);
    stm_wr_span_(large + 9000, large + 9000 - 120, large + 9000 - 120 * 5, 4, 5);
    for (uptr r = large + 8400; r < large + 9004; r += 4)
        assert_true(marked(r, true));
    assert_false(marked(large + 8400 - STM_CARD, true) || marked(large + 9004 + STM_CARD, true));
    stm_wr_span_(large + 9004 - 8 + 600, large + 9004 - 4 + 600, large + 9004 + 600, 4,
                 2); /* into a card that is not written */
    stm_wr_span_(large + 9000, large + 9004, large + 9004 + 600, 4, 151);
    assert_true(marked(large + 9300, true));
    stm_wr_span_(large + 20000, large + 20000, large + 20000, 4, 700);
    assert_true(marked(large + 20000, true) && !marked(large + 20000 + STM_CARD, true));
    stm_rd_span_(small + 64, small + 64 + 16, small + 64 + 16 * 10, 16, 10);
    only(small, SMALL, small + 64, small + 64 + 176, STM_GRANULE, false);
    stm_wr_span_((uptr)&table[10], (uptr)&table[10] + 8, (uptr)&table[20], 8, 10);
    only((uptr)table, sizeof table, (uptr)&table[10], (uptr)&table[21], STM_GRANULE, true);
    stm_wr_span_(small + 100, small + 100 + 4, small + 104, 4, 1);
    only(small, SMALL, small, small + SMALL, STM_GRANULE, true);
    assert_false(marked((uptr)other, true));
}

/* Places wider apart than what is logged or marked at once: those between are left alone. */
static void apart(void **state)
{
    (void)state;
    stm_wr_span_(large + 1024, large + 1024 + 384, large + 1024 + 9 * 384, 8, 9);
    for (int k = 0; k < 30; k++)
        assert_int_equal(marked(large + 1024 + (uptr)k * STM_CARD, true), k % 3 == 0 && k < 30);
    assert_false(marked(large + 1024 + 30 * STM_CARD, true));
    stm_wr_span_(large + 30000, large + 29000, large + 20000, 300, 10); /* longer than a card */
    for (int k = 0; k < 11; k++)
        for (int b = 0; b < 300; b += 4)
            assert_true(marked(large + 30000 - (uptr)k * 1000 + (uptr)b, true));
    assert_false(marked(large + 29600, true));
    (void)stm_wr(large + 50 * 1024, 8);
    stm_wr_span_(large + 50 * 1024 - 1004, large + 50 * 1024 + STM_CARD - 4, large + 50 * 1024 + STM_CARD - 4,
                 8, 1); /* over the end of a card that is written */
    assert_true(marked(large + 50 * 1024 + STM_CARD, true));
    stm_rd_span_(small + 16, small + 16 + 48, small + 16 + 5 * 48, 8, 5);
    for (uptr r = small; r < small + SMALL; r += STM_GRANULE)
        assert_int_equal(marked(r, false),
                         r >= small + 16 && r <= small + 16 + 240 && (r - small - 16) % 48 == 0);
    stm_wr_span_((uptr)&table[1], (uptr)&table[5], (uptr)&table[25], 8, 6);
    for (int i = 0; i < 64; i += 2)
        assert_int_equal(marked((uptr)&table[i], true), i % 4 == 0 && i <= 24);
}

/* What is decided inline: a few places, of which the ends have been written. */
static void short_spans(void **state)
{
    (void)state;
    (void)stm_wr(large + 1024, 8);
    stm_wr_span_(large + 1140, large + 1144, large + 1164, 4, 6);
    assert_true(marked(large + 1164, true) && !marked(large + 1024 + 2 * STM_CARD, true));
    stm_rd_span_(small + 1600, small + 1604, small + 1612, 8, 3);
    only(small, SMALL, small + 1600, small + 1620, STM_GRANULE, false);
    stm_rd_span_(small + 800, small + 804, small + 808, 4, 66);
    assert_true(marked(small, false));
    stm_wr_span_(large + 1024, large + 1028, large + 1032, 4, 66);
    only(large, LARGE, large, large + LARGE, STM_GRANULE, true);
}

/* The same where the number of rounds is not known. */
static void short_unknown(void **state)
{
    (void)state;
    (void)stm_wr(large + 5000, 8);
    stm_wr_span_(large + 5000, large + 5000, large + 5000, 4, -1);
    only(large, LARGE, large, large + LARGE, STM_GRANULE, true);
}

/* rounds unknown, or an index that wrapped around in between. */
static void whole_objects(void **state)
{
    (void)state;
    stm_wr_span_(large + 5000, large + 5000, large + 5000, 4, -1);
    only(large, LARGE, large, large + LARGE, STM_GRANULE, true);
    stm_rd_span_(small + 500, small + 500 + 4, small, 4, 9);
    assert_true(marked(small, false));
    stm_wr_span_((uptr)&table[60], (uptr)&table[60] + 8, (uptr)&table[3], 8, 7);
    only((uptr)table, sizeof table, (uptr)table, (uptr)(table + 64), STM_GRANULE, true);
    stm_rd_span_((uptr)&other[60], (uptr)&other[60] + 8, 0, 8, -1);
    only((uptr)other, sizeof other, (uptr)other, (uptr)(other + 64), STM_GRANULE, false);
    assert_false(marked((uptr)other, true));
}

/* A program that would go beyond the object; the barrier does not. */
static void never_beyond(void **state)
{
    (void)state;
    stm_wr_span_(large + LARGE - 8, large + LARGE - 8 + 8, large + LARGE - 8 + 8 * 100000, 8, 100000);
    assert_true(marked(large + LARGE - 8, true) && !marked(large + LARGE - 8 - STM_CARD, true));
    stm_wr_span_((uptr)&table[2], (uptr)&table[2] - 8, (uptr)&table[2] - 8 * 500, 8, 500);
    only((uptr)table, sizeof table, (uptr)table, (uptr)&table[3], STM_GRANULE, true);
    assert_false(marked((uptr)other, true) || marked(small, true));
    stm_wr_span_(0, 0 + 8, 800, 8, 100);
    stm_rd_span_(0, 0 + 8, 800, 8, 100);
}

/* Pointers of unknown kind. */
static void any_places(void **state)
{
    (void)state;
    stm_any_wr_span_(large + 300, large + 300 - 4, large + 200, 4, 25);
    only(large, LARGE, large + 200, large + 304, STM_CARD, true);
    stm_any_rd_span_(small + 300, small + 300 - 4, small + 200, 4, 25);
    only(small, SMALL, small + 192, small + 304, STM_GRANULE, false);
    stm_any_wr_span_(small + 300 + stm_self.base, small + 300 + stm_self.base + 4, small, 4,
                     -1); /* in disguise */
    only(small, SMALL, small, small + SMALL, STM_GRANULE, true);
    static long raw[10];
    assert_false(stmi_me->self->inevitable);
    stm_any_rd_span_((uptr)raw, (uptr)raw + 8, (uptr)(raw + 9), 8, 9);
    assert_false(stmi_me->self->inevitable);
    stm_any_wr_span_((uptr)raw, (uptr)raw + 8, (uptr)(raw + 9), 8, 9);
    assert_true(stmi_me->self->inevitable);
}

/* What was logged comes back. */
static void abort_undoes(void **state)
{
    (void)state;
    stm_wr_span_(large + 4096, large + 4096 + 8, large + 4096 + 1023 * 8, 8, 1023);
    for (int i = 0; i < 1024; i++)
        AT(large + 4096, long)[i] = i + 1;
    assert_int_equal(give_up(&P), ABORTED);
    assert_int_equal(begin(&P), DONE);
    for (int i = 0; i < 1024; i++)
        assert_int_equal(AT(stm_rd(large), long)[512 + i], 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {cmocka_unit_test(rounds_of_small_types),
                                       cmocka_unit_test(rounds_are_known),
                                       T(exact_ranges),
                                       T(apart),
                                       T(short_spans),
                                       T(short_unknown),
                                       T(whole_objects),
                                       T(never_beyond),
                                       T(any_places),
                                       T(abort_undoes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
