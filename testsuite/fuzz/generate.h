/* generate.h - what the generator of random programs is made of. */
#ifndef FUZZ_GENERATE_H
#define FUZZ_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TYPES = 4, MAX_FIELDS = 16, MAX_FUNCS = 10, MAX_LOCALS = 24, COST_FUNCTION = 4000 };

enum kind {
    U64,
    U32,
    U16,
    U8,
    BITS,
    ARRAY,
    SUB,
    UNION,
    NAME,
    REF,
    BASE,
    PLAIN,
    CALLEE,
    LENGTH,
    TAIL,
    FIXED,
    FIXED_REF,
    SUBS,
    VOID,
    KINDS
};
struct field {
    enum kind kind;
    char name[8];
    int n;
}; /* n: elements (a power of two), bits, or the type that a reference leads to */
struct type {
    struct field f[MAX_FIELDS];
    int n;
    bool has_tail, large;
};

enum var { V_INT, V_REF, V_INTERIOR, V_SUB, V_LOCAL_SUB };
struct local {
    enum var kind;
    int type;
    char name[8];
};

struct func {
    bool mutator, is_static, recursive;
    int file, returns;     /* type, or -1: a number */
    int param[3], nparams; /* types */
    bool interior;         /* a parameter u64 *ip */
    long cost;
};

/* ---- generate.c ---- */
extern struct type types[MAX_TYPES];
extern int ntypes, nfuncs, nthreads;
extern struct func funcs[MAX_FUNCS];
/* the function being generated */
extern FILE *out;
extern int self, indent, loops, in_atomic, labels, temps;
extern long cost, times; /* so far; how often what is generated now runs at most */
extern struct local locals[MAX_LOCALS];
extern int nlocals;
extern bool wants_out; /* the label `out` is used */
extern bool no_calls;
unsigned rnd(unsigned n); /* below n */
bool one_in(unsigned n);
bool turn_here(unsigned n);  /* one in n, in programs that turn inevitable all over */
unsigned second(unsigned n); /* of a stream of its own: what is chosen by it changes nothing else that a seed
                                stands for */
/* Text of the program: as it is; a line, indented; the start of one. */
void p(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void start(void);

/* ---- expressions.c: expressions that only read ---- */
const struct local *pick_local(enum var kind, int type); /* type -1: any; null: there is none */
/* Expressions of at most that depth: a reference to an object of the type; a call of function i; a number. */
void reference(int type, int depth);
void call(int i, int depth);
void number(int depth);
int pick_callee(bool mutator, int returns); /* one that the budget allows, or -1 */

/* ---- statements.c ---- */
void statements(int n, int depth); /* n of them */

#endif
