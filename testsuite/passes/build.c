/* build.c - the SSA builder: what front ends rely on. */
#include "ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct ir_loc loc = {"b.c", 1, 2};

struct fixture {
    struct ir_module *m;
    struct ir_func *f;
    struct ir_block *b[8];
    struct ir_inst *p, *q;
    unsigned x;
};

/* A function of two parameters and one variable x, with n blocks. */
static struct fixture start(unsigned n)
{
    struct fixture t = {.m = ir_module_new("m")};
    t.f = ir_func_new(t.m, "f");
    t.f->nparams = 2;
    for (unsigned i = 0; i < n; i++)
        t.b[i] = ir_block_new(t.f);
    t.p = ir_emit(t.b[0], IR_PARAM, IRC_REF, loc);
    t.q = ir_emit(t.b[0], IR_PARAM, IRC_REF, loc);
    t.q->index = 1;
    t.x = ir_var_new(t.f, IRC_ANY);
    return t;
}

static unsigned count_op(const struct ir_func *f, enum ir_op op)
{
    unsigned n = 0;
    for (unsigned k = 0; k < f->nblocks; k++)
        for (struct ir_inst *i = f->blocks[k]->first; i; i = i->next)
            n += i->op == op;
    return n;
}

static void test_diamond(void **state)
{
    (void)state;
    struct fixture t = start(4);
    ir_seal(t.b[0]);
    ir_branch(t.b[0], &t.b[1], 2, loc);
    ir_seal(t.b[1]);
    ir_seal(t.b[2]);
    ir_var_write(t.b[1], t.x, t.p);
    ir_jump(t.b[1], t.b[3], loc);
    ir_var_write(t.b[2], t.x, t.q);
    ir_jump(t.b[2], t.b[3], loc);
    ir_seal(t.b[3]);
    struct ir_inst *v = ir_var_read(t.b[3], t.x);
    assert_int_equal(v->op, IR_PHI);
    assert_int_equal(v->cls, IRC_ANY);
    assert_ptr_equal(v, ir_var_read(t.b[3], t.x));
    ir_ret(t.b[3], v, loc);
    ir_finish(t.f);
    assert_int_equal(v->nargs, 2);
    assert_ptr_equal(v->args[0], t.p);
    assert_ptr_equal(v->args[1], t.q);
    ir_module_free(t.m);
}

static void test_diamond_same(void **state)
{
    (void)state;
    struct fixture t = start(4);
    ir_var_write(t.b[0], t.x, t.p);
    ir_branch(t.b[0], &t.b[1], 2, loc);
    ir_jump(t.b[1], t.b[3], loc);
    ir_jump(t.b[2], t.b[3], loc);
    struct ir_inst *v = ir_var_read(t.b[3], t.x); /* nothing sealed yet */
    ir_ret(t.b[3], v, loc);
    ir_finish(t.f);
    assert_int_equal(count_op(t.f, IR_PHI), 0);
    assert_ptr_equal(t.b[3]->last->args[0], t.p);
    ir_module_free(t.m);
}

/* A value read in a loop header before the loop is closed, kept by the caller over the seal, and used
 * afterwards. */
static void test_value_kept_over_seal(void **state)
{
    (void)state;
    struct fixture t = start(4);
    ir_var_write(t.b[0], t.x, t.p);
    ir_jump(t.b[0], t.b[1], loc);
    struct ir_inst *kept = ir_var_read(t.b[1], t.x);
    ir_branch(t.b[1], &t.b[2], 2, loc);
    ir_seal(t.b[2]);
    ir_jump(t.b[2], t.b[1], loc);
    ir_seal(t.b[1]); /* the phi turns out trivial here */
    ir_seal(t.b[3]);
    struct ir_inst *copy = ir_emit(t.b[3], IR_COPY, IRC_REF, loc);
    ir_add_arg(copy, kept);
    ir_var_write(t.b[3], t.x, kept);
    ir_ret(t.b[3], ir_var_read(t.b[3], t.x), loc);
    ir_finish(t.f);
    assert_int_equal(count_op(t.f, IR_PHI), 0);
    assert_ptr_equal(copy->args[0], t.p);
    assert_ptr_equal(t.b[3]->last->args[0], t.p);
    ir_module_free(t.m);
}

static void test_loop_phi(void **state)
{
    (void)state;
    struct fixture t = start(4);
    ir_var_write(t.b[0], t.x, t.p);
    ir_jump(t.b[0], t.b[1], loc);
    ir_branch(t.b[1], &t.b[2], 2, loc);
    struct ir_inst *next = ir_emit(t.b[2], IR_LOAD, IRC_REF, loc);
    next->access = 0;
    ir_add_arg(next, ir_var_read(t.b[2], t.x));
    ir_var_write(t.b[2], t.x, next);
    ir_jump(t.b[2], t.b[1], loc);
    ir_ret(t.b[3], ir_var_read(t.b[3], t.x), loc);
    ir_finish(t.f);
    assert_int_equal(count_op(t.f, IR_PHI), 1);
    struct ir_inst *phi = t.b[1]->first;
    assert_ptr_equal(next->args[0], phi);
    assert_ptr_equal(t.b[3]->last->args[0], phi);
    assert_ptr_equal(phi->args[0], t.p);
    assert_ptr_equal(phi->args[1], next);
    ir_module_free(t.m);
}

/* Two nested loops, one variable never written in them: the inner phi's triviality shows only after the
 * outer's, and back. */
static void test_nested_trivial(void **state)
{
    (void)state;
    struct fixture t = start(6);
    ir_var_write(t.b[0], t.x, t.p);
    ir_jump(t.b[0], t.b[1], loc);
    ir_branch(t.b[1], (struct ir_block *[]){t.b[2], t.b[5]}, 2, loc);
    ir_branch(t.b[2], (struct ir_block *[]){t.b[3], t.b[4]}, 2, loc);
    struct ir_inst *use = ir_emit(t.b[3], IR_COPY, IRC_REF, loc);
    ir_add_arg(use, ir_var_read(t.b[3], t.x));
    ir_jump(t.b[3], t.b[2], loc);
    ir_jump(t.b[4], t.b[1], loc);
    ir_ret(t.b[5], ir_var_read(t.b[5], t.x), loc);
    ir_finish(t.f);
    assert_int_equal(count_op(t.f, IR_PHI), 0);
    assert_ptr_equal(use->args[0], t.p);
    ir_module_free(t.m);
}

static void test_unreachable(void **state)
{
    (void)state;
    struct fixture t = start(5);
    ir_var_write(t.b[0], t.x, t.p);
    ir_branch(t.b[0], (struct ir_block *[]){t.b[1], t.b[4]}, 2, loc);
    ir_jump(t.b[1], t.b[4], loc);
    ir_var_write(t.b[2], t.x, t.q); /* code after a return: b2 and b3 form a loop nobody enters */
    ir_branch(t.b[2], &t.b[3], 2, loc);
    ir_var_read(t.b[3], ir_var_new(t.f, IRC_REF));
    ir_jump(t.b[3], t.b[2], loc);
    struct ir_inst *v = ir_var_read(t.b[4], t.x);
    ir_ret(t.b[4], v, loc);
    ir_finish(t.f);
    assert_int_equal(t.f->nblocks, 3);
    assert_int_equal(t.b[4]->id, 2);
    assert_int_equal(count_op(t.f, IR_PHI), 0); /* q does not reach b4 any more */
    assert_ptr_equal(t.b[4]->last->args[0], t.p);
    ir_module_free(t.m);
}

static void test_undefined(void **state)
{
    (void)state;
    struct fixture t = start(3);
    ir_branch(t.b[0], &t.b[1], 2, loc);
    ir_var_write(t.b[1], t.x, t.p);
    ir_jump(t.b[1], t.b[2], loc);
    struct ir_inst *v = ir_var_read(t.b[2], t.x);
    ir_ret(t.b[2], v, loc);
    ir_finish(t.f);
    assert_int_equal(v->op, IR_PHI);
    assert_int_equal(v->args[0]->op, IR_OPAQUE);
    assert_int_equal(v->args[0]->cls, IRC_ANY);
    assert_ptr_equal(v->args[0]->block, t.b[0]);
    assert_ptr_equal(v->args[1], t.p);
    ir_module_free(t.m);
}

static void test_same_successor(void **state)
{
    (void)state;
    struct fixture t = start(3);
    ir_branch(t.b[0], (struct ir_block *[]){t.b[1], t.b[2], t.b[1]}, 3, loc);
    ir_branch(t.b[1], (struct ir_block *[]){t.b[2], t.b[2]}, 2, loc);
    ir_ret(t.b[2], NULL, loc);
    assert_int_equal(t.b[0]->nsuccs, 2);
    assert_int_equal(t.b[1]->last->op, IR_JUMP);
    ir_finish(t.f);
    ir_module_free(t.m);
}

/* Predecessors come out in the order of their numbers, with the phi's operands, whatever the order of the
 * edges. */
static void test_pred_order(void **state)
{
    (void)state;
    struct fixture t = start(4);
    ir_branch(t.b[0], &t.b[1], 2, loc);
    ir_var_write(t.b[2], t.x, t.q);
    ir_jump(t.b[2], t.b[3], loc);
    ir_var_write(t.b[1], t.x, t.p);
    ir_jump(t.b[1], t.b[3], loc);
    ir_seal(t.b[3]);
    struct ir_inst *v = ir_var_read(t.b[3], t.x);
    assert_ptr_equal(v->args[0], t.q);
    ir_ret(t.b[3], v, loc);
    ir_finish(t.f);
    assert_ptr_equal(t.b[3]->preds[0], t.b[1]);
    assert_ptr_equal(v->args[0], t.p);
    assert_ptr_equal(v->args[1], t.q);
    ir_module_free(t.m);
}

/* 200,000 blocks in a row, then 100,000 diamonds: no recursion, and time in proportion. */
static void test_deep(void **state)
{
    (void)state;
    struct fixture t = start(1);
    ir_var_write(t.b[0], t.x, t.p);
    struct ir_block *b = t.b[0];
    for (unsigned i = 0; i < 200000; i++) {
        struct ir_block *next = ir_block_new(t.f);
        ir_jump(b, next, loc);
        ir_seal(b);
        b = next;
    }
    ir_seal(b);
    for (unsigned i = 0; i < 100000; i++) {
        struct ir_block *arm = ir_block_new(t.f), *join = ir_block_new(t.f);
        ir_branch(b, (struct ir_block *[]){arm, join}, 2, loc);
        if (i == 50000)
            ir_var_write(arm, t.x, t.q);
        ir_jump(arm, join, loc);
        b = join;
    }
    struct ir_inst *v = ir_var_read(b, t.x);
    ir_ret(b, v, loc);
    ir_finish(t.f);
    assert_int_equal(count_op(t.f, IR_PHI), 1);
    assert_int_equal(b->last->args[0]->op, IR_PHI);
    ir_module_free(t.m);
}

static void test_many_variables(void **state)
{
    (void)state;
    struct fixture t = start(2);
    unsigned var[500];
    for (unsigned i = 0; i < 500; i++)
        ir_var_write(t.b[0], var[i] = ir_var_new(t.f, IRC_REF), i % 3 ? t.p : t.q);
    ir_jump(t.b[0], t.b[1], loc);
    for (unsigned i = 0; i < 500; i++)
        ir_add_arg(ir_emit(t.b[1], IR_COPY, IRC_REF, loc), ir_var_read(t.b[1], var[i]));
    ir_ret(t.b[1], NULL, loc);
    ir_finish(t.f);
    unsigned i = 0;
    for (struct ir_inst *c = t.b[1]->first; c->op == IR_COPY; c = c->next, i++)
        assert_ptr_equal(c->args[0], i % 3 ? t.p : t.q);
    assert_int_equal(i, 500);
    ir_module_free(t.m);
}

static void test_editing(void **state)
{
    (void)state;
    struct fixture t = start(1);
    ir_ret(t.b[0], NULL, loc);
    ir_finish(t.f);
    struct ir_inst *s = ir_insert_before(t.p, IR_SAFEPOINT, IRC_INT),
                   *e = ir_insert_before(t.b[0]->last, IR_INEV, IRC_INT);
    assert_ptr_equal(t.b[0]->first, s);
    assert_ptr_equal(t.q->next, e);
    assert_true(ir_verify(t.f, stderr));
    ir_remove(s);
    ir_remove(e);
    assert_ptr_equal(t.b[0]->first, t.p);
    assert_ptr_equal(t.q->next, t.b[0]->last);
    assert_true(ir_verify(t.f, stderr));
    ir_module_free(t.m);
}

static void test_intern(void **state)
{
    (void)state;
    struct ir_module *m = ir_module_new("m");
    char name[32];
    const char *kept[1000];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "name%d", i);
        kept[i] = ir_intern(m, name);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "name%d", i);
        assert_ptr_equal(ir_intern(m, name), kept[i]);
        assert_string_equal(kept[i], name);
    }
    assert_null(ir_intern(m, NULL));
    ir_module_free(m);
    ir_module_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diamond),
        cmocka_unit_test(test_diamond_same),
        cmocka_unit_test(test_value_kept_over_seal),
        cmocka_unit_test(test_loop_phi),
        cmocka_unit_test(test_nested_trivial),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_undefined),
        cmocka_unit_test(test_same_successor),
        cmocka_unit_test(test_pred_order),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_many_variables),
        cmocka_unit_test(test_editing),
        cmocka_unit_test(test_intern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
