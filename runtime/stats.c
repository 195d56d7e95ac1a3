/* stats.c - counters.  Each thread counts in its own struct without synchronisation; a reader adds them up
 * and may miss the last few.  Names come from the X-macro lists in runtime.h. */
#include "runtime.h"

_Atomic unsigned long stmi_majors, stmi_major_ns, stmi_rebuilds;
const char *volatile stmi_last_inevitable;

static struct stmi_stats gone; /* of threads that ended; world lock */

static const char *const abort_names[] = {
#define X(name, text) #name,
    STMI_ABORTS(X)
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

void stmi_stats_fold(struct stmi_thread *t) { add(&gone, &t->stats); }

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

static void print_json(const struct stmi_stats *s)
{
    fprintf(stderr, "{\"segments\":%d", stmi_nseg);
#define X(name, text) fprintf(stderr, ",\"" #name "\":%lu", s->name);
    STMI_COUNTERS(X)
#undef X
    fprintf(stderr, ",\"aborts\":{\"all\":%lu", all_aborts(s));
    for (int i = 1; i < STMI_ABORT_KINDS; i++)
        fprintf(stderr, ",\"%s\":%lu", abort_names[i], s->aborts[i]);
    fprintf(stderr, "},\"major\":%lu,\"major_us\":%lu,\"rebuilds\":%lu,\"live\":%zu,\"heap\":%zu}\n", stmi_majors,
            stmi_major_ns / 1000, stmi_rebuilds, stmi_heap.live, (size_t)(stmi_heap.small_top - stmi_heap.lo) + stmi_large_bytes());
}

static void print_text(const struct stmi_stats *s)
{
    static const char *const why[] = {
#define X(name, text) text,
        STMI_ABORTS(X)
#undef X
    };
    fprintf(stderr, "ungil statistics\n%14d segments\n", stmi_nseg);
#define X(name, text) fprintf(stderr, "%14lu %s\n", s->name, text);
    STMI_COUNTERS(X)
#undef X
    fprintf(stderr, "%14lu aborts\n", all_aborts(s));
    for (int i = 1; i < STMI_ABORT_KINDS; i++)
        if (s->aborts[i])
            fprintf(stderr, "%18lu %s\n", s->aborts[i], why[i]);
    fprintf(stderr, "%14lu major collections, %lu us\n%14lu views rebuilt\n", stmi_majors, stmi_major_ns / 1000, stmi_rebuilds);
    fprintf(stderr, "%14zu bytes live after the last; %zu of heap\n", stmi_heap.live,
            (size_t)(stmi_heap.small_top - stmi_heap.lo) + stmi_large_bytes());
    if (stmi_last_inevitable)
        fprintf(stderr, "last inevitable transaction: %s\n", stmi_last_inevitable);
}

void stmi_stats_print(void)
{
    struct stmi_stats sum;
    stmi_stats_sum(&sum);
    if (stmi_opt.stats == 2)
        print_json(&sum);
    else
        print_text(&sum);
}
