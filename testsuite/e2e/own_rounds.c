/* own_rounds.c - a loop whose bound has 64 bits, in a file that has names of its own like the translator's,
 * so that the translator's get others. */
#include "ungil.h"

#include <stdio.h>

struct STM_OBJECT list {
    unsigned long n;
    unsigned long items[3000];
};

static __attribute__((noinline)) void fill(struct list *l, unsigned long n, unsigned long step)
{
    unsigned long stm_tx = 3, stm_rounds = 1;
    for (unsigned long i = 0; i < n; i += step)
        l->items[i] = i * stm_tx + stm_rounds;
}

int main(void)
{
    struct list *l = STM_NEW(struct list);
    unsigned long sum = 0;
    STM_SAFEPOINT();
    fill(l, 3000, 1);
    STM_SAFEPOINT();
    fill(l, 1500, 7);
    STM_SAFEPOINT();
    for (unsigned long i = 0; i < 3000; i++)
        sum = sum * 31 + l->items[i];
    printf("%lu\n", sum);
    return 0;
}
