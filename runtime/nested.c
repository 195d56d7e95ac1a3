/* nested.c - functions of the C library that follow pointers in the memory that they are given.
 *
 * What translated code gives to a function outside is resolved by its type (extern.c); pointers that lie in
 * there are not seen.  These functions stand in for the library's that have such: they get their arguments
 * resolved, resolve what these hold in a copy, and call the library with that.  None can be undone, so the
 * transaction is inevitable first.  What the library moves on (iconv) goes back as a reference.
 *
 * getopt keeps its place in a string until the next call, when another view may be the thread's: there only
 * the check is done. */
#include "runtime.h"

#include <getopt.h>
#include <iconv.h>
#include <limits.h>
#include <mqueue.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* ---- struct iovec */

enum { MANY = 1024 }; /* as the kernel has it */

/* from, resolved, in `to`; where the library would refuse it, from as it is. */
static const struct iovec *pieces(struct iovec *to, const struct iovec *from, size_t n, bool written)
{
    if (n > MANY)
        return from;
    for (size_t i = 0; i < n; i++) {
        to[i] = from[i];
        if (to[i].iov_len)
            to[i].iov_base = written ? stm_x_wr(from[i].iov_base) : stm_x_rd(from[i].iov_base);
    }
    return to;
}

long stm_nested_writev(int fd, const void *v, int n)
{
    struct iovec real[MANY];
    stm_become_inevitable("writev");
    return writev(fd, pieces(real, v, (size_t)n, false), n);
}

long stm_nested_readv(int fd, const void *v, int n)
{
    struct iovec real[MANY];
    stm_become_inevitable("readv");
    return readv(fd, pieces(real, v, (size_t)n, true), n);
}

long stm_nested_pwritev(int fd, const void *v, int n, long at)
{
    struct iovec real[MANY];
    stm_become_inevitable("pwritev");
    return pwritev(fd, pieces(real, v, (size_t)n, false), n, at);
}

long stm_nested_preadv(int fd, const void *v, int n, long at)
{
    struct iovec real[MANY];
    stm_become_inevitable("preadv");
    return preadv(fd, pieces(real, v, (size_t)n, true), n, at);
}

long stm_nested_sendmsg(int fd, const void *msg, int flags)
{
    struct iovec real[MANY];
    struct msghdr m = *(const struct msghdr *)msg;
    stm_become_inevitable("sendmsg");
    m.msg_name = stm_x_rd(m.msg_name);
    m.msg_iov = (struct iovec *)(uptr)pieces(real, stm_x_rd(m.msg_iov), m.msg_iovlen, false);
    m.msg_control = stm_x_rd(m.msg_control);
    return sendmsg(fd, &m, flags);
}

long stm_nested_recvmsg(int fd, void *msg, int flags)
{
    struct iovec real[MANY];
    struct msghdr *user = msg, m = *user;
    stm_become_inevitable("recvmsg");
    m.msg_name = stm_x_wr(m.msg_name);
    m.msg_iov = (struct iovec *)(uptr)pieces(real, stm_x_rd(m.msg_iov), m.msg_iovlen, true);
    m.msg_control = stm_x_wr(m.msg_control);
    long got = recvmsg(fd, &m, flags);
    user->msg_namelen = m.msg_namelen;
    user->msg_controllen = m.msg_controllen;
    user->msg_flags = m.msg_flags;
    return got;
}

/* CMSG_NXTHDR: the header behind c, as c is given; null: there is none.  (m and c are not resolved: the
 * library compares c with what m holds.) */
void *stm_cmsg_nxthdr(const void *m, const void *c)
{
    struct msghdr msg = *(const struct msghdr *)stm_any_rd_range(m, sizeof msg);
    msg.msg_control = stm_x_rd(msg.msg_control);
    const char *real = stm_x_rd(c), *next = (char *)__cmsg_nxthdr(&msg, (struct cmsghdr *)(uptr)real);
    return next ? (void *)((uptr)c + (uptr)(next - real)) : NULL;
}

/* ---- arrays of strings, with a null pointer at the end */

static char **strings(const void *from)
{
    char *const *v = from;
    size_t n = 0;
    while (v && v[n])
        n++;
    char **to = malloc((n + 1) * sizeof *to);
    if (!to)
        stmi_die("out of memory");
    for (size_t i = 0; i < n; i++)
        to[i] = stm_x_rd(v[i]);
    to[n] = NULL;
    return to;
}

int stm_nested_execv(const char *path, const void *argv)
{
    stm_become_inevitable("execv");
    char **a = strings(argv);
    int failed = execv(path, a);
    free(a);
    return failed;
}

int stm_nested_execvp(const char *file, const void *argv)
{
    stm_become_inevitable("execvp");
    char **a = strings(argv);
    int failed = execvp(file, a);
    free(a);
    return failed;
}

int stm_nested_execve(const char *path, const void *argv, const void *envp)
{
    stm_become_inevitable("execve");
    char **a = strings(argv), **e = strings(envp);
    int failed = execve(path, a, e);
    free(a);
    free(e);
    return failed;
}

int stm_nested_execvpe(const char *file, const void *argv, const void *envp)
{
    stm_become_inevitable("execvpe");
    char **a = strings(argv), **e = strings(envp);
    int failed = execvpe(file, a, e);
    free(a);
    free(e);
    return failed;
}

int stm_nested_fexecve(int fd, const void *argv, const void *envp)
{
    stm_become_inevitable("fexecve");
    char **a = strings(argv), **e = strings(envp);
    int failed = fexecve(fd, a, e);
    free(a);
    free(e);
    return failed;
}

int stm_nested_spawn(int *pid, const char *path, const void *actions, const void *attr, const void *argv,
                     const void *envp)
{
    stm_become_inevitable("posix_spawn");
    char **a = strings(argv), **e = strings(envp);
    int err = posix_spawn(pid, path, actions, attr, a, e);
    free(a);
    free(e);
    return err;
}

int stm_nested_spawnp(int *pid, const char *file, const void *actions, const void *attr, const void *argv,
                      const void *envp)
{
    stm_become_inevitable("posix_spawnp");
    char **a = strings(argv), **e = strings(envp);
    int err = posix_spawnp(pid, file, actions, attr, a, e);
    free(a);
    free(e);
    return err;
}

/* ---- pointers that the function moves on */

stm_size stm_nested_iconv(void *cd, void *from, stm_size *nfrom, void *to, stm_size *nto)
{
    char **in = from, **out = to, *i, *o;
    stm_become_inevitable("iconv");
    i = in ? stm_x_rd(*in) : NULL;
    o = out ? stm_x_wr(*out) : NULL;
    stm_size n = iconv(cd, in ? &i : NULL, nfrom, out ? &o : NULL, nto);
    if (in && *in)
        *in = stm_x_back(i);
    if (out && *out)
        *out = stm_x_back(o);
    return n;
}

stm_size stm_nested_mbsrtowcs(void *to, void *from, stm_size n, void *state)
{
    const char **in = from, *i;
    stm_become_inevitable("mbsrtowcs");
    i = stm_x_rd(*in);
    stm_size got = mbsrtowcs(to, &i, n, state);
    *in = stm_x_back(i);
    return got;
}

stm_size stm_nested_wcsrtombs(void *to, void *from, stm_size n, void *state)
{
    const wchar_t **in = from, *i;
    stm_become_inevitable("wcsrtombs");
    i = stm_x_rd(*in);
    stm_size got = wcsrtombs(to, &i, n, state);
    *in = stm_x_back(i);
    return got;
}

/* ---- getopt */

static void check_strings(const char *name, int n, const void *argv)
{
    char *const *v = argv;
    stm_become_inevitable(name);
    for (int i = 0; i < n && v[i]; i++)
        if (stm_x_rd(v[i]) != (void *)v[i])
            stmi_die(
                "%s keeps pointers into its arguments' strings, and number %d is in transactional memory: "
                "give it copies on the stack",
                name, i);
}

int stm_nested_getopt(int argc, const void *argv, const char *options)
{
    check_strings("getopt", argc, argv);
    return getopt(argc, argv, options);
}

typedef int get_long(int, char *const *, const char *, const struct option *, int *);

/* Of the options those are copied that have a flag, or a name, in transactional memory. */
static int long_options(get_long *get, int argc, const void *argv, const char *options, const void *longs,
                        int *index)
{
    const struct option *o = longs;
    int n = 0, at = -1, set = 0;
    while (o && o[n].name)
        n++;
    struct option *real = malloc(((size_t)n + 1) * sizeof *real);
    if (!real)
        stmi_die("out of memory");
    memset(real, 0, ((size_t)n + 1) * sizeof *real);
    for (int i = 0; i < n; i++) {
        real[i] = o[i];
        real[i].name = stm_x_rd(o[i].name);
        real[i].flag = o[i].flag ? &set : NULL;
    }
    int got = get(argc, argv, options, real, &at);
    if (at >= 0 && at < n && !got && o[at].flag)
        *(int *)stm_x_wr(o[at].flag) = o[at].val;
    if (at >= 0 && index)
        *index = at;
    free(real);
    return got;
}

int stm_nested_getopt_long(int argc, const void *argv, const char *options, const void *longs, int *index)
{
    check_strings("getopt_long", argc, argv);
    return long_options(getopt_long, argc, argv, options, longs, index);
}

int stm_nested_getopt_long_only(int argc, const void *argv, const char *options, const void *longs,
                                int *index)
{
    check_strings("getopt_long_only", argc, argv);
    return long_options(getopt_long_only, argc, argv, options, longs, index);
}

/* ---- strings that are cut into pieces: these are undone as any write, and work on references */

/* `from` is resolved: the place of a pointer, which is not. */
char *stm_nested_strsep(void *from, const char *delimiters)
{
    char **at = from, *s = *at;
    if (!s)
        return NULL;
    char *real = stm_x_wr(s), *end = real + strcspn(real, delimiters);
    *at = *end ? s + (end - real) + 1 : NULL;
    if (*end)
        *end = 0;
    return s;
}

/* s is not resolved. */
char *stm_nested_strtok_r(char *s, const char *delimiters, void *save)
{
    char **at = save;
    s = s ? s : *at;
    char *real = stm_x_wr(s), *begin = real + strspn(real, delimiters),
         *end = begin + strcspn(begin, delimiters);
    *at = s + (end - real) + (*end ? 1 : 0);
    if (*end)
        *end = 0;
    return end == begin ? NULL : s + (begin - real);
}

/* ---- names of time zones */

/* The library's own zone is set anew, which cannot be undone. */
static struct tm with_zone(const void *when)
{
    stm_become_inevitable("strftime");
    struct tm t = *(const struct tm *)when;
    t.tm_zone = stm_x_rd(t.tm_zone);
    return t;
}

stm_size stm_nested_strftime(char *to, stm_size n, const char *format, const void *when)
{
    struct tm t = with_zone(when);
    return strftime(to, n, format, &t);
}

stm_size stm_nested_strftime_l(char *to, stm_size n, const char *format, const void *when, void *locale)
{
    struct tm t = with_zone(when);
    return strftime_l(to, n, format, &t, locale);
}

stm_size stm_nested_wcsftime(void *to, stm_size n, const void *format, const void *when)
{
    struct tm t = with_zone(when);
    return wcsftime(to, n, format, &t);
}

stm_size stm_nested_wcsftime_l(void *to, stm_size n, const void *format, const void *when, void *locale)
{
    struct tm t = with_zone(when);
    return wcsftime_l(to, n, format, &t, locale);
}

/* ---- the stack of signals */

/* The kernel writes there whatever view the thread has: none of the collector's memory, then. */
int stm_nested_sigaltstack(const void *stack, void *old)
{
    const stack_t *s = stack;
    if (s && !(s->ss_flags & SS_DISABLE) && stm_x_rd(s->ss_sp) != s->ss_sp)
        stmi_die("sigaltstack: the stack at %p is transactional memory: use memory from mmap, or an STM_RAW "
                 "variable",
                 s->ss_sp);
    stm_become_inevitable("sigaltstack");
    return sigaltstack(s, old);
}

/* ---- notifications in a thread of their own (SIGEV_THREAD), which is one of the library's */

struct notified {
    void (*call)(union sigval);
    union sigval value;
};

static void in_the_zone(union sigval arg)
{
    struct notified *n = arg.sival_ptr;
    stm_thread_enter();
    n->call(n->value);
    stm_thread_leave();
}

/* What calls the function of such a notification in a transaction; nobody knows when it is the last time, so
 * it is not freed. */
static const struct sigevent *notified(struct sigevent *to, const void *from)
{
    const struct sigevent *e = from;
    if (!e || e->sigev_notify != SIGEV_THREAD)
        return e;
    struct notified *n = stmi_calloc(1, sizeof *n);
    *n = (struct notified){e->sigev_notify_function, e->sigev_value};
    *to = *e;
    to->sigev_notify_function = in_the_zone;
    to->sigev_value.sival_ptr = n;
    return to;
}

int stm_nested_timer_create(int clock, const void *event, void *timer)
{
    struct sigevent own;
    stm_become_inevitable("timer_create");
    return timer_create(clock, (struct sigevent *)(uptr)notified(&own, event), timer);
}

int stm_nested_mq_notify(int queue, const void *event)
{
    struct sigevent own;
    stm_become_inevitable("mq_notify");
    return mq_notify(queue, notified(&own, event));
}
