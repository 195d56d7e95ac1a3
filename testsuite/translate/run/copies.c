/* Copies of functions mean the same as the originals, whoever calls them and however the transaction ends
 * (testsuite/translate/golden/copies.c shows the text). */
#include "ungil.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct STM_OBJECT cell {
    struct cell *next;
    long value, count;
};
struct STM_OBJECT vector {
    long length;
    struct cell *items[];
};

static long sum(struct cell *c, int n, ...);
static int ends;

static struct cell *new_cell(struct cell *next, long value)
{
    struct cell *c = STM_NEW(struct cell);
    c->next = next;
    c->value = value;
    c->count = 0;
    return c;
}

/* Ends the transaction now and then. */
static void step(struct cell *c)
{
    c->count++;
    if (++ends % 3 == 0)
        stm_hint_commit_soon();
    STM_SAFEPOINT();
    c->value++; /* written again, if it ended */
}

static const char *name_of(struct cell *c)
{
    assert(c);
    c->count++;
    return __func__;
}

/* calls itself, with the same and with another */
static long walk(struct cell *c, int n)
{
    long s = 0;
    while (c && n-- > 0) {
        c->count += n;
        s += c->value;
        if (n & 1)
            s += walk(c, n / 2);
        else
            s += walk(c->next, n / 2);
    }
    return s;
}

/* an outer function that only passes on */
static void set(struct cell *c, long v)
{
    c->value = v;
}
static void outer(struct cell *c, long v)
{
    set(c, v);
}

static void fill(struct vector *v, struct cell *c)
{
    for (long i = 0; i < v->length; i++)
        v->items[i] = c;
}

static long sum(struct cell *c, int n, ...)
{
    va_list ap;
    long s = c->value++;
    va_start(ap, n);
    while (n-- > 0)
        s += va_arg(ap, long);
    va_end(ap);
    return s;
}

static long old_style(c, v)
struct cell *c;
long v;
{
    c->value = v;
    return v;
}

static long same(struct cell *c)
{
    long r = 0;
    c->value = 1;
    set(c, 2), outer(c, 3);
    r += c->value + walk(c, 5) + sum(c, 2, 10L, 20L) + old_style(c, 4);
    step(c);
    outer(c, c->value + 5);
    step(c);
    (step)(c);
    return r + c->value + walk(c->next, 3) + (long)strlen(name_of(c));
}

int main(void)
{
    struct cell *list = NULL;
    for (int i = 0; i < 5; i++)
        list = new_cell(list, i);
    struct vector *v = STM_NEW_FLEX(struct vector, items, 4);
    v->length = 4;
    fill(v, list);
    STM_SAFEPOINT();
    fill(v, list->next);
    long r = 0;
    for (int i = 0; i < 20; i++) {
        STM_SAFEPOINT();
        r += same(list);
        STM_SAFEPOINT();
        r += walk(list, 4) + sum(list->next, 1, 3L);
        STM_SAFEPOINT();
        outer(list->next, i), step(list->next);
        r += old_style(v->items[2]->next, 2L);
        list = list->next->next ? list->next : new_cell(list, r % 100);
    }
    const char *name = name_of(list);
    printf("%ld %s %ld %ld\n", r, name, list->value, list->count);
    return 0;
}
