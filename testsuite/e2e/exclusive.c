/* flags: -pthread */
/* Exclusive blocks: never repeated, so what cannot be undone may be in them; nested; left by return. */
#include <pthread.h>
#include <stdio.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT pair {
    long a, b;
};
static struct pair *shared;
static volatile long entered; /* not undone by an abort */

static long step(int i)
{
    STM_ATOMIC_EXCLUSIVE
    {
        entered++;
        shared->a += i;
        STM_ATOMIC_EXCLUSIVE
        {
            shared->b -= i;
        }
        STM_SAFEPOINT(); /* ends nothing here */
        return shared->a + shared->b;
    }
    return -1;
}

static void *worker(void *arg)
{
    long bad = 0;
    for (int i = 0; i < 3000; i++) {
        ENTER();
        bad += step(i % 7) != 0;
        LEAVE();
        ENTER();
        STM_ATOMIC
        {
            shared->a++;
            shared->b--;
        }
        LEAVE();
    }
    return (void *)(bad + (long)arg);
}

int main(void)
{
    pthread_t threads[3];
    long bad = 0;
    shared = STM_NEW(struct pair);
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, worker, NULL))
            return 2;
    for (int i = 0; i < 3; i++) {
        void *result;
        STM_BLOCKING
        {
            pthread_join(threads[i], &result);
        }
        bad += (long)result;
    }
    printf("%ld %ld %ld %ld\n", bad, entered, shared->a, shared->a + shared->b);
    return 0;
}
