/* fork: parent and child go on, each with a heap of its own, while other threads of the parent run. */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

/* AddressSanitizer's allocator does not survive a fork while a thread that starts is in it: its lock stays
 * taken in the child.  So no ticker there, which starts at any time, and see the wait in forks. */
#ifdef __SANITIZE_ADDRESS__
#define TICK "STM_TICK=0"
#else
#define TICK "STM_TICK=1000"
#endif
const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=256k", TICK, NULL};

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0,      0,   2, 0, (const unsigned long[]){1},
                                                            "node", NULL};
static struct {
    struct node *list;
    long n, stop, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

enum { LENGTH = 5000 };
static _Atomic int started;

static __attribute__((noinline)) void build(long first)
{
    struct node *list = NULL;
    for (long i = 0; i < LENGTH; i++) {
        struct node *n = stm_new(sizeof *n, &node_type);
        AT(n, struct node)->v = first + i;
        AT(n, struct node)->next = list;
        list = n;
        (void)stm_new_any(100);
    }
    *AT(stm_wr(&G.list, 8), struct node *) = list;
}

static __attribute__((noinline)) long sum(void)
{
    long s = 0;
    for (struct node *n = *AT(stm_rd(&G.list), struct node *); n; n = AT(stm_rd(n), struct node)->next)
        s += AT(n, struct node)->v;
    return s;
}
static long expected(long first)
{
    return LENGTH * first + (long)LENGTH * (LENGTH - 1) / 2;
}

static void *busy(void *arg)
{
    started++;
    while (!*AT(stm_rd(&G.stop), long)) {
        for (int i = 0; i < 100; i++)
            (void)stm_new_any(200);
        *AT(stm_wr(&G.n, 8), long) += 1;
        stm_hint_commit_soon();
        stm_safepoint();
    }
    return arg;
}

/* In the child: what was there is there; then it lives a life. */
static int childhood(long first)
{
    if (sum() != expected(first))
        return 1;
    for (int i = 0; i < 20; i++) {
        build(first + 1000 + i);
        stm_hint_commit_soon();
        stm_safepoint();
        if (sum() != expected(first + 1000 + i))
            return 2;
    }
    stm_collect();
    *AT(stm_wr(&G.stop, 8), long) = 0;
    pthread_t id;
    if (stm_thread_create(&id, NULL, busy, NULL))
        return 3;
    long n = *AT(stm_rd(&G.n), long);
    while (*AT(stm_rd(&G.n), long) < n + 50) {
        stm_hint_commit_soon();
        stm_safepoint();
        int b = stm_blocking_enter();
        usleep(100);
        stm_blocking_leave(&b);
    }
    *AT(stm_wr(&G.stop, 8), long) = 1;
    int b = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&b);
    return sum() != expected(first + 1019);
}

static __attribute__((noinline)) int forks(int inside)
{
    int bad = 0;
    stm_thread_enter();
    *AT(stm_wr(&G.stop, 8), long) = 0;
    pthread_t id[2];
    started = 0;
    for (int i = 0; i < 2; i++)
        bad += stm_thread_create(&id[i], NULL, busy, NULL) != 0;
    int waits = stm_blocking_enter();
    while (!bad && started < 2)
        usleep(100);
    stm_blocking_leave(&waits);
    for (long k = 0; k < 8; k++) {
        build(k);
        stm_hint_commit_soon();
        stm_safepoint();
        int b = 0;
        pid_t pid;
        if (inside) {
            stm_become_inevitable("fork");
            pid = fork();
        } else {
            b = stm_blocking_enter();
            pid = fork();
            stm_blocking_leave(&b);
        }
        if (pid == 0)
            _exit(childhood(k));
        int status;
        b = stm_blocking_enter();
        waitpid(pid, &status, 0);
        stm_blocking_leave(&b);
        if (status)
            print_error("child %ld: status %#x\n", k, status), bad++;
        bad += sum() != expected(k);
    }
    *AT(stm_wr(&G.stop, 8), long) = 1;
    int b = stm_blocking_enter();
    for (int i = 0; i < 2; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    stm_thread_leave();
    return bad;
}

static void fork_outside(void **state)
{
    (void)state;
    assert_int_equal(forks(0), 0);
}
static void fork_inside(void **state)
{
    (void)state;
    assert_int_equal(forks(1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fork_outside), cmocka_unit_test(fork_inside)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
