/* The heap is full: in small and large allocations, in inevitable transactions, in finalizers, while others
 * are in flight.  First an emergency collection, then the program's hook, then a message and status 2; what
 * was committed is not lost. */
#include "ends.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=4m", NULL};

static struct {
    long **keep, *cache[64], n, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
enum { HEAP = 8 << 20 };
static _Atomic int hooks;

static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

/* A list that fills bytes, each object marked with `mark`, reached from *at. */
static __attribute__((noinline)) void grow(long ***at, size_t bytes, size_t each, long mark)
{
    for (size_t n = 0; n < bytes; n += each) {
        long **p = stm_new_any(each - 8);
        AT(p, long *)[0] = *AT(stm_rd(at), long *);
        AT(p, long)[1] = mark;
        *AT(stm_wr(at, 8), long **) = p;
    }
}
static __attribute__((noinline)) size_t length(long ***at, long mark)
{
    size_t n = 0;
    for (long **p = *AT(stm_rd(at), long **); p; p = *AT(stm_rd(p), long **), n++)
        NEED(AT(p, long)[1] == mark);
    return n;
}

/* ---- the hook drops a cache, piece by piece */

static __attribute__((noinline)) void fill_cache(void)
{
    for (int i = 0; i < 64; i++) {
        long *p = stm_new_any(64000);
        AT(p, long)[1] = i;
        *AT(stm_wr(&G.cache[i], 8), long *) = p;
        new_transaction();
    }
}
static int drop_one(size_t bytes)
{
    NEED(bytes >= 8);
    hooks++;
    for (int i = 0; i < 64; i++)
        if (*AT(stm_rd(&G.cache[i]), long *)) {
            *AT(stm_wr(&G.cache[i], 8), long *) = NULL;
            return 1;
        }
    return 0;
}
static void drops(int inevitable, size_t each)
{
    stm_thread_enter();
    fill_cache();
    clear_stack();
    stm_on_out_of_memory(drop_one);
    new_transaction();
    if (inevitable)
        stm_become_inevitable("test");
    grow(&G.keep, 3 << 20, each, 5); /* in one transaction */
    NEED(!hooks);
    grow(&G.keep, 3 << 20, each, 5);
    NEED(hooks > 0 &&
         hooks <= (each < 8192 ? 64 : 63)); /* small objects find room below all large ones only */
    NEED(length(&G.keep, 5) == 2 * (((3 << 20) + each - 1) / each));
    new_transaction();
    NEED(length(&G.keep, 5) == 2 * (((3 << 20) + each - 1) / each));
    for (long i = 0; i < 64; i++) {
        const long *p = *AT(stm_rd(&G.cache[i]), long *);
        NEED(!p || AT(stm_rd(p), long)[1] == i);
    }
    stm_exit(0);
}
static void hook_small(void)
{
    drops(0, 64);
}
static void hook_large(void)
{
    drops(0, 50000);
}
static void hook_inevitable(void)
{
    drops(1, 64);
}
static void hook_inevitable_large(void)
{
    drops(1, 50000);
}

static int gives_up(size_t bytes)
{
    stmi_warn("hook: %zu bytes", bytes);
    return 0;
}
static void hook_gives_up(void)
{
    stm_thread_enter();
    stm_on_out_of_memory(gives_up);
    (void)stm_new_any(HEAP + 100);
}

/* Several threads, each with data of its own that lives, more garbage, and a share in the cache. */
static void *fills(void *arg)
{
    long ***mine = stm_new_any(16);
    grow(mine, 1 << 19, 64, (long)arg);
    size_t n = length(mine, (long)arg);
    for (int k = 0; k < 60; k++) {
        for (int i = 0; i < 1000; i++)
            (void)stm_new_any(i % 100 ? 100 : 20000);
        NEED(length(mine, (long)arg) == n);
        add(&G.n, 1);
        new_transaction();
    }
    return NULL;
}
static void hook_threads(void)
{
    pthread_t id[4];
    stm_thread_enter();
    fill_cache();
    clear_stack();
    stm_on_out_of_memory(drop_one);
    for (long i = 0; i < 4; i++) {
        NEED(!stm_thread_create(&id[i], NULL, fills, (void *)(i + 1)));
        new_transaction();
    }
    int block = stm_blocking_enter();
    for (int i = 0; i < 4; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&block);
    NEED(get(&G.n) == 4 * 60);
    stm_exit(0);
}

/* What one segment has used is there for another: no block stays behind because it is hot. */
static __attribute__((noinline)) void garbage(size_t bytes)
{
    long **list = NULL;
    for (size_t n = 0; n < bytes; n += 64) {
        long **p = stm_new_any(56);
        *AT(p, long *) = (long *)list;
        list = p;
    }
}
static void *lives_on(void *arg)
{
    grow(&G.keep, 6 << 20, 64, 5);
    return arg;
}
static void hot_blocks(void)
{
    pthread_t id;
    stm_thread_enter();
    for (int i = 0; i < 3; i++) {
        garbage(5 << 20); /* promoted: dead, and old */
        new_transaction();
    }
    clear_stack();
    NEED(!stm_thread_create(&id, NULL, lives_on, NULL));
    new_transaction();
    while (!*AT(stm_rd(&G.keep), long **)) /* the segment is kept busy until it has begun */
        new_transaction();
    int block = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&block);
    NEED(length(&G.keep, 5) == (6 << 20) / 64);
    stm_exit(0);
}

/* A finalizer that fills the heap does so in a transaction of its own, after the commit. */
static void fills_heap(void *obj)
{
    (void)obj;
    grow(&G.keep, 2 * HEAP, 64, 5);
}
static __attribute__((noinline)) void finalized(void)
{
    for (int i = 0; i < 10; i++)
        stm_set_finalizer(stm_new_any(32), fills_heap);
}
static void finalizer_full(void)
{
    stm_thread_enter();
    finalized();
    clear_stack();
    for (int i = 0; i < 10; i++) {
        stm_collect();
        new_transaction();
    }
}

/* ---- nothing that was committed is lost, and nothing else is said */

static void lines(FILE *f)
{
    for (int i = 0; i < 100; i++) {
        stm_fprintf(f, "%d\n", i);
        new_transaction();
    }
    stm_fprintf(f, "never\n");
    (void)stm_new_any(HEAP + 100);
}
/* The child's output, from which it was not able to take anything back in the gil variant. */
static void check_lines(int fd)
{
    char text[2000], expected[2000] = "";
    size_t n = 0;
    for (ssize_t k; (k = read(fd, text + n, sizeof text - 1 - n)) > 0;)
        n += (size_t)k;
    text[n] = 0;
    for (int i = 0; i < 100; i++)
        sprintf(expected + strlen(expected), "%d\n", i);
    if (!STMI_VIEWS)
        strcat(expected, "never\n");
    NEED(!strcmp(text, expected));
}
static void lines_of_child(int to_stdout)
{
    int p[2], status;
    stm_thread_leave();
    NEED(!pipe(p));
    pid_t pid = fork();
    if (pid == 0) {
        close(p[0]);
        NEED(dup2(p[1], 1) == 1);
        FILE *f = to_stdout ? stdout : fdopen(p[1], "w");
        stm_thread_enter();
        stm_defer_output(f);
        lines(f);
    }
    close(p[1]);
    check_lines(p[0]);
    NEED(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 2);
    exit(0);
}
static void lines_stdout(void)
{
    lines_of_child(1);
}
static void lines_file(void)
{
    lines_of_child(0);
}

/* Another thread is in a call on that stream, and will not come back. */
static void *reads_forever(void *arg)
{
    int p[2];
    NEED(!pipe(p));
    flockfile(stdout);
    atomic_fetch_add(&hooks, 1);
    char c;
    (void)!read(p[0], &c, 1);
    return arg;
}
static void stream_is_locked(void)
{
    pthread_t id;
    stm_thread_leave();
    NEED(!pthread_create(&id, NULL, reads_forever, NULL));
    while (!hooks)
        usleep(100);
    stm_thread_enter();
    (void)stm_new_any(HEAP + 100);
}

/* ---- limits of the system's */

#if STMI_VIEWS
/* The file of the heap ends early: as a page that the system does not have, a SIGBUS. */
static void no_pages(void)
{
    char name[100], line[300], *at = NULL;
    FILE *maps = fopen("/proc/self/maps", "r");
    NEED(maps != NULL);
    while (!at && fgets(line, sizeof line, maps))
        if (strstr(line, "ungil-heap"))
            at = strtok(line, " ");
    fclose(maps);
    NEED(at != NULL);
    snprintf(name, sizeof name, "/proc/self/map_files/%s", at);
    int fd = open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0) { /* not allowed to */
        stmi_warn("out of memory: the system has no page left for the heap (not tried)");
        _exit(2);
    }
    NEED(!ftruncate(fd, 1 << 20));
    stm_thread_enter();
    NEED(dup2(2, 1) == 1);
    stm_printf("said before\n");
    grow(&G.keep, HEAP / 2, 64, 5);
    stm_exit(0);
}
#endif

static void nothing(void)
{
    stm_exit(0);
}
static void limited(int what, rlim_t to)
{
    struct rlimit r = {to, to};
    char *argv[] = {(char *)"ends", (char *)"nothing", NULL};
    NEED(!setrlimit(what, &r));
    unsetenv("STM_HEAP_SIZE");
    execv("/proc/self/exe", argv);
}
static void file_size(void)
{
    limited(RLIMIT_FSIZE, 1 << 20);
}
static void address_space(void)
{
    limited(RLIMIT_AS, 1ul << 30);
}

#define FULL "out of memory: the heap's limit of 8 MB is reached (STM_HEAP_SIZE), allocating "
#define SMALL_HEAP "STM_HEAP_SIZE=8m"
static const struct end ends[] = {
    {"hook_small", hook_small, SMALL_HEAP, 0, "", 0, NULL},
    {"hook_large", hook_large, SMALL_HEAP, 0, "", 0, NULL},
    {"hook_inevitable", hook_inevitable, SMALL_HEAP, 0, "", 0, NULL},
    {"hook_inevitable_large", hook_inevitable_large, SMALL_HEAP, 0, "", 0, NULL},
    {"hook_gives_up", hook_gives_up, SMALL_HEAP, 2, "hook: 8388708 bytes\nungil: " FULL "8388708 bytes", 2,
     NULL},
    {"hook_threads", hook_threads, SMALL_HEAP, 0, "", 0, NULL},
    {"hot_blocks", hot_blocks, SMALL_HEAP, 0, "", 0, NULL},
    {"finalizer_full", finalizer_full, SMALL_HEAP, 2, FULL, 2, NULL},
    {"lines_stdout", lines_stdout, SMALL_HEAP, 0, FULL, 0, NULL},
    {"lines_file", lines_file, SMALL_HEAP, 0, FULL, 0, NULL},
    {"stream_is_locked", stream_is_locked, SMALL_HEAP, 2, FULL, 2, NULL},
#if STMI_VIEWS
    {"no_pages", no_pages, SMALL_HEAP, 0, "", 2, "out of memory: the system has no page left for the heap"},
#ifndef __SANITIZE_ADDRESS__ /* which needs address space itself */
    {"file_size", file_size, SMALL_HEAP, 0, "", 2, "STM_HEAP_SIZE"},
#endif
#endif
#ifndef __SANITIZE_ADDRESS__
    {"address_space", address_space, SMALL_HEAP, 2, "cannot ", 2, NULL},
#endif
    {"nothing", nothing, SMALL_HEAP, 0, "", 0, NULL},
};

int main(int argc, char **argv)
{
    return ends_main(argc, argv, ends, sizeof ends / sizeof ends[0]);
}
