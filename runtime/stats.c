/* stats.c - counters and times, printed at exit.
 *
 * Each thread counts in its own struct without synchronisation; a reader adds them up and may miss the last
 * few.  Names come from the X-macro lists in runtime.h.  Threads that ended are kept apart, the first of
 * them, and then added up in one row, so that a program which makes a thread for each request does not keep
 * them all. */
#include "runtime.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

_Atomic unsigned long stmi_majors, stmi_major_ns, stmi_rebuilds;
const char *volatile stmi_last_inevitable;

static struct stmi_stats gone; /* of threads that ended; world lock */

/* What is told about a thread, or about several. */
struct row {
    unsigned number; /* 0: several */
    unsigned long folded;
    bool ended;
    char name[16];
    unsigned long long life;
    struct stmi_times times;
    struct stmi_stats stats;
};
static struct row ended[STMI_THREADS_KEPT], others; /* world lock */
static int nended;
static bool child;

static const char *const abort_names[] = {
#define X(name, text) #name,
    STMI_ABORTS(X)
#undef X
};

static const char *const time_names[] = {
#define X(name, text) #name,
    STMI_TIMES(X)
#undef X
};

static void add(struct stmi_stats *to, const struct stmi_stats *from)
{
#define X(name, text) to->name += from->name;
    STMI_COUNTERS(X)
#undef X
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        to->aborts[i] += from->aborts[i];
}

/* A thread as it is now.  Others' may be changing. */
static struct row row_of(const struct stmi_thread *t, unsigned long long now)
{
    struct row r = {.number = t->number, .times = t->times, .stats = t->stats};
    if (now > r.times.since) {
        r.times.spent[r.times.doing] += now - r.times.since;
        r.times.since = now;
    }
    r.life = r.times.since - r.times.start;
    if (!t->id || pthread_getname_np(t->id, r.name, sizeof r.name))
        r.name[0] = 0;
    return r;
}

static void add_row(struct row *to, const struct row *r)
{
    to->folded++;
    to->life += r->life;
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        to->times.spent[i] += r->times.spent[i];
    add(&to->stats, &r->stats);
}

void stmi_stats_fold(struct stmi_thread *t)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    add(&gone, &t->stats);
    if (!stmi_observing)
        return;
    struct row r = row_of(t, stmi_cycles());
    r.ended = true;
    if (nended < STMI_THREADS_KEPT)
        ended[nended++] = r;
    else
        add_row(&others, &r);
}

/* What was done before is the parent's to tell. */
void stmi_stats_child(void)
{
    child = true;
    nended = 0;
    memset(&gone, 0, sizeof gone);
    memset(&others, 0, sizeof others);
    stmi_majors = stmi_major_ns = stmi_rebuilds = 0;
    if (stmi_me)
        memset(&stmi_me->stats, 0, sizeof stmi_me->stats);
}

void stmi_stats_sum(struct stmi_stats *sum)
{
    *sum = gone;
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        add(sum, &t->stats);
}

static unsigned long all_aborts(const struct stmi_stats *s)
{
    unsigned long n = 0;
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        n += s->aborts[i];
    return n;
}

/* ---- JSON */

static void json_counters(FILE *out, const struct stmi_stats *s)
{
#define X(name, text) fprintf(out, ",\"" #name "\":%lu", s->name);
    STMI_COUNTERS(X)
#undef X
    fprintf(out, ",\"aborts\":{\"all\":%lu", all_aborts(s));
    for (int i = 1; i < STMI_ABORT_KINDS; i++)
        fprintf(out, ",\"%s\":%lu", abort_names[i], s->aborts[i]);
    fputc('}', out);
}

static void json_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == '"' || *s == '\\')
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*s);
        else
            fputc(*s, out);
    fputc('"', out);
}

static void json_row(FILE *out, const struct row *r, double scale)
{
    if (r->number) {
        fprintf(out, "{\"thread\":%u,\"name\":", r->number);
        json_string(out, r->name);
        fprintf(out, ",\"ended\":%s", r->ended ? "true" : "false");
    } else {
        fprintf(out, "{\"threads\":%lu", r->folded);
    }
    fprintf(out, ",\"us\":%.1f,\"times_us\":{", (double)r->life * scale);
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        fprintf(out, "%s\"%s\":%.1f", i ? "," : "", time_names[i], (double)r->times.spent[i] * scale);
    fputc('}', out);
    json_counters(out, &r->stats);
    fputc('}', out);
}

static void json(FILE *out, const struct stmi_stats *s, const struct row *rows, int n, double scale)
{
    fprintf(out, "{\"segments\":%d", stmi_nseg);
    json_counters(out, s);
    fprintf(out,
            ",\"major\":%lu,\"major_us\":%lu,\"rebuilds\":%lu,\"live\":%zu,\"heap\":%zu,\"last_inevitable\":",
            stmi_majors, stmi_major_ns / 1000, stmi_rebuilds, stmi_heap.live,
            (size_t)(stmi_heap.small_top - stmi_heap.lo) + stmi_large_bytes());
    json_string(out, stmi_last_inevitable ? stmi_last_inevitable : "");
    fputs(",\"threads\":[", out);
    for (int i = 0; i < n; i++) {
        if (i)
            fputc(',', out);
        json_row(out, &rows[i], scale);
    }
    fputs("]}\n", out);
}

/* ---- text */

static void text_row(FILE *out, const struct row *r, double scale)
{
    static const char *const what[] = {
#define X(name, text) text,
        STMI_TIMES(X)
#undef X
    };
    if (r->number)
        fprintf(out, "thread %u%s%s%s", r->number, *r->name ? " " : "", r->name, r->ended ? ", ended" : "");
    else
        fprintf(out, "%lu more threads, ended", r->folded);
    fprintf(out, ": %.3f ms, %lu commits, %lu aborts\n", (double)r->life * scale * 1e-3, r->stats.commits,
            all_aborts(&r->stats));
    for (int i = 0; i < STMI_TIME_KINDS; i++)
        if (r->times.spent[i])
            fprintf(out, "%14.3f ms %5.1f %%  %s\n", (double)r->times.spent[i] * scale * 1e-3,
                    r->life ? (double)r->times.spent[i] * 100 / (double)r->life : 0, what[i]);
}

static void text(FILE *out, const struct stmi_stats *s, const struct row *rows, int n, double scale)
{
    static const char *const why[] = {
#define X(name, text) text,
        STMI_ABORTS(X)
#undef X
    };
    fprintf(out, "ungil statistics\n%14d segments\n", stmi_nseg);
#define X(name, text) fprintf(out, "%14lu %s\n", s->name, text);
    STMI_COUNTERS(X)
#undef X
    fprintf(out, "%14lu aborts\n", all_aborts(s));
    for (int i = 1; i < STMI_ABORT_KINDS; i++)
        if (s->aborts[i])
            fprintf(out, "%18lu %s\n", s->aborts[i], why[i]);
    fprintf(out, "%14lu major collections, %lu us\n%14lu views rebuilt\n", stmi_majors, stmi_major_ns / 1000,
            stmi_rebuilds);
    fprintf(out, "%14zu bytes live after the last; %zu of heap\n", stmi_heap.live,
            (size_t)(stmi_heap.small_top - stmi_heap.lo) + stmi_large_bytes());
    if (stmi_last_inevitable)
        fprintf(out, "last inevitable transaction: %s\n", stmi_last_inevitable);
    for (int i = 0; i < n; i++)
        text_row(out, &rows[i], scale);
}

/* ---- collecting the rows */

/* At exit others may still run, end, or hold the lock for good (exit called with the world stopped): then
 * only what ended is known. */
bool stmi_lock_world(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    return !pthread_mutex_timedlock(&stmi_world.lock, &until);
}

static int by_number(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static struct row *all_rows(int *n)
{
    size_t live = 0;
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        live++;
    struct row *rows = stmi_calloc((size_t)nended + live + 1, sizeof *rows);
    unsigned long long now = stmi_cycles();
    *n = nended;
    memcpy(rows, ended, (size_t)nended * sizeof *rows);
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        rows[(*n)++] = row_of(t, now);
    qsort(rows, (size_t)*n, sizeof *rows, by_number);
    if (others.folded)
        rows[(*n)++] = others;
    return rows;
}

static FILE *open_out(void)
{
    if (!stmi_files.stats_file)
        return stderr;
    char name[4096];
    int n = child ? snprintf(name, sizeof name, "%s.%ld", stmi_files.stats_file, (long)getpid())
                  : snprintf(name, sizeof name, "%s", stmi_files.stats_file);
    FILE *f = n < (int)sizeof name ? fopen(name, "w") : NULL;
    if (!f)
        stmi_warn("STM_STATS_FILE: cannot write %s: %s", name, strerror(errno));
    return f ? f : stderr;
}

void stmi_stats_print(void)
{
    struct stmi_stats sum;
    int n = 0;
    bool locked = stmi_lock_world();
    struct row *rows = NULL;
    if (locked) {
        rows = all_rows(&n);
        stmi_stats_sum(&sum);
        pthread_mutex_unlock(&stmi_world.lock);
    } else {
        sum = gone;
    }
    FILE *out = open_out();
    (stmi_opt.stats == 2 ? json : text)(out, &sum, rows, n, stmi_us_per_cycle());
    free(rows);
    if (out == stderr)
        return;
    bool bad = ferror(out);
    if (fclose(out) || bad)
        stmi_warn("STM_STATS_FILE: cannot write %s", stmi_files.stats_file);
}
