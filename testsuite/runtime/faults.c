/* What the runtime asks of the system fails, one call site at a time.
 * variants: segment gil plainview
 * wrap: malloc calloc realloc posix_memalign mmap mprotect madvise memfd_create ftruncate pwrite pipe pipe2
 * wrap: pthread_create pthread_getattr_np pthread_key_create pthread_setspecific pthread_cond_init
 * wrap: pthread_atfork
 * wrap: sem_init sigaltstack sigaction
 * timeout: 300
 *
 * The linker sends these calls here (-Wl,--wrap).  A first run of the program notes from where they are
 * made: three return addresses make a site.  Then, for each site, the program runs again as a child whose
 * first such call fails, and so for later ones and the last, alone or with all calls after it.  It has to
 * print the right result and exit with 0, or to say what is missing and exit with 2; a signal, a hang
 * (alarm), a wrong result or silence fails the test.  The idea is that of SQLite's out-of-memory tests ("How
 * SQLite is tested", section 3.1). */
#include "longs.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *const stm_options[] = {"STM_SEGMENTS=3",
                                   "STM_NURSERY=64k",
                                   "STM_MAJOR=256k",
                                   "STM_HEAP_SIZE=64m",
                                   "STM_VERSION_MAX=50",
                                   "STM_LENGTH=4k",
                                   NULL};

/* ---- the sites, in memory that the driver shares with the program and its children */

/* clang-format off */
#define CALLS(X)                                                                                          \
    X(malloc, ENOMEM)                                                                                     \
    X(calloc, ENOMEM)                                                                                     \
    X(realloc, ENOMEM)                                                                                    \
    X(posix_memalign, 0)                                                                                  \
    X(mmap, ENOMEM)                                                                                       \
    X(mprotect, ENOMEM)                                                                                   \
    X(madvise, EAGAIN)                                                                                    \
    X(memfd_create, EMFILE)                                                                               \
    X(ftruncate, EFBIG)                                                                                   \
    X(pwrite, ENOSPC)                                                                                     \
    X(pipe, EMFILE)                                                                                       \
    X(pipe2, EMFILE)                                                                                      \
    X(pthread_create, 0)                                                                                  \
    X(pthread_getattr_np, 0)                                                                              \
    X(pthread_key_create, 0)                                                                              \
    X(pthread_setspecific, 0)                                                                             \
    X(pthread_cond_init, 0)                                                                               \
    X(pthread_atfork, 0)                                                                                  \
    X(sem_init, EINVAL)                                                                                   \
    X(sigaltstack, ENOMEM)                                                                                \
    X(sigaction, EINVAL)
/* clang-format on */
enum call {
#define X(name, error) CALL_##name,
    CALLS(X)
#undef X
        NCALLS
};
static const char *const call_names[] = {
#define X(name, error) #name,
    CALLS(X)
#undef X
};
static const int call_errors[] = {
#define X(name, error) error,
    CALLS(X)
#undef X
};

enum { SITES = 1024, FRAMES = 3 };
struct site {
    uintptr_t from[FRAMES];
    int call, times;
};
static struct table {
    pthread_mutex_t lock; /* shared between processes */
    int nsites;
    struct site site[SITES];
    int fail_site, fail_time; /* -1: none; the time counts from 1 */
    int for_good;             /* whatever is asked for after that fails as well */
    int failed;
} * table;

extern char __executable_start[];

void *__real_mmap(void *, size_t, int, int, int, off_t);
static _Thread_local int looking; /* backtrace may allocate */

/* Before the runtime's constructor has made its first call. */
static void find_table(void)
{
    static int looked;
    const char *fd = looked ? NULL : getenv("FAULTS_TABLE");
    looked = 1;
    if (!fd)
        return;
    void *warm[4]; /* loads what it needs now */
    (void)backtrace(warm, 4);
    void *p = __real_mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);
    if (p != MAP_FAILED)
        table = p;
}

static int same(const struct site *s, enum call call, void *const *from)
{
    for (int i = 0; i < FRAMES; i++)
        if (s->from[i] != (uintptr_t)from[i])
            return 0;
    return s->call == (int)call;
}

static int site_of(enum call call, void *const *from)
{
    int i = 0;
    while (i < table->nsites && !same(&table->site[i], call, from))
        i++;
    if (i == table->nsites && i < SITES) {
        for (int k = 0; k < FRAMES; k++)
            table->site[i].from[k] = (uintptr_t)from[k];
        table->site[i].call = call;
        table->nsites++;
    }
    return i;
}

/* Notes the call, and says whether it fails. */
static __attribute__((noinline)) int fails(enum call call)
{
    if (looking)
        return 0;
    looking = 1;
    if (!table)
        find_table();
    if (!table)
        return looking = 0;
    int err = errno, yes = 0;
    void *at[FRAMES + 2] = {0}; /* this function's frame and the wrapper's come first */
    int n = backtrace(at, FRAMES + 2);
    for (int i = 0; i < FRAMES + 2; i++)
        at[i] = i < n && (uintptr_t)at[i] - (uintptr_t)__executable_start < 1u << 28
                    ? (void *)((char *)at[i] - (uintptr_t)__executable_start)
                    : NULL; /* the C library's frames are elsewhere each time */
    pthread_mutex_lock(&table->lock);
    int i = site_of(call, at + 2);
    if (i < SITES)
        yes = ++table->site[i].times == table->fail_time && i == table->fail_site;
    yes |= table->for_good & table->failed;
    table->failed |= yes;
    pthread_mutex_unlock(&table->lock);
    errno = yes ? call_errors[call] : err;
    looking = 0;
    return yes;
}

#define WRAP(T, name, failure, params, args)                                                                 \
    T __real_##name params;                                                                                  \
    T __wrap_##name params;                                                                                  \
    __attribute__((noinline)) T __wrap_##name params                                                         \
    {                                                                                                        \
        return fails(CALL_##name) ? failure : __real_##name args;                                            \
    }
WRAP(void *, malloc, NULL, (size_t n), (n))
WRAP(void *, calloc, NULL, (size_t k, size_t n), (k, n))
WRAP(void *, realloc, NULL, (void *p, size_t n), (p, n))
WRAP(int, posix_memalign, ENOMEM, (void **p, size_t a, size_t n), (p, a, n))
WRAP(void *, mmap, MAP_FAILED, (void *p, size_t n, int prot, int flags, int fd, off_t off),
     (p, n, prot, flags, fd, off))
WRAP(int, mprotect, -1, (void *p, size_t n, int prot), (p, n, prot))
WRAP(int, madvise, -1, (void *p, size_t n, int what), (p, n, what))
WRAP(int, memfd_create, -1, (const char *name, unsigned flags), (name, flags))
WRAP(int, ftruncate, -1, (int fd, off_t n), (fd, n))
WRAP(ssize_t, pwrite, -1, (int fd, const void *p, size_t n, off_t off), (fd, p, n, off))
WRAP(int, pipe, -1, (int *fds), (fds))
WRAP(int, pipe2, -1, (int *fds, int flags), (fds, flags))
WRAP(int, pthread_create, EAGAIN, (pthread_t * t, const pthread_attr_t *a, void *(*fn)(void *), void *arg),
     (t, a, fn, arg))
WRAP(int, pthread_getattr_np, ENOMEM, (pthread_t t, pthread_attr_t *a), (t, a))
WRAP(int, pthread_key_create, EAGAIN, (pthread_key_t * k, void (*fn)(void *)), (k, fn))
WRAP(int, pthread_setspecific, ENOMEM, (pthread_key_t k, const void *p), (k, p))
WRAP(int, pthread_cond_init, EAGAIN, (pthread_cond_t * c, const pthread_condattr_t *a), (c, a))
WRAP(int, pthread_atfork, ENOMEM, (void (*a)(void), void (*b)(void), void (*c)(void)), (a, b, c))
WRAP(int, sem_init, -1, (sem_t * s, int shared, unsigned v), (s, shared, v))
WRAP(int, sigaltstack, -1, (const stack_t *a, stack_t *b), (a, b))
WRAP(int, sigaction, -1, (int sig, const struct sigaction *a, struct sigaction *b), (sig, a, b))

/* ---- the program: a little of everything */

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0,      0,   2, 0, (const unsigned long[]){1},
                                                            "node", NULL};
static struct {
    struct node *list;
    long sum, finalized, rounds, pad[28];
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

enum { THREADS = 2, ROUNDS = 40, STEP = 3 };

static void nothing(void *key)
{
    (void)key;
}
static void on_finalized(void *obj)
{
    (void)obj;
    add(&G.finalized, 1);
}

static void push(long v)
{
    struct node *n = stm_new(sizeof *n, &node_type);
    AT(n, struct node)->v = v;
    AT(n, struct node)->next = *AT(stm_rd(&G.list), struct node *);
    *AT(stm_wr(&G.list, 8), struct node *) = n;
    add(&G.sum, v);
}

/* Many objects, garbage and not, in one transaction. */
static __attribute__((noinline)) void allocate(void)
{
    struct node *mine = NULL;
    for (int i = 0; i < 3000; i++) {
        struct node *n = stm_new(sizeof *n, &node_type);
        AT(n, struct node)->next = mine;
        if (i % 2)
            mine = n;
    }
    for (long **p = stm_new_any(64), i = 0; i < 12; i++, p = *(long ***)stm_real(p))
        *AT(p, void *) = stm_new_any(i % 3 ? 9000 : 70000);
}

/* Many units in one transaction, so that all tables grow. */
static __attribute__((noinline)) void write_much(long *array, long n)
{
    for (long i = 0; i < n; i += 16)
        *AT(stm_wr(array + i, 8), long) = i;
    long *m[40];
    for (int i = 0; i < 40; i++)
        *AT(m[i] = stm_malloc(100), long) = i;
    for (int i = 0; i < 40; i++) {
        if (i % 2 == 0)
            m[i] = stm_realloc(m[i], 300);
        stm_free(m[i]);
    }
}

static __attribute__((noinline)) void later(int round)
{
    stm_fprintf(stdout, "%s", "");
    for (int i = 0; i < 20; i++) {
        stm_call_on_commit(&G, nothing);
        stm_call_on_abort(&G, nothing);
    }
    for (int i = 0; i < 20; i++) {
        void *o = stm_new_any(32), *w = stm_weak_new(o);
        if (stm_weak_get(w) != o)
            _exit(1);
        stm_set_finalizer(o, on_finalized);
        stm_set_destructor(stm_new_any(32), nothing);
        stm_unpin((stm_pin(o), o));
    }
    if (round % 8 == 0)
        stm_become_inevitable("test");
}

static __attribute__((noinline)) void one_round(long *array, int round)
{
    int block = stm_atomic_enter();
    push(STEP);
    stm_atomic_leave(&block);
    new_transaction();
    if (round % 10 == 0)
        write_much(array, 3000);
    new_transaction();
    if (round % 10 == 5)
        allocate();
    if (round % 10 == 7)
        later(round);
    add(&G.rounds, 1);
    new_transaction();
    block = stm_blocking_enter();
    stm_blocking_leave(&block);
}

static __attribute__((noinline)) void *work(void *arg)
{
    long *array = arg;
    for (int i = 0; i < ROUNDS; i++)
        one_round(array, i);
    return stm_new_any(16);
}

static __attribute__((noinline)) int count_list(void)
{
    long s = 0, n = 0;
    for (struct node *p = *AT(stm_rd(&G.list), struct node *); p; p = AT(stm_rd(p), struct node)->next)
        s += AT(p, struct node)->v, n++;
    return n == ROUNDS * THREADS && s == n * STEP && get(&G.sum) == s;
}

static int childhood(void)
{
    if (!count_list())
        return 1;
    for (int i = 0; i < 300; i++) {
        push(1);
        (void)stm_new_any(3000);
        stm_safepoint();
    }
    stm_collect();
    return get(&G.sum) != ROUNDS * THREADS * STEP + 300;
}

/* 0, or 2 if the child could not go on and said so. */
static int fork_child(void)
{
    stm_become_inevitable("fork");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        _exit(childhood());
    }
    if (pid < 0)
        return 0;
    int status, block = stm_blocking_enter();
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    stm_blocking_leave(&block);
    return WIFEXITED(status) && WEXITSTATUS(status) == 2 ? 0 : status;
}

static __attribute__((noinline)) int program(void)
{
    stm_defer_output(stdout);
    stm_thread_enter();
    pthread_t id[THREADS];
    int made[THREADS];
    for (int i = 0; i < THREADS; i++) {
        long *array = stm_new_any(3000 * sizeof(long));
        made[i] = !stm_thread_create(&id[i], NULL, work, array);
        if (!made[i])
            (void)work(array);
        new_transaction();
    }
    stm_collect();
    int block = stm_blocking_enter();
    for (int i = 0; i < THREADS; i++)
        if (made[i])
            pthread_join(id[i], NULL);
    stm_blocking_leave(&block);
    (void)stm_new_any(20 << 20); /* marker clearings give pages back from here on */
    for (int i = 0; i < 120; i++)
        new_transaction();
    stm_collect();
    if (!count_list() || get(&G.rounds) != ROUNDS * THREADS)
        return 1;
    int status = fork_child();
    if (status)
        return status & 0x7f ? 100 + (status & 0x7f) : 1;
    stm_printf("right\n");
    stm_exit(0);
}

/* ---- the driver */

static char said[4096];

static int run(void)
{
    char *argv[] = {"faults", "program", NULL};
    int out[2];
    if (__real_pipe(out))
        return -1;
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, out[1], 1);
    posix_spawn_file_actions_adddup2(&fa, out[1], 2);
    posix_spawn_file_actions_addclose(&fa, out[0]);
    posix_spawn_file_actions_addclose(&fa, out[1]);
    pid_t pid;
    int err = posix_spawn(&pid, "/proc/self/exe", &fa, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    close(out[1]);
    size_t n = 0;
    for (ssize_t k; !err && (k = read(out[0], said + n, sizeof said - 1 - n)) != 0;)
        n += k > 0 ? (size_t)k : 0;
    said[n] = 0;
    close(out[0]);
    int status = -1;
    if (!err)
        waitpid(pid, &status, 0);
    return status;
}

static int is_right(int status)
{
    if (status == 0)
        return strstr(said, "right\n") != NULL;
    return WIFEXITED(status) && WEXITSTATUS(status) == 2 && strstr(said, "ungil: ");
}

static void new_table(void)
{
    char text[20];
    int table_fd = __real_memfd_create("faults", 0);
    assert_true(table_fd >= 0 && !__real_ftruncate(table_fd, sizeof *table));
    snprintf(text, sizeof text, "%d", table_fd);
    setenv("FAULTS_TABLE", text, 1);
    table = __real_mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, table_fd, 0);
    assert_true(table != MAP_FAILED);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&table->lock, &a);
    table->fail_site = -1;
}

/* 1 if the call failed, 0 if it was not made this time; wrong results are counted. */
static int fail_one(int site, int time, int for_good, int *wrong)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&table->lock, &a); /* a killed child may have left it locked */
    for (int i = 0; i < table->nsites; i++)
        table->site[i].times = 0;
    table->fail_site = site;
    table->fail_time = time;
    table->for_good = for_good;
    table->failed = 0;
    int status = run(), failed = table->failed;
    const struct site *s = &table->site[site];
    if (getenv("FAULTS_VERBOSE"))
        print_message("%s time %d: %s: status %#x: %s\n", call_names[s->call], time,
                      failed ? "failed" : "not made", status, said);
    if (!is_right(status)) {
        print_error("%s time %d, called from %#lx %#lx %#lx: status %#x: %s\n", call_names[s->call], time,
                    s->from[0], s->from[1], s->from[2], status, said);
        ++*wrong;
    }
    return failed;
}

static void each_site(void **state)
{
    (void)state;
    new_table();
    int status = run(), n = table->nsites;
    assert_int_equal(status, 0);
    assert_true(is_right(status));
    assert_in_range(n, 40, SITES - 1);
    static int times[SITES];
    for (int i = 0; i < n; i++)
        times[i] = table->site[i].times;
    int runs = 0, failed = 0, wrong = 0;
    for (int i = 0; i < n; i++)
        for (int k = 1; k <= times[i]; k = k < 5 || k == times[i] ? k + 1 : times[i])
            for (int for_good = 0; for_good < 2; for_good++, runs++)
                failed += fail_one(i, k, for_good, &wrong);
    print_message("%d sites, %d runs, in %d of them a call failed\n", n, runs, failed);
    assert_int_equal(wrong, 0);
    assert_true(failed >= runs / 2); /* with threads not every call comes again */
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        alarm(20);
        stm_thread_leave();
        return program();
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_site)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
