/* emitter.h - the state of emission. */
#ifndef UNGIL_TOOL_EMIT_EMITTER_H
#define UNGIL_TOOL_EMIT_EMITTER_H

#include "ast/unit.h"
#include "base/util.h"
#include "ir.h"

enum { SUBST_NAME = 48 };
struct subst {
    const struct node *node;
    char name[SUBST_NAME];
};

struct emitter {
    struct unit *u;
    const enum barrier_kind *decisions;
    struct subst *subs;
    unsigned nsubs, capsubs;
    unsigned temps;
    unsigned wrapped; /* depth in blocks that the emitter makes, inside the program's own (homes.c) */
    struct str homes; /* declarations for the start of the function so far */
    unsigned nstatics;
    struct str *epilogue;
    bool resync;  /* a #line was dropped inside an expression: say the line again after the statement */
    bool counted; /* the function so far has a site of the counting build */
    const struct ir_inst **insts; /* checking build: the accesses by their numbers */
    bool checks;                  /* the function so far looks whether its transaction has ended */
    unsigned jumps;               /* calls of setjmp in the function so far */
    size_t consumed; /* the statement put in the text last stands for its semicolon too, and ends here; 0: as
                        the tree says */
    bool bare; /* accesses without barriers and what counts or checks them: their like follows at once, with
                  them */
    unsigned nmoved; /* moved barriers put in the text so far */
};

#endif
