/* conflicts.c - `ungil conflicts`: what a run's aborts cost, by cause.
 *
 * The log has each abort; what one wants to know is which pairs of places meet at what, and how much work
 * that cost.  So aborts are grouped by reason, both places and the location, and sorted by lost time, as in
 * PyPy-STM's print_stm_log; what turned transactions inevitable and what threads waited for is added up
 * likewise. */
#include "conflicts/conflicts.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "conflicts/report.h"

static const char usage[] =
    "usage: ungil conflicts [OPTIONS] FILE\n"
    "\n"
    "Shows the log of a run with STM_LOG=FILE: which transactions aborted which, costliest first, why some "
    "turned\n"
    "inevitable, and what threads waited for.\n"
    "\n"
    "      --top N    the first N of each list (default 10)\n"
    "      --all      all\n"
    "      --json     JSON\n"
    "      --raw      each record, as it is\n"
    "  -h, --help     this text\n"
    "\n"
    "Places in C need llvm-addr2line or addr2line, and the program as it was (compiled with -g for lines).\n"
    "exit status: 0 shown, 1 the file is damaged or no log, 2 usage or no such file\n";

/* ---- places */

static struct place *place_of(struct report *r, uint32_t thread, uint32_t number)
{
    const struct ungil_log_NAME *n = number ? log_name(&r->log, thread, number) : NULL;
    if (!n || n->what != UNGIL_LOG_POSITION)
        return NULL;
    const char *file = log_text(n), *function = log_text2(n);
    if (!*file && !*function && !n->b)
        return NULL;
    const char *key =
        arena_printf(&r->arena, "%s|%s|%u|%u|%lu", file, function, n->c, n->b, (unsigned long)n->a);
    uint64_t h = hash_bytes(key, strlen(key));
    struct place *p = map_get(&r->places_by_name, h);
    if (p)
        return p;
    p = arena_alloc(&r->arena, sizeof *p);
    p->said = (struct site){file, function, n->c};
    p->module = n->b;
    p->offset = n->a;
    const struct ungil_log_NAME *m =
        n->b ? map_get(&r->log.names, (uint64_t)UNGIL_LOG_MODULE << 24 | n->b) : NULL;
    p->module_name = m ? log_text(m) : NULL;
    map_put(&r->places_by_name, h, p);
    ptr_push(&r->places, &r->nplaces, &r->cplaces, p);
    return p;
}

static const struct ungil_log_NAME *run_name(const struct report *r, enum ungil_log_name what,
                                             uint32_t number)
{
    return map_get(&r->log.names, (uint64_t)what << 24 | number);
}

/* ---- locations */

/* The field at byte `off` of an object, by the list of its type (struct stm_type in ungil_abi.h): of those
 * that have it, the last to begin. */
static const char *field_at(struct report *r, const char *fields, uint64_t off)
{
    const char *best = NULL;
    unsigned long start = 0, index = 0;
    bool in_array = false;
    while (*fields) {
        char *p;
        unsigned long at = strtoul(fields, &p, 10), n = 0, stride = 0, count = 0;
        if (*p == '+')
            n = strtoul(p + 1, &p, 10);
        if (*p == '/')
            stride = strtoul(p + 1, &p, 10);
        if (*p == '*')
            count = strtoul(p + 1, &p, 10);
        size_t len = strcspn(p, " ");
        uint64_t d = off - at;
        bool within = off >= at && (!count || d < (uint64_t)stride * count) && (stride ? d % stride : d) < n;
        if (*p == ':' && within && (!best || at >= start)) {
            best = arena_strn(&r->arena, p + 1, len - 1);
            start = at;
            in_array = stride;
            index = stride ? d / stride : 0;
        }
        fields = p + len + (p[len] == ' ');
    }
    const char *hole = best && in_array ? strstr(best, "[]") : NULL;
    return hole ? arena_printf(&r->arena, "%.*s[%lu]%s", (int)(hole - best), best, index, hole + 2) : best;
}

static const char *location(struct report *r, const struct ungil_log_NAME *type, uint64_t off)
{
    if (!type)
        return "";
    const char *name = *log_text(type) ? log_text(type) : "(unnamed type)",
               *field = field_at(r, log_text2(type), off);
    return field ? arena_printf(&r->arena, "%s.%s", name, field) : name;
}

/* Elements of an array count as one location. */
static const char *without_index(struct report *r, const char *what)
{
    const char *open = strchr(what, '['), *close = open ? strchr(open, ']') : NULL;
    return close ? arena_printf(&r->arena, "%.*s[]%s", (int)(open - what), what, close + 1) : what;
}

/* ---- groups */

/* The group with this key: new ones are zero, and appended to the list. */
static void *group(struct report *r, const char *key, size_t size, void *list, unsigned *n, unsigned *cap)
{
    uint64_t h = hash_bytes(key, strlen(key));
    void *g = map_get(&r->groups, h);
    if (!g) {
        g = arena_alloc(&r->arena, size);
        map_put(&r->groups, h, g);
        ptr_push(list, n, cap, g);
    }
    return g;
}

static void add_abort(struct report *r, const struct ungil_log_ABORT *a)
{
    const struct ungil_log_NAME *type = a->object ? log_name(&r->log, a->head.thread, a->type) : NULL;
    const struct ungil_log_NAME *reason = run_name(r, UNGIL_LOG_REASON, a->reason);
    struct place *winner = place_of(r, a->winner, a->winner_at),
                 *begin = place_of(r, a->head.thread, a->begin);
    struct place *own = place_of(r, a->head.thread, a->own_at),
                 *loser = own ? own : place_of(r, a->head.thread, a->at);
    const char *what = without_index(r, location(r, type, a->winner_off));
    const char *other = own && a->own_off != UINT64_MAX && a->winner_off != UINT64_MAX
                            ? without_index(r, location(r, type, a->own_off))
                            : what;
    const char *key =
        arena_printf(&r->arena, "a%u|%p|%p|%s|%s", a->reason, (void *)winner, (void *)loser, what, other);
    struct conflict *c = group(r, key, sizeof *c, &r->conflicts, &r->nconflicts, &r->cconflicts);
    if (!c->aborts) {
        *c = (struct conflict){.reason = reason ? log_text(reason) : "?",
                               .meaning = reason ? log_text2(reason) : "of an unknown reason",
                               .what = what,
                               .winner = winner,
                               .loser = loser,
                               .begin = begin,
                               .wrote = own,
                               .other_field = strcmp(what, other) != 0,
                               .other = other,
                               .object = a->object};
    }
    c->many |= c->object != a->object;
    c->threads |= 1ul << a->head.thread % 64;
    c->aborts++;
    c->lost += a->lost;
    if (a->retries > c->most_retries)
        c->most_retries = a->retries;
    r->aborts++;
    r->lost += a->lost;
}

static uint64_t longest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void add_inevitable(struct report *r, const struct ungil_log_INEVITABLE *i)
{
    const struct ungil_log_NAME *why = log_name(&r->log, i->head.thread, i->why);
    struct place *at = place_of(r, i->head.thread, i->at);
    const char *text = why ? log_text(why) : "?";
    struct turned *t = group(r, arena_printf(&r->arena, "i%s|%p", text, (void *)at), sizeof *t, &r->turned,
                             &r->nturned, &r->cturned);
    t->why = text;
    t->at = at;
    t->count++;
    t->lasted += i->lasted;
    t->waited += i->waited;
    t->longest = longest(t->longest, i->lasted);
}

static void add_wait(struct report *r, const struct ungil_log_WAIT *i)
{
    const struct ungil_log_NAME *state = run_name(r, UNGIL_LOG_STATE, i->state);
    struct place *at = place_of(r, i->head.thread, i->at);
    struct waiting *w = group(r, arena_printf(&r->arena, "w%u|%p", i->state, (void *)at), sizeof *w,
                              &r->waiting, &r->nwaiting, &r->cwaiting);
    w->state = state ? log_text(state) : "?";
    w->meaning = state ? log_text2(state) : "waiting";
    w->at = at;
    w->count++;
    w->lasted += i->lasted;
    w->longest = longest(w->longest, i->lasted);
}

static void add_stop(struct report *r, const struct ungil_log_STOP *i)
{
    const struct ungil_log_NAME *why = log_name(&r->log, i->head.thread, i->why);
    struct place *at = place_of(r, i->head.thread, i->at);
    const char *text = why ? log_text(why) : "?";
    struct stop *s = group(r, arena_printf(&r->arena, "s%s|%p", text, (void *)at), sizeof *s, &r->stops,
                           &r->nstops, &r->cstops);
    s->why = text;
    s->at = at;
    s->count++;
    s->stopping += i->stopping;
    s->stopped += i->stopped;
    s->longest = longest(s->longest, i->stopping + i->stopped);
}

static void add_thread(struct report *r, const struct ungil_log_THREAD *t)
{
    ptr_push(&r->threads, &r->nthreads, &r->cthreads, (void *)t);
    r->commits += t->commits;
    r->all_aborts += t->aborts;
    r->life += t->life;
}

/* Sorts pointers: more first; what is equal stays as it came. */
#define MORE(name, type, member)                                                                             \
    static int name(const void *a, const void *b)                                                            \
    {                                                                                                        \
        const type *x = *(type *const *)a, *y = *(type *const *)b;                                           \
        return x->member != y->member   ? (x->member < y->member ? 1 : -1)                                   \
               : x->count_ != y->count_ ? (x->count_ < y->count_ ? 1 : -1)                                   \
                                        : 0;                                                                 \
    }
#define count_ aborts
MORE(costlier, struct conflict, lost)
#undef count_
#define count_ count
MORE(longer_turned, struct turned, lasted)
MORE(longer_waiting, struct waiting, lasted)
MORE(longer_stop, struct stop, stopped)
#undef count_

static int by_number(const void *a, const void *b)
{
    uint32_t x = (*(const struct ungil_log_THREAD *const *)a)->head.thread,
             y = (*(const struct ungil_log_THREAD *const *)b)->head.thread;
    return (x > y) - (x < y);
}

static void sort(void *v, unsigned n, int (*by)(const void *, const void *))
{
    if (n)
        qsort(v, n, sizeof(void *), by);
}

static void add_up(struct report *r)
{
    for (unsigned i = 0; i < r->log.nrecords; i++) {
        const void *e = r->log.v[i];
        switch (r->log.v[i]->kind) {
        case UNGIL_LOG_ABORT:
            add_abort(r, e);
            break;
        case UNGIL_LOG_INEVITABLE:
            add_inevitable(r, e);
            break;
        case UNGIL_LOG_WAIT:
            add_wait(r, e);
            break;
        case UNGIL_LOG_STOP:
            add_stop(r, e);
            break;
        case UNGIL_LOG_THREAD:
            add_thread(r, e);
            break;
        default:
            break;
        }
    }
    sort(r->conflicts, r->nconflicts, costlier);
    sort(r->turned, r->nturned, longer_turned);
    sort(r->waiting, r->nwaiting, longer_waiting);
    sort(r->stops, r->nstops, longer_stop);
    sort(r->threads, r->nthreads, by_number);
}

/* ---- the command */

int conflicts_main(int argc, char **argv)
{
    enum { TOP = 256, ALL, JSON, RAW };
    static const struct option longs[] = {
        {"top", required_argument, NULL, TOP}, {"all", no_argument, NULL, ALL},
        {"json", no_argument, NULL, JSON},     {"raw", no_argument, NULL, RAW},
        {"help", no_argument, NULL, 'h'},      {0}};
    struct report r = {.top = 10};
    bool json = false, raw = false;
    char *end;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":h", longs, NULL)) != -1;)
        switch (c) {
        case TOP:
            r.top = (unsigned)strtoul(optarg, &end, 10);
            if (end == optarg || *end || *optarg == '-' || !r.top) {
                fprintf(stderr, "ungil: error: --top needs a number, not '%s'\n", optarg);
                return 2;
            }
            break;
        case ALL:
            r.top = UINT32_MAX;
            break;
        case JSON:
            json = true;
            break;
        case RAW:
            raw = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fprintf(stderr, "ungil: error: option '%s'; try ungil conflicts --help\n", argv[optind - 1]);
            return 2;
        }
    if (optind + 1 != argc) {
        fputs(usage, stderr);
        return 2;
    }
    int rc = log_read(&r.log, argv[optind]);
    if (!rc) {
        if (r.log.cut)
            fprintf(stderr, "%s: note: the file is cut; what is there is shown\n", r.log.file);
        if (raw) {
            conflicts_raw(stdout, &r.log);
        } else {
            add_up(&r);
            sites_find(&r);
            (json ? conflicts_json : conflicts_text)(stdout, &r);
        }
        if (fflush(stdout) || ferror(stdout)) {
            fputs("ungil: error: cannot write to standard output\n", stderr);
            rc = 2;
        } else {
            rc = r.log.bad != 0;
        }
    }
    free(r.places);
    free(r.conflicts);
    free(r.turned);
    free(r.waiting);
    free(r.stops);
    free(r.threads);
    map_free(&r.places_by_name);
    map_free(&r.groups);
    arena_free(&r.arena);
    log_free(&r.log);
    return rc;
}
