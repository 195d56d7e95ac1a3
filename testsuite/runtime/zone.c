/* Threads coming and going, the zone, atomic blocks, and what an abort brings back. */
#include "longs.h"

#include <errno.h>
#include <semaphore.h>
#include <unistd.h>
#include <xmmintrin.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=512k", NULL};

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0,      0,   2, 0, (const unsigned long[]){1},
                                                            "node", NULL};
static struct {
    long a, pad0, b, pad1;
    struct node *list;
    long pad2;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static void set(long *p, long v)
{
    *AT(stm_wr(p, 8), long) = v;
}

static int enter(void **state)
{
    (void)state;
    stm_thread_enter();
    set(&G.a, 0);
    set(&G.b, 0);
    set((long *)&G.list, 0);
    new_transaction();
    return 0;
}
static int leave(void **state)
{
    (void)state;
    stm_thread_leave();
    return 0;
}

static void join(pthread_t id, void **result)
{
    int b = stm_blocking_enter();
    pthread_join(id, result);
    stm_blocking_leave(&b);
}

/* ---- threads */

static _Atomic int torn_frames; /* that pthread_exit did not unwind */

static struct node *new_node(long v)
{
    struct node *n = stm_new(sizeof *n, &node_type);
    AT(n, struct node)->v = v;
    return n;
}

static void *doubles(void *arg)
{
    for (int i = 0; i < 20000; i++)
        (void)stm_new_any(64);
    struct node *n = new_node(2 * AT(stm_rd(arg), struct node)->v);
    return n;
}

static __attribute__((noinline)) void create(pthread_t *id, long v)
{
    assert_int_equal(stm_thread_create(id, NULL, doubles, new_node(v)), 0);
}

/* The argument lives until the thread runs, the result until it is joined, though nothing else points to
 * them. */
static void argument_and_result(void **state)
{
    (void)state;
    pthread_t id[20];
    for (long i = 0; i < 20; i++)
        create(&id[i], i);
    stm_collect();
    int b = stm_blocking_enter();
    usleep(50000);
    stm_blocking_leave(&b);
    stm_collect();
    for (int i = 0; i < 20000; i++)
        (void)stm_new_any(16);
    for (long i = 0; i < 20; i++) {
        void *n;
        join(id[i], &n);
        assert_int_equal(AT(stm_rd(n), struct node)->v, 2 * i);
    }
}

static __attribute__((noinline)) void exit_now(int depth)
{
    set(&G.a, get(&G.a) + 1);
    stm_become_inevitable("pthread_exit");
    if (depth < 100)
        pthread_exit((void *)7l);
}
static __attribute__((noinline)) void exit_below(int depth)
{
    if (depth)
        exit_below(depth - 1);
    else
        exit_now(depth);
    torn_frames++;
}
static void *exits(void *arg)
{
    exit_below((int)(long)arg);
    return NULL;
}

static void pthread_exit_commits(void **state)
{
    (void)state;
    pthread_t id[6];
    for (long i = 0; i < 6; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, exits, (void *)i), 0);
    for (int i = 0; i < 6; i++) {
        void *r;
        join(id[i], &r);
        assert_ptr_equal(r, (void *)7);
    }
    assert_int_equal(get(&G.a), 6);
    assert_int_equal(torn_frames, 0);
}

static void *raw_thread(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        stm_thread_enter();
        set(&G.a, get(&G.a) + 1);
        if (i % 3 || i == 99)
            stm_thread_leave(); /* else enter commits; a thread that ends inside may lose its last transaction
                                 */
    }
    return NULL;
}

static void raw_threads(void **state)
{
    (void)state;
    pthread_t id[5];
    int b = stm_blocking_enter();
    for (int i = 0; i < 5; i++)
        pthread_create(&id[i], NULL, raw_thread, NULL);
    for (int i = 0; i < 5; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    if (get(&G.a) != 500)
        print_error("%ld\n", get(&G.a));
    assert_int_equal(get(&G.a), 500);
}

/* The hook comes first in each thread, in its first transaction, which may be tried again; not in the one
 * that set it. */
static _Thread_local long started;
static void starts(void)
{
    *(long *)stm_raw_wr(&started, 8) += 1;
    set(&G.a, get(&G.a) + 1);
    for (int i = 0; i < 20; i++)
        (void)stm_new_any(200);
}
static void *is_started(void *arg)
{
    set(&G.b, get(&G.b) + started);
    return arg;
}
static void *is_started_raw(void *arg)
{
    for (int i = 0; i < 3; i++) { /* once, though it enters three times */
        stm_thread_enter();
        if (i == 2)
            set(&G.b, get(&G.b) + started);
        stm_thread_leave();
    }
    return arg;
}

static void thread_start_hook(void **state)
{
    (void)state;
    pthread_t id[10];
    stm_on_thread_start(starts);
    new_transaction();
    for (int i = 0; i < 10; i++)
        if (i % 2)
            assert_int_equal(stm_thread_create(&id[i], NULL, is_started, NULL), 0);
        else
            assert_int_equal(pthread_create(&id[i], NULL, is_started_raw, NULL), 0);
    new_transaction();
    for (int i = 0; i < 10; i++)
        join(id[i], NULL);
    assert_int_equal(get(&G.a), 10);
    assert_int_equal(get(&G.b), 10);
    assert_int_equal(started, 0);
    stm_on_thread_start(NULL);
    assert_int_equal(stm_thread_create(&id[0], NULL, is_started, NULL), 0);
    new_transaction();
    join(id[0], NULL);
    assert_int_equal(get(&G.b), 10);
}

static sem_t ping, pong;
static void *blocks(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        int b = stm_blocking_enter();
        sem_wait(&ping);
        stm_blocking_leave(&b);
        set(&G.a, get(&G.a) + 1);
        b = stm_blocking_enter();
        sem_post(&pong);
        stm_blocking_leave(&b);
    }
    return NULL;
}

/* What came before a blocking call is seen by others, and the other way round. */
static void blocking(void **state)
{
    (void)state;
    sem_init(&ping, 0, 0);
    sem_init(&pong, 0, 0);
    pthread_t id;
    assert_int_equal(stm_thread_create(&id, NULL, blocks, NULL), 0);
    for (int i = 0; i < 100; i++) {
        set(&G.b, i);
        int b = stm_blocking_enter();
        sem_post(&ping);
        sem_wait(&pong);
        stm_blocking_leave(&b);
        assert_int_equal(get(&G.a), i + 1);
    }
    join(id, NULL);
}

/* ---- atomic blocks */

static _Atomic long torn;
static void *steps(void *arg)
{
    for (int i = 0; i < 3000; i++) {
        int b = stm_atomic_enter();
        if (!stm_is_atomic() || get(&G.a) != get(&G.b))
            torn++;
        set(&G.a, get(&G.a) + 1);
        stm_hint_commit_soon();
        stm_safepoint();
        int b2 = stm_atomic_enter();
        for (int k = 0; k < 20; k++)
            (void)stm_new_any(200);
        stm_atomic_leave(&b2);
        stm_safepoint();
        set(&G.b, get(&G.b) + 1);
        stm_atomic_leave(&b);
        stm_safepoint();
    }
    return arg;
}

static void atomic_blocks(void **state)
{
    (void)state;
    pthread_t id[5];
    torn = 0;
    for (int i = 0; i < 5; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, steps, NULL), 0);
    for (int i = 0; i < 5; i++)
        join(id[i], NULL);
    assert_int_equal(torn, 0);
    assert_int_equal(get(&G.a), 15000);
    assert_int_equal(get(&G.b), 15000);
    int b = stm_atomic_enter(), c = stm_blocking_enter();
    assert_int_equal(b + c, 2);
    stm_blocking_leave(&c);
    assert_true(stm_is_atomic());
    stm_atomic_leave(&b);
    assert_false(stm_is_atomic());
}

/* ---- aborts */

static int passes; /* raw: an abort leaves it alone */

static __attribute__((noinline)) void deep(int n)
{
    volatile long local[64];
    for (int i = 0; i < 64; i++)
        local[i] = n + i;
    if (n)
        deep(n - 1);
    else
        new_transaction();
    for (int i = 0; i < 64; i++)
        if (local[i] != n + i)
            torn++;
}

static void abort_once(void)
{
    if (STMI_VIEWS && passes++ == 0)
        stmi_abort(stmi_me, STMI_ABORT_TEST);
}

/* The transaction begins deep in the stack and aborts after all those frames have returned. */
static void stack_comes_back(void **state)
{
    (void)state;
    torn = 0;
    for (int depth = 0; depth < 300; depth += 37) {
        passes = 0;
        volatile int before = 1;
        register long kept = depth * 3;
        __asm__ volatile("" : "+r"(kept));
        deep(depth);
        before++;
        kept++;
        if (before != 2 || kept != depth * 3 + 1)
            torn++;
        abort_once();
        assert_int_equal(before, 2);
        assert_int_equal(kept, depth * 3 + 1);
    }
    assert_int_equal(torn, 0);
}

static _Thread_local long local = 1;

/* Of both units. */
static unsigned exceptions(void)
{
    unsigned short x87;
    __asm__ volatile("fnstsw %0" : "=m"(x87));
    return (x87 | _mm_getcsr()) & 0x3f;
}

static void abort_restores_the_rest(void **state)
{
    (void)state;
    passes = 0;
    errno = 5;
    _MM_SET_ROUNDING_MODE(_MM_ROUND_UP);
    _MM_SET_EXCEPTION_STATE(0);
    __asm__ volatile("fnclex");
    new_transaction();
    assert_int_equal(exceptions(), 0);
    assert_int_equal(errno, 5);
    assert_int_equal(_MM_GET_ROUNDING_MODE(), _MM_ROUND_UP);
    assert_int_equal(local, 1);
    errno = 6;
    _MM_SET_ROUNDING_MODE(_MM_ROUND_NEAREST);
    *(long *)stm_any_wr(&local, 8) = 2;
    set(&G.a, get(&G.a) + 1);
    int b = stm_atomic_enter(); /* and here the second pass begins */
    assert_int_equal(exceptions(), 0);
    assert_int_equal(_MM_GET_ROUNDING_MODE(), _MM_ROUND_NEAREST);
    if (STMI_VIEWS && passes == 0) {
        _MM_SET_ROUNDING_MODE(_MM_ROUND_UP);
        static volatile long double nothing, x87;
        static volatile double sse;
        x87 = nothing / nothing; /* flags of two units */
        sse = 1 / (double)nothing;
        passes = 1;
        new_transaction(); /* atomic: nothing ends */
        stmi_abort(stmi_me, STMI_ABORT_TEST);
    }
    stm_atomic_leave(&b);
    new_transaction();
    assert_false(stm_is_atomic());
    assert_int_equal(local, 2);
    local = 1;
}

/* Written over and over in one transaction they are saved once; bytes beside those written are left alone. */
static _Thread_local struct {
    unsigned char mine[5], theirs[3];
    void *ref;
    long words[6];
} own __attribute__((aligned(8)));

static void thread_locals_saved_once(void **state)
{
    (void)state;
    passes = 0;
    memset(&own, 7, sizeof own);
    new_transaction();
    for (size_t k = 0; k < sizeof own; k++)
        if (!passes || k != offsetof(__typeof__(own), theirs) + 1)
            assert_int_equal(((unsigned char *)&own)[k], 7);
    for (int i = 0; i < 100000; i++) {
        for (int k = 0; k < 5; k++)
            *(unsigned char *)stm_any_wr(&own.mine[k], 1) = (unsigned char)i;
        *(long *)stm_any_wr(&own.words[i % 6], 8) = i;
        memset(stm_any_wr_range((char *)own.words + 3, 29), 3, 29);
        if (STMI_VIEWS)
            assert_true(stmi_me->undo.n <= 4 + sizeof own / 8);
    }
    if (STMI_VIEWS)
        assert_false(stm_self.inevitable);
    own.theirs[1] = 99; /* not translated: nobody has asked, and an abort leaves it */
    abort_once();
    if (STMI_VIEWS)
        assert_int_equal(own.theirs[1], 99);
    new_transaction();
}

static void aborts_end(void **state)
{
    (void)state;
    passes = 0;
    new_transaction();
    passes++;
    set(&G.a, 3);
    if (STMI_VIEWS && !stm_self.inevitable)
        stmi_abort(stmi_me, STMI_ABORT_TEST);
    if (STMI_VIEWS)
        assert_int_equal(passes, 11);
    new_transaction();
    assert_int_equal(get(&G.a), 3);
}

/* A private range is a root, and comes back. */
static void private_ranges(void **state)
{
    (void)state;
    static uptr stack[64];
    stmi_push(&stmi_me->private_roots, (struct stmi_private){.lo = (uptr)stack, .hi = (uptr)(stack + 64)});
    passes = 0;
    stack[3] = (uptr)new_node(9);
    stack[4] = 4;
    new_transaction();
    if (STMI_VIEWS)
        assert_int_equal(stack[4], 4);
    *(uptr *)stm_any_wr(&stack[4], 8) = 5;
    if (STMI_VIEWS)
        assert_false(stm_self.inevitable);
    abort_once();
    stm_collect();
    for (int i = 0; i < 5000; i++)
        (void)stm_new_any(16);
    assert_int_equal(AT(stm_rd(stack[3]), struct node)->v, 9);
    stmi_me->private_roots.n = 0;
    new_transaction();
}

/* Only what is below the top is saved and scanned; an abort puts both back, however the top has moved. */
static uptr *top;
static uptr dead_one;
static __attribute__((noinline)) void push_nodes(int n)
{
    for (int i = 0; i < n; i++) {
        *(uptr *)stm_any_wr(top, 8) = (uptr)new_node(100 + i);
        top++;
    }
}

static __attribute__((noinline)) void above_the_top(void)
{
    *(uptr *)stm_any_wr(top, 8) = (uptr)new_node(7);
    dead_one = ~*top;
}

static __attribute__((noinline)) void wipe_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

static void private_stack(void **state)
{
    (void)state;
    passes = 0;
    top = NULL;
    uptr *base = stm_private_stack(NULL, 16 * 8, &top);
    assert_non_null(base);
    assert_ptr_equal(top, base);
    new_transaction();
    push_nodes(8);
    new_transaction();
    static uptr was_at[8];
    memcpy(was_at, base, sizeof was_at);
    new_transaction(); /* the aborted attempt comes back here */
    assert_ptr_equal(top, base + 8);
    push_nodes(4); /* up */
    if (STMI_VIEWS)
        assert_false(stm_self.inevitable);
    abort_once();
    top = base + 8;
    passes = 0;
    new_transaction();
    assert_ptr_equal(top, base + 8);
    assert_memory_equal(base, was_at, sizeof was_at);
    for (top = base + 2; top < base + 5; top++) /* down, and up again with others */
        *(uptr *)stm_any_wr(top, 8) = 0;
    abort_once();
    memcpy(base, was_at, sizeof was_at);
    top = base + 8;
    new_transaction();
    base = stm_private_stack(base, 1000 * 8, &top);
    if (STMI_VIEWS)
        assert_ptr_equal(top, base + 8);
    uptr *was = top;
    push_nodes(900);
    assert_int_equal(top - was, 900);
    above_the_top();
    wipe_stack();
    new_transaction();
    stm_collect();
    for (int i = 0; i < 20000; i++)
        (void)stm_new_any(16);
    for (int i = 0; i < 900; i++)
        assert_int_equal(AT(stm_rd(was[i]), struct node)->v, 100 + i);
    assert_false(stmi_bit(stmi_heap.start, stmi_granule(~dead_one)) && AT(~dead_one, struct node)->v == 7);
    assert_null(stm_private_stack(base, 0, &top));
    assert_int_equal(stmi_me->private_roots.n, 0);
    static uptr mine[8]; /* the program's own memory, all of it in use */
    assert_ptr_equal(stm_private_stack(mine, sizeof mine, NULL), mine);
    passes = 0;
    new_transaction();
    assert_int_equal(mine[7], 0);
    mine[7] = 5;
    abort_once();
    assert_null(stm_private_stack(mine, 0, NULL));
}

#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(argument_and_result),
        T(pthread_exit_commits),
        T(raw_threads),
        T(thread_start_hook),
        T(blocking),
        T(atomic_blocks),
        T(stack_comes_back),
        T(abort_restores_the_rest),
        T(thread_locals_saved_once),
        T(aborts_end),
        T(private_ranges),
        T(private_stack),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
