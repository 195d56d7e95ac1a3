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
    return 0;
}
