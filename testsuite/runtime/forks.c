/* fork again: children that are killed, children of children, several threads that fork at once, exec; what
 * a child leaves behind, and what it must not say.  Each case is a program of its own. */
#include "ends.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=256k", "STM_HEAP_SIZE=1g",
                                   NULL};

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "node"};
static struct {
    struct node *list;
    long n, stop, busy;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
enum { LENGTH = 3000 };

static __attribute__((noinline)) void build(long first)
{
    struct node *list = NULL;
    for (long i = 0; i < LENGTH; i++) {
        struct node *n = stm_new(sizeof *n, &node_type);
        AT(n, struct node)->v = first + i;
        AT(n, struct node)->next = list;
        list = n;
    }
    *AT(stm_wr(&G.list, 8), struct node *) = list;
    *AT(stm_wr(&G.n, 8), long) = first;
}
static __attribute__((noinline)) int is_whole(void)
{
    long n = 0, first = get(&G.n);
    for (struct node *p = *AT(stm_rd(&G.list), struct node *); p; p = AT(stm_rd(p), struct node)->next)
        n += AT(p, struct node)->v == first + LENGTH - 1 - n;
    return n == LENGTH;
}

/* Others meanwhile: what they write is theirs, and what they read must be whole. */
static void *busy(void *arg)
{
    while (!get(&G.stop)) {
        add(&G.busy, 1);
        for (int i = 0; i < 50; i++)
            (void)stm_new_any(200);
        NEED(is_whole());
        new_transaction();
    }
    return arg;
}
static pthread_t others[2];
static void begin_all(void)
{
    stm_thread_enter();
    build(1);
    new_transaction();
    for (int i = 0; i < 2; i++)
        NEED(!stm_thread_create(&others[i], NULL, busy, NULL));
    new_transaction();
}
static void join(pthread_t id)
{
    int block = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&block);
}
static void end_all(void)
{
    add(&G.stop, 1);
    new_transaction();
    for (int i = 0; i < 2; i++)
        join(others[i]);
    NEED(is_whole());
    stm_exit(0);
}
static pid_t forked(void)
{
    stm_become_inevitable("fork");
    return fork();
}
static int wait_for(pid_t pid)
{
    int status, block = stm_blocking_enter();
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    stm_blocking_leave(&block);
    return status;
}

static void lives(int rounds)
{
    alarm(60);
    NEED(is_whole());
    for (int i = 0; i < rounds; i++) {
        build(1000 + i);
        new_transaction();
        NEED(is_whole());
    }
    stm_collect();
    NEED(is_whole());
}

/* ---- the cases */

/* At any moment of its life, from when it copies the heap on. */
static void killed(void)
{
    begin_all();
    for (unsigned k = 0; k < 40; k++) {
        pid_t pid = forked();
        if (pid == 0)
            for (;;)
                lives(10);
        NEED(pid > 0);
        int block = stm_blocking_enter();
        usleep(k * 97);
        NEED(!kill(pid, SIGKILL));
        stm_blocking_leave(&block);
        int status = wait_for(pid);
        NEED(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        NEED(is_whole());
        build(k);
        new_transaction();
    }
    end_all();
}

static int open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    NEED(d != NULL);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}
static void *forks(void *arg)
{
    for (int i = 0; i < 8; i++) {
        pid_t pid;
        if (i % 2) {
            pid = forked();
            if (pid == 0) {
                lives(3);
                _exit(0);
            }
        } else { /* from outside the zone */
            int block = stm_blocking_enter();
            pid = fork();
            stm_blocking_leave(&block);
            if (pid == 0) {
                lives(3);
                _exit(0);
            }
        }
        NEED(pid > 0 && wait_for(pid) == 0);
        new_transaction();
    }
    return arg;
}
static void at_once(void)
{
    pthread_t id[3];
    begin_all();
    int before = open_files();
    for (int i = 0; i < 3; i++)
        NEED(!stm_thread_create(&id[i], NULL, forks, NULL));
    new_transaction();
    for (int i = 0; i < 3; i++)
        join(id[i]);
    NEED(open_files() == before);
    end_all();
}

static void descendants(int left)
{
    lives(2);
    if (!left)
        return;
    pid_t pid = forked();
    if (pid == 0) {
        descendants(left - 1);
        _exit(0);
    }
    NEED(pid > 0 && wait_for(pid) == 0);
    lives(2);
}
static void generations(void)
{
    begin_all();
    pid_t pid = forked();
    if (pid == 0) {
        pthread_t id;
        *AT(stm_wr(&G.stop, 8), long) = 0;
        NEED(!stm_thread_create(&id, NULL, busy, NULL)); /* a thread of the child's while it forks */
        new_transaction();
        descendants(4);
        add(&G.stop, 1);
        new_transaction();
        join(id);
        _exit(0);
    }
    NEED(wait_for(pid) == 0);
    end_all();
}

/* What the transaction that forks has written, before the fork and behind it, is its own, and not lost: a
 * child that forks at once has it, and a child's other threads see it when it commits, and not before. */
static void *reads(void *arg)
{
    long **at = arg;
    return (void *)*AT(stm_rd(*at), long);
}
static struct {
    long *cell, *young;
} held __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static held_static IN_SECTION(ungil_statics) = {&held, sizeof held, 0, 0, "held"};
static void in_flight(void)
{
    begin_all();
    long *cell = stm_new_any(20000), *at;
    *AT(stm_wr(&held.cell, 8), long *) = cell;
    at = cell;
    new_transaction();
    stm_become_inevitable("fork");
    *AT(stm_wr(cell, 8), long) = 1;
    add(&G.stop, 7);
    long *young = stm_new_any(64);
    *AT(young, long) = 5;
    *AT(stm_wr(&held.young, 8), long *) = young;
    pid_t pid = fork();
    if (pid == 0) {
        pid = fork();
        NEED(*AT(stm_rd(cell), long) == 1 && *AT(stm_rd(&G.stop), long) == 7 &&
             *AT(stm_rd(young), long) == 5);
        if (pid == 0)
            _exit(0);
        NEED(wait_for(pid) == 0);
        *AT(stm_wr(cell, 8), long) = 2; /* logged before the fork */
        pthread_t id;
        void *got;
        NEED(!stm_thread_create(&id, NULL, reads, &at));
        new_transaction();
        int block = stm_blocking_enter();
        NEED(!pthread_join(id, &got) && got == (void *)2);
        stm_blocking_leave(&block);
        NEED(*AT(stm_rd(*AT(stm_rd(&held.young), long *)), long) == 5);
        _exit(0);
    }
    NEED(wait_for(pid) == 0);
    add(&G.stop, -7);
    new_transaction();
    end_all();
}

static void executes(void)
{
    begin_all();
    for (int i = 0; i < 10; i++) {
        pid_t pid = forked();
        if (pid == 0) {
            execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
            _exit(1);
        }
        int status = wait_for(pid);
        NEED(WIFEXITED(status) && WEXITSTATUS(status) == 9);
        new_transaction();
    }
    end_all();
}

static void files(void)
{
    begin_all();
    int before = open_files();
    for (int i = 0; i < 10; i++) {
        pid_t pid = forked();
        if (pid == 0) {
            NEED(open_files() == before);
            _exit(0);
        }
        NEED(wait_for(pid) == 0);
        new_transaction();
    }
    NEED(open_files() == before);
    end_all();
}

/* The statistics and the exit handlers of a child are its own. */
static void at_exit(void)
{
    build(7);
    NEED(is_whole());
    stmi_warn("handler of the %s", get(&G.stop) ? "child" : "parent");
}
static void handlers(void)
{
    begin_all();
    for (int i = 0; i < 300; i++)
        new_transaction();
    NEED(!atexit(at_exit));
    pid_t pid = forked();
    if (pid == 0) {
        *AT(stm_wr(&G.stop, 8), long) = 1;
        struct stmi_stats s;
        stmi_stats_sum(&s);
        NEED(s.commits < 10 && s.units < 10 && s.allocated < 100000);
        stm_exit(3);
    }
    int status = wait_for(pid);
    NEED(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    add(&G.stop, 1);
    new_transaction();
    for (int i = 0; i < 2; i++)
        join(others[i]);
    *AT(stm_wr(&G.stop, 8), long) = 0;
    stm_exit(0);
}

/* The child gets no file for its copy: it says so, and does not say what the parent is about to. */
static void no_copy(void)
{
    char name[] = "/tmp/ungil-forks-XXXXXX";
    int fd = mkstemp(name);
    NEED(fd >= 0 && !unlink(name) && dup2(fd, 1) == 1);
    begin_all();
    printf("once\n");
    struct rlimit r, less;
    NEED(!getrlimit(RLIMIT_NOFILE, &r));
    less = r;
    less.rlim_cur = (rlim_t)dup(fd) + 2; /* room for the pipe */
    NEED(!close((int)less.rlim_cur - 2) && !setrlimit(RLIMIT_NOFILE, &less));
    pid_t pid = forked();
    if (pid == 0)
        _exit(0);
    NEED(!setrlimit(RLIMIT_NOFILE, &r));
    int status = wait_for(pid);
    NEED(WIFEXITED(status) && WEXITSTATUS(status) == (STMI_VIEWS ? 2 : 0));
    NEED(is_whole() && !fflush(stdout) && lseek(fd, 0, SEEK_END) == 5);
    end_all();
}

/* The system makes no process: the world goes on. */
static void refused(void)
{
    struct rlimit none = {0, 0};
    begin_all();
    if (geteuid() == 0) /* root has no such limit */
        NEED(!setgid(65534) && !setuid(65534));
    NEED(!setrlimit(RLIMIT_NPROC, &none));
    for (int i = 0; i < 5; i++) {
        pid_t pid = forked();
        if (pid == 0)
            _exit(0);
        NEED(pid < 0 && errno == EAGAIN);
        NEED(is_whole());
        build(i);
        new_transaction();
    }
    end_all();
}

static const struct end ends[] = {
    {"killed", killed, NULL, 0, "", 0, NULL},
    {"at_once", at_once, NULL, 0, "", 0, NULL},
    {"generations", generations, NULL, 0, "", 0, NULL},
    {"in_flight", in_flight, NULL, 0, "", 0, NULL},
    {"executes", executes, NULL, 0, "", 0, NULL},
    {"files", files, NULL, 0, "", 0, NULL},
    {"handlers_child", handlers, NULL, 0, "handler of the child", 0, NULL},
    {"handlers_parent", handlers, NULL, 0, "handler of the parent", 0, NULL},
    {"no_copy", no_copy, NULL, 0, "", 0, "fork: cannot make the heap's memory file"},
    {"refused", refused, NULL, 0, "", 0, NULL},
};

/* AddressSanitizer of gcc 12 does not hold its allocator's locks over a fork: a child of a process with
 * threads may wait for one forever. */
#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
int main(int argc, char **argv)
{
    if (SANITIZED) {
        puts("skipped: the sanitizer's allocator does not survive a fork with threads");
        return 77;
    }
    return ends_main(argc, argv, ends, sizeof ends / sizeof ends[0]);
}
