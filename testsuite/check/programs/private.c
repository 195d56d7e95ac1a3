/* Pointers that are said to lead to a private stack, and do not.  CASE says which; 0 and 4 are fine. */
#include "ungil.h"

struct STM_OBJECT value { struct value *next; long n; };
static STM_THREAD_LOCAL long *top STM_PRIVATE_TOP, *other STM_PRIVATE_TOP;
static long *frame STM_PRIVATE_STACK;

int main(void)
{
    long *base = stm_private_stack(NULL, 800, &top), local[2];
    *top++ = 1;
    frame = CASE == 1 ? (long *)STM_NEW(struct value) : CASE == 2 ? base + 101 : CASE == 4 ? local : top;
    *frame = 2;
    STM_SAFEPOINT();
    other = base;
    if (CASE == 3)
        *other = 3;
    return 0;
}
