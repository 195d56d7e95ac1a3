/* builtins.c - arithmetic, and the functions on pairs, lists and containers.
 *
 * They get their arguments by value, already evaluated; `at` is the call, for error messages.
 */
#include <errno.h>
#include <stdlib.h>

#include "object.h"

static struct list *arguments; /* of the program; set before it runs */

/* ---- numbers */

static value integer_result(struct pair *at, intptr_t n)
{
    if (n < INTEGER_MIN || n > INTEGER_MAX)
        fail(at, "integer overflow", NOTHING);
    return integer(n);
}

static intptr_t multiply(struct pair *at, intptr_t a, intptr_t b)
{
    if (a > INT32_MAX || a < INT32_MIN || b > INT32_MAX || b < INT32_MIN) {
        intptr_t limit = (a < 0) == (b < 0) ? INTEGER_MAX : -INTEGER_MIN;
        intptr_t size_a = a < 0 ? -a : a, size_b = b < 0 ? -b : b;
        if (size_a != 0 && size_b > limit / size_a)
            fail(at, "integer overflow", NOTHING);
    }
    return a * b;
}

static intptr_t to_integer(struct pair *at, value v)
{
    if (!is_integer(v))
        fail(at, "not an integer", v);
    return integer_of(v);
}

static double to_double(struct pair *at, value v)
{
    if (is_integer(v))
        return (double)integer_of(v);
    if (!has_type(v, T_FLOAT))
        fail(at, "not a number", v);
    return ((struct floating *)v)->number;
}

static value float_arithmetic(struct pair *at, enum op op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return new_float(a + b);
    case OP_SUB:
        return new_float(a - b);
    case OP_MUL:
        return new_float(a * b);
    case OP_DIV:
        if (b == 0)
            fail(at, "division by zero", NOTHING);
        return new_float(a / b);
    default:
        fail(at, "not an integer operation", NOTHING);
    }
}

/* a op b: of integers if both are, else of floats. */
value arithmetic(struct pair *at, enum op op, value a, value b)
{
    if (!is_integer(a) || !is_integer(b)) {
        if (op == OP_MOD)
            to_integer(at, is_integer(a) ? b : a);
        double x = to_double(at, a);
        return float_arithmetic(at, op, x, to_double(at, b));
    }
    intptr_t x = integer_of(a), y = integer_of(b);
    switch (op) {
    case OP_ADD:
        return integer_result(at, x + y);
    case OP_SUB:
        return integer_result(at, x - y);
    case OP_MUL:
        return integer_result(at, multiply(at, x, y));
    default:
        if (y == 0)
            fail(at, "division by zero", NOTHING);
        return integer_result(at, op == OP_DIV ? x / y : x % y);
    }
}

static value compare(struct pair *at, enum op op, value a, value b)
{
    int order; /* as of strcmp; 2 when a NaN is in it */
    if (is_integer(a) && is_integer(b)) {
        intptr_t x = integer_of(a), y = integer_of(b);
        order = (x > y) - (x < y);
    } else {
        double x = to_double(at, a), y = to_double(at, b);
        order = x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    switch (op) {
    case OP_LT:
        return truth(order == -1);
    case OP_LE:
        return truth(order == -1 || order == 0);
    case OP_GT:
        return truth(order == 1);
    case OP_GE:
        return truth(order == 1 || order == 0);
    default:
        return truth(order == 0);
    }
}

static value truncate_float(struct pair *at, value v)
{
    if (is_integer(v))
        return v;
    double d = to_double(at, v);
    double limit = (double)INTEGER_MAX;
    if (!(d < limit && d > -limit))
        fail(at, "number too large for an integer", v);
    return integer((intptr_t)d);
}

/* ---- pairs */

static struct pair *to_pair(struct pair *at, value v)
{
    if (!has_type(v, T_PAIR))
        fail(at, "not a pair", v);
    return (struct pair *)v;
}

/* The number of items of a list, or of pairs. */
static value length(struct pair *at, value v)
{
    if (has_type(v, T_LIST))
        return integer((intptr_t)((struct list *)v)->length);
    intptr_t n = 0;
    for (; v != NIL; v = to_pair(at, v)->cdr)
        n++;
    return integer(n);
}

/* ---- lists and containers */

static struct list *to_list(struct pair *at, value v)
{
    if (!has_type(v, T_LIST))
        fail(at, "not a list", v);
    return (struct list *)v;
}

static struct container *to_container(struct pair *at, value v)
{
    if (!has_type(v, T_CONTAINER))
        fail(at, "not a container", v);
    return (struct container *)v;
}

static size_t to_index(struct pair *at, struct list *list, value v)
{
    intptr_t i = to_integer(at, v);
    if (i < 0 || (size_t)i >= list->length)
        fail(at, "index out of range", v);
    return (size_t)i;
}

static value make_list(struct pair *at, value count, value filler)
{
    intptr_t n = to_integer(at, count);
    if (n < 0 || n > INT32_MAX)
        fail(at, "length out of range", count);
    struct list *list = new_list((size_t)n);
    for (intptr_t i = 0; i < n; i++)
        list_append(list, filler);
    return &list->head;
}

/* (get container) or (get list index) */
static value get(struct pair *at, int count, value a, value b)
{
    if (count == 1)
        return to_container(at, a)->content;
    struct list *list = to_list(at, a);
    return list->array->items[to_index(at, list, b)];
}

/* (set container v) or (set list index v) */
static value set(struct pair *at, int count, value a, value b, value c)
{
    if (count == 2) {
        to_container(at, a)->content = b;
        return b;
    }
    struct list *list = to_list(at, a);
    list->array->items[to_index(at, list, b)] = c;
    return c;
}

static value pop(struct pair *at, value v)
{
    struct list *list = to_list(at, v);
    if (list->length == 0)
        fail(at, "pop of an empty list", NOTHING);
    size_t last = list->length - 1;
    value item = list->array->items[last];
    list->array->items[last] = NIL;
    list->length = last;
    return item;
}

/* ---- arguments of the program */

void set_arguments(int count, char **texts)
{
    arguments = new_list((size_t)count);
    for (int i = 0; i < count; i++) {
        char *end;
        errno = 0;
        long n = strtol(texts[i], &end, 10);
        if (errno != 0 || end == texts[i] || *end != '\0' || n < INT32_MIN || n > INT32_MAX) {
            fprintf(stderr, "lisp: argument is not an integer: %s\n", texts[i]);
            exit(2);
        }
        list_append(arguments, integer(n));
    }
}

/* (arg i) or (arg i default) */
static value argument(struct pair *at, int count, value index, value fallback)
{
    intptr_t i = to_integer(at, index);
    if (i >= 0 && (size_t)i < arguments->length)
        return arguments->array->items[i];
    if (count == 1)
        fail(at, "no such argument", index);
    return fallback;
}

/* ---- all of them */

static const struct {
    signed char min, max;
} limits[OP_COUNT] = {
#define FORM(id, name)
#define BUILTIN(id, name, min, max) [OP_##id] = {min, max},
#include "ops.def"
#undef FORM
#undef BUILTIN
};

/* The value of a call with `count` arguments: 4 stands for "more than 3". */
value builtin(struct pair *at, enum op op, int count, value a, value b, value c)
{
    if (count < limits[op].min)
        fail(at, "too few arguments", at->car);
    if (count > limits[op].max)
        fail(at, "too many arguments", at->car);
    switch (op) {
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQUAL:
        return compare(at, op, a, b);
    case OP_EQ:
        return truth(a == b);
    case OP_NOT:
        return truth(a == NIL);
    case OP_INT:
        return truncate_float(at, a);
    case OP_FLOAT:
        return new_float(to_double(at, a));
    case OP_CONS:
        return new_pair(a, b);
    case OP_CAR:
        return to_pair(at, a)->car;
    case OP_CDR:
        return to_pair(at, a)->cdr;
    case OP_IS_PAIR:
        return truth(has_type(a, T_PAIR));
    case OP_MAKE_LIST:
        return make_list(at, a, b);
    case OP_CONTAINER:
        return &new_container(a)->head;
    case OP_GET:
        return get(at, count, a, b);
    case OP_SET:
        here->at = at;
        return set(at, count, a, b, c);
    case OP_APPEND:
        here->at = at;
        list_append(to_list(at, a), b);
        return a;
    case OP_POP:
        here->at = at;
        return pop(at, a);
    case OP_LEN:
        return length(at, a);
    case OP_ARG:
        return argument(at, count, a, b);
    default: /* the forms are not functions */
        return NIL;
    }
}
