/* flags: -pthread */
/* fork, in translated code: child and parent go on with their own objects, while another thread of the
 * parent works. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ungil.h"
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    int value;
};
static struct node *list;
static long busy;
static int stop;

static void build(int first)
{
    list = NULL;
    for (int i = 0; i < 1000; i++) {
        struct node *n = STM_NEW(struct node);
        n->value = first + i;
        n->next = list;
        list = n;
    }
}
static long sum(void)
{
    long s = 0;
    for (struct node *n = list; n; n = n->next)
        s += n->value;
    return s;
}

static void *worker(void *arg)
{
    for (int going = 1; going;) {
        ENTER();
        busy++;
        going = !stop;
        LEAVE();
    }
    return arg;
}

static int childhood(int k)
{
    for (int i = 0; i < 10; i++) {
        build(k + i);
        STM_SAFEPOINT();
    }
    return (int)(sum() / 1000 - 499 - k - 9);
}

/* What pthread_atfork is given runs in the zone, wherever fork is called. */
static long before, in_parent, in_child;
static void first_before(void)
{
    build(5);
    before = before * 10 + 1;
}
static void second_before(void)
{
    before = before * 10 + 2;
}
static void first_in_parent(void)
{
    in_parent = in_parent * 10 + 1;
}
static void second_in_parent(void)
{
    STM_SAFEPOINT();
    in_parent = in_parent * 10 + 2;
}
static void first_in_child(void)
{
    in_child += before;
}
static void handlers(void)
{
    int status = 0;
    pthread_atfork(first_before, first_in_parent, first_in_child);
    pthread_atfork(second_before, second_in_parent, NULL);
    for (int inside = 0; inside < 2; inside++) {
        struct node *mine = STM_NEW(struct node);
        mine->value = 7;
        pid_t pid = -1;
        if (inside)
            pid = fork();
        else
            STM_BLOCKING
            {
                pid = fork();
            }
        if (pid == 0)
            _exit((int)in_child + mine->value);
        waitpid(pid, &status, 0);
        printf("%ld %ld %ld %d %d %ld\n", before, in_parent, in_child, WEXITSTATUS(status), mine->value,
               sum());
        before = in_parent = 0;
    }
}

static char text[40];

/* As a daemon is made: a child forks in the transaction in which it was forked. */
static void daemons(void)
{
    int status = 0;
    char *own = malloc(20);
    strcpy(text, "static");
    strcpy(own, "heap");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pid = fork();
        if (pid == 0) {
            printf("%s %s %ld\n", text, own, sum());
            fflush(stdout);
            _exit(4);
        }
        waitpid(pid, &status, 0);
        printf("%s %s %d\n", text, own, WEXITSTATUS(status));
        fflush(stdout);
        _exit(5);
    }
    waitpid(pid, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
}

int main(void)
{
    pthread_t id;
    build(1);
    if (pthread_create(&id, NULL, worker, NULL))
        return 2;
    for (int k = 0; k < 5; k++) {
        ENTER();
        pid_t pid = fork();
        LEAVE();
        if (pid < 0)
            return 2;
        if (pid == 0)
            _exit(childhood(k) + k);
        int status = 0;
        STM_BLOCKING
        {
            waitpid(pid, &status, 0);
        }
        printf("%d %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, sum());
    }
    ENTER();
    stop = 1;
    LEAVE();
    STM_BLOCKING
    {
        pthread_join(id, NULL);
    }
    printf("%s\n", busy ? "worked" : "did not work");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) { /* with the parent's exit handlers */
        printf("child\n");
        exit(3);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    daemons();
    handlers();
    return 0;
}
