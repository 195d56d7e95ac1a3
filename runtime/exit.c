/* exit.c - threads that end before their function returns: pthread_exit, cancellation; and threads that
 * entered by hand.
 *
 * Cleanup handlers and destructors of keys may be translated code, so a thread that ends is in the zone as
 * long as these run; one whose function returns, too, if it has set values of keys.  It cannot go back any
 * more: the C library has begun to take its stack apart.  So from then on all its transactions are
 * inevitable, and the last one is committed by the destructor of a key of the runtime's own, which lets other
 * keys go first.  The C library goes through the keys in the order of their numbers, and as long as there are
 * values PTHREAD_DESTRUCTOR_ITERATIONS times.  Ours goes the last time, and its number is above that of each
 * key that translated code has set a value of: one with a larger number is made when it has to be.  Where the
 * end came inside STM_ATOMIC, that block ends with the thread, and counts as done.
 *
 * Cancellation (deferred) acts only where the thread is outside the zone: in STM_BLOCKING, and in calls that
 * the translator knows to block.  Inside it is off: the runtime's own waits are cancellation points of the C
 * library's, and to unwind from the midst of a commit would leave the world locked.  A thread cancelled
 * outside comes back into the zone before its handlers run, by a handler of the runtime's that is innermost
 * there.  (Of the old kind, whose buffer need not be in the frame that it protects: libgcc's unwinder calls
 * it from pthread_exit's stop function, glibc's nptl/unwind.c.)
 *
 * pthread_testcancel leaves the zone around the call, for it concerns what is outside; pthread_setcancelstate
 * changes what will be there.  Asynchronous cancellation is not for translated code: it has no points at
 * which it may come. */
#include "runtime.h"

#include <errno.h>
#include <setjmp.h>
#include <unistd.h>

static pthread_key_t
    first_key; /* of threads with values of keys: the destructor that runs before the program's */
static pthread_key_t gone_key; /* of threads that begin; changes with the world lock */
static _Thread_local int gone_rounds;
static _Thread_local jmp_buf gone_jump;

/* t, outside, comes back for what runs at its end, or at the process's: its transactions are inevitable,
 * since no frame is left that one could begin again in. */
void stmi_enter_to_end(struct stmi_thread *t)
{
    t->blocks_inside = 0;
    t->ending = true;
    stmi_enter(t);
}

/* ---- cancellation */

void stmi_cancel_off(struct stmi_thread *t)
{
    if (t->cancel_is_off)
        return;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &t->cancel_state);
    t->cancel_is_off = true;
}

/* As the program had it. */
void stmi_cancel_back(struct stmi_thread *t)
{
    if (!t->cancel_is_off)
        return;
    t->cancel_is_off = false;
    pthread_setcancelstate(t->cancel_state, NULL);
}

/* What is set inside the zone is for outside. */
int stm_setcancelstate(int state, int *old)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || !t->cancel_is_off)
        return pthread_setcancelstate(state, old);
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
        return EINVAL;
    stm_become_inevitable("pthread_setcancelstate");
    if (old)
        *old = t->cancel_state;
    t->cancel_state = state;
    return 0;
}

#ifdef __GLIBC__
extern void _pthread_cleanup_push(struct _pthread_cleanup_buffer *buffer, void (*fn)(void *), void *arg);
extern void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *buffer, int execute);

static void cancelled(void *arg)
{
    struct stmi_thread *t = arg;
    t->cancel_pushed = false;
    stmi_enter_to_end(t);
}

/* Around a blocking call; t is outside the zone. */
void stmi_cancel_enters(struct stmi_thread *t)
{
    if (t->cancel_pushed) /* a longjmp has left the last one */
        _pthread_cleanup_pop(&t->cancel_buffer, 0);
    t->cancel_pushed = true;
    _pthread_cleanup_push(&t->cancel_buffer, cancelled, t);
}

void stmi_cancel_leaves(struct stmi_thread *t)
{
    if (t->cancel_pushed)
        _pthread_cleanup_pop(&t->cancel_buffer, 0);
    t->cancel_pushed = false;
}
#else
void stmi_cancel_enters(struct stmi_thread *t)
{
    (void)t;
}
void stmi_cancel_leaves(struct stmi_thread *t)
{
    (void)t;
}
#endif

/* ---- the end */

static void gone_abort(struct stmi_thread *t, enum stmi_abort why)
{
    (void)t, (void)why;
    longjmp(gone_jump, 1);
}

static void gone(void *arg)
{
    struct stmi_thread *t = arg;
    if (!stmi_me) /* it is gone already */
        return;
    if (++gone_rounds < sysconf(_SC_THREAD_DESTRUCTOR_ITERATIONS) && !pthread_setspecific(t->gone_key, t))
        return;
    if (t->seg) {
        t->self->atomic_depth = 0;
        t->base = t->sp = NULL; /* nothing to go back to, nothing to scan */
        t->test_abort = gone_abort;
        if (!setjmp(gone_jump))
            stmi_commit(t); /* inevitable after pthread_exit; of a thread that entered by hand, if it fails,
                               its effects are dropped */
        stmi_release(t);
    }
    stmi_thread_free(t);
}

/* A thread that was outside when it ended: one of the C library's, for a timer, or of untranslated code. */
static void arrive(void *arg)
{
    struct stmi_thread *t = arg;
    if (stmi_me && !t->seg)
        stmi_enter_to_end(t);
}

void stmi_exit_init(void)
{
    if (pthread_key_create(&first_key, arrive) || pthread_key_create(&gone_key, gone))
        stmi_die("cannot make a thread key");
}

/* The calling thread is t. */
void stmi_exit_watch(struct stmi_thread *t)
{
    pthread_mutex_lock(&stmi_world.lock);
    t->gone_key = gone_key;
    pthread_mutex_unlock(&stmi_world.lock);
    if (pthread_setspecific(t->gone_key, t))
        stmi_no_memory("a thread's key");
}

/* It is freed. */
void stmi_exit_watched(struct stmi_thread *t)
{
    pthread_setspecific(t->gone_key, NULL);
}

/* From now on t, the calling thread, is gone after the destructor of `key` has run. */
static void go_after(struct stmi_thread *t, pthread_key_t key)
{
    stmi_refs below = {0};
    pthread_key_t k;
    pthread_mutex_lock(&stmi_world.lock);
    while (gone_key <= key) {
        if (pthread_key_create(&k, gone))
            stmi_no_memory("a thread's key");
        if (k > key)
            gone_key = k; /* threads that have begun may keep the one before */
        else
            stmi_push(&below, k);
    }
    pthread_mutex_unlock(&stmi_world.lock);
    for (size_t i = 0; i < below.n; i++)
        pthread_key_delete((pthread_key_t)below.at[i]);
    free(below.at);
    stmi_exit_watched(t);
    stmi_exit_watch(t);
}

/* ---- values of keys: the C library keeps them where no collector looks */

int stm_setspecific(unsigned key, const void *value)
{
    struct stmi_thread *t = stmi_me;
    stm_become_inevitable("pthread_setspecific");
    int err = pthread_setspecific(key, value);
    if (err || !t)
        return err;
    if (pthread_setspecific(first_key, t))
        stmi_no_memory("a thread's key");
    if (key >= t->gone_key)
        go_after(t, key);
    size_t i = 0;
    while (i < t->specifics.n && t->specifics.at[i].key != key)
        i++;
    if (i == t->specifics.n && value)
        stmi_push(&t->specifics, (struct stmi_specific){key, value});
    else if (i < t->specifics.n)
        t->specifics.at[i].value = value;
    return 0;
}

/* From here on t's transactions are inevitable, and value, fresh or not, lives until the thread is joined. */
void stmi_exit_begins(struct stmi_thread *t, void *value)
{
    t->ending = true;
    t->result = value;
    pthread_mutex_lock(&stmi_world.lock);
    stmi_root_result(t->id, value);
    pthread_mutex_unlock(&stmi_world.lock);
}

/* pthread_exit. */
void stm_thread_exit(void *value)
{
    struct stmi_thread *t = stmi_me;
    if (t) {
        stm_become_inevitable("pthread_exit");
        t->self->atomic_depth = 0;
        stmi_exit_begins(t, value);
    }
    pthread_exit(value);
}
