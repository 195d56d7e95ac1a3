/* Signals that the runtime has a handler of its own for, and such as it has none for, when somebody sends
 * them: the program's handler is called each time, and what sigaction says is what the program has set. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ungil.h"

static volatile sig_atomic_t calls, blocked, by;

static void count(int sig)
{
    sigset_t now;
    calls++;
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    blocked = sigismember(&now, sig) + 2 * sigismember(&now, SIGUSR2);
}
static void inform(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    by = info->si_code == SI_USER || info->si_code == SI_TKILL;
    calls++;
}

int main(void)
{
    static const int sig[] = {SIGSEGV, SIGBUS, SIGFPE, SIGUSR1};
    struct sigaction a, old;
    for (int i = 0; i < 4; i++) {
        calls = 0;
        memset(&a, 0, sizeof a);
        a.sa_handler = count;
        sigaddset(&a.sa_mask, SIGUSR2);
        sigaction(sig[i], &a, NULL);
        raise(sig[i]);
        int first = calls;
        raise(sig[i]);
        kill(getpid(), sig[i]);
        sigset_t now;
        pthread_sigmask(SIG_BLOCK, NULL, &now);
        printf("%d: %d %d, blocked %d, then %d\n", i, first, (int)calls, (int)blocked,
               sigismember(&now, sig[i]));
        a.sa_sigaction = inform;
        a.sa_flags = SA_SIGINFO | SA_RESETHAND;
        calls = 0;
        sigaction(sig[i], &a, &old);
        printf("  was %d %d;", old.sa_handler == count, old.sa_flags & SA_SIGINFO);
        raise(sig[i]);
        printf(" %d %d;", (int)calls, (int)by);
        sigaction(sig[i], NULL, &old);
        printf(" now %d\n", old.sa_handler == SIG_DFL);
        a.sa_handler = SIG_IGN;
        a.sa_flags = 0;
        sigaction(sig[i], &a, NULL);
        raise(sig[i]);
        a.sa_handler = count;
        a.sa_flags = SA_RESETHAND;
        sigaction(sig[i], &a, NULL);
        raise(sig[i]);
        sigaction(sig[i], NULL, &old);
        printf("  once %d, then %d %d\n", (int)calls, old.sa_handler == SIG_DFL, old.sa_flags & SA_SIGINFO);
    }
    return 0;
}
