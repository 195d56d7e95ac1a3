/* history.c - what became of the barrier at each access, pass by pass: for the counting build and for
 * explain.
 *
 * Barriers are attached to accesses (ir.h), and what the emitter reads is one decision for each access.
 * Running the passes one by one and keeping the decisions after each tells, for any access, where it got its
 * barrier and which pass took it.  What passes before placement find out (immutable fields) shows in the
 * barriers that would be placed then; naive placement knows only what is declared. */
#include "outcome/history.h"

#include <stdlib.h>
#include <string.h>

#include "outcome/clones.h"

enum { NAIVE, FACTS, FIRST }; /* rows: naive placement; what --facts tells of fields; then the passes */

unsigned history_rows(void)
{
    return FIRST + pass_count;
}

const char *history_row(unsigned row)
{
    return row == NAIVE ? "naive" : row == FACTS ? "facts" : pass_table[row - FIRST].name;
}

/* One pass_stats of many, each of one pass's run. */
static void append_stats(struct pass_stats *to, const struct pass_stats *one)
{
    if (!to->npasses)
        to->accesses = one->accesses;
    if (one->naive.read + one->naive.write)
        to->naive = one->naive;
    if (!one->npasses) /* left out */
        return;
    to->final = one->final;
    to->passes = xrealloc(to->passes, (to->npasses + one->npasses) * sizeof *to->passes);
    memcpy(to->passes + to->npasses, one->passes, one->npasses * sizeof *one->passes);
    to->npasses += one->npasses;
}

/* The decisions if barriers were placed now, and nothing were done about them. */
static enum barrier_kind *would_place(const struct unit *u)
{
    enum barrier_kind *d = xrealloc(NULL, (u->naccesses + 1) * sizeof *d);
    for (unsigned k = 0; k <= u->naccesses; k++)
        d[k] = BARRIER_NONE;
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next)
                if (i->access >= 0 && (unsigned)i->access < u->naccesses && ir_needs_barrier(i))
                    d[i->access] = ir_op_flags[i->op] & IRF_WRITES ? BARRIER_WRITE : BARRIER_READ;
    return d;
}

const struct ir_inst **accesses_by_number(const struct unit *u)
{
    const struct ir_inst **v = xrealloc(NULL, (u->naccesses + 1) * sizeof *v);
    memset(v, 0, (u->naccesses + 1) * sizeof *v);
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next)
                if ((ir_op_flags[i->op] & IRF_ACCESS) && i->access >= 0 && (unsigned)i->access < u->naccesses)
                    v[i->access] = i;
    return v;
}

/* What became of moved barriers, at the end of a row. */
static void note_moved(struct unit *u, unsigned row)
{
    struct history *h = u->history;
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next) {
                if (!(i->flags & IRI_MOVED) || i->op == IR_INEV)
                    continue;
                uint64_t key = (uint64_t)(uintptr_t)i;
                struct moved *v = map_get(&h->moved_at, key);
                if (!v) {
                    v = arena_alloc(&u->arena, sizeof *v);
                    *v = (struct moved){i, h->nmoved,
                                        arena_alloc(&u->arena, history_rows() * sizeof *v->after)};
                    const struct moved *of =
                        i->origin ? map_get(&h->moved_at, (uint64_t)(uintptr_t)i->origin) : NULL;
                    for (unsigned r = 0; of && r < row; r++)
                        v->after[r] = of->after[r];
                    map_put(&h->moved_at, key, v);
                    ptr_push(&h->moved, &h->nmoved, &h->capmoved, v);
                }
                v->after[row] = i->flags & IRI_REMOVED ? BARRIER_NONE
                                : i->op == IR_WBAR     ? BARRIER_WRITE
                                                       : BARRIER_READ;
            }
}

/* The copies that the last pass made have the originals' past: the first `rows` rows. */
static void adopt_copies(struct unit *u, unsigned rows)
{
    struct history *h = u->history;
    clones_adopt(u);
    for (unsigned r = 0; r < rows && u->naccesses > h->naccesses; r++) {
        enum barrier_kind *d = h->decisions[r] = xrealloc(h->decisions[r], (u->naccesses + 1) * sizeof *d);
        for (unsigned k = h->naccesses; k <= u->naccesses; k++)
            d[k] = BARRIER_NONE;
        for (unsigned c = 0; c < u->nclones; c++)
            for (unsigned b = 0; b < u->clones[c]->f->nblocks; b++)
                for (const struct ir_inst *i = u->clones[c]->f->blocks[b]->first; i; i = i->next)
                    if (ir_op_flags[i->op] & IRF_ACCESS)
                        d[i->access] = d[i->origin->access];
    }
    h->naccesses = u->naccesses;
}

unsigned history_moved_site(const struct history *h, const struct ir_inst *barrier)
{
    return h->naccesses + ((const struct moved *)map_get(&h->moved_at, (uint64_t)(uintptr_t)barrier))->number;
}

void history_start(struct unit *u)
{
    struct history *h = arena_alloc(&u->arena, sizeof *h);
    h->decisions = arena_alloc(&u->arena, history_rows() * sizeof *h->decisions);
    h->naccesses = u->naccesses;
    h->decisions[NAIVE] = would_place(u);
    u->history = h;
}

void history_run(struct unit *u, const struct pass_options *options, struct pass_stats *stats)
{
    struct history *h = u->history;
    bool placed = false;
    h->decisions[FACTS] = would_place(u);
    *stats = (struct pass_stats){0};
    for (unsigned i = 0; i < pass_count; i++) {
        struct pass_options one = *options;
        struct pass_stats s = {0};
        one.only = pass_table[i].name;
        passes_run(u->ir, &one, &s);
        append_stats(stats, &s);
        free(s.passes);
        adopt_copies(u, FIRST + i);
        placed |= !strcmp(pass_table[i].name, "place");
        note_moved(u, FIRST + i);
        h->decisions[FIRST + i] = placed ? passes_decisions(u->ir, u->naccesses) : would_place(u);
    }
    h->accesses = accesses_by_number(u);
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (unsigned i = 0; i < history_rows(); i++)
        free(h->decisions[i]);
    free(h->accesses);
    free(h->moved);
    map_free(&h->moved_at);
}

enum barrier_kind history_final(const struct history *h, unsigned access)
{
    return h->decisions[history_rows() - 1][access];
}

const char *history_remover(const struct history *h, unsigned access)
{
    for (unsigned i = history_rows() - 1; i > 0; i--)
        if (h->decisions[i - 1][access] != BARRIER_NONE)
            return h->decisions[i][access] == BARRIER_NONE ? history_row(i) : NULL;
    return NULL;
}

const char *history_upgrader(const struct history *h, unsigned access)
{
    for (unsigned i = 1; i < history_rows(); i++)
        if (h->decisions[i][access] == BARRIER_WRITE && h->decisions[i - 1][access] == BARRIER_READ)
            return history_row(i);
    return NULL;
}
