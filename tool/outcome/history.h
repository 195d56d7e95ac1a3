/* history.h - what became of each barrier. */
#ifndef UNGIL_TOOL_OUTCOME_HISTORY_H
#define UNGIL_TOOL_OUTCOME_HISTORY_H

#include "ast/unit.h"
#include "ir.h"

struct history {
    unsigned naccesses;
    enum barrier_kind **decisions;   /* [row][access]: the barrier left at it; row 0: naive placement; 1: with
                                        the facts of --facts; then the passes */
    const struct ir_inst **accesses; /* the access with that number; null where control never gets */
    struct moved {
        const struct ir_inst *i;
        unsigned number;
        enum barrier_kind *after; /* by row */
    } * *moved;                   /* barriers that are not at their access */
    unsigned nmoved, capmoved;
    struct map moved_at; /* instruction -> struct moved */
};
unsigned history_rows(void);
const char *history_row(unsigned row);
/* Sets u->history, with naive placement alone; before --facts are applied. */
void history_start(struct unit *u);
/* The access with each number, null where control never gets; malloc'ed. */
const struct ir_inst **accesses_by_number(const struct unit *u);
/* Runs the passes, as passes_run does, and fills in the rest. */
void history_run(struct unit *u, const struct pass_options *options, struct pass_stats *stats);
void history_free(struct history *h);
/* The counting build's site for a moved barrier; those of accesses come first. */
unsigned history_moved_site(const struct history *h, const struct ir_inst *barrier);
enum barrier_kind history_final(const struct history *h, unsigned access);
/* The pass that removed the barrier at the access, or that made a write barrier of its read barrier; null if
 * none did. */
const char *history_remover(const struct history *h, unsigned access);
const char *history_upgrader(const struct history *h, unsigned access);

#endif
