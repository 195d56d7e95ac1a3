/* Functions of the library that keep to rules of their own: what they hand on to functions of ours as it is,
 * what they store where an argument leads, memory of malloc's that they make larger. */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <search.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <ungil.h>

struct STM_OBJECT box {
    long v;
    char name[16];
    void *stack;
    size_t size;
    pthread_t thread;
    int count;
    signed char tiny;
};
static struct box *shared;
static void *stack;
static size_t size;

static int above(const void *key, const void *element)
{
    const struct box *b = key;
    return (b->v > *(const int *)element) - (b->v < *(const int *)element);
}

static int unlike(const void *key, const void *element)
{
    return ((const struct box *)key)->v != *(const int *)element;
}

/* What is looked for is an object; the library does not look at it. */
static void searches(struct box *b)
{
    static int numbers[] = {1, 3, 5, 7, 9, 11};
    size_t n = 6;
    b->v = 7;
    STM_SAFEPOINT();
    int *found = bsearch(b, numbers, n, sizeof *numbers, above);
    printf("%td", found - numbers);
    b->v = 9;
    found = lfind(b, numbers, &n, sizeof *numbers, unlike);
    printf(" %td\n", found - numbers);
}

/* Elements' addresses are the program's own: it counts by them, and keeps them. */
static long table[9];
static size_t used = 8;
static const long *last;
static int by_place(const void *key, const void *element)
{
    long k = *(const long *)key, at = (const long *)element - table;
    last = element;
    STM_SAFEPOINT();
    return (k > at) - (k < at);
}
static int other_place(const void *key, const void *element)
{
    last = element;
    return &table[*(const long *)key] != element;
}
static void places(void)
{
    for (long k = 0; k < 8; k++)
        table[k] = k * 10;
    for (long k = -1; k < 10; k += 3) {
        STM_SAFEPOINT();
        const long *p = bsearch(&k, table, 8, sizeof *table, by_place);
        printf("%ld %td ", p ? *p : -1, last - table);
    }
    long k = 6;
    const long *p = lfind(&k, table, &used, sizeof *table, other_place);
    printf("%td %td", p - table, last - table);
    k = 8;
    p = lsearch(&k, table, &used, sizeof *table, other_place);
    STM_SAFEPOINT();
    printf(" %td %ld %zu %td\n", p - table, *p, used, last - table);
}

static int see(struct dl_phdr_info *info, size_t bytes, void *data)
{
    struct box *b = data;
    b->v += info->dlpi_phnum > 0 && bytes;
    STM_SAFEPOINT();
    return b->v > 1;
}

static void *nothing(void *arg)
{
    return arg;
}

static void threads(struct box *b)
{
    pthread_attr_t own, attributes;
    void *at = NULL;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    pthread_create(&b->thread, &attributes, nothing, b->name);
    pthread_t id = b->thread;
    STM_SAFEPOINT();
    pthread_join(id, &at);
    printf("%d %d\n", b->thread == id, at == b->name);
    pthread_getattr_np(pthread_self(), &own);
    pthread_attr_getstack(&own, &stack, &size);
    pthread_attr_getstack(&own, &b->stack, &b->size);
    STM_SAFEPOINT();
    printf("%d %d\n", stack == b->stack && stack, size == b->size && size);
    pthread_attr_destroy(&own);
    pthread_attr_destroy(&attributes);
}

/* Results, and stored pointers, that lead into arguments. */
static void inside(struct box *b)
{
    char *end;
    strcpy(b->name, "12x34y");
    STM_SAFEPOINT();
    *strchr(b->name, 'x') = '-';
    printf("%ld", strtol(b->name, &end, 10));
    *end = '+';
    printf(" %s", end);
    ((char *)memchr(b->name, 'y', 8))[-1] = '5';
    *strpbrk(b->name, "y") = 'z';
    printf(" %s\n", b->name);
}

static void __attribute__((noinline)) say(const char *format, ...)
{
    char text[64];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    puts(text);
}

static void memory(struct box *b)
{
    long **rows = reallocarray(NULL, 10, sizeof *rows), sum = 0;
    for (int i = 0; i < 100; i++) {
        if (i % 10 == 0)
            rows = reallocarray(rows, (size_t)i + 10, sizeof *rows);
        rows[i] = malloc(sizeof **rows);
        *rows[i] = i;
        if (i % 7 == 0)
            STM_SAFEPOINT();
    }
    for (int i = 0; i < 100; i++)
        sum += *rows[i];
    volatile size_t many = SIZE_MAX / 4;
    errno = 0;
    b->stack = reallocarray(NULL, many, sizeof *rows);
    printf("%ld %d %d\n", sum, b->stack == NULL, errno == ENOMEM);
    printf("%d %d\n", malloc_usable_size(rows) >= 100 * sizeof *rows, malloc_usable_size(NULL) == 0);
    free(rows);
    void *(*larger)(void *, size_t, size_t) = reallocarray;
    char *text = larger(NULL, 4, 4);
    strcpy(text, "grown");
    text = larger(text, 1000, 4);
    puts(text);
    free(text);
    if (posix_memalign((void **)&b->stack, 64, 100) == 0) {
        printf("%d\n", (uintptr_t)b->stack % 64 == 0 && malloc_usable_size(b->stack) >= 100);
        free(b->stack);
    }
}

/* What the library keeps for itself is not undone: such a transaction is not aborted. */
/* What memory functions write to raw variables is written once, as by an assignment. */
static long raw[4] STM_RAW;
static struct pair {
    long a, b;
} raw_pair STM_RAW;
static void raw_memory(struct box *b)
{
    for (int i = 0; i < 200; i++) {
        STM_SAFEPOINT();
        long next[2] = {raw[0] + 1, raw[1] + 2};
        struct pair p = {raw_pair.a + 1, raw_pair.b + 2}, q = p;
        memcpy(raw, next, sizeof next);
        b->v++;
        memmove(&raw[2], raw, sizeof next);
        __builtin_memcpy(&raw_pair, &q, sizeof q);
        b->v++;
        STM_SAFEPOINT();
        char first = *(char *)raw;
        memset(raw, first, 1);
        bcopy(next, raw, sizeof next);
        b->v++;
    }
    printf("%ld %ld %ld %ld %ld %ld\n", raw[0], raw[1], raw[2], raw[3], raw_pair.a, raw_pair.b);
}

static void own_state(struct box *b)
{
    long wrong = 0;
    for (int i = 0; i < 200; i++) {
        struct tm tm = {.tm_year = 100, .tm_mon = i % 12, .tm_mday = 1};
        char text[20], *message = strerror(1001);
        setenv("TZ", i % 2 ? "AAA3" : "BBB5", 1);
        tzset();
        setenv("TZ", i % 2 ? "BBB5" : "AAA3", 1);
        STM_SAFEPOINT();
        wrong += strcmp(message, "Unknown error 1001") != 0;
        wrong += timezone != 3600 * (i % 2 ? 3 : 5);
        b->v++;
        message = strerror(1002);
        if (i % 3)
            strftime(text, sizeof text, "%Z", &tm);
        else
            mktime(&tm);
        STM_SAFEPOINT();
        wrong += strcmp(message, "Unknown error 1002") != 0;
    }
    printf("%ld\n", wrong);
}

static volatile int told;
static void tell(union sigval v)
{
    shared->v = shared->count + v.sival_int;
    told = 1;
}

/* A function that the library calls in a thread of its own. */
static void notified(struct box *b)
{
    timer_t timer;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 5};
    struct itimerspec soon = {{0, 0}, {0, 1000000}};
    e.sigev_notify_function = tell;
    b->count = 7;
    STM_SAFEPOINT();
    if (timer_create(CLOCK_MONOTONIC, &e, &timer) || timer_settime(timer, 0, &soon, NULL))
        abort();
    STM_BLOCKING
    {
        while (!told)
            usleep(1000);
    }
    printf("%ld\n", b->v);
    timer_delete(timer);
}

int main(void)
{
    shared = STM_NEW(struct box);
    STM_SAFEPOINT();
    searches(shared);
    places();
    shared->v = 0;
    dl_iterate_phdr(see, shared);
    printf("%ld\n", shared->v);
    threads(shared);
    inside(shared);
    say("abc%n%hhn", &shared->count, &shared->tiny);
    STM_SAFEPOINT();
    printf("%d %d\n", shared->count, shared->tiny);
    memory(shared);
    raw_memory(shared);
    own_state(shared);
    notified(shared);
    return 0;
}
