/* immutable.h - objects of three types, filled while they are fresh; what writes to them later, each program
 * says. */
#include "common.h"
CLAIMS("object node\nobject twin\nobject other\nexternal sscanf\nview node twin\nview twin node\n"
       "view node *\nview other *\n")

int sscanf(const char *s, const char *format, ...);
struct twin {
    struct twin *left;
    long number;
};
struct other {
    double d;
    long e, untouched;
};
struct fixed {
    long first, second;
    struct fixed *also;
};
static struct stm_type type_other;

static struct node *all __attribute__((__section__("ungil_data")));
static struct other *others __attribute__((__section__("ungil_data")));
static struct fixed *fixed __attribute__((__section__("ungil_data")));

static void make(long v)
{
    struct node *p = NEW();
    AT(p)->value = v;
    AT(p)->more = v;
    struct other *o = stm_new(sizeof *o, &type_other);
    STM_AT(o, struct other)->untouched = v;
    (void)stm_wr(&all, 8), *STM_AT(&all, struct node *) = p;
    (void)stm_wr(&others, 8), *STM_AT(&others, struct other *) = o;
}
/* another struct of the same layout, from a pointer that was cast */
static void as_twin(struct node *p)
{
    struct twin *t = (struct twin *)p;
    STM_AT(stm_wr(t, 16), struct twin)->number = 1;
}
