/* variants: segment plainview */
/* Random steps of up to eight players on one OS thread, on six segments, against a plain model, with young
 * and major collections.
 *
 * The model knows for each player what it must see (the committed state when its view last moved, with its
 * own writes) and which units it read and wrote; so it knows when a commit must succeed and when it must
 * abort.  The real objects are checked slot by slot against it.  Between transactions players go away, as
 * for a blocking call, and come back, to their own segment if nobody needed it; there are fewer segments
 * than players.  Environment: UNGIL_SEED runs one seed, UNGIL_STEPS that long. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=6",     "STM_NURSERY=16k", "STM_MAJOR=64k",
                                   "STM_HEAP_SIZE=256m", "STM_TICK=0",      NULL};

enum { OBJECTS = 400, SLOTS = 12, STATICS = 16, PLAYERS = 8, REGS = 8 };

struct root {
    struct box *ref;
    long value;
}; /* a granule */
static struct root roots[STATICS] __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static roots_static IN_SECTION(ungil_statics) = {roots, sizeof roots, 0, 0, "roots"};

/* Small: slots are words of one unit.  Large: a slot is in a card of its own.  Even slots hold references. */
struct box {
    long id;
    long slot[];
};
static struct stm_type box_type IN_SECTION(ungil_types) = {0,     0,   1, 2, (const unsigned long[]){2},
                                                           "box", NULL};

struct state {
    long slot[OBJECTS][SLOTS]; /* an object's number, or a value */
    long root_ref[STATICS], root_value[STATICS];
};
struct object {
    uptr ref;
    int slots;
    bool large, fresh;
    int maker;
    bool malloced;
};
struct commit {
    unsigned long *units;
    int n;
    struct write {
        int o, s;
        long v;
    } * writes;
    int nwrites;
};

static struct state committed;
static struct object objects[OBJECTS]; /* 0 is null */
static int nobjects;
static STMI_VEC(struct commit) history;

static struct model {
    struct player p;
    struct state view;
    long reg[REGS], start_reg[REGS];
    size_t seen; /* of history */
    bool in_tx, doomed, inevitable, blocked, out;
    STMI_VEC(unsigned long) reads, written;
    STMI_VEC(struct write) writes;
} M[PLAYERS];

static unsigned long seed, state_of_random;
static int step;
static unsigned rnd(unsigned n)
{
    return (unsigned)(next_random(&state_of_random) >> 20) % n;
}

#define CHECK(x)                                                                                             \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            print_error("seed %lu step %d: %s\n", seed, step, #x);                                           \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* ---- the model */

static unsigned long unit_of(int o, int s)
{
    return objects[o].large ? (unsigned long)o * 64 + 1 + (unsigned)s : (unsigned long)o * 64;
}
static unsigned long unit_of_root(int k)
{
    return (unsigned long)OBJECTS * 64 + (unsigned)k;
}

static bool hits(const struct model *m, const struct commit *c)
{
    for (int i = 0; i < c->n; i++) {
        for (size_t k = 0; k < m->reads.n; k++)
            if (m->reads.at[k] == c->units[i])
                return true;
        for (size_t k = 0; k < m->written.n; k++)
            if (m->written.at[k] == c->units[i])
                return true;
    }
    return false;
}

static void put(struct state *st, struct write w)
{
    if (w.o >= 0)
        st->slot[w.o][w.s] = w.v;
    else if (w.o == -1)
        st->root_ref[w.s] = w.v;
    else
        st->root_value[w.s] = w.v;
}

/* m's view moves to the newest state; false: a commit since hits it. */
static bool move(struct model *m)
{
    for (; m->seen < history.n; m->seen++) {
        const struct commit *c = &history.at[m->seen];
        if (hits(m, c))
            return false;
        for (int i = 0; i < c->nwrites; i++)
            put(&m->view, c->writes[i]);
    }
    return true;
}

static void forget(struct model *m)
{
    m->reads.n = m->written.n = m->writes.n = 0;
    m->in_tx = m->doomed = m->inevitable = m->blocked = false;
}

static void model_aborts(struct model *m, int who)
{
    for (int o = 1; o < nobjects; o++)
        if (objects[o].fresh && objects[o].maker == who)
            objects[o].ref = 0; /* never was; nobody else knows it */
    memcpy(m->reg, m->start_reg, sizeof m->reg);
    forget(m);
}

static bool other_inevitable(const struct model *m)
{
    for (int i = 0; i < PLAYERS; i++)
        if (&M[i] != m && M[i].inevitable)
            return true;
    return false;
}

static void model_commits(struct model *m, int who)
{
    struct commit c = {calloc(m->written.n + 1, 8), (int)m->written.n,
                       calloc(m->writes.n + 1, sizeof(struct write)), (int)m->writes.n};
    for (int i = 0; i < c.n; i++)
        c.units[i] = m->written.at[i];
    for (int i = 0; i < c.nwrites; i++)
        c.writes[i] = m->writes.at[i];
    stmi_push(&history, c);
    for (size_t i = 0; i < m->writes.n; i++)
        put(&committed, m->writes.at[i]);
    for (int o = 1; o < nobjects; o++)
        if (objects[o].maker == who)
            objects[o].fresh = false;
    m->seen = history.n;
    forget(m);
}

/* ---- what players do */

static long *slot_of(int o, int s)
{
    struct box *b = (struct box *)objects[o].ref;
    return objects[o].large ? (long *)((char *)b + STM_CARD * (2 * (size_t)s + 2)) + (s % 2 == 0)
                            : &b->slot[s];
}

static bool own_fresh(int o, int who)
{
    return objects[o].fresh && objects[o].maker == who;
}

static void note(struct model *m, bool write, unsigned long unit)
{
    if (write)
        stmi_push(&m->written, unit);
    else
        stmi_push(&m->reads, unit);
}

/* After any call of the runtime that may stop the world or move the view. */
static void expect(struct model *m, int who, enum outcome got, bool conflict)
{
    if (conflict) {
        CHECK(got == ABORTED);
        model_aborts(m, who);
    } else {
        CHECK(got == DONE);
    }
}

/* A major collection moved every view; whoever conflicts is doomed. */
static void world_stopped(void)
{
    for (int i = 0; i < PLAYERS; i++)
        if (M[i].in_tx && !M[i].doomed && !move(&M[i]))
            M[i].doomed = true;
}

static void do_begin(struct model *m)
{
    memcpy(m->start_reg, m->reg, sizeof m->reg);
    CHECK(begin(&m->p) == DONE);
    m->in_tx = true;
    m->view = committed;
    m->seen = history.n;
}

static void do_leave(struct model *m)
{
    goes_away(&m->p);
    CHECK(m->p.t->detached && !m->p.t->seg && !stm_self.base);
    m->out = true;
}

/* Segments: held by players inside, left detached, free and up to date, free and stale. */
struct seats {
    int inside, detached, live, stale;
};
static struct seats seats(void)
{
    struct seats n = {0};
    for (int i = 1; i <= stmi_nseg; i++) {
        const struct stmi_seg *s = &stmi_segs[i];
        CHECK(s->busy == (s->holder != NULL));
        if (s->holder)
            *(s->holder->detached ? &n.detached : &n.inside) += 1;
        else
            *(s->stale ? &n.stale : &n.live) += 1;
    }
    return n;
}

static void do_return(struct model *m)
{
    struct stmi_thread *t = m->p.t;
    struct seats before = seats();
    bool was = t->detached;
    unsigned long reattached = t->stats.reattached, rebuilds = stmi_rebuilds;
    enum outcome got = comes_back(&m->p);
    struct seats now = seats();
    if (stmi_rebuilds != rebuilds)
        world_stopped();
    CHECK(t->stats.reattached == reattached + was);
    if (before.inside == stmi_nseg || stmi_world.serial) {
        CHECK(got == BLOCKED);
        return;
    }
    CHECK(got == DONE && now.inside == before.inside + 1 && t->seg && t->seg->holder == t &&
          stm_self.base == t->seg->base);
    if (was ||
        !before.live) /* its own, else one left detached, else a stale one, for which the world is stopped */
        CHECK(was ? t->seg == t->away && now.detached == before.detached - 1
                  : now.detached == (before.detached ? before.detached - 1 : 0));
    else
        CHECK(now.live == before.live - 1 && now.detached == before.detached);
    m->out = false;
}

static void do_commit(struct model *m, int who)
{
    bool writes = m->written.n > 0, ok = m->inevitable || !writes || move(m);
    enum outcome got = commit(&m->p);
    if (got == BLOCKED) {
        CHECK(other_inevitable(m) && ok && move(m)); /* or blocked for fresh objects alone */
        return;
    }
    if (!writes && got == ABORTED) /* fresh objects make it a commit like others: then it validates */
        CHECK(!move(m));
    else
        expect(m, who, got, !ok);
    if (got == DONE)
        model_commits(m, who);
    else if (!writes)
        model_aborts(m, who);
}

static void do_inevitable(struct model *m, int who)
{
    if (m->inevitable)
        return;
    bool ok = move(m);
    enum outcome got = inevitable(&m->p);
    if (got == BLOCKED) {
        CHECK(ok && other_inevitable(m));
        return;
    }
    expect(m, who, got, !ok);
    m->inevitable = got == DONE;
}

/* Whoever is in a transaction besides has lost it. */
static void do_serial(struct model *m, int who)
{
    do_inevitable(m, who);
    if (!m->in_tx || !m->inevitable || stmi_world.serial)
        return;
    CHECK(PLAY(&m->p, stmi_serial_at("test", NULL)) == DONE && stmi_world.serial == m->p.t);
    world_stopped();
    CHECK(!seats().detached);
    for (int i = 0; i < PLAYERS; i++)
        if (&M[i] != m && M[i].in_tx)
            M[i].doomed = true;
}

enum how { TYPED, ANY, MALLOC };

/* In a function of its own: setjmp spoils locals. */
static enum outcome allocate(struct model *m, size_t n, enum how how, size_t garbage, void **ref)
{
    return PLAY(&m->p, {
        if (garbage)
            (void)stm_new_any(garbage);
        *ref = how == MALLOC ? stm_malloc(n) : how == ANY ? stm_new_any(n) : stm_new(n, &box_type);
    });
}

static void do_new(struct model *m, int who)
{
    if (nobjects == OBJECTS)
        return;
    int o = nobjects, r = (int)rnd(REGS);
    bool large = rnd(25) == 0, mallocs = rnd(20) == 0;
    int slots = large ? SLOTS : 2 + 2 * (int)rnd(SLOTS / 2);
    size_t n = large ? STM_CARD * (2 * SLOTS + 4) + 8000 + rnd(9000) : sizeof(struct box) + (size_t)slots * 8;
    unsigned long majors = stmi_majors;
    void *ref = NULL;
    enum outcome got = allocate(m, n,
                                mallocs ? MALLOC
                                : large ? ANY
                                        : TYPED,
                                rnd(3) ? 0 : 1 + rnd(700), &ref);
    if (stmi_majors != majors)
        world_stopped();
    if (got == ABORTED) {
        CHECK(m->doomed);
        model_aborts(m, who);
        return;
    }
    CHECK(got == DONE && ref && (uptr)ref % 16 == 0);
    nobjects++;
    objects[o] = (struct object){(uptr)ref, slots, large, true, who, mallocs};
    turn_to(&m->p);
    for (size_t i = 0; i < n; i++)
        CHECK(*AT((char *)ref + i, char) == 0);
    AT(ref, struct box)->id = o;
    m->reg[r] = o;
    m->p.reg[r] = (uptr)ref;
    memset(m->view.slot[o], 0, sizeof m->view.slot[o]);
    memset(committed.slot[o], 0, sizeof committed.slot[o]);
    for (int i = 0; i < PLAYERS; i++)
        memset(M[i].view.slot[o], 0, sizeof M[i].view.slot[o]);
}

static long word_of(int o)
{
    return (long)objects[o].ref;
}

static void do_access(struct model *m, int who)
{
    int r = (int)rnd(REGS), o = (int)m->reg[r], r2 = (int)rnd(REGS);
    if (!o)
        return;
    int s = (int)rnd((unsigned)objects[o].slots);
    long *at = slot_of(o, s);
    bool fresh = own_fresh(o, who), refs = s % 2 == 0;
    turn_to(&m->p);
    CHECK(AT(m->p.reg[r], struct box)->id == o);
    if (rnd(2)) { /* write */
        long v = refs ? m->reg[r2] : (long)rnd(1000000);
        if (!fresh || rnd(2)) {
            if (rnd(4) == 0)
                (void)stm_any_wr(at, 8);
            else
                (void)stm_wr(at, 8);
        }
        *AT(at, long) = refs ? word_of((int)v) : v;
        if (!fresh)
            note(m, true, unit_of(o, s));
        stmi_push(&m->writes, (struct write){o, s, v});
        put(&m->view, (struct write){o, s, v});
        return;
    }
    if (!fresh)
        note(m, false, unit_of(o, s));
    (void)(objects[o].large || rnd(2) ? READ(at) : READ(m->p.reg[r]));
    long got = *AT(at, long), want = m->view.slot[o][s];
    CHECK(got == (refs ? word_of((int)want) : want));
    if (refs) {
        m->reg[r2] = want;
        m->p.reg[r2] = (uptr)got;
    }
}

static void do_root(struct model *m, int who)
{
    int k = (int)rnd(STATICS), r = (int)rnd(REGS);
    turn_to(&m->p);
    if (rnd(3) == 0) {
        long v = rnd(4) ? m->reg[r] : 0, x = (long)rnd(1000);
        AT(stm_wr(&roots[k], sizeof(struct root)), struct root)->ref = (struct box *)word_of((int)v);
        AT(&roots[k], struct root)->value = x;
        note(m, true, unit_of_root(k));
        stmi_push(&m->writes, (struct write){-1, k, v});
        stmi_push(&m->writes, (struct write){-2, k, x});
        put(&m->view, (struct write){-1, k, v});
        put(&m->view, (struct write){-2, k, x});
        return;
    }
    note(m, false, unit_of_root(k));
    struct root got = *AT(READ(&roots[k]), struct root);
    CHECK((long)got.ref == word_of((int)m->view.root_ref[k]) && got.value == m->view.root_value[k]);
    m->reg[r] = m->view.root_ref[k];
    m->p.reg[r] = (uptr)got.ref;
    (void)who;
}

static void do_collect(struct model *m, int who)
{
    if (rnd(4)) {
        CHECK(PLAY(&m->p, stmi_young(m->p.t, STMI_YOUNG_GO_ON)) == DONE);
        return;
    }
    enum outcome got = PLAY(&m->p, stm_collect());
    world_stopped();
    CHECK(!seats().detached);
    expect(m, who, got, m->doomed);
}

/* A player that others found in conflict learns of it on its turn, before anything else. */
static bool was_doomed(struct model *m, int who)
{
    if (!m->doomed)
        return false;
    CHECK(PLAY(&m->p, (void)0) == ABORTED);
    CHECK(m->p.why == STMI_ABORT_STOPPED);
    model_aborts(m, who);
    return true;
}

static void one_step(int players)
{
    int who = (int)rnd((unsigned)players);
    struct model *m = &M[who];
    if (m->out) {
        do_return(m);
        return;
    }
    if (stmi_world.serial && stmi_world.serial != m->p.t)
        return; /* parked */
    if (!m->in_tx) {
        if (rnd(4))
            do_begin(m);
        else
            do_leave(m);
        return;
    }
    if (was_doomed(m, who))
        return;
    unsigned what = rnd(100);
    if (what < 50)
        do_access(m, who);
    else if (what < 68)
        do_root(m, who);
    else if (what < 84)
        do_new(m, who);
    else if (what < 94)
        do_commit(m, who);
    else if (what < 96)
        do_collect(m, who);
    else if (what < 97)
        rnd(3) ? do_inevitable(m, who) : do_serial(m, who);
    else if (what < 98) {
        if (!m->inevitable) {
            CHECK(give_up(&m->p) == ABORTED);
            model_aborts(m, who);
        }
    } else {
        m->reg[rnd(REGS)] = 0;
        for (int r = 0; r < REGS; r++)
            m->p.reg[r] = (uptr)word_of((int)m->reg[r]);
    }
}

/* Every object that the committed state reaches is as the model has it. */
static void check_all(struct model *m)
{
    static bool seen[OBJECTS];
    static int todo[OBJECTS];
    int n = 0;
    memset(seen, 0, sizeof seen);
    turn_to(&m->p);
    for (int k = 0; k < STATICS; k++) {
        int o = (int)committed.root_ref[k];
        CHECK((long)AT(&roots[k], struct root)->ref == word_of(o));
        if (o && !seen[o])
            seen[o] = true, todo[n++] = o;
    }
    while (n) {
        int o = todo[--n];
        CHECK(AT(objects[o].ref, struct box)->id == o);
        for (int s = 0; s < objects[o].slots; s++) {
            long got = *AT(slot_of(o, s), long), want = committed.slot[o][s];
            CHECK(got == (s % 2 == 0 ? word_of((int)want) : want));
            if (s % 2 == 0 && want && !seen[want])
                seen[want] = true, todo[n++] = (int)want;
        }
    }
}

static void run(int steps)
{
    state_of_random = seed * 0x9e3779b97f4a7c15ul + 1;
    int players = 1 + (int)rnd(PLAYERS);
    memset(&committed, 0, sizeof committed);
    memset(objects, 0, sizeof objects);
    nobjects = 1;
    for (size_t i = 0; i < history.n; i++)
        free(history.at[i].units), free(history.at[i].writes);
    history.n = 0;
    memset(M, 0, sizeof M);
    stmi_opt.version_max = rnd(2) ? 65535 : 3 + rnd(20);
    for (int i = 0; i < players; i++) {
        player_new(&M[i].p);
        do_leave(&M[i]);
    }
    do_return(&M[0]);
    CHECK(begin(&M[0].p) == DONE);
    memset(stm_wr_range(roots, sizeof roots), 0, sizeof roots);
    CHECK(commit(&M[0].p) == DONE);
    for (step = 0; step < steps; step++)
        one_step(players);
    for (int i = 0; i < players; i++)
        if (M[i].inevitable)
            do_commit(&M[i], i);
    for (int i = 0; i < players; i++) {
        if (M[i].in_tx && !was_doomed(&M[i], i))
            do_commit(&M[i], i);
        if (!M[i].out && !M[i].in_tx)
            do_leave(&M[i]);
    }
    do_return(&M[0]);
    do_begin(&M[0]);
    check_all(&M[0]);
    CHECK(PLAY(&M[0].p, stm_collect()) == DONE);
    check_all(&M[0]);
    for (int i = 0; i < players; i++) {
        player_done(&M[i].p);
        free(M[i].reads.at);
        free(M[i].written.at);
        free(M[i].writes.at);
    }
}

static void random_steps(void **state)
{
    (void)state;
    stm_thread_leave();
    const char *one = getenv("UNGIL_SEED"), *n = getenv("UNGIL_STEPS"), *many = getenv("UNGIL_SEEDS");
    for (seed = one ? strtoul(one, NULL, 0) : 1; seed <= (one    ? strtoul(one, NULL, 0)
                                                          : many ? strtoul(many, NULL, 0)
                                                                 : 200);
         seed++)
        run(n ? atoi(n) : 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
