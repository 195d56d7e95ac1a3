/* How a program ends: each case is this program again, as a child, whose output and status are looked at. */
#include "ends.h"

static struct {
    long x[2000];
} G __attribute__((section("ungil_data"), aligned(4096), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

/* ---- the cases */

static void fill(int large)
{
    stm_thread_enter();
    long **list = NULL;
    for (;;) {
        long **n = stm_new_any(large ? 100000 : 64);
        *AT(n, long *) = (long *)list;
        list = n;
        stm_safepoint();
    }
}
static void small_full(void)
{
    fill(0);
}
static void large_full(void)
{
    fill(1);
}
static void just_fits(void) /* garbage for a heap several times over */
{
    stm_thread_enter();
    for (int i = 0; i < 3000; i++) {
        (void)stm_new_any(300000);
        (void)stm_new_any(8000);
        stm_safepoint();
    }
    stm_exit(0);
}
static __attribute__((noinline)) void small_garbage(int n)
{
    for (int i = 0; i < 60000; i++) {
        (void)stm_new_any((size_t)n);
        stm_safepoint();
    }
}
static __attribute__((noinline)) void large_garbage(int c)
{
    for (int i = 0; i < 50; i++) {
        char *p = stm_new_any(1 << 20);
        for (size_t n = 0; n < 1 << 20; n += 4001)
            if (*AT(p + n, char))
                _exit(77);
        memset(stm_real(p), c, 1 << 20);
        stm_safepoint();
    }
}
static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}
static void change_of_mind(void) /* the heap full of small garbage, then of large, and again */
{
    stm_thread_enter();
    for (int k = 0; k < 6; k++) {
        small_garbage(k % 2 ? 120 : 5);
        clear_stack();
        large_garbage(k + 1);
        clear_stack();
    }
    stm_exit(0);
}
static void escaped(void)
{
    stm_thread_enter();
    volatile long *p = stm_new_any(64);
    *p = 1; /* no STM_AT */
    stm_exit(0);
}
static void escaped_static(void)
{
    stm_thread_enter();
    *(volatile long *)&G.x[1000] = 1;
    stm_exit(0);
}
static __attribute__((unused)) void null_reference(void)
{
    stm_thread_enter();
    *AT(stm_wr((uptr)8, 8), long) = 1;
    stm_exit(0);
}
#ifndef UNGIL_PLAINVIEW
static void no_reference(void) /* as a function that is not translated would return it */
{
    stm_thread_enter();
    long *p = calloc(1, 16);
    *AT(stm_wr(p, 8), long) = 1;
    stm_exit(0);
}
#endif
static void double_free(void)
{
    stm_thread_enter();
    void *p = stm_malloc(10);
    stm_free(p);
    stm_free(p);
    stm_exit(0);
}
static void double_free_later(void)
{
    stm_thread_enter();
    void *p = stm_malloc(10);
    stm_hint_commit_soon();
    stm_safepoint();
    stm_free(p);
    stm_hint_commit_soon();
    stm_safepoint();
    stm_free(p);
    stm_exit(0);
}
static void bad_free(void)
{
    stm_thread_enter();
    stm_free((char *)stm_malloc(100) + 16);
    stm_exit(0);
}
static void outside(void)
{
    stm_thread_leave();
    (void)stm_malloc(1);
}
static void handler(void)
{
    *AT(stm_wr(&G.x[0], 8), long) += 1;
    char c[40];
    int n = snprintf(c, sizeof c, "handler sees %ld\n", *AT(stm_rd(&G.x[0]), long));
    if (write(2, c, (size_t)n) != n)
        _exit(9);
}
static void exit_handlers(void)
{
    stm_thread_enter();
    *AT(stm_wr(&G.x[0], 8), long) = 41;
    atexit(handler);
    stm_exit(3);
}
static void signal_stack(void)
{
    stm_thread_enter();
    stack_t off = {.ss_flags = SS_DISABLE}, old, mine = {.ss_sp = stm_malloc(1 << 16), .ss_size = 1 << 16};
    NEED(!stm_nested_sigaltstack(NULL, &old) && !stm_nested_sigaltstack(&off, NULL));
    NEED(!stm_nested_sigaltstack(&mine, NULL));
    stm_exit(0);
}
static void statistics(void)
{
    stm_thread_enter();
    for (int i = 0; i < 100; i++) {
        (void)stm_new_any(100);
        stm_hint_commit_soon();
        stm_safepoint();
    }
    stm_exit(0);
}

static const struct end ends[] = {
    {"small_full", small_full, "STM_HEAP_SIZE=8m", 2, "out of memory: the heap's limit of 8 MB", 2, NULL},
    {"large_full", large_full, "STM_HEAP_SIZE=8m", 2, "out of memory: the heap's limit of 8 MB", 2, NULL},
    {"just_fits", just_fits, "STM_HEAP_SIZE=8m", 0, "", 0, NULL},
    {"change_of_mind", change_of_mind, "STM_HEAP_SIZE=8m", 0, "", 0, NULL},
    {"escaped", escaped, NULL, 0, "", -SIGSEGV, "uninstrumented access to a transactional object at 0x3"},
    {"escaped_static", escaped_static, NULL, 0, "", -SIGSEGV,
     "uninstrumented access to the static object at 0x"},
#ifndef __SANITIZE_ADDRESS__ /* whose own check faults first */
    {"null_reference", null_reference, NULL, -SIGSEGV, "", -SIGSEGV,
     "access through a null reference, offset 0x8"},
#endif
#ifndef UNGIL_PLAINVIEW /* which has no %gs to know it by */
    {"no_reference", no_reference, NULL, 0, "", -SIGSEGV,
     "a pointer to no transactional object was used as a reference"},
#endif
    {"double_free", double_free, NULL, 2, "double free", 2, NULL},
    {"double_free_later", double_free_later, NULL, 2, "double free", 2, NULL},
    {"bad_free", bad_free, NULL, 2, "not the start of an object", 2, NULL},
    {"outside", outside, NULL, 2, "allocation outside the zone", 2, NULL},
    {"exit_handlers", exit_handlers, NULL, 3, "handler sees 42", 3, NULL},
    {"signal_stack", signal_stack, NULL, 0, "", 2, "the stack at 0x3"},
    {"statistics", statistics, "STM_STATS=json", 0, "\"segments\":", 0, "\"commits\":10"},
    {"unknown_option", statistics, "STM_NURSEY=1", 0, "STM_NURSEY is not an option", 0, NULL},
    {"bad_option", statistics, "STM_NURSERY=abc", 0, "not a number", 0, NULL},
};

int main(int argc, char **argv)
{
    return ends_main(argc, argv, ends, sizeof ends / sizeof ends[0]);
}
