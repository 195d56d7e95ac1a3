/* Nobody writes to constants, by whatever pointer they are read; nor, in a whole program, to a variable that
 * no pointer leads to, but by its name. */
#include "common.h"
CLAIMS("object node\nview row *\nexternal lookup\n")

struct row {
    const char *name;
    long n;
};
static const struct row table[] = {{"one", 1}, {"two", 2}, {0, 0}};
static struct row changes[] __attribute__((__section__("ungil_data"))) = {{"one", 1}, {0, 0}};
static long *slot __attribute__((__section__("ungil_data")));

static long in(const struct row *r)
{
    return STM_AT(r, struct row)->n;
}
static long in_any(const struct row *r)
{
    return STM_AT(r, struct row)->n; /* FOUND: read end */
}
long constants(int k, int which)
{
    long sum = 0;
    stm_safepoint();
    for (const struct row *r = k ? table : &table[1]; STM_AT(r, struct row)->name; r++)
        sum += STM_AT(r, struct row)->n;
    const struct row *either = which ? &changes[k] : &table[k];
    sum += STM_AT(either, struct row)->n; /* FOUND: read end */
    return sum + in(&table[k]) + in(table) + in_any(table) + in_any(changes);
}
