/* thread.c - threads coming, going and leaving the zone.
 *
 * The zone is where translated code runs: inside, a thread holds a segment and is in a transaction.  A
 * thread's *base* bounds the part of its stack that belongs to transactions: it is saved, restored and
 * scanned from the stack pointer up to there. */
#include "runtime.h"

#include <errno.h>
#include <semaphore.h>
#include <sys/mman.h>

_Thread_local struct stm_self stm_self;
_Thread_local struct stmi_thread *stmi_me;

static char *stack_for(size_t size)
{
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        stmi_no_memory("a thread's stacks");
    return p;
}

/* Where the transactional part of the stack ends for a thread that enters in the middle: the C library keeps
 * the thread's TLS and its descriptor above. */
static char *stack_end(struct stmi_thread *t, uptr lo, uptr hi)
{
    extern char *__libc_stack_end __attribute__((weak));
    if (&__libc_stack_end && (uptr)__libc_stack_end - lo < hi - lo)
        hi = (uptr)__libc_stack_end;
    for (int i = 0; i < t->ntls; i++)
        if (t->tls[i].lo - lo < hi - lo)
            hi = t->tls[i].lo;
    return (char *)(hi & ~15ul);
}

/* Registers the calling thread.  base null: as much of the stack as can be. */
struct stmi_thread *stmi_thread_new(char *base)
{
    struct stmi_thread *t = stmi_calloc(1, sizeof *t);
    stmi_me = t;
    t->self = &stm_self;
    t->id = pthread_self();
    t->target = stmi_opt.length;
    stmi_tls_find(t);
    pthread_attr_t a;
    void *lo;
    size_t size;
    if (pthread_getattr_np(t->id, &a) || pthread_attr_getstack(&a, &lo, &size))
        stmi_die("cannot find a thread's stack");
    pthread_attr_destroy(&a);
    t->base = base ? base : stack_end(t, (uptr)lo, (uptr)lo + size);
    stm_self.stack_lo = (uptr)lo;
    stm_self.stack_hi = (uptr)t->base;
    t->alt_stack = stack_for(2 * STMI_ALT_STACK);
    t->signal_stack = t->alt_stack + STMI_ALT_STACK;
    stmi_trap_thread(t);
    stmi_thread_list(t);
    stmi_exit_watch(t);
    return t;
}

void stmi_thread_free(struct stmi_thread *t)
{
    stmi_exit_watched(t);
    stmi_thread_unlist(t);
    stmi_trap_thread_gone(t);
    munmap(t->alt_stack, 2 * STMI_ALT_STACK);
    free(t->snapshot);
    stmi_private_free(t);
    stmi_tls_free(t);
    free(t->children.at);
    free(t->mark_stack.at);
    free(t->specifics.at);
    stmi_later_free(t);
    free(t);
    stmi_me = NULL;
}

void stmi_enter(struct stmi_thread *t)
{
    int err = errno;
    stmi_acquire(t);
    errno = err;
    stmi_begin(t);
}

void stmi_leave(struct stmi_thread *t)
{
    int err = errno;
    stmi_commit(t);
    stmi_release(t);
    errno = err;
}

/* ---- threads that the program makes */

struct start {
    void *(*fn)(void *);
    void *arg;
    sem_t go;                   /* posted when the creator's transaction has committed */
    struct start *next, **prev; /* not running yet: arg is a root; world lock */
};
static struct start *starts;

void stmi_roots_starts(struct stmi_marker *m, struct stmi_thread *t)
{
    if (t)
        for (size_t i = 0; i < t->children.n; i++)
            stmi_mark_word(m, (uptr)((struct start *)t->children.at[i])->arg);
    else
        for (struct start *s = starts; s; s = s->next)
            stmi_mark_word(m, (uptr)s->arg);
}

static void list_start(struct start *s)
{
    pthread_mutex_lock(&stmi_world.lock);
    s->next = starts;
    s->prev = &starts;
    if (starts)
        starts->prev = &s->next;
    starts = s;
    pthread_mutex_unlock(&stmi_world.lock);
}

static void unlist_start(struct start *s)
{
    pthread_mutex_lock(&stmi_world.lock);
    *s->prev = s->next;
    if (s->next)
        s->next->prev = s->prev;
    pthread_mutex_unlock(&stmi_world.lock);
    sem_destroy(&s->go);
    free(s);
}

void stmi_children_go(struct stmi_thread *t)
{
    for (size_t i = 0; i < t->children.n; i++)
        sem_post(&((struct start *)t->children.at[i])->go);
    t->children.n = 0;
}

static void (*_Atomic on_start)(void);

void stm_on_thread_start(void (*fn)(void))
{
    stmi_inevitable_at("stm_on_thread_start", __builtin_return_address(0));
    on_start = fn;
}

/* Right after the first begin of the calling thread, and so once more after each abort of it. */
static void starts_up(void)
{
    void (*fn)(void) = on_start;
    if (fn)
        fn();
}

static void *trampoline(void *arg)
{
    struct start *volatile s = arg;
    stmi_set_base(0); /* inherited from the creator, in whose segment this thread must not write */
    struct stmi_thread *t = stmi_thread_new((char *)__builtin_frame_address(0) + 16);
    stmi_cancel_off(t);
    while (sem_wait(&s->go) && errno == EINTR)
        ;
    pthread_mutex_lock(&stmi_world.lock);
    stmi_root_result_forget(t->id);
    pthread_mutex_unlock(&stmi_world.lock);
    void *(*fn)(void *) = s->fn;
    stmi_acquire(t);
    void *volatile value =
        s->arg; /* on a stack that is scanned from now on; until here the record was the root */
    unlist_start(s);
    stmi_begin(t);
    starts_up();
    value = fn(value);
    stmi_commit(t);
    stmi_exit_begins(t, value);
    if (t->specifics.n) { /* their destructors run when this has returned, and then exit.c's */
        stmi_begin(t);
        return value;
    }
    stmi_release(t);
    stmi_thread_free(t);
    return value;
}

/* pthread_create for a function of translated code.  The child begins when this transaction has committed. */
int stm_thread_create(void *thread, const void *attr, void *(*fn)(void *), void *arg)
{
    stmi_inevitable_at("thread creation", __builtin_return_address(0));
    struct stmi_thread *t = stmi_me;
    struct start *s = stmi_calloc(1, sizeof *s);
    s->fn = fn;
    s->arg = arg;
    if (sem_init(&s->go, 0, 0))
        stmi_die("cannot make a semaphore");
    list_start(s);
    pthread_t id;
    int err = pthread_create(&id, attr, trampoline, s);
    if (err) {
        unlist_start(s);
        return err;
    }
    *(pthread_t *)stm_any_wr_range(thread, sizeof id) = id;
    stmi_push(&t->children, s);
    t->commit_soon = true; /* the child waits for it */
    stmi_ask_self(t, STMI_POLL_BREAK);
    return 0;
}

/* ---- by hand, and around blocking calls */

/* The calling thread enters the zone: a transaction begins.  For threads and mains that are not translated.
 * May be called when inside: then the running transaction commits first. */
void stm_thread_enter(void)
{
    stmi_start();
    struct stmi_thread *t = stmi_me;
    const bool first = !t;
    if (first)
        t = stmi_thread_new(NULL);
    if (t->seg)
        stmi_leave(t);
    stmi_enter(t);
    if (first)
        starts_up();
}

void stm_thread_leave(void)
{
    struct stmi_thread *t = stmi_me;
    if (t && t->seg)
        stmi_leave(t);
}

void stmi_visit(struct stmi_thread *t, void (*fn)(void))
{
    if (!t) {
        stm_thread_enter();
        fn();
        stm_thread_leave();
        return;
    }
    if (stmi_is_guest(t) || t->seg) {
        fn();
        return;
    }
    uptr registers[STMI_OUTSIDE_WORDS]; /* of whoever left the zone, who goes on with them */
    size_t n = t->outside_n;
    char *sp = t->sp;
    memcpy(registers, t->outside, n);
    stmi_enter(t);
    fn();
    stmi_leave(t);
    pthread_mutex_lock(&stmi_world.lock);
    memcpy(t->outside, registers, n);
    t->outside_n = n;
    t->sp = sp;
    pthread_mutex_unlock(&stmi_world.lock);
}

/* The transaction ends, and others see what it did; the segment is left detached (world.c).  Inside
 * STM_ATOMIC the transaction cannot end: then it turns inevitable, and blocks with all its locks.  A block
 * inside another (in a function that is called there) changes nothing. */
int stm_blocking_enter(void)
{
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t))
        return 1;
    if (!t->seg) {
        t->blocks_inside++;
    } else if (t->self->atomic_depth) {
        stmi_inevitable_at("a blocking call inside STM_ATOMIC", __builtin_return_address(0));
    } else {
        int err = errno;
        stmi_commit_quick(t);
        stmi_detach(t, (char *)__builtin_frame_address(0) + 2 * sizeof(uptr));
        errno = err;
        stmi_cancel_enters(t);
        stmi_does(t, STMI_TIME_blocking);
    }
    return 1;
}

void stm_blocking_leave(int *block)
{
    (void)block;
    struct stmi_thread *t = stmi_me;
    if (stmi_is_guest(t) || t->seg)
        return;
    if (t->blocks_inside) {
        t->blocks_inside--;
        return;
    }
    stmi_cancel_leaves(t);
    stmi_enter(t);
}

/* exit(3): handlers may be translated code, so they run in a transaction, which lasts to the end. */
void stm_exit(int status)
{
    stmi_inevitable_at("exit", __builtin_return_address(0));
    exit(status);
}
