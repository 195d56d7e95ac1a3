/* Barriers moved to every kind of place: the program means the same (testsuite/translate/golden/anchors.c
 * shows the text). */
#include "ungil.h"
#include <stdio.h>

struct STM_OBJECT node {
    struct node *next;
    long value, more;
};

static struct node *new_node(struct node *next, long value, long more)
{
    struct node *n = STM_NEW(struct node);
    n->next = next;
    n->value = value;
    n->more = more;
    return n;
}

/* Ends the transaction now and then. */
static int calls;
long step(struct node *n);
long step(struct node *n)
{
    if (++calls % 3 == 0)
        stm_hint_commit_soon();
    STM_SAFEPOINT();
    return n ? n->value : 1;
}

static long before_loop(struct node *n, int k, int how)
{
    long s = 0;
    if (how)
        do
            s += n->value;
        while (--k);
    else
        for (;;) {
            s += n->more;
            if (!--k)
                break;
        }
    return s;
}

static long arms(struct node *n, int c)
{
    long s = 0;
    if (c & 1)
        if (c & 2)
            s = n->value;
    if (c == 1)
        s += 10;
    else if (c) {
        s += n->more;
    } else
        for (int i = 0; i < 3; i++)
            s++;
    return s + n->value;
}

static long jumps(struct node *n, int c)
{
    long s = 0;
    switch (c) {
    case 0:
        s = n->value;
        break;
    case 1:
        s = 1;
        __attribute__((fallthrough));
    case 2:
        if (s)
            break;
        s = n->more;
        goto end;
    default:
        s = 2;
    }
    s += 100;
end:
    return s + n->more;
}

static long around_calls(struct node *n)
{
    long s = n->value;
    s += step(n) * 2 + n->more;
    n->value = step(n) + 1;
    n->value += step(NULL), n->more++;
    s = ({
            long t = step(n);
            t + n->more;
        }) +
        (n->value ? step(n) : 2) + s;
    for (long i = step(n); i < step(n) + 3; i += step(NULL))
        s += n->more, n->more = s % 7;
    return s + n->value;
}

static struct node *build(int k)
{
    struct node *first = NULL;
    for (; k > 0; k--) {
        struct node *n = new_node(first, 0, k);
        step(NULL);
        n->value = k;
        step(n);
        n->more += n->value;
        first = n;
    }
    return first;
}

static long interpret(struct node *f, const char *p)
{
    static void *const where[] = {&&call, &&push, &&pop};
    long s = 0;
    for (;;) {
        f->value++;
        switch (*p++) {
        case 'c':
            step(f);
            break;
        case 'n':
            f = new_node(f, 5, 6);
            step(NULL);
            continue;
        case 'u':
            s += f->value;
            f = f->next;
            break;
        case 'g':
            goto *where[(*p++ - '0') % 3];
        default:
            return s + f->value + f->more;
        }
        continue;
    call:
        s += step(f);
        f->more++;
        continue;
    push:
        f = new_node(f, 7, 8);
        continue;
    pop:
        s += f->more;
        f = f->next;
        step(f);
    }
}

struct STM_OBJECT vector {
    long n;
    long items[];
};

/* A small object, and one that is logged by cards. */
static struct vector *fill(long n)
{
    struct vector *v = STM_NEW_FLEX(struct vector, items, (size_t)n);
    v->n = n;
    for (long i = 0; i < n; i++) {
        long x = step(NULL) + i;
        v->items[i] = x;
        x = step(NULL);
        v->items[n - 1 - i] += x;
    }
    return v;
}

int main(void)
{
    for (long n = 3; n < 4000; n += 1990) {
        struct vector *v = fill(n);
        long sum = 0;
        for (long i = 0; i < v->n; i++)
            sum = sum * 7 + v->items[i];
        printf("%ld\n", sum % 1000003);
    }
    struct node *n = build(9);
    long s = 0;
    for (struct node *p = n; p; p = p->next)
        s = s * 3 + p->value + p->more;
    printf("%ld\n", s);
    for (int c = 0; c < 4; c++)
        printf("%ld %ld %ld\n", before_loop(n, c + 1, c & 1), arms(n, c), jumps(n, c));
    for (int i = 0; i < 7; i++)
        printf("%ld ", around_calls(n));
    printf("\n%ld\n", interpret(n, "ccncnucg0g1cg2uccg1ng0.") % 1000003);
    return 0;
}
