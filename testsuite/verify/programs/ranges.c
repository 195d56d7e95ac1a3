/* Range barriers before counted loops. */
#include "common.h"
CLAIMS("object node\n")

#define LOOP(i, lo, hi, span, body)                                                                          \
    {                                                                                                        \
        int i = lo;                                                                                          \
        if (i < hi) {                                                                                        \
            STM_ROUNDS(i, hi, -1, 1, 1);                                                                     \
            span;                                                                                            \
        }                                                                                                    \
        for (; i < hi; i++)                                                                                  \
            body;                                                                                            \
    }
#define ITEM(p, i) (*STM_AT(&(p)->items[i], long))
#define WR(p, i) STM_WR_SPAN(&(p)->items[i], &(p)->items[stm_next], &(p)->items[stm_last], 8)
#define RD(p, i) STM_RD_SPAN(&(p)->items[i], &(p)->items[stm_next], &(p)->items[stm_last], 8)

void right(struct node *p, struct node *q, int n)
{
    LOOP(i, 0, n, (RD(q, i), WR(p, i)), ITEM(p, i) = ITEM(q, i))
}
void kind(struct node *p, int n)
{
    LOOP(i, 0, n, RD(p, i), ITEM(p, i) = 1) /* FOUND: write start */
}
void another(struct node *p, struct node *q, int n)
{
    LOOP(i, 0, n, WR(q, i), ITEM(p, i) = 1) /* FOUND: write start */
}
void neighbour(struct node *p, int n)
{
    LOOP(i, 0, n, WR(p, i), ITEM(p, i + 1) = 1) /* FOUND: write start */
}
struct pair {
    long a, b;
};
#define PAIR(p, i) (&((struct pair *)(p)->items)[i])
#define PAIRS(p, i) STM_RD_SPAN(PAIR(p, i), PAIR(p, stm_next), PAIR(p, stm_last), 16)
long part(struct node *p, int n)
{
    long sum = 0;
    LOOP(i, 0, n, PAIRS(p, i), sum += STM_AT(PAIR(p, i), struct pair)->b)
    return sum;
}
long no_part(struct node *p, int n)
{
    long sum = 0;
    LOOP(i, 0, n, PAIRS(p, i), sum += STM_AT(PAIR(p, i + 1), struct pair)->a) /* FOUND: read start */
    return sum;
}
long half_a_part(struct node *p, int n)
{
    long sum = 0;
    LOOP(i, 0, n, PAIRS(p, i), sum += *STM_AT((char *)PAIR(p, i) + 9, long)) /* FOUND: read start */
    return sum;
}
void behind(struct node *p, int n)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++)
        ITEM(p, i) = 1;
    ITEM(p, i) = 1; /* FOUND: write start */
}
void bound(struct node *p, int n, int m)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, m, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++)
        ITEM(p, i) = 1; /* FOUND: write start */
}
void step(struct node *p, int n)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 2);
        WR(p, i);
    }
    for (; i < n; i++)
        ITEM(p, i) = 1; /* FOUND: write start */
}
void changed(struct node *p, int n, int c)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++) {
        ITEM(p, i) = 1; /* FOUND: write start */
        if (i == c)
            i += 2;
    }
}
void bound_moves(struct node *p, int n)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++, n += 2)
        ITEM(p, i) = 1; /* FOUND: write start */
}
void guard(struct node *p, int n, int c)
{
    int i = 0;
    if (i < c) {
        STM_ROUNDS(i, n, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++)
        ITEM(p, i) = 1; /* FOUND: write start */
}
void ended(struct node *p, int n)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 1);
        WR(p, i);
    }
    for (; i < n; i++) {
        ITEM(p, i) = 1; /* FOUND: write end */
        stm_safepoint();
    }
}
void last(struct node *p, int n)
{
    int i = 0;
    if (i < n) {
        STM_ROUNDS(i, n, -1, 1, 1);
        STM_WR_SPAN(&p->items[i], &p->items[stm_next], &p->items[stm_next], 8);
    }
    for (; i < n; i++)
        ITEM(p, i) = 1; /* FOUND: write start */
}

/* Sums of a variable narrower than int are made in an int, and cut off. */
#define NARROW(type, i, step, to, span, body)                                                                \
    {                                                                                                        \
        type i = 0;                                                                                          \
        if (34 > i) {                                                                                        \
            STM_ROUNDS(i, 34, -1, 1, step);                                                                  \
            span;                                                                                            \
        }                                                                                                    \
        for (; 34 > i; i = to)                                                                               \
            body;                                                                                            \
    }
void narrow(struct node *p, struct node *q, unsigned char c)
{
    NARROW(unsigned char, i, 3, i + 3, WR(q, i), ITEM(q, i) = 1)
    NARROW(short, i, c, c + i, WR(q, i), ITEM(q, i) = 1)
}
void narrow_step(struct node *p)
{
    NARROW(short, i, 3, i + 2, WR(p, i), ITEM(p, i) = 1) /* FOUND: write start */
}
void narrow_doubled(struct node *p)
{
    NARROW(short, i, 1, i + i, WR(p, i), ITEM(p, i) = 1) /* FOUND: write start */
}
void narrower(struct node *p) /* from 127 it goes to -128 */
{
    NARROW(short, i, 1, (signed char)(i + 1), WR(p, i), ITEM(p, i) = 1) /* FOUND: write start */
}
void narrow_neighbour(struct node *p)
{
    NARROW(signed char, i, 1, i + 1, WR(p, i), ITEM(p, i + 1) = 1) /* FOUND: write start */
}
void inclusive(struct node *p)
{
    short i = 0;
    if (34 >= i) {
        STM_ROUNDS(i, 34, -1, 1, 1);
        WR(p, i);
    }
    for (; 34 >= i; i += 1)
        ITEM(p, i) = 1; /* FOUND: write start */
}
void downwards(struct node *p)
{
    short i = 34;
    if (0 < i) {
        STM_ROUNDS(i, 0, 1, 0, -1);
        WR(p, i);
    }
    for (; 0 < i; i -= 1)
        ITEM(p, i) = 1;
}

/* The variable is in two parts of the index, which may wrap: only under a condition. */
#define TWICE(i) ((unsigned char)(i) - (unsigned char)((i) + 1) + (i))
#define WR_TWICE(...)                                                                                        \
    STM_WR_SPAN(&p->items[TWICE(i)], &p->items[TWICE(stm_next)], &p->items[TWICE(stm_last)], 8, __VA_ARGS__)
void twice(struct node *p, int n)
{
    LOOP(i, 0, n, WR_TWICE(STM_EXACT((unsigned char)stm_last, stm_last, +, 0)), ITEM(p, TWICE(i)) = 1)
}
void unconditionally(struct node *p, int n)
{
    LOOP(i, 0, n, WR_TWICE(1), ITEM(p, TWICE(i)) = 1) /* FOUND: write start */
}

/* Twice in one sum, which wraps as a whole. */
#define SUM(i) ((i) + (i))
void in_one_sum(struct node *p, int n)
{
    LOOP(i, 0, n, STM_WR_SPAN(&p->items[SUM(i)], &p->items[SUM(stm_next)], &p->items[SUM(stm_last)], 8, 1),
         ITEM(p, SUM(i)) = 1)
}
#define SUMS(i) ((unsigned char)((i) + (i)) + (i))
void in_two_sums(struct node *p, int n)
{
#define WR_SUMS STM_WR_SPAN(&p->items[SUMS(i)], &p->items[SUMS(stm_next)], &p->items[SUMS(stm_last)], 8, 1)
    LOOP(i, 0, n, WR_SUMS, ITEM(p, SUMS(i)) = 1) /* FOUND: write start */
}

/* A step is what it is in the variable's width. */
void unsigned_step(struct node *p)
{
    NARROW(int, i, -(long)(-2u), i - -2u, WR(p, i), ITEM(p, i) = 1)
}
void wide_step(struct node *p)
{
    NARROW(unsigned char, i, 258, i + 2, WR(p, i), ITEM(p, i) = 1)
}
void another_step(struct node *p)
{
    NARROW(int, i, 258, i + 2, WR(p, i), ITEM(p, i) = 1) /* FOUND: write start */
}
