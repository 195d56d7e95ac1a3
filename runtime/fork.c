/* fork.c - a child of its own.
 *
 * After fork the child would share the heap's memory file with its parent, each writing into what the other
 * reads.  So, with the parent's world stopped, the child copies what is in use to a file of its own, maps
 * that in place of the parent's, and lets the parent go on.  The child has one thread; the transaction that
 * it was in, which must be inevitable, goes on there too.  Programs that only start others do better with
 * posix_spawn, which comes by none of this.
 *
 * What pthread_atfork is given by translated code runs in the zone, also where fork is called outside of it;
 * before the world is stopped, and when it goes on. */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int copied[2]; /* a pipe: the child closes its end when the parent may go on */

static void before(struct stmi_thread *t, void *arg, char *sp)
{
    (void)arg;
    if (t && t->seg)
        t->sp = sp;
    stmi_world_stop_all(t);
    if (pipe2(copied, O_CLOEXEC)) /* now, when no other fork is on its way; what is spawned meanwhile must not
                                     keep it open */
        stmi_die("fork: pipe: %s", strerror(errno));
    pthread_mutex_lock(&stmi_heap.lock);
    for (int i = 1; i <= stmi_nseg; i++)
        if (stmi_segs[i].holder)
            stmi_close_run(&stmi_segs[i], stmi_segs[i].holder->self);
#if STMI_VIEWS
    stmi_all_to_tail();
#endif
}

static void prepare(void)
{
    struct stmi_thread *t = stmi_me;
    if (STMI_VIEWS && t && t->seg && !t->self->inevitable)
        stmi_die("fork in a transaction that is not inevitable");
    if (t && t->calling_out) /* perhaps with the world stopped: it cannot be stopped again */
        stmi_die("fork in a callback or destructor");
    stmi_with_registers(before, t, NULL);
}

static void parent(void)
{
    char c;
    close(copied[1]);
    while (read(copied[0], &c, 1) < 0 && errno == EINTR)
        ;
    close(copied[0]);
    pthread_mutex_unlock(&stmi_heap.lock);
    stmi_world_resume();
}

/* Only t is left, in its segment, if it is in one; the other segments' transactions never were. */
static void child(void)
{
    struct stmi_thread *t = stmi_me;
    pthread_mutex_init(&stmi_heap.lock, NULL);
    stmi_world_of_one(t);
    stmi_stats_child();
    stmi_events_child(t);
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        if (t && s == t->seg)
            continue;
        s->in_tx = s->busy = false;
        s->holder = NULL;
#if STMI_VIEWS
        stmi_drop_fresh(s);
        s->units.n = s->backup_n = s->frees.n = 0;
        s->stale = true;
#else
        if (s->runs.n) { /* its holder is gone, what it had not used is free: the run ends where its objects
                            do */
            struct stmi_run *r = &s->runs.at[s->runs.n - 1];
            if (r->hi >= r->top + STMI_HOLE_MIN)
                stmi_push(&s->holes, (struct stmi_hole){r->top, r->hi});
            r->hi = r->top;
        }
#endif
    }
#if STMI_VIEWS
    stmi_world.nlive = t && t->seg;
    if (!t || stmi_inevitable_thread != t)
        stmi_inevitable_thread = NULL;
    stmi_is_copying = true;
    stmi_segments_fork(t ? t->seg : NULL);
    stmi_is_copying = false;
    stmi_log_reset();
#endif
    close(copied[0]);
    close(copied[1]);
}

/* ---- the program's handlers */

enum { BEFORE, IN_PARENT, IN_CHILD };
static STMI_VEC(struct handlers { void (*fn[3])(void); }) program; /* world lock */

static size_t count_handlers(void)
{
    pthread_mutex_lock(&stmi_world.lock);
    size_t n = program.n;
    pthread_mutex_unlock(&stmi_world.lock);
    return n;
}

static void call_handler(size_t i, int when)
{
    pthread_mutex_lock(&stmi_world.lock);
    void (*fn)(void) = program.at[i].fn[when];
    pthread_mutex_unlock(&stmi_world.lock);
    if (fn)
        stmi_visit(stmi_me, fn);
}

static void program_before(void)
{
    for (size_t i = count_handlers(); i-- > 0;)
        call_handler(i, BEFORE);
}

static void program_after(int when)
{
    for (size_t i = 0; i < count_handlers(); i++)
        call_handler(i, when);
}

static void program_parent(void)
{
    program_after(IN_PARENT);
}

static void program_child(void)
{
    program_after(IN_CHILD);
}

int stm_atfork(void (*prepare_fn)(void), void (*parent_fn)(void), void (*child_fn)(void))
{
    stm_become_inevitable("pthread_atfork");
    pthread_mutex_lock(&stmi_world.lock);
    int failed = program.n ? 0 : pthread_atfork(program_before, program_parent, program_child);
    if (!failed)
        stmi_push(&program, (struct handlers){{prepare_fn, parent_fn, child_fn}});
    pthread_mutex_unlock(&stmi_world.lock);
    return failed;
}

void stmi_fork_init(void)
{
    if (pthread_atfork(prepare, parent, child))
        stmi_no_memory("fork handlers");
}
