/* variants: segment plainview */
/* Real threads under load, recorded: some serial order explains what every transaction saw, aborted ones too
 * (history.h).
 *
 * Every write leaves a stamp of its own beside the value.  Threads are more than segments, collections run
 * all the time, some transactions are inevitable, from the begin or from somewhere on, and read without
 * barriers then, some are aborted at random, markers wrap.  One place is not the runtime's: who writes there
 * is
 * serial, whoever reads uses no barrier.  UNGIL_ROUNDS=n makes it longer. */
#include "check.h"
#include "history.h"

#include <sched.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=16k", "STM_MAJOR=64k", "STM_SLICE=50",
                                   NULL};

/* ---- the checker itself: histories made by hand */

static struct history made_up;
static char said[200];

static struct attempt *attempt(uint64_t begin, uint64_t end)
{
    struct attempt *a = history_attempt(&made_up, begin);
    if (end)
        history_commit(a, end);
    return a;
}

static void verdict(const char *expected)
{
    said[0] = 0;
    bool ok = history_check(&made_up, said, sizeof said);
    history_free(&made_up);
    assert_int_equal(ok, !expected);
    if (expected && !strstr(said, expected))
        fail_msg("'%s' says nothing of '%s'", said, expected);
}

static void accepts(void **state)
{
    (void)state;
    verdict(NULL);
    struct attempt *a = attempt(1, 4);
    history_write(a, 1, 0x11, 0);
    a = attempt(2, 6); /* overlaps, and comes before */
    history_read(a, 1, 0);
    history_write(a, 2, 0x12, 0);
    a = attempt(3, 0); /* aborted, after both */
    history_read(a, 1, 0x11);
    history_read(a, 2, 0x12);
    history_write(a, 2, 0x13, 0x12);
    a = attempt(7, 8);
    history_read(a, 1, 0x11);
    history_write(a, 1, 0x14, 0x11);
    history_read(a, 1, 0x14); /* its own */
    history_write(a, 1, 0x15, 0x14);
    a = attempt(9, 10);
    history_read(a, 1, 0x15);
    verdict(NULL);
}

static void rejects(void **state)
{
    (void)state;
    struct attempt *a = attempt(1, 5); /* write skew: each reads what the other writes */
    history_read(a, 1, 0), history_read(a, 2, 0), history_write(a, 1, 0x11, 0);
    a = attempt(2, 6);
    history_read(a, 1, 0), history_read(a, 2, 0), history_write(a, 2, 0x12, 0);
    verdict("cycle: 1 0");

    a = attempt(1, 3);
    history_read(a, 1, 0), history_write(a, 1, 0x11, 0);
    a = attempt(2, 4);
    history_read(a, 1, 0), history_write(a, 1, 0x12, 0);
    verdict("lost update");

    a = attempt(1, 0);
    history_write(a, 1, 0x11, 0);
    a = attempt(2, 4);
    history_read(a, 1, 0x11);
    verdict("nobody committed");

    a = attempt(1, 4); /* half of what another wrote */
    history_write(a, 1, 0x11, 0), history_write(a, 2, 0x12, 0);
    a = attempt(2, 5);
    history_read(a, 1, 0x11), history_read(a, 2, 0);
    verdict("cycle");

    a = attempt(1, 4); /* the same, and it was aborted for it: still it has seen it */
    history_write(a, 1, 0x11, 0), history_write(a, 2, 0x12, 0);
    a = attempt(2, 0);
    history_read(a, 1, 0x11), history_read(a, 2, 0);
    verdict("(aborted)");

    a = attempt(1, 2); /* serializable, but the second began when the first had ended */
    history_write(a, 1, 0x11, 0);
    a = attempt(3, 4);
    history_read(a, 1, 0);
    verdict("cycle");

    a = attempt(1, 6); /* three of them in a ring */
    history_read(a, 1, 0), history_write(a, 2, 0x12, 0);
    a = attempt(2, 7);
    history_read(a, 2, 0), history_write(a, 3, 0x13, 0);
    a = attempt(3, 8);
    history_read(a, 3, 0), history_write(a, 1, 0x11, 0);
    verdict("cycle");
}

/* ---- what is read and written: places, each a stamp and a value */

enum { PLACES = 24, EACH = 100, THREADS = 6 };
enum kind { OBJECTS, CARDS, ELEMENTS, STATICS, PUBLISHED, LIST, KINDS };

struct place {
    long stamp, value;
};
struct node {
    struct node *next;
    long key, stamp, unit;
};
static struct stm_type place_type IN_SECTION(ungil_types) = {0, STM_TYPE_NO_REFS, 0, 0, 0, "place"};
static struct stm_type node_type IN_SECTION(ungil_types) = {0, 0, 4, 0, (const unsigned long[]){1}, "node"};

static struct {
    struct place *at[PLACES];
    struct node *head;
    char *large;
    struct place *elements;
    long pad;
} table __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static table_static IN_SECTION(ungil_statics) = {&table, sizeof table, 0, 0, "table"};
static struct place plain[PLACES] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static plain_static IN_SECTION(ungil_statics) = {plain, sizeof plain, 0, 0, "plain"};

struct recorder {
    struct history h;
    unsigned long random; /* goes on where an abort starts anew */
    long stamps, nodes;
    uint64_t begun; /* not after any attempt at the running transaction */
    int thread;
    enum kind kind;
};
static struct recorder *recorders[THREADS];
static _Atomic uint64_t now;
static _Atomic long bad;
static long rounds;

static unsigned rnd(struct recorder *r, unsigned n)
{
    return (unsigned)(next_random(&r->random) >> 20) % n;
}
static struct attempt *current(struct recorder *r)
{
    return &r->h.at[r->h.n - 1];
}
static long new_stamp(struct recorder *r)
{
    return (long)(r->thread + 1) << 40 | ++r->stamps;
}

/* Where place i is; for the published, its slot. */
static uptr where(const struct recorder *r, int i)
{
    switch (r->kind) {
    case OBJECTS:
        return *AT(READ(&table.at[i]), uptr);
    case CARDS:
        return *AT(READ(&table.large), uptr) + (uptr)i * 80;
    case ELEMENTS:
        return *AT(READ(&table.elements), uptr) + (uptr)i * sizeof(struct place);
    case STATICS:
        return (uptr)&plain[i];
    default:
        return (uptr)&table.at[i];
    }
}

/* Lets others in, however few processors there are. */
static void pause_at_times(struct recorder *r)
{
    if (rnd(r, 12) == 0)
        sched_yield();
}

static long get(struct recorder *r, int i)
{
    pause_at_times(r);
    if (rnd(r, 200) == 0)
        stm_become_inevitable("test");
    uptr at = where(r, i);
    if (r->kind == PUBLISHED)
        at = *AT(READ(at), uptr);
    bool by_owner = r->kind == CARDS && rnd(r, 4) == 0; /* whoever reads the owner sees a write to any card */
    (void)READ(by_owner ? *AT(&table.large, uptr) : at);
    struct place p = *AT(at, struct place);
    history_read(current(r), (unit_id)i, (version_id)p.stamp);
    return p.value;
}

static void put(struct recorder *r, int i, long value)
{
    uptr at = where(r, i);
    struct place p = {new_stamp(r), value};
    long before;
    if (r->kind == PUBLISHED) {
        struct place *fresh = stm_new(sizeof *fresh, &place_type);
        *AT(fresh, struct place) = p;
        before = AT(*AT(stm_wr(at, 8), uptr), struct place)->stamp; /* immutable */
        *AT(at, struct place *) = fresh;
    } else {
        before = AT(stm_wr(at, sizeof p), struct place)->stamp;
        *AT(at, struct place) = p;
    }
    history_write(current(r), (unit_id)i, (version_id)p.stamp, (version_id)before);
}

/* ---- the library's state, so to speak */

enum { OUTER = 1 << 30 }; /* its unit */
static volatile long outer;

static void look_outside(struct recorder *r)
{
    history_read(current(r), OUTER, (version_id)outer);
}

static void change_outside(struct recorder *r)
{
    stmi_serial_at("test", NULL);
    for (int k = 0; k < 2; k++) {
        long before = outer;
        sched_yield();
        outer = new_stamp(r);
        history_write(current(r), OUTER, (version_id)outer, (version_id)before);
        pause_at_times(r);
    }
}

/* ---- transactions on places */

static void on_places(struct recorder *r)
{
    int i = (int)rnd(r, PLACES), j = (int)rnd(r, PLACES), n = 1 + (int)rnd(r, 6);
    long sum = 0;
    switch (rnd(r, 6)) {
    case 0:
        for (int k = 0; k < n; k++)
            (void)get(r, (int)rnd(r, PLACES));
        break;
    case 1: /* a candidate for write skew */
        sum = get(r, i) + get(r, j);
        put(r, i, get(r, i) + (sum & 0));
        break;
    case 2:
        for (int k = 0; k < n; k++, i = (i + 5) % PLACES)
            put(r, i, get(r, i));
        break;
    case 3:
        for (int k = 0; k < PLACES; k++)
            sum += get(r, k);
        if (sum != PLACES * EACH)
            bad++;
        break;
    default: /* a transfer */
        if (i != j) {
            put(r, i, get(r, i) - n);
            put(r, j, get(r, j) + n);
        }
    }
}

/* ---- and on a sorted list: a node's stamp changes with its successor, and when it goes */

static struct node *successor(struct recorder *r, struct node *n)
{
    pause_at_times(r);
    history_read(current(r), (unit_id)AT(READ(n), struct node)->unit, (version_id)AT(n, struct node)->stamp);
    return AT(n, struct node)->next;
}

static void set_next(struct recorder *r, struct node *n, struct node *next)
{
    long before = AT(stm_wr(n, sizeof *n), struct node)->stamp, stamp = new_stamp(r);
    AT(n, struct node)->next = next;
    AT(n, struct node)->stamp = stamp;
    history_write(current(r), (unit_id)AT(n, struct node)->unit, (version_id)stamp, (version_id)before);
}

static void on_list(struct recorder *r)
{
    long key = (long)rnd(r, 40);
    struct node *p = *AT(READ(&table.head), struct node *), *n;
    while ((n = successor(r, p)) && AT(READ(n), struct node)->key < key)
        p = n;
    bool there = n && AT(n, struct node)->key == key;
    unsigned what = rnd(r, 3);
    if (what == 0 && !there) {
        struct node *fresh = stm_new(sizeof *fresh, &node_type);
        *AT(fresh, struct node) = (struct node){n, key, 0, (long)(r->thread + 1) << 24 | ++r->nodes};
        set_next(r, fresh, n);
        set_next(r, p, fresh);
    } else if (what == 1 && there) {
        set_next(r, p, successor(r, n));
        set_next(r, n, NULL);
    }
}

/* ---- threads */

static __attribute__((noinline)) void transaction(struct recorder *r)
{
    struct stmi_thread *t = stmi_me;
    history_attempt(&r->h, r->begun); /* one before that did not commit is on record as aborted */
    unsigned x = rnd(r, 64);
    if (x == 0)
        stm_become_inevitable("test");
    if (x == 1)
        stm_collect();
    if (x == 2)
        change_outside(r);
    if (x < 20)
        (void)stm_new_any(x * 100);
    if (x & 1)
        look_outside(r);
    r->kind == LIST ? on_list(r) : on_places(r);
    if (rnd(r, 100) == 0)
        change_outside(r);
    if (x & 2)
        look_outside(r);
    if (x > 58 && !t->self->inevitable)
        stmi_abort(t, STMI_ABORT_TEST);
}

static void *work(void *arg)
{
    struct recorder *r = arg;
    struct stmi_thread *t = stmi_me;
    stmi_commit(t);
    for (long k = 0; k < rounds; k++) {
        r->begun = now++;
        stmi_begin(t);
        transaction(r);
        stmi_commit(t);
        history_commit(current(r), now++);
        if (stmi_should_yield(t)) {
            stmi_release(t);
            stmi_acquire(t);
        }
    }
    stmi_begin(t);
    return NULL;
}

static __attribute__((noinline)) void set_up(void)
{
    for (int i = 0; i < PLACES; i++) {
        struct place *fresh = stm_new(sizeof *fresh, &place_type);
        AT(fresh, struct place)->value = EACH;
        *AT(stm_wr(&table.at[i], 8), struct place *) = fresh;
        *AT(stm_wr(&plain[i], 16), struct place) = (struct place){0, EACH};
    }
    char *large = stm_new_any(20000);
    struct place *elements = stm_new(PLACES * sizeof *elements, &place_type);
    for (int i = 0; i < PLACES; i++)
        AT(large + i * 80, struct place)->value = AT(elements + i, struct place)->value = EACH;
    *AT(stm_wr(&table.large, 8), char *) = large;
    *AT(stm_wr(&table.elements, 8), struct place *) = elements;
    *AT(stm_wr(&table.head, 8), struct node *) = stm_new(sizeof(struct node), &node_type);
    outer = 0;
}

static __attribute__((noinline)) void inside(enum kind kind)
{
    stm_thread_enter();
    set_up();
    pthread_t id[THREADS];
    for (int i = 0; i < THREADS; i++) {
        recorders[i] = calloc(1, sizeof *recorders[i]);
        *recorders[i] =
            (struct recorder){.random = (unsigned long)(i + 1) * 7919 + kind, .thread = i, .kind = kind};
        if (stm_thread_create(&id[i], NULL, work, recorders[i]))
            bad++;
    }
    int b = stm_blocking_enter();
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    stm_thread_leave();
}

static void load(enum kind kind, unsigned long version_max)
{
    struct history all = {0};
    size_t committed = 0;
    unsigned long was = stmi_opt.version_max;
    stmi_opt.version_max = version_max;
    inside(kind);
    stmi_opt.version_max = was;
    for (int i = 0; i < THREADS; i++) {
        history_join(&all, &recorders[i]->h);
        free(recorders[i]);
    }
    for (size_t i = 0; i < all.n; i++)
        committed += all.at[i].committed;
    bool ok = history_check(&all, said, sizeof said);
    print_message("%zu transactions, %zu attempts aborted\n", committed, all.n - committed);
    assert_int_equal(committed, THREADS * rounds);
    history_free(&all);
    assert_int_equal(bad, 0);
    if (!ok)
        fail_msg("%s", said);
}

static void objects(void **state)
{
    (void)state, load(OBJECTS, 65535);
}
static void cards(void **state)
{
    (void)state, load(CARDS, 40);
}
static void elements(void **state)
{
    (void)state, load(ELEMENTS, 65535);
}
static void statics(void **state)
{
    (void)state, load(STATICS, 65535);
}
static void published(void **state)
{
    (void)state, load(PUBLISHED, 40);
}
static void list(void **state)
{
    (void)state, load(LIST, 65535);
}

int main(void)
{
    const char *n = getenv("UNGIL_ROUNDS");
    rounds = n ? atol(n) : 5000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepts),   cmocka_unit_test(rejects),
                                       cmocka_unit_test(objects),   cmocka_unit_test(cards),
                                       cmocka_unit_test(elements),  cmocka_unit_test(statics),
                                       cmocka_unit_test(published), cmocka_unit_test(list)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
