/* testing.h - for tests only: one OS thread plays several, each in a segment of its own.
 *
 * After STMGC's test suite: interleavings are scripted, so a failure repeats, and a wait is a failure (or an
 * expected outcome), never a hang.  A player that is not on turn counts as parked, unless it is outside or
 * has left its segment detached.  Its stack is not saved nor scanned: what it holds are its registers, which
 * are roots, and which an abort restores. */
#ifndef STMI_TESTING_H
#define STMI_TESTING_H

#include "runtime.h"

#include <setjmp.h>

enum outcome { DONE, ABORTED, BLOCKED };

struct player {
    struct stmi_thread *t;
    struct stm_self self; /* while not on turn */
    uptr reg[8];
    enum stmi_abort why; /* of the last abort */
};

static struct player *on_turn;
static jmp_buf turn_jump;

static inline void player_aborts(struct stmi_thread *t, enum stmi_abort why)
{
    (void)t;
    on_turn->why = why;
    longjmp(turn_jump, ABORTED);
}

static inline void player_blocks(struct stmi_thread *t)
{
    (void)t;
    longjmp(turn_jump, BLOCKED);
}

static inline void turn_to(struct player *p)
{
    if (on_turn == p)
        return;
    pthread_mutex_lock(&stmi_world.lock);
    if (on_turn) {
        on_turn->self = stm_self;
        on_turn->t->self = &on_turn->self;
        if (on_turn->t->seg) {
            on_turn->t->state = STMI_PARKED;
            stmi_world.running--;
        }
    }
    on_turn = p;
    if (p) {
        stm_self = p->self;
        p->t->self = &stm_self;
        if (p->t->seg) {
            p->t->state = STMI_RUNNING;
            stmi_world.running++;
        }
    }
    pthread_mutex_unlock(&stmi_world.lock);
    stmi_me = p ? p->t : NULL;
    stmi_set_base(p ? stm_self.base : 0);
}

/* A new player in a segment, not in a transaction.  Main must have left the zone. */
static inline void player_new(struct player *p)
{
    turn_to(NULL);
    memset(p, 0, sizeof *p);
    struct stmi_thread *t = p->t = stmi_calloc(1, sizeof *t);
    t->self = &stm_self;
    t->target = stmi_opt.length;
    t->test_abort = player_aborts;
    t->test_block = player_blocks;
    stmi_push(&t->private_roots, (struct stmi_private){.lo = (uptr)p->reg, .hi = (uptr)(p->reg + 8)});
    stmi_thread_list(t);
    memset(&stm_self, 0, sizeof stm_self);
    stmi_me = t;
    on_turn = p;
    stmi_acquire(t);
}

/* Lets p do `what`: the outcome.  A player whose transaction was ended while it was away finds out now. */
#define PLAY(p, what)                                                                                        \
    __extension__({                                                                                          \
        turn_to(p);                                                                                          \
        int outcome_ = setjmp(turn_jump);                                                                    \
        if (!outcome_) {                                                                                     \
            if ((p)->t->must_abort)                                                                          \
                stmi_abort((p)->t, (p)->t->must_abort);                                                      \
            what;                                                                                            \
        }                                                                                                    \
        (enum outcome) outcome_;                                                                             \
    })

static inline enum outcome begin(struct player *p)
{
    return PLAY(p, stmi_begin(p->t));
}
static inline enum outcome try_again(struct player *p)
{
    return PLAY(p, stmi_begin_again(p->t));
} /* after an abort */
static inline enum outcome commit(struct player *p)
{
    return PLAY(p, stmi_commit(p->t));
}
static inline enum outcome inevitable(struct player *p)
{
    return PLAY(p, stmi_make_inevitable(p->t, "test"));
}
static inline enum outcome give_up(struct player *p)
{
    return PLAY(p, stmi_abort(p->t, STMI_ABORT_TEST));
}

static inline void player_finds_no_segment(struct stmi_thread *t)
{
    (void)t;
    pthread_mutex_unlock(&stmi_world.lock);
    longjmp(turn_jump, BLOCKED);
}

/* Not in a transaction: as for a blocking call.  Back again: DONE, or BLOCKED if there is no segment. */
static inline void goes_away(struct player *p)
{
    turn_to(p);
    stmi_detach(p->t, NULL);
}

static inline enum outcome comes_back(struct player *p)
{
    p->t->test_block = player_finds_no_segment;
    enum outcome got = PLAY(p, stmi_acquire(p->t));
    p->t->test_block = player_blocks;
    return got;
}

static inline void player_done(struct player *p)
{
    turn_to(p);
    if (!p->t->seg)
        stmi_acquire(p->t);
    if (p->t->seg->in_tx) {
        if (p->t->self->inevitable)
            (void)commit(p);
        else
            (void)give_up(p);
    }
    p->t->test_abort = NULL;
    stmi_release(p->t);
    stmi_thread_unlist(p->t);
    on_turn = NULL;
    stmi_me = NULL;
    stmi_private_free(p->t);
    stmi_tls_free(p->t);
    free(p->t->mark_stack.at);
    stmi_later_free(p->t);
    free(p->t);
}

#endif
