/* model.c - a transaction as the passes see it, told of each event in the order in which the compiled code
 * has it.
 *
 * Wrong is: an object read without a barrier that is still unmarked when the view is brought up to date, or
 * the transaction ends; an object that has changed without having been logged before; what cannot be undone
 * in a transaction that is not inevitable.
 *
 * MODEL_END: 0: safepoints do not end the transaction, 1: each does, 2: every other one. */
#include <ungil_abi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 4096, SIZE = 96 };
static struct object {
    char *at;
    char was[SIZE];
    int marked, logged, unsafe;
} objects[MAX];
static int nobjects, inevitable, mode = 1, count;
unsigned long model_tx = 1;
const char STM_VARIANT = 0;
const char *model_where = "";

static void wrong(const char *what)
{
    printf("%s: %s\n", model_where, what);
    exit(1);
}

static struct object *find(const volatile void *p)
{
    for (int i = 0; i < nobjects; i++)
        if ((char *)p >= objects[i].at && (char *)p < objects[i].at + SIZE)
            return &objects[i];
    return NULL;
}

static void look(void)
{
    for (struct object *o = objects; o < objects + nobjects; o++) {
        if (!o->logged && memcmp(o->at, o->was, SIZE))
            wrong("written before the barrier");
        memcpy(o->was, o->at, SIZE);
    }
}

static void validate(const char *what)
{
    look();
    for (struct object *o = objects; o < objects + nobjects; o++)
        if (o->unsafe)
            wrong(what);
}

stm_uptr model_access(const volatile void *p)
{
    struct object *o = find(p);
    look();
    if (o && !o->marked && !inevitable)
        o->unsafe = 1;
    return (stm_uptr)p;
}

stm_uptr model_read(const volatile void *p)
{
    struct object *o = find(p);
    look();
    if (o)
        o->marked = 1, o->unsafe = 0;
    return (stm_uptr)p;
}

stm_uptr model_log(const volatile void *p)
{
    struct object *o = find(p);
    model_read(p);
    if (o)
        o->logged = 1;
    return (stm_uptr)p;
}

stm_uptr model_raw(const volatile void *p)
{
    validate("read without a mark, when a write to raw memory brings the view up to date");
    return (stm_uptr)p;
}

stm_uptr model_any_log(const volatile void *p)
{
    return find(p) ? model_log(p) : model_raw(p);
}

void model_turn(void)
{
    validate("read without a mark, when the transaction turns inevitable");
    inevitable = 1;
}

void model_end(void)
{
    look();
    if (mode == 0 || (mode == 2 && count++ % 2)) {
        validate("read without a mark, when a safepoint brings the view up to date");
        return;
    }
    validate("read without a mark, when the transaction ends");
    for (struct object *o = objects; o < objects + nobjects; o++)
        o->marked = o->logged = 0;
    inevitable = 0;
    model_tx++;
}

void *model_new(stm_size n)
{
    if (nobjects == MAX || n > SIZE)
        abort();
    validate("read without a mark, when an allocation brings the view up to date");
    struct object *o = &objects[nobjects++];
    *o = (struct object){.at = calloc(1, SIZE), .marked = 1, .logged = 1};
    return o->at;
}

/* For the programs. */
long fire(long v)
{
    if (!inevitable)
        wrong("done for good, although the transaction may abort");
    return v;
}

void begin(const char *where)
{
    mode = 1;
    model_end();
    model_where = where;
    mode = getenv("MODEL_END") ? atoi(getenv("MODEL_END")) : 1;
    count = 0;
}

int stm_user_main(void);
int main(void)
{
    int status = stm_user_main();
    begin("end");
    printf("%d objects\n", nobjects > 0);
    return status;
}
