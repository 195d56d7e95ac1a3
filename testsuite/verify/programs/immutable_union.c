/* whole program: written as another alternative of a union. */
#include "common.h"
CLAIMS("object node\nobject near\nobject apart\nobject box\nview node all\nalternative all node\n"
       "alternative all near\nalternative all apart\nalternative left right\n")

struct near { /* is laid out as a node is, up to here */
    struct near *next;
    long count;
};
struct apart {
    double x;
    long y, z;
};
union all {
    struct apart a;
    struct node n;
    struct near m;
};
struct left {
    long i, k;
};
struct right {
    long j;
    double d;
};
struct box {
    long tag;
    union {
        struct left l;
        struct right r;
    } u;
};
static struct node *all __attribute__((__section__("ungil_data")));
static struct box *boxes __attribute__((__section__("ungil_data")));
static struct stm_type type_box;

static __attribute__((__noinline__)) void write(union all *o)
{
    STM_AT(stm_wr(o, 16), union all)->m.count = 1; /* FOUND: writer */
    STM_AT(stm_wr(o, 24), union all)->a.z = 1;
}

static long left(struct left *l)
{
    return *(long *)stm_any_rd(&l->k) + STM_AT(l, struct left)->i; /* FOUND: read value */
}

int main(void)
{
    struct node *p = NEW();
    struct box *b = stm_new(sizeof *b, &type_box);
    AT(p)->value = AT(p)->more = 1;
    STM_AT(b, struct box)->u.l.i = 2;
    (void)stm_wr(&all, 8), *STM_AT(&all, struct node *) = p;
    (void)stm_wr(&boxes, 8), *STM_AT(&boxes, struct box *) = b;
    stm_safepoint();
    (void)stm_rd(&all), (void)stm_rd(&boxes);
    p = *STM_AT(&all, struct node *);
    b = *STM_AT(&boxes, struct box *);
    long sum = AT(p)->value; /* FOUND: read value */
    sum += AT(p)->more;
    sum += left(&b->u.l);
    stm_safepoint();
    write((union all *)p);
    STM_AT(stm_wr(b, 24), struct box)->u.r.j = sum; /* FOUND: writer */
    return (int)sum;
}
