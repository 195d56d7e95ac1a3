/* Small and large objects in one full heap: large ones use blocks of small ones that are free again, and
 * give them back. Each case is a program of its own. */
#include "ends.h"

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=512k", "STM_HEAP_SIZE=8m",
                                   NULL};

enum { SLOTS = 48, KB = 1024 };
static struct {
    long *slot[SLOTS], *pin, pad;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static void set(long **at, long *p)
{
    *AT(stm_wr(at, 8), long *) = p;
}
static long *slot(int i)
{
    return *AT(stm_rd(&G.slot[i]), long *);
}

static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

/* The begin keeps a copy of the stack, too. */
static void next_and_clear(void)
{
    clear_stack();
    new_transaction();
    clear_stack();
}

/* A list of objects of 1 KB, kb of them; or one object with kb words spread over it.  Each says what it is.
 */
static __attribute__((noinline)) long *make_small(long kb, long mark)
{
    long *list = NULL;
    for (long i = 0; i < kb; i++) {
        long *p = stm_new_any(KB - 8);
        AT(p, long *)[0] = list;
        AT(p, long)[1] = mark;
        AT(p, long)[2] = kb;
        AT(p, long)[(KB - 8) / 8 - 1] = mark;
        list = p;
    }
    return list;
}
static __attribute__((noinline)) long *make_large(long kb, long mark)
{
    long *p = stm_new_any((size_t)kb * KB);
    AT(p, long)[2] = -kb;
    for (long i = 0; i < kb; i++) {
        NEED(AT(p, long)[i * (KB / 8) + 5] == 0); /* new memory is clear */
        AT(p, long)[i * (KB / 8) + 5] = mark;
    }
    AT(p, long)[1] = mark;
    return p;
}
static __attribute__((noinline)) void check(long *p, long mark)
{
    if (!p)
        return;
    long kb = AT(stm_rd(p), long)[2], n = 0;
    if (kb < 0) {
        (void)stm_rd_range(p, (size_t)-kb * KB);
        for (long i = 0; i < -kb; i++)
            NEED(AT(p, long)[i * (KB / 8) + 5] == mark);
        return;
    }
    for (; p; p = AT(stm_rd(p), long *)[0], n++)
        NEED(AT(stm_rd(p), long)[1] == mark && AT(p, long)[(KB - 8) / 8 - 1] == mark);
    NEED(n == kb);
}

static bool in_blocks(const long *p)
{
    return stmi_in_block((uptr)p) && stmi_in_large((uptr)p);
}

static __attribute__((noinline)) void fill(long kb)
{
    set(&G.slot[0], make_small(kb, 7));
    new_transaction();
    set(&G.pin, make_small(1, 8)); /* in one of the last blocks, which cannot be trimmed */
    new_transaction();
    set(&G.slot[0], NULL);
    next_and_clear();
}

/* Deep down, so that no frame that stays has an address of it in some unused corner. */
static __attribute__((noinline)) void one_large_round(int round)
{
    volatile char room[8192];
    room[0] = 0;
    set(&G.slot[1], make_large(5 * KB / 2, 9));
    new_transaction();
    NEED(round || in_blocks(slot(1))); /* later, what an emergency collection has trimmed may do */
    stm_collect();
    check(slot(1), 9);
    check(*AT(stm_rd(&G.pin), long *), 8);
    set(&G.slot[1], NULL);
}

/* Most of the heap was small objects; now it is one large, then small ones again. */
static void one_large(void)
{
    stm_thread_enter();
    for (int round = 0; round < 3; round++) {
        fill(6 * KB);
        one_large_round(round);
        next_and_clear();
    }
    fill(6 * KB); /* the blocks are back */
    stm_exit(0);
}

/* What is on its way when a transaction aborts leaves the space as it was. */
static void abandoned(void)
{
    stm_thread_enter();
    fill(6 * KB);
    stm_collect();
    for (int i = 0; i < 30; i++) {
        static _Atomic int tries;
        tries = 0;
        new_transaction();
        long *p = make_large(5 * KB / 2, 3);
        NEED(in_blocks(p));
        if (STMI_VIEWS && tries++ == 0)
            stmi_abort(stmi_me, STMI_ABORT_TEST);
        check(p, 3);
        p = NULL;
        clear_stack();
    }
    stm_exit(0);
}

/* Interior pointers, weak references, memory from malloc. */
static long *weak, *inside;
static __attribute__((noinline)) void make_kinds(void)
{
    volatile char room[8192];
    room[0] = 0;
    set(&G.slot[9], make_large(1200, 1)); /* most of what was never used */
    long *p = make_large(300, 4);
    for (int i = 10; !in_blocks(p); i++) {
        NEED(i < 20);
        set(&G.slot[i], p);
        p = make_large(300, 4);
    }
    weak = stm_weak_new(p);
    set(&G.slot[2], weak);
    set(&G.slot[3], p + 20000);
    long *q = stm_malloc(300 * KB);
    NEED(in_blocks(q));
    inside = q;
    AT(q, long *)[3] = make_small(1, 5);
    AT(q, long)[4] = 44;
}
static __attribute__((noinline)) void check_kinds(void)
{
    volatile char room[8192];
    room[0] = 0;
    for (int k = 0; k < 2000; k++)
        (void)stm_new_any(200); /* young collections */
    stm_collect();
    long *p = stm_weak_get(slot(2));
    NEED(p && slot(3) == p + 20000);
    check(p, 4);
    NEED(AT(stm_rd(inside), long)[4] == 44);
    check(AT(stm_rd(inside), long *)[3], 5);
}
static void kinds(void)
{
    stm_thread_enter();
    fill(6 * KB);
    make_kinds();
    next_and_clear();
    for (int i = 0; i < 2; i++) {
        check_kinds();
        next_and_clear();
    }
    set(&G.slot[3], NULL);
    stm_free(inside);
    next_and_clear();
    stm_collect();
    next_and_clear(); /* what a weak reference gave lives to the end of its transaction */
    stm_collect();
    NEED(!stm_weak_get(slot(2)));
    stm_exit(0);
}

/* Random, by several threads, each in slots of its own; up to 3.5 MB live. */
static long mark_of[SLOTS]; /* of its thread */
static _Atomic long in_block_count;
static int drop(size_t bytes)
{
    static _Atomic unsigned next;
    NEED(bytes > 0);
    for (int i = 0; i < SLOTS; i++) {
        int k = (int)(next++ % SLOTS);
        if (slot(k)) {
            set(&G.slot[k], NULL);
            return 1;
        }
    }
    return 0;
}
static __attribute__((noinline)) void step(unsigned long *random, int k)
{
    long kb = 1 + (long)(next_random(random) >> 20) % 70, mark = (long)(next_random(random) >> 30);
    check(slot(k), mark_of[k]);
    set(&G.slot[k], NULL);
    long *p = next_random(random) >> 20 & 1 ? make_small(kb, mark) : make_large(kb + 10, mark);
    in_block_count += in_blocks(p);
    set(&G.slot[k], p);
    *(volatile long *)&mark_of[k] = mark;
}
static void *mixes(void *arg)
{
    long me = (long)arg;
    unsigned long random = 88172645463325252ul + (unsigned long)me * 77;
    for (int i = 0; i < 1500; i++) {
        stm_become_inevitable("mark_of is raw");
        step(&random, (int)(me * (SLOTS / 3) + (long)(next_random(&random) >> 20) % (SLOTS / 3)));
        new_transaction();
    }
    return NULL;
}
static void random_mix(void)
{
    pthread_t id[3];
    stm_thread_enter();
    stm_on_out_of_memory(drop);
    fill(6 * KB);
    for (long i = 0; i < 3; i++)
        NEED(!stm_thread_create(&id[i], NULL, mixes, (void *)i));
    new_transaction();
    int b = stm_blocking_enter();
    for (int i = 0; i < 3; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
    NEED(in_block_count > 100);
    stm_collect();
    for (int i = 0; i < SLOTS; i++)
        check(slot(i), mark_of[i]);
    stm_exit(0);
}

int main(int argc, char **argv)
{
    static const struct end ends[] = {
        {"one_large", one_large, "STM_TICK=1000", 0, "", 0, NULL},
        {"abandoned", abandoned, "STM_TICK=1000", 0, "", 0, NULL},
        {"kinds", kinds, "STM_TICK=1000", 0, "", 0, NULL},
        {"random_mix", random_mix, "STM_TICK=1000", 0, "", 0, NULL},
    };
    return ends_main(argc, argv, ends, sizeof ends / sizeof *ends);
}
