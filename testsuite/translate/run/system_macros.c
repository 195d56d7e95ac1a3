/* Members whose names are macros that name themselves: they must not be expanded a second time. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t seen;

static void handler(int signal, siginfo_t *info, void *context)
{
    (void)context;
    seen = signal + (info->si_pid != 0);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGUSR1, &action, NULL))
        return 1;
    raise(SIGUSR1);
    printf("%d\n", (int)seen == SIGUSR1 + 1);
    return 0;
}
