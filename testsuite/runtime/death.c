/* Weak references, finalizers, destructors, hooks.  The stack is scanned conservatively, so a single object
 * may linger by accident: tests that expect death ask for most of many; tests that expect life, for all. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=32k", "STM_MAJOR=128k",
                                   "STM_HEAP_SIZE=256m", NULL};

enum { MANY = 200, SLOTS = 64 };
static struct {
    uptr strong[MANY], weak[MANY];
} R __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static r_static IN_SECTION(ungil_statics) = {&R, sizeof R, 0, 0, "R"};

static uptr get(uptr *p)
{
    return *AT(stm_rd(p), uptr);
}
static void set(uptr *p, uptr v)
{
    *AT(stm_wr(p, 8), uptr) = v;
}

static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}
static __attribute__((noinline)) void churn(size_t bytes)
{
    for (size_t n = 0; n < bytes; n += 200)
        memset(stm_real(stm_new_any(184)), 0x5a, 184);
}
static __attribute__((noinline)) void settle(void)
{
    clear_stack();
    new_transaction();
    stm_collect();
    clear_stack();
}

static int enter(void **state)
{
    (void)state;
    stm_thread_enter();
    return 0;
}
static int leave(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        set(&R.strong[i], 0);
        set(&R.weak[i], 0);
    }
    stm_thread_leave();
    return 0;
}

static uptr epoch; /* objects of an earlier test may die late */
static size_t size_of(int i)
{
    return i % 10 ? 24 : 9000;
}
static __attribute__((noinline)) uptr make(int i)
{
    uptr p = (uptr)stm_new_any(size_of(i));
    *AT(p, uptr) = (uptr)i;
    *AT(p + 8, uptr) = epoch;
    set(&R.strong[i], p);
    return p;
}
static __attribute__((noinline)) int count_live(int step)
{
    int n = 0;
    for (int i = 0; i < MANY; i += step)
        n += stm_weak_get((void *)get(&R.weak[i])) != NULL;
    return n;
}

static __attribute__((noinline)) void make_weak(void)
{
    for (int i = 0; i < MANY; i++)
        set(&R.weak[i], (uptr)stm_weak_new((void *)make(i)));
}
static __attribute__((noinline)) void drop_odd(void)
{
    for (int i = 1; i < MANY; i += 2)
        set(&R.strong[i], 0);
}
static __attribute__((noinline)) void check_even(void)
{
    for (int i = 0; i < MANY; i += 2) {
        uptr p = (uptr)stm_weak_get((void *)get(&R.weak[i]));
        assert_int_equal(p, get(&R.strong[i]));
        assert_int_equal(*AT(stm_rd(p), uptr), i);
    }
}

static void weak_old(void **state)
{
    (void)state;
    make_weak();
    settle();
    assert_int_equal(count_live(1), MANY);
    new_transaction();
    drop_odd();
    settle();
    settle();
    check_even();
    assert_true(count_live(1) < MANY / 2 + MANY / 10);
    churn(500000);
    settle();
    check_even();
}

/* The target dies in the transaction that made it. */
static void weak_young(void **state)
{
    (void)state;
    make_weak();
    drop_odd();
    clear_stack();
    if (STMI_VIEWS)
        churn(200000); /* young collections */
    else
        stm_collect();
    assert_true(count_live(1) < MANY / 2 + MANY / 10);
    check_even();
    new_transaction();
    check_even();
}

static __attribute__((noinline)) void look_at_all(void)
{
    assert_int_equal(count_live(1), MANY);
}
/* What was seen once is seen to the end of the transaction. */
static void weak_held(void **state)
{
    (void)state;
    make_weak();
    new_transaction();
    look_at_all();
    drop_odd();
    clear_stack();
    stm_collect();
    if (STMI_VIEWS)
        look_at_all();
    settle();
    settle();
    assert_true(count_live(1) < MANY / 2 + MANY / 10);
}

static void weak_odds(void **state)
{
    (void)state;
    char *p = stm_new_any(100);
    void *w = stm_weak_new(p + 50);
    assert_ptr_equal(stm_weak_get(w), p + 50);
    assert_null(stm_weak_get(stm_weak_new(NULL)));
    assert_null(stm_weak_get(NULL));
    void *s = stm_weak_new(&R);
    stm_collect();
    assert_ptr_equal(stm_weak_get(s), &R);
}

/* ---- finalizers, destructors */

static _Atomic int finalized, destroyed, wrong;
static uptr seen[MANY];
static void finalizer(void *obj)
{
    uptr i = *AT(stm_rd(obj), uptr);
    if (*AT((uptr)obj + 8, uptr) != epoch)
        return;
    if (i >= MANY || seen[i]++ || stm_is_atomic())
        wrong++;
    set(&R.strong[0], (uptr)obj); /* it writes, allocates, ends transactions */
    (void)stm_new_any(100);
    new_transaction();
    finalized++;
}
static void destructor(void *obj)
{
    uptr i = *AT(stm_rd(obj), uptr);
    if (*AT((uptr)obj + 8, uptr) != epoch)
        return;
    if (i >= MANY || seen[i]++)
        wrong++;
    destroyed++;
}
static void count_death(void *obj)
{
    if (*AT(stm_rd(obj), uptr) >= MANY)
        wrong++;
    destroyed++;
}
static void reset(void)
{
    epoch++;
    memset(seen, 0, sizeof seen);
    finalized = destroyed = wrong = 0;
}

static __attribute__((noinline)) void make_mortal(void (*set_it)(const void *, void (*)(void *)),
                                                  void (*fn)(void *))
{
    for (int i = 0; i < MANY; i++) {
        uptr p = make(i);
        set_it((void *)p, fn);
        if (set_it == stm_set_finalizer)
            set(&R.weak[i], (uptr)stm_weak_new((void *)p));
    }
}

static void finalizers_old(void **state)
{
    (void)state;
    reset();
    make_mortal(stm_set_finalizer, finalizer);
    settle();
    settle();
    assert_int_equal(finalized, 0);
    drop_odd();
    settle();
    int block = stm_atomic_enter();
    int before = finalized;
    stm_collect();
    stm_safepoint();
    assert_int_equal(finalized, before);
    stm_atomic_leave(&block);
    settle();
    new_transaction();
    assert_true(finalized > MANY / 2 - MANY / 10);
    assert_int_equal(wrong, 0);
    for (int i = 2; i < MANY; i += 2)
        assert_int_equal(seen[i], 0);
    assert_true(count_live(1) < MANY / 2 + MANY / 10); /* no revival */
}

static void finalizers_young(void **state)
{
    (void)state;
    reset();
    make_mortal(stm_set_finalizer, finalizer);
    drop_odd();
    clear_stack();
    churn(STMI_VIEWS ? 200000 : 2000);
    if (!STMI_VIEWS)
        stm_collect();
    assert_int_equal(finalized, 0); /* not before the commit */
    new_transaction();
    assert_true(finalized > MANY / 2 - MANY / 10);
    assert_int_equal(wrong, 0);
}

static void destructors(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        reset();
        make_mortal(stm_set_destructor, destructor);
        if (old)
            new_transaction();
        drop_odd();
        settle();
        settle();
        assert_true(destroyed > MANY / 2 - MANY / 10 && destroyed <= MANY / 2);
        assert_int_equal(wrong, 0);
        for (int i = 0; i < MANY; i += 2)
            assert_int_equal(seen[i], 0);
        for (int i = 0; i < MANY; i++)
            set(&R.strong[i], 0);
        settle();
        settle();
    }
}

#if STMI_VIEWS
static struct player P[2];
static void on_abort(void **state)
{
    (void)state;
    reset();
    stm_thread_leave();
    for (int i = 0; i < 2; i++)
        player_new(&P[i]);
    assert_int_equal(begin(&P[0]), DONE);
    make_mortal(stm_set_destructor, destructor);
    make_mortal(stm_set_finalizer, finalizer);
    assert_int_equal(give_up(&P[0]), ABORTED);
    assert_int_equal(destroyed, MANY);
    assert_int_equal(wrong, 0);
    memset(seen, 0, sizeof seen); /* again, undone by another */
    assert_int_equal(begin(&P[0]), DONE);
    make_mortal(stm_set_destructor, destructor);
    assert_int_equal(begin(&P[1]), DONE);
    set(&R.strong[3], 1);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    stm_collect();
    assert_int_equal(destroyed, 2 * MANY);
    assert_int_equal(wrong, 0);
    assert_int_equal(PLAY(&P[0], (void)0), ABORTED);
    for (int i = 0; i < 2; i++)
        player_done(&P[i]);
    assert_int_equal(finalized, 0);
    stm_thread_enter();
    set(&R.strong[3], 0);
}
#endif

/* ---- hooks */

static int told, told_alive;
static uptr hidden[MANY];
static void hook(void *unused)
{
    (void)unused;
    told++;
    told_alive = 0;
    for (int i = 0; i < MANY; i++)
        if (hidden[i] && stm_is_alive((void *)~hidden[i]))
            told_alive++;
        else
            hidden[i] = 0; /* as a table of raw memory would */
}
static __attribute__((noinline)) void hide(void)
{
    for (int i = 0; i < MANY; i++)
        hidden[i] = ~make(i);
}
static void collector_hook(void **state)
{
    (void)state;
    stm_on_gc(hook);
    hide();
    settle();
    assert_true(told > 0);
    assert_int_equal(told_alive, MANY);
    drop_odd();
    settle();
    settle();
    assert_true(told_alive >= MANY / 2 && told_alive < MANY / 2 + MANY / 10);
}

/* ---- service.c */

static __attribute__((noinline)) void drop_all(void)
{
    for (int i = 0; i < MANY; i++)
        set(&R.strong[i], 0);
}
static void services(void **state)
{
    (void)state;
    char *p = stm_new_any(100), *q = stm_new_any(100);
    assert_int_equal(stm_id(p), (uptr)p);
    assert_int_equal(stm_id(stm_real(p)), (uptr)p);
    assert_true(stm_hash(p) != stm_hash(q) && stm_hash(p) == stm_hash(p));
    assert_int_equal(stm_check_stack(), 0);
    set(&R.strong[0], (uptr)p);
    new_transaction();
    char *real = stm_pin(p);
    assert_ptr_equal(real, stm_real(p));
    strcpy(real, "pinned");
    set(&R.strong[0], 0);
    stm_collect();
    assert_string_equal(real, "pinned");
    stm_unpin(p);
    stm_unpin(p);
    new_transaction();
}

static int asked;
static int give_room(size_t bytes)
{
    drop_all();
    return bytes > 1 << 20 && ++asked < 4;
}
static __attribute__((noinline)) void fill_heap(void)
{
    for (int i = 0; i < MANY; i++)
        set(&R.strong[i], (uptr)stm_new_any(2 << 20));
}
static void out_of_memory(void **state)
{
    (void)state;
    stm_on_out_of_memory(give_room);
    fill_heap();
    stm_on_out_of_memory(NULL);
    assert_true(asked > 0);
    drop_all();
    settle();
    settle(); /* so that the next collection does not wait for as much again */
}

static int deep;
static void too_deep(void)
{
    deep++;
}
static int recurse(int n);
static int (*volatile again)(int) = recurse;
static __attribute__((noinline)) int recurse(int n)
{
    volatile char frame[4096];
    frame[0] = (char)n;
    if (n > 100000 || stm_check_stack())
        return n;
    int deepest = again(n + 1);
    frame[0] = 0; /* the frame is needed until here */
    return deepest;
}
static void *on_small_stack(void *depth)
{
    *(int *)depth = recurse(0);
    return NULL;
}
static void deep_recursion(void **state)
{
    (void)state;
    static int depth;
    pthread_t id;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 1 << 20); /* that of main may have no end */
    stm_on_deep_recursion(too_deep);
    assert_int_equal(stm_thread_create(&id, &attr, on_small_stack, &depth), 0);
    int block = stm_blocking_enter();
    pthread_join(id, NULL);
    stm_blocking_leave(&block);
    pthread_attr_destroy(&attr);
    assert_true(depth > 100 && depth < 256);
    assert_int_equal(deep, 1);
    stm_on_deep_recursion(NULL);
}

/* ---- random, with real threads: a slot's weak reference leads to its strong one as long as there is one,
 * and once null stays null */

static _Atomic unsigned long seeds;
static __attribute__((noinline)) void step(unsigned long *s)
{
    int i = (int)(next_random(s) % SLOTS), op = (int)(next_random(s) % 6);
    void *w = (void *)get(&R.weak[i]);
    uptr strong = get(&R.strong[i]), got = w ? (uptr)stm_weak_get(w) : 0;
    if (strong && got != strong)
        wrong++;
    if (got && *AT(stm_rd(got), uptr) != (uptr)i)
        wrong++;
    if (op < 2) {
        set(&R.weak[i], (uptr)stm_weak_new((void *)make(i)));
        if (op)
            stm_set_destructor((void *)get(&R.strong[i]), count_death);
    } else if (op < 4) {
        set(&R.strong[i], 0);
    } else if (op == 4 && got) {
        set(&R.strong[i], got); /* it lives, so it may be had again */
    } else {
        churn(next_random(s) % 5000);
    }
    if (STMI_VIEWS && w && (uptr)stm_weak_get(w) != got)
        wrong++;
}
static void *random_steps(void *unused)
{
    unsigned long s = 0x9e3779b97f4a7c15ul * ++seeds;
    for (int i = 0; i < 20000; i++) {
        step(&s);
        if (i % 7 == 0)
            stm_safepoint();
        if (i % 97 == 0)
            new_transaction();
    }
    return unused;
}
/* Very many die at once: to have the next one called does not depend on how many wait. */
static _Atomic long counted;
static void count_one(void *obj)
{
    (void)obj;
    counted++;
}
static __attribute__((noinline)) void make_many(long n)
{
    for (long i = 0; i < n; i++)
        stm_set_finalizer(stm_new_any(16), count_one);
}
static void many_finalizers(void **state)
{
    (void)state;
    enum { N = 300000 };
    make_many(N);
    new_transaction();
    for (int i = 0; i < 10 && counted < N - 100; i++) {
        stm_collect();
        new_transaction();
    }
    assert_true(counted >= N - 100 && counted <= N);
}

static void random_threads(void **state)
{
    (void)state;
    pthread_t id[4];
    reset();
    for (int i = 0; i < 4; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, random_steps, NULL), 0);
    int block = stm_blocking_enter();
    for (int i = 0; i < 4; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&block);
    assert_true(destroyed > 1000);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(weak_old, enter, leave),
        cmocka_unit_test_setup_teardown(weak_young, enter, leave),
        cmocka_unit_test_setup_teardown(weak_held, enter, leave),
        cmocka_unit_test_setup_teardown(weak_odds, enter, leave),
        cmocka_unit_test_setup_teardown(finalizers_old, enter, leave),
        cmocka_unit_test_setup_teardown(finalizers_young, enter, leave),
        cmocka_unit_test_setup_teardown(destructors, enter, leave),
#if STMI_VIEWS
        cmocka_unit_test_setup_teardown(on_abort, enter, leave),
#endif
        cmocka_unit_test_setup_teardown(collector_hook, enter, leave),
        cmocka_unit_test_setup_teardown(services, enter, leave),
        cmocka_unit_test_setup_teardown(many_finalizers, enter, leave),
        cmocka_unit_test_setup_teardown(out_of_memory, enter, leave),
        cmocka_unit_test_setup_teardown(deep_recursion, enter, leave),
        cmocka_unit_test_setup_teardown(random_threads, enter, leave),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
