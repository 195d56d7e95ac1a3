/* Several threads that mark find what one finds: on random graphs, compared with each other and with the
 * graph; in every variant. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=2",     "STM_NURSERY=1m",   "STM_MAJOR=1g",
                                   "STM_HEAP_SIZE=512m", "STM_MARK_ALONE=0", NULL};

enum { MOST = 60000, ROOTS = 8 };
struct link {
    struct link *next;
    uptr number;
};
static struct stm_type link_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "link"};
static uptr root[ROOTS] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static root_static IN_SECTION(ungil_statics) = {root, sizeof root, 0, 0, "root"};

static struct object {
    uptr hidden;
    int edges;
    bool large;
} object[MOST]; /* complements: no roots */
static int *edge_of[MOST];
static int nobjects, root_object[ROOTS];
static bool reachable[MOST];
static uptr keep[MOST]; /* a private range while a graph is built */
static struct player P;
static unsigned long state;
static unsigned dice(unsigned n)
{
    return (unsigned)(next_random(&state) >> 20) % n;
}
static uptr ref(int o)
{
    return ~object[o].hidden;
}

static void new_object(int o, int edges)
{
    size_t n = (size_t)edges * 8 + 8 + dice(40);
    object[o] = (struct object){~(uptr)stm_new_any(n), edges, n > STM_SMALL_MAX};
    keep[o] = ref(o);
    edge_of[o] = malloc((size_t)edges * sizeof(int) + 1);
}

/* Edge k of o is its word k + 1, and may point into the other object. */
static void connect(int o, int k, int to)
{
    edge_of[o][k] = to;
    uptr *at = (uptr *)ref(o) + 1 + k;
    *AT(stm_wr(at, 8), uptr) = ref(to) + dice(8);
}

static void build(int shape)
{
    turn_to(&P);
    stmi_push(&P.t->private_roots, (struct stmi_private){.lo = (uptr)keep, .hi = (uptr)(keep + MOST)});
    assert_int_equal(begin(&P), DONE);
    nobjects = 20000 + (int)dice(MOST - 20000);
    for (int o = 0; o < nobjects; o++) {
        int edges = shape == 0 ? 1 : (int)dice(4);
        if (dice(2000) == 0)
            edges = 1500 + (int)dice(3000); /* large */
        new_object(o, edges);
        if (o % 5000 == 0) {
            assert_int_equal(commit(&P), DONE);
            assert_int_equal(begin(&P), DONE);
        }
    }
    for (int o = 0; o < nobjects; o++)
        for (int k = 0; k < object[o].edges; k++) {
            int near = o + 1 + (int)dice(20);
            connect(o, k,
                    shape == 0 && k == 0            ? (o + 1) % nobjects
                    : shape == 2 && near < nobjects ? near
                                                    : (int)dice((unsigned)nobjects));
        }
    for (int i = 0; i < ROOTS; i++) {
        root_object[i] = (int)dice((unsigned)nobjects);
        *AT(stm_wr(&root[i], 8), uptr) = ref(root_object[i]);
    }
    assert_int_equal(commit(&P), DONE);
    memset(keep, 0, sizeof keep);
    P.t->private_roots.n--;
}

static int reach(void)
{
    static int todo[MOST];
    int n = 0, count = 0;
    memset(reachable, 0, sizeof reachable);
    for (int i = 0; i < ROOTS; i++)
        if (!reachable[root_object[i]])
            reachable[root_object[i]] = true, todo[n++] = root_object[i];
    while (n) {
        int o = todo[--n];
        count++;
        for (int k = 0; k < object[o].edges; k++)
            if (!reachable[edge_of[o][k]])
                reachable[edge_of[o][k]] = true, todo[n++] = edge_of[o][k];
    }
    return count;
}

static void collect_with(unsigned long markers)
{
    stmi_opt.markers = markers;
    assert_int_equal(begin(&P), DONE);
    assert_int_equal(PLAY(&P, stm_collect()), DONE);
    assert_int_equal(commit(&P), DONE);
}

static bool lives(int o)
{
    struct stmi_object found;
    if (stmi_in_small(ref(o)))
        return stmi_bit(stmi_heap.start, stmi_granule(ref(o)));
    return stmi_find(ref(o), 0, &found) && found.ref == ref(o);
}

static void same_as_alone(unsigned long seed)
{
    static uint32_t live[4096];
    state = seed * 0x9e3779b97f4a7c15ul + 1;
    build((int)(seed % 3));
    int count = reach(), found = 0;
    bool alone_first = seed % 2;
    collect_with(alone_first ? 1 : 2 + seed % 4);
    size_t blocks = stmi_blocks(), bytes = stmi_heap.live;
    assert_true(blocks < 4096);
    for (size_t b = 0; b < blocks; b++)
        live[b] = stmi_heap.block[b].live;
    for (int o = 0; o < nobjects; o++) {
        found += lives(o);
        assert_int_equal(lives(o), reachable[o]);
    }
    assert_int_equal(found, count);
    collect_with(alone_first ? 2 + seed % 4 : 1);
    assert_int_equal(stmi_heap.live, bytes);
    assert_int_equal(stmi_blocks(), blocks);
    for (size_t b = 0; b < blocks; b++)
        assert_int_equal(stmi_heap.block[b].live, live[b]);
    for (int o = 0; o < nobjects; o++) {
        assert_int_equal(lives(o), reachable[o]);
        free(edge_of[o]);
    }
}

static void random_graphs(void **unused)
{
    (void)unused;
    stm_thread_leave();
    struct stmi_thread *t = stmi_me; /* what is on this stack by accident shall not count */
    char *sp = t->sp;
    t->sp = NULL;
    t->ntls = 0;
    t->outside_n = t->snapshot_n = 0;
    player_new(&P);
    const char *many = getenv("UNGIL_SEEDS");
    for (unsigned long seed = 1; seed <= (many ? strtoul(many, NULL, 0) : 12); seed++)
        same_as_alone(seed);
    player_done(&P);
    t->sp = sp;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_graphs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
