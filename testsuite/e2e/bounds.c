/* Counted loops whose bound lies in memory, and changes while they run; indices that wrap around. */
#include "ungil.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = 20000, APART = 40, ROUNDS = 300 };

struct vector {
    long n;
    long pad[3];
    int items[LEN];
};
struct limit {
    int n;
};
struct state {
    int depth STM_PER_THREAD;
    struct limit *top STM_PER_THREAD STM_PRIVATE_TOP;
};

static struct vector *vector;
static struct limit raw STM_RAW;
static struct state state;
static int counter;
static _Thread_local int own;

#define NOINLINE static __attribute__((noinline))
/* Each round moves the bound by `more`, for a while. */
#define FILL(bound, more)                                                                                    \
    for (int i = 0; i < (bound); i++) {                                                                      \
        v->items[i * APART] = k;                                                                             \
        if (i < ROUNDS)                                                                                      \
            more;                                                                                            \
    }

NOINLINE void in_frame(struct vector *v, int k)
{
    struct limit limit = {2}, *p = &limit;
    FILL(p->n, limit.n++)
}

NOINLINE void grow(struct limit *l)
{
    l->n++;
}

NOINLINE void in_frame_by_call(struct vector *v, int k)
{
    struct limit limit = {2}, *p = &limit;
    FILL(p->n, grow(&limit))
}

NOINLINE void in_frame_assigned(struct vector *v, int k)
{
    struct limit limit = {2}, next, *p = &limit;
    FILL(p->n, (next.n = limit.n + 1, limit = next))
}

NOINLINE void in_frame_copied(struct vector *v, int k)
{
    struct limit limit = {2}, next, *p = &limit;
    FILL(p->n, (next.n = limit.n + 1, memcpy(&limit, &next, sizeof limit)))
}

NOINLINE void in_raw(struct vector *v, int k)
{
    struct limit *p STM_RAW = &raw;
    p->n = 2;
    FILL(p->n, p->n++)
}

NOINLINE void in_raw_by_name(struct vector *v, int k)
{
    struct limit *p STM_RAW = &raw;
    raw.n = 2;
    FILL(p->n, raw.n++)
}

NOINLINE void in_field_of_thread(struct vector *v, int k)
{
    struct state *s = &state;
    s->depth = 2;
    FILL(s->depth, s->depth++)
}

NOINLINE void in_thread(struct vector *v, int k)
{
    struct limit *p = (void *)&own;
    own = 2;
    FILL(p->n, own++)
}

NOINLINE void on_stack(struct vector *v, int k)
{
    struct limit *p STM_PRIVATE_STACK = state.top;
    state.top++->n = 2;
    FILL(p->n, state.top[-1].n++)
    state.top--;
}

NOINLINE void by_atomic(struct vector *v, int k)
{
    __atomic_store_n(&counter, 2, __ATOMIC_SEQ_CST);
    FILL(counter, __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST))
}

NOINLINE void by_errno(struct vector *v, int k)
{
    int *e = &errno;
    struct limit *p = (void *)e;
    errno = 2;
    FILL(p->n, errno++)
    errno = 0;
}

NOINLINE void of_fresh(int k)
{
    struct vector *v = calloc(1, sizeof *v);
    v->n = 2;
    FILL(v->n, v->n++)
    STM_SAFEPOINT();
    vector->items[1] += v->items[APART * ROUNDS];
    free(v);
}

/* Two conversions that cancel each other in the first, second and last round. */
NOINLINE void cancelled(struct vector *v, int k)
{
    for (int i = 0; i < 257; i++)
        v->items[20 * ((uint8_t)i - (uint8_t)(i + 1) + 1 + i)] = k;
}

NOINLINE void wrapped(struct vector *v, int k)
{
    for (unsigned i = 0; i < 9; i++)
        v->items[(i * 0x20000000u) >> 18] = k;
    for (int i = 0; i < 512; i++)
        v->items[(uint8_t)i * 8 + 512 * 16 - i * 8] = k;
    for (int i = -3; i < 3; i++)
        v->items[(unsigned)i + 5u] = k;
    for (unsigned char i = 0; i < 200; i++)
        v->items[(signed char)i + 200] = k;
    for (long i = 0; i < 600; i++)
        v->items[(unsigned char)(i * 3) * 16] = k;
    for (int i = 0; i < 5; i++)
        v->items[(int)(((unsigned)i << 30) >> 18)] = k;
    for (int i = 0; i < 600; i++) /* each narrower than the one before: as one */
        v->items[(uint8_t)((uint16_t)((unsigned)i * 3u) + 7u) * 20] = k;
    for (int i = 0; i < 300; i++) /* wider */
        v->items[(uint16_t)((uint8_t)i * 257) / 8 + 1] = k;
    for (int i = 0; i < 300; i++)
        v->items[(uint8_t)i * 17u] = k;
}

/* At the same place in the first, second and last round. */
NOINLINE void by_truth(struct vector *v, int k)
{
    for (int i = -2; i < 2; i++)
        v->items[(_Bool)i * 4000] = k;
}

NOINLINE void backwards(struct vector *v, int k)
{
    for (int i = 300; i >= 0; i -= 3)
        v->items[(uint16_t)(i * 256) / 4] = k;
    for (unsigned i = 300; i > 0; i--)
        v->items[(i - 1) * 30] = k;
    for (int i = 300; i != 0; i--)
        v->items[(uint8_t)i * 16] = k;
}

static void show(const char *what)
{
    unsigned s = 0;
    for (int i = 0; i < LEN; i++)
        s = s * 31 + (unsigned)vector->items[i];
    printf("%s %u\n", what, s);
}

int main(void)
{
    static void (*const loops[])(struct vector *, int) = {
        in_frame,       in_frame_by_call,   in_frame_assigned, in_frame_copied, in_raw,
        in_raw_by_name, in_field_of_thread, in_thread,         on_stack,        by_atomic,
        by_errno,       cancelled,          wrapped,           backwards,       by_truth};
    vector = calloc(1, sizeof *vector);
    state.top = stm_private_stack(NULL, 8192, &state.top);
    for (unsigned k = 0; k < sizeof loops / sizeof *loops; k++) {
        STM_SAFEPOINT();
        loops[k](vector, (int)k + 1);
        STM_SAFEPOINT();
        show("loop");
        memset(vector, 0, sizeof *vector);
    }
    of_fresh(7);
    show("fresh");
    return 0;
}
