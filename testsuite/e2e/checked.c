/* Checked stores: the values, their conversions, and what they evaluate, once each. */
#include <stdio.h>
#include <string.h>
#include "ungil.h"

enum color { RED, GREEN, BLUE };
struct STM_OBJECT node {
    STM_CHECKED_STORE struct node *next;
    STM_CHECKED_STORE unsigned char small;
    STM_CHECKED_STORE _Bool yes;
    STM_CHECKED_STORE enum color color;
    STM_CHECKED_STORE double real;
    STM_CHECKED_STORE unsigned bits : 3;
    STM_CHECKED_STORE long items[6];
    STM_CHECKED_STORE unsigned flags;
};

/* Memory that is filled before a _Bool lies in it. */
union byte {
    unsigned char c;
    _Bool yes;
};
struct STM_OBJECT filled {
    union byte u;
    struct {
        STM_CHECKED_STORE _Bool yes;
    } w;
};
static __attribute__((noinline)) void clear(struct filled *f, int yes)
{
    f->w.yes = yes;
    f->u.yes = yes;
}
static void fill_and_clear(void)
{
    struct filled *f = STM_NEW(struct filled);
    unsigned char w;
    f->u.c = 254;
    memset(&f->w, 254, 1);
    STM_SAFEPOINT();
    clear(f, 0);
    memcpy(&w, &f->w, 1);
    printf("%d %d\n", f->u.c, w);
}

static int calls;
static struct node *same(struct node *n)
{
    calls++;
    STM_SAFEPOINT();
    return n;
}

static void show(const struct node *n)
{
    printf("%d %d %d %g %u %u", n->small, n->yes, (int)n->color, n->real, (unsigned)n->bits, n->flags);
    for (int i = 0; i < 6; i++)
        printf(" %ld", n->items[i]);
    printf(" %d\n", calls);
}

int main(void)
{
    struct node *n = STM_NEW(struct node), *m = STM_NEW(struct node);
    for (int round = 0; round < 3; round++) {
        STM_SAFEPOINT();
        same(n)->next = same(m);
        n->next->next = same(n);
        n->small = (unsigned char)(300 + round / 2);
        n->yes = round & 2;
        n->color = round ? GREEN : BLUE;
        n->real = round == 2 ? -0.0 : 0.0;
        n->bits = (unsigned)round & 7;
        int i = 0;
        n->items[i++] = round;
        n->items[i++] = n->items[0] = 4;
        n->items[++i] = (n->items[5] = round, n->items[5] + 1);
        same(n)->flags |= 6;
        n->flags &= round ? ~2u : ~0u;
        m->flags = n->flags |= 1;
        if ((m->small = (unsigned char)(i + 254)) != 1)
            printf("%d\n", m->small);
        show(n);
        show(m);
        printf("%d %d\n", n->next == m, m->next == n);
    }
    fill_and_clear();
    return 0;
}
