/* variants: segment plainview gil */
/* The conflict log: its records say who met whom at what and where both were; none is missing; it survives
 * fork and a full file. */
#include "longs.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined UNGIL_GIL
#define LOG "events-gil.log"
#elif defined UNGIL_PLAINVIEW
#define LOG "events-plainview.log"
#else
#define LOG "events-segment.log"
#endif
const char *const stm_options[] = {"STM_SEGMENTS=4", "STM_LOG=" LOG, NULL};

struct cell {
    struct cell *next;
    long v[3];
};
static struct stm_type cell_type IN_SECTION(ungil_types) = {
    0, 0, 4, 0, (const unsigned long[]){1}, "cell", "0+8:next 8+8/8:v[]"};
static struct {
    long a, b, c, d;
    struct cell *list;
    long n;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};

static void set(long *p, long v)
{
    *STM_AT(stm_wr(p, 8), long) = v;
}

/* ---- the file, read while it is written */

struct file {
    char *bytes;
    size_t n;
};
static struct file now;

static const struct ungil_log_header *read_log(const char *name)
{
    struct stat st;
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &st), 0);
    free(now.bytes);
    now.n = (size_t)st.st_size;
    now.bytes = malloc(now.n);
    assert_int_equal(fread(now.bytes, 1, now.n, f), now.n);
    fclose(f);
    const struct ungil_log_header *h = (const void *)now.bytes;
    assert_memory_equal(h->magic, UNGIL_LOG_MAGIC, 8);
    assert_int_equal(h->version, UNGIL_LOG_VERSION);
    return h;
}

/* The next record of the kind after r (null: the first); null: no more. */
static const void *next_record(const void *r, enum ungil_log_kind kind)
{
    size_t at = r ? (size_t)((const char *)r - now.bytes) + ((const struct ungil_log_record *)r)->words * 8u
                  : UNGIL_LOG_HEADER;
    while (at < now.n) {
        const struct ungil_log_record *k = (const void *)(now.bytes + at);
        if (k->kind == UNGIL_LOG_END ||
            (at - UNGIL_LOG_HEADER) % UNGIL_LOG_CHUNK > UNGIL_LOG_CHUNK - sizeof *k) {
            at = UNGIL_LOG_HEADER + ((at - UNGIL_LOG_HEADER) / UNGIL_LOG_CHUNK + 1) * UNGIL_LOG_CHUNK;
            continue;
        }
        if (k->kind == kind)
            return k;
        at += k->words * 8u;
    }
    return NULL;
}

static unsigned count(enum ungil_log_kind kind)
{
    unsigned n = 0;
    for (const void *r = NULL; (r = next_record(r, kind));)
        n++;
    return n;
}

/* Chunks are not in the order of time. */
static const void *latest(enum ungil_log_kind kind)
{
    const struct ungil_log_record *last = NULL;
    for (const struct ungil_log_record *r = NULL; (r = next_record(r, kind));)
        if (!last || r->time > last->time)
            last = r;
    assert_non_null(last);
    return last;
}

/* "FIRST/SECOND", of a position "FILE:LINE/FUNCTION"; the latest text of the thread with that number. */
static const char *name_of(uint32_t thread, uint32_t number)
{
    static char text[1000];
    const struct ungil_log_NAME *found = NULL;
    for (const struct ungil_log_NAME *r = NULL; (r = next_record(r, UNGIL_LOG_NAME));)
        if (r->head.thread == thread && r->number == number && thread)
            found = r;
    if (!found)
        return "";
    const char *one = (const char *)(found + 1), *two = one + strlen(one) + 1;
    if (found->what == UNGIL_LOG_POSITION)
        snprintf(text, sizeof text, "%s:%u/%s", one, found->c, two);
    else
        snprintf(text, sizeof text, "%s/%s", one, found->what == UNGIL_LOG_WHY ? "" : two);
    return text;
}

/* ---- the program's position */

static _Thread_local struct stm_position here,
    *mine; /* mine: on the thread's stack, so an abort puts it back */

static int tell(struct stm_position *at)
{
    *at = mine ? *mine : here;
    return at->line != 0;
}

static void go(unsigned line, const char *function)
{
    here = (struct stm_position){"prog.x", function, line};
}

#if STMI_VIEWS
static struct player P[4];
static struct cell *shared;
static char *large;

static int players(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        player_new(&P[i]);
    assert_int_equal(begin(&P[0]), DONE);
    shared = stm_new(sizeof *shared, &cell_type);
    large = stm_new_any(20000);
    set((long *)&G.list, (long)shared);
    AT(shared, struct cell)->next = (struct cell *)large;
    assert_int_equal(commit(&P[0]), DONE);
    return 0;
}

static int no_players(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        player_done(&P[i]);
    return 0;
}

static void begin_both(void)
{
    go(1, "begin");
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
}

static const struct ungil_log_ABORT *last_abort(void)
{
    read_log(LOG);
    return latest(UNGIL_LOG_ABORT);
}

static void both_wrote(void **state)
{
    (void)state;
    begin_both();
    turn_to(&P[0]);
    go(10, "loser");
    AT(stm_wr(shared, 8), struct cell)->v[2] = 7;
    turn_to(&P[1]);
    go(20, "winner");
    AT(stm_wr(shared, 8), struct cell)->v[1] = 8;
    go(21, "elsewhere");
    assert_int_equal(commit(&P[1]), DONE);
    turn_to(&P[0]);
    go(11, "end");
    assert_int_equal(commit(&P[0]), ABORTED);
    const struct ungil_log_ABORT *a = last_abort();
    assert_int_equal(a->head.thread, P[0].t->number);
    assert_int_equal(a->reason, STMI_ABORT_WRITE);
    assert_int_equal(a->retries, 1);
    assert_true(a->lost > 0);
    assert_true(a->object == (uptr)shared && a->size == sizeof *shared);
    assert_string_equal(name_of(a->head.thread, a->type), "cell/0+8:next 8+8/8:v[]");
    assert_int_equal(a->winner, P[1].t->number);
    assert_int_equal(a->winner_off, offsetof(struct cell, v[1]));
    assert_int_equal(a->own_off, offsetof(struct cell, v[2]));
    assert_string_equal(name_of(a->winner, a->winner_at), "prog.x:20/winner");
    assert_string_equal(name_of(a->head.thread, a->own_at), "prog.x:10/loser");
    assert_string_equal(name_of(a->head.thread, a->at), "prog.x:11/end");
}

/* Whoever only read knows where it began: the hook is asked again when all is as it was. */
static void reader_lost(void **state)
{
    (void)state;
    begin_both();
    turn_to(&P[0]);
    (void)get(&G.c);
    set(&G.n, 1);
    turn_to(&P[1]);
    go(29, "another");
    set(&G.a, 5);
    go(30, "writer");
    set(&G.d, 5);
    assert_int_equal(commit(&P[1]), DONE);
    turn_to(&P[0]);
    go(31, "");
    assert_int_equal(commit(&P[0]), ABORTED);
    const struct ungil_log_ABORT *a = last_abort();
    assert_int_equal(a->reason, STMI_ABORT_READ);
    assert_int_equal(a->own_at, 0);
    assert_true(a->object == (uptr)&G && a->winner_off == offsetof(__typeof__(G), d));
    assert_string_equal(name_of(a->head.thread, a->type), "G/");
    assert_string_equal(name_of(a->winner, a->winner_at), "prog.x:30/writer");
    assert_string_equal(name_of(a->head.thread, a->at), "prog.x:31/");
    assert_int_equal(begin(&P[0]), DONE);
    turn_to(&P[0]);
    set(&G.n, 0);
    assert_int_equal(commit(&P[0]), DONE);
}

static void card_of_large(void **state)
{
    (void)state;
    begin_both();
    turn_to(&P[0]);
    *AT(stm_wr(large + 5000, 1), char) = 'a';
    turn_to(&P[1]);
    go(40, "card");
    memset(stm_wr_range(large + 4000, 2000), 'b', 2000);
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
    const struct ungil_log_ABORT *a = last_abort();
    assert_true(a->object == (uptr)large);
    assert_int_equal(a->size, 20000);
    assert_int_equal(a->winner_off, 5000 / STM_CARD * STM_CARD);
    assert_int_equal(a->own_off, 5000);
    assert_string_equal(name_of(a->winner, a->winner_at), "prog.x:40/card");
    assert_string_equal(name_of(a->head.thread, a->type), "any/");
}

/* The leader of a stop undoes what conflicts: where the loser was is known from when it stopped. */
static void ended_by_the_leader(void **state)
{
    (void)state;
    begin_both();
    turn_to(&P[0]);
    go(50, "loser");
    AT(stm_wr(shared, 8), struct cell)->v[0] = 1;
    stmi_events_pause(P[0].t); /* as when it parks */
    turn_to(&P[1]);
    go(51, "winner");
    AT(stm_wr(shared, 8), struct cell)->v[0] = 2;
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    assert_int_equal(PLAY(&P[1], stm_collect()), DONE);
    go(52, "later");
    assert_int_equal(commit(&P[0]), ABORTED);
    const struct ungil_log_ABORT *a = last_abort();
    assert_int_equal(a->reason, STMI_ABORT_STOPPED);
    assert_string_equal(name_of(a->winner, a->winner_at), "prog.x:51/winner");
    assert_string_equal(name_of(a->head.thread, a->at), "prog.x:50/loser");
    assert_true(count(UNGIL_LOG_STOP) > 0);
}

static void why_inevitable(void **state)
{
    (void)state;
    begin_both();
    turn_to(&P[0]);
    go(60, "print");
    unsigned before = (read_log(LOG), count(UNGIL_LOG_INEVITABLE));
    assert_int_equal(inevitable(&P[0]), DONE);
    set(&G.n, 1);
    assert_int_equal(commit(&P[0]), DONE);
    read_log(LOG);
    assert_int_equal(count(UNGIL_LOG_INEVITABLE), before + 1);
    const struct ungil_log_INEVITABLE *last = latest(UNGIL_LOG_INEVITABLE);
    assert_true(last->lasted > 0);
    assert_string_equal(name_of(last->head.thread, last->why), "test/");
    assert_string_equal(name_of(last->head.thread, last->at), "prog.x:60/print");
}

/* The place in C is where the runtime was called: this function. */
static __attribute__((noinline, cold)) void write_here(void)
{
    ++*STM_AT(stm_wr(&G.a, 8), long);
}

static void place_in_c(void **state)
{
    (void)state;
    here.line = 0;
    assert_int_equal(begin(&P[0]), DONE);
    assert_int_equal(begin(&P[1]), DONE);
    turn_to(&P[0]);
    write_here();
    turn_to(&P[1]);
    write_here();
    assert_int_equal(commit(&P[1]), DONE);
    assert_int_equal(commit(&P[0]), ABORTED);
    const struct ungil_log_ABORT *a = last_abort();
    const struct ungil_log_NAME *found = NULL, *module = NULL;
    for (const struct ungil_log_NAME *r = NULL; (r = next_record(r, UNGIL_LOG_NAME));)
        if (r->head.thread == a->winner && r->number == a->winner_at)
            found = r;
    assert_non_null(found);
    for (const struct ungil_log_NAME *r = NULL; (r = next_record(r, UNGIL_LOG_NAME));)
        if (!r->head.thread && r->what == UNGIL_LOG_MODULE && r->number == found->b)
            module = r;
    assert_non_null(module);
    assert_non_null(strstr((const char *)(module + 1), "rt_events"));
    extern const char __ehdr_start[] __attribute__((weak, visibility("hidden")));
    uptr base = (uptr)__ehdr_start,
         at = found->a + base - (uptr)write_here; /* if the executable is no PIE its offsets are addresses */
    assert_true(at < 500 || found->a - (uptr)write_here < 500);
}

static void full_chunks(void **state)
{
    (void)state;
    go(70, "loop");
    unsigned before = (read_log(LOG), count(UNGIL_LOG_ABORT));
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(begin(&P[2]), DONE);
        assert_int_equal(give_up(&P[2]), ABORTED);
    }
    read_log(LOG);
    assert_int_equal(count(UNGIL_LOG_ABORT), before + 3000);
    assert_true(now.n > UNGIL_LOG_HEADER + 4 * UNGIL_LOG_CHUNK);
}
#endif

/* ---- real threads */

static __attribute__((noinline)) void add_to_all(long n)
{
    set(&G.a, get(&G.a) + n);
    for (volatile int k = 0; k < 3000; k++)
        ;
    set(&G.c, get(&G.c) + n);
}

static void *adds(void *arg)
{
    struct stm_position own = {"prog.x", "adds", 80};
    mine = &own;
    for (int i = 0; i < 400; i++) {
        stm_hint_commit_soon();
        stm_safepoint();
        own.line = 81;
        add_to_all(1);
        if (i % 16 == 0)
            stm_inevitable("test");
        own.line = 80;
    }
    stm_hint_commit_soon();
    stm_safepoint();
    mine = NULL; /* an abort would not undo this */
    return arg;
}

static void run_threads(int n)
{
    pthread_t id[8];
    for (int i = 0; i < n; i++)
        assert_int_equal(stm_thread_create(&id[i], NULL, adds, NULL), 0);
    int b = stm_blocking_enter();
    for (int i = 0; i < n; i++)
        pthread_join(id[i], NULL);
    stm_blocking_leave(&b);
}

static void none_is_missing(void **state)
{
    (void)state;
    struct stmi_stats before, after;
    unsigned records = (read_log(LOG), count(UNGIL_LOG_ABORT));
    unsigned long aborts = 0;
    stmi_stats_sum(&before);
    stm_thread_enter();
    go(81, "adds"); /* this thread may win, too */
    set(&G.a, 0);
    int rounds = 0;
    do {
        run_threads(6);
        rounds++;
        read_log(LOG);
    } while (STMI_VIEWS && rounds < 100 && count(UNGIL_LOG_ABORT) < 10);
    assert_int_equal(get(&G.a), 2400 * rounds);
    stm_thread_leave();
    stmi_stats_sum(&after);
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        aborts += after.aborts[i] - before.aborts[i];
    const struct ungil_log_header *h = read_log(LOG);
    assert_int_equal(h->dropped, 0);
    assert_int_equal(count(UNGIL_LOG_ABORT) - records, aborts);
    assert_true(count(UNGIL_LOG_THREAD) >= 6);
    if (STMI_VIEWS)
        assert_true(count(UNGIL_LOG_INEVITABLE) >= 6 * 25);
    /* where it began, as of then; some began before they had a position */
    unsigned begun = 0;
    for (const struct ungil_log_ABORT *a = NULL; (a = next_record(a, UNGIL_LOG_ABORT));) {
        const char *name = name_of(a->head.thread, a->begin);
        begun += !strcmp(name, "prog.x:80/adds");
        assert_null(strstr(name, ":81"));
        if (a->winner_at)
            assert_string_equal(name_of(a->winner, a->winner_at), "prog.x:81/adds");
    }
    assert_true(!STMI_VIEWS || begun > 0);
    /* each thread that ended: its records, its sums */
    for (const struct ungil_log_THREAD *t = NULL; (t = next_record(t, UNGIL_LOG_THREAD));) {
        uint64_t n = 0, lost = 0, spent = 0, was_lost = 0;
        for (const struct ungil_log_ABORT *a = NULL; (a = next_record(a, UNGIL_LOG_ABORT));)
            if (a->head.thread == t->head.thread)
                n++, lost += a->lost;
        for (const struct ungil_log_SPENT *s = NULL; (s = next_record(s, UNGIL_LOG_SPENT));)
            if (s->head.thread == t->head.thread) {
                spent += s->ticks;
                was_lost = s->state == STMI_TIME_lost ? s->ticks : was_lost;
            }
        assert_int_equal(n, t->aborts);
        assert_int_equal(spent, t->life);
        assert_true(lost <= was_lost); /* which has the time of the undoing, too */
    }
}

static void forked(void **state)
{
    (void)state;
    char name[64];
    stm_thread_enter();
    stm_inevitable("fork");
    pid_t pid = fork();
    if (!pid) {
        stm_safepoint();
        run_threads(2);
        stm_thread_leave();
        stmi_events_exit();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    stm_thread_leave();
    snprintf(name, sizeof name, LOG ".%ld", (long)pid);
    const struct ungil_log_header *h = read_log(name);
    assert_int_equal(h->pid, pid);
    assert_int_equal(h->parent, getpid());
    assert_int_equal(h->ended, 1);
    assert_int_equal(count(UNGIL_LOG_THREAD), 3);
    assert_int_equal(unlink(name), 0);
    h = read_log(LOG);
    assert_int_equal(h->pid, getpid());
    assert_int_equal(h->ended, 0);
}

static void full_file(void **state)
{
    (void)state;
    unsigned long was = stmi_opt.log_size;
    uint64_t dropped = read_log(LOG)->dropped;
    size_t bytes = now.n;
    stmi_opt.log_size = 0;
    stm_thread_enter();
    for (int i = 0; i < 50000 && (i % 1000 || read_log(LOG)->dropped == dropped); i++) {
        stm_safepoint();
        stm_collect(); /* a record each */
    }
    stm_thread_leave();
    stmi_opt.log_size = was;
    assert_true(read_log(LOG)->dropped > dropped);
    assert_int_equal(now.n, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_missing),
        cmocka_unit_test(forked),
#if STMI_VIEWS
#define T(f) cmocka_unit_test_setup_teardown(f, players, no_players)
        T(both_wrote),
        T(reader_lost),
        T(card_of_large),
        T(ended_by_the_leader),
        T(why_inevitable),
        T(place_in_c),
        T(full_chunks),
#endif
        cmocka_unit_test(full_file),
    };
    stm_position_hook(tell);
    stm_thread_leave();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    free(now.bytes);
    unlink(LOG);
    return rc;
}
