/* output.c - output that waits for the commit.
 *
 * Writing to a stream cannot be undone, so it makes a transaction inevitable, and a program that prints in
 * every transaction runs one at a time.  For streams that the program names (stm_defer_output), what is
 * printed is kept in a buffer of the thread's, dropped by an abort, and written at commit.  To commit, such
 * a transaction turns inevitable, for as long as it takes to copy the buffer into the stream's: so output
 * has the order of the commits, and that of direct writes, which happen in inevitable transactions and find
 * the buffer flushed.
 *
 * The translator maps printf and its kin to the functions here, with real addresses in place of references
 * (tool/analysis/externals.txt).  In a va_list they are still references: there each conversion is formatted
 * alone. */
#include "runtime.h"

#include <errno.h>
#include <stdarg.h>

enum { MAX_STREAMS = 16 };
static FILE *_Atomic streams[MAX_STREAMS];
#define BUFFER_MAX (1ul << 20) /* more than this, and the transaction turns inevitable after all */

struct record {
    FILE *stream;
    size_t n;
}; /* n bytes follow, padded to 8; FLUSH: none */
#define FLUSH ((size_t)-1)

void stm_defer_output(void *stream)
{
    for (int i = 0; i < MAX_STREAMS; i++) {
        FILE *expected = NULL;
        if (atomic_compare_exchange_strong(&streams[i], &expected, stream) || expected == stream)
            return;
    }
    stmi_warn("more than %d deferred streams: one more is not", MAX_STREAMS);
}

static bool is_deferred(const FILE *f)
{
    const FILE *s = f;
    for (int i = 0; i < MAX_STREAMS && s; i++)
        if ((s = atomic_load_explicit(&streams[i], memory_order_relaxed)) == f)
            return s;
    return false;
}

void stmi_output_last(void)
{
    for (int i = 0; i < MAX_STREAMS && streams[i]; i++)
        stmi_flush(streams[i]);
}

/* A function of <stdio.h> that the program calls, and where. */
struct call {
    const char *why;
    const void *site;
};
#define CALL(name) ((struct call){name, __builtin_return_address(0)})

/* The thread whose buffer takes output to f; null: it goes to f itself, and nothing can be undone any more.
 */
static struct stmi_thread *buffering(FILE *f, struct call by)
{
    struct stmi_thread *t = stmi_me;
    if (STMI_VIEWS && t && t->seg && t->seg->in_tx && !t->self->inevitable && t->later.out_n < BUFFER_MAX &&
        is_deferred(f))
        return t;
    stmi_inevitable_at(by.why, by.site);
    return NULL;
}

static char *room(struct stmi_later *l, size_t n)
{
    while (l->out_cap - l->out_n < n)
        l->out = stmi_grow(l->out, &l->out_cap, 1);
    return l->out + l->out_n;
}

static void append(struct stmi_thread *t, FILE *f, const void *bytes, size_t n)
{
    struct stmi_later *l = &t->later;
    struct record *last = l->out_n ? (struct record *)(l->out + l->out_last) : NULL;
    if (!last || last->stream != f || last->n == FLUSH || n == FLUSH) {
        l->out_n = (l->out_n + 7) & ~7ul;
        *(struct record *)room(l, sizeof(struct record) + 8) = (struct record){f, n == FLUSH ? FLUSH : 0};
        l->out_last = l->out_n;
        l->out_n += sizeof(struct record);
    }
    t->pending = true;
    if (n == FLUSH)
        return;
    stmi_copy(room(l, n + 8), bytes, n);
    l->out_n += n;
    ((struct record *)(l->out + l->out_last))->n += n;
}

/* By an inevitable transaction.  Errors are the stream's to remember. */
void stmi_output_flush(struct stmi_thread *t)
{
    int err = errno;
    struct stmi_later *l = &t->later;
    for (size_t at = 0; at < l->out_n;) {
        const struct record *r = (struct record *)(l->out + at);
        at += sizeof *r;
        if (r->n == FLUSH)
            (void)fflush(r->stream);
        else if (fwrite(r + 1, 1, r->n, r->stream) != r->n && !ferror(r->stream))
            stmi_warn("deferred output: a write fell short");
        at = r->n == FLUSH ? at : (at + r->n + 7) & ~7ul;
    }
    l->out_n = 0;
    errno = err;
}

/* ---- printf and its kin.  Strings and formats are real addresses, the contents of a va_list any. */

static int print(FILE *f, const char *fmt, va_list ap, struct call by)
{
    struct stmi_thread *t = buffering(f, by);
    if (!t)
        return vfprintf(f, fmt, ap);
    char small[512], *big = NULL;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    if (n >= (int)sizeof small) {
        big = stmi_calloc(1, (size_t)n + 1);
        n = vsnprintf(big, (size_t)n + 1, fmt, again);
    }
    if (n > 0)
        append(t, f, big ? big : small, (size_t)n);
    free(big);
    va_end(again);
    return n;
}

int stm_printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = print(stdout, fmt, ap, CALL("printf"));
    va_end(ap);
    return n;
}

int stm_fprintf(void *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = print(f, fmt, ap, CALL("fprintf"));
    va_end(ap);
    return n;
}

static size_t write_bytes(FILE *f, const void *p, size_t n, struct call by)
{
    struct stmi_thread *t = buffering(f, by);
    if (!t)
        return fwrite(p, 1, n, f);
    if (n)
        append(t, f, p, n);
    return n;
}

static int vprint(FILE *f, const char *fmt, va_list ap, struct call by)
{
    struct stmi_text x = {0};
    (void)buffering(f, by); /* may abort: before there is anything to free */
    int n = stmi_format(&x, fmt, ap) && write_bytes(f, x.at, x.n, by) == x.n ? (int)x.n : -1;
    free(x.at);
    return n;
}

int stm_vprintf(const char *fmt, va_list ap)
{
    return vprint(stdout, fmt, ap, CALL("vprintf"));
}
int stm_vfprintf(void *f, const char *fmt, va_list ap)
{
    return vprint(f, fmt, ap, CALL("vfprintf"));
}

int stm_vsnprintf(char *to, stm_size size, const char *fmt, va_list ap)
{
    struct stmi_text x = {0};
    int n = stmi_format(&x, fmt, ap) ? (int)x.n : -1;
    if (n >= 0 && size) {
        size_t k = x.n < size ? x.n : size - 1;
        memcpy(to, x.at, k);
        to[k] = 0;
    }
    free(x.at);
    return n;
}

int stm_vsprintf(char *to, const char *fmt, va_list ap)
{
    return stm_vsnprintf(to, PTRDIFF_MAX, fmt, ap);
}

static int put_text(const char *s, FILE *f, struct call by)
{
    size_t n = strlen(s);
    return write_bytes(f, s, n, by) == n ? 1 : EOF;
}

int stm_fputs(const char *s, void *f)
{
    return put_text(s, f, CALL("fputs"));
}

int stm_puts(const char *s)
{
    return put_text(s, stdout, CALL("puts")) == EOF || write_bytes(stdout, "\n", 1, CALL("puts")) != 1 ? EOF
                                                                                                       : 1;
}

static int put_byte(int c, FILE *f, struct call by)
{
    char byte = (char)c;
    return write_bytes(f, &byte, 1, by) ? (unsigned char)c : EOF;
}

int stm_fputc(int c, void *f)
{
    return put_byte(c, f, CALL("fputc"));
}
int stm_putchar(int c)
{
    return put_byte(c, stdout, CALL("putchar"));
}

stm_size stm_fwrite(const void *p, stm_size size, stm_size n, void *f)
{
    size_t bytes;
    if (!size || !n || __builtin_mul_overflow(size, n, &bytes))
        return 0;
    return write_bytes(f, p, bytes, CALL("fwrite")) / size;
}

int stm_fflush(void *f)
{
    struct stmi_thread *t = f ? buffering(f, CALL("fflush")) : NULL;
    if (t)
        return append(t, f, NULL, FLUSH), 0;
    stmi_inevitable_at("fflush", __builtin_return_address(0));
    return fflush(f);
}

/* A stream's buffer is written by whoever writes to the stream, under its lock, for good: none that an abort
 * would put back, nor one that moves from view to view, can be it.  What lies there nobody may ask
 * (C 7.21.5.6), so it is one of the library's own. */
int stm_setvbuf(void *f, char *buffer, int mode, stm_size size)
{
    (void)buffer;
    stm_become_inevitable("setvbuf");
    return setvbuf(f, NULL, mode, mode == _IONBF ? 0 : size);
}

void stm_setbuf(void *f, char *buffer)
{
    (void)stm_setvbuf(f, NULL, buffer ? _IOFBF : _IONBF, BUFSIZ);
}

void stm_setbuffer(void *f, char *buffer, stm_size size)
{
    (void)stm_setvbuf(f, NULL, buffer ? _IOFBF : _IONBF, size);
}
