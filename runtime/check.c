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
 * one there, of this thread's, or its C stack.  So are those that are said to be no references, and what is
 * stored in them and not known: it must not lie in the heap.
 *
 * Bytes that are read without barriers because they are immutable, declared or inferred from the whole
 * program, must not be stored to but in an object that this transaction allocated.  What counts is not how
 * the store names them, nor what else has the same name, but what they were believed of:
 *
 *   inferred  of memory that was made as a certain type, all of it.  Tables of all files say which bytes of
 *             which types; and what is read as immutable, by whatever type, is remembered for the type of the
 *             object that it was read in.
 *   declared  of the field, in whatever the record lies; and of the bytes that were read as the field.
 *
 * Objects that malloc made have no type.  There the pointer decides that a store goes through: no bytes are
 * both believed immutable, seen by it, and stored to by it.  And each byte is remembered that was read as
 * immutable, or stored to when the object was not fresh: it cannot have been both.  Functions that are not
 * translated write behind our back: what they may write to is compared with what it was before. */
#include "runtime.h"
#include "ungil_check.h"

#include <stdlib.h>
#include <string.h>

extern const struct stm_check_site __start_ungil_checks[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_site __stop_ungil_checks[] __attribute__((weak, visibility("hidden")));
extern const char __start_ungil_const[] __attribute__((weak, visibility("hidden")));
extern const char __stop_ungil_const[] __attribute__((weak, visibility("hidden")));

/* ---- what is believed immutable, by record */

struct record {
    const char *view;
    unsigned long layout; /* 0: of what was inferred */
};
struct fields {
    const struct stm_check_field *const *at;
    size_t n;
};
static const struct stm_check_field **fields; /* sorted by record */
static size_t nfields;
static bool *store_site; /* of each site: does it store to what was inferred of its own pointer's view? */
static pthread_once_t once = PTHREAD_ONCE_INIT;

extern const struct stm_check_field __start_ungil_fields[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_field __stop_ungil_fields[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_type __start_ungil_check_types[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_type __stop_ungil_check_types[] __attribute__((weak, visibility("hidden")));

static int compare_records(const struct record *a, const struct record *b)
{
    int c = strcmp(a->view, b->view);
    return c ? c : (a->layout > b->layout) - (a->layout < b->layout);
}

static struct record record_of(const struct stm_check_field *f)
{
    return (struct record){f->view, f->layout};
}

static int compare_fields(const void *a, const void *b)
{
    struct record x = record_of(*(const struct stm_check_field *const *)a),
                  y = record_of(*(const struct stm_check_field *const *)b);
    return compare_records(&x, &y);
}

static size_t first_field(struct record r, int after)
{
    size_t lo = 0;
    for (size_t hi = nfields; lo < hi;) {
        size_t mid = (lo + hi) / 2;
        struct record m = record_of(fields[mid]);
        if (compare_records(&m, &r) < after)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct fields fields_of(const char *view, unsigned long layout)
{
    struct record r = {view, layout};
    size_t n = view ? first_field(r, 0) : 0;
    return (struct fields){fields + n, view ? first_field(r, 1) - n : 0};
}

/* The first place of f that has some of the bytes [off, off + n); PTRDIFF_MAX: none has. */
static long place_at(const struct stm_check_field *f, long off, long n)
{
    long x = f->lo, least = off - f->size + 1;
    if (f->step && least > x)
        x += (least - x + f->step - 1) / f->step * f->step;
    return x >= least && x <= f->hi && x < off + n ? x : PTRDIFF_MAX;
}

/* What is believed of some of the bytes [off, off + n); null: nothing. */
static const struct stm_check_field *believed_in(struct fields in, long off, long n)
{
    for (size_t i = 0; i < in.n; i++) {
        const struct stm_check_field *f = in.at[i], *found = NULL;
        for (long x = place_at(f, off, n); !found && x <= f->hi && x < off + n; x += f->step) {
            found = f->part ? believed_in(fields_of(f->part, f->part_layout), off - x, n) : f;
            if (!f->step)
                break;
        }
        if (found)
            return found;
    }
    return NULL;
}

static long gcd(long a, long b)
{
    while (b) {
        long r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

/* Can the site's bytes be some of f's? */
static bool meet(const struct stm_check_site *s, const struct stm_check_field *f)
{
    long g = gcd(s->step, f->step), first = f->lo - s->lo, least = f->lo - s->hi, most = f->hi - s->lo;
    if (least < 1 - f->size)
        least = 1 - f->size;
    if (most > s->size - 1)
        most = s->size - 1;
    return g ? least + ((first - least) % g + g) % g <= most : first >= least && first <= most;
}

static void collect_fields(void)
{
    size_t n = (size_t)(__stop_ungil_fields - __start_ungil_fields);
    size_t nsites = (size_t)(__stop_ungil_checks - __start_ungil_checks);
    fields = stmi_calloc(n + 1, sizeof *fields);
    for (; nfields < n; nfields++)
        fields[nfields] = &__start_ungil_fields[nfields];
    qsort(fields, n, sizeof *fields, compare_fields);
    store_site = stmi_calloc(nsites + 1, sizeof *store_site);
    for (size_t i = 0; n && i < nsites; i++) {
        const struct stm_check_site *s = &__start_ungil_checks[i];
        struct fields in = fields_of(s->view, 0);
        for (size_t k = 0; k < in.n && !store_site[i]; k++)
            store_site[i] = meet(s, in.at[k]);
    }
}

/* Does a field's declaration, or what was inferred, say of the store itself that it must not be? */
static bool is_immutable(const struct stm_check_site *site)
{
    return site->flags & STM_CHECK_IMMUTABLE || store_site[site - __start_ungil_checks];
}

/* ---- by the number of the type */

struct bytes {
    long off, size;
    const char *name;
};
static struct type_bytes {
    struct fields declared, inferred; /* of a record, */
    long step, hi;                    /* which the type has at each multiple of step up to hi */
    struct bytes *at;                 /* read as immutable */
    size_t n, cap;
} * believed;
static pthread_rwlock_t believed_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t believed_once = PTHREAD_ONCE_INIT;

static void believe(struct type_bytes *t, struct bytes b)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].off == b.off && t->at[i].size == b.size)
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

static void collect_believed(void)
{
    pthread_once(&once, collect_fields);
    believed = stmi_calloc(stmi_ntypes, sizeof *believed);
    for (const struct stm_check_type *t = __start_ungil_check_types; t < __stop_ungil_check_types; t++) {
        struct type_bytes *b = &believed[t->type->id];
        b->declared = fields_of(t->view, t->layout);
        b->inferred = fields_of(t->view, 0);
        b->step = t->step;
        b->hi = t->hi;
    }
}

/* The name of what is believed of some byte of [off, off + n) of the type; null: nothing is. */
static const char *believed_of(unsigned type, long off, long n)
{
    const struct type_bytes *t = &believed[type];
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].off < off + n && t->at[i].off + t->at[i].size > off)
            return t->at[i].name ? t->at[i].name : "?";
    if (!t->declared.n && !t->inferred.n)
        return NULL;
    long x = t->step ? off / t->step * t->step : 0;
    for (x = x > t->hi ? t->hi : x; x <= t->hi && x < off + n; x += t->step) {
        const struct stm_check_field *f = believed_in(t->declared, off - x, n);
        if (!f)
            f = believed_in(t->inferred, off - x, n);
        if (f)
            return f->name ? f->name : "?";
        if (!t->step)
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

/* ---- what became of the bytes of single objects */

enum byte_event { READ_AS_IMMUTABLE = 1, STORED_LATE = 2 }; /* late: when the object was not fresh */

struct life {
    uptr start;
    size_t n;
    unsigned char *byte;
    const char *name; /* of a field that was read */
    struct life *next;
};
enum { LIVES_BITS = 14 };
static struct life *lives[1 << LIVES_BITS];
static _Atomic size_t nlives;
static pthread_mutex_t lives_lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_dead(uptr start)
{
    if (start - STM_HEAP_BASE >= STM_HEAP_MAX)
        return false;
    if (!stmi_in_large(start))
        return !stmi_bit(stmi_heap.start, stmi_granule(start));
    const struct stmi_large *l = stmi_large_find(start);
    return !l || l->ref != start;
}

/* What was there is no one's any more, and the memory may become another object. */
static void forget_the_dead(void)
{
    pthread_mutex_lock(&lives_lock);
    for (size_t k = 0; k < 1ul << LIVES_BITS; k++)
        for (struct life **at = &lives[k], *l; (l = *at);) {
            if (!is_dead(l->start)) {
                at = &l->next;
                continue;
            }
            *at = l->next;
            free(l->byte);
            free(l);
            nlives--;
        }
    pthread_mutex_unlock(&lives_lock);
}

static struct life *life_of(uptr start, size_t make)
{
    struct life **bucket = &lives[(start >> 3) * 0x9e3779b97f4a7c15u >> (64 - LIVES_BITS)], *l = *bucket;
    while (l && l->start != start)
        l = l->next;
    if (!l && make) {
        l = stmi_calloc(1, sizeof *l);
        *l = (struct life){start, make, stmi_calloc(make, 1), NULL, *bucket};
        *bucket = l;
        nlives++;
        stmi_swept = forget_the_dead;
    }
    return l;
}

static uptr start_of(const struct place *at, uptr r)
{
    const struct stm_static *st = at->owner ? NULL : stmi_static_find(r);
    return st ? (uptr)st->addr : at->owner;
}

/* What `how` says happens to the n bytes at r, of an object that is not fresh.  Return: null, or, if the
 * other thing happened to some of them before, the name of what was read, or "?".  What is stored to an
 * object with a type is remembered only if something in it was read. */
static const char *happens(const struct place *at, uptr r, size_t n, enum byte_event how, const char *name)
{
    uptr start = start_of(at, r);
    bool make = how == READ_AS_IMMUTABLE || !at->id, both = false;
    if (!at->nbytes || (!make && !nlives))
        return NULL;
    pthread_mutex_lock(&lives_lock);
    struct life *l = life_of(start, make ? at->nbytes : 0);
    for (size_t k = r - start; l && k < l->n && k < r - start + n; k++) {
        both |= l->byte[k] && l->byte[k] != how;
        l->byte[k] |= how;
    }
    if (l && name)
        l->name = name;
    name = !both ? NULL : l->name ? l->name : "?";
    pthread_mutex_unlock(&lives_lock);
    return name;
}

/* ---- immutable bytes */

static bool is_old(const struct stmi_seg *s, uptr r)
{
    return r - STM_HEAP_BASE >= STM_HEAP_MAX || !stmi_is_fresh(s, r);
}

/* The name of what is believed immutable among the n bytes at r; null: nothing is. */
static const char *believed_at(const struct place *at, uptr r, size_t n)
{
    if (!at->id)
        return NULL;
    pthread_rwlock_rdlock(&believed_lock);
    const char *name = believed_of(at->id, (long)(r - start_of(at, r)), (long)n);
    pthread_rwlock_unlock(&believed_lock);
    return name;
}

/* n bytes at r are read as immutable.  True: they have been stored to when they must not. */
static bool read_as_immutable(const struct stmi_seg *s, const struct stm_check_site *site, uptr r, size_t n)
{
    pthread_once(&believed_once, collect_believed);
    struct place at = place_of(s, r);
    if (believed_at(&at, r, n))
        return false;
    if (!at.id || site->flags & STM_CHECK_IMMUTABLE)
        return is_old(s, r) && happens(&at, r, n, READ_AS_IMMUTABLE, site->field);
    pthread_rwlock_wrlock(&believed_lock);
    believe(&believed[at.id], (struct bytes){(long)(r - start_of(&at, r)), (long)n, site->field});
    pthread_rwlock_unlock(&believed_lock);
    return false;
}

/* What is wrong with a store to the n bytes at r; null: nothing. */
static const char *wrong_store(const struct stmi_seg *s, const struct stm_check_site *site, uptr r, size_t n)
{
    static const char field[] = "store to an immutable field of an object that is not fresh",
                      bytes[] = "store to immutable bytes of an object that is not fresh";
    pthread_once(&believed_once, collect_believed);
    if (!nfields || !is_old(s, r))
        return NULL;
    struct place at = place_of(s, r);
    const char *name = believed_at(&at, r, n);
    if (name)
        return site->field && !strcmp(name, site->field) ? field : bytes;
    if (is_immutable(site))
        return field;
    return happens(&at, r, n, STORED_LATE, NULL) ? bytes : NULL;
}

/* What a function that is not translated may have changed. */
enum { MUCH = 1 << 16 }; /* of an object without a type no more is compared */
static __thread struct {
    const char *where;
    uptr start, record; /* record: where that of the view begins */
    struct fields declared, inferred;
    size_t n, cap;
    unsigned long tx;
    unsigned char *was;
} out;

/* Of the n bytes at r, which it has changed. */
static const char *changed(const struct place *at, uptr r, size_t n)
{
    const char *name = believed_at(at, r, n);
    const struct stm_check_field *f = NULL;
    if (!name && !at->id)
        f = believed_in(out.declared, (long)(r - out.record), (long)n);
    if (!name && !at->id && !f)
        f = believed_in(out.inferred, (long)(r - out.record), (long)n);
    if (name || f)
        return name ? name : f->name ? f->name : "?";
    return happens(at, r, n, STORED_LATE, NULL);
}

static void look_again(const struct stmi_thread *t)
{
    const char *where = out.where;
    out.where = NULL;
    if (!where || out.tx != t->self->tx)
        return;
    const unsigned char *now = stmi_view(t->seg, out.start);
    struct place at = place_of(t->seg, out.start);
    for (size_t i = 0, end; i < out.n; i = end + 1) {
        for (end = i; end < out.n && now[end] != out.was[end];)
            end++;
        const char *name = end > i ? changed(&at, out.start + i, end - i) : NULL;
        if (name) {
            stmi_warn("write to an immutable field of an object that is not fresh: %s: %s, object of type %s "
                      "at %p",
                      where, name, at.type, (void *)out.start);
            abort();
        }
    }
}

void *stm_check_out(const char *where, const volatile void *p, const char *view, unsigned long layout,
                    long off)
{
    struct stmi_thread *t = stmi_me;
    uptr r = (uptr)p;
    if (!t || !t->seg || !t->seg->in_tx || t->calling_out || stmi_is_guest(t))
        return (void *)r;
    look_again(t);
    pthread_once(&believed_once, collect_believed);
    if (!nfields || !stm_is_ref_(r) || !is_old(t->seg, r))
        return (void *)r;
    struct place at = place_of(t->seg, r);
    if (!at.nbytes)
        return (void *)r;
    out.start = start_of(&at, r);
    out.n = at.nbytes;
    out.record = r - (uptr)off;
    out.declared = fields_of(view, layout);
    out.inferred = fields_of(view, 0);
    if (!at.id) { /* from the record on, or from r */
        uptr from = view && out.record >= out.start && out.record <= r ? out.record : r;
        out.n -= from - out.start;
        out.n = out.n < MUCH ? out.n : MUCH;
        out.start = from;
    }
    if (out.n > out.cap) {
        free(out.was);
        out.cap = out.n;
        out.was = stmi_calloc(out.cap, 1);
    }
    stmi_committing = look_again;
    out.where = where;
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
    stmi_check_seen(site);
    if (!t || !t->seg || !t->seg->in_tx || t->calling_out || !stm_is_ref_(p) || !n)
        return;
    if (!stmi_is_guest(t))
        look_again(t);
    bool immutable = site->flags & (STM_CHECK_IMMUTABLE | STM_CHECK_INFERRED);
    uptr own = site->bits >= 0 ? p + (uptr)site->bits : p;
    size_t nown = site->bits >= 0 ? 1 : n;
    if (site->flags & STM_CHECK_WRITE) {
        if (!may_write(t->seg, p, n))
            caught(t, site, p, "access without barrier");
        const char *wrong = stmi_is_guest(t) ? NULL : wrong_store(t->seg, site, own, nown);
        if (wrong)
            caught(t, site, p, wrong);
    } else if (immutable) {
        if (!stmi_is_guest(t) && read_as_immutable(t->seg, site, own, nown))
            caught(t, site, p, "read as immutable of bytes stored to when their object was not fresh");
    } else if (p - (uptr)__start_ungil_const >= (uptr)(__stop_ungil_const - __start_ungil_const) &&
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

void stm_check_raw(const volatile void *p, const char *where)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || !t->seg->in_tx || !stm_is_ref_((uptr)p))
        return;
    stmi_warn("a reference, which STM_RAW says it never is: %s: %p", where, (const void *)p);
    abort();
}
