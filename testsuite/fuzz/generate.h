/* generate.h - what the generator of random programs is made of. */
#ifndef FUZZ_GENERATE_H
#define FUZZ_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TYPES = 4, MAX_FIELDS = 16, MAX_FUNCS = 10, MAX_LOCALS = 24, MAX_FILES = 5, COST_FUNCTION = 4000 };

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

enum var { V_INT, V_REF, V_INTERIOR, V_SUB, V_LOCAL_SUB, V_SLOT /* struct tN ** */ };
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

/* One kind of construct that programs may have (features.c).  What it does not need is null. */
struct feature {
    const char *name, *what;
    void (*choose)(void);          /* before all: what this program has of it */
    void (*declare)(void);         /* in prog.h, behind the types of objects */
    void (*define)(int file);      /* in each file, before its functions */
    void (*begin)(void);           /* in the function of each thread, before it does anything else */
    void (*statement)(int depth);  /* in a mutator: one statement */
    void (*expression)(int depth); /* a number; reads only */
    void (*finish)(void);          /* at the end of each thread: into its checksum, `h` */
    void (*probe)(void); /* calls of HAMMER (program.c): threads that share, in the builds that have them */
    unsigned rarity;     /* in one program of so many; 0: of two */
    bool on;
};

/* ---- generate.c ---- */
extern FILE *out;
extern bool small;        /* few functions and types, with few statements */
unsigned rnd(unsigned n); /* below n */
bool one_in(unsigned n);
bool turn_here(unsigned n);  /* one in n, in programs that turn inevitable all over */
unsigned second(unsigned n); /* of a stream of its own: what is chosen by it changes nothing else that a seed
                                stands for */
/* Text of the program: as it is; a line, indented; the start of one. */
void p(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void start(void);

/* ---- features.c ---- */
/* Lists of names with commas between, or null: always, never, and nothing else.  False, and says so: no such
 * name. */
bool choose_features(uint64_t seed, const char *with, const char *without, const char *only);
bool has(const char *name);
void list_features(FILE *to, bool chosen,
                   const char *before); /* a line each with what it is, or the names chosen */
void each_declare(void);
void each_define(int file);
void each_begin(void);
void each_finish(void);
void each_probe(void);
/* One of a feature that is on; false: none is. */
bool feature_statement(int depth);
bool feature_expression(int depth);
const struct local *
some_object(void); /* a V_REF; often that which is accessed before and behind the construct */
extern struct feature control_features[], init_features[], store_features[], callee_features[],
    memory_features[], text_features[], file_features[], builtin_features[], value_features[],
    part_features[];

/* ---- types.c ---- */
extern struct type types[MAX_TYPES];
extern int ntypes;
void make_types(void);
void choose_statics(void);
void declare_field(const struct field *f);
void statics(void); /* static objects and fixedN() */
void constructors(void);
void walkers(void);

/* ---- functions.c ---- */
extern int nfuncs, nfiles;
extern struct func funcs[MAX_FUNCS];
void make_function(int i);
void define(int i, FILE *file);
void counters(void); /* count_event(), which threads run at once */
void signature(int i);
/* the function being generated */
extern int self, indent, loops, in_atomic, labels, temps;
extern long cost, times; /* so far; how often what is generated now runs at most */
extern struct local locals[MAX_LOCALS];
extern int nlocals;
extern bool wants_out; /* the label `out` is used */
extern bool no_calls;
extern bool no_leave;       /* nothing leaves it early */
extern bool jumps_computed; /* it has a computed goto */

/* ---- program.c ---- */
extern int nthreads;
void header(void);
void globals(void);
void program(void);

/* ---- expressions.c: expressions that only read ---- */
const struct local *pick_local(enum var kind, int type); /* type -1: any; null: there is none */
/* Expressions of at most that depth: a reference to an object of the type; a call of function i; a number; a
 * number that nothing else may be seen by, so that it need not be evaluated. */
void reference(int type, int depth);
void call(int i, int depth);
void number(int depth);
void silent_number(int depth);
/* A text in which @ is a number, # one that may end the transaction, and $ the variable y of that number. */
void fill(const char *text, unsigned y);
int pick_callee(bool mutator, int returns); /* one that the budget allows, or -1 */

/* ---- statements.c ---- */
void statements(int n, int depth); /* n of them */
void leave(void);                  /* perhaps leave the function */
void single(int depth);            /* exactly one statement */

#endif
