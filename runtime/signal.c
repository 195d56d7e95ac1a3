/* signal.c - handlers that are translated code.
 *
 * A signal comes at any moment: in the midst of translated code, of a commit, of a collection, or while the
 * thread waits outside the zone.  %gs keeps whatever value it has, and needs no care.  But translated code
 * asks the runtime for things, and in a handler it must not get them: the transaction that it stands in may
 * be half begun, and the log half written.  So translated calls of sigaction and signal come here, and what
 * they install is called by on_signal, which notes that the thread is in a handler.  There, writes to raw
 * memory (volatile sig_atomic_t flags, _Atomic counters, buffers for write(2)) go straight through, nothing
 * makes the transaction inevitable, and safepoints and blocking calls are left as they are: a handler ends
 * nothing. What POSIX forbids there anyway, because it forbids malloc, ends the program with a message:
 * allocating, and writing to objects.
 *
 * A handler may leave by siglongjmp (if what it interrupted may be left): the next one to ask finds the
 * handler's frame gone. */
#include "runtime.h"

#include <errno.h>
#include <signal.h>

static struct sigaction actions[_NSIG]; /* what the program asked for; written with all signals blocked */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* t->handlers is not 0.  Stacks grow down; a handler's frames may be on the thread's stack, or on one of its
 * own. */
bool stmi_in_handler(struct stmi_thread *t)
{
    uptr here = (uptr)__builtin_frame_address(0), at = (uptr)t->handler_frame, lo = t->self->stack_lo,
         size = t->self->stack_hi - lo;
    if ((here - lo < size) == (at - lo < size) && here < at)
        return true;
    t->handlers = 0;
    return false;
}

void stmi_not_in_handler(struct stmi_thread *t, const char *what)
{
    if (stm_unlikely(t->handlers) && stmi_in_handler(t))
        stmi_die("%s in a signal handler", what);
}

/* The compiler must not keep the count in a register over the call, nor may a nested signal see it half set.
 */
static __attribute__((noinline)) void on_signal(int sig, siginfo_t *info, void *context)
{
    struct stmi_thread *t = stmi_me;
    const struct sigaction *a = &actions[sig];
    void *outer = NULL;
    int depth = 0;
    if (t) {
        outer = t->handler_frame;
        depth = t->handlers;
        t->handler_frame = __builtin_frame_address(0);
        t->handlers = depth + 1;
    }
    if (a->sa_flags & SA_SIGINFO)
        a->sa_sigaction(sig, info, context);
    else
        a->sa_handler(sig);
    if (t) {
        t->handlers = depth;
        t->handler_frame = outer;
    }
}

static bool is_function(const struct sigaction *a)
{
    return a->sa_flags & SA_SIGINFO || (a->sa_handler != SIG_DFL && a->sa_handler != SIG_IGN);
}

static int install(int sig, const struct sigaction *act, struct sigaction *old)
{
    struct sigaction mine, had, was = actions[sig];
    if (act) {
        mine = *act;
        if (is_function(act)) {
            mine.sa_sigaction = on_signal;
            mine.sa_flags |= SA_SIGINFO;
            actions[sig] = *act; /* before it is called for the first time */
        }
    }
    if (stmi_trap_sigaction(sig, act ? &mine : NULL, &had)) {
        actions[sig] = was;
        return -1;
    }
    if (had.sa_flags & SA_SIGINFO && had.sa_sigaction == on_signal)
        had = was;
    else if (had.sa_handler == SIG_DFL && !(was.sa_flags & SA_SIGINFO))
        had.sa_flags &= ~SA_SIGINFO; /* it was ours: SA_RESETHAND leaves the flags */
    if (old)
        *old = had;
    return 0;
}

/* sigaction(2) for translated code: act and old are real addresses.  Makes the transaction inevitable. */
int stm_sigaction(int sig, const void *act, void *old)
{
    sigset_t all, before;
    if (sig < 1 || sig >= _NSIG) {
        errno = EINVAL;
        return -1;
    }
    if (act)
        stm_inevitable_slow("sigaction");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&lock);
    int result = install(sig, act, old), err = errno;
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = err;
    return result;
}

/* signal(2), with the semantics of BSD, as the C library's. */
void (*stm_signal(int sig, void (*fn)(int)))(int)
{
    struct sigaction a, old;
    memset(&a, 0, sizeof a);
    a.sa_handler = fn;
    a.sa_flags = SA_RESTART;
    sigemptyset(&a.sa_mask);
    sigaddset(&a.sa_mask, sig);
    return stm_sigaction(sig, &a, &old) ? SIG_ERR : old.sa_handler;
}
