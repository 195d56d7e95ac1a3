#include "ungil.h"
#include <stdlib.h>
#include <string.h>
struct STM_OBJECT node { struct node *next; STM_RAW int *code; STM_RAW char *names[2]; };
struct plain { long n; struct { int *x, *y STM_RAW; } in; STM_RAW int *p; int *q; };
static STM_RAW int *kept, *many[3];
static STM_THREAD_LOCAL STM_RAW void *own;
static int counter, counters[4], *unknown;
static STM_RAW int *at_start = &counter, *list[] = {0, counters + 1, &counters[2]};
static struct plain plain_at_start = {1, {counters, &counter}, .p = (int *)&counters, counters};
static void *made(size_t n) STM_ALLOC_FN(n);
static void *made(size_t n) { return malloc(n); }
void take(long n, STM_RAW int *p) { counter = (int)n; kept = p; }
void allocated(struct node *n, int c)
{
    n->code = malloc(40);
    (n->code) = (int *)calloc(1, 40) + 1;
    n->names[0] = strdup("a");
    n->names[c] = (char *)realloc(n->names[c], 3);
    kept = made(4);
    many[c] = c ? malloc(8) : NULL;
    *many = malloc(4);
    own = STM_NEW(struct node);
    take(1, malloc(4));
    STM_RAW char *local = strdup("b"), *two[] = {0, strdup("c")};
    int *p = NULL;
    if (c)
        p = malloc(4);
    local = (char *)p;
    __atomic_store_n(&kept, (int *)malloc(4), 0);
    (void)two;
}
struct plain lists(int *x)
{
    struct plain a = {0, {x, malloc(1)}, malloc(2), malloc(3)}, b = {.in.y = malloc(4), .q = malloc(5)};
    struct plain c = {0, x, malloc(6), malloc(7), malloc(8)}; /* braces left out: not looked at */
    a = b;
    return (struct plain){.n = a.n + c.n, .p = malloc(9), x};
}
void others(struct node *n, STM_REF int *r, int *any)
{
    own = n;
    own = n->next;
    own = &n->next;
    kept = r;
    kept = &counter;
    kept = counters;
    counter = *any;
}
static STM_RAW int raw_counter;
static const char mark;
void right(struct node *n, int *any, long w, STM_RAW int *r, int c)
{
    int local;
    STM_RAW int *maybe = c ? any : malloc(4);
    kept = NULL;
    kept = (struct node *)0 ? 0 : 0;
    kept = any, kept = (int *)w, kept = r, kept = &local, kept = &raw_counter, kept = unknown;
    *r = *(int *)malloc(4);
    own = (struct node *)&mark;
    own = "text";
    n->code = n->code + 1;
    n->code = maybe;
    STM_BLOCKING { STM_RAW void *p = n; kept = any; (void)p; }
}
