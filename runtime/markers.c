/* markers.c - several threads mark in one major collection.
 *
 * The collecting thread begins alone; when it has marked STM_MARK_ALONE bytes and there is more, it wakes
 * helpers: threads kept for this, rather than the stopped ones, since those may all be outside the zone, and
 * a program of one thread has none.  They work while the world is stopped, and read nothing but the heap and
 * tables that do not change then.
 *
 * Each marker has its own stack of pending objects.  When one has nothing left it says that it is hungry,
 * and one that has much puts the older half of its stack into a pool, from which the hungry take; older
 * entries lead to more.  (Work is given, not stolen, as in Endo, Taura and Yonezawa, SC 1997: so a marker's
 * own stack needs no synchronisation.)  When all are hungry and the pool is empty, marking is done.  The
 * mark bit itself, by an atomic or, decides who has an object, so what is marked in the end is the same
 * whoever does it. */
#include "runtime.h"

#include <signal.h>
#include <unistd.h>

enum { HELPING = 64, PORTION = 512 }; /* objects between two gifts; most taken from the pool at once */

_Atomic bool stmi_mark_hungry; /* a marker has nothing to do, and the pool is empty */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static pthread_cond_t go = PTHREAD_COND_INITIALIZER, more = PTHREAD_COND_INITIALIZER,
                      over = PTHREAD_COND_INITIALIZER;
static stmi_refs pool;
static unsigned long collection; /* its number: helpers wait for the next */
static int open_to;              /* so many helpers may join it; 0: it is over */
static int markers, idle;        /* at work in it, leader included; of these, without work */
static ptrdiff_t view;

static struct helper {
    struct stmi_marker m;
    stmi_refs pending;
} helpers[STMI_MAX_MARKERS];
static int nhelpers; /* threads that exist */
static bool tried;   /* to make them */

/* ---- work */

static void set_hungry(void)
{
    atomic_store_explicit(&stmi_mark_hungry, idle && !pool.n, memory_order_relaxed);
}

void stmi_mark_share(struct stmi_marker *m)
{
    if (!atomic_load_explicit(&stmi_mark_hungry, memory_order_relaxed) || m->pending->n < 16)
        return;
    size_t n = m->pending->n / 2;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n; i++)
        stmi_push(&pool, m->pending->at[i]);
    set_hungry();
    pthread_cond_broadcast(&more);
    pthread_mutex_unlock(&lock);
    m->pending->n -= n;
    memmove(m->pending->at, m->pending->at + n, m->pending->n * sizeof *m->pending->at);
    m->since = 0;
}

/* False: all is marked. */
static bool take(struct stmi_marker *m)
{
    pthread_mutex_lock(&lock);
    idle++;
    set_hungry();
    if (idle == markers && !pool.n) {
        open_to = 0;
        pthread_cond_broadcast(&more);
    }
    while (!pool.n && open_to)
        pthread_cond_wait(&more, &lock);
    bool some = pool.n;
    for (int i = 0; i < PORTION && pool.n; i++)
        stmi_push(m->pending, pool.at[--pool.n]);
    if (some)
        idle--;
    set_hungry();
    pthread_mutex_unlock(&lock);
    return some;
}

static void work(struct stmi_marker *m)
{
    do {
        while (m->pending->n || stmi_mark_more(m)) {
            if (++m->since >= HELPING)
                stmi_mark_share(m);
            stmi_mark_object(m, m->pending->at[--m->pending->n]);
        }
    } while (take(m));
}

/* ---- helpers */

static void *helper(void *arg)
{
    struct helper *h = arg;
    unsigned long seen = 0;
    stmi_set_base(0); /* inherited */
    pthread_mutex_lock(&lock);
    for (;;) {
        while (collection == seen || h - helpers >= open_to) /* who wakes when all is done has missed it */
            pthread_cond_wait(&go, &lock);
        seen = collection;
        markers++;
        h->m.view = view;
        pthread_mutex_unlock(&lock);
        work(&h->m);
        pthread_mutex_lock(&lock);
        if (!--markers)
            pthread_cond_signal(&over);
    }
    return NULL;
}

static int wanted(void)
{
    if (stmi_opt.markers)
        return (int)stmi_opt.markers;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 1 ? 1 : cpus > 8 ? 8 : (int)cpus;
}

static uint32_t *new_counts(void)
{
    return stmi_reserve((stmi_heap.hi - stmi_heap.lo) / STMI_BLOCK * sizeof(uint32_t), "a marker's counts");
}

/* Where a thread cannot be made, fewer do. */
static void make_helpers(int n)
{
    sigset_t all, before;
    sigfillset(&all); /* the program's handlers run on the program's threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (nhelpers < n) {
        pthread_t id;
        struct helper *h = &helpers[nhelpers];
        h->m.pending = &h->pending;
        if (!h->m.live)
            h->m.live = new_counts();
        if (pthread_create(&id, NULL, helper, h))
            break;
        pthread_detach(id);
        nhelpers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    tried = nhelpers < n;
}

/* What a marker found goes into the block table; its counts are zero again. */
static void add_up(uint32_t *live)
{
    for (size_t b = 0, n = stmi_blocks(); b < n; b++)
        if (live[b]) {
            stmi_heap.block[b].live += live[b];
            live[b] = 0;
        }
}

static void mark_together(struct stmi_marker *m, int n)
{
    static uint32_t *live;
    if (!live)
        live = new_counts();
#if !STMI_VIEWS
    stmi_walk_runs(&stmi_segs[1]); /* not while several ask */
    stmi_unlink_runs(&stmi_segs[1]);
#endif
    m->live = live;
    m->since = 0;
    for (int i = 0; i < n; i++)
        helpers[i].m.bytes = helpers[i].m.since = 0;
    pthread_mutex_lock(&lock);
    collection++;
    open_to = n;
    markers = 1;
    idle = 0;
    view = m->view;
    pthread_cond_broadcast(&go);
    pthread_mutex_unlock(&lock);
    work(m);
    pthread_mutex_lock(&lock);
    for (markers--; markers;)
        pthread_cond_wait(&over, &lock);
    atomic_store_explicit(&stmi_mark_hungry, false, memory_order_relaxed);
    pthread_mutex_unlock(&lock);
    m->live = NULL;
    add_up(live);
    for (int i = 0; i < n; i++) {
        m->bytes += helpers[i].m.bytes;
        add_up(helpers[i].m.live);
    }
}

/* Everything that pending objects lead to is marked.  World stopped. */
void stmi_mark_drain_all(struct stmi_marker *m)
{
    while ((m->pending->n || stmi_mark_more(m)) && m->bytes <= stmi_opt.alone)
        stmi_mark_object(m, m->pending->at[--m->pending->n]);
    int n = m->pending->n ? wanted() - 1 : 0;
    if (n > nhelpers && !tried)
        make_helpers(n);
    if (n > nhelpers)
        n = nhelpers;
    if (n)
        mark_together(m, n);
    else
        stmi_mark_drain(m);
}

void stmi_markers_gone(void)
{
    nhelpers = 0;
    tried = false;
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&go, NULL);
    pthread_cond_init(&more, NULL);
    pthread_cond_init(&over, NULL);
}
