/* whole program: written by the runtime's functions for the library's, whose arguments are references. */
#include "common.h"
CLAIMS("object box\n")

struct box {
    long kept;
    int count;
    unsigned long thread;
};
static struct stm_type type_box;
static struct box *boxes __attribute__((__section__("ungil_data")));
int stm_thread_create(void *thread, const void *attr, void *(*fn)(void *), void *arg);
int stm_vsnprintf(char *to, unsigned long size, const char *fmt, __builtin_va_list ap);

static void say(const char *format, ...)
{
    char to[16];
    __builtin_va_list ap;
    __builtin_va_start(ap, format);
    stm_vsnprintf(to, sizeof to, format, ap); /* FOUND: writer */
    __builtin_va_end(ap);
}

static void *nothing(void *p)
{
    return p;
}

int main(void)
{
    struct box *o = stm_new(sizeof *o, &type_box);
    STM_AT(o, struct box)->kept = 1;
    (void)stm_wr(&boxes, 8), *STM_AT(&boxes, struct box *) = o;
    stm_safepoint();
    (void)stm_rd(&boxes);
    o = *STM_AT(&boxes, struct box *);
    long sum = STM_AT(o, struct box)->count; /* FOUND: read value */
    sum += STM_AT(o, struct box)->kept;
    sum += (long)STM_AT(o, struct box)->thread;   /* FOUND: read value */
    stm_thread_create(&o->thread, 0, nothing, 0); /* FOUND: writer */
    say("%n", &o->count);
    return (int)sum;
}
