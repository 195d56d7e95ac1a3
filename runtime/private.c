/* private.c - memory that only one thread reaches, such as an interpreter's stack of values (annotations.md
 * R7).
 *
 * It is outside the heap and accessed as it is.  A begin saves what is in use of it, an abort puts that
 * back, and the collector scans both, as it does with the C stack.  What is above the top does not matter:
 * whatever an attempt pushed there is gone with it, what it popped was in use at the begin. */
#include "runtime.h"

static size_t in_use(const struct stmi_private *p)
{
    return !p->top || *p->top > p->hi ? p->hi - p->lo : *p->top > p->lo ? *p->top - p->lo : 0;
}

void stmi_private_save(struct stmi_thread *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->private_roots.n; i++) {
        struct stmi_private *p = &t->private_roots.at[i];
        p->saved = in_use(p);
        p->top_was = p->top ? *p->top : 0;
        while (n + p->saved > t->private_save_cap)
            t->private_save = stmi_grow(t->private_save, &t->private_save_cap, 1);
        memcpy(t->private_save + n, (void *)p->lo, p->saved);
        n += (p->saved + 7) & ~7ul; /* words stay aligned, for the collector */
        if (n > t->private_save_cap)
            t->private_save = stmi_grow(t->private_save, &t->private_save_cap, 1);
    }
}

void stmi_private_restore(struct stmi_thread *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->private_roots.n; i++) {
        const struct stmi_private *p = &t->private_roots.at[i];
        memcpy((void *)p->lo, t->private_save + n, p->saved);
        n += (p->saved + 7) & ~7ul;
        if (p->top)
            *p->top = p->top_was;
    }
}

/* saved: also what an abort would put back. */
void stmi_private_roots(struct stmi_marker *m, struct stmi_thread *t, bool saved)
{
    size_t n = 0;
    for (size_t i = 0; i < t->private_roots.n; i++) {
        const struct stmi_private *p = &t->private_roots.at[i];
        stmi_mark_range(m, (void *)p->lo, (void *)(p->lo + in_use(p)));
        n += (p->saved + 7) & ~7ul;
    }
    if (saved && n)
        stmi_mark_range(m, t->private_save, t->private_save + n);
}

void stmi_private_free(struct stmi_thread *t)
{
    for (size_t i = 0; i < t->private_roots.n; i++)
        if (t->private_roots.at[i].own)
            free((void *)t->private_roots.at[i].lo);
    free(t->private_roots.at);
    free(t->private_save);
}

/* ---- what translated code calls; the transaction is inevitable, so nothing of this is ever undone */

static void *forget(struct stmi_thread *t, struct stmi_private *p)
{
    if (p->own)
        free((void *)p->lo);
    *p = t->private_roots.at[--t->private_roots.n];
    return NULL;
}

static void *resize(struct stmi_private *p, size_t bytes)
{
    size_t used = in_use(p);
    char *at = p->own ? realloc((void *)p->lo, bytes) : (void *)p->lo;
    if (!at)
        return NULL;
    if (bytes > p->hi - p->lo && p->own)
        memset(at + (p->hi - p->lo), 0, bytes - (p->hi - p->lo));
    if (p->top)
        *p->top = (uptr)at + (used < bytes ? used : bytes);
    p->lo = (uptr)at;
    p->hi = p->lo + bytes;
    return at;
}

void *stm_private_stack(void *base, size_t bytes, void *top)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || t->calling_out)
        stmi_die("stm_private_stack outside the zone");
    stm_become_inevitable("private stack");
    for (size_t i = 0; base && i < t->private_roots.n; i++) {
        struct stmi_private *p = &t->private_roots.at[i];
        if (p->lo == (uptr)base)
            return bytes ? resize(p, bytes) : forget(t, p);
    }
    if (!bytes)
        return NULL;
    bool own = !base;
    if (own && !(base = calloc(1, bytes)))
        return NULL;
    if (own && top)
        *(void **)top = base;
    stmi_push(&t->private_roots,
              (struct stmi_private){.lo = (uptr)base, .hi = (uptr)base + bytes, .top = top, .own = own});
    return base;
}
