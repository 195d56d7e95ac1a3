/* print.c - values as text, and error messages. */
#include <stdlib.h>
#include <string.h>

#include "object.h"

#define MAX_NESTING 20 /* deeper parts are not shown: a list may contain itself */

const char *source_name = "lisp";

static void print_nested(FILE *out, value v, int depth);

static void print_float(FILE *out, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", number);
    fputs(text, out);
    if (strspn(text, "-0123456789") == strlen(text))
        fputs(".0", out);
}

static void print_pairs(FILE *out, struct pair *p, int depth)
{
    fputc('(', out);
    for (;;) {
        print_nested(out, p->car, depth + 1);
        value next = p->cdr;
        if (next == NIL)
            break;
        if (!has_type(next, T_PAIR)) {
            fputs(" . ", out);
            print_nested(out, next, depth + 1);
            break;
        }
        fputc(' ', out);
        p = (struct pair *)next;
    }
    fputc(')', out);
}

static void print_list(FILE *out, struct list *list, int depth)
{
    fputc('[', out);
    for (size_t i = 0; i < list->length; i++) {
        if (i)
            fputc(' ', out);
        print_nested(out, list->array->items[i], depth + 1);
    }
    fputc(']', out);
}

static void print_container(FILE *out, struct container *container, int depth)
{
    fputs("<container ", out);
    print_nested(out, container->content, depth + 1);
    fputc('>', out);
}

static void print_object(FILE *out, value v, int depth)
{
    switch ((enum type)v->type) {
    case T_SYMBOL:
        fputs(((struct symbol *)v)->name, out);
        break;
    case T_PAIR:
        print_pairs(out, (struct pair *)v, depth);
        break;
    case T_FLOAT:
        print_float(out, ((struct floating *)v)->number);
        break;
    case T_STRING:
        fputs(((struct string *)v)->text, out);
        break;
    case T_LIST:
        print_list(out, (struct list *)v, depth);
        break;
    case T_CONTAINER:
        print_container(out, (struct container *)v, depth);
        break;
    case T_FUNCTION:
        fputs("<function ", out);
        fputs(((struct function *)v)->name->name, out);
        fputc('>', out);
        break;
    }
}

static void print_nested(FILE *out, value v, int depth)
{
    if (is_integer(v))
        fprintf(out, "%lld", (long long)integer_of(v));
    else if (v == NIL)
        fputs("nil", out);
    else if (v == TRUE)
        fputs("t", out);
    else if (depth > MAX_NESTING)
        fputs("...", out);
    else
        print_object(out, v, depth);
}

void print_value(FILE *out, value v)
{
    print_nested(out, v, 0);
}

/* Ends the program with a message about a line of its source; `culprit` is shown unless NOTHING. */
void fail_at(uint32_t line, const char *message, value culprit)
{
    fflush(stdout);
    fprintf(stderr, "%s:%u: error: %s", source_name, (unsigned)line, message);
    if (culprit != NOTHING) {
        fputs(": ", stderr);
        print_value(stderr, culprit);
    }
    fputc('\n', stderr);
    exit(1);
}

/* The same, about the expression in the pair `at`. */
void fail(struct pair *at, const char *message, value culprit)
{
    fail_at(at->head.line, message, culprit);
}
