/* spawn.c - child processes, without a shell, and what happens when someone interrupts us.
 *
 * The signals that ask us to stop stay blocked; host_run takes them synchronously with sigwaitinfo, together
 * with SIGCHLD. So no code runs in a signal handler, and cleaning up may do what it likes. A compiler has
 * children of its own: each child leads a process group, and the whole group is ended.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static sigset_t watched;     /* what host_run waits for */
static sigset_t mask_before; /* what children shall have blocked */

void host_start(void)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        struct sigaction old;
        /* One that our parent had ignored (nohup) stays so. */
        if (sigaction(stops[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaddset(&watched, stops[i]);
    }
    atexit(host_temp_remove_all);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &watched, &mask_before);
}

/* Ends the child's group: politely, so that compilers remove their own temporaries, then for good. */
static void end_child(pid_t pid, bool own_group)
{
    pid_t target = own_group ? -pid : pid;
    kill(target, SIGTERM);
    for (int i = 0; i < 100; i++) {
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            kill(target, SIGKILL); /* grandchildren that outlived it */
            return;
        }
        usleep(20000);
    }
    kill(target, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void die_by(int sig)
{
    host_temp_remove_all();
    signal(sig, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    _exit(128 + sig);
}

static int wait_for(pid_t pid, bool own_group)
{
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, WNOHANG);
        if (got == pid)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (got < 0 && errno != EINTR)
            return -1;
        int sig = sigwaitinfo(&watched, NULL);
        if (sig > 0 && sig != SIGCHLD) {
            end_child(pid, own_group);
            die_by(sig);
        }
    }
}

/* The environment, with TMPDIR replaced by our own directory if one was made. */
static char **child_environment(void)
{
    struct host_vec env = {0};
    for (char **e = environ; *e; e++)
        if (!host_starts(*e, "TMPDIR="))
            host_vec_add(&env, *e);
    host_vec_addf(&env, "TMPDIR=%s", host_temp_dir());
    return env.v;
}

int host_run_to(const struct host_vec *argv, const char *out_path, const char *err_path)
{
    /* A child that may read a terminal must stay in the foreground group. */
    bool own_group = !isatty(STDIN_FILENO);
    sigset_t pending;
    pid_t pid;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t actions;

    if (sigpending(&pending) == 0)
        for (int sig = 1; sig < NSIG; sig++)
            if (sig != SIGCHLD && sigismember(&watched, sig) == 1 && sigismember(&pending, sig) == 1)
                die_by(sig);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &mask_before);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr,
                             (short)(POSIX_SPAWN_SETSIGMASK | (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    if (out_path)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path, flags, 0666);
    if (err_path)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path, flags, 0666);
    fflush(NULL);
    int err = posix_spawnp(&pid, argv->v[0], &actions, &attr, argv->v, child_environment());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (err) {
        errno = err;
        return -1;
    }
    return wait_for(pid, own_group);
}

int host_run(const struct host_vec *argv, const char *err_path)
{
    return host_run_to(argv, NULL, err_path);
}
