/* history.c - what became of the barrier at each access, pass by pass: for the counting build and for explain.
 *
 * Barriers are attached to accesses (ir.h), and what the emitter reads is one decision for each access.  Running the passes one
 * by one and keeping the decisions after each tells, for any access, where it got its barrier and which pass took it. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

/* One pass_stats of many, each of one pass's run. */
static void append_stats(struct pass_stats *to, const struct pass_stats *one)
{
    if (!to->npasses)
        to->accesses = one->accesses;
    if (one->naive.read + one->naive.write)
        to->naive = one->naive;
    to->final = one->final;
    to->passes = xrealloc(to->passes, (to->npasses + one->npasses) * sizeof *to->passes);
    memcpy(to->passes + to->npasses, one->passes, one->npasses * sizeof *one->passes);
    to->npasses += one->npasses;
}

void history_run(struct unit *u, const struct pass_options *options, struct pass_stats *stats)
{
    struct history *h = arena_alloc(&u->arena, sizeof *h);
    h->decisions = arena_alloc(&u->arena, pass_count * sizeof *h->decisions);
    h->naccesses = u->naccesses;
    h->naive = pass_count - 1;
    *stats = (struct pass_stats){0};
    for (unsigned i = 0; i < pass_count; i++) {
        struct pass_options one = *options;
        struct pass_stats s = {0};
        one.only = pass_table[i].name;
        passes_run(u->ir, &one, &s);
        append_stats(stats, &s);
        free(s.passes);
        h->decisions[i] = passes_decisions(u->ir, u->naccesses);
        if (!strcmp(pass_table[i].name, "place"))
            h->naive = i;
    }
    h->accesses = xrealloc(NULL, (u->naccesses + 1) * sizeof *h->accesses);
    memset(h->accesses, 0, (u->naccesses + 1) * sizeof *h->accesses);
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next)
                if ((ir_op_flags[i->op] & IRF_ACCESS) && i->access >= 0)
                    h->accesses[i->access] = i;
    u->history = h;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (unsigned i = 0; i < pass_count; i++)
        free(h->decisions[i]);
    free(h->accesses);
}

enum barrier_kind history_final(const struct history *h, unsigned access) { return h->decisions[pass_count - 1][access]; }

const char *history_remover(const struct history *h, unsigned access)
{
    for (unsigned i = pass_count; i-- > 1;)
        if (h->decisions[i - 1][access] != BARRIER_NONE)
            return h->decisions[i][access] == BARRIER_NONE ? pass_table[i].name : NULL;
    return NULL;
}

const char *history_upgrader(const struct history *h, unsigned access)
{
    for (unsigned i = 1; i < pass_count; i++)
        if (h->decisions[i][access] == BARRIER_WRITE && h->decisions[i - 1][access] == BARRIER_READ)
            return pass_table[i].name;
    return NULL;
}
