/* tls.c - the running thread's own variables: where they are, and how an abort puts them back.
 *
 * No other thread may write them, so nothing is logged; but an abort must undo what the transaction wrote.
 * The first write of a transaction to a byte saves it, later ones find it saved: a shadow word for each 8
 * bytes of thread-local storage holds the number of the attempt (stm_self.tx) and which of the bytes it has
 * saved.  So a transaction saves at most all of the thread's storage, however long it runs, and bytes that
 * it did not write are left alone: they may be another's variables, which are not translated.
 *
 * What is saved goes by aligned words, so that the collector finds references in it. */
#include "runtime.h"

#include <link.h>

/* ---- the blocks of the calling thread, one for each module that has any */

static int add_tls(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    struct stmi_thread *t = arg;
    if (!info->dlpi_tls_data)
        return 0; /* none, or not allocated yet by this thread */
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        if (ph->p_type == PT_TLS && t->ntls < STMI_MAX_TLS) {
            uptr at = (uptr)info->dlpi_tls_data;
            t->tls[t->ntls++] = (struct stmi_tls){at, at + ph->p_memsz, NULL};
        }
    }
    return 0;
}

void stmi_tls_find(struct stmi_thread *t)
{
    t->ntls = 0;
    dl_iterate_phdr(add_tls, t);
}

void stmi_tls_free(struct stmi_thread *t)
{
    for (int i = 0; i < t->ntls; i++)
        free(t->tls[i].saved);
    t->ntls = 0;
    free(t->undo.at);
}

#if STMI_VIEWS
/* ---- before a write, and after an abort */

enum { WORD = 8, MASK_BITS = 8 };

/* The word at `at` as far as it lies in r. */
static uptr load_word(const struct stmi_tls *r, uptr at)
{
    uptr value = 0;
    for (uptr k = 0; k < WORD; k++)
        if (at + k >= r->lo && at + k < r->hi) {
            uptr byte = *(const unsigned char *)(at + k);
            value |= byte << (8 * k);
        }
    return value;
}

static void save_word(struct stmi_thread *t, struct stmi_tls *r, uptr at, unsigned mask)
{
    uptr *saved = &r->saved[at / WORD - r->lo / WORD], now = t->self->tx << MASK_BITS;
    if ((*saved ^ now) >> MASK_BITS)
        *saved = now;
    unsigned missing = mask & ~(unsigned)(*saved & ((1 << MASK_BITS) - 1));
    if (!missing)
        return;
    *saved |= missing;
    bool whole = at >= r->lo && at + WORD <= r->hi;
    stmi_push(&t->undo, (struct stmi_undo){at, whole ? *(uptr *)at : load_word(r, at), missing});
}

bool stmi_tls_save(struct stmi_thread *t, uptr p, size_t n)
{
    for (int i = 0; i < t->ntls; i++) {
        struct stmi_tls *r = &t->tls[i];
        if (p - r->lo >= r->hi - r->lo || n > r->hi - p)
            continue;
        if (!r->saved)
            r->saved = stmi_calloc(r->hi / WORD - r->lo / WORD + 1, sizeof *r->saved);
        for (uptr at = p - p % WORD; at < p + n; at += WORD) {
            unsigned mask = 0xff;
            if (at < p)
                mask &= 0xffu << (p - at);
            if (at + WORD > p + n)
                mask &= 0xffu >> (at + WORD - (p + n));
            save_word(t, r, at, mask);
        }
        return true;
    }
    return false;
}

void stmi_tls_undo(struct stmi_thread *t)
{
    for (size_t i = t->undo.n; i-- > 0;) {
        const struct stmi_undo *u = &t->undo.at[i];
        for (uptr k = 0; k < WORD; k++)
            if (u->mask >> k & 1)
                *(unsigned char *)(u->at + k) = (unsigned char)(u->value >> (8 * k));
    }
    t->undo.n = 0;
}

void stmi_tls_roots(struct stmi_marker *m, const struct stmi_thread *t)
{
    for (size_t i = 0; i < t->undo.n; i++)
        stmi_mark_word(m, t->undo.at[i].value);
}
#endif
