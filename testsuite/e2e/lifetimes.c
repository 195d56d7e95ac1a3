/* What lives as long as the block or full expression of the program does not die with a block that the
 * translation makes: compound literals, and arrays in structs that calls return. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ungil.h>

struct STM_OBJECT node {
    int a;
    struct node *next;
};
struct pair {
    int x, y;
};
struct row {
    int v[6];
    struct pair p;
};
struct opts {
    const int *list;
    struct pair *p;
    char name[8];
};
static struct node *root;
static int on;

#define NOINLINE static __attribute__((noinline))

NOINLINE struct node *tick(struct node *n)
{
    STM_SAFEPOINT();
    n->a++;
    return n;
}
NOINLINE int *keep(struct node *n, int *p)
{
    n->a++;
    return p;
}
NOINLINE struct opts *options(struct node *n, struct opts *o)
{
    n->a += o->p->x;
    return o;
}
NOINLINE struct row make(struct node *n)
{
    STM_SAFEPOINT();
    return (struct row){{n->a ? 9 : 0, 1, 2, 3, 4, 5}, {7, 8}};
}
NOINLINE int sum(struct node *n, const int *a, const int *b)
{
    volatile int room[64];
    for (int i = 0; i < 64; i++)
        room[i] = n->a + 1000;
    return a[0] + a[1] + a[5] + (b ? b[0] + b[5] : 0) + (room[3] == 0);
}
/* Writes over the stack below its caller. */
NOINLINE int scratch(int v)
{
    volatile int room[256];
    for (int i = 0; i < 256; i++)
        room[i] = v;
    return room[77];
}
#define OVERWRITE                                                                                            \
    do {                                                                                                     \
        volatile int room[96];                                                                               \
        for (int i = 0; i < 96; i++)                                                                         \
            room[i] = n->a + 1000;                                                                           \
        scratch(room[5]);                                                                                    \
    } while (0)

NOINLINE void arguments(struct node *n)
{
    int *p = keep(tick(n), (int[]){tick(n) != 0, 6, 7});
    int *q = keep(tick(n), &(int){7 + (tick(n)->a > 0)});
    struct opts *o = options(tick(n), &(struct opts){.list = (const int[]){tick(n)->a > 0, 5},
                                                     .p = &(struct pair){tick(n) != 0, 9},
                                                     .name = "name"});
    int *r = &((struct pair){3, tick(n)->a > 0}).y + (tick(n)->a < 0), *s;
    s = keep(tick(n), (tick(n), (struct row){.v = {4, tick(n) != 0}}).v[1] ? r : p);
    OVERWRITE;
    printf("%d %d %d %d\n", p[0], p[1], p[2], *q);
    printf("%d %d %d %d %s %d %d\n", o->list[0], o->list[1], o->p->x, o->p->y, o->name, *r, *s);
}

/* Each has a block of its own in C as well. */
NOINLINE void blocks(struct node *n)
{
    int total = 0;
    for (int *p = keep(tick(n), (int[]){tick(n) != 0, 4}), i = 0; i < 2; i++)
        total += p[0] + p[1];
    for (int i = 0; i < 3; i++) {
        int *p = keep(tick(n), &(int){i + (tick(n) == 0)}),
            *q = keep(tick(n), &(int){10 * i + (tick(n) == 0)});
        OVERWRITE;
        total += *p + *q;
    }
    if (*keep(tick(n), &(int){tick(n) != 0}))
        total += ({
            int *p = keep(tick(n), (int[]){tick(n) != 0, 20});
            OVERWRITE;
            p[0] + p[1];
        });
    printf("%d\n", total);
}

/* The same object when a jump leads back to it. */
NOINLINE void again(struct node *n)
{
    int *first = NULL, *p, rounds = 0;
back:
    p = keep(tick(n), &(int){rounds + 10 * (tick(n) != 0)});
    if (!first)
        first = p;
    if (rounds++ < 2)
        goto back;
    printf("%d %d\n", first == p, *first);
}

NOINLINE void cases(struct node *n, int k)
{
    int *p = NULL, *q = NULL;
    switch (k) {
    case 1:
        p = keep(n, &(int){n->a - n->a + 3});
        q = keep(tick(n), (int[]){4, 5});
        /* fall through */
    case 2:
        if (!p)
            break;
        OVERWRITE;
        printf("%d %d %d\n", *p, q[0], q[1]);
    }
}

/* Arrays in structs that are values: for the full expression. */
NOINLINE void values(struct node *n)
{
    int t = sum(tick(n), make(tick(n)).v, (on ? make(n) : make(tick(n))).v);
    int u = sum(tick(n), &make(tick(n)).v[0], (tick(n), make(n)).v);
    int w = make(tick(n)).p.y + make(tick(n)).v[1 + (tick(n) == 0)];
    printf("%d %d %d\n", t, u, w);
}

static int by_value(const void *a, const void *b)
{
    STM_SAFEPOINT();
    return *(const int *)a - *(const int *)b;
}

NOINLINE int jumps(void)
{
    jmp_buf *where = &(jmp_buf){0};
    volatile int jumped = 0;
    if (!setjmp(*where)) {
        jumped = 1;
        longjmp(*where, 1);
    }
    return jumped;
}

NOINLINE void library(struct node *n)
{
    int *found =
        bsearch(&(int){3 + (tick(n) == 0)}, (int[]){1, 2, 3 + (tick(n) == 0), 9}, 4, sizeof(int), by_value);
    char *end, *number = (char[]){"12x"};
    long v = strtol((char[]){'4', '5', (char)('x' + (tick(n) == 0)), 0}, &end, 10);
    int *o = &(int){0};
    on = __builtin_add_overflow(tick(n)->a, 1, keep(n, o)) ? 0 : (*o == n->a + 1 || *o == n->a);
    OVERWRITE;
    printf("%d %ld %c %s %d %d\n", *found, v, *end, number, jumps(), on);
}

int main(void)
{
    root = STM_NEW(struct node);
    arguments(root);
    blocks(root);
    again(root);
    cases(root, 1);
    cases(root, 2);
    values(root);
    on = 1;
    values(root);
    library(root);
    return 0;
}
