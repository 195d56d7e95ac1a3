/* verify.h - shared by the files of ungil-verify (main.c says what it is; doc/verify.md, what it proves).
 *
 * From below: terms.c (what values are), marks.c and claims.c (what functions outside do), program.c (the
 * bitcode), values.c (the term of each value), loads.c (what may write to what a load reads), walk.c
 * (backwards from a point to the events that answer a question) and span.c (counted loops), views.c and
 * immutable.c, same.c (loads that read the same), access.c (what must be proven), report.c. */
#ifndef VERIFY_H
#define VERIFY_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* ---- util.c ---- */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *xrealloc(void *p, size_t n);
void *xzalloc(size_t n);
/* A map from pointers or numbers, not 0, to pointers or numbers. */
struct map {
    struct slot {
        uint64_t key, value;
    } * slots;
    size_t n, cap;
};
#define KEY(p) ((uint64_t)(uintptr_t)(p))
#define AT(type, n) ((type *)(uintptr_t)(n))
/* The place of key's value, made (as 0) if it is not there; the pointer is good until the next call. */
uint64_t *map_at(struct map *m, uint64_t key);
/* Its value, or 0. */
uint64_t map_get(const struct map *m, uint64_t key);
void map_free(struct map *m);
uint64_t hash_mix(uint64_t h, uint64_t x);
/* The same pointer for equal strings. */
const char *intern(const char *s);
#define PUSH(v, n, cap, x)                                                                                   \
    do {                                                                                                     \
        if ((n) == (cap))                                                                                    \
            (v) = xrealloc((v), ((cap) = (cap) ? 2 * (cap) : 8) * sizeof *(v));                              \
        (v)[(n)++] = (x);                                                                                    \
    } while (0)

/* ---- terms.c: equal terms are equal values, at one point of an execution ---- */
bool is_pointer(LLVMValueRef v);
unsigned bits_of(LLVMValueRef v); /* of an integer or a pointer; else 0 */
typedef uint32_t term;            /* 0: none */
enum { MAX_ATOMS = 8 };
term term_leaf(LLVMValueRef v);
term term_const(int64_t c);
/* An operation that is not followed, of `bits` bits. */
term term_op(unsigned op, unsigned bits, term a, term b);
/* a + k * b in 64 bits. */
term term_add(term a, term b, int64_t k);
/* Is a - b the same number always?  Then it is in *d. */
bool term_diff(term a, term b, int64_t *d);
bool term_is_const(term t, int64_t *c);
LLVMValueRef term_is_leaf(term t);
bool term_has(term t, LLVMValueRef leaf);
/* t with `by` in the place of leaf; 0: too complex. */
term term_subst(term t, LLVMValueRef leaf, term by);
/* The pointer that t is an offset of: the only leaf of pointer type in a sum, or the only leaf; null: not
 * known. */
LLVMValueRef term_base(term t);
/* Calls f for each leaf of t, until it returns false; returns whether none did. */
bool term_leaves(term t, bool (*f)(LLVMValueRef leaf, void *cx), void *cx);
/* How leaf occurs in t: not at all, or t grows with it in equal steps (span.c), or in several parts of t that
 * each do, or in another way. */
enum linear { NOT_IN, LINEAR, REPEATED, OTHERWISE };
enum linear term_linear(term t, LLVMValueRef leaf);
/* t without sign and zero extensions around it. */
term term_stripped(term t);

/* ---- marks.c ---- */
enum effect {
    E_BARRIER = 1,   /* on its first argument */
    E_WRITE = 2,     /* ... for writing */
    E_WHOLE = 4,     /* ... of the whole object, whatever its size */
    E_RANGE = 8,     /* ... of as many bytes as its second argument says */
    E_RESOLVES = 16, /* returns the real address of its first argument */
    E_ENDS = 32,     /* the transaction may end */
    E_INEVITABLE = 64,
    E_FRESH = 128, /* returns a new object, or null */
    E_TX = 256,    /* returns the transaction's number */
    E_BROKEN = 512,
    E_SPAN = 1024,
    E_WRITES = 2048,  /* may write memory that existed before */
    E_RESULT = 4096,  /* its result is its first argument, if that is no reference */
    E_OUTSIDE = 8192, /* from here on there is no transaction */
    E_BACK = 16384,   /* may call translated code before it returns */
    E_KEEPS = 32768,  /* an address that it is given may come back from it, or another function gets it */
};
/* Null: no function of the runtime has this name. */
const struct mark {
    const char *name;
    unsigned effect;
} * mark_of(const char *name);

/* ---- claims.c: what the translator says of what is not translated ---- */
/* Reads externals.txt.  Returns whether it could. */
bool claims_read_externals(const char *path);
/* Takes the lines of a module's claims, or of a file. */
void claims_add(const char *text, size_t n);
bool claims_read(const char *path);
bool claims_has(const char *word, const char *name);
/* Is it a function that is not translated? */
bool claims_external(const char *name);
/* Calls f with what follows the word, for each line that begins with it. */
void claims_each(const char *word, void (*f)(const char *rest));
bool claims_listed(const char *name); /* is it in the table? */
/* What the table says of argument k of NAME, an external or what the runtime has in the place of one: a
 * letter, or 0. */
char claims_argument(const char *name, unsigned k);
int claims_format(const char *name); /* which argument is the format of what it prints; -1: it has none */
bool claims_writes(const char *name);
/* Can what it does not be undone? */
bool claims_irreversible(const char *name);
/* May it call translated code, which may end the transaction? */
bool claims_calls_back(const char *name);

/* ---- program.c ---- */
struct funcs {
    struct func **v;
    unsigned n, cap;
};
struct ins {
    LLVMValueRef v;
    LLVMOpcode op;
    struct block *b;
    const struct mark *mark;     /* of a call of the runtime's */
    struct func *callee;         /* of a direct call of another function with a body that is sure to run */
    const struct funcs *targets; /* of a call: all that it may run; null: not known */
};
struct block {
    LLVMBasicBlockRef v;
    struct func *f;
    struct ins *ins, *end; /* end: the last one; n is 0 if control never comes here */
    unsigned n, nphis;
    struct block **preds;
    unsigned npreds, cappreds, id;
    bool reached;
};
struct func {
    LLVMValueRef v;
    const char *name;
    struct block **blocks;
    unsigned nblocks, capblocks;
    bool known_callers; /* all of them are in `calls` */
    bool address_taken;
    struct ins **calls;
    unsigned ncalls, capcalls;
    struct funcs alone; /* the function itself */
    /* loads.c: what a call of it writes, if that is known and not too much */
    struct ins **writers;
    unsigned nwriters, capwriters;
    bool knows_writers, writes_much;
    struct func *visit;
};
struct program {
    LLVMTargetDataRef layout;
    struct funcs all;
    bool whole;     /* all code that may call by name is here */
    bool optimized; /* types are not all to be had any more */
    FILE *notes;    /* where to note the loads of immutable fields; or null */
};
extern struct program prog;
void program_load(const char *const *paths, unsigned n, const char *passes);
/* The files as they are now. */
void program_write(const char *const *paths);
void program_each(void (*f)(struct ins *i));
void program_each_variable(void (*f)(LLVMValueRef v));
/* What stands for the function or variable v of one file in all files: its definition, if there is one; of an
 * alias, what it is another name of. */
LLVMValueRef program_definition(LLVMValueRef v);
/* Can no other file name it? */
bool is_local(LLVMValueRef v);
struct func *func_of(LLVMValueRef v); /* null: none with a body that is sure to run */
/* The name of the function that v calls; null: v is no call, or one through a pointer or of assembly. */
const char *called_name(LLVMValueRef v);
/* Does v call a function whose name begins so? */
bool calls_like(LLVMValueRef v, const char *prefix);
/* Of the function of the runtime that v calls; 0: of none. */
unsigned called_effect(LLVMValueRef v);
struct block *block_of(LLVMBasicBlockRef b);
struct ins *ins_of(LLVMValueRef v); /* null: v is no instruction */

/* ---- values.c ---- */
/* What v computes, as an instruction or as its like among constants; 0: neither. */
LLVMOpcode opcode_of(LLVMValueRef v);
/* In bytes, as it is stored; 0: not known. */
uint64_t size_of(LLVMTypeRef t);
enum { UNBOUNDED = 1 << 30 /* a number of bytes: all that follow */ };
int64_t most_of(LLVMTypeRef t); /* UNBOUNDED: not known */
term term_of(LLVMValueRef v);
/* Of a real address, or what is computed from one, the reference that it was resolved from; else t. */
term unresolved(term t);
/* Of a pointer, whatever it was resolved by: where it points, as before. */
term place_of_pointer(LLVMValueRef p);
/* Does the call run a function that is not translated?  A stand-in (stm_thunk_NAME) runs only if NAME is
 * none. */
bool calls_outside(LLVMValueRef call);
/* Does the value p come from a function that resolves, or may it come from one outside that was given what
 * does?  (It is a real address then.) */
bool is_resolved(LLVMValueRef p);
/* Does the pointer p lead to transactional memory? */
bool is_shared(LLVMValueRef p);
/* Is t the start of an object? As the types of accesses say. */
bool is_owner(term t);
/* In which structs p points, from within outwards, by the types of the address computations that made it. */
enum { MAX_VIEWS = 8 };
struct view {
    const char *record; /* equal names are equal pointers; null: has none */
    LLVMTypeRef type;
    int64_t least; /* p is that far behind its start at least */
    int64_t step;  /* 0: and no further; else it lies so many bytes, or a multiple of them, further */
    int64_t end;   /* with a step: so far behind the start what it is an element of ends; or UNBOUNDED */
};
/* `far`: of whatever is reached from p by going on, forwards or backwards, in the array that it leads into.
 */
unsigned views_of(LLVMValueRef p, bool far, struct view *v);
bool is_union(LLVMTypeRef t);
bool is_array(LLVMTypeRef t);
/* Of these, the object; false: they do not say. */
bool owner_of(LLVMValueRef p, struct view *owner);
/* Is p computed as the address of an element of an array, or of what is used as one? */
bool is_element(LLVMValueRef p);
/* May na bytes at a and nb at b, counted from one start, be the same? */
bool may_meet(const struct view *a, int64_t na, const struct view *b, int64_t nb);
/* A struct's name; equal ones are equal pointers; null: it has none. */
const char *record_of(LLVMTypeRef t);
/* Is it claimed of the struct t, not of another one that has its name only? */
bool is_claimed(const char *word, const char *name, LLVMTypeRef t);
/* From now on, load has the term of what it reads the same as. */
void values_same(LLVMValueRef load, LLVMValueRef other);
/* Forgets all terms: what has been said by values_same holds for all. */
void values_start(void);

/* ---- loads.c ---- */
/* May i write to the `size` bytes at `at`, an address that p computes? */
bool may_write(const struct ins *i, LLVMValueRef p, term at, uint64_t size);
/* Is the address p, or with `members` that of a part of what it leads to, used for more than to go there? */
bool is_kept(LLVMValueRef p, bool members);
/* Is v a variable to which no pointer leads? */
bool is_unreached(LLVMValueRef v);

/* ---- walk.c ---- */
/* A question about the state of the transaction at a point.  All but `lost` tells keys apart. */
enum ask { COVERED, FRESH, INEVITABLE, VALID, SAME, SPAN, HELD };
struct key {
    LLVMValueRef lost; /* COVERED, at no place any more: where the pointer was made */
    uint64_t size;     /* in bytes; 0: not known */
    int64_t is;        /* what `when` is, or is not */
    struct block *via; /* COVERED, behind a block with phis: the successor through which control left it */
    term at; /* COVERED, FRESH: what is to be accessed; 0: anything.  VALID: a real address.  SAME: any */
    term size_term; /* `size` is not known but as this; SAME: what is to be the same; 0: not known yet */
    term guard;     /* the transaction has been the same since this number of it was taken */
    term when; /* a phi that decides a branch behind here: control comes that way only if it is `is` (or is
                  not) */
    term cond; /* SPAN: the loop's condition before it; or 0 */
    uint32_t align;
    uint8_t ask; /* enum ask */
    bool write;
    bool stable;  /* SAME: what is loaded never changes */
    bool unended; /* as guard, since ever */
    bool is_not;
    bool renamed; /* COVERED: a value has been taken for another one that is equal behind here */
    bool renews;  /* FRESH: what realloc returns is */
    uint8_t none[1];
};
struct failure {
    const char *why;
    LLVMValueRef where;  /* an instruction or function; may be null */
    LLVMValueRef writer; /* what may write to the bytes that are read; or null */
};
/* Does k hold just before i, on all paths, those of all callers included? */
bool prove(const struct ins *i, const struct key *k, struct failure *why);
bool is_realloc(LLVMValueRef v); /* a call of it? */
/* Is the read k, by i, marked behind it, on all paths, before the transaction may end or its view move on? */
bool marked_behind(const struct ins *i, const struct key *k);
/* Behind the call, on all paths, is what it stores at `at`, unless that is null, mapped back and put there
 * again, before anything else can see it? */
bool is_put_back(const struct ins *call, term at);
/* Walks back inside the function alone: the value that the load reads, since all paths to it have loaded that
 * from there last, or stored it there; null: not known. */
LLVMValueRef find_same_load(const struct ins *load, const struct key *k);
/* May a call end the transaction?  Asked from within a walk. */
bool call_may_end(const struct ins *i);
/* Is it setjmp, or one like it? */
bool returns_twice(LLVMValueRef call);
struct span;
/* On all paths to head from outside the loop: does a range barrier that fits stand there, or does the loop's
 * condition keep control out of it? */
bool span_before(struct block *head, const struct key *k, struct span *span);

/* ---- span.c ---- */
/* A walk with k comes from inside a loop to its head: does a range barrier before the loop cover k there? */
bool span_covers(struct block *head, const struct key *k);
bool span_is_inside(const struct span *s, const struct block *b);
/* Is i, a range barrier, the one that covers k? */
bool span_matches(const struct ins *i, const struct key *k, const struct span *s);

/* ---- views.c ---- */
/* May what is made as a struct of type a, or of one that it begins with, be used as one of type b? */
bool may_be_seen_as(LLVMTypeRef a, LLVMTypeRef b);
/* May parts of a struct of type a be written through pointers of which no type is known, that are no
 * addresses of its members?  By a value that is no struct; by the program's own memset. */
enum written { AS_STRUCT, BY_SCALAR, BY_FILLING };
bool is_loose(LLVMTypeRef a, enum written how);

/* ---- makers.c ---- */
/* Does each function of that name, in all files, return new memory only, or what it is given, and keep and
 * look at neither? */
bool makes_memory(const char *name);
/* Does v call one of which that is so? */
bool is_maker_call(LLVMValueRef v);

/* ---- immutable.c ---- */
/* Is what is loaded from p declared immutable, or, in a whole program, found to be?  Else *writer may be a
 * store that may reach it. */
bool is_declared_immutable(LLVMValueRef load, LLVMValueRef p);
bool is_immutable(LLVMValueRef load, LLVMValueRef p, uint64_t size, LLVMValueRef *writer);
/* Marks a load, for what comes behind the optimiser, as one of an immutable field. */
void mark_unchanging(LLVMValueRef load);

/* ---- same.c ---- */
/* Finds the terms of all values. */
void same_start(void);

/* ---- access.c ---- */
void check_access(struct ins *i);
struct count {
    unsigned long accesses, loads, stores, resolved, findings, by_immutable;
};
extern struct count counted;

/* ---- report.c ---- */
/* "file:line:column" of an instruction, in a buffer of its own. */
const char *place_text(LLVMValueRef v);
/* why: or null. */
void report(LLVMValueRef at, const char *what, const struct failure *why);
void report_all(void);

#endif
