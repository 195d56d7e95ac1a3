/* Names that mean something else in a block, names like the translator's own, callees that are no plain
 * names, places in the results of calls. */
#include <stdio.h>
#include <string.h>
#include "ungil.h"

struct STM_OBJECT node {
    long x, y;
    struct node *next;
    union word {
        unsigned long w;
        unsigned half[2];
    } u;
    struct {
        int k[2];
        unsigned low : 3, high : 5;
    } in;
};
typedef struct node node_t;
typedef long number;
enum color { RED, GREEN };
union word other_word;
static node_t *head;

static __attribute__((noinline)) node_t *the(void)
{
    STM_SAFEPOINT();
    return head;
}
static __attribute__((noinline)) long get(struct node *p)
{
    STM_SAFEPOINT();
    return p->x;
}
static __attribute__((noinline)) long put(struct node *p)
{
    p->x++;
    return p->y;
}

static long tags(struct node *p)
{
    long a = 0;
    {
        struct node {
            long y, x, w;
        } z = {1, 2, 3};
        a += p->x * 10 + p->y + z.w;
        p->y = a;
    }
    {
        struct node;
        struct node *q = 0;
        a += p->y + (q == 0);
    }
    {
        union word {
            char c[2];
            long l;
        } z = {{1, 2}};
        p->u.half[1] += z.c[0];
        a += p->u.half[0] + sizeof z;
    }
    {
        enum node_t { number, put, get };
        a += p->u.w + get;
    }
    {
        typedef signed char node_t;
        node_t c = 1;
        a += p->in.k[(int)c] + sizeof(node_t);
    }
    {
        typedef struct {
            char number;
        } other, number;
        number n = {1};
        a += p->x + n.number + sizeof(other);
    }
    {
        long node(void);
        int node_t = 3, struct_ = 4;
        a += p->y + node_t + struct_;
    }
    a += sizeof(struct node { char c[3]; }) + p->y;
    return a;
}
#define stm_r0 (1000)
static long names(struct node *p)
{
    long stm_t0 = 100, stm_t1 = 300, stm_next = 5, stm_tx = 7, stm_last = 1, stm_rounds = 2, stm_out0 = 3,
         stm_a0 = 4, o = 5, x = 6;
    long stm_static_0 = 1, stm_type_0 = 2, a = p->x + stm_t0 + get(p) + stm_t1 + p->y + stm_r0;
    for (int stm_t_0 = 0; stm_t_0 < 2; stm_t_0++)
        p->in.k[stm_t_0] += (int)(a + stm_next);
    return a + stm_next + stm_tx + stm_last + stm_rounds + stm_out0 + stm_a0 + o + x + stm_static_0 +
           stm_type_0;
}
static long callees(struct node *p, int c)
{
    long a = (*get)(p) + (**put)(p) + (put)(p) + (&get)(p) + (c ? get : put)(p) + ((void)0, put)(p);
    a += _Generic(p, struct node * : get, default : put)(p) + __builtin_choose_expr(1, put, get)(p);
    a += ({ put; })(p) + (*&get)(p) + ((long (*)(struct node *))put)(p) + (*strlen)("abc") +
         (c ? strlen : strlen)("abcd");
    return a + p->x;
}
static long places(void)
{
    the()->x++;
    the()->u.half[0]--;
    the()->in.k[1] += 2;
    the()->in.low = 3;
    the()->in.high++;
    ++the()->next->x;
    the()->next->u.half[the()->x & 1] = 4;
    (*the()).y -= 1;
    *&the()->y += 5;
    ((void)0, the())->x--;
    (head ? the() : head)->y++;
    long *volatile at = &the()->x;
    return *at + the()->in.low * 8 + the()->in.high + the()->u.half[0] + the()->next->x +
           the()->next->u.half[0] + the()->next->u.half[1];
}

/* Local labels stand before everything else. */
static __attribute__((noinline)) long labels(struct node *p)
{
    __label__ big, small;
    __label__ end;
    long v = 0;
    if (the()->x > 100)
        goto big;
    {
        __label__ end;
        p->y++;
        if (p->x < 3)
            goto end;
        v = the()->y + p->x;
    end:
        v++;
    }
    if (v < 2)
        goto small;
    goto end;
big:
    return 1;
small:
    v += 2;
end:
    return v + p->y;
}

/* Declarations in blocks of what has its initialiser elsewhere. */
static long here = 1;
static _Thread_local long mine = 2;
static __attribute__((noinline)) long elsewhere(void)
{
    long here_too = 0;
    {
        extern long here;
        extern _Thread_local long mine;
        here += the()->y;
        here_too = mine++;
    }
    {
        extern long here;
        here++;
    }
    return here + here_too;
}

/* A function's name is one array, and says the function's name, in copies for other callers, too. */
static int named;
static const char *own_name(void)
{
    named++;
    return __func__;
}
static const char *builtin_name(void)
{
    named++;
    return __builtin_FUNCTION();
}
static const char *(*volatile by_pointer)(void) = own_name;
static void say_names(void)
{
    named++;
    const char *name = own_name();
    printf("%s %d ", name, name == by_pointer());
    printf("%s\n", builtin_name());
    const int first = __builtin_LINE();
    printf("%d %d\n", head->x, // on another line
           __builtin_LINE() - first);
}

int main(void)
{
    head = STM_NEW(struct node);
    head->next = STM_NEW(struct node);
    head->x = 3;
    say_names();
    head->y = 4;
    for (int i = 0; i < 3; i++) {
        STM_SAFEPOINT();
        printf("%ld\n", tags(head));
        printf("%ld\n", names(head));
        printf("%ld\n", callees(head, i));
        printf("%ld\n", places());
        printf("%ld\n", labels(head));
        printf("%ld\n", elsewhere());
    }
    return 0;
}
