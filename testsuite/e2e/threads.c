/* flags: -pthread */
/* Threads that change shared objects under the lock that the runtime replaces; malloc, realloc and free. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT account {
    long balance;
};
static struct account *accounts[8];

static void *worker(void *arg)
{
    unsigned x = (unsigned)(size_t)arg;
    for (int i = 0; i < 5000; i++) {
        x = x * 1103515245u + 12345u;
        unsigned a = x >> 16 & 7, b = x >> 20 & 7;
        ENTER();
        accounts[a]->balance -= 1;
        accounts[b]->balance += 1;
        LEAVE();
    }
    char *text = malloc(8);
    strcpy(text, "done");
    text = realloc(text, 100);
    strcat(text, "!");
    return text;
}

int main(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 8; i++) {
        accounts[i] = STM_NEW(struct account);
        accounts[i]->balance = 1000;
    }
    for (size_t i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, worker, (void *)(i + 1)))
            return 2;
    for (int i = 0; i < 4; i++) {
        void *result;
        STM_BLOCKING
        {
            pthread_join(threads[i], &result);
        }
        printf("%s ", (char *)result);
        free(result);
    }
    long total = 0;
    for (int i = 0; i < 8; i++)
        total += accounts[i]->balance;
    printf("%ld\n", total);
    return 0;
}
