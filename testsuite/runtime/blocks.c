/* variants: segment gil plainview */
/* Real threads that block all the time, more of them than segments, while collections stop the world, the
 * limit of segments goes up and down, signals come, children are forked, and some are serial.  Nothing is
 * lost: sums, lists held on the stack only, and the counts of segments. */
#include "ends.h"

#include <sched.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=512k", "STM_HEAP_SIZE=1g",
                                   NULL};

enum { THREADS = 7, ROUNDS = 3000, LENGTH = 8 };
struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "node"};
static struct {
    long all, pad, of[2 * THREADS];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static _Atomic int over, ended, signals, children;
static pthread_t workers[THREADS];

/* Three in eight do nothing outside, the rest give others time to come; one blocks inside the other. */
static void block(unsigned what)
{
    int b = stm_blocking_enter(), inner;
    switch (what % 8) {
    case 0:
        usleep(what / 8 % 100);
        break;
    case 1:
    case 2:
        sched_yield();
        break;
    case 3:
        inner = stm_blocking_enter();
        stm_blocking_leave(&inner);
        break;
    case 4:
        for (volatile int i = 0; i < 300; i++)
            ;
        break;
    default:
        break;
    }
    stm_blocking_leave(&b);
}

static __attribute__((noinline)) struct node *make_list(long v)
{
    struct node *list = NULL;
    for (int i = 0; i < LENGTH; i++) {
        struct node *n = stm_new(sizeof *n, &node_type);
        AT(n, struct node)->v = v + i;
        AT(n, struct node)->next = list;
        list = n;
    }
    return list;
}
static __attribute__((noinline)) bool is_whole(struct node *list, long v)
{
    int n = LENGTH;
    for (; list && n-- > 0; list = AT(stm_rd(list), struct node)->next)
        if (AT(list, struct node)->v != v + n)
            return false;
    return !list && n == 0;
}

#ifdef __SANITIZE_ADDRESS__ /* whose allocator does not survive a fork with threads (forks.c) */
enum { FORKS = 0 };
#else
enum { FORKS = 1 };
#endif

/* All counters as of one moment. */
static bool agree(void)
{
    long sum = 0;
    for (int i = 0; i < THREADS; i++)
        sum += get(&G.of[2 * i]);
    return sum == get(&G.all);
}

static void fork_outside(void)
{
    int b = stm_blocking_enter();
    pid_t pid = fork();
    stm_blocking_leave(&b);
    if (!pid) {
        alarm(60);
        block(3);
        stm_collect();
        _exit(agree() ? 0 : 1);
    }
    int status = -1;
    b = stm_blocking_enter();
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    children++; /* out here, where no abort comes back to */
    stm_blocking_leave(&b);
    NEED(pid > 0 && status == 0);
}

static void *worker(void *arg)
{
    long me = (long)arg;
    unsigned long random = 88172645463325252ul + (unsigned long)me;
    for (int i = 0; i < ROUNDS; i++) {
        struct node *list = make_list(i);
        block((unsigned)(next_random(&random) >> 20));
        NEED(is_whole(list, i));
        add(&G.of[2 * me], 1);
        add(&G.all, 1);
        if (next_random(&random) >> 20 & 1)
            block((unsigned)(next_random(&random) >> 20));
        if (i % 500 == 100 * me)
            stm_collect();
        if (FORKS && i % 1000 == 100 + me)
            fork_outside();
        if (i % 16 == me)
            stmi_serial_at("test", NULL);
        NEED(is_whole(list, i));
        if (i % 64 == 0)
            NEED(agree());
    }
    ended++;
    return NULL;
}

/* Not translated: never in the zone. */
static void *limits(void *arg)
{
    for (int n = 1; !over; n = n % stmi_nseg + 1) {
        stm_segment_limit(n);
        pthread_kill(workers[n % THREADS], SIGUSR1);
        usleep(300);
    }
    stm_segment_limit(stmi_nseg);
    return arg;
}

static void on_signal(int sig)
{
    (void)sig;
    int b = stm_blocking_enter();
    signals++;
    stm_blocking_leave(&b);
}

static void all_at_once(void)
{
    stm_thread_enter();
    stm_signal(SIGUSR1, on_signal);
    for (long i = 0; i < THREADS; i++)
        NEED(!stm_thread_create(&workers[i], NULL, worker, (void *)i));
    new_transaction();
    pthread_t other;
    NEED(!pthread_create(&other, NULL, limits, NULL));
    int b = stm_blocking_enter();
    while (ended < THREADS)
        usleep(1000);
    over = 1;
    pthread_join(other, NULL); /* nobody sends signals any more */
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i], NULL);
    stm_blocking_leave(&b);
    NEED(agree() && get(&G.all) == (long)THREADS * ROUNDS);
    NEED(signals > 0 && children == FORKS * THREADS * (ROUNDS / 1000) && stmi_majors > 10);
    struct stmi_stats sum;
    stmi_stats_sum(&sum);
    NEED(sum.reattached > 0 && sum.waits > 0);
    stm_collect();
    NEED(stmi_world.nheld == 1 && stmi_world.nqueue == 0 && stmi_world.running == 1);
}

/* ---- who sleeps long loses its segment though nobody waits for it */

static _Atomic int asleep;
static void *sleeper(void *arg)
{
    int b = stm_blocking_enter();
    asleep = 1;
    while (!over)
        usleep(1000);
    stm_blocking_leave(&b);
    return arg;
}

static void long_sleep(void)
{
    pthread_t id;
    stm_thread_enter();
    NEED(!stm_thread_create(&id, NULL, sleeper, NULL));
    new_transaction();
    while (!asleep || stmi_world.nheld > 1) /* the ticker sees to it, and to a hang ends_main */
        new_transaction();
    NEED(stmi_alone());
    over = 1;
    int b = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&b);
}

/* ---- ends while it is away */

static void *ends_away(void *arg)
{
    add(&G.all, 1);
    (void)stm_blocking_enter();
    pthread_exit(arg);
}

static void thread_ends_away(void)
{
    stm_thread_enter();
    for (int i = 0; i < 20; i++) {
        pthread_t id;
        NEED(!stm_thread_create(&id, NULL, ends_away, NULL));
        new_transaction();
        int b = stm_blocking_enter();
        pthread_join(id, NULL);
        stm_blocking_leave(&b);
    }
    NEED(get(&G.all) == 20);
    stm_collect();
    NEED(stmi_world.nheld == 1 && stmi_world.running == 1 && !stmi_world.threads->next);
}

static void *returns_away(void *arg)
{
    stm_thread_enter();
    add(&G.all, 1);
    (void)stm_blocking_enter();
    return arg;
}

/* A thread that entered by hand, and whose function returns: no cleanup handler is called. */
static void raw_thread_ends_away(void)
{
    stm_thread_enter();
    for (int i = 0; i < 20; i++) {
        pthread_t id;
        int b = stm_blocking_enter();
        NEED(!pthread_create(&id, NULL, returns_away, NULL));
        pthread_join(id, NULL);
        stm_blocking_leave(&b);
    }
    NEED(get(&G.all) == 20);
    NEED(stmi_world.nheld == 1 && stmi_world.running == 1 && !stmi_world.threads->next);
}

static void program_ends_away(void)
{
    stm_thread_enter();
    add(&G.all, 1);
    (void)stm_blocking_enter();
    exit(3);
}

int main(int argc, char **argv)
{
    static const struct end ends[] = {
        {"all_at_once", all_at_once, "STM_TICK=1000", 0, "", 0, NULL},
        {"all_at_once_no_ticker", all_at_once, "STM_TICK=0", 0, "", 0, NULL},
        {"long_sleep", long_sleep, "STM_TICK=1000", 0, "", 0, NULL},
        {"thread_ends_away", thread_ends_away, "STM_TICK=0", 0, "", 0, NULL},
        {"raw_thread_ends_away", raw_thread_ends_away, "STM_TICK=0", 0, "", 0, NULL},
        {"program_ends_away", program_ends_away, "STM_STATS=1", 3, "", 3, NULL},
    };
    return ends_main(argc, argv, ends, sizeof ends / sizeof *ends);
}
