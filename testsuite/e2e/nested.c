/* Library functions that follow pointers in the memory that they are given: pieces of input and output,
 * arrays of strings, pointers that are moved on; all of it in objects. */
#include <getopt.h>
#include <iconv.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include "ungil.h"

struct STM_OBJECT node {
    char one[16], two[16];
    struct iovec v[2];
    char *strings[4];
    wchar_t wide[8];
    int a;
};
static struct node *root;
static int verbose, level;
extern char **environ;

static struct node *make(const char *one, const char *two)
{
    struct node *n = STM_NEW(struct node);
    strcpy(n->one, one);
    strcpy(n->two, two);
    n->v[0] = (struct iovec){n->one, strlen(one)};
    n->v[1] = (struct iovec){n->two, strlen(two)};
    STM_SAFEPOINT();
    return n;
}

static void pieces(void)
{
    int p[2], s[2];
    struct node *out = root = make("abc", "XYZ"), *in = make("1234", "56789");
    if (pipe(p) || socketpair(AF_UNIX, SOCK_STREAM, 0, s))
        exit(1);
    struct iovec local[2] = {{out->two, 2}, {(char *)"literal", 7}};
    long n = writev(p[1], out->v, 2), k = writev(p[1], local, 2);
    STM_SAFEPOINT();
    long got = readv(p[0], in->v, 2);
    STM_SAFEPOINT();
    printf("%ld %ld %ld %s %s\n", n, k, got, in->one, in->two);
    struct msghdr m = {.msg_iov = out->v, .msg_iovlen = 2}, r = {.msg_iov = in->v, .msg_iovlen = 2};
    n = sendmsg(s[0], &m, 0);
    STM_SAFEPOINT();
    got = recvmsg(s[1], &r, 0);
    printf("%ld %ld %s %s %d\n", n, got, in->one, in->two, r.msg_flags);
    close(p[0]), close(p[1]), close(s[0]), close(s[1]);
}

static void programs(void)
{
    struct node *n = make("printf", "%s-%s\n");
    n->strings[0] = n->one;
    n->strings[1] = n->two;
    n->strings[2] = n->one + 5;
    int status = 0, failed;
    pid_t pid;
    STM_SAFEPOINT();
    fflush(stdout);
    failed = posix_spawnp(&pid, "printf", NULL, NULL, n->strings, environ);
    if (!failed)
        waitpid(pid, &status, 0);
    char *a[] = {n->one, n->two, NULL};
    failed += execv("/nowhere", a) + execve("/nowhere", n->strings, n->strings);
    printf("%d %d\n", failed, status);
}

static void moved_on(void)
{
    struct node *n = make("abc", "");
    iconv_t cd = iconv_open("UTF-8", "ISO-8859-1");
    char *in = n->one, *out = n->two, *end;
    size_t nin = 3, nout = 16;
    long err = (long)iconv(cd, &in, &nin, &out, &nout);
    STM_SAFEPOINT();
    printf("%ld %d %d %s\n", err, (int)(in - n->one), (int)(out - n->two), n->two);
    iconv_close(cd);
    const char *from = n->one;
    wchar_t *last;
    err = (long)mbsrtowcs(n->wide, &from, 8, NULL);
    printf("%ld %d %lc\n", err, from == NULL, (wint_t)n->wide[2]);
    wcscpy(n->wide, L"17x");
    strcpy(n->one, "19y");
    err = wcstol(n->wide, &last, 10) + (long)strtoimax(n->one, &end, 10);
    STM_SAFEPOINT();
    printf("%ld %lc %c\n", err, (wint_t)*last, *end);
}

static void options(int argc, char **argv)
{
    static struct option longs[] = {
        {"verbose", no_argument, &verbose, 7}, {"level", required_argument, NULL, 'l'}, {0, 0, 0, 0}};
    char *mine[] = {argv[0], (char *)"-x", (char *)"5", (char *)"--verbose", (char *)"--level=3", NULL};
    int c, index = -1;
    verbose = level = argc = 5;
    STM_SAFEPOINT();
    while ((c = getopt_long(argc, mine, "x:l:", longs, &index)) != -1)
        if (c)
            printf("%c %s %d\n", c, optarg, verbose);
        else
            level = index;
    printf("%d %d %d\n", verbose, level, optind);
}

/* Control messages: where each is, is compared with where the buffer ends. */
static void control(char *buffer)
{
    enum { EACH = CMSG_SPACE(sizeof(int)) };
    struct msghdr m = {.msg_control = buffer, .msg_controllen = 2 * EACH};
    memset(buffer, 0, 256);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m), *d = (struct cmsghdr *)(buffer + EACH);
    c->cmsg_len = d->cmsg_len = CMSG_LEN(sizeof(int));
    *(int *)CMSG_DATA(c) = 10;
    *(int *)CMSG_DATA(d) = 20;
    STM_SAFEPOINT();
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        printf("%d %ld, ", *(int *)CMSG_DATA(c), (long)((char *)c - buffer));
    d->cmsg_len = 2 * EACH; /* more than there is */
    printf("%d ", CMSG_NXTHDR(&m, CMSG_FIRSTHDR(&m)) == NULL);
    d->cmsg_len = 0;
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        printf("%ld ", (long)((char *)c - buffer));
    m.msg_controllen = EACH + 3;
    printf("%d\n", CMSG_NXTHDR(&m, CMSG_FIRSTHDR(&m)) == NULL);
}

static void pieces_of(char *s, char **save)
{
    strcpy(s, "a:b,,c:");
    STM_SAFEPOINT();
    for (char *t, *p = s; (t = strsep(&p, ":,"));)
        printf("[%s]", t);
    strcpy(s, "  one two  ");
    STM_SAFEPOINT();
    char *t = strtok_r(s, " ", save);
    printf(" %s", t);
    STM_SAFEPOINT();
    t = strtok_r(NULL, " ", save);
    *t = 'T';
    printf(" %s %d\n", t, strtok_r(NULL, " ", save) == NULL);
}

static void strings(void)
{
    static char still[20], *saved;
    char own[20], *mine, *heap = malloc(20);
    struct node *n = make("", "");
    pieces_of(still, &saved);
    pieces_of(own, &mine);
    pieces_of(heap, &n->strings[1]);
    pieces_of(n->one, &mine);
    free(heap);
}

struct STM_OBJECT place {
    struct tm at;
    char zone[8];
};

static void zones(void)
{
    struct place *p = STM_NEW(struct place);
    char text[40];
    wchar_t wide[40];
    p->at = (struct tm){.tm_year = 126, .tm_mon = 10, .tm_mday = 30, .tm_zone = p->zone};
    strcpy(p->zone, "HERE");
    STM_SAFEPOINT();
    printf("%zu %s", strftime(text, sizeof text, "%Y-%m-%d %Z", &p->at), text);
    printf(" %zu %ls\n", wcsftime(wide, 40, L"%d %Z", &p->at), wide);
}

int main(int argc, char **argv)
{
    static char still[256] __attribute__((aligned(16)));
    control(malloc(256));
    control(still);
    zones();
    strings();
    pieces();
    programs();
    moved_on();
    options(argc, argv);
    return 0;
}
