/* callback.c - what a transaction leaves to its end: functions to call when it commits or aborts.
 *
 * All of it is in struct stmi_later, of which the hot paths see one flag, t->pending.  Here are the moments
 * of a transaction at which something is due; deferred output (output.c) and the deaths of objects (death.c)
 * hang on the same moments.
 *
 * Callbacks run outside the transaction: after a commit, or after an abort and before the next attempt, %gs
 * is 0 there, so that an access to the heap faults rather than escaping from every transaction.  In an
 * inevitable transaction nothing is left to wait for: then, as in STMGC c8, commit callbacks are called at
 * once, and abort callbacks never. */
#include "runtime.h"

void stmi_call_out(uptr base, void (*fn)(void *), void *arg)
{
    struct stmi_thread *t = stmi_me;
    struct stm_self *self = t->self, was = *self;
    self->base = base;
    stmi_set_base(base);
    if (base != was.base)
        self->version = 0; /* a mark of our version in another's view would count there one day */
    self->inevitable = 1;  /* all that asks for it is content */
    self->atomic_depth++;
    self->alloc_end = self->alloc; /* allocation goes to its slow path, which refuses */
    t->calling_out++;
    fn(arg);
    t->calling_out--;
    self->atomic_depth = was.atomic_depth;
    self->inevitable = was.inevitable;
    self->version = was.version;
    self->base = was.base;
    stmi_set_base(was.base);
}

/* May the running code still abort? */
static struct stmi_thread *undecided(void)
{
    struct stmi_thread *t = stmi_me;
    return STMI_VIEWS && t && t->seg && t->seg->in_tx && !t->self->inevitable ? t : NULL;
}

static int forget(struct stmi_callback *at, size_t *n, const void *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (at[i].key != key)
            at[kept++] = at[i];
    int gone = (int)(*n - kept);
    *n = kept;
    return gone;
}

int stm_call_on_commit(void *key, void (*fn)(void *key))
{
    struct stmi_thread *t = undecided();
    if (!fn)
        return t ? forget(t->later.on_commit.at, &t->later.on_commit.n, key) : 0;
    if (t) {
        stmi_push(&t->later.on_commit, (struct stmi_callback){fn, key});
        t->pending = true;
    } else if (stmi_me && stmi_me->seg) {
        stmi_call_out(stm_self.base, fn, key);
    } else {
        fn(key);
    }
    return 1;
}

int stm_call_on_abort(void *key, void (*fn)(void *key))
{
    struct stmi_thread *t = undecided();
    if (!t)
        return 0;
    if (!fn)
        return forget(t->later.on_abort.at, &t->later.on_abort.n, key);
    stmi_push(&t->later.on_abort, (struct stmi_callback){fn, key});
    t->pending = true;
    return 1;
}

/* ---- the moments */

static void run_commit(struct stmi_thread *t, uptr base)
{
    for (size_t i = 0; i < t->later.on_commit.n; i++) {
        struct stmi_callback c = t->later.on_commit.at[i];
        stmi_call_out(base, c.fn, c.key);
    }
    t->later.on_commit.n = 0;
}

/* Output is written while nobody else can commit: so its order is the order of commits. */
void stmi_later_commit(struct stmi_thread *t)
{
    if (!t->later.out_n || t->self->inevitable)
        return;
    t->later.committing = true;
    t->stats.inevitable--; /* it was not while it ran */
    const char *last = stmi_last_inevitable;
    stmi_make_inevitable(t, "deferred output");
    stmi_last_inevitable = last;
    t->later.committing = false;
}

void stmi_later_inevitable(struct stmi_thread *t)
{
    stmi_output_flush(t);
    t->later.on_abort.n = 0;
    if (!t->later.committing)
        run_commit(t, t->self->base);
}

void stmi_later_committed(struct stmi_thread *t)
{
    t->pending = false;
    t->later.on_abort.n = t->later.held.n = 0;
    stmi_endings_commit(t);
    run_commit(t, 0);
}

void stmi_later_undo(struct stmi_thread *t, struct stmi_seg *s)
{
    stmi_endings_undo(t, s);
    if (t->later.committing)
        t->stats.inevitable++; /* it did not come to that */
    t->later.committing = false;
    t->later.out_n = 0;
    t->later.held.n = t->later.on_commit.n = 0;
}

void stmi_later_aborted(struct stmi_thread *t)
{
    t->pending = false;
    for (size_t i = 0; i < t->later.on_abort.n; i++) {
        struct stmi_callback c = t->later.on_abort.at[i];
        stmi_call_out(0, c.fn, c.key);
    }
    t->later.on_abort.n = 0;
}

/* Keys may be references, and what was taken out of a weak one stays.  all: in a major collection. */
void stmi_later_roots(struct stmi_marker *m, struct stmi_thread *t, bool all)
{
    const struct stmi_later *l = &t->later;
    stmi_mark_range(m, l->on_commit.at, l->on_commit.at + l->on_commit.n);
    stmi_mark_range(m, l->on_abort.at, l->on_abort.at + l->on_abort.n);
    stmi_mark_range(m, l->held.at, l->held.at + l->held.n);
    for (size_t i = 0; i < l->endings.n; i++)
        if (l->endings.at[i].kind == STMI_DYING || (all && l->endings.at[i].kind != STMI_WEAK))
            stmi_mark_word(m, l->endings.at[i].ref);
}

void stmi_later_free(struct stmi_thread *t)
{
    free(t->later.on_commit.at);
    free(t->later.on_abort.at);
    free(t->later.out);
    free(t->later.endings.at);
    free(t->later.held.at);
}
