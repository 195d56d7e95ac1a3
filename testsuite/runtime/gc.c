/* What the collector keeps and what it takes, in every variant.  The stack is scanned conservatively, so a
 * single object may linger by accident: tests that expect death ask for most of many. */
#include "check.h"

const char *const stm_options[] = {"STM_NURSERY=32k", "STM_MAJOR=128k", "STM_HEAP_SIZE=256m", NULL};

struct typed {
    struct typed *next;
    uptr number;
};
static struct stm_type typed_type IN_SECTION(ungil_types) = {0,       0,   2, 0, (const unsigned long[]){1},
                                                             "typed", NULL};
struct flex {
    long n;
    struct {
        uptr number;
        void *ref;
    } item[];
};
static struct stm_type flex_type IN_SECTION(ungil_types) = {0,      0,   1, 2, (const unsigned long[]){4},
                                                            "flex", NULL};
static struct stm_type bytes_type IN_SECTION(ungil_types) = {0, STM_TYPE_NO_REFS, 0, 0, 0, "bytes", NULL};

enum { MANY = 200 };
static uptr root[MANY] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static root_static IN_SECTION(ungil_statics) = {root, sizeof root, 0, 0, "root"};
static uptr hidden[MANY]; /* complements: no roots */

/* Outside of transactions: all of it, what lies at odd places, and by a map. */
static volatile uptr outside[MANY];
static const struct stm_root outside_root IN_SECTION(ungil_roots) = {(void *)outside, sizeof outside, 0};
static struct {
    char odd, bytes[MANY * 8 + 7];
} packed __attribute__((aligned(8)));
static const struct stm_root packed_root IN_SECTION(ungil_roots) = {packed.bytes, sizeof packed.bytes,
                                                                    &flex_type};
static volatile struct {
    long n;
    struct {
        uptr number;
        uptr ref;
    } item[MANY];
} mapped;
static const struct stm_root mapped_root IN_SECTION(ungil_roots) = {(void *)&mapped, sizeof mapped,
                                                                    &flex_type};

static void set_root(int i, uptr w)
{
    *AT(stm_wr(&root[i], 8), uptr) = w;
}
static uptr get_root(int i)
{
    return *AT(stm_rd(&root[i]), uptr);
}
static void clear_roots(void)
{
    for (int i = 0; i < MANY; i++)
        set_root(i, 0);
}
static long view(void)
{
    return (long)stm_self.base * STMI_VIEWS;
}

/* Overwrites what dead frames left. */
static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

static __attribute__((noinline)) void churn(size_t bytes)
{
    for (size_t n = 0; n < bytes;) {
        size_t k = 16 + n % 300;
        char *p = stm_new_any(k);
        memset(stm_real(p), 0xa5, k);
        n += k;
    }
}

static __attribute__((noinline)) void settle(void)
{
    clear_stack();
    new_transaction();
    stm_collect();
    churn(300000);
}

static int alive(uptr ref)
{
    struct stmi_object o;
    if (STMI_VIEWS)
        stmi_close_run(stmi_me->seg, &stm_self);
    return stmi_in_small(ref) ? stmi_bit(stmi_heap.start, stmi_granule(ref))
                              : stmi_find(ref, view(), &o) && o.ref == ref;
}

static __attribute__((noinline)) int count_alive(void)
{
    int n = 0;
    stm_collect();
    for (int i = 0; i < MANY; i++)
        n += alive(~hidden[i]);
    return n;
}

static long in_zone; /* a failed test leaves its transaction open; the next commits it */
static int enter(void **state)
{
    (void)state;
    in_zone++;
    stm_thread_enter();
    return 0;
}
static int leave(void **state)
{
    (void)state;
    clear_roots();
    stm_thread_leave();
    return 0;
}

static __attribute__((noinline)) void make(int i, size_t n, uptr plus)
{
    char *p = stm_new_any(n);
    for (size_t k = 0; k < n; k++)
        *AT(p + k, char) = (char)(i + (int)k);
    set_root(i, (uptr)p + plus);
    hidden[i] = ~(uptr)p;
}

static __attribute__((noinline)) void check(int i, size_t n)
{
    for (size_t k = 0; k < n; k++)
        assert_int_equal(*AT(stm_rd(~hidden[i] + k), char), (char)(i + (int)k));
}

static void roots_keep(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++)
        make(i, 1 + (size_t)i * 50, 0);
    for (int round = 0; round < 3; round++) {
        settle();
        for (int i = 0; i < MANY; i++)
            check(i, 1 + (size_t)i * 50);
    }
    clear_roots();
    settle();
    assert_true(count_alive() < MANY / 5);
}

/* Any byte, and one past the end. */
static void interior(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        size_t n = 16 + (size_t)(i % 4 ? i : i * 400);
        make(i, n, i % 3 == 0 ? n : n / 2 + 1);
    }
    settle();
    settle();
    for (int i = 0; i < MANY; i++)
        check(i, 16 + (size_t)(i % 4 ? i : i * 400));
}

static void tags(void **state)
{
    (void)state;
    uptr mask = 0xfffffffffffful, tag = 0xfffaul << 48;
    stm_register_tag(mask, tag);
    for (int i = 0; i < MANY; i++) {
        make(i, 40, 0);
        set_root(i, ~hidden[i] | (i % 2 ? tag : 3)); /* a boxed NaN, or low bits */
    }
    settle();
    for (int i = 0; i < MANY; i++)
        check(i, 40);
    for (int i = 0; i < MANY; i++)
        set_root(i, ~hidden[i] | 0x1234ul << 48); /* no tag that anybody knows */
    settle();
    assert_true(count_alive() < MANY / 5);
}

static __attribute__((noinline)) void make_typed(int i)
{
    struct typed *t = stm_new(sizeof *t, &typed_type);
    set_root(i, (uptr)t);
    AT(t, struct typed)->next = stm_new(sizeof *t, &typed_type);
    AT(AT(t, struct typed)->next, struct typed)->number = (uptr)i;
    void *unseen = stm_new_any(48);
    AT(t, struct typed)->number = (uptr)unseen;
    hidden[i] = ~(uptr)unseen;
}

static void typed_words(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++)
        make_typed(i);
    settle();
    for (int i = 0; i < MANY; i++)
        assert_int_equal(AT(stm_rd(AT(stm_rd(get_root(i)), struct typed)->next), struct typed)->number, i);
    assert_true(count_alive() < MANY / 5);
}

static __attribute__((noinline)) void make_flex(void)
{
    struct flex *f = stm_new(sizeof *f + MANY * sizeof f->item[0], &flex_type);
    set_root(0, (uptr)f);
    for (int i = 0; i < MANY; i++) {
        void *seen = stm_new_any(32), *unseen = stm_new_any(32);
        *AT(seen, long) = i;
        AT(stm_wr(f, 8), struct flex)->item[i].ref = seen;
        AT(f, struct flex)->item[i].number = (uptr)unseen;
        hidden[i] = ~(uptr)unseen;
    }
}

static void flexible_tails(void **state)
{
    (void)state;
    make_flex();
    settle();
    for (int i = 0; i < MANY; i++)
        assert_int_equal(*AT(stm_rd(AT(stm_rd(get_root(0)), struct flex)->item[i].ref), long), i);
    assert_true(count_alive() < MANY / 5);
}

static __attribute__((noinline)) void make_bytes(int i)
{
    void **b = stm_new(64, &bytes_type);
    set_root(i, (uptr)b);
    void *unseen = stm_new_any(48);
    *AT(b, void *) = unseen;
    hidden[i] = ~(uptr)unseen;
}

static void no_references(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++)
        make_bytes(i);
    settle();
    assert_true(count_alive() < MANY / 5);
}

static void memory_is_reused(void **state)
{
    (void)state;
    settle();
    uptr top = stmi_heap.small_top;
    for (int i = 0; i < 50; i++) {
        churn(1000000);
        new_transaction();
    }
    assert_true(stmi_heap.small_top - top < 1 << 20);
    size_t large = stmi_large_bytes();
    for (int i = 0; i < 2000; i++) {
        (void)stm_new_any(50000);
        new_transaction();
    }
    assert_true(stmi_large_bytes() - large < 4 << 20);
}

static __attribute__((noinline)) uptr make_large(int i, size_t n)
{
    char *p = stm_new_any(n);
    for (size_t k = 0; k < n; k += 97)
        assert_int_equal(*AT(p + k, char), 0);
    memset(stm_real(p), i, n);
    set_root(i, (uptr)p + n / 3);
    return ~(uptr)p;
}

static void large_objects(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        for (int i = round % 2; i < 20; i += 2)
            hidden[i] = make_large(i, 8193 + (size_t)(i * round) * 1000);
        settle();
        if (round)
            for (int i = 0; i < 20; i++)
                for (int k = 0; k < 8193; k += 100)
                    assert_int_equal(*AT(stm_rd(~hidden[i] + (uptr)k), char), i);
    }
    assert_ptr_equal((void *)(~hidden[1] % 16), 0);
}

/* Memory from stm_malloc needs no root; what it points to has one. */
static __attribute__((noinline)) void make_malloced(int i, size_t n)
{
    void **m = stm_malloc(n);
    void *c = stm_new_any(100);
    memset(stm_real(c), i, 100);
    *AT(m, void *) = c;
    hidden[i] = ~(uptr)m;
}

static void malloc_and_free(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++)
        make_malloced(i, i % 10 ? 8 + (size_t)i : 9000);
    settle();
    assert_int_equal(count_alive(), MANY);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(*AT(stm_rd((uptr)*AT(stm_rd(~hidden[i]), void *) + 99), char), (char)i);
    for (int i = 0; i < MANY; i++)
        stm_free((void *)~hidden[i]);
    settle();
    assert_true(count_alive() < MANY / 5);
    for (int i = 0; i < MANY; i++) { /* in one transaction */
        make_malloced(i, 100);
        stm_free((void *)~hidden[i]);
    }
    settle();
    assert_true(count_alive() < MANY / 5);
    stm_free(NULL);
    char *raw = strdup("libc's");
    char *mine = stm_strdup(raw);
    stm_free(raw);
    assert_string_equal((char *)stm_x_rd(mine), "libc's");
    char *sub = stm_strndup(mine + 2, 2);
    assert_string_equal((char *)stm_x_rd(sub), "bc");
    stm_free(sub);
    stm_free(mine);
}

static void reallocation(void **state)
{
    (void)state;
    char *p = NULL;
    for (size_t n = 1; n < 100000; n = n * 3 / 2 + 1) {
        p = stm_realloc(p, n);
        *AT(stm_wr(p + n - 1, 1), char) = (char)n;
        *AT(stm_wr(p, 1), char) = 'p';
        if (n % 3 == 0)
            new_transaction();
    }
    assert_int_equal(*AT(stm_rd(p), char), 'p');
    p = stm_realloc(p, 20);
    assert_int_equal(*AT(stm_rd(p), char), 'p');
    assert_null(stm_realloc(p, 0));
    p = stm_reallocarray(NULL, 10, 10);
    *AT(stm_wr(p + 99, 1), char) = 'l';
    p = stm_reallocarray(p, 100, 30);
    assert_int_equal(*AT(stm_rd(p + 99), char), 'l');
    assert_true(stm_malloc_usable_size(p) >= 3000);
    assert_null(stm_reallocarray(p, (size_t)1 << 40, (size_t)1 << 40));
    stm_free(p);
    assert_int_equal(stm_malloc_usable_size(NULL), 0);
    char *raw = malloc(10);
    raw[3] = 'r';
    assert_true(stm_malloc_usable_size(raw) >= 10);
    p = stm_realloc(raw, 100);
    assert_int_equal(*AT(stm_rd(p + 3), char), 'r');
    stm_free(p);
    assert_null(stm_calloc((size_t)1 << 40, 1 << 30));
    long *c = stm_calloc(10, 8);
    for (int i = 0; i < 10; i++)
        assert_int_equal(*AT(stm_rd(c + i), long), 0);
    stm_free(c);
    set_root(0, (uptr)stm_renew(NULL, 50));
    *AT(stm_wr(get_root(0), 8), long) = 5;
    set_root(0, (uptr)stm_renew((void *)get_root(0), 5000));
    settle();
    assert_int_equal(*AT(stm_rd(get_root(0)), long), 5);
    assert_null(stm_renew((void *)get_root(0), 0));
}

/* Survivors of many young collections in one transaction. */
static __attribute__((noinline)) long build_list(int n)
{
    struct typed *list = NULL;
    for (int i = 0; i < n; i++) {
        struct typed *t = stm_new(sizeof *t, &typed_type);
        AT(t, struct typed)->number = (uptr)i;
        AT(t, struct typed)->next = list;
        list = t;
        for (int k = 0; k < 3; k++)
            (void)stm_new_any(24 + (size_t)(i % 5) * 16);
    }
    set_root(1, (uptr)list);
    long sum = 0;
    for (; list; list = AT(list, struct typed)->next)
        sum += (long)AT(list, struct typed)->number;
    return sum;
}

static void long_transaction(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(build_list(100000), 100000l * 99999 / 2);
        new_transaction();
        long sum = 0;
        for (struct typed *list = (struct typed *)get_root(1); list;
             list = AT(stm_rd(list), struct typed)->next)
            sum += (long)AT(list, struct typed)->number;
        assert_int_equal(sum, 100000l * 99999 / 2);
    }
}

/* An old object that this transaction modified is a root of its young collections. */
static void remembered(void **state)
{
    (void)state;
    make(0, 64, 0);
    hidden[1] = make_large(1, 20000);
    new_transaction();
    char *young = stm_new_any(32), *young2 = stm_new_any(32);
    *AT(young, long) = 77;
    *AT(young2, long) = 78;
    *AT(stm_wr(~hidden[0], 8), void *) = young;
    *AT(stm_wr(~hidden[1] + 16000, 8), void *) = young2;
    set_root(3, (uptr)young2 + 3);
    young = young2 = NULL;
    clear_stack();
    churn(200000);
    assert_int_equal(*AT(stm_rd(*AT(stm_rd(~hidden[0]), void *)), long), 77);
    assert_int_equal(*AT(stm_rd(*AT(stm_rd(~hidden[1] + 16000), void *)), long), 78);
    settle();
    assert_int_equal(*AT(stm_rd(*AT(stm_rd(~hidden[0]), void *)), long), 77);
}

static __attribute__((noinline)) void make_outside(int i)
{
    uptr seen[3], unseen = (uptr)stm_new_any(32);
    for (int k = 0; k < 3; k++) {
        seen[k] = (uptr)stm_new_any(32);
        *AT(seen[k], long) = i;
    }
    outside[i] = seen[0];
    memcpy((char *)&packed + 8 + i * 8, &seen[1], 8);
    mapped.item[i].ref = seen[2];
    mapped.item[i].number = unseen;
    hidden[i] = ~unseen;
}

static __attribute__((noinline)) void check_outside(int i)
{
    uptr in;
    memcpy(&in, (char *)&packed + 8 + i * 8, 8);
    assert_int_equal(*AT(stm_rd(outside[i]), long), i);
    assert_int_equal(*AT(stm_rd(in), long), i);
    assert_int_equal(*AT(stm_rd(mapped.item[i].ref), long), i);
}

/* What only memory outside of transactions leads to lives, in the transaction that made it and after. */
static void outside_keeps(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++)
        make_outside(i);
    clear_stack();
    churn(200000);
    for (int i = 0; i < MANY; i++)
        check_outside(i);
    settle();
    for (int i = 0; i < MANY; i++)
        check_outside(i);
    assert_true(count_alive() < MANY / 5);
    for (int i = 0; i < MANY; i++) {
        hidden[i] = ~outside[i];
        outside[i] = mapped.item[i].number = mapped.item[i].ref = 0;
    }
    memset(packed.bytes, 0, sizeof packed.bytes);
    settle();
    assert_true(count_alive() < MANY / 5);
}

#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(roots_keep),       T(interior),         T(tags),          T(typed_words),     T(flexible_tails),
        T(no_references),    T(memory_is_reused), T(large_objects), T(malloc_and_free), T(reallocation),
        T(long_transaction), T(remembered),       T(outside_keeps),
    };
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
