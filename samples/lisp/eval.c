/* eval.c - the evaluator: it walks the pairs that the reader made.
 *
 * eval() gets the pair whose car is to be evaluated, not the expression itself, because the pair
 * knows the line.  Its other arguments are all the state there is: the frame with the variables of
 * the running call, the container in which this thread collects the transactions that it queues,
 * and the depth of the recursion.  Nothing global changes during evaluation, except what the
 * program itself changes.
 *
 * A name means the variable of the innermost `let` or of the running call, else the global one.
 * Where a form ends with an expression whose value is its own, eval() goes round its loop instead
 * of calling itself, so tail calls need no stack.
 */
#include "object.h"

#define MAX_DEPTH 10000 /* of calls of eval() within each other; see STACK_SIZE in sched.c */

/* ---- variables */

static value lookup(struct pair *at, struct frame *frame, struct symbol *name)
{
    for (; frame; frame = frame->outer) {
        size_t count = frame->count;
        for (size_t i = 0; i < count; i++)
            if (frame->variables[i].name == name)
                return frame->variables[i].value;
    }
    value v = name->global;
    if (v == NOTHING)
        fail(at, "unbound symbol", &name->head);
    return v;
}

static void assign(struct pair *form, struct frame *frame, struct symbol *name, value v)
{
    for (; frame; frame = frame->outer) {
        size_t count = frame->count;
        for (size_t i = 0; i < count; i++)
            if (frame->variables[i].name == name) {
                frame->variables[i].value = v;
                return;
            }
    }
    here->at = form;
    name->global = v;
}

/* ---- the parts of a form */

/* The pair with the next part of `form`, after the one in `p`. */
static struct pair *next_part(struct pair *form, struct pair *p)
{
    struct pair *next = rest(p);
    if (!next)
        fail(form, "too few arguments", form->car);
    return next;
}

/* The name in `p`, which must not be one of ops.def. */
static struct symbol *name_in(struct pair *p)
{
    struct symbol *name = (struct symbol *)p->car;
    if (!has_type(p->car, T_SYMBOL))
        fail(p, "not a name", p->car);
    if (name->op != OP_CALL)
        fail(p, "name has a fixed meaning", p->car);
    return name;
}

/* The list in `p`, NULL when it is empty. */
static struct pair *list_in(struct pair *p)
{
    if (p->car != NIL && !has_type(p->car, T_PAIR))
        fail(p, "not a list", p->car);
    return (struct pair *)p->car;
}

/* Evaluates all expressions but the last, and returns the pair with that one; NULL if none. */
static struct pair *all_but_last(struct pair *p, struct frame *frame, struct container *queue, int depth)
{
    if (p)
        for (struct pair *next; (next = rest(p)); p = next)
            eval(p, frame, queue, depth);
    return p;
}

/* ---- forms */

static value eval_defun(struct pair *form)
{
    struct pair *second = next_part(form, form);
    struct pair *third = next_part(form, second);
    struct symbol *name = name_in(second);
    struct pair *parameters = list_in(third);
    for (struct pair *p = parameters; p; p = rest(p))
        name_in(p);
    struct pair *body = next_part(form, third);
    name->global = &new_function(name, parameters, body)->head;
    return &name->head;
}

/* (setq name expression ...), one after the other. */
static value eval_setq(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *p = form;
    for (;;) {
        p = next_part(form, p);
        struct symbol *name = name_in(p);
        p = next_part(form, p);
        value v = eval(p, frame, queue, depth);
        assign(form, frame, name, v);
        if (!rest(p))
            return v;
    }
}

static value eval_while(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *test = next_part(form, form);
    while (eval(test, frame, queue, depth) != NIL)
        for (struct pair *p = rest(test); p; p = rest(p))
            eval(p, frame, queue, depth);
    return NIL;
}

/* Makes the frame of (let ((name expression) ...) body ...). */
static struct frame *eval_let(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *bindings = list_in(next_part(form, form));
    size_t count = 0;
    for (struct pair *p = bindings; p; p = rest(p)) {
        struct pair *binding = list_in(p);
        if (!binding)
            fail(p, "empty binding", NOTHING);
        name_in(binding);
        count++;
    }
    struct frame *inner = new_frame(frame, bindings, count);
    size_t i = 0;
    for (struct pair *p = bindings; p; p = rest(p)) {
        struct pair *binding = (struct pair *)p->car;
        inner->variables[i].value = eval(next_part(binding, binding), frame, queue, depth);
        i++;
    }
    return inner;
}

/* The pair with the first expression of the clause that holds, NULL if none does. */
static struct pair *eval_cond(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    for (struct pair *p = rest(form); p; p = rest(p)) {
        struct pair *clause = list_in(p);
        if (!clause)
            fail(p, "empty clause", NOTHING);
        if (eval(clause, frame, queue, depth) != NIL)
            return next_part(clause, clause);
    }
    return NULL;
}

/* The values of the expressions from `p` on, as pairs. */
static value eval_pairs(struct pair *p, struct frame *frame, struct container *queue, int depth)
{
    if (!p)
        return NIL;
    value first = eval(p, frame, queue, depth);
    return new_pair(first, eval_pairs(rest(p), frame, queue, depth));
}

static value eval_list(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct list *list = new_list(0);
    for (struct pair *p = rest(form); p; p = rest(p))
        list_append(list, eval(p, frame, queue, depth));
    return &list->head;
}

static value eval_print(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *values = (struct pair *)eval_pairs(rest(form), frame, queue, depth);
    for (struct pair *p = values; p; p = rest(p)) {
        print_value(stdout, p->car);
        if (rest(p))
            putchar(' ');
    }
    putchar('\n');
    return NIL;
}

static value eval_assert(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *claim = next_part(form, form);
    if (eval(claim, frame, queue, depth) == NIL)
        fail(form, "assertion failed", claim->car);
    return NIL;
}

/* (transaction f a ...): the job is a pair of the function and its arguments. */
static value eval_transaction(struct pair *form, struct frame *frame, struct container *queue, int depth)
{
    struct pair *second = next_part(form, form);
    value f = eval(second, frame, queue, depth);
    value job = new_pair_at(form->head.line, f, eval_pairs(rest(second), frame, queue, depth));
    queue->content = new_pair(job, queue->content);
    return NIL;
}

/* (+ a b ...), folded from the left; (- a) is (- 0 a). */
static value eval_arithmetic(struct pair *form, enum op op, struct frame *frame, struct container *queue,
                             int depth)
{
    struct pair *p = next_part(form, form);
    value result = eval(p, frame, queue, depth);
    if (op == OP_SUB && !rest(p))
        return arithmetic(form, op, integer(0), result);
    while ((p = rest(p)))
        result = arithmetic(form, op, result, eval(p, frame, queue, depth));
    return result;
}

static value eval_builtin(struct pair *form, enum op op, struct frame *frame, struct container *queue,
                          int depth)
{
    value a = NIL, b = NIL, c = NIL;
    int count = 0;
    struct pair *p = rest(form);
    if (p) {
        a = eval(p, frame, queue, depth);
        count = 1;
        if ((p = rest(p))) {
            b = eval(p, frame, queue, depth);
            count = 2;
            if ((p = rest(p))) {
                c = eval(p, frame, queue, depth);
                count = rest(p) ? 4 : 3;
            }
        }
    }
    return builtin(form, op, count, a, b, c);
}

/* ---- calls */

static struct function *to_function(struct pair *at, value v)
{
    if (!has_type(v, T_FUNCTION))
        fail(at, "not a function", v);
    return (struct function *)v;
}

/* The frame for a call of f with the values of the form's arguments. */
static struct frame *bind_arguments(struct function *f, struct pair *form, struct frame *frame,
                                    struct container *queue, int depth)
{
    struct frame *inner = new_frame(NULL, f->parameters, f->arity);
    struct pair *argument = rest(form);
    size_t i = 0;
    for (struct pair *p = f->parameters; p; p = rest(p)) {
        if (!argument)
            fail(form, "too few arguments", &f->name->head);
        value v = eval(argument, frame, queue, depth);
        inner->variables[i].value = v;
        argument = rest(argument);
        i++;
    }
    if (argument)
        fail(form, "too many arguments", &f->name->head);
    return inner;
}

/* Calls a queued function with its values, as one transaction. */
value apply(struct pair *job, struct container *queue)
{
    struct function *f = to_function(job, job->car);
    here->job = f;
    struct frame *frame = new_frame(NULL, f->parameters, f->arity);
    struct pair *argument = rest(job);
    size_t i = 0;
    for (struct pair *p = f->parameters; p; p = rest(p)) {
        if (!argument)
            fail(job, "too few arguments", &f->name->head);
        frame->variables[i].value = argument->car;
        argument = rest(argument);
        i++;
    }
    if (argument)
        fail(job, "too many arguments", &f->name->head);
    return eval(all_but_last(f->body, frame, queue, 1), frame, queue, 1);
}

/* The value of the expression in the car of `at`. */
value eval(struct pair *at, struct frame *frame, struct container *queue, int depth)
{
    if (++depth > MAX_DEPTH)
        fail(at, "recursion too deep", NOTHING);
    while (at) {
        value expression = at->car;
        if (!is_object(expression))
            return expression;
        if (expression->type == T_SYMBOL)
            return lookup(at, frame, (struct symbol *)expression);
        if (expression->type != T_PAIR)
            return expression;

        struct pair *form = (struct pair *)expression;
        if (!has_type(form->car, T_SYMBOL))
            fail(form, "not a function", form->car);
        struct symbol *head = (struct symbol *)form->car;
        enum op op = (enum op)head->op;
        switch (op) {
        case OP_CALL: {
            struct function *f = to_function(form, lookup(form, frame, head));
            frame = bind_arguments(f, form, frame, queue, depth);
            at = all_but_last(f->body, frame, queue, depth);
            break;
        }
        case OP_QUOTE:
            return next_part(form, form)->car;
        case OP_DEFUN:
            return eval_defun(form);
        case OP_SETQ:
            return eval_setq(form, frame, queue, depth);
        case OP_IF: {
            struct pair *test = next_part(form, form);
            struct pair *then = next_part(form, test);
            if (eval(test, frame, queue, depth) != NIL)
                at = then;
            else
                at = all_but_last(rest(then), frame, queue, depth);
            break;
        }
        case OP_COND:
            at = all_but_last(eval_cond(form, frame, queue, depth), frame, queue, depth);
            break;
        case OP_WHILE:
            return eval_while(form, frame, queue, depth);
        case OP_PROGN:
            at = all_but_last(rest(form), frame, queue, depth);
            break;
        case OP_LET:
            frame = eval_let(form, frame, queue, depth);
            at = all_but_last(next_part(form, rest(form)), frame, queue, depth);
            break;
        case OP_AND:
            if (!rest(form))
                return TRUE;
            for (at = rest(form); rest(at); at = rest(at))
                if (eval(at, frame, queue, depth) == NIL)
                    return NIL;
            break;
        case OP_OR:
            if (!rest(form))
                return NIL;
            for (at = rest(form); rest(at); at = rest(at)) {
                value v = eval(at, frame, queue, depth);
                if (v != NIL)
                    return v;
            }
            break;
        case OP_LIST:
            return eval_list(form, frame, queue, depth);
        case OP_PRINT:
            return eval_print(form, frame, queue, depth);
        case OP_ASSERT:
            return eval_assert(form, frame, queue, depth);
        case OP_TRANSACTION:
            return eval_transaction(form, frame, queue, depth);
        case OP_RUN_TRANSACTIONS:
            run_transactions(form, queue);
            return NIL;
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_DIV:
        case OP_MOD:
            return eval_arithmetic(form, op, frame, queue, depth);
        default:
            return eval_builtin(form, op, frame, queue, depth);
        }
    }
    return NIL;
}
