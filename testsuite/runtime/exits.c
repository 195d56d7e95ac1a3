/* Threads that end in the midst of things: pthread_exit in a transaction, in STM_ATOMIC, from nested calls,
 * with cleanup handlers and destructors of keys that use the heap; cancellation.  Each case is a program of
 * its own. */
#include "ends.h"

#include <errno.h>

const char *const stm_options[] = {"STM_SEGMENTS=3", "STM_NURSERY=64k", "STM_MAJOR=256k", NULL};

struct node {
    struct node *next;
    long v;
};
static struct stm_type node_type IN_SECTION(ungil_types) = {0, 0, 2, 0, (const unsigned long[]){1}, "node"};
static struct {
    struct node *list;
    long n, cleaned, destroyed, stop, go;
} G __attribute__((section("ungil_data"), aligned(16), used));
static const struct stm_static g_static IN_SECTION(ungil_statics) = {&G, sizeof G, 0, 0, "G"};
static pthread_key_t key;

static __attribute__((noinline)) void push(long v)
{
    struct node *n = stm_new(sizeof *n, &node_type);
    AT(n, struct node)->v = v;
    AT(n, struct node)->next = *AT(stm_rd(&G.list), struct node *);
    *AT(stm_wr(&G.list, 8), struct node *) = n;
    add(&G.n, 1);
}
static __attribute__((noinline)) long length(void)
{
    long n = 0;
    for (struct node *p = *AT(stm_rd(&G.list), struct node *); p; p = AT(stm_rd(p), struct node)->next)
        n++;
    return n;
}

/* ---- what runs at a thread's end, with several transactions of its own */

static void clean(void *arg)
{
    add(&G.cleaned, *AT(stm_rd(arg), long));
    push(1);
    new_transaction();
    int block = stm_blocking_enter();
    usleep(100);
    stm_blocking_leave(&block);
    push(2);
}
static void destroy(void *arg)
{
    add(&G.destroyed, *AT(stm_rd(arg), long));
    new_transaction();
    push(3);
}

static __attribute__((noinline)) void deeper(int depth, void *result)
{
    volatile char frame[300];
    frame[0] = (char)depth;
    if (depth)
        deeper(depth - 1, result);
    else
        stm_thread_exit(result);
    NEED(frame[0] == 0 && 0);
}

enum { PLAIN, ATOMIC, NESTED, BY_HAND };

static void ends_how(int how)
{
    long *one = stm_new_any(16);
    *AT(one, long) = 1;
    NEED(!stm_setspecific(key, one));
    new_transaction();
    struct node *result = stm_new(sizeof *result, &node_type);
    AT(result, struct node)->v = 4711;
    stm_become_inevitable("pthread_cleanup_push"); /* an abort would not take it back */
    pthread_cleanup_push(clean, one);
    push(0);
    if (how == ATOMIC) {
        (void)stm_atomic_enter();
        (void)stm_atomic_enter();
        push(0);
    }
    deeper(how == NESTED ? 50 : 0, result);
    pthread_cleanup_pop(0);
}
static void *ends_plain(void *arg)
{
    ends_how(PLAIN);
    return arg;
}
static void *ends_atomic(void *arg)
{
    ends_how(ATOMIC);
    return arg;
}
static void *ends_nested(void *arg)
{
    ends_how(NESTED);
    return arg;
}

/* Others that make conflicts and collections meanwhile. */
static void *busy(void *arg)
{
    while (!get(&G.stop)) {
        add(&G.n, 0);
        for (int i = 0; i < 50; i++)
            (void)stm_new_any(200);
        new_transaction();
    }
    return arg;
}

static void begin_all(pthread_t *other)
{
    NEED(!pthread_key_create(&key, destroy));
    stm_thread_enter();
    NEED(!stm_thread_create(other, NULL, busy, NULL));
    new_transaction();
}
static void join(pthread_t id, void **result)
{
    int block = stm_blocking_enter();
    pthread_join(id, result);
    stm_blocking_leave(&block);
}
static void end_all(pthread_t other)
{
    add(&G.stop, 1);
    new_transaction();
    join(other, NULL);
    NEED(length() == get(&G.n));
    NEED(!stmi_world.threads->next && stmi_world.nheld == 1);
    stm_exit(0);
}

static void exits(void *(*fn)(void *), long pushed)
{
    pthread_t other, id;
    begin_all(&other);
    for (int i = 0; i < 20; i++) {
        struct node *result;
        NEED(!stm_thread_create(&id, NULL, fn, NULL));
        join(id, (void **)&result);
        stm_collect(); /* what was passed to pthread_exit is alive */
        for (int k = 0; k < 2000; k++)
            (void)stm_new_any(32);
        NEED(AT(stm_rd(result), struct node)->v == 4711);
    }
    NEED(get(&G.cleaned) == 20 && get(&G.destroyed) == 20 && get(&G.n) == 20 * (pushed + 3));
    end_all(other);
}
static void exit_plain(void)
{
    exits(ends_plain, 1);
}
static void exit_atomic(void)
{
    exits(ends_atomic, 2);
}
static void exit_nested(void)
{
    exits(ends_nested, 1);
}

/* A thread that entered by hand, and ends without leaving; with pthread_exit from outside the zone, too. */
static void *entered(void *arg)
{
    stm_thread_enter();
    push(0);
    stm_become_inevitable("test");
    if (arg)
        pthread_exit(NULL); /* untranslated code */
    return arg;
}
static void by_hand(void)
{
    pthread_t other, id;
    begin_all(&other);
    for (long i = 0; i < 20; i++) {
        int block = stm_blocking_enter();
        NEED(!pthread_create(&id, NULL, entered, (void *)(i & 1)));
        pthread_join(id, NULL);
        stm_blocking_leave(&block);
    }
    NEED(get(&G.n) == 20);
    end_all(other);
}

/* ---- cancellation */

static void *sleeps(void *arg)
{
    long *one = stm_new_any(16);
    *AT(one, long) = 1;
    NEED(!stm_setspecific(key, one));
    stm_become_inevitable("pthread_cleanup_push"); /* an abort would not take it back */
    pthread_cleanup_push(clean, one);
    push(0);
    new_transaction();
    add(&G.go, 1);
    int block = stm_blocking_enter();
    int inner = stm_blocking_enter(); /* in a function called there, say */
    stm_blocking_leave(&inner);
    for (;;)
        pause();
    stm_blocking_leave(&block);
    pthread_cleanup_pop(0);
    return arg;
}
/* It is in the zone most of the time, and waits for segments, for the world, for inevitable transactions. */
static void *works(void *arg)
{
    long *one = stm_new_any(16);
    *AT(one, long) = 1;
    NEED(!stm_setspecific(key, one));
    stm_become_inevitable("pthread_cleanup_push"); /* an abort would not take it back */
    pthread_cleanup_push(clean, one);
    push(0);
    new_transaction();
    add(&G.go, 1);
    for (;;) {
        push(0);
        if (get(&G.n) % 16 == 0)
            stm_become_inevitable("test");
        (void)stm_new_any(300);
        new_transaction();
        int block = stm_blocking_enter();
        pthread_testcancel();
        stm_blocking_leave(&block);
    }
    pthread_cleanup_pop(0);
    return arg;
}
static void *refuses(void *arg)
{
    int block = stm_blocking_enter();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    stm_blocking_leave(&block);
    add(&G.go, 1);
    for (int i = 0; i < 200; i++) {
        new_transaction();
        block = stm_blocking_enter();
        usleep(50);
        stm_blocking_leave(&block);
    }
    push(0);
    return arg;
}

static void cancels(void *(*fn)(void *), int threads, void *expected)
{
    pthread_t other, id[4];
    begin_all(&other);
    for (int k = 0; k < 5; k++) {
        *AT(stm_wr(&G.go, 8), long) = 0;
        for (int i = 0; i < threads; i++) {
            NEED(!stm_thread_create(&id[i], NULL, fn, NULL));
            new_transaction();
        }
        while (get(&G.go) < threads) {
            int block = stm_blocking_enter();
            usleep(100);
            stm_blocking_leave(&block);
        }
        for (int i = 0; i < threads; i++)
            NEED(!pthread_cancel(id[i]));
        for (int i = 0; i < threads; i++) {
            void *result;
            join(id[i], &result);
            NEED(result == expected);
        }
    }
    NEED(!expected || (get(&G.cleaned) == 5 * threads && get(&G.destroyed) == 5 * threads));
    end_all(other);
}
static void cancel_asleep(void)
{
    cancels(sleeps, 2, PTHREAD_CANCELED);
}
static void cancel_at_work(void)
{
    cancels(works, 4, PTHREAD_CANCELED);
}
static void cancel_refused(void)
{
    cancels(refuses, 2, NULL);
}

/* Before it has begun: it waits for its creator's commit. */
static void cancel_early(void)
{
    pthread_t other, id;
    begin_all(&other);
    for (int i = 0; i < 10; i++) {
        void *result;
        *AT(stm_wr(&G.go, 8), long) = 0;
        NEED(!stm_thread_create(&id, NULL, sleeps, NULL));
        NEED(!pthread_cancel(id));
        new_transaction();
        join(id, &result);
        NEED(result == PTHREAD_CANCELED);
    }
    NEED(get(&G.cleaned) == 10);
    end_all(other);
}

/* The values of keys are roots, as long as they are values. */
static __attribute__((noinline)) void set_value(long v)
{
    long *p = stm_new_any(48);
    *AT(p, long) = v;
    NEED(!stm_setspecific(key, p));
    for (volatile int i = 0; i < 3; i++)
        new_transaction();
}
static __attribute__((noinline)) void reuse_all(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
    stm_collect();
    for (int i = 0; i < 20000; i++) {
        long *p = stm_new_any(48);
        *AT(p, long) = -1;
        stm_safepoint();
    }
}
static void values(void)
{
    NEED(!pthread_key_create(&key, NULL));
    stm_thread_enter();
    for (long i = 0; i < 5; i++) {
        set_value(i);
        reuse_all();
        NEED(*AT(stm_rd(pthread_getspecific(key)), long) == i);
    }
    NEED(!stm_setspecific(key, NULL) && !pthread_getspecific(key));
    NEED(stmi_me->specifics.n == 1 && !stmi_me->specifics.at[0].value);
    NEED(stm_setspecific(9999, NULL) != 0);
    stm_exit(0);
}

/* main ends by pthread_exit: the others go on, and the process ends with the last. */
static void *last(void *arg)
{
    join(*(pthread_t *)&arg, NULL);
    push(0);
    NEED(length() == get(&G.n));
    stm_exit(5);
}
static void main_exits(void)
{
    pthread_t id, self = pthread_self();
    stm_thread_enter();
    push(0);
    NEED(!stm_thread_create(&id, NULL, last, (void *)self));
    stm_thread_exit(NULL);
}

/* No thread of the runtime's is the last: two that run at once for long are looked at. */
static void *at_work(void *arg)
{
    for (int i = 0; i < 100; i++) {
        push(0);
        stm_safepoint();
        usleep(500);
    }
    return arg;
}
static void main_leaves(void)
{
    pthread_t id[2];
    stm_thread_enter();
    for (int i = 0; i < 2; i++)
        NEED(!stm_thread_create(&id[i], NULL, at_work, NULL));
    stm_thread_exit(NULL);
}

static const struct end ends[] = {
    {"exit_plain", exit_plain, NULL, 0, "", 0, NULL},
    {"exit_atomic", exit_atomic, NULL, 0, "", 0, NULL},
    {"exit_nested", exit_nested, NULL, 0, "", 0, NULL},
    {"by_hand", by_hand, NULL, 0, "", 0, NULL},
    {"cancel_asleep", cancel_asleep, NULL, 0, "", 0, NULL},
    {"cancel_at_work", cancel_at_work, NULL, 0, "", 0, NULL},
    {"cancel_refused", cancel_refused, NULL, 0, "", 0, NULL},
    {"cancel_early", cancel_early, NULL, 0, "", 0, NULL},
    {"values", values, NULL, 0, "", 0, NULL},
    {"main_exits", main_exits, NULL, 5, "", 5, NULL},
    {"main_leaves", main_leaves, NULL, 0, "", 0, NULL},
};

int main(int argc, char **argv)
{
    return ends_main(argc, argv, ends, sizeof ends / sizeof ends[0]);
}
