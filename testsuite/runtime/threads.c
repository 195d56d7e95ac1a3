/* Real threads under load: no inconsistent state is ever seen, whatever the number of threads and segments.
 * The collector runs all the time. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=8", "STM_NURSERY=64k", "STM_MAJOR=256k", NULL};

enum { ACCOUNTS = 64, EACH = 100 };

struct cell {
    struct cell *next;
    long v, check;
};
static struct stm_type cell_type IN_SECTION(ungil_types) = {0,      0,   3, 0, (const unsigned long[]){1},
                                                            "cell", NULL};

static struct {
    struct cell *account[ACCOUNTS];
} accounts __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static accounts_static IN_SECTION(ungil_statics) = {&accounts, sizeof accounts, 0, 0,
                                                                            "accounts"};
static struct {
    struct cell *stack;
    long pushed, popped, pad;
} shared __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static shared_static IN_SECTION(ungil_statics) = {&shared, sizeof shared, 0, 0,
                                                                          "shared"};

static _Atomic long bad;
static long rounds;

static struct cell *new_cell(long v)
{
    struct cell *c = stm_new(sizeof *c, &cell_type);
    AT(c, struct cell)->v = v;
    AT(c, struct cell)->check = ~v;
    return c;
}

static struct cell *account(int i)
{
    return *AT(stm_rd(&accounts.account[i]), struct cell *);
}

static __attribute__((noinline)) long sum(void)
{
    long s = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        s += AT(stm_rd(account(i)), struct cell)->v;
    return s;
}

static __attribute__((noinline)) void transfer(int i, int j)
{
    struct cell *a = account(i), *b = account(j);
    AT(stm_wr(a, 8), struct cell)->v--;
    AT(stm_wr(b, 8), struct cell)->v++;
}

/* The account's object is replaced by a new one. */
static __attribute__((noinline)) void renew(int i)
{
    struct cell *c = new_cell(AT(stm_rd(account(i)), struct cell)->v);
    *AT(stm_wr(&accounts.account[i], 8), struct cell *) = c;
}

static __attribute__((noinline)) void push(long k)
{
    struct cell *c = new_cell(k);
    AT(c, struct cell)->next = *AT(stm_rd(&shared.stack), struct cell *);
    *AT(stm_wr(&shared.stack, 8), struct cell *) = c;
    *AT(stm_wr(&shared.pushed, 8), long) += k;
}

static __attribute__((noinline)) void pop(void)
{
    struct cell *c = *AT(stm_rd(&shared.stack), struct cell *);
    if (!c)
        return;
    long v = AT(stm_rd(c), struct cell)->v;
    if (AT(c, struct cell)->check != ~v)
        bad++;
    *AT(stm_wr(&shared.stack, 8), struct cell *) = AT(c, struct cell)->next;
    *AT(stm_wr(&shared.popped, 8), long) += v;
}

static __attribute__((noinline)) void garbage(long n)
{
    struct cell *list = NULL;
    for (long i = 0; i < n; i++) {
        struct cell *c = new_cell(i);
        AT(c, struct cell)->next = list;
        list = c;
    }
    for (; list; list = AT(stm_rd(list), struct cell)->next)
        if (AT(list, struct cell)->check != ~AT(list, struct cell)->v)
            bad++;
}

static void *work(void *arg)
{
    unsigned long r = (unsigned long)arg * 7919 + 3;
    for (long k = 0; k < rounds; k++) {
        unsigned long x = next_random(&r) >> 20;
        switch (x % 8) {
        case 0:
        case 1:
            if (sum() != ACCOUNTS * EACH)
                bad++;
            break;
        case 2:
            transfer((int)(x / 8 % ACCOUNTS), (int)(x / 999 % ACCOUNTS));
            break;
        case 3:
            renew((int)(x / 8 % ACCOUNTS));
            break;
        case 4:
            push((long)(x % 1000));
            break;
        case 5:
            pop();
            break;
        case 6:
            garbage((long)(x / 8 % 100));
            break;
        default:
            if (x / 8 % 64 == 0)
                stm_become_inevitable("test");
            if (x / 8 % 512 == 0)
                stm_collect();
            stm_hint_commit_soon();
        }
        if (x % 3 == 0)
            stm_hint_commit_soon();
        stm_safepoint();
    }
    return NULL;
}

static __attribute__((noinline)) void inside(int threads)
{
    stm_thread_enter();
    bad = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
        struct cell *c = new_cell(EACH);
        *AT(stm_wr(&accounts.account[i], 8), struct cell *) = c;
    }
    (void)stm_wr_range(&shared, sizeof shared);
    AT(&shared, struct cell)->next = NULL;
    *AT(&shared.pushed, long) = *AT(&shared.popped, long) = 0;
    pthread_t id[16];
    for (int i = 0; i < threads; i++)
        if (stm_thread_create(&id[i], NULL, work, (void *)(long)(i + 1)))
            bad++;
    int b = stm_blocking_enter();
    for (int i = 0; i < threads; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    if (sum() != ACCOUNTS * EACH)
        bad++;
    long left = 0;
    for (struct cell *c = *AT(stm_rd(&shared.stack), struct cell *); c; c = AT(stm_rd(c), struct cell)->next)
        left += AT(c, struct cell)->v;
    if (*AT(stm_rd(&shared.pushed), long) - *AT(stm_rd(&shared.popped), long) != left)
        bad++;
    stm_thread_leave();
}

static void load(void **state, int threads, long n)
{
    (void)state;
    rounds = n;
    inside(threads);
    assert_int_equal(bad, 0);
}

static void one(void **state)
{
    load(state, 1, 60000);
}
static void two(void **state)
{
    load(state, 2, 60000);
}
static void eight(void **state)
{
    load(state, 8, 15000);
}
static void more_than_segments(void **state)
{
    load(state, 14, 8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one), cmocka_unit_test(two), cmocka_unit_test(eight),
                                       cmocka_unit_test(more_than_segments)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
