/* variants: segment plainview */
/* timeout: 300 */
/* Systematic interleavings of small transactions: whatever the schedule, a serial order explains what each
 * saw.
 *
 * After CHESS (Musuvathi, Qadeer and others, "Finding and Reproducing Heisenbugs in Concurrent Programs",
 * OSDI 2008): one OS thread plays all (testing.h), a schedule is the sequence of choices of who does the
 * next step, and all schedules of a set of scripts are run one after the other, each from the start; with
 * three players those with few preemptions only.  Every schedule is recorded and checked as the histories of
 * real threads are (history.h); in some, players are away between their transactions, as for blocking calls.
 * Two things are checked besides: an attempt is aborted only if another has committed a write to a conflict
 * unit that it touched, and a player waits only while another is inevitable.
 *
 * Exhaustive: all pairs of scripts of two operations, on one layout of the places each (UNGIL_THOROUGH: on
 * all).  Then random scripts, more and longer, from seeds; UNGIL_SEED=n runs one set, UNGIL_SEEDS=n so many.
 */
#include "check.h"
#include "history.h"

const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_NURSERY=64k", "STM_MAJOR=256k", "STM_TICK=0", NULL};

/* Read and write two places, replace a published object by a new one, look at it; turn inevitable; a major,
 * a young collection. */
enum op { READ_A, READ_B, WRITE_A, WRITE_B, PUBLISH, LOOK, INEVITABLE, MAJOR, YOUNG, OPS };
static const char op_letters[OPS + 1] = "abABPLIMY";

enum { PLAYERS = 3, LONGEST = 5, SLOT = 2, PLACES = 3, MAX_STEPS = 200 };
enum kind { GRANULES, ELEMENTS, CARDS, OBJECTS, KINDS };

struct place {
    long stamp, pad;
};
static struct stm_type place_type IN_SECTION(ungil_types) = {0, STM_TYPE_NO_REFS, 0, 0, 0, "place"};
static struct {
    struct place *slot;
    long pad;
    char *large;
    struct place *elements, *object[2];
    struct place plain[2];
} table __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static table_static IN_SECTION(ungil_statics) = {&table, sizeof table, 0, 0, "table"};

static struct actor {
    struct player p;
    enum op script[LONGEST];
    int n, pc; /* operations; -1: to begin; n: to commit; n + 1: done */
    bool waits, inevitable;
    long attempt; /* index in the history */
    uint64_t begun;
} actors[PLAYERS + 1]; /* the last sets up and looks at the end */
static int players;
static enum kind kind;
static bool away; /* between transactions players leave their segments detached */
static struct history history;
static uint64_t now;
static long stamps;
static unsigned long schedules, aborts, waits;

/* ---- one step */

/* Conflict units: the elements of a small object are one. */
static unit_id unit_of(int place)
{
    return place != SLOT && kind == ELEMENTS ? 0 : (unit_id)place;
}

static uptr where(int i)
{
    switch (kind) {
    case GRANULES:
        return (uptr)&table.plain[i];
    case ELEMENTS:
        return (uptr)(*AT(READ(&table.elements), struct place *) + i);
    case CARDS:
        return *AT(READ(&table.large), uptr) + 4096 +
               (uptr)i * 4096; /* the first granule would stand for all cards */
    default:
        return *AT(READ(&table.object[i]), uptr);
    }
}

static void read_place(struct actor *a, int i)
{
    uptr at = where(i);
    history_read(&history.at[a->attempt], (unit_id)i, (version_id)AT(READ(at), struct place)->stamp);
}

static void write_place(struct actor *a, int i)
{
    uptr at = where(i);
    long before = AT(stm_wr(at, 8), struct place)->stamp;
    AT(at, struct place)->stamp = ++stamps;
    history_write(&history.at[a->attempt], (unit_id)i, (version_id)stamps, (version_id)before);
}

static void publish(struct actor *a)
{
    struct place *fresh = stm_new(sizeof *fresh, &place_type);
    AT(fresh, struct place)->stamp = ++stamps;
    struct place *old = *AT(stm_wr(&table.slot, 8), struct place *);
    history_write(&history.at[a->attempt], SLOT, (version_id)stamps,
                  (version_id)AT(old, struct place)->stamp);
    *AT(&table.slot, struct place *) = fresh;
}

static void look(struct actor *a)
{
    struct place *p = *AT(READ(&table.slot), struct place *);
    history_read(&history.at[a->attempt], SLOT, (version_id)AT(READ(p), struct place)->stamp);
}

static enum outcome operate(struct actor *a)
{
    switch (a->script[a->pc]) {
    case READ_A:
        return PLAY(&a->p, read_place(a, 0));
    case READ_B:
        return PLAY(&a->p, read_place(a, 1));
    case WRITE_A:
        return PLAY(&a->p, write_place(a, 0));
    case WRITE_B:
        return PLAY(&a->p, write_place(a, 1));
    case PUBLISH:
        return PLAY(&a->p, publish(a));
    case LOOK:
        return PLAY(&a->p, look(a));
    case INEVITABLE:
        return PLAY(&a->p, stmi_make_inevitable(a->p.t, "test"));
    case MAJOR:
        return PLAY(&a->p, stm_collect());
    default:
        return PLAY(&a->p, stmi_young(a->p.t, STMI_YOUNG_GO_ON));
    }
}

static const char *problem;

static bool is_inevitable(const struct actor *a)
{
    return a->pc >= 0 && a->pc <= a->n && a->p.self.inevitable;
}

static void step(struct actor *a)
{
    enum outcome got;
    bool ends = false;
    if (a->pc < 0) {
        if (!a->begun)
            a->begun = ++now;
        if (!a->p.t->seg && comes_back(&a->p) != DONE)
            problem = "does not come back";
        got = begin(&a->p);
        history_attempt(&history, a->begun);
        a->attempt = (long)history.n - 1;
    } else if (a->pc < a->n) {
        got = operate(a);
    } else {
        got = commit(&a->p);
        ends = got == DONE;
    }
    if (ends)
        history_commit(&history.at[a->attempt], ++now);
    if (ends && away)
        goes_away(&a->p);
    turn_to(NULL); /* so that p.self is up to date */
    if (got == BLOCKED) {
        bool other = false;
        for (int i = 0; i < players; i++)
            other |= &actors[i] != a && is_inevitable(&actors[i]);
        if (!other)
            problem = "waits, and nobody is inevitable";
        a->waits = true;
        waits++;
        return;
    }
    aborts += got == ABORTED;
    a->pc = got == ABORTED ? -1 : a->pc + 1;
    if (ends || got == ABORTED)
        for (int i = 0; i < players; i++)
            actors[i].waits = false;
}

/* ---- a schedule */

static bool touches(const struct attempt *a, unit_id unit)
{
    for (size_t k = 0; k < a->nseen; k++)
        if (unit_of((int)a->seen[k].unit) == unit)
            return true;
    for (size_t k = 0; k < a->nmade; k++)
        if (unit_of((int)a->made[k].unit) == unit)
            return true;
    return false;
}

/* Has another committed a write to what the aborted attempt touched? */
static bool justified(const struct attempt *a)
{
    for (size_t i = 0; i < history.n; i++)
        for (size_t k = 0; history.at[i].committed && k < history.at[i].nmade; k++)
            if (history.at[i].end > a->begin && touches(a, unit_of((int)history.at[i].made[k].unit)))
                return true;
    return false;
}

static void set_places(struct actor *a)
{
    for (int i = 0; i < 2; i++)
        AT(stm_wr(where(i), 8), struct place)->stamp = 0;
    struct place *fresh = stm_new(sizeof *fresh, &place_type);
    *AT(stm_wr(&table.slot, 8), struct place *) = fresh;
    (void)a;
}

static void look_at_all(struct actor *a)
{
    history_attempt(&history, ++now);
    a->attempt = (long)history.n - 1;
    read_place(a, 0);
    read_place(a, 1);
    look(a);
    history_commit(&history.at[a->attempt], ++now);
}

static void alone(void (*what)(struct actor *))
{
    struct actor *a = &actors[PLAYERS];
    assert_int_equal(begin(&a->p), DONE);
    assert_int_equal(PLAY(&a->p, what(a)), DONE);
    assert_int_equal(commit(&a->p), DONE);
    turn_to(NULL);
}

struct schedule {
    unsigned char choice[MAX_STEPS], choices[MAX_STEPS];
    int n;
};

static bool ready(int i)
{
    return actors[i].pc <= actors[i].n && !actors[i].waits;
}

/* Who may do the next step, the one that did the last first; others only while there are preemptions left. */
static int candidates(int last, int preemptions, int *who)
{
    int n = 0;
    if (last >= 0 && ready(last))
        who[n++] = last;
    if (!n || preemptions > 0)
        for (int i = 0; i < players; i++)
            if (i != last && ready(i))
                who[n++] = i;
    return n;
}

static void set_off(struct actor *a)
{
    a->pc = -1;
    a->waits = false;
    a->begun = 0;
    if (away && a->p.t->seg)
        goes_away(&a->p);
    else if (!away && !a->p.t->seg)
        assert_int_equal(comes_back(&a->p), DONE);
    turn_to(NULL);
}

/* Runs the schedule whose first s->n choices are given, the rest being 0. */
static void run(struct schedule *s, int preemptions)
{
    static char said[200];
    int last = -1, at = 0, who[PLAYERS], n;
    history.n = 0;
    stamps = 0;
    problem = NULL;
    alone(set_places);
    for (int i = 0; i < players; i++)
        set_off(&actors[i]);
    for (; !problem && (n = candidates(last, preemptions, who)); at++) {
        if (at == MAX_STEPS) {
            problem = "no end";
            break;
        }
        if (at >= s->n)
            s->choice[at] = 0;
        s->choices[at] = (unsigned char)n;
        int next = who[s->choice[at]];
        preemptions -= last >= 0 && next != last && who[0] == last;
        last = next;
        step(&actors[last]);
    }
    s->n = at;
    for (int i = 0; i < players && !problem; i++)
        if (actors[i].pc <= actors[i].n)
            problem = "all wait";
    if (!problem)
        alone(look_at_all);
    for (size_t i = 0; i < history.n && !problem; i++)
        if (!history.at[i].committed && !justified(&history.at[i]))
            problem = "aborted without a conflict";
    if (!problem && !history_check(&history, said, sizeof said))
        problem = said;
    for (size_t i = 0; i < history.n; i++) {
        free(history.at[i].seen);
        free(history.at[i].made);
    }
    schedules++;
}

/* The next schedule in the order of choices; false after the last. */
static bool advance(struct schedule *s)
{
    while (s->n > 0 && s->choice[s->n - 1] + 1 == s->choices[s->n - 1])
        s->n--;
    if (!s->n)
        return false;
    s->choice[s->n - 1]++;
    return true;
}

static void explain(const struct schedule *s, unsigned long seed)
{
    print_error("%s; places %d, seed %lu\n", problem, kind, seed);
    for (int i = 0; i < players; i++) {
        print_error("  player %d: ", i);
        for (int k = 0; k < actors[i].n; k++)
            print_error("%c", op_letters[actors[i].script[k]]);
        print_error("\n");
    }
    print_error("  choices:");
    for (int i = 0; i < s->n; i++)
        print_error(" %d/%d", s->choice[i], s->choices[i]);
    print_error("\n");
    abort(); /* players are in the middle of something */
}

/* All schedules, or `most` of them, of the scripts that the actors have. */
static void explore(int preemptions, unsigned long most, unsigned long seed)
{
    struct schedule s = {.n = 0};
    do {
        run(&s, preemptions);
        if (problem)
            explain(&s, seed);
    } while (--most && advance(&s));
}

/* ---- which scripts */

static void set_up(struct actor *a)
{
    (void)a;
    char *large = stm_new_any(20000);
    struct place *elements = stm_new(2 * sizeof *elements, &place_type);
    *AT(stm_wr(&table.large, 8), char *) = large;
    *AT(stm_wr(&table.elements, 8), struct place *) = elements;
    for (int i = 0; i < 2; i++) {
        struct place *object = stm_new(sizeof *object, &place_type);
        *AT(stm_wr(&table.object[i], 8), struct place *) = object;
    }
}

static int all_players(void **state)
{
    (void)state;
    stm_thread_leave();
    for (int i = 0; i <= PLAYERS; i++)
        player_new(&actors[i].p);
    alone(set_up);
    return 0;
}

static void script(struct actor *a, unsigned number, int n)
{
    a->n = n;
    for (int k = 0; k < n; k++, number /= OPS)
        a->script[k] = (enum op)(number % OPS);
}

/* There must have been something to find. */
static void report(unsigned long least)
{
    print_message("%lu schedules, %lu aborts, %lu waits\n", schedules, aborts, waits);
    assert_true(schedules >= least);
    assert_true(!least || (aborts > least / 10 && waits > least / 100));
    schedules = aborts = waits = 0;
}

static void pairs(void **state)
{
    (void)state;
    bool thorough = getenv("UNGIL_THOROUGH");
    players = 2;
    for (unsigned x = 0; x < OPS * OPS; x++)
        for (unsigned y = 0; y <= x; y++) {
            script(&actors[0], x, 2);
            script(&actors[1], y, 2);
            for (unsigned k = 0; k < KINDS; k++) {
                kind = (enum kind)k;
                away = (x + y) / KINDS % 2;
                if (thorough || (x + y) % KINDS == k)
                    explore(MAX_STEPS, 0, 0);
            }
        }
    report(100000);
}

static void random_scripts(void **state)
{
    (void)state;
    const char *one = getenv("UNGIL_SEED"), *many = getenv("UNGIL_SEEDS");
    unsigned long first = one ? strtoul(one, NULL, 0) : 1, last = one    ? first
                                                                  : many ? strtoul(many, NULL, 0)
                                                                         : 300;
    for (unsigned long seed = first; seed <= last; seed++) {
        unsigned long r = seed * 0x9e3779b97f4a7c15ul;
        for (int i = 0; i < 5; i++)
            (void)next_random(&r);
        players = 2 + (int)(next_random(&r) >> 33) % 2;
        kind = (enum kind)((next_random(&r) >> 33) % KINDS);
        stmi_opt.version_max = next_random(&r) >> 40 & 1 ? 7 : 65535;
        away = next_random(&r) >> 40 & 1;
        for (int i = 0; i < players; i++)
            script(&actors[i], (unsigned)(next_random(&r) >> 33),
                   2 + (int)((next_random(&r) >> 33) % (LONGEST - 1)));
        explore(2 + (int)(next_random(&r) >> 33) % 3, 600, seed);
    }
    report(one ? 0 : last * 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pairs), cmocka_unit_test(random_scripts)};
    return cmocka_run_group_tests(tests, all_players, NULL);
}
