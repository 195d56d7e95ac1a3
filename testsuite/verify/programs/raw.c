/* Writes to variables outside of transactional memory. */
#include "common.h"
CLAIMS("object node\nuntold top\n")

static long count, table[10];
static __thread long own;
static __thread long *top;
static const long constant = 1;

void told(long i)
{
    *(long *)stm_raw_wr(&count, 8) = constant;
    ((long *)stm_raw_wr(&table, 80))[i] = 2;
    *(long *)stm_raw_wr(&own, 8) += 3;
    top++;
}
void untold(long i)
{
    count = 1;    /* FOUND: raw start */
    table[i] = 2; /* FOUND: raw start */
    own += 3;     /* FOUND: raw start */
    long *p = &table[i];
    p[1] = 4; /* FOUND: raw start */
}
void inevitable(long i)
{
    stm_inevitable("inevitable");
    table[i] = 2;
    __atomic_store_n(&count, 1, __ATOMIC_SEQ_CST);
    stm_safepoint();
    count = 5; /* FOUND: raw end */
}
