/* What the ancestors' tests look at and no other test here does (doc/testing.md): objects across pages and
 * old revisions, space given back, private pages shared again, the length target; and what the system keeps
 * for us: %gs, EFAULT. */
#include "longs.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=64k", "STM_MAJOR=1m", "STM_HEAP_SIZE=256m",
                                   NULL};

static struct {
    long *p[8];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
extern char **environ;

static void put(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}

#if STMI_VIEWS
static struct player P[4];

static int setup(void **state)
{
    (void)state;
    stm_thread_leave();
    for (int i = 0; i < 4; i++)
        player_new(&P[i]);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        player_done(&P[i]);
    return 0;
}
static void publish(int i, long *p)
{
    *AT(stm_wr(&G.p[i], 8), long *) = p;
}

/* Of a range on a static that is no object both ends may have been written, and what lies between not. */
static struct {
    long v[12];
} cells __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static cells_static IN_SECTION(ungil_statics) = {&cells, sizeof cells, 0, 0, "cells"};

static void between_granules(void **state)
{
    (void)state;
    for (int at = 0; at < 4; at++)
        for (stm_size n = 17; n <= 40; n++) {
            for (int i = 0; i < 2; i++)
                assert_int_equal(begin(&P[i]), DONE);
            turn_to(&P[0]);
            char *p = (char *)&cells.v[at];
            (void)stm_wr(p, 1);
            (void)stm_wr(p + n - 1, 1);
            uptr r = stm_wr(p, n);
            for (stm_size k = 0; k < n; k++)
                *AT(r + k, unsigned char) = (unsigned char)(n + k);
            assert_int_equal(commit(&P[0]), DONE);
            assert_int_equal(commit(&P[1]), DONE);
            assert_int_equal(begin(&P[1]), DONE);
            turn_to(&P[1]);
            for (stm_size k = 0; k < n; k++)
                assert_int_equal(*AT(stm_rd(p + k), unsigned char), (unsigned char)(n + k));
            assert_int_equal(commit(&P[1]), DONE);
        }
}

/* Two segments never allocate in one block, whatever comes and goes. */
static void nurseries_apart(void **state)
{
    (void)state;
    unsigned long r = 5;
    for (int round = 0; round < 40; round++) {
        uptr at[4][50];
        for (int i = 0; i < 4; i++) {
            turn_to(&P[i]);
            assert_int_equal(begin(&P[i]), DONE);
            for (int k = 0; k < 50; k++)
                at[i][k] = (uptr)stm_new_any(next_random(&r) % 3000);
        }
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 50; k++)
                for (int j = 0; j < i; j++)
                    for (int l = 0; l < 50; l++)
                        assert_int_not_equal(stmi_block_of(at[i][k]), stmi_block_of(at[j][l]));
        for (int i = 0; i < 4; i++)
            assert_int_equal(i % 2 ? commit(&P[i]) : give_up(&P[i]), i % 2 ? DONE : ABORTED);
    }
}

/* An object in several pages, of which a view has copied some, modified again and again while another looks
 * away. */
static void across_pages(void **state)
{
    (void)state;
    for (size_t n = 8000; n <= 20000; n += 12000) { /* small, in a block; large, in cards */
        assert_int_equal(begin(&P[0]), DONE);
        long *p = stm_new_any(n), words = (long)(n / 8);
        for (long i = 0; i < words; i++)
            put(p + i, i);
        publish(0, p);
        assert_int_equal(commit(&P[0]), DONE);
        turn_to(&P[1]);
        assert_int_equal(begin(&P[1]), DONE); /* this view has a copy of one page only */
        put(p + words / 2, -1);
        assert_int_equal(commit(&P[1]), DONE);
        for (long k = 1; k <= 5; k++) { /* revisions that P[2] and P[3] skip */
            assert_int_equal(begin(&P[0]), DONE);
            for (long i = 0; i < words; i++)
                put(p + i, i * k);
            assert_int_equal(commit(&P[0]), DONE);
        }
        for (int j = 1; j < 4; j++) {
            assert_int_equal(begin(&P[j]), DONE);
            for (long i = 0; i < words; i++)
                assert_int_equal(get(p + i), i * 5);
            assert_int_equal(commit(&P[j]), DONE);
        }
    }
}

/* What aborted transactions allocated, large and small, is used again. */
static void aborts_give_back(void **state)
{
    (void)state;
    size_t blocks = 0, large = stmi_large_bytes();
    for (int round = 0; round < 60; round++) {
        assert_int_equal(begin(&P[0]), DONE);
        long *keep = NULL;
        for (int i = 0; i < 4000; i++) {
            long *p = stm_new_any(i % 100 ? 200 : 30000);
            put(p, (long)keep);
            keep = p;
        }
        P[0].reg[0] = (uptr)keep;
        assert_int_equal(give_up(&P[0]), ABORTED);
        if (round == 5)
            blocks = stmi_blocks();
    }
    assert_int_equal(stmi_large_bytes(), large);
    assert_true(stmi_blocks() <= blocks + 2);
}

static size_t private_pages(const struct stmi_seg *s)
{
    struct stmi_range in[3];
    size_t n = 0;
    stmi_page_ranges(in);
    for (int k = 0; k < 3; k++)
        for (size_t p = in[k].lo; p < in[k].hi; p++)
            n += s->priv[p] != STMI_PAGE_SHARED;
    return n;
}

/* A view that has very many private pages gives them back; the count of them is right; nothing is lost. */
static void pages_are_shared_again(void **state)
{
    (void)state;
    enum { WORDS = 6000 * 512 };
    assert_int_equal(begin(&P[0]), DONE);
    long *p = stm_new_any(WORDS * sizeof *p);
    publish(1, p);
    assert_int_equal(commit(&P[0]), DONE);
    for (int j = 0; j < 2; j++) {
        turn_to(&P[j]);
        assert_int_equal(begin(&P[j]), DONE);
        for (long i = 0; i < WORDS; i += 512)
            put(p + i, i + j);
        assert_int_equal(commit(&P[j]), DONE);
        assert_true(P[j].t->seg->npriv >= 6000);
        assert_int_equal(P[j].t->seg->npriv, private_pages(P[j].t->seg));
    }
    turn_to(&P[2]);
    assert_int_equal(begin(&P[2]), DONE);
    put(p, 4711); /* in flight: its page stays */
    stm_collect();
    for (int j = 0; j < 4; j++) {
        assert_true(P[j].t->seg->npriv < 2000);
        assert_int_equal(P[j].t->seg->npriv, private_pages(P[j].t->seg));
    }
    for (long i = 512; i < WORDS; i += 512)
        assert_int_equal(get(p + i), i + 1);
    assert_int_equal(get(p), 4711);
    assert_int_equal(give_up(&P[2]), ABORTED);
    turn_to(&P[0]);
    assert_int_equal(begin(&P[0]), DONE);
    for (long i = 0; i < WORDS; i += 512)
        assert_int_equal(get(p + i), i + 1);
    assert_int_equal(commit(&P[0]), DONE);
}

/* Doubles while all goes well, halves on an abort (from what was done, if that was less), and grows slowly
 * from then on. */
static void length_target(void **state)
{
    (void)state;
    struct stmi_thread *t = P[0].t;
    size_t first = t->target;
    for (int i = 0; i < 3; i++) {
        size_t before = t->target;
        assert_int_equal(begin(&P[0]), DONE);
        for (int k = 0; !stm_self.poll; k++) { /* until asked to end */
            (void)stm_new_any(1000);
            assert_true((size_t)k * 1000 < before + 20000);
        }
        assert_true(stmi_work(t->seg, &stm_self) >= before);
        assert_int_equal(commit(&P[0]), DONE);
        assert_int_equal(t->target, before * 2);
    }
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(commit(&P[0]), DONE);
    assert_int_equal(t->target, first * 8); /* a short one says nothing */
    assert_int_equal(begin(&P[0]), DONE);
    while (stmi_work(t->seg, &stm_self) < 40000)
        (void)stm_new_any(1000);
    size_t work = stmi_work(t->seg, &stm_self);
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_in_range(t->target, work / 2 - 2000, work / 2 + 2000);
    size_t after = t->target;
    assert_int_equal(begin(&P[0]), DONE);
    while (stmi_work(t->seg, &stm_self) < t->target)
        (void)stm_new_any(1000);
    assert_int_equal(commit(&P[0]), DONE);
    assert_true(t->target > after && t->target <= after + after / 16 + 16);
}
#endif

/* ---- what the system does with %gs and with references */

static int enter(void **state)
{
    (void)state;
    stm_thread_enter();
    long *p = stm_new_any(64);
    put(p, 4711);
    *AT(stm_wr(&G.p[7], 8), long *) = p;
    return 0;
}
static int leave(void **state)
{
    (void)state;
    stm_thread_leave();
    return 0;
}
static long *object(void)
{
    return *AT(stm_rd(&G.p[7]), long *);
}
static int still_there(void)
{
    return get(object()) == 4711;
}

static ucontext_t here, there;
static int seen;
static void elsewhere(void)
{
    seen = still_there();
    (void)swapcontext(&there, &here);
}
static void contexts(void **state)
{
    (void)state;
    static char stack[1 << 16];
    stm_become_inevitable("another stack"); /* which an abort would not bring back */
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = NULL;
    makecontext(&there, elsewhere, 0);
    assert_int_equal(swapcontext(&here, &there), 0);
    assert_true(seen && still_there());
}

static void libraries_and_programs(void **state)
{
    (void)state;
    stm_become_inevitable("test");
    void *m = dlopen("libm.so.6", RTLD_NOW);
    assert_non_null(m);
    assert_true(still_there());
    dlclose(m);
    char *argv[] = {(char *)"true", NULL};
    pid_t pid;
    int status;
    assert_int_equal(posix_spawnp(&pid, "true", NULL, NULL, argv, environ), 0);
    assert_true(still_there());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(still_there());
}

static void on_signal(int sig)
{
    seen = sig + still_there();
}
static void other_stack(void **state)
{
    (void)state;
    static char stack[1 << 16];
    stack_t mine = {.ss_sp = stack, .ss_size = sizeof stack}, before;
    struct sigaction a, old;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_signal;
    a.sa_flags = SA_ONSTACK;
    assert_int_equal(sigaltstack(&mine, &before), 0);
    assert_int_equal(sigaction(SIGUSR1, &a, &old), 0);
    raise(SIGUSR1);
    assert_int_equal(seen, SIGUSR1 + 1);
    assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
    assert_int_equal(sigaltstack(&before, NULL), 0);
}

/* The system refuses a reference that nobody has resolved; resolved, it is an address as any. */
static void system_calls(void **state)
{
    (void)state;
    int p[2];
    long v = 0;
    assert_int_equal(pipe(p), 0);
#if STMI_VIEWS
    errno = 0;
    assert_int_equal(write(p[1], object(), 8), -1);
    assert_int_equal(errno, EFAULT);
    errno = 0;
    assert_int_equal(write(p[1], "12345678", 8), 8);
    assert_int_equal(read(p[0], object(), 8), -1);
    assert_int_equal(errno, EFAULT);
    assert_int_equal(read(p[0], &v, 8), 8);
#endif
    assert_int_equal(write(p[1], stm_x_rd(object()), 8), 8);
    assert_int_equal(read(p[0], &v, 8), 8);
    assert_int_equal(v, 4711);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if STMI_VIEWS
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(between_granules),
        T(nurseries_apart),
        T(across_pages),
        T(aborts_give_back),
        T(pages_are_shared_again),
        T(length_target),
#undef T
#endif
#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)
        T(contexts),
        T(libraries_and_programs),
        T(other_stack),
        T(system_calls),
#undef T
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
