/* whole program: written through addresses that the runtime's functions have been given. */
#include "common.h"
CLAIMS("object first\nobject second\nobject third\n"
       "view first *\nview second *\n")

int stm_thread_create(void *, const void *, void *(*)(void *), void *);
int stm_setspecific(unsigned, const void *);
#define RECORD(name)                                                                                         \
    struct name {                                                                                            \
        struct name *next;                                                                                   \
        long other;                                                                                          \
    };                                                                                                       \
    static struct name *name __attribute__((__section__("ungil_data")));                                     \
    static struct stm_type type_##name;                                                                      \
    static void make_##name(void)                                                                            \
    {                                                                                                        \
        (void)stm_wr(&name, 8);                                                                              \
        *STM_AT(&name, struct name *) = stm_new(sizeof(struct name), &type_##name);                          \
    }
#define GET(name) ((void)stm_rd(&name), *STM_AT(&name, struct name *))
#define OTHER(name) STM_AT(GET(name), struct name)->other
RECORD(first)
RECORD(second)
RECORD(third)

static void *runs(void *p)
{
    *(long *)stm_any_wr((long *)p, 8) = 9; /* FOUND: writer */
    return 0;
}
int main(void)
{
    unsigned long t;
    make_first();
    make_second();
    make_third();
    stm_safepoint();
    stm_thread_create(&t, 0, runs, &GET(first)->other);
    stm_setspecific(1, &GET(second)->other);
    stm_safepoint();
    long sum = OTHER(first); /* FOUND: read value */
    stm_safepoint();
    sum += OTHER(second); /* FOUND: read value */
    stm_safepoint();
    return (int)(sum + OTHER(third));
}
