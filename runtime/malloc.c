/* malloc.c - malloc and its kin in the transactional heap (annotations.md, R15).
 *
 * An object from stm_malloc lives until stm_free: its bit in the malloced map makes it a root.  stm_free
 * takes the bit away when the transaction commits, or at once if the object was made by this very
 * transaction; the memory itself comes back with the next collection.  Pointers from outside the heap were
 * made by the C library (getline, for one) and go back to it, which cannot be undone. */
#include "runtime.h"

#include <errno.h>
#include <malloc.h>

#if STMI_VIEWS
#define IS_REF(p) stm_is_ref_(p)
#define VIEW(r) stm_real_(r)
#define VIEW_DISP ((ptrdiff_t)stm_self.base)
#else
#define IS_REF(p) ((p)-STM_HEAP_BASE < STM_HEAP_MAX)
#define VIEW(r) ((void *)(r))
#define VIEW_DISP 0
#endif

void *stm_new_any(stm_size n)
{
    return stm_new_id_(n, STMI_TYPE_ANY);
}

static void set_malloced(uptr ref)
{
    if (stmi_in_large(ref)) {
        atomic_store_explicit(&stmi_large_find(ref)->malloced, 1, memory_order_relaxed);
        return;
    }
    size_t g = stmi_granule(ref);
    stmi_heap.block[stmi_block_of(ref)].malloced = 1;
    atomic_fetch_or_explicit(&stmi_heap.malloced[g / 64], 1ul << (g % 64), memory_order_relaxed);
}

static bool is_malloced(const struct stmi_object *o)
{
    return o->large ? atomic_load_explicit(&o->large->malloced, memory_order_relaxed)
                    : stmi_bit(stmi_heap.malloced, stmi_granule(o->ref));
}

static void clear_malloced(const struct stmi_object *o)
{
    size_t g = stmi_granule(o->ref);
    if (o->large)
        atomic_store_explicit(&o->large->malloced, 0, memory_order_relaxed);
    else
        atomic_fetch_and_explicit(&stmi_heap.malloced[g / 64], ~(1ul << (g % 64)), memory_order_relaxed);
}

/* The object that starts at p, which the program says it does. */
static struct stmi_object object_at(uptr p, const char *who)
{
    struct stmi_object o;
    stmi_close_run(stmi_me->seg, &stm_self);
    stmi_walk_runs(stmi_me->seg);
    if (!stmi_find(p, VIEW_DISP, &o) || o.ref != p)
        stmi_die("%s(%p): not the start of an object", who, (void *)p);
    return o;
}

/* More than the heap could ever hold: the one request that fails as in C. */
static bool hopeless(stm_size n)
{
    if (n < stmi_opt.heap_size)
        return false;
    errno = ENOMEM;
    return true;
}

void *stm_malloc(stm_size n)
{
    if (stm_unlikely(hopeless(n)))
        return NULL;
    void *p = stm_new_id_(n, STMI_TYPE_MALLOC);
    set_malloced((uptr)p);
    return p;
}

void *stm_calloc(stm_size k, stm_size n)
{
    size_t bytes;
    return stm_malloc(__builtin_mul_overflow(k, n, &bytes) ? (size_t)-1 : bytes);
}

/* Takes the bit away for good, once the free can no longer be undone. */
static void free_now(uptr ref)
{
    struct stmi_object o = {.ref = ref, .large = stmi_in_large(ref) ? stmi_large_find(ref) : NULL};
    clear_malloced(&o);
}

void stmi_free_committed(struct stmi_seg *s)
{
    for (size_t i = 0; i < s->frees.n; i++)
        free_now(s->frees.at[i]);
    s->frees.n = 0;
}

/* True: freed before, in this transaction or in one committed. */
static bool freed_before(struct stmi_seg *s, const struct stmi_object *o)
{
    if (!is_malloced(o))
        return true;
    for (size_t i = s->frees.n; i-- > 0 && s->frees.n - i <= 64;) /* the last few: a check, not a proof */
        if (s->frees.at[i] == o->ref)
            return true;
    return false;
}

void stm_free(const void *p)
{
    if (!p)
        return;
    if (!IS_REF((uptr)p)) {
        stmi_inevitable_at("free of memory from outside the heap", __builtin_return_address(0));
        free((void *)(uptr)p);
        return;
    }
    struct stmi_seg *s = stmi_me->seg;
    struct stmi_object o = object_at((uptr)p, "free");
    const struct stm_header *h = VIEW(o.ref - 8);
    if (h->type_id != STMI_TYPE_MALLOC)
        return; /* collected: it goes when nothing points to it */
    bool fresh =
        !STMI_VIEWS || stmi_is_fresh_object(s, o.ref); /* in the gil variant nothing is ever undone */
    if (!fresh)                                        /* two transactions that free one object conflict */
        (void)stm_wr(o.ref, 1);
    if (freed_before(s, &o)) {
        stm_become_inevitable("report of a double free"); /* aborts if what we saw was out of date */
        stmi_die("free(%p): double free", p);
    }
    if (fresh)
        clear_malloced(&o);
    else
        stmi_push(&s->frees, o.ref);
}

/* Copies the old object, whose memory stays as it is for whoever still reads it. */
static void *resized(uptr p, stm_size n, unsigned id)
{
    struct stmi_object o = object_at(p, "realloc");
    const void *from = stm_x_rd((void *)p);
    void *q = stm_new_id_(n, id);
    if (id == STMI_TYPE_MALLOC)
        set_malloced((uptr)q);
    memcpy(VIEW((uptr)q), from, n < o.nbytes ? n : o.nbytes);
    return q;
}

void *stm_realloc(const void *p, stm_size n)
{
    if (!p || hopeless(n))
        return p ? NULL : stm_malloc(n);
    if (!IS_REF((uptr)p)) {
        stmi_inevitable_at("realloc of memory from outside the heap", __builtin_return_address(0));
        size_t had = malloc_usable_size((void *)(uptr)p);
        void *q = n ? stm_malloc(n) : NULL;
        if (n)
            memcpy(VIEW((uptr)q), p, n < had ? n : had);
        free((void *)(uptr)p);
        return q;
    }
    if (!n) {
        stm_free(p);
        return NULL;
    }
    struct stmi_object o = object_at((uptr)p, "realloc");
    if (n <= o.nbytes && n >= o.nbytes / 2)
        return (void *)(uptr)p;
    void *q = resized((uptr)p, n, STMI_TYPE_MALLOC);
    stm_free(p);
    return q;
}

void *stm_reallocarray(const void *p, stm_size k, stm_size n)
{
    size_t bytes;
    return stm_realloc(p, __builtin_mul_overflow(k, n, &bytes) ? (size_t)-1 : bytes);
}

stm_size stm_malloc_usable_size(const void *p)
{
    return !p                 ? 0
           : !IS_REF((uptr)p) ? malloc_usable_size((void *)(uptr)p)
                              : object_at((uptr)p, "malloc_usable_size").nbytes;
}

void *stm_renew(const void *p, stm_size n)
{
    if (!n)
        return NULL;
    if (!p)
        return stm_new_any(n);
    if (!IS_REF((uptr)p))
        stmi_die("stm_renew(%p): not an object of the heap", p);
    struct stmi_object o = object_at((uptr)p, "stm_renew");
    const struct stm_header *h = VIEW(o.ref - 8);
    unsigned id = h->type_id == STMI_TYPE_MALLOC ? STMI_TYPE_ANY : h->type_id;
    if (n <= o.nbytes && n >= o.nbytes / 2)
        return (void *)(uptr)p;
    return resized((uptr)p, n, id);
}

char *stm_strndup(const char *s, stm_size n)
{
    const char *from = stm_x_rd(s);
    size_t len = strnlen(from, n);
    char *q = stm_malloc(len + 1);
    char *to = VIEW((uptr)q);
    memcpy(to, from, len);
    to[len] = 0;
    return q;
}

char *stm_strdup(const char *s)
{
    return stm_strndup(s, PTRDIFF_MAX);
}
