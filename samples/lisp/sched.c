/* sched.c - the queue of transactions, the threads that run it, and the GIL.
 *
 * `(transaction f a ...)` puts a job, the pair of a function and its arguments, into the container
 * that belongs to the running thread.  Between two jobs a thread hands what it collected over to
 * the shared queue and takes the next job, so running jobs never meet at the queue.
 *
 * The GIL serialises all work on objects.  A thread gives it up while it waits, and now and then
 * between two jobs, never within one: so each job is atomic.  In the STM build the GIL is gone, and
 * STM_ATOMIC says the same.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "object.h"

#define STACK_SIZE ((size_t)64 << 20) /* address space; enough for MAX_DEPTH in eval.c at -O0 */
#define SWITCH_INTERVAL 16            /* jobs between two switches of the GIL */
#define IDLE_NANOSECONDS 50000        /* between two looks at an empty queue */

/* The queue: jobs are taken from the list `front`; when it is empty, the list `back`, which has the
 * latest first, is reversed into it. */
static value front, back;
static intptr_t unfinished; /* jobs that are queued or running */
static int threads = 1;
static int running; /* inside run_transactions */

/* ---- the GIL */

static STM_DROP pthread_mutex_t gil = PTHREAD_MUTEX_INITIALIZER;
static int jobs_since_switch;

static STM_DROP void gil_acquire(void)
{
    pthread_mutex_lock(&gil);
}

static STM_DROP void gil_release(void)
{
    pthread_mutex_unlock(&gil);
}

/* Gives others a turn, now and then. */
static STM_DROP void gil_switch(void)
{
    if (++jobs_since_switch < SWITCH_INTERVAL)
        return;
    jobs_since_switch = 0;
    gil_release();
    sched_yield();
    gil_acquire();
}

/* ---- the queue */

/* Moves the jobs collected in `queue` to the shared queue, in the order they were made. */
static void hand_over(struct container *queue)
{
    if (queue->content == NIL)
        return;
    intptr_t count = 0;
    value jobs = back;
    for (struct pair *p = (struct pair *)reverse(queue->content); p; p = rest(p)) {
        jobs = new_pair(p->car, jobs);
        count++;
    }
    back = jobs;
    unfinished += count;
    queue->content = NIL;
}

/* Takes the next job from the shared queue; NULL when there is none at the moment. */
static struct pair *take_job(void)
{
    if (front == NIL) {
        if (back == NIL)
            return NULL;
        front = reverse(back);
        back = NIL;
    }
    struct pair *first = (struct pair *)front;
    front = first->cdr;
    return (struct pair *)first->car;
}

/* ---- threads */

static void wait_a_little(void)
{
    struct timespec interval = {0, IDLE_NANOSECONDS};
    gil_release();
    STM_BLOCKING
    {
        nanosleep(&interval, NULL);
    }
    gil_acquire();
}

/* One thread's work, until no job is queued or running anywhere. */
static void work(void *unused)
{
    (void)unused;
    struct container *queue = new_container(NIL);
    for (;;) {
        struct pair *job = take_job();
        if (job) {
            STM_ATOMIC
            {
                apply(job, queue);
            }
            STM_SAFEPOINT();
            here->at = NULL;
            here->job = NULL;
            hand_over(queue);
            unfinished--;
            gil_switch();
        } else if (unfinished > 0) {
            wait_a_little();
        } else {
            break;
        }
    }
}

/* What a new thread is to do. */
struct task {
    void (*body)(void *);
    void *argument;
};

/* Where the calling thread is, in terms of the program that it interprets. */
STM_RAW STM_THREAD_LOCAL struct position *here;

static int tell_position(struct stm_position *at)
{
    if (!here || !here->at)
        return 0;
    at->file = source_name;
    at->line = here->at->head.line;
    if (here->job)
        at->function = here->job->name->name;
    return 1;
}

static void *run_task(void *started)
{
    struct task *task = started;
    struct position position = {NULL, NULL};
    here = &position;
    gil_acquire();
    task->body(task->argument);
    gil_release();
    return NULL;
}

static pthread_t start_thread(struct task *task)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    int error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (!error)
        error = pthread_create(&thread, &attributes, run_task, task);
    pthread_attr_destroy(&attributes);
    if (error) {
        fprintf(stderr, "lisp: cannot start a thread: %s\n", strerror(error));
        exit(2);
    }
    return thread;
}

/* Runs `body`, under the GIL, on so many new threads with stacks that are large enough for eval.c,
 * and waits for their end. */
void run_threads(int count, void (*body)(void *), void *argument)
{
    struct task task = {body, argument};
    pthread_t started[MAX_THREADS];
    for (int i = 0; i < count; i++)
        started[i] = start_thread(&task);
    STM_BLOCKING
    {
        for (int i = 0; i < count; i++)
            pthread_join(started[i], NULL);
    }
}

void set_threads(int count)
{
    threads = count;
    stm_position_hook(tell_position);
}

/* Runs the queued transactions, and those that they queue, on all threads; `at` is the call. */
void run_transactions(struct pair *at, struct container *queue)
{
    int count = threads;
    if (running)
        fail(at, "run-transactions within a transaction", NOTHING);
    running = 1;
    hand_over(queue);
    gil_release();
    run_threads(count, work, NULL);
    gil_acquire();
    running = 0;
}
