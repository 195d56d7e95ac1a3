/* trap.c - says what happened when an access reaches the transactional heap the wrong way.
 *
 * References and hidden statics are mapped without any permission, so an access that escaped instrumentation
 * faults instead of reading something stale.  The handler names the place and lets the fault take its
 * course: the handler that was there before, or the default one, gets it next.  A SIGBUS in the heap means
 * that the system has no page left for the memory file. */
#include "runtime.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#if STMI_VIEWS

static struct sigaction old_segv, old_bus; /* whose turn comes after the report */

static void explain(const char *what, uptr addr, const ucontext_t *uc)
{
    uptr pc = (uptr)uc->uc_mcontext.gregs[REG_RIP];
    Dl_info where;
    if (dladdr((void *)pc, &where) && where.dli_sname)
        stmi_warn("%s %#lx (pc %#lx, %s+%#lx)", what, addr, pc, where.dli_sname, pc - (uptr)where.dli_saddr);
    else if (where.dli_fname && dladdr((void *)pc, &where))
        stmi_warn("%s %#lx (pc %#lx, %s+%#lx)", what, addr, pc, where.dli_fname, pc - (uptr)where.dli_fbase);
    else
        stmi_warn("%s %#lx (pc %#lx)", what, addr, pc);
}

/* Of the memory file, through any view. */
static bool is_ours(uptr a)
{
    for (int i = 0; i <= stmi_nseg; i++) {
        uptr r = i ? a - stmi_segs[i].base : a - (uptr)stmi_shared_disp,
             s = i ? r : a - (uptr)stmi_statics_disp;
        if (r - STM_HEAP_BASE < stmi_opt.heap_size || stmi_static_page(s))
            return true;
    }
    return false;
}

/* Does the instruction at pc, which has been read, go through the view or its markers: by %gs? */
static bool goes_through_view(uptr pc)
{
    static const unsigned char prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    const unsigned char *p = (const unsigned char *)pc;
    while (*p != 0x65 && memchr(prefixes, *p, sizeof prefixes))
        p++;
    return *p == 0x65;
}

/* Sent by somebody: there is no instruction that runs again.  So whoever was responsible before is called. */
static void pass_on(int sig, siginfo_t *info, void *context)
{
    struct sigaction *next = sig == SIGBUS ? &old_bus : &old_segv, is = *next;
    if (is.sa_flags & SA_RESETHAND)
        *next = (struct sigaction){.sa_handler = SIG_DFL};
    if (!(is.sa_flags & SA_SIGINFO) && is.sa_handler == SIG_IGN)
        return;
    if (!(is.sa_flags & SA_SIGINFO) && is.sa_handler == SIG_DFL) {
        if (sigaction(sig, &is, NULL) || raise(sig)) /* it is not blocked here */
            stmi_die("sigaction: %s", strerror(errno));
        return;
    }
    sigset_t block = is.sa_mask; /* until the system puts the mask back */
    if (!(is.sa_flags & SA_NODEFER))
        sigaddset(&block, sig);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    if (is.sa_flags & SA_SIGINFO)
        is.sa_sigaction(sig, info, context);
    else
        is.sa_handler(sig);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    if (info->si_code <= 0) {
        pass_on(sig, info, context);
        return;
    }
    uptr a = (uptr)info->si_addr, pc = (uptr)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    if (sig == SIGBUS && is_ours(a))
        stmi_die("out of memory: the system has no page left for the heap");
    if (sig == SIGSEGV && a - STM_HEAP_BASE < STM_HEAP_MAX)
        explain("uninstrumented access to a transactional object at", a, context);
    else if (sig == SIGSEGV && stmi_static_find(a))
        explain("uninstrumented access to the static object at", a, context);
    else if (sig == SIGSEGV && stmi_me && stmi_me->seg && a - stm_self.base < STMI_NULL_SPAN)
        explain("access through a null reference, offset", a - stm_self.base, context);
    else if (sig == SIGSEGV && stmi_me && stmi_me->seg && a != pc && goes_through_view(pc))
        explain("a pointer to no transactional object was used as a reference; fault at", a, context);
    /* The instruction runs again and faults again, under whoever was responsible before. */
    if (sigaction(sig, sig == SIGBUS ? &old_bus : &old_segv, NULL))
        stmi_die("sigaction: %s", strerror(errno));
}

void stmi_trap_init(void)
{
    if (!stmi_opt.trap)
        return;
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&sa.sa_mask);
    if (sigaction(SIGSEGV, &sa, &old_segv) || sigaction(SIGBUS, &sa, &old_bus))
        stmi_die("sigaction: %s", strerror(errno));
}

/* For translated calls of sigaction: what the program sets for SIGSEGV or SIGBUS comes after the report. */
int stmi_trap_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    struct sigaction now, *next = sig == SIGBUS ? &old_bus : &old_segv;
    if ((sig != SIGSEGV && sig != SIGBUS) || sigaction(sig, NULL, &now) || now.sa_sigaction != on_fault)
        return sigaction(sig, act, old);
    *old = *next;
    if (act)
        *next = *act;
    return 0;
}

void stmi_trap_thread(struct stmi_thread *t)
{
    stack_t now, mine = {.ss_sp = t->signal_stack, .ss_size = STMI_ALT_STACK};
    if (!stmi_opt.trap || sigaltstack(NULL, &now) || !(now.ss_flags & SS_DISABLE))
        return; /* it has its own */
    if (sigaltstack(&mine, NULL))
        stmi_die("sigaltstack: %s", strerror(errno));
}

void stmi_trap_thread_gone(struct stmi_thread *t)
{
    stack_t now, off = {.ss_flags = SS_DISABLE};
    if (!sigaltstack(NULL, &now) && now.ss_sp == t->signal_stack && sigaltstack(&off, NULL))
        stmi_die("sigaltstack: %s", strerror(errno));
}

#else

void stmi_trap_init(void) {}
int stmi_trap_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    return sigaction(sig, act, old);
}
void stmi_trap_thread(struct stmi_thread *t)
{
    (void)t;
}
void stmi_trap_thread_gone(struct stmi_thread *t)
{
    (void)t;
}

#endif
