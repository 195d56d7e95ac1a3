/* death.c - what is told of an object's death: weak references, finalizers, destructors, hooks of the
 * collector.
 *
 * Each is an entry (struct stmi_ending).  Those of a running transaction are the thread's own, and go with
 * it if it aborts; its commit adds them to one list for all, which only a major collection walks, with the
 * world stopped. When marking is done, in this order: weak references to what is not marked become null, in
 * every view at once; objects with finalizers that are not marked are marked after all, and queued;
 * destructors of what is still not marked are called, before its memory is swept.  So nothing that a weak
 * reference has given up comes back through one. A young collection does the same for what its transaction
 * registered and allocated.
 *
 * What stm_weak_get returned is a root until the transaction ends: two looks in one transaction agree. */
#include "runtime.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of these lists; never held while waiting */
static STMI_VEC(struct stmi_ending) old;
static STMI_VEC(struct stmi_ending) ready; /* finalizers to run, from the first on: roots */
static size_t first;
static STMI_VEC(struct stmi_callback) gc_hooks;
_Atomic int stmi_finalizers_ready;

#if STMI_VIEWS
#define VIEW_DISP ((ptrdiff_t)stm_self.base)
#define VIEW(r) stm_real_(r)
#else
#define VIEW_DISP 0
#define VIEW(r) ((void *)(r))
#endif

/* ---- while a collection has marked, and not swept */

static bool in_heap(uptr r)
{
    return stmi_in_small(r) || stmi_in_large(r);
}

/* young: by the young collection of that segment; null: by a major one. */
static bool is_dead(uptr ref, const struct stmi_seg *young)
{
    if (!ref || !in_heap(ref))
        return false;
    if (young && !stmi_is_fresh_object(young, ref))
        return false;
    if (stmi_in_small(ref))
        return !stmi_bit(stmi_heap.mark, stmi_granule(ref));
    const struct stmi_large *l = stmi_large_find(ref);
    return l && !l->marked;
}

/* The weak reference at `at` gives up.  fresh_in: nobody else has it yet. */
static void clear_weak(uptr at, struct stmi_seg *fresh_in)
{
#if STMI_VIEWS
    if (fresh_in) {
        *(uptr *)stmi_view(fresh_in, at) = 0;
        return;
    }
    for (int i = 1; i <= stmi_nseg; i++)
        if (!stmi_segs[i].stale && stmi_segs[i].priv[stmi_page_index(at)])
            *(uptr *)stmi_view(&stmi_segs[i], at) = 0;
    *(uptr *)stmi_shared(at) = 0;
#else
    *(uptr *)stmi_view(fresh_in, at) = 0;
#endif
}

/* The entries of the transaction in `in`, after a young collection; or, null, all that is committed.  How
 * many stay. */
static size_t bury(struct stmi_marker *m, struct stmi_ending *e, size_t n, struct stmi_seg *in, uptr base)
{
    for (size_t i = 0; i < n; i++) {
        if (e[i].kind == STMI_WEAK && is_dead(e[i].target, in)) {
            clear_weak(e[i].ref, in);
            e[i].target = 0;
        }
        if (e[i].kind == STMI_FINALIZER && is_dead(e[i].ref, in))
            e[i].kind = STMI_DYING;
    }
    for (size_t i = 0; i < n; i++)
        if (e[i].kind == STMI_DYING)
            stmi_mark_word(m, e[i].ref);
    stmi_mark_drain(m);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool dead = is_dead(e[i].ref, in);
        if (dead && e[i].kind == STMI_DESTRUCTOR)
            stmi_call_out(base, e[i].fn, (void *)e[i].ref);
        if (!dead && (e[i].kind != STMI_WEAK || e[i].target))
            e[kept++] = e[i];
    }
    return kept;
}

void stmi_endings_young(struct stmi_marker *m, struct stmi_thread *t, struct stmi_seg *s)
{
    if (t->later.endings.n)
        t->later.endings.n = bury(m, t->later.endings.at, t->later.endings.n, s, s->base);
}

static void queue_dying(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < old.n; i++)
        if (old.at[i].kind == STMI_DYING)
            stmi_push(&ready, old.at[i]);
        else
            old.at[kept++] = old.at[i];
    old.n = kept;
    stmi_finalizers_ready = ready.n > first;
}

/* Objects in flight are all marked; only weak references may look at old ones that are not. */
static void weak_in_flight(struct stmi_thread *t)
{
    for (size_t i = 0; i < t->later.endings.n; i++) {
        struct stmi_ending *e = &t->later.endings.at[i];
        if (e->kind == STMI_WEAK && is_dead(e->target, NULL)) {
            clear_weak(e->ref, t->seg);
            e->target = 0;
        }
    }
}

void stmi_endings_major(struct stmi_marker *m)
{
    for (struct stmi_thread *t = stmi_world.threads; t; t = t->next)
        if (t->later.endings.n && t->seg)
            weak_in_flight(t);
    if (old.n) {
        old.n = bury(m, old.at, old.n, NULL, stm_self.base);
        queue_dying();
    }
    for (size_t i = 0; i < gc_hooks.n; i++)
        stmi_call_out(stm_self.base, gc_hooks.at[i].fn, NULL);
    if (ready.n > first)
        stmi_ask_self(m->t, STMI_POLL_BREAK);
}

void stmi_endings_roots(struct stmi_marker *m)
{
    for (size_t i = first; i < ready.n; i++)
        stmi_mark_word(m, ready.at[i].ref);
}

/* ---- the end of a transaction */

void stmi_endings_commit(struct stmi_thread *t)
{
    if (!t->later.endings.n)
        return;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < t->later.endings.n; i++)
        if (t->later.endings.at[i].kind == STMI_DYING)
            stmi_push(&ready, t->later.endings.at[i]);
        else
            stmi_push(&old, t->later.endings.at[i]);
    stmi_finalizers_ready = ready.n > first;
    pthread_mutex_unlock(&lock);
    t->later.endings.n = 0;
}

/* What the transaction allocated dies; of what is older, the registration never was. */
void stmi_endings_undo(struct stmi_thread *t, struct stmi_seg *s)
{
    for (size_t i = 0; i < t->later.endings.n; i++) {
        struct stmi_ending e = t->later.endings.at[i];
        if (e.kind == STMI_DESTRUCTOR && stmi_is_fresh_object(s, e.ref))
            stmi_call_out(s->base, e.fn, (void *)e.ref);
    }
    t->later.endings.n = 0;
}

static bool take(struct stmi_ending *e)
{
    pthread_mutex_lock(&lock);
    bool some = ready.n > first;
    if (some) {
        *e = ready.at[first++];
        if (first == ready.n)
            first = ready.n = 0;
    }
    stmi_finalizers_ready = ready.n > first;
    pthread_mutex_unlock(&lock);
    return some;
}

/* Each in a transaction that begins here and, should it abort, begins here again: e is on the stack that
 * comes back. */
void stmi_run_finalizers(struct stmi_thread *t)
{
    struct stmi_ending e;
    if (t->finalizing)
        return; /* a safepoint inside of one */
    t->finalizing = true;
    while (take(&e)) {
        stmi_begin(t);
        e.fn((void *)e.ref);
        stmi_commit(stmi_me);
    }
    t->finalizing = false;
}

/* ---- what translated code calls */

static struct stmi_thread *inside(const char *who)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || t->calling_out)
        stmi_die("%s outside the zone", who);
    return t;
}

/* The start of the object that p points into; what is no object of the heap stays as it is, and never dies.
 */
static uptr owner(struct stmi_thread *t, uptr p)
{
    struct stmi_object o;
    if (!in_heap(p))
        return p;
    stmi_close_run(t->seg, t->self);
    stmi_walk_runs(t->seg);
    return stmi_find(p, VIEW_DISP, &o) ? o.ref : p;
}

static void register_ending(struct stmi_thread *t, struct stmi_ending e)
{
    if (!in_heap(e.kind == STMI_WEAK ? e.target : e.ref))
        return;
#if STMI_VIEWS
    stmi_push(&t->later.endings, e);
    t->pending = true;
#else
    (void)t;
    stmi_push(&old, e);
#endif
}

/* Two words: the object, 0 when it is dead; and how far into it the pointer was. */
void *stm_weak_new(const void *obj)
{
    struct stmi_thread *t = inside("stm_weak_new");
    uptr w = (uptr)stm_new_id_(16, STMI_TYPE_WEAK), target = owner(t, (uptr)obj);
    ((uptr *)VIEW(w))[0] = target;
    ((uptr *)VIEW(w))[1] = (uptr)obj - target;
    register_ending(t, (struct stmi_ending){STMI_WEAK, w, target, NULL});
    return (void *)w;
}

void *stm_weak_get(const void *weak)
{
    uptr w = (uptr)weak;
    if (!w)
        return NULL;
#if STMI_VIEWS
    struct stmi_thread *t = inside("stm_weak_get");
    bool again = *stmi_r_marker(t->seg, w) == t->seg->version;
    const uptr *p = VIEW(stm_rd_(w));
    if (p[0] && !again) {
        stmi_push(&t->later.held, p[0]);
        t->pending = true;
    }
#else
    const uptr *p = VIEW(w);
#endif
    return p[0] ? (void *)(p[0] + p[1]) : NULL;
}

void stm_set_finalizer(const void *obj, void (*fn)(void *obj))
{
    struct stmi_thread *t = inside("stm_set_finalizer");
    register_ending(t, (struct stmi_ending){STMI_FINALIZER, owner(t, (uptr)obj), 0, fn});
}

void stm_set_destructor(const void *obj, void (*fn)(void *obj))
{
    struct stmi_thread *t = inside("stm_set_destructor");
    register_ending(t, (struct stmi_ending){STMI_DESTRUCTOR, owner(t, (uptr)obj), 0, fn});
}

void stm_on_gc(void (*fn)(void *unused))
{
    stmi_inevitable_at("stm_on_gc", __builtin_return_address(0));
    pthread_mutex_lock(&lock);
    stmi_push(&gc_hooks, (struct stmi_callback){fn, NULL});
    pthread_mutex_unlock(&lock);
}

/* Bits alone answer, so that it does not matter in whose view the object is. */
int stm_is_alive(const void *obj)
{
    uptr p = (uptr)obj;
    return p && (!in_heap(p) || !is_dead(p, NULL));
}
