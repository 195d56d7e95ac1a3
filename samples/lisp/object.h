/* object.h - the values of the language and the objects behind them.
 *
 * A value is one word.  Integers and the constants are in the word itself, told apart by its low
 * bits; everything else is a pointer to an object, which starts with a `struct object`:
 *
 *     ...xxx1   an integer of 63 bits
 *     ...xx10   a constant: TRUE, NOTHING
 *     0         nil
 *     ...xx00   a pointer to an object
 *
 * Text, pairs and numbers never change once made.  What can change: the value of a symbol, the
 * content of a container, the items of a list and the variables of a frame.
 */
#ifndef LISP_OBJECT_H
#define LISP_OBJECT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ungil.h"

enum type { T_SYMBOL, T_PAIR, T_FLOAT, T_STRING, T_LIST, T_CONTAINER, T_FUNCTION };

struct STM_OBJECT object {
    STM_IMMUTABLE uint32_t type, line; /* an enum type; where a pair was read, else 0 */
};

typedef struct object *value;

#define NIL ((value)0)
#define TRUE ((value)(uintptr_t)2)
#define NOTHING ((value)(uintptr_t)6) /* no value at all: a symbol that is not bound */

/* What a symbol means at the head of a call; see ops.def. */
enum op {
    OP_CALL, /* nothing special: a call of the function that it names */
#define FORM(id, name) OP_##id,
#define BUILTIN(id, name, min, max) OP_##id,
#include "ops.def"
#undef FORM
#undef BUILTIN
    OP_COUNT
};

struct STM_OBJECT symbol {
    struct object head;
    struct symbol *next;       /* all symbols are on one list */
    value global;              /* its global value, or NOTHING */
    STM_IMMUTABLE uint32_t op; /* an enum op */
    STM_RAW char name[];
};

struct STM_OBJECT pair {
    struct object head;
    STM_IMMUTABLE value car, cdr;
};

struct STM_OBJECT floating {
    struct object head;
    double number;
};

struct STM_OBJECT string {
    struct object head;
    STM_RAW char text[];
};

/* The items of a list lie in an array of their own, replaced by a longer one when it is full. */
struct STM_OBJECT array {
    size_t capacity;
    value items[];
};

struct STM_OBJECT list {
    struct object head;
    size_t length;
    struct array *array;
};

struct STM_OBJECT container {
    struct object head;
    value content;
};

struct STM_OBJECT function {
    struct object head;
    struct symbol *name;
    struct pair *parameters; /* symbols */
    struct pair *body;       /* expressions */
    uint32_t arity;          /* the number of parameters */
};

/* The variables of one call or one `let`: they are looked up in `outer` after this one. */
struct variable {
    STM_IMMUTABLE struct symbol *name;
    value value;
};

struct STM_OBJECT frame {
    struct frame *outer;
    size_t count;
    struct variable variables[];
};

/* ---- kinds of values */
static inline int is_integer(value v)
{
    return (int)((uintptr_t)v & 1);
}

static inline int is_object(value v)
{
    return v != NIL && ((uintptr_t)v & 3) == 0;
}

static inline int has_type(value v, enum type type)
{
    return is_object(v) && v->type == (uint32_t)type;
}

/* ---- integers */
#define INTEGER_MAX (INTPTR_MAX >> 1)
#define INTEGER_MIN (-INTEGER_MAX - 1)

static inline value integer(intptr_t n)
{
    return (value)(((uintptr_t)n << 1) | 1);
}

static inline intptr_t integer_of(value v)
{
    return (intptr_t)v >> 1;
}

static inline value truth(int condition)
{
    return condition ? TRUE : NIL;
}

/* The rest of pairs that are known to be a well-formed list: program text, or made by our code. */
static inline struct pair *rest(struct pair *p)
{
    return (struct pair *)p->cdr;
}

/* ---- object.c */
value new_pair(value car, value cdr);
value new_pair_at(uint32_t line, value car, value cdr);
value new_float(double number);
value new_string(const char *text, size_t length);
struct container *new_container(value content);
struct function *new_function(struct symbol *name, struct pair *parameters, struct pair *body);
struct frame *new_frame(struct frame *outer, struct pair *names, size_t count);
struct list *new_list(size_t capacity);
void list_append(struct list *list, value v);
value reverse(value pairs);
struct symbol *intern(const char *name);
void define_ops(void);

/* ---- read.c */
struct reader {
    FILE *in;
    uint32_t line; /* the line that the next character is on */
};
int read_form(struct reader *reader, value *form, uint32_t *line);

/* ---- sched.c: where a thread is, for the log of conflicts */
struct position {
    struct pair *at;      /* the last form that changed an object or a global variable */
    struct function *job; /* which the transaction runs, if any */
};
extern STM_RAW STM_THREAD_LOCAL struct position *here; /* on its own stack */

/* ---- print.c */
extern const char *source_name; /* the program's file, for messages */
void print_value(FILE *out, value v);
_Noreturn void fail_at(uint32_t line, const char *message, value culprit);
_Noreturn void fail(struct pair *at, const char *message, value culprit);

/* ---- eval.c */
value eval(struct pair *at, struct frame *frame, struct container *queue, int depth);
value apply(struct pair *job, struct container *queue);

/* ---- builtins.c */
value arithmetic(struct pair *at, enum op op, value a, value b);
value builtin(struct pair *at, enum op op, int count, value a, value b, value c);
void set_arguments(int count, char **texts);

/* ---- sched.c */
#define MAX_THREADS 64
void set_threads(int count);
void run_transactions(struct pair *at, struct container *queue);
void run_threads(int count, void (*body)(void *), void *argument);

#endif
