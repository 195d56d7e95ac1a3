/* Reads that are marked behind themselves: what stands on the left of an assignment, and is translated first,
 * is evaluated last. */
#include "common.h"
CLAIMS("object node\nnosafepoint said\nexternal strlen\nexternal qsort\nback qsort\nexternal longjmp\n")

static struct node *first __attribute__((__section__("ungil_data")));
#define FIRST (*STM_AT(&first, struct node *))
#define VARIABLE() ((void)stm_wr(&first, 8))

void unknown(void), said(void);
unsigned long strlen(const char *s);
void qsort(void *, unsigned long, unsigned long, int (*)(const void *, const void *));
__attribute__((noreturn)) void longjmp(void *, int);
static void *landing;
static long twice(long n)
{
    return n < 0 ? -n : 2 * n;
}
static long twice_marked(struct node *p)
{
    (void)stm_rd(p);
    return twice(AT(p)->more);
}
static struct node *makes(int c)
{
    return c ? NEW() : 0;
}
static void turns(int c)
{
    if (c)
        stm_inevitable("x");
}
static void ends(int c)
{
    if (c)
        stm_safepoint();
}
static void jumps(int c)
{
    if (c)
        longjmp(landing, 1);
}
static void rings(int n)
{
    if (n)
        rings(n - 1);
    else
        stm_safepoint();
}
static void replaces(struct node *p)
{
    FIRST = p;
}
static void puts_more(struct node *p)
{
    AT(p)->more = 1;
}

void arm(long c)
{
    VARIABLE();
    AT(stm_wr(FIRST, 24))->value = c ? AT(FIRST)->value : 1;
}
void both_arms(long c, long d)
{
    VARIABLE();
    AT(stm_wr(FIRST, 24))->value = c ? AT(FIRST)->value : d && AT(FIRST)->more ? AT(FIRST)->items[c] : 2;
}
void no_arm(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + ({
                                   __builtin_assume(c > 0);
                                   c;
                               });
}
void chain(struct node *p, long c)
{
    VARIABLE();
    AT(stm_wr(AT(stm_rd(AT(stm_rd(FIRST))->next))->next, 24))->value =
        c ? AT(AT(FIRST)->next)->value : c && AT(FIRST)->more;
}
/* Functions that leave all as it is, and loops. */
void calls(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = twice(AT(p)->value) + (c ? twice(AT(p)->more) : (long)strlen("x"));
}
void calls_marked(struct node *p, struct node *q)
{
    (void)stm_wr(q, 24);
    AT(stm_wr(p, 24))->value = AT(p)->value + twice_marked(q);
}
void calls_again(struct node *q, long c)
{
    VARIABLE();
    (void)stm_wr(q, 24);
    AT(stm_wr(FIRST, 24))->value = c ? twice(AT(FIRST)->value) : 1;
    AT(stm_wr(FIRST, 24))->value = c ? (puts_more(q), AT(FIRST)->value) : 1;
}
void loops(long n)
{
    VARIABLE();
    long sum = 0;
    if (n > 1)
        do
            sum += AT(FIRST)->items[sum];
        while (--n);
    AT(stm_wr(FIRST, 24))->value = sum;
}

/* The transaction may end in between, or the view move on, or control leave. */
void ended(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (c ? (stm_safepoint(), 1) : 2); /* FOUND: read start */
}
void calls_end(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (ends(c), 1); /* FOUND: read start */
}
void calls_end_deep(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (rings(c), 1); /* FOUND: read start */
}
void calls_unknown(struct node *p)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (unknown(), 1); /* FOUND: read start */
}
void calls_said(struct node *p) /* it may allocate */
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (said(), 1); /* FOUND: read start */
}
void calls_pointer(struct node *p, long (*f)(long))
{
    AT(stm_wr(p, 24))->value = AT(p)->value + f(1); /* FOUND: read start */
}
void calls_back(struct node *p, int (*f)(const void *, const void *))
{
    int held = stm_hold_enter();
    AT(stm_wr(p, 24))->value = AT(p)->value + (qsort(0, 0, 0, f), 1); /* FOUND: read start */
    stm_hold_leave(&held);
}
void allocates(struct node *p)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + !NEW(); /* FOUND: read start */
}
void calls_make(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + !makes(c); /* FOUND: read start */
}
void turned(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (turns(c), 1); /* FOUND: read start */
}
void jumped(struct node *p, long c)
{
    AT(stm_wr(p, 24))->value = AT(p)->value + (jumps(c), 1); /* FOUND: read start */
}
void returned(struct node *p, long c)
{
    long v = AT(p)->value; /* FOUND: read start */
    if (c)
        return;
    AT(stm_wr(p, 24))->value = v;
}
struct wide {
    long v[4];
};
static long sums(struct wide w)
{
    return w.v[0] + w.v[3];
}
static long sums_and_ends(struct wide w)
{
    stm_safepoint();
    return w.v[0] + w.v[3];
}
void by_value(struct wide *p)
{
    long v = sums(*(struct wide *)stm_real(p));
    ((struct wide *)stm_wr_range(p, 32))->v[1] = v;
}
void by_value_ended(struct wide *p)
{
    long v = sums_and_ends(*(struct wide *)stm_real(p)); /* FOUND: read start */
    ((struct wide *)stm_wr_range(p, 32))->v[1] = v;
}
/* What is marked is another. */
void changed(struct node *p, long c)
{
    VARIABLE();
    AT(stm_wr(FIRST, 24))->value = c ? ({
        long v = AT(FIRST)->value; /* FOUND: read value */
        FIRST = p;
        v;
    })
                                     : 1;
}
void changed_by_call(struct node *p, long c)
{
    VARIABLE();
    AT(stm_wr(FIRST, 24))->value = c ? ({
        long v = AT(FIRST)->value; /* FOUND: read value */
        replaces(p);
        v;
    })
                                     : 1;
}
void changed_before(struct node *p, long c)
{
    VARIABLE();
    struct node *q = FIRST;
    FIRST = p;
    AT(stm_wr(FIRST, 24))->value = c ? AT(q)->value : 1; /* FOUND: read value */
}
void changed_perhaps(struct node *p, struct node *r, long c)
{
    VARIABLE();
    (void)stm_wr(r, 24);
    struct node *q = FIRST;
    if (c)
        FIRST = p;
    AT(stm_wr(FIRST, 24))->value = AT(q)->value; /* FOUND: read value */
}
void changed_in_loop(struct node *p, long n)
{
    VARIABLE();
    long sum = 0;
    if (n > 1)
        do {
            sum += AT(FIRST)->value; /* FOUND: read value */
            if (n == 3)
                FIRST = p;
        } while (--n);
    AT(stm_wr(FIRST, 24))->value = sum;
}
void chain_changed(struct node *p, long c)
{
    VARIABLE();
    (void)stm_wr(FIRST, 24);
    AT(stm_wr(AT(FIRST)->next, 24))->value = c ? ({
        long v = AT(AT(FIRST)->next)->value; /* FOUND: read value */
        AT(FIRST)->next = p;
        v;
    })
                                               : 1;
}
void chain_start_changed(struct node *p, long c)
{
    VARIABLE();
    AT(stm_wr(AT(stm_rd(FIRST))->next, 24))->value = c ? ({
        long v = AT(AT(FIRST)->next)->value; /* FOUND: read value */
        FIRST = p;
        v;
    })
                                                       : 1;
}
void one_path(long c, long d)
{
    VARIABLE();
    long v = c ? AT(FIRST)->value : 1; /* FOUND: read value */
    if (d)
        AT(stm_wr(FIRST, 24))->value = v;
}
void writes(long c)
{
    VARIABLE();
    if (c)
        AT(FIRST)->value = 1; /* FOUND: write value */
    AT(stm_wr(FIRST, 24))->more = c;
}
void too_little(long c)
{
    VARIABLE();
    *STM_AT(stm_wr(&FIRST->value, 8), long) = c ? AT(FIRST)->more : 1; /* FOUND: read value */
}

/* By a function that is called on the left. */
static struct node *next_of(struct node *p)
{
    return AT(stm_rd(p))->next;
}
static struct node *next_of_some(struct node *p, long c)
{
    return c ? AT(stm_rd(p))->next : 0;
}
static struct node *next_of_other(struct node *p, struct node *q)
{
    return p ? AT(stm_rd(q))->next : 0;
}
void by_function(struct node *p)
{
    AT(stm_wr(next_of(p), 24))->value = AT(p)->more;
}
void by_second_argument(struct node *p)
{
    AT(stm_wr(next_of_other(0, p), 24))->value = AT(p)->more; /* FOUND: read start */
}
void by_one_path(struct node *p, long c)
{
    AT(stm_wr(next_of_some(p, c), 24))->value = AT(p)->more; /* FOUND: read start */
}
void by_another(struct node *p, struct node *q)
{
    AT(stm_wr(next_of(q), 24))->value = AT(p)->more; /* FOUND: read start */
}
