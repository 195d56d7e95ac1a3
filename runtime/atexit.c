/* atexit.c - functions that run when the process ends.
 *
 * They may be translated code.  stm_exit, and so the end of main, calls exit inside the zone, in a
 * transaction that lasts to the end of the process.  But exit comes from elsewhere, too: from the C library,
 * when the last thread has ended after main left by pthread_exit; from STM_BLOCKING; from untranslated code.
 * So each function that atexit and its kin are given is called by one of the runtime's, which first takes the
 * thread into the zone, for good.  Destructors come after all these; a file that has some says so
 * (emit/file.c), since a thread that waits at the process's end for the others' transactions should have a
 * reason.
 *
 * The functions are kept in order here, one call of the C library's for each: so they keep their places among
 * those of other code. */
#include "runtime.h"

#include <stdlib.h>

enum kind { ATEXIT, QUICK };
struct ending {
    void (*fn)(void);
    void (*with)(int, void *); /* on_exit */
    void *arg;
    struct ending *before;
};
static struct ending *last[2]; /* by kind; world lock */

/* The process ends by this thread. */
static void enter(void)
{
    struct stmi_thread *t = stmi_me;
    if (t && stmi_is_guest(t))
        return;
    if (!t)
        t = stmi_thread_new(NULL); /* has gone already, or was never here */
    if (!t->seg)
        stmi_enter_to_end(t);
}

static struct ending *taken(enum kind kind)
{
    pthread_mutex_lock(&stmi_world.lock);
    struct ending *e = last[kind];
    if (e)
        last[kind] = e->before;
    pthread_mutex_unlock(&stmi_world.lock);
    return e;
}

static void run(enum kind kind)
{
    struct ending *e = taken(kind);
    if (!e)
        return;
    void (*fn)(void) = e->fn;
    free(e);
    enter();
    fn();
}

static void run_last(void)
{
    run(ATEXIT);
}

static void run_last_quick(void)
{
    run(QUICK);
}

static void run_with(int status, void *ending)
{
    struct ending e = *(struct ending *)ending;
    free(ending);
    enter();
    e.with(status, e.arg);
}

static struct ending *ending_new(void)
{
    struct ending *e = calloc(1, sizeof *e);
    if (!e)
        stmi_no_memory("a function to be called at exit");
    return e;
}

static int keep(enum kind kind, void (*fn)(void), int (*tell)(void (*)(void)), void (*runs)(void))
{
    struct ending *e = ending_new();
    e->fn = fn;
    pthread_mutex_lock(&stmi_world.lock);
    int failed = tell(runs);
    if (!failed) {
        e->before = last[kind];
        last[kind] = e;
        e = NULL;
    }
    pthread_mutex_unlock(&stmi_world.lock);
    free(e);
    return failed;
}

int stm_atexit(void (*fn)(void))
{
    stm_become_inevitable("atexit");
    return keep(ATEXIT, fn, atexit, run_last);
}

int stm_at_quick_exit(void (*fn)(void))
{
    stm_become_inevitable("at_quick_exit");
    return keep(QUICK, fn, at_quick_exit, run_last_quick);
}

int stm_on_exit(void (*fn)(int, void *), void *arg)
{
    stm_become_inevitable("on_exit");
    struct ending *e = ending_new();
    e->with = fn;
    e->arg = arg;
    int failed = on_exit(run_with, e);
    if (failed)
        free(e);
    return failed;
}

/* By a file with destructors, before the program's own constructors: so this runs behind what they gave to
 * atexit, and before the destructors. */
void stm_has_destructors(void)
{
    static bool told;
    if (!told)
        told = !atexit(enter);
}
