/* flags: -pthread */
/* An interpreter that was made for one thread: what belongs to the running one is in fields of its one
 * struct, which the plain build swaps where the lock changes hands. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "ungil.h"

struct STM_OBJECT value {
    struct value *next;
    long n;
};

struct frame {
    int pc;
    long sum;
};
typedef struct {
    struct value *shared; /* a list, for something to conflict at */
    long made;
    struct value *stack[40] STM_PER_THREAD;
    struct value **sp STM_PER_THREAD;
    struct frame frames[3] STM_PER_THREAD, *frame STM_PER_THREAD;
    long (*hook)(long) STM_PER_THREAD;
    STM_PER_THREAD int started, depth;
} state;
static state vm = {.made = 0};
static state *vm_of(int unused)
{
    return unused >= 0 ? &vm : NULL;
}

static long twice(long x)
{
    return 2 * x;
}
static void set_up(void)
{
    vm.sp = vm.stack;
    vm.frame = &vm.frames[0];
    vm.hook = twice;
    vm_of(vm.started++)->depth = 0;
}

#ifndef UNGIL_TRANSLATE
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local state mine; /* while another thread runs */
static _Thread_local long at_top, at_frame;
static void enter(void)
{
    struct value *shared;
    long made;
    pthread_mutex_lock(&lock);
    shared = vm.shared, made = vm.made;
    vm = mine;
    vm.shared = shared, vm.made = made;
    if (!vm.started)
        set_up();
    vm.sp = vm.stack + at_top;
    vm.frame = vm.frames + at_frame;
}
static void leave(void)
{
    at_top = vm.sp - vm.stack;
    at_frame = vm.frame - vm.frames;
    mine = vm;
    pthread_mutex_unlock(&lock);
}
#define ENTER() enter()
#define LEAVE() leave()
#else
const char *const stm_options[] = {"STM_BREAK=7", "STM_NURSERY=64k", "STM_MAJOR=256k",
                                   NULL}; /* ends and aborts at random */
#define ENTER() STM_SAFEPOINT()
#define LEAVE() STM_SAFEPOINT()
#endif

static void push(state *s, long n)
{
    struct value *v = STM_NEW(struct value);
    v->n = n;
    *s->sp++ = v;
    s->depth++;
}
static long pop(state *s)
{
    s->depth -= 1;
    return (*--s->sp)->n;
}

static void *run(void *arg)
{
    long seed = (long)arg, pushed = 0, popped = 0, wrong = 0;
    for (int i = 0; i < 20000; i++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        ENTER();
        wrong += vm.started != 1 || vm.hook(3) != 6 || vm.sp - vm.stack != vm.depth;
        if (vm.depth && (vm.depth == 40 || (seed >> 16 & 1))) {
            popped += pop(&vm);
        } else {
            push(vm_of(1), seed);
            pushed += seed;
        }
        vm.frame = vm.frames + i % 3;
        vm.frame->pc++;
        vm.frames[i % 3].sum += i;
        if (i % 16 == 0) {
            struct value *v = STM_NEW(struct value);
            v->n = 1;
            v->next = vm.shared;
            vm.shared = v;
            vm.made++;
        }
        LEAVE();
    }
    ENTER();
    while (vm.depth)
        popped += pop(&vm);
    for (int i = 0; i < 3; i++)
        wrong += vm.frames[i].pc != (20000 + 2 - i) / 3;
    wrong += vm.frames[0].sum + vm.frames[1].sum + vm.frames[2].sum != 20000l * 19999 / 2;
    LEAVE();
    return (void *)(wrong * 2 + (pushed != popped));
}

int main(void)
{
    pthread_t threads[3];
    long bad = 0, length = 0;
    ENTER();
    stm_on_thread_start(set_up);
    vm.depth = -5;
    LEAVE();
    for (long i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)(i + 1)))
            return 2;
    for (int i = 0; i < 3; i++) {
        void *result;
        STM_BLOCKING
        {
            pthread_join(threads[i], &result);
        }
        bad += (long)result;
    }
    ENTER();
    for (struct value *v = vm.shared; v; v = v->next)
        length += v->n;
    printf("%ld %ld %ld %d\n", bad, length, vm.made, vm.depth);
    LEAVE();
    return 0;
}
