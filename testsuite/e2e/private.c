/* flags: -pthread */
/* An interpreter's stack of values in memory of its thread's own; what transactions that are tried again
 * pushed and popped is as if it had never been. */
#include <pthread.h>
#include <stdio.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT value {
    struct value *next;
    long n;
};

#ifdef UNGIL_TRANSLATE
const char *const stm_options[] = {"STM_BREAK=5", "STM_NURSERY=64k", "STM_MAJOR=256k",
                                   NULL}; /* ends and aborts at random */
#endif

static STM_THREAD_LOCAL struct value **top STM_RAW;
static struct value *shared; /* a list, for something to conflict at */

static void push(long n)
{
    struct value *v = STM_NEW(struct value);
    v->n = n;
    *top++ = v;
}

static long pop(void)
{
    return (*--top)->n;
}

static void *run(void *arg)
{
    long seed = (long)arg, depth = 0, pushed = 0, popped = 0, size = 64;
    struct value **base STM_RAW = stm_private_stack(NULL, (size_t)size * sizeof *base, &top);
    for (int i = 0; i < 30000; i++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        ENTER();
        if (depth == size) {
            size *= 2;
            base = stm_private_stack(base, (size_t)size * sizeof *base, &top);
        }
        if (depth && seed >> 16 & 1 && seed >> 17 & 3) {
            popped += pop();
            depth--;
        } else {
            push(seed);
            pushed += seed;
            depth++;
        }
        if (i % 16 == 0) {
            struct value *v = STM_NEW(struct value);
            v->n = 1;
            v->next = shared;
            shared = v;
        }
        LEAVE();
    }
    if (top - base != depth)
        return (void *)1;
    while (depth--)
        popped += pop();
    stm_private_stack(base, 0, &top);
    return pushed == popped ? NULL : (void *)2;
}

int main(void)
{
    pthread_t threads[3];
    long bad = 0, length = 0;
    for (long i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)(i + 1)))
            return 2;
    for (int i = 0; i < 3; i++) {
        void *result;
        STM_BLOCKING
        {
            pthread_join(threads[i], &result);
        }
        bad += (long)result;
    }
    for (struct value *v = shared; v; v = v->next)
        length += v->n;
    printf("%ld %ld\n", bad, length);
    return 0;
}
