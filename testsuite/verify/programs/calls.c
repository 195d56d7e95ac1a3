/* What other functions do, and whose body is relied on. */
#include "common.h"
CLAIMS("object node\nnosafepoint said\n")

void unknown(void), said(void);
static void nothing(void) {}
static void ends(void)
{
    stm_safepoint();
}
static void dies(int c)
{
    while (c) /* ends the transaction, but does not come back */
        stm_safepoint();
}
__attribute__((noreturn)) static void never(void)
{
    for (;;)
        stm_safepoint();
}
static void marks(struct node *p)
{
    (void)stm_rd(p);
}
static void marks_if(struct node *p, int c)
{
    if (c)
        (void)stm_rd(p);
}
static void ends_then_marks(struct node *p)
{
    stm_safepoint();
    (void)stm_wr(p, 24);
}
static struct node *same(struct node *p)
{
    return p;
}
static struct node *make(void)
{
    return NEW();
}
static struct node *make_if(struct node *p, int c)
{
    return c ? NEW() : p;
}
static struct node *look(struct node *p)
{
    (void)stm_rd(AT(stm_rd(p))->next);
    return AT(p)->next;
}
__attribute__((weak)) void weak(void) {}

long right(struct node *p, int c)
{
    (void)stm_rd(p);
    nothing();
    said();
    if (c < 0)
        never();
    long v = AT(p)->value + AT(same(p))->more;
    ends_then_marks(p);
    AT(p)->value = v;
    AT(make())->value = v;
    AT(make_if(p, c))->more = v;
    return v + AT(look(p))->value;
}
long after_unknown(struct node *p)
{
    (void)stm_rd(p);
    unknown();
    return AT(p)->value; /* FOUND: read call */
}
long after_pointer(struct node *p, void (*f)(void))
{
    (void)stm_rd(p);
    f();
    return AT(p)->value; /* FOUND: read pointer */
}
long after_weak(struct node *p)
{
    (void)stm_rd(p);
    weak();
    return AT(p)->value; /* FOUND: read call */
}
long after_end(struct node *p)
{
    (void)stm_rd(p);
    ends();
    dies(1);
    return AT(p)->value; /* FOUND: read end */
}
long perhaps_marked(struct node *p, struct node *q, int c)
{
    marks(p);
    marks_if(q, c);
    return AT(p)->value + AT(q)->value; /* FOUND: read start */
}
void perhaps_new(struct node *p, int c)
{
    p = make_if(p, c);
    AT(p)->value = 1; /* FOUND: write start */
}
/* All callers of the first have marked its argument; one of the second's has not; the third's are not known.
 */
static long all(struct node *p)
{
    return AT(p)->value;
}
static long most(struct node *p)
{
    return AT(p)->value; /* FOUND: read value */
}
static long taken(struct node *p)
{
    return AT(p)->value; /* FOUND: read start */
}
static long again(struct node *p, int n)
{
    return n ? again(p, n - 1) + again(AT(p)->next, n - 1) : AT(p)->value; /* FOUND: read value */
}
long (*pointer)(struct node *) = taken;
long calls(struct node *p, struct node *q)
{
    (void)stm_rd(p);
    long v = all(p) + most(p) + taken(p) + again(p, 3);
    (void)stm_wr(q, 24);
    return v + all(q) + most(p == q ? p : AT(p)->next);
}
static long walk_and_end(struct node *p, int n)
{
    if (n == 3)
        stm_safepoint();
    return n ? walk_and_end(p, n - 1) : 0;
}
long recursion(struct node *p)
{
    (void)stm_rd(p);
    walk_and_end(p, 9);
    return AT(p)->value; /* FOUND: read end */
}
/* What is asked is at another place in each call: it is not asked without end. */
static void one_further(struct node *p, int n)
{
    if (n)
        one_further(p + 1, n - 1);
}
static void end_further(struct node *p, int n)
{
    if (n)
        end_further(p + 1, n - 1);
    else
        stm_safepoint();
}
long further_and_further(struct node *p)
{
    (void)stm_rd(p);
    one_further(p, 9);
    long v = AT(p)->value;
    end_further(p, 9);
    return v + AT(p)->more; /* FOUND: read end */
}
static int match_here(struct node *p, struct node *k, int n);
static int match_next(struct node *p, struct node *k, int n)
{
    return k ? match_here(p, k, n) : (stm_rd(p), (int)AT(p)->value);
}
static int match_here(struct node *p, struct node *k, int n)
{
    if (n > 9)
        return (stm_rd(p), (int)AT(p)->value) && match_next(p + 1, k, n - 1);
    (void)stm_rd(k);
    return match_next(p, AT(k)->next, n - 1) + (int)AT(p)->value;
}
long match(struct node *p, struct node *k)
{
    return match_here(p, k, 20);
}
static int miss_here(struct node *p, struct node *k, int n);
static int miss_next(struct node *p, struct node *k, int n)
{
    return k ? miss_here(p, k, n) : n;
}
static int miss_here(struct node *p, struct node *k, int n)
{
    if (n > 9)
        return (stm_rd(p), (int)AT(p)->value) && miss_next(p + 1, k, n - 1);
    (void)stm_rd(k);
    return miss_next(p, AT(k)->next, n - 1) + (int)AT(p)->value; /* FOUND: read start */
}
long miss(struct node *p, struct node *k)
{
    return miss_here(p, k, 20);
}

static void mark_second(struct node *p, struct node *q)
{
    (void)p;
    (void)stm_rd(q);
}
long given_twice(struct node *p)
{
    mark_second(p, p);
    return AT(p)->value;
}
long given_once(struct node *p, struct node *q)
{
    mark_second(p, q);
    return AT(p)->value; /* FOUND: read start */
}
