/* hints.c - what may be said about a conflict. */
#include "conflicts/report.h"

unsigned conflict_hints(const struct report *r, const struct conflict *c, const char **hints, unsigned n)
{
    unsigned k = 0;
    uint64_t attempts = r->commits + r->all_aborts;
    if (k < n && *c->what && !c->many && attempts && c->aborts * 5ul >= attempts)
        hints[k++] = "nearly every transaction meets here, at one object: give each thread its own, or write "
                     "it in a transaction of its own";
    else if (k < n && *c->what && !c->many && c->aborts >= 8)
        hints[k++] = "always the same object";
    if (k < n && c->other_field)
        hints[k++] =
            "they wrote different parts of one conflict unit: keep the two apart, in objects of their own";
    if (k < n && !c->wrote && *c->what)
        hints[k++] = "the loser has only read it; where is not known: somewhere between its two places";
    if (k < n && c->most_retries >= 5)
        hints[k++] = "some transactions were aborted many times in a row";
    return k;
}
