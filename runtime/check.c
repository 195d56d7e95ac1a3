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
 * program, must not be stored to but in an object that this transaction allocated; such stores are caught
 * too.  The sites of the whole program say which fields those are. */
#include "runtime.h"
#include "ungil_check.h"

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

/* ---- what lies at an address */

struct place {
    uptr owner;
    const char *type;
};

/* An object that others' code is just making is none of ours to find: then owner is 0. */
static struct place place_of(const struct stmi_seg *s, uptr r)
{
    struct stmi_object o;
    if (r - STM_HEAP_BASE < STM_HEAP_MAX) {
        if (!stmi_find(r, (ptrdiff_t)s->base, &o))
            return (struct place){0, "no object"};
        unsigned id = ((const struct stm_header *)stmi_view(s, o.ref - sizeof(struct stm_header)))->type_id;
        return (struct place){o.ref, id < stmi_ntypes && stmi_types[id]->name ? stmi_types[id]->name : "?"};
    }
    const struct stm_static *st = stmi_static_find(r);
    if (!st)
        return (struct place){0, "no object"};
    return (struct place){st->flags & STM_STATIC_OBJECT ? (uptr)st->addr : 0, st->name};
}

static void caught(const struct stmi_thread *t, const struct stm_check_site *site, uptr r, const char *what)
{
    struct place at = place_of(t->seg, r);
    stmi_warn("%s: %s:%u:%u: %s%sin %s: object of type %s at %p; %s", what, site->file, site->line, site->col,
              site->field ? site->field : "", site->field ? ", " : "", site->function, at.type, (void *)r,
              site->flags & STM_CHECK_WRITE ? "written" : "read");
    abort();
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
    if (site->flags & STM_CHECK_WRITE) {
        if (!may_write(t->seg, p, n))
            caught(t, site, p, "access without barrier");
        if (is_immutable(site) && !stmi_is_fresh(t->seg, p))
            caught(t, site, p, "store to an immutable field of an object that is not fresh");
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
