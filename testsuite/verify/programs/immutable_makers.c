/* whole program: a pointer that goes through a function which only makes memory becomes nothing else by that.
 */
#include "common.h"
CLAIMS(
    "object one\nobject two\nobject three\nobject four\nobject five\nobject seven\nobject eight\n"
    "object filled\nobject plain\nexternal abort\nfilled filled\n"
    "unless make one *\nunless more one *\nunless keep two *\nunless read_it three *\nunless put_it four *\n"
    "unless pool five *\nunless twice one *\nunless nobody seven *\nunless copy eight *\n"
    "unless copies one *\n")
#include <stdlib.h>

struct one {
    long a, b;
};
struct two {
    long a, b;
};
struct three {
    long a, b;
};
struct four {
    long a, b;
};
struct five {
    long a, b;
};
struct seven {
    long a, b;
};
struct eight {
    long a, b;
};
struct filled {
    long a, b;
};
struct plain {
    long a, b;
};
static struct stm_type type;
#define VARIABLE __attribute__((__section__("ungil_data")))
static struct one *ones VARIABLE;
static struct two *twos VARIABLE;
static struct three *threes VARIABLE;
static struct four *fours VARIABLE;
static struct five *fives VARIABLE;
static struct seven *sevens VARIABLE;
static struct eight *eights VARIABLE;
static struct filled *filleds VARIABLE;
static struct plain *plains VARIABLE;
static long *slot VARIABLE;
static char *text VARIABLE;
static void *kept VARIABLE;
static char bytes[64] VARIABLE;

static void *make(size_t n)
{
    void *p = stm_malloc(n);
    if (!p)
        abort();
    stm_memset(p, 0, n);
    return p;
}
static void *more(void *q, size_t n)
{
    if (!n) {
        stm_free(q);
        return 0;
    }
    void *p = q ? stm_realloc(q, n) : make(n); /* FOUND: writer */
    if (!p)
        abort();
    return p;
}
static void *twice(void *q, size_t n)
{
    return more(q, n * 2);
}
static void *copies(void *q, size_t n)
{
    void *p = stm_malloc(n);
    __builtin_memcpy(stm_any_wr_range(p, n), stm_any_rd_range(q, n), n);
    return p;
}
static void *keep(size_t n)
{
    void *p = stm_malloc(n);
    (void)stm_wr(&kept, 8), *STM_AT(&kept, void *) = p;
    return p;
}
static void *read_it(void *q)
{
    (void)stm_rd(q);
    return (void *)*STM_AT(q, long);
}
static void *put_it(void *q)
{
    void *p = stm_malloc(8);
    *STM_AT(p, void *) = q;
    return p;
}
static void *pool(void)
{
    (void)stm_rd(&kept);
    return *STM_AT(&kept, void *);
}
static void *copy(void *q)
{
    __builtin_memcpy(stm_any_wr_range(bytes, 16), stm_any_rd_range(q, 16), 16);
    return stm_malloc(8);
}

static __attribute__((__noinline__)) void put(int k)
{
    (void)stm_rd(&slot);
    *(long *)stm_any_wr(*STM_AT(&slot, long *), 8) = k;
}
static __attribute__((__noinline__)) void fill(void)
{
    (void)stm_rd(&text);
    stm_memset(*STM_AT(&text, char *), 0, 16);
}

#define READ(name) ((void)stm_rd(&name##s), STM_AT(*STM_AT(&name##s, struct name *), struct name)->a)

int main(int argc, char **argv)
{
    (void)stm_wr(&ones, 8), *STM_AT(&ones, struct one *) = twice(more(0, 16), 16);
    (void)stm_wr(&twos, 8), *STM_AT(&twos, struct two *) = keep(16);
    (void)stm_wr(&threes, 8), *STM_AT(&threes, struct three *) = read_it(argv);
    (void)stm_wr(&fours, 8), *STM_AT(&fours, struct four *) = put_it(argv);
    (void)stm_wr(&fives, 8), *STM_AT(&fives, struct five *) = pool();
    (void)stm_wr(&eights, 8), *STM_AT(&eights, struct eight *) = copy(argv);
    (void)copies(*STM_AT(&ones, struct one *), 16);
    stm_safepoint();
    long sum = READ(one) + READ(plain);
    sum += READ(two);    /* FOUND: read value */
    sum += READ(three);  /* FOUND: read value */
    sum += READ(four);   /* FOUND: read value */
    sum += READ(five);   /* FOUND: read value */
    sum += READ(seven);  /* FOUND: read value */
    sum += READ(eight);  /* FOUND: read value */
    sum += READ(filled); /* FOUND: read value */
    put(argc);
    fill();
    return (int)sum;
}
