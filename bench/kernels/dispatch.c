/* dispatch.c - the loop of a stack machine, as interpreters have it: code, frames with locals and a value
 * stack, calls.
 *
 *   dispatch [N [ROUNDS]]
 *
 * Runs fib(N) and a counting loop in bytecode.  Frames are objects (a generator or a debugger could hold
 * one), and so are the functions.  The loop passes a safepoint at each call and backward jump, and every
 * hundredth ends the transaction. Prints the results. */
#include <stdio.h>
#include <stdlib.h>

#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

enum op { PUSH, LOAD, STORE, ADD, SUBTRACT, LESS, JUMP, JUMP_IF_NOT, CALL, RETURN, INCREMENT, HALT };

struct STM_OBJECT code {
    int nlocals STM_IMMUTABLE, nstack STM_IMMUTABLE;
    const short *text STM_IMMUTABLE STM_RAW;
};

struct STM_OBJECT frame {
    struct frame *caller;
    struct code *code;
    int pc, sp;
    long slots[]; /* locals, then the stack */
};

struct STM_OBJECT global {
    long value;
};

static struct code *functions[4];
static struct global *counter;

static const short fib_text[] = {
    LOAD, 0,        PUSH, 2, LESS, JUMP_IF_NOT, 10,   LOAD, 0,        RETURN, LOAD, 0,   PUSH,
    1,    SUBTRACT, CALL, 0, LOAD, 0,           PUSH, 2,    SUBTRACT, CALL,   0,    ADD, RETURN,
};

/* counts down local 0 and up the global; returns local 1, the sum of what local 0 was */
static const short loop_text[] = {
    PUSH, 0, LOAD, 0, LESS,     JUMP_IF_NOT, 22, INCREMENT, LOAD, 1,      LOAD,  0, ADD,  STORE, 1,
    LOAD, 0, PUSH, 1, SUBTRACT, JUMP,        25, LOAD,      1,    RETURN, STORE, 0, JUMP, 0,
};

static struct code *new_code(const short *text, int nlocals, int nstack)
{
    struct code *c = STM_NEW(struct code);
    c->text = text;
    c->nlocals = nlocals;
    c->nstack = nstack;
    return c;
}

static struct frame *new_frame(struct frame *caller, struct code *code)
{
    struct frame *f = STM_NEW_FLEX(struct frame, slots, code->nlocals + code->nstack);
    f->caller = caller;
    f->code = code;
    f->sp = code->nlocals;
    return f;
}

static void push(struct frame *f, long v)
{
    f->slots[f->sp] = v;
    f->sp++;
}

static long pop(struct frame *f)
{
    f->sp--;
    return f->slots[f->sp];
}

static STM_THREAD_LOCAL int until_commit = 100;

static void safepoint(void)
{
    if (--until_commit == 0) {
        until_commit = 100;
        stm_hint_commit_soon();
    }
    STM_SAFEPOINT();
}

static long run(struct frame *f)
{
    for (;;) {
        const short *text = f->code->text;
        int pc = f->pc;
        long a, b;
        f->pc = pc + 1;
        switch ((enum op)text[pc]) {
        case PUSH:
            push(f, text[pc + 1]);
            f->pc = pc + 2;
            break;
        case LOAD:
            push(f, f->slots[text[pc + 1]]);
            f->pc = pc + 2;
            break;
        case STORE:
            f->slots[text[pc + 1]] = pop(f);
            f->pc = pc + 2;
            break;
        case ADD:
            b = pop(f), a = pop(f);
            push(f, a + b);
            break;
        case SUBTRACT:
            b = pop(f), a = pop(f);
            push(f, a - b);
            break;
        case LESS:
            b = pop(f), a = pop(f);
            push(f, a < b);
            break;
        case JUMP:
            f->pc = text[pc + 1];
            safepoint();
            break;
        case JUMP_IF_NOT:
            f->pc = pop(f) ? pc + 2 : text[pc + 1];
            break;
        case INCREMENT:
            counter->value++;
            break;
        case CALL: {
            f->pc = pc + 2;
            struct frame *callee = new_frame(f, functions[text[pc + 1]]);
            callee->slots[0] = pop(f);
            f = callee;
            safepoint();
            break;
        }
        case RETURN:
            a = pop(f);
            f = f->caller;
            if (!f)
                return a;
            push(f, a);
            break;
        case HALT:
            return 0;
        }
    }
}

static long call(int function, long argument)
{
    struct frame *f = new_frame(NULL, functions[function]);
    f->slots[0] = argument;
    return run(f);
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 18, rounds = argc > 2 ? atol(argv[2]) : 20000;
    counter = STM_NEW(struct global);
    functions[0] = new_code(fib_text, 1, 4);
    functions[1] = new_code(loop_text, 2, 4);
    printf("%ld\n", call(0, n));
    long sum = call(1, rounds);
    printf("%ld %ld\n", sum, counter->value);
    return 0;
}
