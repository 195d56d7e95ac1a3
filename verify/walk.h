/* walk.h - what walk.c and behind.c have in common: walks through a function, on all paths, with a key. */
#ifndef UNGIL_VERIFY_WALK_H
#define UNGIL_VERIFY_WALK_H

#include "verify.h"

struct keys {
    struct entry {
        struct func *f;
        struct key key;
    } * v;
    unsigned n, cap;
};

/* What a walk through a function has found: a path that fails, and keys that come out at its entry. */
struct summary {
    struct func *f;
    struct key key; /* in terms of parameters; of the result: key.at is relative to it */
    bool of_result;
    bool failed;
    struct failure why;
    struct keys entries;
    unsigned round;        /* in which it was computed, or is being computed */
    bool done;             /* no round will find more */
    struct summary *next;  /* of the same hash */
    struct summary *outer; /* within whose computing it is being computed */
};

struct pair {
    struct block *b;
    const struct ins *i; /* the key is asked before it; null: at the block's end */
    struct key key;
    unsigned before; /* index + 1 of the pair before it that has its point */
};
struct walk {
    struct keys entries; /* out at functions' entries */
    struct failure why;
    bool failed;
    LLVMValueRef self, same; /* SAME */
    struct span *span;       /* SPAN */
    struct pair *seen;       /* all pairs, those from `at` on still to be looked at */
    unsigned n, cap, at;
    struct map last;        /* by point: index + 1 of its last pair */
    LLVMValueRef loaded[3]; /* forwards: the loads of the pointers that the key is made of */
};

/* What a step back over an instruction gives. */
enum step { NO, YES, GO_ON };

/* Still to be looked at: does k hold before i, or, if that is null, at the end of b? */
void push(struct walk *w, struct block *b, const struct ins *i, struct key k);
void free_walk(struct walk *w);

/* Of what k asks only the object is kept.  False: it asks no less. */
bool widen(struct key *k);
/* v, of which k's place is made, is computed.  If it is an index, the object may be covered all the same. */
bool lose_index(struct key *k, LLVMValueRef v);
bool subst_key(struct key *k, LLVMValueRef leaf, term by);

/* Is the barrier i enough for k? */
bool covers(const struct ins *i, const struct key *k);
/* Have all paths to i loaded from where the load does last, or stored there, what `same` is at i? */
bool is_same(const struct ins *i, LLVMValueRef load, struct key k, LLVMValueRef same);

/* A call of a function with a body.  The first argument from number `a` on by which f may do something where
 * k asks; what k asks at the call i of f, in f's terms (*rest: to be added to what comes out at f's entry;
 * false: it cannot be said); what walking through f from its returns, with such a key, finds. */
enum { NO_ARGUMENT = ~0u };
unsigned argument_for(const struct ins *i, const struct func *f, const struct key *k, unsigned a);
bool into_callee(const struct ins *i, const struct func *f, const struct key *k, unsigned a, struct key *in,
                 term *rest);
struct summary *summarize(struct func *f, const struct key *k, bool of_result);

#endif
