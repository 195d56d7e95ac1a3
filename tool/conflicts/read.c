/* read.c - a conflict log from file to records (ungil_log.h).
 *
 * The process that wrote it may have been killed, may still be running, the disk may have been full, or the
 * file copied half: a chunk that is cut is read as far as it goes.  A record that makes no sense is an error
 * with its place in the file; reading goes on with the next chunk. */
#include "conflicts/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const size_t least_bytes[UNGIL_LOG_KIND_COUNT] = {
#define K(kind, fields) [UNGIL_LOG_##kind] = sizeof(struct ungil_log_##kind),
    UNGIL_LOG_KINDS(K)
#undef K
};

static int load(struct event_log *l)
{
    FILE *f = fopen(l->file, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) || S_ISDIR(st.st_mode)) {
        fprintf(stderr, "ungil: error: cannot read %s: %s\n", l->file,
                strerror(f && S_ISDIR(st.st_mode) ? EISDIR : errno));
        if (f)
            fclose(f);
        return 2;
    }
    size_t cap = (size_t)st.st_size + 1;
    l->bytes = xrealloc(NULL, cap);
    for (size_t k; (k = fread(l->bytes + l->n, 1, cap - l->n, f)) > 0;)
        if ((l->n += k) == cap)
            l->bytes = xrealloc(l->bytes, cap *= 2);
    fclose(f);
    return 0;
}

static int refuse(const struct event_log *l, const char *why)
{
    fprintf(stderr, "%s: error: %s\n", l->file, why);
    return 1;
}

static void bad_record(struct event_log *l, size_t at, const char *what)
{
    fprintf(stderr, "%s: byte %zu: error: %s; the rest of this chunk is skipped\n", l->file, at, what);
    l->bad++;
}

/* Names end with two texts, each with its NUL; then a reader cannot run beyond them. */
static bool text_ends(const struct ungil_log_record *r, size_t fixed)
{
    const char *p = (const char *)r + fixed, *end = (const char *)r + r->words * sizeof(uint64_t);
    return p < end && memchr(p, 0, (size_t)(end - p));
}

static void read_chunk(struct event_log *l, size_t at, size_t end)
{
    while (at + sizeof(struct ungil_log_record) <= end) {
        const struct ungil_log_record *r = (const void *)(l->bytes + at);
        if (r->kind == UNGIL_LOG_END)
            return;
        if (r->kind >= UNGIL_LOG_KIND_COUNT) {
            bad_record(l, at, "not a record");
            return;
        }
        if (r->words * sizeof(uint64_t) < least_bytes[r->kind]) {
            bad_record(l, at, "a record that is too short");
            return;
        }
        if (at + r->words * sizeof(uint64_t) > end)
            return; /* cut */
        bool text = r->kind == UNGIL_LOG_NAME || r->kind == UNGIL_LOG_THREAD;
        if (text && !text_ends(r, least_bytes[r->kind])) {
            bad_record(l, at, "a text without end");
            return;
        }
        if (r->kind == UNGIL_LOG_NAME)
            map_put(&l->names,
                    (uint64_t)r->thread << 32 | ((const struct ungil_log_NAME *)r)->number |
                        (r->thread ? 0 : (uint64_t)((const struct ungil_log_NAME *)r)->what << 24),
                    (void *)r);
        else
            ptr_push(&l->v, &l->nrecords, &l->cap, (void *)r);
        at += r->words * sizeof(uint64_t);
    }
}

int log_read(struct event_log *l, const char *file)
{
    l->file = file;
    int rc = load(l);
    if (rc)
        return rc;
    const struct ungil_log_header *h = l->header = (const void *)l->bytes;
    if (l->n < sizeof *h || memcmp(h->magic, UNGIL_LOG_MAGIC, 8))
        return refuse(l, "not a conflict log (a program run with STM_LOG=FILE makes one)");
    if (h->version != UNGIL_LOG_VERSION)
        return refuse(l, "written by another version of the runtime");
    if (h->chunk < 1024 || h->chunk % 8 || !memchr(h->program, 0, sizeof h->program))
        return refuse(l, "its header is damaged");
    l->guessed = h->ns1 <= h->ns0 || h->ticks1 <= h->ticks0;
    l->us = l->guessed ? 0.0005 : (double)(h->ns1 - h->ns0) / (double)(h->ticks1 - h->ticks0) * 1e-3;
    l->cut = l->n < UNGIL_LOG_HEADER || (l->n - UNGIL_LOG_HEADER) % h->chunk;
    for (size_t at = UNGIL_LOG_HEADER; at < l->n; at += h->chunk)
        read_chunk(l, at, l->n - at < h->chunk ? l->n : at + h->chunk);
    return 0;
}

void log_free(struct event_log *l)
{
    free(l->bytes);
    free(l->v);
    map_free(&l->names);
}

const struct ungil_log_NAME *log_name(const struct event_log *l, uint32_t thread, uint32_t number)
{
    return map_get(&l->names, (uint64_t)thread << 32 | number);
}

const char *log_text(const struct ungil_log_NAME *n)
{
    return (const char *)(n + 1);
}

/* The runtime always writes two; one that is alone is followed by the zeros that fill its last word, or by
 * nothing. */
const char *log_text2(const struct ungil_log_NAME *n)
{
    const char *one = log_text(n), *two = one + strlen(one) + 1,
               *end = (const char *)n + n->head.words * sizeof(uint64_t);
    return two < end && memchr(two, 0, (size_t)(end - two)) ? two : "";
}
