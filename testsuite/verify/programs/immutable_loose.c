/* whole program: a store through a pointer to no struct reaches the structs that such pointers are made of,
 * and members whose addresses are kept. */
#include "common.h"
CLAIMS("object strict\nobject whole\nobject longer\nobject holder\n"
       "view whole *\nview base *\npoints holder.8 far\nview holder *\npart * either\npart either one\npart "
       "whole part\n")

struct strict { /* pointers to it stay what they are */
    long a, b;
};
struct part {
    long a, b;
};
struct whole {
    long n;
    struct part part;
};
struct base {
    long n;
};
struct longer {
    struct base base;
    long more;
};
struct far {
    long a, b;
};
struct holder {
    long n;
    struct far *far;
};
struct one {
    long a, b;
};
struct head {
    long first, second, third;
};
static struct stm_type type;

#define VARIABLE __attribute__((__section__("ungil_data")))
static struct strict *stricts VARIABLE;
static struct part *parts VARIABLE;
static struct longer *longers VARIABLE;
static struct far *fars VARIABLE;
static struct one *ones VARIABLE;
static long *slot VARIABLE;
static struct head head VARIABLE, headless VARIABLE;
static long *second VARIABLE = &headless.second;
static struct head rows[2] VARIABLE;
static long *in_row VARIABLE = &rows[1].first;

static __attribute__((__noinline__)) void put(long k)
{
    (void)stm_rd(&slot);
    *(long *)stm_any_wr(*STM_AT(&slot, long *) + k, 8) = 1; /* FOUND: writer */
}
static __attribute__((__noinline__)) void put_second(void)
{
    (void)stm_rd(&second), (void)stm_rd(&in_row);
    *(long *)stm_any_wr(*STM_AT(&second, long *), 8) = 1;
    *(long *)stm_any_wr(*STM_AT(&in_row, long *), 8) = 1;
}

#define READ(name, field)                                                                                    \
    ((void)stm_rd(&name##s), STM_AT(*STM_AT(&name##s, struct name *), struct name)->field)

int main(int argc, char **argv)
{
    (void)stm_wr(&stricts, 8), *STM_AT(&stricts, struct strict *) = stm_new(16, &type);
    struct whole *w = stm_new(sizeof *w, &type);
    (void)stm_wr(&parts, 8), *STM_AT(&parts, struct part *) = &w->part;
    (void)stm_wr(&slot, 8), *STM_AT(&slot, long *) = argc ? &head.first : stm_new(16, &type);
    stm_safepoint();
    long sum = READ(strict, a) + READ(strict, b);
    sum += READ(part, b);                     /* FOUND: read value */
    sum += READ(longer, more);                /* FOUND: read value */
    sum += READ(far, b);                      /* FOUND: read value */
    sum += READ(one, b);                      /* FOUND: read value */
    sum += STM_AT(&head, struct head)->first; /* FOUND: read end */
    sum += STM_AT(&head, struct head)->third;
    sum += STM_AT(&headless, struct head)->second;  /* FOUND: read end */
    sum += STM_AT(&rows[argc], struct head)->first; /* FOUND: read end */
    put(argc);
    put_second();
    return (int)sum;
}
