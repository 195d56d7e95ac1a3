/* util.c - messages, and memory for the runtime's own tables.
 *
 * The runtime must be able to complain from anywhere, a signal handler included, so messages are
 * formatted into a buffer on the stack and written with write(2).  Tables live outside the
 * transactional heap; the large ones are address space that costs memory only where touched. */
#include "runtime.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void say(const char *fmt, va_list ap)
{
    char line[512] = "ungil: ";
    int n = 7 + vsnprintf(line + 7, sizeof line - 8, fmt, ap);
    if (n > (int)sizeof line - 2)
        n = sizeof line - 2;
    line[n++] = '\n';
    for (char *p = line; n > 0;) {
        ssize_t k = write(2, p, (size_t)n);
        if (k < 0 && errno != EINTR)
            return;
        if (k > 0)
            p += k, n -= (int)k;
    }
}

void stmi_warn(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

bool stmi_is_copying;

/* What is in the stream's buffer was committed.  A stream that another thread is using may be so for ever. */
void stmi_flush(FILE *f)
{
    if (ftrylockfile(f))
        return;
    fflush(f);
    funlockfile(f);
}

/* The user's error, or the machine's limits.  _exit: exit handlers may be translated code. */
void stmi_die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    if (!stmi_is_copying) {
        stmi_flush(stdout);
        stmi_output_last();
    }
    _exit(2);
}

/* Our bug. */
void stmi_broken(const char *what, const char *file, int line)
{
    stmi_warn("internal error: %s (%s:%d)", what, file, line);
    abort();
}

void stmi_no_memory(const char *what)
{
    stmi_die("out of memory (%s)", what);
}

void *stmi_grow(void *at, size_t *cap, size_t item)
{
    size_t n = *cap < 16 ? 16 : *cap * 2;
    void *p = realloc(at, n * item);
    if (!p)
        stmi_no_memory("runtime tables");
    *cap = n;
    return p;
}

void *stmi_calloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        stmi_no_memory("runtime tables");
    return p;
}

void *stmi_reserve(size_t bytes, const char *what)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        stmi_die("cannot reserve %zu KB of address space for %s: %s", bytes >> 10, what, strerror(errno));
    return p;
}

/* Stacks have red zones, and views may be written by others while copied: no interceptor may look. */
void stmi_copy(void *to, const void *from, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

unsigned long stmi_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long)t.tv_sec * 1000000ul + (unsigned long)t.tv_nsec / 1000;
}

#ifdef UNGIL_DEBUG
/* glibc notes who has locked a mutex, of any kind. */
bool stmi_holds(const pthread_mutex_t *m)
{
    return m->__data.__owner == gettid();
}
#endif
