/* Deferred output, callbacks, weak references and finalizers through the translator: heap strings in format
 * arguments and va_lists, functions' addresses, threads that count and print. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ungil.h"

typedef struct node node STM_OBJECT;
struct node {
    node *next;
    char name[24];
    int n;
};

static int counter;
static node *list;

static void say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

static void format(char *to, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(to, size, fmt, ap);
    va_end(ap);
}

static void note(void *key)
{
    fputs((const char *)key, stdout);
}
static void ended(void *obj)
{
    counter += 1000 * ((node *)obj)->n;
}

static void *run(void *arg)
{
    for (int i = 0; i < 200; i++) {
        STM_ATOMIC
        {
            node *p = STM_NEW(node);
            p->n = ++counter;
            snprintf(p->name, sizeof p->name, "node %d", p->n);
            p->next = list;
            list = p;
            if (i % 3 == 0)
                printf("%s %d\n", p->name, counter);
            else if (i % 3 == 1)
                say("%s %d\n", p->name, counter);
            else {
                fputs(p->name, stdout);
                putchar(' ');
                fprintf(stdout, "%d", counter);
                putc('\n', stdout);
            }
        }
        STM_SAFEPOINT();
    }
    return arg;
}

int main(void)
{
    pthread_t id[3];
    int (*show)(const char *) = puts;
    stm_defer_output(stdout);
    printf("%s\n", "begin");
    for (int i = 0; i < 3; i++) { /* one after the other: the plain build has no lock */
        pthread_create(&id[i], NULL, run, NULL);
        pthread_join(id[i], NULL);
    }
    char text[40];
    format(text, sizeof text, "%s|%5d", list->name, counter);
    show(text);
    show(list->name);
    node *w = stm_weak_new(list), *again = stm_weak_get(w);
    printf("%d %d\n", again == list, again->n);
    stm_set_finalizer(list, ended); /* which stays alive */
    stm_collect();
    stm_become_inevitable("so that callbacks come at once");
    stm_call_on_commit("called\n", note);
    stm_call_on_abort("never\n", note);
    fwrite(list->name, 1, strlen(list->name), stdout);
    printf("\n%d\n", counter);
    fflush(stdout);
    return 0;
}
