/* out.c - the report as text and JSON, and the records as they are. */
#include "conflicts/report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "source/lines.h"

static double ms(const struct report *r, uint64_t ticks)
{
    return (double)ticks * r->log.us * 1e-3;
}
static double percent(uint64_t part, uint64_t all)
{
    return all ? 100.0 * (double)part / (double)all : 0;
}

/* ---- text */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The line of the program's text; null if it is not there (any more). */
static const char *source_line(struct report *r, const struct site *s)
{
    unsigned n;
    char **lines = s->file && *s->file && s->line ? lines_read(s->file, &n) : NULL;
    const char *found = NULL;
    if (lines && s->line <= n) {
        const char *p = lines[s->line - 1];
        p += strspn(p, " \t");
        found = arena_printf(&r->arena, "%.70s", p);
    }
    if (lines)
        lines_free(lines, n);
    return found;
}

static const char *c_place(struct report *r, const struct place *p)
{
    if (p->c.file)
        return arena_printf(&r->arena, "%s:%u%s%s", base_name(p->c.file), p->c.line,
                            p->c.function ? " in " : "", p->c.function ? p->c.function : "");
    const char *module = p->module_name ? base_name(p->module_name) : "?";
    if (p->c.function)
        return arena_printf(&r->arena, "%s+0x%lx in %s", module, (unsigned long)p->offset, p->c.function);
    return p->module ? arena_printf(&r->arena, "%s+0x%lx", module, (unsigned long)p->offset) : "";
}

static bool is_said(const struct place *p)
{
    return *p->said.file || *p->said.function;
}

static void text_place(FILE *out, struct report *r, const char *label, const struct place *p)
{
    if (!p)
        return;
    const char *c = c_place(r, p);
    const char *line = source_line(r, is_said(p) ? &p->said : &p->c);
    fprintf(out, "             %-12s", label);
    if (is_said(p)) {
        fputs(p->said.file, out);
        if (p->said.line)
            fprintf(out, ":%u", p->said.line);
        if (*p->said.function)
            fprintf(out, "%s%s", *p->said.file ? " in " : "", p->said.function);
        if (*c)
            fprintf(out, "  [%s]", c);
    } else {
        fputs(c, out);
    }
    fputc('\n', out);
    if (line && *line)
        fprintf(out, "             %-12s    %s\n", "", line);
}

static unsigned bits(uint64_t x)
{
    return (unsigned)__builtin_popcountll(x);
}

static void text_conflict(FILE *out, struct report *r, const struct conflict *c)
{
    const char *hints[8];
    fprintf(out, "%9.3f ms %5.1f %% %7u %s, %u thread%s: %s\n", ms(r, c->lost), percent(c->lost, r->lost),
            c->aborts, c->aborts == 1 ? "abort" : "aborts", bits(c->threads),
            bits(c->threads) == 1 ? "" : "s", c->meaning);
    if (*c->what)
        fprintf(out, "             %-12s%s%s%s\n", "location", c->what,
                c->other_field ? "; the loser wrote " : "", c->other_field ? c->other : "");
    text_place(out, r, "written at", c->winner);
    text_place(out, r, c->wrote ? "and at" : "ended at", c->loser);
    if (c->begin && c->begin != c->loser)
        text_place(out, r, "begun at", c->begin);
    unsigned n = conflict_hints(r, c, hints, 8);
    for (unsigned i = 0; i < n; i++)
        fprintf(out, "             %-12s%s\n", i ? "" : "note", hints[i]);
}

static void more(FILE *out, unsigned n, unsigned top)
{
    if (n > top)
        fprintf(out, "  and %u more (--all)\n", n - top);
}

static void text_head(FILE *out, struct report *r)
{
    const struct ungil_log_header *h = r->log.header;
    double run = r->log.guessed ? 0 : (double)(h->ns1 - h->ns0) * 1e-9;
    fprintf(out, "%s: %s, process %u%s, %u segment%s, %.3f s\n", r->log.file,
            *h->program ? base_name(h->program) : "?", h->pid, h->parent ? " (a forked child)" : "",
            h->segments, h->segments == 1 ? "" : "s", run);
    if (!h->ended)
        fputs("  the process did not come to its exit (killed, or still running): sums are of the threads "
              "that ended\n",
              out);
    if (r->log.guessed)
        fputs("  it ended too soon to tell how fast its clock runs: times are for 2 GHz\n", out);
    if (h->dropped)
        fprintf(out, "  %lu events had no room (STM_LOG_SIZE)\n", (unsigned long)h->dropped);
    fprintf(out, "  %u thread%s: %lu transactions committed, %lu aborts (%.1f %% of all attempts)\n",
            r->nthreads, r->nthreads == 1 ? "" : "s", (unsigned long)r->commits, (unsigned long)r->all_aborts,
            percent(r->all_aborts, r->all_aborts + r->commits));
    fprintf(out, "  %.3f ms lost to %u recorded aborts, %.1f %% of the threads' time\n", ms(r, r->lost),
            r->aborts, percent(r->lost, r->life));
}

void conflicts_text(FILE *out, struct report *r)
{
    text_head(out, r);
    fprintf(out, "\naborts, by what they lost%s\n", r->nconflicts ? "" : ": none");
    for (unsigned i = 0; i < r->nconflicts && i < r->top; i++)
        text_conflict(out, r, r->conflicts[i]);
    more(out, r->nconflicts, r->top);
    fprintf(out, "\ninevitable transactions, by how long they lasted%s\n", r->nturned ? "" : ": none");
    for (unsigned i = 0; i < r->nturned && i < r->top; i++) {
        const struct turned *t = r->turned[i];
        fprintf(out, "%9.3f ms %7u times, longest %.3f ms, waited %.3f ms: %s\n", ms(r, t->lasted), t->count,
                ms(r, t->longest), ms(r, t->waited), t->why);
        text_place(out, r, "at", t->at);
    }
    more(out, r->nturned, r->top);
    fprintf(out, "\nwaits%s\n", r->nwaiting ? "" : ": none");
    for (unsigned i = 0; i < r->nwaiting && i < r->top; i++) {
        const struct waiting *w = r->waiting[i];
        fprintf(out, "%9.3f ms %7u times, longest %.3f ms: %s\n", ms(r, w->lasted), w->count,
                ms(r, w->longest), w->meaning);
        text_place(out, r, "at", w->at);
    }
    more(out, r->nwaiting, r->top);
    fprintf(out, "\nstops of the world%s\n", r->nstops ? "" : ": none");
    for (unsigned i = 0; i < r->nstops && i < r->top; i++) {
        const struct stop *s = r->stops[i];
        fprintf(out, "%9.3f ms %7u times, longest %.3f ms, and %.3f ms to stop: %s\n", ms(r, s->stopped),
                s->count, ms(r, s->longest), ms(r, s->stopping), s->why);
        text_place(out, r, "at", s->at);
    }
    more(out, r->nstops, r->top);
}

/* ---- JSON */

static json_t *string(const char *s)
{
    json_t *j = json_string(s); /* null if it is no UTF-8 */
    return j ? j : json_string("?");
}

static json_t *json_site(const struct site *s)
{
    json_t *j = json_object();
    if (s->file && *s->file)
        json_object_set_new(j, "file", string(s->file));
    if (s->line)
        json_object_set_new(j, "line", json_integer(s->line));
    if (s->function && *s->function)
        json_object_set_new(j, "function", string(s->function));
    return j;
}

static void set_place(json_t *o, const char *key, const struct place *p)
{
    if (!p)
        return;
    json_t *j = json_site(&p->said);
    if (p->module) {
        json_t *c = json_site(&p->c);
        if (p->module_name)
            json_object_set_new(c, "module", string(p->module_name));
        json_object_set_new(c, "offset", json_integer((json_int_t)p->offset));
        json_object_set_new(j, "c", c);
    }
    json_object_set_new(o, key, j);
}

static void set_us(const struct report *r, json_t *o, const char *key, uint64_t ticks)
{
    json_object_set_new(o, key, json_real((double)ticks * r->log.us));
}

static json_t *json_conflict(struct report *r, const struct conflict *c)
{
    json_t *j = json_object(), *hints = json_array();
    const char *text[8];
    json_object_set_new(j, "reason", string(c->reason));
    json_object_set_new(j, "location", string(c->what));
    if (c->other_field)
        json_object_set_new(j, "loser_wrote", string(c->other));
    json_object_set_new(j, "aborts", json_integer(c->aborts));
    set_us(r, j, "lost_us", c->lost);
    json_object_set_new(j, "threads", json_integer(bits(c->threads)));
    json_object_set_new(j, "retries", json_integer(c->most_retries));
    json_object_set_new(j, "one_object", json_boolean(c->object && !c->many));
    json_object_set_new(j, "both_wrote", json_boolean(c->wrote));
    set_place(j, "winner", c->winner);
    set_place(j, "loser", c->loser);
    set_place(j, "begin", c->begin);
    for (unsigned i = 0, n = conflict_hints(r, c, text, 8); i < n; i++)
        json_array_append_new(hints, string(text[i]));
    json_object_set_new(j, "notes", hints);
    return j;
}

static json_t *json_thread(const struct report *r, const struct ungil_log_THREAD *t)
{
    json_t *j = json_object(), *times = json_object();
    json_object_set_new(j, "thread", json_integer(t->head.thread));
    json_object_set_new(j, "name", string((const char *)(t + 1)));
    set_us(r, j, "us", t->life);
    json_object_set_new(j, "commits", json_integer((json_int_t)t->commits));
    json_object_set_new(j, "aborts", json_integer((json_int_t)t->aborts));
    json_object_set_new(j, "inevitable", json_integer((json_int_t)t->inevitable));
    for (unsigned i = 0; i < r->log.nrecords; i++) {
        const struct ungil_log_SPENT *s = (const void *)r->log.v[i];
        if (s->head.kind != UNGIL_LOG_SPENT || s->head.thread != t->head.thread)
            continue;
        const struct ungil_log_NAME *state =
            map_get(&r->log.names, (uint64_t)UNGIL_LOG_STATE << 24 | s->state);
        set_us(r, times, state ? log_text(state) : "?", s->ticks);
    }
    json_object_set_new(j, "times_us", times);
    return j;
}

static void json_lists(struct report *r, json_t *j)
{
    json_t *conflicts = json_array(), *turned = json_array(), *waits = json_array(), *stops = json_array();
    for (unsigned i = 0; i < r->nconflicts && i < r->top; i++)
        json_array_append_new(conflicts, json_conflict(r, r->conflicts[i]));
    for (unsigned i = 0; i < r->nturned && i < r->top; i++) {
        const struct turned *t = r->turned[i];
        json_t *o = json_pack("{s:o, s:I}", "why", string(t->why), "times", (json_int_t)t->count);
        set_us(r, o, "us", t->lasted);
        set_us(r, o, "longest_us", t->longest);
        set_us(r, o, "waited_us", t->waited);
        set_place(o, "at", t->at);
        json_array_append_new(turned, o);
    }
    for (unsigned i = 0; i < r->nwaiting && i < r->top; i++) {
        const struct waiting *w = r->waiting[i];
        json_t *o = json_pack("{s:o, s:I}", "state", string(w->state), "times", (json_int_t)w->count);
        set_us(r, o, "us", w->lasted);
        set_us(r, o, "longest_us", w->longest);
        set_place(o, "at", w->at);
        json_array_append_new(waits, o);
    }
    for (unsigned i = 0; i < r->nstops && i < r->top; i++) {
        const struct stop *s = r->stops[i];
        json_t *o = json_pack("{s:o, s:I}", "why", string(s->why), "times", (json_int_t)s->count);
        set_us(r, o, "us", s->stopped);
        set_us(r, o, "to_stop_us", s->stopping);
        set_us(r, o, "longest_us", s->longest);
        set_place(o, "at", s->at);
        json_array_append_new(stops, o);
    }
    json_object_set_new(j, "conflicts", conflicts);
    json_object_set_new(j, "inevitable", turned);
    json_object_set_new(j, "waits", waits);
    json_object_set_new(j, "stops", stops);
}

void conflicts_json(FILE *out, struct report *r)
{
    const struct ungil_log_header *h = r->log.header;
    json_t *j = json_object(), *threads = json_array();
    json_object_set_new(j, "program", string(h->program));
    json_object_set_new(j, "pid", json_integer(h->pid));
    json_object_set_new(j, "parent", json_integer(h->parent));
    json_object_set_new(j, "segments", json_integer(h->segments));
    json_object_set_new(j, "ended", json_boolean(h->ended));
    json_object_set_new(j, "cut", json_boolean(r->log.cut));
    json_object_set_new(j, "dropped", json_integer((json_int_t)h->dropped));
    json_object_set_new(j, "clock_measured", json_boolean(!r->log.guessed));
    json_object_set_new(j, "commits", json_integer((json_int_t)r->commits));
    json_object_set_new(j, "aborts", json_integer((json_int_t)r->all_aborts));
    json_object_set_new(j, "recorded_aborts", json_integer(r->aborts));
    set_us(r, j, "lost_us", r->lost);
    set_us(r, j, "threads_us", r->life);
    json_lists(r, j);
    for (unsigned i = 0; i < r->nthreads; i++)
        json_array_append_new(threads, json_thread(r, r->threads[i]));
    json_object_set_new(j, "threads", threads);
    json_dumpf(j, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    fputc('\n', out);
    json_decref(j);
}

/* ---- records */

void conflicts_raw(FILE *out, const struct event_log *l)
{
    for (unsigned i = 0; i < l->nrecords; i++) {
        const struct ungil_log_record *r = l->v[i];
        fprintf(out, "%.3f us thread %u ", (double)(r->time - l->header->ticks0) * l->us, r->thread);
        switch (r->kind) {
#define F(type, name) fprintf(out, " " #name "=%lu", (unsigned long)e->name);
#define K(kind, fields)                                                                                      \
    case UNGIL_LOG_##kind: {                                                                                 \
        const struct ungil_log_##kind *e = (const void *)r;                                                  \
        fputs(#kind, out);                                                                                   \
        fields(F) break;                                                                                     \
    }
            UNGIL_LOG_KINDS(K)
#undef K
#undef F
        default:
            break;
        }
        fputc('\n', out);
    }
}
