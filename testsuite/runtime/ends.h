/* ends.h - tests that are about how a program ends: each case is this program again, as a child, whose
 * output and status are looked at. */
#ifndef ENDS_H
#define ENDS_H

#include "longs.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* In a case: what must be true, or the case ends with status 1. */
#define NEED(x) need((x), __FILE__, __LINE__)
static inline void need(int yes, const char *file, int line)
{
    if (yes)
        return;
    stmi_warn("%s:%d: wrong (%s)", file, line, strerror(errno));
    _exit(1);
}

/* status: of exit; -n: signal n.  text: in what it writes to standard error.  views: status and text there,
 * if different. */
struct end {
    const char *name;
    void (*run)(void);
    const char *setting; /* of the environment */
    int status;
    const char *text;
    int views_status;
    const char *views_text;
};

static void one_end(void **state)
{
    const struct end *e = *state;
    char *argv[] = {(char *)"ends", (char *)e->name, NULL}, *envp[200] = {NULL}, out[4096] = "";
    int n = 0, p[2], status;
    for (char **v = environ; *v && n < 190; v++)
        if (strncmp(*v, "STM_", 4) && strncmp(*v, "ASAN_", 5))
            envp[n++] = *v;
    envp[n++] = "ASAN_OPTIONS=handle_segv=0:detect_leaks=0";
    envp[n++] = (char *)e->setting;
    envp[n] = NULL;
    assert_int_equal(pipe(p), 0);
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, p[1], 2);
    posix_spawn_file_actions_addclose(&fa, p[0]);
    pid_t pid;
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &fa, NULL, argv, envp), 0);
    close(p[1]);
    size_t got = 0;
    for (ssize_t k; got < sizeof out - 1 && (k = read(p[0], out + got, sizeof out - 1 - got)) > 0;)
        got += (size_t)k;
    close(p[0]);
    waitpid(pid, &status, 0);
    int how = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    const char *text = STMI_VIEWS && e->views_text ? e->views_text : e->text;
    if (how != (STMI_VIEWS ? e->views_status : e->status) || !strstr(out, text))
        print_error("%s: status %d, output: %s\n", e->name, how, out);
    assert_int_equal(how, STMI_VIEWS ? e->views_status : e->status);
    assert_non_null(strstr(out, text));
}

/* For main: runs the case that the arguments name, or all of them. */
static inline int ends_main(int argc, char **argv, const struct end *ends, int n)
{
    for (int i = 0; argc > 1 && i < n; i++)
        if (!strcmp(argv[1], ends[i].name)) {
            alarm(30); /* instead of a hang */
            ends[i].run();
            return 0;
        }
    struct CMUnitTest tests[100];
    if (n > 100)
        return 1;
    for (int i = 0; i < n; i++)
        tests[i] = (struct CMUnitTest){ends[i].name, one_end, NULL, NULL, (void *)&ends[i]};
    stm_thread_leave();
    return _cmocka_run_group_tests("ends", tests, (size_t)n, NULL, NULL);
}

#endif
