/* count.c - the counting build: executed barriers per site, and the two bounds that placement is measured
 * against.
 *
 * Code translated with --count passes the pointer of each access through stm_count_at, before the barrier.
 * Barriers are attached to accesses, and a site knows which barrier it had after each pass; so one run
 * yields what naive placement, each pass's result and the final placement would have executed.
 *
 * The bounds (translator.md, "Measures of optimality"): the distinct pairs of a function's activation, or of
 * a transaction, and an object.  A pair counts as a write when the object is written in that scope, else as
 * a read.  Objects allocated in the running transaction, immutable fields, and reads once the transaction is
 * inevitable are left out, since no barrier is ever needed for them.  When a transaction ends, both scopes
 * start anew.  An object is the owner that the start map knows; a static that is no object counts by
 * granule.
 *
 * Pairs lie in a log in order of arrival with an open-addressing table over it.  Activations nest, so the
 * pairs of those that ended are always the newest: taking the log's end off, newest first, leaves the table
 * as it was before they came, and no tombstones are needed.  Where longjmp or an abort skips the end of an
 * activation, the next sign of life of an outer one (a smaller id) takes its pairs off.  So memory is
 * bounded by what the running transaction and the activations on the stack touched.
 *
 * Everything executed counts, aborted attempts too: each attempt is a transaction of its own.  Accesses
 * whose address turns out not to be a reference are told apart (`raw`): their barrier was one compare. */
#include "runtime.h"
#include "ungil_count.h"

#include <errno.h>

extern const struct stm_site __start_ungil_sites[] __attribute__((weak, visibility("hidden")));
extern const struct stm_site __stop_ungil_sites[] __attribute__((weak, visibility("hidden")));

/* ---- pairs */

enum { PAIR_READ, PAIR_WRITTEN, PAIR_FRESH };

struct pair {
    uptr scope, object;
    uint32_t slot;
    unsigned char state;
};
struct bound {
    unsigned long read, write;
};

struct pairs {
    struct pair *at;
    size_t n, cap;
    uint32_t *slots;
    size_t nslots; /* index in at, plus 1; 0: empty; a power of two */
    struct bound bound;
};

static size_t hash(uptr scope, uptr object)
{
    uptr h = (object >> 4 ^ object << 40 ^ scope * 0x9e3779b97f4a7c15ul) * 0xd6e8feb86659fd93ul;
    return h >> 20;
}

/* The slot of the pair, or the empty one where it would go. */
static size_t find_slot(const struct pairs *v, uptr scope, uptr object)
{
    size_t i = hash(scope, object) & (v->nslots - 1);
    for (; v->slots[i]; i = (i + 1) & (v->nslots - 1)) {
        const struct pair *p = &v->at[v->slots[i] - 1];
        if (p->scope == scope && p->object == object)
            break;
    }
    return i;
}

static void grow_slots(struct pairs *v)
{
    free(v->slots);
    v->nslots = v->nslots ? v->nslots * 2 : 1024;
    v->slots = stmi_calloc(v->nslots, sizeof *v->slots);
    for (size_t i = 0; i < v->n; i++) { /* in order of arrival, so that they can leave in the opposite one */
        size_t s = find_slot(v, v->at[i].scope, v->at[i].object);
        v->at[i].slot = (uint32_t)s;
        v->slots[s] = (uint32_t)i + 1;
    }
}

static struct pair *get(struct pairs *v, uptr scope, uptr object)
{
    if (!v->n)
        return NULL;
    size_t s = find_slot(v, scope, object);
    return v->slots[s] ? &v->at[v->slots[s] - 1] : NULL;
}

static void put(struct pairs *v, uptr scope, uptr object, int state)
{
    if (v->n * 2 >= v->nslots)
        grow_slots(v);
    size_t s = find_slot(v, scope, object);
    stmi_push(v, (struct pair){scope, object, (uint32_t)s, (unsigned char)state});
    v->slots[s] = (uint32_t)v->n;
}

static void take_newest(struct pairs *v)
{
    v->slots[v->at[--v->n].slot] = 0;
}

static void note(struct pairs *v, uptr scope, uptr object, bool write)
{
    struct pair *p = get(v, scope, object);
    if (!p) {
        put(v, scope, object, write ? PAIR_WRITTEN : PAIR_READ);
        *(write ? &v->bound.write : &v->bound.read) += 1;
    } else if (write && p->state == PAIR_READ) {
        p->state = PAIR_WRITTEN;
        v->bound.read--;
        v->bound.write++;
    }
}

/* ---- threads */

struct hits {
    unsigned long shared, raw, fresh;
}; /* fresh: of shared, met an object allocated in the transaction */

struct counter {
    struct counter *next;
    struct hits *hits; /* by site */
    struct pairs activation, transaction;
    unsigned long ends;    /* transactions that the thread has ended, as seen last */
    unsigned long entered; /* activations; the last one's id */
    unsigned long checks;  /* whether the transaction has ended */
};

static struct counter *counters; /* of all threads that ever were */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local struct counter *mine;

static size_t nsites(void)
{
    return (size_t)(__stop_ungil_sites - __start_ungil_sites);
}

static struct counter *me(void)
{
    if (stm_likely(mine != NULL))
        return mine;
    int err = errno;
    struct counter *c = stmi_calloc(1, sizeof *c);
    c->hits = stmi_calloc(nsites() + 1, sizeof *c->hits);
    pthread_mutex_lock(&lock);
    c->next = counters;
    counters = c;
    pthread_mutex_unlock(&lock);
    errno = err;
    return mine = c;
}

/* Drops what belongs to activations from id on. */
static void drop_from(struct pairs *v, uptr id)
{
    while (v->n && v->at[v->n - 1].scope >= id)
        take_newest(v);
}

void stm_count_check(void)
{
    me()->checks++;
}

stm_uptr stm_count_enter(void)
{
    return ++me()->entered;
}

void stm_count_leave(struct stm_activation *a)
{
    drop_from(&me()->activation, a->id);
}

/* Both scopes start anew where a transaction of this thread has ended. */
static void follow_transaction(struct counter *c, const struct stmi_thread *t)
{
    unsigned long ends = t->stats.commits;
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        ends += t->stats.aborts[i];
    if (ends == c->ends)
        return;
    c->ends = ends;
    drop_from(&c->activation, 0);
    drop_from(&c->transaction, 0);
}

/* Was r allocated in the running transaction?  Fresh memory passes the write barrier, so few others get to
 * the search. */
static bool is_fresh(struct counter *c, const struct stmi_seg *s, uptr r)
{
    uptr key = (r & ~(uptr)15) | 1; /* no object's address */
    if (r - STM_HEAP_BASE >= STM_HEAP_MAX || !stm_is_written_(r))
        return false;
    if (stmi_in_large(r))
        return stmi_is_fresh(s, r);
    if (get(&c->transaction, 0, key))
        return true;
    if (!stmi_is_fresh(s, r))
        return false;
    put(&c->transaction, 0, key, PAIR_FRESH);
    return true;
}

static uptr owner_of(const struct stmi_seg *s, uptr r)
{
    struct stmi_object o;
    if (r - STM_HEAP_BASE < STM_HEAP_MAX)
        return stmi_find(r, (ptrdiff_t)s->base, &o) ? o.ref : r & ~(uptr)15;
    const struct stm_static *st = stmi_static_find(r);
    return st && st->flags & STM_STATIC_OBJECT ? (uptr)st->addr : r & ~(uptr)15;
}

stm_uptr stm_count_at(const struct stm_site *site, const struct stm_activation *a, stm_uptr p)
{
    struct counter *c = me();
    struct hits *h = &c->hits[site - __start_ungil_sites];
    const struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || !stm_is_ref_(p)) {
        h->raw++;
        return p;
    }
    h->shared++;
    follow_transaction(c, t);
    if (site->flags & STM_SITE_IMMUTABLE)
        return p;
    if (site->flags & STM_SITE_MOVED) {
        h->fresh += is_fresh(c, t->seg, p);
        return p;
    }
    if (is_fresh(c, t->seg, p)) {
        h->fresh++;
        return p;
    }
    int err = errno;
    uptr owner = owner_of(t->seg, p);
    bool write = site->kind != STM_SITE_READ;
    drop_from(&c->activation, a->id + 1);
    if (!write && t->self->inevitable) { /* nobody commits meanwhile: no barrier is needed */
        errno = err;
        return p;
    }
    note(&c->activation, a->id, owner, write);
    note(&c->transaction, 0, owner, write);
    errno = err;
    return p;
}

/* ---- the report */

enum { MAX_PASSES = 32, SHOWN = 20 };

struct report {
    struct hits *hits; /* of all threads */
    struct bound accesses, raw, fresh, after[MAX_PASSES], activation, transaction;
    const char *name[MAX_PASSES];
    int name_n[MAX_PASSES], passes; /* 0: naive placement */
    unsigned long activations, transactions, aborts, checks;
};

static void pass_names(struct report *r, const char *s)
{
    while (s && *s && r->passes < MAX_PASSES) {
        size_t n = strcspn(s, ",");
        r->name[r->passes] = s;
        r->name_n[r->passes++] = (int)n;
        s += n + (s[n] == ',');
    }
}

static void add(struct bound *b, bool write, unsigned long n)
{
    *(write ? &b->write : &b->read) += n;
}

static void sum_up(struct report *r)
{
    const struct stm_site *sites = __start_ungil_sites;
    size_t n = nsites();
    r->hits = stmi_calloc(n + 1, sizeof *r->hits);
    pthread_mutex_lock(&lock);
    for (struct counter *c = counters; c; c = c->next) {
        for (size_t i = 0; i < n; i++) {
            r->hits[i].shared += c->hits[i].shared;
            r->hits[i].raw += c->hits[i].raw;
            r->hits[i].fresh += c->hits[i].fresh;
        }
        add(&r->activation, false, c->activation.bound.read);
        add(&r->activation, true, c->activation.bound.write);
        add(&r->transaction, false, c->transaction.bound.read);
        add(&r->transaction, true, c->transaction.bound.write);
        r->activations += c->entered;
        r->checks += c->checks;
    }
    pthread_mutex_unlock(&lock);
    if (n)
        pass_names(r, sites[0].passes);
    for (size_t i = 0; i < n; i++) {
        bool write = sites[i].kind != STM_SITE_READ;
        if (!(sites[i].flags & STM_SITE_MOVED)) {
            add(&r->accesses, write, r->hits[i].shared);
            add(&r->raw, write, r->hits[i].raw);
        }
        if (r->passes && sites[i].after[r->passes - 1] != '-')
            add(&r->fresh, sites[i].after[r->passes - 1] == 'w', r->hits[i].fresh);
        for (int p = 0; p < r->passes && sites[i].after[p]; p++)
            if (sites[i].after[p] != '-')
                add(&r->after[p], sites[i].after[p] == 'w', r->hits[i].shared);
    }
    struct stmi_stats st;
    stmi_stats_sum(&st);
    r->transactions = st.commits;
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        r->aborts += st.aborts[i];
}

static void print_string(FILE *out, const char *s)
{
    if (!s) {
        fputs("null", out);
        return;
    }
    putc('"', out);
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            fprintf(out, "\\u%04x", (unsigned char)*s);
        else
            putc(*s, out);
    putc('"', out);
}

static void json_bound(FILE *out, const char *name, const struct bound *b)
{
    fprintf(out, "\"%s\": {\"read\": %lu, \"write\": %lu}, ", name, b->read, b->write);
}

/* The counts as one object, on one line. */
static void print_summary(FILE *out, const struct report *r)
{
    putc('{', out);
    json_bound(out, "accesses", &r->accesses);
    json_bound(out, "naive", &r->after[0]);
    fputs("\"passes\": [", out);
    for (int p = 1; p < r->passes; p++)
        fprintf(out, "%s{\"name\": \"%.*s\", \"read\": %lu, \"write\": %lu}", p > 1 ? ", " : "", r->name_n[p],
                r->name[p], r->after[p].read, r->after[p].write);
    fputs("], ", out);
    json_bound(out, "final", &r->after[r->passes ? r->passes - 1 : 0]);
    json_bound(out, "activation_bound", &r->activation);
    json_bound(out, "transaction_bound", &r->transaction);
    json_bound(out, "raw", &r->raw);
    json_bound(out, "final_on_fresh", &r->fresh);
    fprintf(out, "\"checks\": %lu, \"activations\": %lu, \"transactions\": %lu, \"aborts\": %lu}", r->checks,
            r->activations, r->transactions, r->aborts);
}

static const char *const kind_name[] = {"read", "write", "update"};

/* The summary on the first line, then the sites, one on a line, in link order. */
static void print_json(FILE *out, const struct report *r)
{
    const struct stm_site *sites = __start_ungil_sites;
    fputs("{\"summary\": ", out);
    print_summary(out, r);
    fputs(",\n\"sites\": [\n", out);
    for (size_t i = 0, n = nsites(); i < n; i++) {
        const struct stm_site *s = &sites[i];
        fputs("{\"file\": ", out);
        print_string(out, s->file);
        fprintf(out, ", \"line\": %u, \"col\": %u, \"function\": ", s->line, s->col);
        print_string(out, s->function);
        fputs(", \"field\": ", out);
        print_string(out, s->field);
        fprintf(out,
                ", \"kind\": \"%s\", \"immutable\": %s, \"moved\": %s, \"after\": \"%s\", \"executed\": %lu, "
                "\"raw\": %lu, \"fresh\": %lu}%s\n",
                kind_name[s->kind], s->flags & STM_SITE_IMMUTABLE ? "true" : "false",
                s->flags & STM_SITE_MOVED ? "true" : "false", s->after, r->hits[i].shared, r->hits[i].raw,
                r->hits[i].fresh, i + 1 < n ? "," : "");
    }
    fputs("]}\n", out);
}

static void text_row(FILE *out, const char *name, int n, const struct bound *b)
{
    fprintf(out, "  %-20.*s %14lu %14lu\n", n, name, b->read, b->write);
}

/* The site with the most barriers executed among those not shown yet; shown ones have no hits. */
static const struct stm_site *busiest(const struct report *r)
{
    const struct stm_site *best = NULL;
    size_t n = nsites();
    for (size_t i = 0; i < n; i++) {
        const struct stm_site *s = &__start_ungil_sites[i];
        if (r->hits[i].shared && s->after[r->passes - 1] != '-' &&
            (!best || r->hits[i].shared > r->hits[best - __start_ungil_sites].shared))
            best = s;
    }
    return best;
}

static void print_text(FILE *out, const struct report *r)
{
    fprintf(out, "ungil: counts of %lu transactions, %lu aborted attempts, %lu activations\n",
            r->transactions, r->aborts, r->activations);
    fprintf(out, "  %-20s %14s %14s\n", "", "read", "write");
    text_row(out, "accesses", 8, &r->accesses);
    text_row(out, "  not to references", 19, &r->raw);
    for (int p = 0; p < r->passes; p++)
        text_row(out, p ? r->name[p] : "barriers, naive", p ? r->name_n[p] : 15, &r->after[p]);
    if (r->passes)
        text_row(out, "barriers, final", 15, &r->after[r->passes - 1]);
    text_row(out, "  on fresh objects", 18, &r->fresh);
    fprintf(out, "  %-20s %14lu\n", "checks", r->checks);
    text_row(out, "activation bound", 16, &r->activation);
    text_row(out, "transaction bound", 17, &r->transaction);
    const struct stm_site *s;
    for (int i = 0; i < SHOWN && r->passes && (s = busiest(r)); i++) {
        struct hits *h = &r->hits[s - __start_ungil_sites];
        fprintf(out, "  %14lu %s barriers  %s:%u:%u: %s%s%s\n", h->shared,
                s->after[r->passes - 1] == 'w' ? "write" : "read", s->file, s->line, s->col, s->function,
                s->field ? ": " : "", s->field ? s->field : "");
        h->shared = 0;
    }
}

static const char *to; /* of the environment, which the program may change */
static void __attribute__((constructor)) start(void)
{
    to = getenv("STM_COUNT");
}

/* STM_COUNT: text or json (the summary) to standard error, none, or a file for summary and sites; default
 * text. */
static void __attribute__((destructor)) report(void)
{
    struct report r = {0};
    if (to && !strcmp(to, "none"))
        return;
    sum_up(&r);
    if (!to || !*to || !strcmp(to, "text")) {
        print_text(stderr, &r);
    } else if (!strcmp(to, "json")) {
        print_summary(stderr, &r);
        putc('\n', stderr);
    } else {
        FILE *f = fopen(to, "w");
        if (!f) {
            stmi_warn("cannot write STM_COUNT file %s: %s", to, strerror(errno));
        } else {
            print_json(f, &r);
            fclose(f);
        }
    }
    free(r.hits);
}
