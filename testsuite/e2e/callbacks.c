/* flags: -pthread */
/* A function of the library that calls back is no safepoint: what is true only before and behind it, nobody
 * sees in between; and a function that calls one keeps the promise of STM_NO_SAFEPOINT. */
#define _GNU_SOURCE
#include <error.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include "lock.h"

struct STM_OBJECT side {
    long v;
};
static struct side *left, *right;
static long torn, missing;

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Which passes a safepoint: not one of the caller's, either. */
static int look(const void *key, const void *element)
{
    STM_SAFEPOINT();
    return *(const int *)key - *(const int *)element;
}

static int count(struct dl_phdr_info *info, size_t bytes, void *data)
{
    STM_SAFEPOINT();
    *(long *)data += info->dlpi_phnum > 0 && bytes;
    return 1;
}

static void name(void)
{
    STM_SAFEPOINT();
    fputs("name", stderr);
}

static STM_NO_SAFEPOINT __attribute__((noinline)) int sorted(int *k, size_t n)
{
    qsort(k, n, sizeof *k, compare);
    return k[0];
}

static void *work(void *arg)
{
    for (int i = 0; i < 600; i++) {
        int k[] = {3, 2, 4, 1}, two = 2;
        long seen = 0;
        ENTER();
        struct side *l = left;
        l->v--;
        switch (i % 4) {
        case 0:
            missing += sorted(k, 4) != 1;
            break;
        case 1:
            qsort(k, 4, sizeof *k, compare);
            missing += bsearch(&two, k, 4, sizeof *k, look) != &k[1];
            break;
        case 2:
            if (i % 200 == 2)
                error(0, 0, "%d", i);
            break;
        default:
            dl_iterate_phdr(count, &seen);
            missing += seen != 1;
        }
        l->v--;
        right->v += 2;
        LEAVE();
        ENTER();
        torn += left->v + right->v != 0;
        LEAVE();
    }
    return arg;
}

int main(void)
{
    pthread_t threads[3];
    error_print_progname = name;
    if (!freopen("/dev/null", "w", stderr)) /* what is said comes in any order */
        return 2;
    left = STM_NEW(struct side);
    right = STM_NEW(struct side);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 3; i++) {
        STM_BLOCKING
        {
            pthread_join(threads[i], NULL);
        }
    }
    printf("%ld %ld, torn %ld, missing %ld\n", left->v, right->v, torn, missing);
    return 0;
}
