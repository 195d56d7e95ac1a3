/* order.h - which orders of evaluation must be forced. */
#ifndef UNGIL_TOOL_ANALYSIS_ORDER_H
#define UNGIL_TOOL_ANALYSIS_ORDER_H

#include <stdbool.h>

/* What the evaluation of an operand does to the transaction, or counts on. */
enum order_event {
    ORDER_END = 1,     /* may end the transaction, and with it all facts */
    ORDER_TURN = 2,    /* turns inevitable: reads behind need no barriers, nor what cannot be undone a turn */
    ORDER_ACT = 4,     /* does what cannot be undone, without a turn of its own */
    ORDER_VIEW = 8,    /* may bring the view of memory up to date, if what has been marked allows it */
    ORDER_CHANGE = 16, /* may write what other operands load pointers from */
    ORDER_FOLLOW = 32, /* loads a pointer from memory */
    ORDER_MARK = 64,   /* has a read barrier */
    ORDER_READ = 128,  /* reads without one */
    ORDER_LOG = 256,   /* has a write barrier, which does for reads too */
    ORDER_WRITE = 512, /* writes without one */
    ORDER_ADDRESS = 1024 /* has the real address of something, for a call to come */
};

/* Operands do what v[0..n) says, in that order in the IR; C may evaluate them in any other, each of them as a
 * whole.  Can the result break what the passes assumed? */
bool order_matters(const unsigned *v, unsigned n);
/* The same for an operator: an assignment's barrier, `own`, which is done behind the operands in the IR, may
 * in C be done before the last of them. */
bool order_matters_before(unsigned last, unsigned own);

#endif
