/* whole program: calls through pointers to functions without a prototype, and to variadic ones. */
#include "common.h"
CLAIMS("object node\nobject edge\n")

struct edge {
    struct node *from;
    double weight;
};
static struct stm_type type_edge;

static void counts(struct node *p)
{
    AT(stm_wr(p, 24))->value++; /* FOUND: writer */
}
static void counts_more(p, c) struct node *p;
char c;
{
    AT(stm_wr(p, 24))->more += c;
}
static void ends(struct node *p, double d)
{
    AT(stm_wr(p, 24))->value += (long)d;
    stm_safepoint();
}
static long none(void)
{
    return 1;
}
static long ends_not(long n, ...)
{
    return n;
}
static double ends_variadic(double d, ...)
{
    stm_safepoint();
    return d;
}
static int fixed(int n)
{
    stm_safepoint();
    return n;
}
static int variadic(int n, ...)
{
    return n;
}

static long one(struct node *p, void (*f)())
{
    (void)stm_rd(p);
    f(p);
    return AT(p)->value;
}
static long two(struct node *p, void (*f)())
{
    (void)stm_rd(p);
    f(p, 'x');
    return AT(p)->value;
}
static long nothing(struct node *p, long (*f)())
{
    (void)stm_rd(p);
    f();
    return AT(p)->value;
}
static long more(struct node *p, long (*f)(long, ...))
{
    (void)stm_rd(p);
    f(1, p, 2);
    f(1);
    return AT(p)->value;
}
static long with_number(struct node *p, void (*f)())
{
    (void)stm_rd(p);
    f(p, 1.0);
    return AT(p)->value; /* FOUND: read end */
}
static long more_end(struct node *p, double (*f)(double, ...))
{
    (void)stm_rd(p);
    f(1);
    return AT(p)->value; /* FOUND: read end */
}
static long either(struct node *p, int (*f)()) /* one of that type ends it, though a variadic one does not */
{
    (void)stm_rd(p);
    f(1);
    return AT(p)->value; /* FOUND: read end */
}
static long nobody(struct node *p, float (*f)())
{
    (void)stm_rd(p);
    f(1);
    return AT(p)->value; /* FOUND: read pointer */
}
/* What the functions write is seen: the pointer that is read again may be another. */
static void moves(struct edge *e)
{
    STM_AT(stm_wr(e, 16), struct edge)->from = 0;
}
static double follows(struct edge *e, void (*f)())
{
    (void)stm_wr(STM_AT(stm_rd(e), struct edge)->from, 24);
    f(e);
    return AT(STM_AT(e, struct edge)->from)->value; /* FOUND: read value */
}

int main(void)
{
    struct node *p = NEW();
    struct edge *e = stm_new(sizeof *e, &type_edge);
    stm_safepoint();
    long sum = one(p, counts) + two(p, counts_more) + nothing(p, none) + more(p, ends_not);
    sum += with_number(p, ends) + more_end(p, ends_variadic);
    sum += either(p, fixed) + either(p, (int (*)())variadic) + nobody(p, 0);
    return (int)(sum + follows(e, moves));
}
