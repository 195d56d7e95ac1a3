/* order.c - analysis/order.c against a model of transactions: for operands that do this and that, is there an
 * order of evaluation in which something goes wrong that was right in the order of the IR?  Then their order
 * must be forced.  Two operands of up to two events each are tried exhaustively, three at random. */
#include "analysis/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Object 2 is what a pointer leads to, which CHANGE lets lead to object 3. */
enum { POINTER = 2, OBJECTS = 4, OPERANDS = 3, EVENTS = 2 };
struct event {
    unsigned kind; /* enum order_event; 0: none */
    unsigned object;
};
static const struct event all[] = {
    {0, 0},          {ORDER_MARK, 0},  {ORDER_MARK, 1},       {ORDER_MARK, POINTER},
    {ORDER_READ, 0}, {ORDER_READ, 1},  {ORDER_READ, POINTER}, {ORDER_LOG, 0},
    {ORDER_LOG, 1},  {ORDER_WRITE, 0}, {ORDER_WRITE, 1},      {ORDER_END, 0},
    {ORDER_TURN, 0}, {ORDER_ACT, 0},   {ORDER_VIEW, 0},       {ORDER_CHANGE, 0}};
enum { KINDS = sizeof all / sizeof *all };

struct state {
    unsigned marked, logged; /* bits: objects */
    unsigned unsafe;         /* read without a mark, since the view was last brought up to date */
    bool inevitable;
    unsigned leads_to;
};

/* Does e do no harm in s? */
static bool step(struct state *s, struct event e)
{
    unsigned bit = 1u << (e.object == POINTER ? s->leads_to : e.object);
    switch (e.kind) {
    case ORDER_MARK:
        s->marked |= bit;
        s->unsafe &= ~bit;
        return true;
    case ORDER_READ:
        if (!(s->marked & bit) && !s->inevitable)
            s->unsafe |= bit;
        return true;
    case ORDER_LOG:
        s->marked |= bit;
        s->logged |= bit;
        s->unsafe &= ~bit;
        return true;
    case ORDER_WRITE:
        return s->logged & bit;
    case ORDER_ACT:
        return s->inevitable;
    case ORDER_CHANGE:
        s->leads_to = 3;
        return true;
    case ORDER_END:
        s->marked = s->logged = 0;
        s->inevitable = false;
        return !s->unsafe;
    case ORDER_TURN:
        s->inevitable = true;
        return !s->unsafe;
    case ORDER_VIEW:
        return !s->unsafe;
    default:
        return true;
    }
}

struct expression {
    struct event v[OPERANDS][EVENTS];
    unsigned n;
};

/* Evaluates the operands in the order given.  strict: as the passes see it, who count on a mark to be there
 * when it is needed. */
static bool evaluate(const struct expression *x, const unsigned *order, struct state *s, bool strict)
{
    for (unsigned i = 0; i < x->n; i++)
        for (unsigned k = 0; k < EVENTS; k++)
            if (!step(s, x->v[order[i]][k]) || (strict && s->unsafe))
                return false;
    return !s->unsafe;
}

static bool can_go_wrong(const struct expression *x, struct state before)
{
    static const unsigned orders[][OPERANDS] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                                {2, 0, 1}, {1, 2, 0}, {2, 1, 0}};
    struct state meant = before;
    if (!evaluate(x, orders[0], &meant, true))
        return false; /* the passes would have left more barriers */
    for (unsigned i = 1; i < (x->n == 2 ? 2 : 6); i++) {
        struct state s = before;
        if (!evaluate(x, orders[i], &s, false))
            return true;
        unsigned there = 1u << s.leads_to, meant_there = 1u << meant.leads_to;
        if (meant.marked & ~s.marked || meant.logged & ~s.logged || (meant.inevitable && !s.inevitable) ||
            (meant.marked & meant_there && !(s.marked & there)))
            return true;
    }
    return false;
}

static unsigned long wrong, forced, needless;

static void check(const struct expression *x)
{
    unsigned events[OPERANDS] = {0};
    bool matters = false;
    for (unsigned i = 0; i < x->n; i++)
        for (unsigned k = 0; k < EVENTS; k++)
            events[i] |= x->v[i][k].kind | (x->v[i][k].object == POINTER ? ORDER_FOLLOW : 0);
    for (unsigned b = 0; b < 36 && !matters; b++) {
        struct state s = {.marked = (b % 3 > 0) | (b / 3 % 3 > 0) << 1 | (b / 18) << 2,
                          .logged = (b % 3 > 1) | (b / 3 % 3 > 1) << 1,
                          .inevitable = b / 9 % 2,
                          .leads_to = POINTER};
        matters = can_go_wrong(x, s);
    }
    bool force = order_matters(events, x->n);
    forced += force;
    needless += force && !matters;
    if (matters && !force && wrong++ < 10)
        for (unsigned i = 0; i < x->n; i++)
            printf("operand %u: %u of %u, %u of %u%s\n", i, x->v[i][0].kind, x->v[i][0].object,
                   x->v[i][1].kind, x->v[i][1].object, i + 1 == x->n ? ": not forced" : "");
}

static void two_operands(void **state)
{
    (void)state;
    wrong = forced = needless = 0;
    for (unsigned k = 0; k < KINDS * KINDS * KINDS * KINDS; k++) {
        struct expression x = {.n = 2};
        unsigned rest = k;
        for (unsigned i = 0; i < 2 * EVENTS; i++, rest /= KINDS)
            x.v[i / EVENTS][i % EVENTS] = all[rest % KINDS];
        check(&x);
    }
    printf("forced %lu, %lu of them needlessly\n", forced, needless);
    assert_int_equal(wrong, 0);
}

static void three_operands(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252u;
    wrong = forced = needless = 0;
    for (unsigned k = 0; k < 1000000; k++) {
        struct expression x = {.n = 3};
        for (unsigned i = 0; i < 3 * EVENTS; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            x.v[i / EVENTS][i % EVENTS] = all[random % KINDS];
        }
        check(&x);
    }
    printf("forced %lu, %lu of them needlessly\n", forced, needless);
    assert_int_equal(wrong, 0);
}

/* What ordinary code is made of stays as it was written. */
static void left_alone(void **state)
{
    (void)state;
    assert_false(order_matters((unsigned[]){ORDER_MARK, ORDER_READ}, 2));
    assert_false(order_matters((unsigned[]){ORDER_LOG, ORDER_READ, ORDER_READ}, 3));
    assert_false(order_matters((unsigned[]){ORDER_MARK, ORDER_VIEW}, 2));
    assert_false(order_matters((unsigned[]){ORDER_END, 0, 0}, 3));
    assert_false(order_matters((unsigned[]){ORDER_LOG, ORDER_LOG}, 2));
    assert_false(order_matters((unsigned[]){ORDER_FOLLOW | ORDER_MARK, ORDER_FOLLOW | ORDER_READ}, 2));
    assert_false(order_matters_before(ORDER_MARK | ORDER_READ | ORDER_VIEW, ORDER_LOG));
    assert_true(order_matters_before(ORDER_END, ORDER_LOG));
    assert_true(order_matters_before(ORDER_TURN, ORDER_READ));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_operands), cmocka_unit_test(three_operands),
                                       cmocka_unit_test(left_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
