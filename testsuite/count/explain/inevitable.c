/* Where transactions become inevitable, and why. */
#include <stdio.h>
#include <sched.h>
#include <unistd.h>
#include "ungil.h"

static volatile int where STM_RAW;

void send_to(int device) STM_IRREVERSIBLE;

void all(int device)
{
    unlink("x");
    send_to(device);
    sched_get_priority_max(device);
    __asm__ volatile("nop" : "+r"(device));
    where = device;
}

struct STM_OBJECT device { int number, state; struct device *next; };

static int state_of(struct device *d) { return d->state; }

static int turns(struct device *d)
{
    unlink("y");
    return state_of(d);
}

void early(struct device *d)
{
    STM_SAFEPOINT();
    int s = d->state;
    send_to(s + d->next->state);
}

int reads(struct device *d, struct device *e, int open)
{
    int s = d->number;
    if (open)
        send_to(s);
    unlink("z");
    s += d->state + e->next->state;
    STM_SAFEPOINT();
    s += turns(d);
    s += e->number;
    STM_ATOMIC_EXCLUSIVE { s += e->next->number; }
    return s;
}

/* What is the thread's own is saved for an abort: nothing is said of these, but of the last. */
static STM_THREAD_LOCAL struct { int n, list[4]; } own;
struct vm { int depth STM_PER_THREAD; int *top STM_PER_THREAD; };
static struct vm vm;

void owned(int i)
{
    own.n++;
    own.list[i] = ++vm.depth;
    vm.top = NULL;
    *vm.top = i;
    int *p = &own.n;
    *p = i;
}
