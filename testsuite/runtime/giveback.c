/* Memory of what died goes back to the system, in every view; what will be used again soon stays; what comes
 * back is zero. */
#include "check.h"

#include <sys/resource.h>
#include <unistd.h>

const char *const stm_options[] = {"STM_SEGMENTS=2", "STM_NURSERY=1m", "STM_MAJOR=8m", "STM_HEAP_SIZE=1g",
                                   NULL};

enum {
    SMALL = 60000,
    LARGE = 400,
    KEPT = 500,
    SIZE = 1000,
    LARGE_SIZE = 200000
}; /* 60 MB, 80 MB; every 500th lives on */
struct link {
    struct link *next;
    long number;
};
static uptr root[4] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static root_static IN_SECTION(ungil_statics) = {root, sizeof root, 0, 0, "root"};

static void set_root(int i, void *p)
{
    *AT(stm_wr(&root[i], 8), uptr) = (uptr)p;
}
static void *get_root(int i)
{
    return (void *)*AT(stm_rd(&root[i]), uptr);
}

/* A page that several views show counts once. */
static long resident_mb(void)
{
    long kb = -1;
    char line[200];
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "Pss: %ld", &kb) != 1)
        ;
    if (f)
        fclose(f);
    return kb < 0 ? kb : kb >> 10;
}

static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

/* The list of root i becomes n objects longer, in transactions of a few. */
static __attribute__((noinline)) void grow(int i, int n, size_t size)
{
    for (int k = 0; k < n; k++) {
        struct link *l = stm_new_any(size);
        for (size_t at = 0; at < size; at += 8)
            if (*AT((char *)l + at, char))
                abort();
        memset(stm_real(l), 0x5a, size);
        AT(l, struct link)->next = get_root(i);
        AT(l, struct link)->number = k;
        set_root(i, l);
        if (k % 64 == 0)
            new_transaction();
    }
}

/* Only every n-th stays. */
static __attribute__((noinline)) void thin_out(int i, int n)
{
    for (struct link *l = get_root(i); l;) {
        struct link *next = AT(stm_rd(l), struct link)->next;
        for (int k = 1; k < n && next; k++)
            next = AT(stm_rd(next), struct link)->next;
        AT(stm_wr(l, 16), struct link)->next = next;
        l = next;
        new_transaction();
    }
}

static __attribute__((noinline)) long check(int i, int step, size_t size)
{
    long n = 0, last = -1;
    for (struct link *l = get_root(i); l; l = AT(stm_rd(l), struct link)->next, n++) {
        long number = AT(stm_rd(l), struct link)->number;
        assert_true(last < 0 || number == last - step);
        last = number;
        for (size_t at = sizeof *l; at < size; at++)
            assert_int_equal(*AT((char *)l + at, char), 0x5a);
    }
    return n;
}

static __attribute__((noinline)) void collect(void)
{
    clear_stack();
    new_transaction();
    stm_collect();
    stm_collect();
}

/* Has a segment of its own, so pages are private, shared, or both. */
static _Atomic int over;
static void *other(void *arg)
{
    while (!over) {
        set_root(3, stm_new_any(SIZE));
        new_transaction();
    }
    return arg;
}

static size_t log_bytes(void)
{
    size_t n = 0;
    for (int i = 1; i <= stmi_nseg; i++)
        n += stmi_segs[i].chunk_bytes;
    return n;
}

static void big_structure(bool threads)
{
    pthread_t id;
    stm_thread_enter();
    over = 0;
    set_root(0, NULL);
    set_root(1, NULL);
    if (threads)
        assert_int_equal(stm_thread_create(&id, NULL, other, NULL), 0);
    new_transaction();
    long before = resident_mb();
    for (int round = 0; round < 2; round++) {
        grow(0, SMALL, SIZE);
        grow(1, LARGE, LARGE_SIZE);
        collect();
        long most = resident_mb() - before;
        assert_true(most > 120);
        thin_out(0, KEPT);
        thin_out(1, KEPT);
        collect();
        long left = resident_mb() - before;
        if (left >= most / 3)
            print_error(
                "%ld MB, then %ld MB, of them %zu in the log; live %zu, blocks %zu, private pages %zu %zu\n",
                most, left, log_bytes() >> 20, stmi_heap.live, stmi_blocks(), stmi_segs[1].npriv,
                stmi_segs[2].npriv);
        assert_true(left < most / 3);
        assert_int_equal(check(0, KEPT, SIZE), SMALL / KEPT);
        assert_int_equal(check(1, KEPT, LARGE_SIZE), 1);
        set_root(0, NULL);
        set_root(1, NULL);
    }
    over = 1;
    int b = stm_blocking_enter();
    if (threads)
        pthread_join(id, NULL);
    stm_blocking_leave(&b);
    stm_thread_leave();
}

static void alone(void **state)
{
    (void)state;
    big_structure(false);
}

static void beside_another(void **state)
{
    (void)state;
    big_structure(true);
}

static long faults(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt;
}

/* As much garbage as you like: the pages stay. */
static void hot_pages_stay(void **state)
{
    (void)state;
    stm_thread_enter();
    for (int i = 0; i < 3; i++) {
        grow(2, 4000, SIZE);
        grow(3, 10, LARGE_SIZE);
        set_root(2, NULL);
        set_root(3, NULL);
    }
    unsigned long majors = stmi_majors;
    long f = faults();
    for (int i = 0; i < 30; i++) { /* 200 MB: 48,000 pages */
        grow(2, 4000, SIZE);
        grow(3, 10, LARGE_SIZE);
        set_root(2, NULL);
        set_root(3, NULL);
        new_transaction();
    }
    assert_true(stmi_majors - majors >= 5);
    assert_true(faults() - f < 12000);
    stm_thread_leave();
}

#if STMI_VIEWS
/* A view's own copies, after a collection: of a quarter of what lives, or of what will be filled soon. */
static void few_private_pages(void)
{
    size_t soon = (stmi_heap.growth + stmi_opt.nursery) / STMI_PAGE, quarter;
    quarter = (stmi_heap.live / STMI_PAGE + soon) / 4;
    size_t most = quarter > STMI_RESHARE ? quarter : STMI_RESHARE, n = stmi_me->seg->npriv;
    if (n > most)
        print_error("%zu private pages, at most %zu; %zu blocks, live %zu\n", n, most, stmi_blocks(),
                    stmi_heap.live);
    assert_true(n <= most);
}

/* Another thread has a segment, too: alone, nothing is shared. */
static pthread_t beside_other(void)
{
    pthread_t id;
    stm_thread_enter();
    over = 0;
    set_root(3, NULL);
    assert_int_equal(stm_thread_create(&id, NULL, other, NULL), 0);
    while (!get_root(3))
        new_transaction();
    return id;
}

static void alone_again(pthread_t id)
{
    over = 1;
    int b = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&b);
    stm_thread_leave();
}

/* A view with very many private pages gives them back, and sees the same. */
static void views_share_again(void **state)
{
    (void)state;
    pthread_t id = beside_other();
    grow(0, SMALL, SIZE);
    int k = 0;
    for (struct link *l = get_root(0); l; l = AT(stm_rd(l), struct link)->next, k++) {
        AT(stm_wr(l, 16), struct link)->number += 1000000;
        if (k % 64 == 0)
            new_transaction();
    }
    new_transaction();
    size_t least = (size_t)SMALL * SIZE / STMI_PAGE / 2; /* half of the list */
    bool many = stmi_me->seg->npriv > least;             /* unless a major collection has just been */
    while (!many) {
        for (struct link *l = get_root(0); l && !many; l = AT(stm_rd(l), struct link)->next) {
            AT(stm_wr(l, 16), struct link)->number += 0;
            many = stmi_me->seg->npriv > least;
        }
        new_transaction();
    }
    collect();
    few_private_pages();
    k = SMALL - 1;
    for (struct link *l = get_root(0); l; l = AT(stm_rd(l), struct link)->next, k--)
        assert_int_equal(AT(stm_rd(l), struct link)->number, 1000000 + k);
    set_root(0, NULL);
    alone_again(id);
}

/* Of what died, a view keeps its own copies of as much as it will use before the next major collection; the
 * rest is shared again, though half of the heap is free and stays so. */
static void free_pages_are_shared_again(void **state)
{
    (void)state;
    pthread_t id = beside_other();
    grow(0, SMALL, SIZE);
    grow(1, SMALL, SIZE);
    set_root(1, NULL);
    collect();
    few_private_pages();
    assert_int_equal(check(0, 1, SIZE), SMALL);
    set_root(0, NULL);
    alone_again(id);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hot_pages_stay),
        cmocka_unit_test(alone),
        cmocka_unit_test(beside_another),
#if STMI_VIEWS
        cmocka_unit_test(views_share_again),
        cmocka_unit_test(free_pages_are_shared_again),
#endif
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
