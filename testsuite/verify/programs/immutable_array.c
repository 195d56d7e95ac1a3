/* whole program: writes to arrays in objects, by index and by pointers that go on from there, stay in them,
 * if their lengths are to be relied on. */
#include "common.h"
CLAIMS("object wide\nobject row\nobject grid\nobject cell\nobject pair\n")

#define OBJECT(name)                                                                                         \
    static struct stm_type type_##name;                                                                      \
    static struct name *name##s __attribute__((__section__("ungil_data")));                                  \
    static void make_##name(void)                                                                            \
    {                                                                                                        \
        struct name *p = stm_new(sizeof *p, &type_##name);                                                   \
        (void)stm_wr(&name##s, 8), *STM_AT(&name##s, struct name *) = p;                                     \
    }

struct wide {
    long before;
    short h[4];
    long after;
};
struct row {
    long before;
    short one[1];
    long after;
};
struct tail {
    long n;
    short last[2];
};
struct grid {
    long before;
    short m[2][3], other[4];
    struct tail tail;
    long after;
};
struct cell {
    long before;
    union {
        short h[4];
        long word;
    } u;
    long after;
};
struct pair {
    long before;
    short a[4], b[4];
    long after;
};
OBJECT(wide)
OBJECT(row)
OBJECT(grid)
OBJECT(cell)
OBJECT(pair)

static void fill(short *p, short *end)
{
    for (; p < end; p++)
        *(short *)stm_any_wr(p, 2) = 1; /* FOUND: writer */
}

int main(int argc, char **argv)
{
    make_wide(), make_row(), make_grid(), make_cell(), make_pair();
    stm_safepoint();
    (void)stm_rd(&wides), (void)stm_rd(&rows), (void)stm_rd(&grids), (void)stm_rd(&cells);
    (void)stm_rd(&pairs);
    struct wide *w = *STM_AT(&wides, struct wide *);
    struct row *r = *STM_AT(&rows, struct row *);
    struct grid *g = *STM_AT(&grids, struct grid *);
    struct cell *c = *STM_AT(&cells, struct cell *);
    struct pair *o = *STM_AT(&pairs, struct pair *);
    long sum = STM_AT(w, struct wide)->before + STM_AT(w, struct wide)->after;
    sum += STM_AT(w, struct wide)->h[1];    /* FOUND: read value */
    sum += STM_AT(w, struct wide)->h[argc]; /* FOUND: read value */
    sum += STM_AT(r, struct row)->before;
    sum += STM_AT(r, struct row)->after; /* FOUND: read value */
    sum += STM_AT(g, struct grid)->before;
    sum += STM_AT(g, struct grid)->m[1][1]; /* FOUND: read value */
    sum += STM_AT(g, struct grid)->other[argc];
    sum += STM_AT(g, struct grid)->tail.n;
    sum += STM_AT(g, struct grid)->after; /* FOUND: read value */
    sum += STM_AT(c, struct cell)->before + STM_AT(c, struct cell)->after;
    sum += STM_AT(c, struct cell)->u.word; /* FOUND: read value */
    sum += STM_AT(o, struct pair)->before;
    sum += STM_AT(o, struct pair)->a[1]; /* FOUND: read value */
    sum += STM_AT(o, struct pair)->b[1]; /* FOUND: read value */
    sum += STM_AT(o, struct pair)->after;
    stm_safepoint();
    short *p = w->h;
    *(short *)stm_any_wr(&p[sum], 2) = 1; /* FOUND: writer */
    fill(sum ? &o->a[2] : o->b, o->a + 4);
    *(short *)stm_any_wr(&r->one[sum], 2) = 1;       /* FOUND: writer */
    *(short *)stm_any_wr(&g->m[sum][argc], 2) = 1;   /* FOUND: writer */
    *(short *)stm_any_wr(&g->tail.last[sum], 2) = 1; /* FOUND: writer */
    *(short *)stm_any_wr(&c->u.h[sum], 2) = 1;       /* FOUND: writer */
    return (int)sum;
}
