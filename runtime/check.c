/* check.c - the checking build: an access that no barrier covers is caught where it happens.
 *
 * An uncovered read or write goes unnoticed until another thread happens to commit to the same unit at the
 * same time, or the transaction aborts; then it is a wrong value, far away.  In code translated with --check
 * each access says, after its barrier if the passes left one, what it is about to touch, and the markers
 * tell whether this transaction has the right to:
 *
 *   read      the owner's first granule is marked, or each granule touched is; or written, below; or the
 *             transaction is inevitable
 *   written   the write marker is set over each granule touched: by a barrier's slow path over the whole
 *             unit, or beforehand
 *             because the memory is fresh
 *   anything  not a reference; read of an immutable field, or of a constant static
 *
 * In an inevitable transaction nothing that is read can change (runtime.md), whatever is marked, so nothing
 * is asked of a read there; nor in a signal handler, where nothing turns inevitable though the code says so,
 * and where what is read is checked against nothing.
 *
 * For a read this asks for more than the runtime needs, to which any marked granule of a small object stands
 * for all of it: but where only another granule is marked, it is by luck that some other access came by.
 *
 * Pointers that are said to lead to a private stack are looked at where their values are read: there must be
 * one there, of this thread's, or its C stack.
 *
 * A field that is read without barriers because it is immutable, declared or inferred from the whole
 * program, must not be stored to but in an object that this transaction allocated.  What counts is not how
 * the store names the field, but the bytes: tables of all files say which bytes of which types those are, by
 * the object's own type; and the bytes that are read as immutable, by whatever type, are remembered for the
 * type of the object.  Functions that are not translated write behind our back: what is believed immutable in
 * an object that they are given is compared with what it was before.  Objects that malloc made have no type:
 * there the store's own field decides. */
#include "runtime.h"
#include "ungil_check.h"

#include <string.h>

extern const struct stm_check_site __start_ungil_checks[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_site __stop_ungil_checks[] __attribute__((weak, visibility("hidden")));
extern const char __start_ungil_const[] __attribute__((weak, visibility("hidden")));
extern const char __stop_ungil_const[] __attribute__((weak, visibility("hidden")));

/* ---- inferred immutable fields: names of fields, sorted */

static const char **inferred;
static size_t ninferred;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect_inferred(void)
{
    size_t n = (size_t)(__stop_ungil_checks - __start_ungil_checks);
    inferred = stmi_calloc(n + 1, sizeof *inferred);
    for (size_t i = 0; i < n; i++)
        if (__start_ungil_checks[i].flags & STM_CHECK_INFERRED && __start_ungil_checks[i].field)
            inferred[ninferred++] = __start_ungil_checks[i].field;
    qsort(inferred, ninferred, sizeof *inferred, compare_names);
}

static bool is_immutable(const struct stm_check_site *site)
{
    if (site->flags & STM_CHECK_IMMUTABLE)
        return true;
    pthread_once(&once, collect_inferred);
    return ninferred && site->field &&
           bsearch(&site->field, inferred, ninferred, sizeof *inferred, compare_names);
}

/* ---- immutable bytes, by the number of the type */

struct bytes {
    long lo, hi, step, size;
    const char *name;
};
static struct type_bytes {
    struct bytes *at;
    size_t n, cap;
} * believed;
static pthread_rwlock_t believed_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t believed_once = PTHREAD_ONCE_INIT;

extern const struct stm_check_field __start_ungil_fields[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_field __stop_ungil_fields[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_view __start_ungil_views[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_view __stop_ungil_views[] __attribute__((weak, visibility("hidden")));

static void believe(struct type_bytes *t, struct bytes b)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].lo == b.lo && t->at[i].hi == b.hi && t->at[i].step == b.step && t->at[i].size == b.size)
            return;
    if (t->n == t->cap) {
        struct bytes *at = stmi_calloc(2 * t->cap + 8, sizeof *at);
        if (t->n)
            memcpy(at, t->at, t->n * sizeof *at);
        t->at = at; /* the old one leaks, which is of no account here */
        t->cap = 2 * t->cap + 8;
    }
    t->at[t->n++] = b;
}

static long gcd(long a, long b)
{
    while (b) {
        long r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static void collect_believed(void)
{
    believed = stmi_calloc(stmi_ntypes, sizeof *believed);
    for (const struct stm_check_view *v = __start_ungil_views; v < __stop_ungil_views; v++)
        for (const struct stm_check_field *f = __start_ungil_fields; f < __stop_ungil_fields; f++)
            if (!strcmp(v->view, f->view))
                believe(&believed[v->type->id], (struct bytes){v->lo + f->lo, v->hi + f->hi,
                                                               gcd(v->step, f->step), f->size, f->name});
}

/* Those that some byte of [off, off + n) is of; null: none. */
static const struct bytes *believed_in(unsigned type, long off, long n)
{
    const struct type_bytes *t = &believed[type];
    for (size_t i = 0; i < t->n; i++) {
        const struct bytes *b = &t->at[i];
        long x = b->lo;
        if (b->step && off > x)
            x += (off - x) / b->step * b->step;
        for (; x <= b->hi && x < off + n; x += b->step ? b->step : n)
            if (x + b->size > off)
                return b;
            else if (!b->step)
                break;
    }
    return NULL;
}

/* ---- what lies at an address */

struct place {
    uptr owner;
    const char *type;
    unsigned id; /* of the type; 0: not known */
    size_t nbytes;
};

static struct place typed(uptr owner, unsigned id, size_t nbytes, const char *name)
{
    bool known = id >= STMI_TYPE_FIRST && id < stmi_ntypes;
    return (struct place){owner, name, known ? id : 0, nbytes};
}

/* An object that others' code is just making is none of ours to find: then owner is 0. */
static struct place place_of(const struct stmi_seg *s, uptr r)
{
    struct stmi_object o;
    if (r - STM_HEAP_BASE < STM_HEAP_MAX) {
        if (!stmi_find(r, (ptrdiff_t)s->base, &o))
            return (struct place){0, "no object", 0, 0};
        unsigned id = ((const struct stm_header *)stmi_view(s, o.ref - sizeof(struct stm_header)))->type_id;
        return typed(o.ref, id, o.nbytes,
                     id < stmi_ntypes && stmi_types[id]->name ? stmi_types[id]->name : "?");
    }
    const struct stm_static *st = stmi_static_find(r);
    if (!st)
        return (struct place){0, "no object", 0, 0};
    struct place p = typed((uptr)st->addr, st->type ? st->type->id : 0, st->size, st->name);
    if (!(st->flags & STM_STATIC_OBJECT))
        p.owner = 0;
    return p;
}

static void caught(const struct stmi_thread *t, const struct stm_check_site *site, uptr r, const char *what)
{
    struct place at = place_of(t->seg, r);
    stmi_warn("%s: %s:%u:%u: %s%sin %s: object of type %s at %p; %s", what, site->file, site->line, site->col,
              site->field ? site->field : "", site->field ? ", " : "", site->function, at.type, (void *)r,
              site->flags & STM_CHECK_WRITE ? "written" : "read");
    abort();
}

/* ---- immutable bytes */

static bool is_old(const struct stmi_seg *s, uptr r)
{
    return r - STM_HEAP_BASE >= STM_HEAP_MAX || !stmi_is_fresh(s, r);
}

static uptr start_of(const struct place *at, uptr r)
{
    const struct stm_static *st = at->owner ? NULL : stmi_static_find(r);
    return st ? (uptr)st->addr : at->owner;
}

/* The name of what is believed immutable among the n bytes at r, which lie in an object that is not fresh;
 * null: nothing is. */
static const char *believed_at(const struct stmi_seg *s, uptr r, size_t n)
{
    if (!is_old(s, r))
        return NULL;
    pthread_once(&believed_once, collect_believed);
    struct place at = place_of(s, r);
    pthread_rwlock_rdlock(&believed_lock);
    const struct bytes *b = at.id ? believed_in(at.id, (long)(r - start_of(&at, r)), (long)n) : NULL;
    const char *name = !b ? NULL : b->name ? b->name : "?";
    pthread_rwlock_unlock(&believed_lock);
    return name;
}

/* n bytes at r are read as immutable. */
static void read_as_immutable(const struct stmi_seg *s, uptr r, size_t n, const char *name)
{
    pthread_once(&believed_once, collect_believed);
    struct place at = place_of(s, r);
    if (!at.id)
        return;
    long off = (long)(r - start_of(&at, r));
    pthread_rwlock_rdlock(&believed_lock);
    bool known = believed_in(at.id, off, (long)n);
    pthread_rwlock_unlock(&believed_lock);
    if (known)
        return;
    pthread_rwlock_wrlock(&believed_lock);
    believe(&believed[at.id], (struct bytes){off, off, 0, (long)n, name});
    pthread_rwlock_unlock(&believed_lock);
}

/* What a function that is not translated may have changed. */
static __thread struct {
    const char *where;
    uptr start;
    size_t n, cap;
    unsigned long tx;
    unsigned char *was;
} out;

static void look_again(const struct stmi_thread *t)
{
    const char *where = out.where;
    out.where = NULL;
    if (!where || out.tx != t->self->tx)
        return;
    const unsigned char *now = stmi_view(t->seg, out.start);
    for (size_t i = 0; i < out.n; i++)
        if (now[i] != out.was[i] && believed_at(t->seg, out.start + i, 1)) {
            stmi_warn("write to an immutable field of an object that is not fresh: %s: %s, object of type %s "
                      "at %p",
                      where, believed_at(t->seg, out.start + i, 1), place_of(t->seg, out.start).type,
                      (void *)out.start);
            abort();
        }
}

void *stm_check_out(const char *where, const volatile void *p)
{
    struct stmi_thread *t = stmi_me;
    uptr r = (uptr)p;
    if (!t || !t->seg || !t->seg->in_tx || t->calling_out || stmi_is_guest(t))
        return (void *)r;
    look_again(t);
    if (!stm_is_ref_(r) || !is_old(t->seg, r))
        return (void *)r;
    struct place at = place_of(t->seg, r);
    if (!at.id)
        return (void *)r;
    if (at.nbytes > out.cap) {
        out.cap = at.nbytes;
        out.was = stmi_calloc(out.cap, 1);
    }
    out.where = where;
    out.start = start_of(&at, r);
    out.n = at.nbytes;
    out.tx = t->self->tx;
    memcpy(out.was, stmi_view(t->seg, out.start), out.n);
    return (void *)r;
}

/* ---- the check */

static bool all_marked(const unsigned short *m, const unsigned short *end, unsigned short version)
{
    while (m <= end && *m == version)
        m++;
    return m > end;
}

static bool may_write(const struct stmi_seg *s, uptr r, size_t n)
{
    return all_marked(stmi_w_marker(s, r), stmi_w_marker(s, r + n - 1), s->version);
}

static bool may_read(const struct stmi_seg *s, uptr r, size_t n)
{
    if (all_marked(stmi_r_marker(s, r), stmi_r_marker(s, r + n - 1), s->version) || may_write(s, r, n))
        return true;
    uptr owner = place_of(s, r).owner;
    return owner && (*stmi_r_marker(s, owner) == s->version || *stmi_w_marker(s, owner) == s->version);
}

static bool needs_no_mark(struct stmi_thread *t)
{
    return t->self->inevitable || stmi_is_guest(t);
}

/* n bytes at p are about to be read or written by translated code.  Where nothing is marked nothing is
 * checked: outside the zone, and in callbacks and destructors, which run between transactions. */
void stm_check_at(const struct stm_check_site *site, uptr p, stm_size n)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || !t->seg->in_tx || t->calling_out || !stm_is_ref_(p) || !n)
        return;
    if (!stmi_is_guest(t))
        look_again(t);
    if (!(site->flags & STM_CHECK_WRITE) && site->flags & (STM_CHECK_IMMUTABLE | STM_CHECK_INFERRED) &&
        !stmi_is_guest(t))
        read_as_immutable(t->seg, p, n, site->field);
    if (site->flags & STM_CHECK_WRITE) {
        if (!may_write(t->seg, p, n))
            caught(t, site, p, "access without barrier");
        const char *name = stmi_is_guest(t) ? NULL : believed_at(t->seg, p, n);
        if (name || (is_immutable(site) && !stmi_is_fresh(t->seg, p)))
            caught(t, site, p,
                   name && (!site->field || strcmp(name, site->field) != 0)
                       ? "store to immutable bytes of an object that is not fresh"
                       : "store to an immutable field of an object that is not fresh");
    } else if (!(site->flags & (STM_CHECK_IMMUTABLE | STM_CHECK_INFERRED)) &&
               p - (uptr)__start_ungil_const >= (uptr)(__stop_ungil_const - __start_ungil_const) &&
               !may_read(t->seg, p, n) && !needs_no_mark(t)) {
        caught(t, site, p, "access without barrier");
    }
}

void stm_check_private(const void *p, const void *top, const char *where)
{
    struct stmi_thread *t = stmi_me;
    uptr at = (uptr)p;
    if (!p || !t || !t->seg || !t->seg->in_tx ||
        (!top && at - t->self->stack_lo < t->self->stack_hi - t->self->stack_lo))
        return;
    for (size_t i = 0; i < t->private_roots.n; i++) {
        const struct stmi_private *r = &t->private_roots.at[i];
        if (at - r->lo <= r->hi - r->lo && (!top || r->top == top))
            return;
    }
    stmi_warn("not in a private stack%s: %s: %p, %s", top ? " whose top this is" : "", where, p,
              stm_is_ref_(at) ? "in the heap" : "raw memory");
    abort();
}
