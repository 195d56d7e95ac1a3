/* Signal handlers that are translated code, and the reporter of stray accesses among other handlers of
 * SIGSEGV.  Each case is a program of its own; the handlers are written as the translator would. */
#include "ends.h"

#include <errno.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#if STMI_VIEWS
#include <asm/prctl.h>
#endif

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=256k",
                                   "STM_VERSION_MAX=300", NULL};

static struct {
    long a, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static volatile sig_atomic_t seen, odd;
static sigjmp_buf out;

static void count_up(void)
{
    ++*(volatile sig_atomic_t *)stm_raw_wr(&seen, sizeof seen);
}

static void on(int sig, void (*fn)(int), int flags)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = fn;
    a.sa_flags = flags;
    NEED(!stm_sigaction(sig, &a, NULL));
    new_transaction();
}

/* Whatever translated code may ask for. */
static void asks(int sig)
{
    (void)sig;
    count_up();
    stm_safepoint();
    stm_hint_commit_soon();
    stm_safepoint();
    stm_become_inevitable("a handler");
    int block = stm_atomic_enter(), blocking = stm_blocking_enter();
    count_up();
    stm_blocking_leave(&blocking);
    stm_safepoint();
    stm_atomic_leave(&block);
}

static void inside(void)
{
    stm_thread_enter();
    on(SIGUSR1, asks, 0);
    add(&G.a, 1);
    unsigned short version = stm_self.version;
    unsigned long commits = stmi_me->stats.commits;
    raise(SIGUSR1);
    NEED(seen == 2 && !(STMI_VIEWS && stm_self.inevitable) && stm_self.version == version &&
         stmi_me->stats.commits == commits);
    NEED(!stmi_me->handlers && get(&G.a) == 1);
    count_up(); /* the same, not in a handler */
    NEED(stm_self.inevitable);
    new_transaction();
    int block = stm_atomic_enter();
    raise(SIGUSR1);
    stm_atomic_leave(&block);
    new_transaction();
    block = stm_blocking_enter();
    raise(SIGUSR1);
    NEED(!stmi_me->seg);
    stm_blocking_leave(&block);
    add(&G.a, 1);
    NEED(seen == 7 && get(&G.a) == 2);
    stm_thread_leave();
    raise(SIGUSR1);
    NEED(seen == 9 && !stmi_me->seg);
    exit(0);
}

static void *no_thread(void *arg)
{
    raise(SIGUSR1); /* a thread that the runtime does not know */
    return arg;
}
static void foreign(void)
{
    pthread_t id;
    on(SIGUSR1, asks, 0);
    stm_thread_leave();
    NEED(!pthread_create(&id, NULL, no_thread, NULL));
    pthread_join(id, NULL);
    NEED(seen == 2);
    exit(0);
}

static void allocates(int sig)
{
    (void)sig;
    for (int i = 0; i < 1000; i++) /* the inline part may find some room */
        (void)stm_new_any(100);
}
static void allocation(void)
{
    stm_thread_enter();
    on(SIGUSR1, allocates, 0);
    raise(SIGUSR1);
}
static void writes(int sig)
{
    (void)sig;
    add(&G.a, 1);
}
static void write_object(void)
{
    stm_thread_enter();
    on(SIGUSR1, writes, 0);
    raise(SIGUSR1);
}

static void leaves(int sig)
{
    (void)sig;
    count_up();
    siglongjmp(out, 1);
}
static void longjmp_out(void)
{
    stm_thread_enter();
    for (int k = 0; k < 2; k++) {
        on(SIGUSR1, leaves, k ? SA_ONSTACK : 0);
        if (!sigsetjmp(out, 1)) {
            raise(SIGUSR1);
            NEED(0);
        }
        (void)stm_new_any(100000);
        new_transaction();
        NEED(!(STMI_VIEWS && stm_self.inevitable));
        count_up(); /* it is as before */
        NEED(stm_self.inevitable && !stmi_me->handlers);
    }
    stm_exit(0);
}

static void other(int sig, siginfo_t *info, void *context)
{
    if (info->si_signo == sig && context)
        count_up();
}
static void old_ones(void)
{
    struct sigaction a, old;
    stm_thread_enter();
    NEED(stm_signal(SIGUSR1, asks) == SIG_DFL);
    NEED(stm_signal(SIGUSR1, SIG_IGN) == asks);
    raise(SIGUSR1);
    NEED(stm_signal(SIGUSR1, SIG_DFL) == SIG_IGN);
    memset(&a, 0, sizeof a);
    a.sa_sigaction = other;
    a.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaddset(&a.sa_mask, SIGUSR2);
    NEED(!stm_sigaction(SIGUSR1, &a, NULL));
    NEED(!stm_sigaction(SIGUSR1, NULL, &old));
    NEED(old.sa_sigaction == other &&
         (old.sa_flags & (SA_SIGINFO | SA_RESTART)) == (SA_SIGINFO | SA_RESTART));
    NEED(sigismember(&old.sa_mask, SIGUSR2) == 1 && !seen);
    raise(SIGUSR1);
    NEED(seen == 1);
    NEED(stm_sigaction(SIGKILL, &a, NULL) == -1 && errno == EINVAL);
    NEED(stm_sigaction(1000, &a, NULL) == -1 && errno == EINVAL);
    exit(0);
}

/* A blocking call that a signal ends: the program sees EINTR, as without us. */
static void interrupted(void)
{
    int p[2];
    char c;
    struct itimerval soon = {{0, 1000}, {0, 1000}};
    stm_thread_enter();
    on(SIGALRM, asks, 0);
    NEED(!pipe(p) && !setitimer(ITIMER_REAL, &soon, NULL));
    errno = 0;
    int block = stm_blocking_enter();
    ssize_t n = read(p[0], &c, 1);
    stm_blocking_leave(&block);
    NEED(n == -1 && errno == EINTR && seen >= 2);
    exit(0);
}

/* ---- a storm of them */

static void checks(int sig)
{
    int err = errno;
    unsigned long base = 0;
    (void)sig;
#if defined UNGIL_SEGMENT
    int mine = 0;
    if (syscall(SYS_arch_prctl, ARCH_GET_GS, &base))
        odd++;
    for (int i = 1; i <= stmi_nseg; i++)
        mine |= stmi_segs[i].base == base;
    odd += base && !mine;
#endif
    asks(sig);
    errno = err;
}

static void *worker(void *arg)
{
    long done = 0;
    volatile long *rounds = arg;
    for (unsigned long r = 7 + (unsigned long)rounds; seen < 1200 && done < 20000000; done++) {
        unsigned long x = next_random(&r) >> 20;
        errno = (int)(x & 31);
        int block = stm_atomic_enter();
        add(&G.a, 1);
        if (x % 16 == 0)
            for (int i = 0; i < 50; i++)
                (void)stm_new_any(200);
        stm_atomic_leave(&block);
        if (x % 8 == 0)
            new_transaction();
        if (x % 64 == 1)
            stm_become_inevitable("storm");
        stm_safepoint();
        if (x % 64 == 2) {
            block = stm_blocking_enter();
            stm_blocking_leave(&block);
        }
        if (x % 1024 == 3)
            stm_collect();
        NEED(errno == (int)(x & 31));
    }
    return (void *)done;
}

static void storm(int flags)
{
    struct itimerval every = {{0, 1000}, {0, 1000}};
    pthread_t id[3];
    long total = 0;
    stm_thread_enter();
    on(SIGALRM, checks, flags | SA_RESTART);
    NEED(!setitimer(ITIMER_REAL, &every, NULL));
    for (long i = 0; i < 3; i++)
        NEED(!stm_thread_create(&id[i], NULL, worker, (void *)(i * 8)));
    int block = stm_blocking_enter();
    for (int i = 0; i < 3; i++) {
        void *done;
        pthread_join(id[i], &done);
        total += (long)done;
    }
    stm_blocking_leave(&block);
    NEED(seen >= 1200 && !odd && get(&G.a) == total);
    exit(0);
}
static void storm_here(void)
{
    storm(0);
}
static void storm_onstack(void)
{
    storm(SA_ONSTACK);
}

/* ---- SIGSEGV */

static void last_word(int sig, siginfo_t *info, void *context)
{
    (void)context;
    stmi_warn("the program's own handler: signal %d%s", sig, info->si_addr ? "" : ", null");
    _exit(7);
}
/* Before the runtime's constructor. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wprio-ctor-dtor"
#endif
__attribute__((constructor(90))) static void set_early(void)
{
    struct sigaction a;
    if (!getenv("EARLY"))
        return;
    memset(&a, 0, sizeof a);
    a.sa_sigaction = last_word;
    a.sa_flags = SA_SIGINFO;
    (void)sigaction(SIGSEGV, &a, NULL);
}

static void escape(void)
{
    stm_thread_enter();
    *(volatile long *)stm_new_any(64) = 1; /* no STM_AT */
    stm_exit(0);
}
static void escape_late(void)
{
    struct sigaction a, old;
    stm_thread_enter();
    memset(&a, 0, sizeof a);
    a.sa_sigaction = last_word;
    a.sa_flags = SA_SIGINFO | SA_ONSTACK;
    NEED(!stm_sigaction(SIGSEGV, &a, &old) && old.sa_handler == SIG_DFL);
    NEED(!stm_sigaction(SIGSEGV, NULL, &old) && old.sa_sigaction == last_word);
    escape();
}
static void plain_fault(void)
{
    struct sigaction a;
    stm_thread_enter();
    memset(&a, 0, sizeof a);
    a.sa_sigaction = last_word;
    a.sa_flags = SA_SIGINFO;
    NEED(!stm_sigaction(SIGSEGV, &a, NULL));
    void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(volatile char *)page = 1;
}

static const struct end ends[] = {
    {"inside", inside, NULL, 0, "", 0, NULL},
    {"foreign", foreign, NULL, 0, "", 0, NULL},
    {"allocation", allocation, NULL, 2, "allocation in a signal handler", 2, NULL},
    {"write_object", write_object, NULL, STMI_VIEWS ? 2 : 0, "", 2, "write to an object in a signal handler"},
    {"longjmp_out", longjmp_out, NULL, 0, "", 0, NULL},
    {"old_ones", old_ones, NULL, 0, "", 0, NULL},
    {"interrupted", interrupted, NULL, 0, "", 0, NULL},
    {"storm_here", storm_here, NULL, 0, "", 0, NULL},
    {"storm_onstack", storm_onstack, NULL, 0, "", 0, NULL},
    {"early", escape, "EARLY=1", 0, "", 7, "uninstrumented access to a transactional object at 0x3"},
    {"early_too", escape, "EARLY=1", 0, "", 7, "the program's own handler: signal 11"},
    {"late", escape_late, NULL, 0, "", 7, "uninstrumented access to a transactional object at 0x3"},
    {"late_too", escape_late, NULL, 0, "", 7, "the program's own handler: signal 11"},
    {"plain_fault", plain_fault, NULL, 7, "ungil: the program's own handler: signal 11\n", 7, NULL},
};

int main(int argc, char **argv)
{
    return ends_main(argc, argv, ends, sizeof ends / sizeof ends[0]);
}
