/* flags: -pthread */
/* Private stacks whose pointers say so: pushed and popped as in plain C, by threads whose transactions end
 * and abort at random. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT value {
    struct value *next;
    long n;
};
typedef struct {
    long tag;
    struct value *v;
} slot;

#ifdef UNGIL_TRANSLATE
const char *const stm_options[] = {"STM_BREAK=11", "STM_NURSERY=64k", "STM_MAJOR=256k", NULL};
#endif

static STM_THREAD_LOCAL slot *top STM_PRIVATE_TOP;
static struct value *shared; /* a list, for something to conflict at */

static void push(long n)
{
    struct value *v = STM_NEW(struct value);
    v->n = n;
    top->tag = n & 7;
    top++->v = v;
}
static long pop(void)
{
    top--;
    return top->tag == (top->v->n & 7) ? top->v->n : -1;
}
static void swap(slot *a, slot *b)
{
    slot t = *a;
    *a = *b;
    *b = t;
}
/* The newest goes below the two before it, or becomes the newest again. */
static void under_two(void)
{
    slot t = top[-1];
    memmove(top - 2, top - 3, 2 * sizeof *top);
    memcpy(top - 3, &t, sizeof t);
}
static void over_two(void)
{
    slot t;
    memcpy(&t, top - 3, sizeof t);
    memmove(top - 3, top - 2, 2 * sizeof *top);
    top[-1] = t;
}
/* Turns the newest n round, and says what they are together. */
static long reverse(long n)
{
    long sum = 0;
    for (slot *p = top - n, *q = top - 1; p < q; p++, q--)
        swap(p, q);
    for (slot *p = top - n; p < top; p++)
        sum += p->v->n;
    return sum;
}

static void *run(void *arg)
{
    long seed = (long)arg, pushed = 0, popped = 0, bad = 0, size = 64;
    slot *base STM_PRIVATE_STACK = stm_private_stack(NULL, (size_t)size * sizeof *base, &top);
    for (int i = 0; i < 20000; i++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        ENTER();
        if (top - base == size) {
            size *= 2;
            base = stm_private_stack(base, (size_t)size * sizeof *base, &top);
        }
        if (top > base && seed >> 16 & 1 && seed >> 17 & 3) {
            popped += pop();
        } else {
            push(seed);
            pushed += seed;
        }
        if (top - base > 3 && i & 1) {
            under_two();
            STM_SAFEPOINT();
            over_two();
        }
        if (i % 64 == 0)
            bad += reverse(top - base) != pushed - popped;
        if (i % 16 == 0) {
            struct value *v = STM_NEW(struct value);
            v->n = 1;
            v->next = shared;
            shared = v;
        }
        LEAVE();
    }
    while (top > base)
        popped += pop();
    stm_private_stack(base, 0, &top);
    return (void *)(2 * bad + (pushed != popped));
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
