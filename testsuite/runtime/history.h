/* history.h - recorded histories of transactions, and whether some order of them explains what each saw.
 *
 * Every write makes a version of its own, so a record says exactly which transaction each read read from,
 * and which version each write replaced.  The checker builds the serialization graph of Adya, Liskov and
 * O'Neil, "Generalized Isolation Level Definitions", ICDE 2000:
 *
 *   wr  the writer of a version precedes its readers
 *   ww  the writer of a version precedes the one that replaced it
 *   rw  the reader of a version precedes the one that replaced it
 *
 * and, for strictness, who had ended before another began precedes it, through a chain of nodes that stand
 * for points in time.  No cycle: the history is serializable.  Attempts that were aborted, or still run, are
 * in the graph as well, as readers only: no cycle then means that none of them saw what no state ever was
 * (opacity: Guerraoui and Kapalka, "On the Correctness of Transactional Memory", PPoPP 2008).  Two that
 * replaced the same version, and a read of a version that nobody committed, are said directly. */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t unit_id;
typedef uint64_t version_id; /* 0: the initial one; else unique in the history */

struct seen {
    unit_id unit;
    version_id version;
};
struct made {
    unit_id unit;
    version_id version, before;
};

struct attempt {
    bool committed;
    uint64_t begin,
        end; /* points in time, all different: not after it began; not before it had ended (committed ones) */
    struct seen *seen;
    size_t nseen, capseen;
    struct made *made;
    size_t nmade, capmade;
};
struct history {
    struct attempt *at;
    size_t n, cap;
};

static void *history_more(void *at, size_t *cap, size_t item)
{
    *cap = *cap ? *cap * 2 : 8;
    at = realloc(at, *cap * item);
    if (!at)
        abort();
    return at;
}

/* ---- recording; an attempt's history is its own thread's until it is joined with the others' */

static inline struct attempt *history_attempt(struct history *h, uint64_t begin)
{
    if (h->n == h->cap)
        h->at = history_more(h->at, &h->cap, sizeof *h->at);
    struct attempt *a = &h->at[h->n++];
    *a = (struct attempt){.begin = begin};
    return a;
}

/* What a attempt wrote itself says nothing of others. */
static inline void history_read(struct attempt *a, unit_id unit, version_id version)
{
    for (size_t i = 0; i < a->nmade; i++)
        if (a->made[i].unit == unit && a->made[i].version == version)
            return;
    if (a->nseen == a->capseen)
        a->seen = history_more(a->seen, &a->capseen, sizeof *a->seen);
    a->seen[a->nseen++] = (struct seen){unit, version};
}

/* Only the last version that an attempt made of a unit is ever seen by others. */
static inline void history_write(struct attempt *a, unit_id unit, version_id version, version_id before)
{
    for (size_t i = 0; i < a->nmade; i++)
        if (a->made[i].unit == unit && a->made[i].version == before) {
            a->made[i].version = version;
            return;
        }
    if (a->nmade == a->capmade)
        a->made = history_more(a->made, &a->capmade, sizeof *a->made);
    a->made[a->nmade++] = (struct made){unit, version, before};
}

static inline void history_commit(struct attempt *a, uint64_t end)
{
    a->committed = true;
    a->end = end;
}

static inline void history_free(struct history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free(h->at[i].seen);
        free(h->at[i].made);
    }
    free(h->at);
    *h = (struct history){0};
}

/* Moves all of `from` behind `to`. */
static inline void history_join(struct history *to, struct history *from)
{
    for (size_t i = 0; i < from->n; i++)
        *history_attempt(to, 0) = from->at[i];
    free(from->at);
    *from = (struct history){0};
}

/* ---- checking */

enum { NOBODY = UINT32_MAX };
struct version {
    unit_id unit;
    version_id version;
    uint32_t writer, replaced_by;
    bool used;
};
struct edges {
    uint32_t *from, *to;
    size_t n, cap, capto;
};
struct check {
    const struct history *h;
    struct version *table;
    size_t size; /* a power of two */
    struct edges edges;
    char *say;
    size_t room;
};

static bool complain(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool complain(struct check *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->say, c->room, fmt, ap);
    va_end(ap);
    return false;
}

/* The entry of a version, or the empty one where it would go. */
static struct version *version_at(struct check *c, unit_id unit, version_id version)
{
    uint64_t h = (unit * 0x9e3779b97f4a7c15u ^ version) * 0xd6e8feb86659fd93u;
    for (size_t i = h >> 20;; i++) {
        struct version *v = &c->table[i & (c->size - 1)];
        if (!v->used || (v->unit == unit && v->version == version))
            return v;
    }
}

static struct version *version_new(struct check *c, unit_id unit, version_id version)
{
    struct version *v = version_at(c, unit, version);
    if (!v->used)
        *v = (struct version){unit, version, NOBODY, NOBODY, true};
    return v;
}

static void edge(struct check *c, uint32_t from, uint32_t to)
{
    struct edges *e = &c->edges;
    if (from == NOBODY || to == NOBODY || from == to)
        return;
    if (e->n == e->cap) {
        e->from = history_more(e->from, &e->cap, sizeof *e->from);
        e->to = history_more(e->to, &e->capto, sizeof *e->to);
    }
    e->from[e->n] = from;
    e->to[e->n++] = to;
}

static bool enter_writers(struct check *c)
{
    for (uint32_t i = 0; i < c->h->n; i++) {
        const struct attempt *a = &c->h->at[i];
        for (size_t k = 0; a->committed && k < a->nmade; k++) {
            struct version *v = version_new(c, a->made[k].unit, a->made[k].version),
                           *was = version_new(c, a->made[k].unit, a->made[k].before);
            if (v->writer != NOBODY || !a->made[k].version)
                return complain(c, "version %lx of unit %u was made twice", (unsigned long)v->version,
                                v->unit);
            if (was->replaced_by != NOBODY)
                return complain(c, "lost update: transactions %u and %u both replaced version %lx of unit %u",
                                was->replaced_by, i, (unsigned long)was->version, was->unit);
            v->writer = i;
            was->replaced_by = i;
        }
    }
    return true;
}

/* Edges from and to attempt i by what it read and wrote. */
static bool enter_dependencies(struct check *c, uint32_t i)
{
    const struct attempt *a = &c->h->at[i];
    for (size_t k = 0; k < a->nseen; k++) {
        const struct version *v = version_at(c, a->seen[k].unit, a->seen[k].version);
        if (v->used ? v->writer == NOBODY && v->version : a->seen[k].version != 0)
            return complain(c, "transaction %u%s read version %lx of unit %u, which nobody committed", i,
                            a->committed ? "" : " (aborted)", (unsigned long)a->seen[k].version,
                            a->seen[k].unit);
        if (v->used) {
            edge(c, v->writer, i);
            edge(c, i, v->replaced_by);
        }
    }
    for (size_t k = 0; a->committed && k < a->nmade; k++) {
        const struct version *was = version_at(c, a->made[k].unit, a->made[k].before);
        if (was->version && was->writer == NOBODY)
            return complain(c, "transaction %u replaced version %lx of unit %u, which nobody committed", i,
                            (unsigned long)was->version, was->unit);
        edge(c, was->writer, i);
    }
    return true;
}

struct moment {
    uint64_t time;
    uint32_t attempt;
    bool end;
};
static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time;
}

/* Nodes from h->n on are points in time, in order. */
static uint32_t enter_times(struct check *c)
{
    uint32_t n = (uint32_t)c->h->n, k = 0;
    struct moment *m = calloc(2 * (size_t)n + 1, sizeof *m);
    for (uint32_t i = 0; m && i < n; i++) {
        m[k++] = (struct moment){c->h->at[i].begin, i, false};
        if (c->h->at[i].committed)
            m[k++] = (struct moment){c->h->at[i].end, i, true};
    }
    if (!m)
        abort();
    qsort(m, k, sizeof *m, by_time);
    for (uint32_t i = 0; i < k; i++) {
        if (i)
            edge(c, n + i - 1, n + i);
        if (m[i].end)
            edge(c, m[i].attempt, n + i);
        else
            edge(c, n + i, m[i].attempt);
    }
    free(m);
    return n + k;
}

/* Depth first; on the way are the nodes of `path`.  True if there is no cycle. */
static bool acyclic(struct check *c, uint32_t nodes)
{
    struct edges *e = &c->edges;
    uint32_t *first = calloc((size_t)nodes + 2, sizeof *first), *to = calloc(e->n + 1, sizeof *to);
    uint32_t *path = calloc((size_t)nodes + 1, sizeof *path), *next = calloc((size_t)nodes + 1, sizeof *next);
    unsigned char *color = calloc((size_t)nodes + 1, 1);
    bool ok = true;
    if (!first || !to || !path || !next || !color)
        abort();
    for (size_t i = 0; i < e->n; i++)
        first[e->from[i] + 2]++;
    for (uint32_t i = 2; i < nodes + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < e->n; i++)
        to[first[e->from[i] + 1]++] = e->to[i];
    for (uint32_t root = 0; ok && root < nodes; root++) {
        uint32_t depth = 0;
        if (color[root])
            continue;
        path[0] = root, next[root] = first[root], color[root] = 1;
        while (ok && depth != NOBODY) {
            uint32_t at = path[depth];
            if (next[at] == first[at + 1]) {
                color[at] = 2;
                depth--;
                continue;
            }
            uint32_t n = to[next[at]++];
            if (color[n] == 0) {
                path[++depth] = n, next[n] = first[n], color[n] = 1;
            } else if (color[n] == 1) {
                size_t used = (size_t)snprintf(c->say, c->room, "cycle:");
                ok = false;
                do
                    if (path[depth] < c->h->n && used < c->room)
                        used += (size_t)snprintf(c->say + used, c->room - used, " %u%s", path[depth],
                                                 c->h->at[path[depth]].committed ? "" : " (aborted)");
                while (path[depth--] != n);
            }
        }
    }
    free(first), free(to), free(path), free(next), free(color);
    return ok;
}

/* Is the history strictly serializable, and opaque?  If not, `say` has a sentence on it. */
static bool history_check(const struct history *h, char *say, size_t room)
{
    struct check c = {.h = h, .say = say, .room = room, .size = 64};
    size_t made = 0;
    for (size_t i = 0; i < h->n; i++)
        made += h->at[i].committed ? h->at[i].nmade : 0;
    while (c.size < 4 * made + 4)
        c.size *= 2;
    c.table = calloc(c.size, sizeof *c.table);
    if (!c.table)
        abort();
    bool ok = enter_writers(&c);
    for (uint32_t i = 0; ok && i < h->n; i++)
        ok = enter_dependencies(&c, i);
    ok = ok && acyclic(&c, enter_times(&c));
    free(c.table), free(c.edges.from), free(c.edges.to);
    return ok;
}

#endif
