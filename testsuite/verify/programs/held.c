/* Functions of the library that call back: their callbacks' safepoints end no transaction while it is held.
 */
#include "common.h"
CLAIMS("object node\nexternal qsort\nback qsort\n")

void qsort(void *, unsigned long, unsigned long, int (*)(const void *, const void *));
typedef int compares(const void *, const void *);
static void leave(int *held)
{
    stm_hold_leave(held);
}

void right(struct node *p, compares *f)
{
    (void)stm_rd(p);
    {
        int held __attribute__((__cleanup__(leave))) = stm_hold_enter();
        qsort(0, 0, 0, f);
    }
    (void)AT(p)->value;
}
void on_all_paths(struct node *p, compares *f, int c)
{
    (void)stm_rd(p);
    int held = c ? stm_hold_enter() : (stm_safepoint(), (void)stm_rd(p), stm_hold_enter());
    qsort(0, c, 0, f);
    stm_hold_leave(&held);
    (void)AT(p)->value;
}
void outside(compares *f)
{
    int block = stm_blocking_enter();
    qsort(0, 0, 0, f);
    stm_blocking_leave(&block);
}
void not_held(compares *f)
{
    qsort(0, 0, 0, f); /* FOUND: back start */
}
void by_runtime(compares *f, unsigned long *n)
{
    int held = stm_hold_enter();
    stm_bsearch(0, 0, 9, 8, f);
    stm_hold_leave(&held);
    stm_bsearch(0, 0, 9, 8, f); /* FOUND: back leave */
    stm_lfind(0, 0, n, 8, f);   /* FOUND: back leave */
    stm_lsearch(0, 0, n, 8, f); /* FOUND: back leave */
}
void no_more(compares *f)
{
    int held = stm_hold_enter();
    stm_hold_leave(&held);
    qsort(0, 0, 0, f); /* FOUND: back leave */
}
void perhaps(compares *f, int c)
{
    int held = 0;
    if (c)
        held = stm_hold_enter();
    qsort(0, 0, 0, f); /* FOUND: back start */
    stm_hold_leave(&held);
}
void in_time(struct node *p, compares *f)
{
    int held = stm_hold_enter();
    qsort(0, 0, 0, f);
    stm_hold_leave(&held);
    (void)AT(p)->value; /* FOUND: read start */
}
