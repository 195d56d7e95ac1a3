/* events.c - what the conflict log (STM_LOG) says: who aborted whom, where both were, and what it cost.
 *
 * The position of a write is known when a unit is first written: it is kept beside the unit, and goes with
 * it into the commit log, so whoever is ended by that entry finds the winner's position there.  Where the
 * loser *read* is not known: a read barrier is three instructions.  Its position is told as it was when the
 * transaction began, asked for after the rewind, when all is as it was then, and when it was ended.  If it
 * has written to the unit too, that position is known.
 *
 * A position is what the interpreter's hook says (file, line, function of the interpreted program), and the
 * place in the C program, as an offset in its executable.  STMGC c7's log has both sides as well, at the
 * price of a shadow stack that is kept up to date all the time; here nothing is done until somebody asks. */
#include "runtime.h"

#include <errno.h>
#include <unistd.h>

static int (*position_hook)(struct stm_position *at);

void stm_position_hook(int (*fn)(struct stm_position *at))
{
    position_hook = fn;
}

/* ---- positions and other texts */

/* What the hook returned may be in the heap. */
static const char *text_at(const char *p)
{
    return p ? stm_any((uptr)p) : "";
}

static uint64_t seed(enum ungil_log_name what, uint64_t x)
{
    return x ^ (uint64_t)what << 56;
}

/* Where t is: the number of a text.  By t itself. */
static uint32_t here(struct stmi_thread *t, uptr site)
{
    struct stmi_events *e = &t->events;
    struct stm_position p = {0};
    if (position_hook && t->seg && !e->in_hook) {
        int err = errno;
        e->in_hook = true;
        if (!position_hook(&p))
            p = (struct stm_position){0};
        e->in_hook = false;
        errno = err;
    }
    const char *file = text_at(p.file), *function = text_at(p.function);
    size_t nfile = strnlen(file, STMI_EVENT_TEXT), nfunction = strnlen(function, STMI_EVENT_TEXT);
    uint64_t hash = stmi_event_hash(seed(UNGIL_LOG_POSITION, site ^ (uint64_t)p.line << 32), file, nfile);
    hash = stmi_event_hash(hash, function, nfunction);
    uint32_t number = stmi_event_known(e, hash);
    if (number)
        return number;
    char text[2 * STMI_EVENT_TEXT + 2];
    memcpy(text, file, nfile);
    text[nfile] = 0;
    memcpy(text + nfile + 1, function, nfunction);
    text[nfile + 1 + nfunction] = 0;
    struct ungil_log_NAME r = {.what = UNGIL_LOG_POSITION, .c = p.line};
    if (site)
        r.b = stmi_event_module(e, site, &r.a);
    return stmi_event_name(e, hash, &r, text, nfile + nfunction + 2);
}

static uint32_t two_texts(struct stmi_events *e, enum ungil_log_name what, const void *key, const char *one,
                          const char *two)
{
    uint64_t hash = stmi_event_hash(seed(what, (uptr)key), "", 0);
    uint32_t number = stmi_event_known(e, hash);
    if (number)
        return number;
    size_t n = one ? strlen(one) : 0, m = two ? strlen(two) : 0;
    char text[STMI_EVENT_LONG];
    if (n > STMI_EVENT_TEXT)
        n = STMI_EVENT_TEXT;
    if (m > sizeof text - STMI_EVENT_TEXT - 2)
        m = sizeof text - STMI_EVENT_TEXT - 2;
    memcpy(text, n ? one : "", n);
    text[n] = 0;
    memcpy(text + n + 1, m ? two : "", m);
    text[n + 1 + m] = 0;
    struct ungil_log_NAME r = {.what = what};
    return stmi_event_name(e, hash, &r, text, n + m + 2);
}

static void write_event(struct stmi_thread *t, enum ungil_log_kind kind, struct ungil_log_record *r,
                        size_t bytes)
{
    r->kind = (uint16_t)kind;
    r->thread = t->number;
    stmi_event_write(&t->events, r, bytes, NULL, 0);
}

/* ---- transactions */

void stmi_events_begin(struct stmi_thread *t)
{
    if (!t->retries)
        t->events.begin_site = t->site;
#if STMI_VIEWS
    t->seg->wrote.n = 0;
    t->seg->met = NULL;
#endif
}

#if STMI_VIEWS
/* Log entries carry this behind their data. */
struct writer {
    uint32_t thread, at[];
}; /* where each unit was written */

void stmi_events_wrote(struct stmi_thread *t, const void *site)
{
    struct stmi_seg *s = t->seg;
    if (s->wrote.n >= s->units.n)
        return;
    uint32_t at = here(t, (uptr)site);
    while (s->wrote.n < s->units.n)
        stmi_push(&s->wrote, at);
}

size_t stmi_events_entry_bytes(const struct stmi_seg *s)
{
    return sizeof(struct writer) + s->units.n * sizeof(uint32_t);
}

void stmi_events_entry(struct stmi_thread *t, struct stmi_seg *s, void *at)
{
    struct writer *w = at;
    while (s->wrote.n < s->units.n) /* written by the runtime itself */
        stmi_push(&s->wrote, 0);
    w->thread = t->number;
    memcpy(w->at, s->wrote.at, s->units.n * sizeof(uint32_t));
}

/* Which byte of n is the first that differs; UINT64_MAX: none.  Barriers cover whole objects, so this is how
 * to know what was written. */
static uint64_t first_change(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    if (!memcmp(a, b, n))
        return UINT64_MAX;
    while (a[i] == b[i])
        i++;
    return i;
}

/* In the object, of a change in unit u. */
static uint64_t in_object(const struct ungil_log_ABORT *a, const struct stmi_unit *u, uint64_t off)
{
    return off == UINT64_MAX ? off : u->ref - a->object + off;
}

/* The object or static variable that unit u is part of: its text; its begin and size in *a. */
static uint32_t what_is(struct stmi_thread *t, const struct stmi_seg *s, const struct stmi_unit *u,
                        struct ungil_log_ABORT *a)
{
    const struct stm_static *st = stmi_static_find(u->ref);
    if (st) {
        a->object = (uptr)st->addr;
        a->size = st->size;
        return two_texts(&t->events, UNGIL_LOG_STATIC, st, st->name, st->type ? st->type->fields : NULL);
    }
    struct stmi_object o;
    a->object = u->owner;
    a->size = u->size;
    if (!stmi_find(u->owner, (ptrdiff_t)s->base, &o))
        return 0;
    a->size = o.nbytes;
    unsigned id = ((const struct stm_header *)stmi_view(s, o.ref - 8))->type_id;
    const struct stm_type *type = stmi_types[id < stmi_ntypes ? id : STMI_TYPE_ANY];
    return two_texts(&t->events, UNGIL_LOG_TYPE, type, type->name, type->fields);
}

void stmi_events_undo(struct stmi_thread *t, const struct stmi_seg *s)
{
    struct ungil_log_ABORT *a = &t->events.abort;
    const struct stmi_entry *e = s->met;
    const struct stmi_unit *u = s->met_unit;
    *a = (struct ungil_log_ABORT){.object = 0};
    if (!e)
        return;
    a->type = what_is(t, s, u, a);
    const struct stmi_unit *last = &e->unit[e->nmod - 1];
    const char *data = (const char *)&e->unit[e->nmod + e->nnew], *now = stmi_view(s, u->ref), *before = now;
    const struct writer *w = (const void *)(data + last->off + ((last->size + 7u) & ~7u));
    a->winner = w->thread;
    a->winner_at = w->at[u - e->unit];
    for (size_t i = 0; i < s->units.n && i < s->wrote.n; i++)
        if (s->units.at[i].ref == u->ref) {
            before = (const char *)s->backup + s->units.at[i].off;
            a->own_at = s->wrote.at[i];
        }
    a->winner_off = in_object(a, u, first_change(before, data + u->off, u->size));
    a->own_off = in_object(a, u, first_change(before, now, u->size));
}

void stmi_events_abort(struct stmi_thread *t, enum stmi_abort why, unsigned long long lost)
{
    struct stmi_events *e = &t->events;
    bool done = t->must_abort; /* by the leader, so nothing is as it was: but t has said where it stopped */
    uint32_t at = done ? e->pause_at : here(t, t->site);
    if (!done)
        stmi_events_undo(t, t->seg);
    e->abort.at = at;
    e->abort.reason = why;
    e->abort.lost = lost;
    e->aborted = true;
}

void stmi_events_aborted(struct stmi_thread *t)
{
    struct stmi_events *e = &t->events;
    if (!e->aborted)
        return;
    e->aborted = false;
    e->abort.begin = here(t, e->begin_site);
    e->abort.retries = (uint32_t)t->retries;
    write_event(t, UNGIL_LOG_ABORT, &e->abort.head, sizeof e->abort);
}

void stmi_events_inevitable(struct stmi_thread *t, const char *why, unsigned long long asked)
{
    struct ungil_log_INEVITABLE *r = &t->events.inevitable;
    r->lasted = t->times.since;
    r->waited = t->times.since > asked ? t->times.since - asked : 0;
    r->at = here(t, t->site);
    r->why = two_texts(&t->events, UNGIL_LOG_WHY, why, why, NULL);
}

void stmi_events_inevitable_end(struct stmi_thread *t)
{
    struct ungil_log_INEVITABLE r = t->events.inevitable;
    if (!r.lasted) /* it began before the log did */
        return;
    t->events.inevitable.lasted = 0;
    unsigned long long now = stmi_cycles();
    r.lasted = now > r.lasted ? now - r.lasted : 0;
    write_event(t, UNGIL_LOG_INEVITABLE, &r.head, sizeof r);
}
#endif

/* ---- waiting */

void stmi_events_pause(struct stmi_thread *t)
{
    t->events.pause_at = here(t, t->site);
}

void stmi_waited(struct stmi_thread *t, enum stmi_time did)
{
    if (!stmi_observing)
        return;
    unsigned long long from = t->times.since;
    enum stmi_time was = stmi_does_now(t, did);
    if (!stmi_logging())
        return;
    struct stmi_events *e = &t->events;
    struct ungil_log_WAIT r = {
        .lasted = t->times.since - from, .state = was, .at = e->pause_at, .whom = e->whom};
    e->whom = 0;
    write_event(t, UNGIL_LOG_WAIT, &r.head, sizeof r);
}

/* asked: when it wanted to stop the world; stopped: when that stood. */
void stmi_events_stop(struct stmi_thread *t, const char *why, unsigned long long asked,
                      unsigned long long stopped)
{
    struct ungil_log_STOP r = {
        .stopping = stopped - asked, .stopped = stmi_cycles() - stopped, .at = t->events.pause_at};
    r.why = two_texts(&t->events, UNGIL_LOG_WHY, why, why, NULL);
    write_event(t, UNGIL_LOG_STOP, &r.head, sizeof r);
}

/* ---- threads, and the process */

void stmi_events_thread(struct stmi_thread *t)
{
    t->events.thread = t->number;
    t->events.names = stmi_calloc(STMI_EVENT_NAMES, sizeof *t->events.names);
}

/* What t came to, written by e's thread. */
static void sums(struct stmi_events *e, const struct stmi_thread *t)
{
    struct stmi_times c = t->times;
    unsigned long long now = stmi_cycles();
    char name[16] = "";
    if (now > c.since) {
        c.spent[c.doing] += now - c.since;
        c.since = now;
    }
    struct ungil_log_THREAD r = {.head = {.kind = UNGIL_LOG_THREAD, .thread = t->number},
                                 .life = c.since - c.start,
                                 .commits = t->stats.commits,
                                 .inevitable = t->stats.inevitable};
    for (int i = 0; i < STMI_ABORT_KINDS; i++)
        r.aborts += t->stats.aborts[i];
    if (!t->id || pthread_getname_np(t->id, name, sizeof name))
        name[0] = 0;
    stmi_event_write(e, &r, sizeof r, name, strlen(name) + 1);
    for (int i = 0; i < STMI_TIME_KINDS; i++) {
        struct ungil_log_SPENT s = {.head = {.kind = UNGIL_LOG_SPENT, .thread = t->number},
                                    .ticks = c.spent[i],
                                    .state = (uint32_t)i};
        if (c.spent[i])
            stmi_event_write(e, &s, sizeof s, NULL, 0);
    }
}

void stmi_events_end(struct stmi_thread *t)
{
    if (!stmi_logging())
        return;
    sums(&t->events, t);
    stmi_event_free(&t->events);
}

/* The log is opened before the first thread is made, to which the first chunk is left. */
static void open_log(const char *name, uint32_t parent)
{
    struct stmi_events first = {0};
    if (!stmi_event_open(&first, name, parent))
        return;
    stmi_observing |= STMI_OBSERVE_TIMES | STMI_OBSERVE_EVENTS;
    stmi_event_free(&first);
}

void stmi_events_init(void)
{
    if (stmi_files.log)
        open_log(stmi_files.log, 0);
}

/* The child has a log of its own: FILE.PID. */
void stmi_events_child(struct stmi_thread *t)
{
    if (!stmi_logging())
        return;
    stmi_event_leave_file(t ? &t->events : NULL);
    stmi_observing &= ~STMI_OBSERVE_EVENTS;
    char name[4096];
    if (snprintf(name, sizeof name, "%s.%ld", stmi_files.log, (long)getpid()) < (int)sizeof name)
        open_log(name, (uint32_t)getppid());
    if (!t)
        return;
    memset(t->events.names, 0, STMI_EVENT_NAMES * sizeof *t->events.names);
    t->events.nnames = t->events.pause_at = 0;
    t->events.inevitable.lasted = 0;
#if STMI_VIEWS
    for (size_t i = 0; t->seg && i < t->seg->wrote.n; i++)
        t->seg->wrote.at[i] = 0; /* numbers of texts in the parent's file */
#endif
}

/* At exit.  Others may still run; the lock is left alone if it cannot be had, then their sums are missing. */
void stmi_events_exit(void)
{
    if (!stmi_logging())
        return;
    struct stmi_events last = {0}, *e = stmi_me ? &stmi_me->events : &last;
#if STMI_VIEWS
    if (stmi_me && stmi_me->self->inevitable)
        stmi_events_inevitable_end(stmi_me);
#endif
    if (stmi_lock_world()) {
        for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
            sums(e, t);
        pthread_mutex_unlock(&stmi_world.lock);
    }
    stmi_event_close();
}
