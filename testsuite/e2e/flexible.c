/* flags: -pthread */
/* Variables with a flexible array member, whose initialiser gives it elements: those are part of them, for
 * barriers, for the collector, for aborts. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "lock.h"

enum { ELEMENTS = 40, ROUNDS = 500, THREADS = 3 };
struct STM_OBJECT cell {
    long n;
};
struct counts {
    int n;
    long of[];
};
static struct counts counts = {ELEMENTS, {[ELEMENTS - 1] = 0}};
static struct {
    char n;
    char text[];
} text = {5, {"some text that is longer than a granule or two"}};
struct STM_OBJECT table {
    long n;
    struct cell *cells[];
};
static struct table table = {.n = 3, .cells = {NULL, NULL, NULL}};
static volatile struct counts last = {.of = {1, 2, 3}, .n = 3};

static void *count(void *arg)
{
    for (int k = 0; k < ROUNDS; k++) {
        ENTER();
        counts.of[k % counts.n]++;
        counts.of[counts.n - 1]++;
        table.cells[k % table.n]->n++;
        last.of[2]++;
        text.text[44]++;
        LEAVE();
    }
    return arg;
}

int main(void)
{
    pthread_t ids[THREADS];
    for (int k = 0; k < 3; k++) {
        table.cells[k] = STM_NEW(struct cell);
        table.cells[k]->n = k;
    }
    for (int k = 0; k < 20000; k++)
        STM_NEW(struct cell)->n = -1;
    stm_collect();
    for (int k = 0; k < THREADS; k++)
        if (pthread_create(&ids[k], NULL, count, NULL))
            return 2;
    for (int k = 0; k < THREADS; k++)
        STM_BLOCKING
        {
            pthread_join(ids[k], NULL);
        }
    long sum = 0;
    for (int k = 0; k < counts.n; k++)
        sum += counts.of[k];
    printf("%ld %ld %ld %d %s\n", sum, counts.of[ELEMENTS - 1], last.of[2], text.text[44], text.text);
    printf("%ld %ld %ld\n", table.cells[0]->n, table.cells[1]->n, table.cells[2]->n);
    return 0;
}
