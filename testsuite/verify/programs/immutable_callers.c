/* whole program: stores through plain pointers, of which the callers say where they lead; structs that go
 * through `void *`, and come out as none; a field of a variable. */
#include "common.h"
CLAIMS("object vector\nobject list\nobject table\nimmutable head.0\nobject head\nobject boxed\n"
       "view vector *\nview list *\nview table *\n")

struct vector {
    long n;
    long items[100];
};
struct list {
    long length;
    long items[100];
};
struct table {
    long size;
    long rest[9];
};
struct head {
    long id;
};
struct boxed {
    struct head h;
    long value;
};
static struct stm_type type_vector, type_list, type_table;
static struct vector *vectors __attribute__((__section__("ungil_data")));
static struct list *lists __attribute__((__section__("ungil_data")));
static struct table *tables __attribute__((__section__("ungil_data")));
static struct boxed box __attribute__((__section__("ungil_data")));

#define TO(p, type) STM_AT(p, struct type)

static __attribute__((__noinline__)) void fill(long *items, long n)
{
    for (long i = 0; i < n; i++)
        *(long *)stm_any_wr(&items[i], 8) = i; /* FOUND: writer */
}
static __attribute__((__noinline__)) void fill_more(long *items)
{
    fill(items + 3, 4);
}
static __attribute__((__noinline__)) void set(long *at)
{
    *(long *)stm_any_wr(at, 8) = 1; /* FOUND: writer */
}

static long sum(const void *p)
{
    return *(long *)stm_any_rd((const long *)p);
}

int main(void)
{
    struct vector *v = stm_new(sizeof *v, &type_vector);
    struct list *l = stm_new(sizeof *l, &type_list);
    struct table *t = stm_new(sizeof *t, &type_table);
    TO(v, vector)->n = TO(l, list)->length = TO(t, table)->size = 3;
    (void)stm_wr(&vectors, 8), *STM_AT(&vectors, struct vector *) = v;
    (void)stm_wr(&lists, 8), *STM_AT(&lists, struct list *) = l;
    (void)stm_wr(&tables, 8), *STM_AT(&tables, struct table *) = t;
    stm_safepoint();
    (void)stm_rd(&vectors), (void)stm_rd(&lists), (void)stm_rd(&tables);
    v = *STM_AT(&vectors, struct vector *);
    l = *STM_AT(&lists, struct list *);
    t = *STM_AT(&tables, struct table *);
    long n = TO(v, vector)->n;
    n += TO(v, vector)->items[2]; /* FOUND: read value */
    n += TO(l, list)->length;     /* FOUND: read value */
    n += TO(l, list)->items[2];
    n += TO(t, table)->size; /* FOUND: read value */
    n += STM_AT(&box, struct boxed)->h.id;
    n += STM_AT(&box, struct boxed)->value; /* FOUND: read end */
    stm_safepoint();
    fill(v->items, 4);
    fill_more(&v->items[7]);
    set(&l->length);
    TO(stm_wr(t, 16), table)->size = 4;                    /* FOUND: writer */
    STM_AT(stm_wr(&box, 16), struct boxed)->value = n;     /* FOUND: writer */
    STM_AT(stm_wr(&box, 16), struct boxed)->h.id = sum(v); /* it is declared immutable */
    return (int)(n + sum(v) + sum(t));
}
