/* mutate.c - faults on purpose: each kind finds its places, changes one thing, and leaves IR that the passes
 * can work with. */
#include "ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char text[] = "func @f(2) -> ref {\n"
                           "b0:\n"
                           "  %0 = param 0 : ref\n"
                           "  %1 = param 1 : any\n"
                           "  %2 = addr @g : ref\n"
                           "  %3 = load %0 object 8 #0 : ref\n"
                           "  %4 = derive %1 + 8 : any\n"
                           "  store %4 address 8 #1\n"
                           "  %5 = call @h(%0) : ref\n"
                           "  safepoint\n"
                           "  localwrite\n"
                           "  store %0 object 8 #2\n"
                           "  store %0 object 8 #3\n"
                           "  inev \"raw\"\n"
                           "  branch b1, b2\n"
                           "b1: ; preds b0\n"
                           "  jump b2\n"
                           "b2: ; preds b0, b1\n"
                           "  %6 = phi [b0: %5], [b1: %0] : ref\n"
                           "  %7 = load %6 object 8 #4 : ref\n"
                           "  ret %7\n"
                           "}\n";

static char *captured(struct ir_module *m, const char *spec, enum barrier_kind **decisions)
{
    fflush(stderr);
    assert_non_null(ir_mutant_new(m, spec));
    struct pass_options o = {.verify = true};
    passes_run(m, &o, NULL);
    *decisions = passes_decisions(m, 5);
    ir_mutate(m, IR_PLACED, *decisions);
    char *out;
    size_t n;
    FILE *f = open_memstream(&out, &n);
    ir_print(f, m);
    fclose(f);
    return out;
}

/* What is made of the text, with the mutant, in the passes: must be right IR, and not as it was. */
static void differs(const char *spec, const char *without)
{
    enum barrier_kind *d, *e;
    struct ir_module *a = ir_parse("t", text, stderr), *b = ir_parse("t", text, stderr);
    assert_non_null(a);
    char *mutant = captured(a, spec, &d), *plain = captured(b, "list", &e);
    if (!strcmp(mutant, plain) && !memcmp(d, e, 5 * sizeof *d))
        fail_msg("%s changes nothing", spec);
    if (without && strstr(mutant, without))
        fail_msg("%s leaves %s", spec, without);
    free(mutant);
    free(plain);
    free(d);
    free(e);
    ir_module_free(a);
    ir_module_free(b);
}

static void test_lowered(void **state)
{
    (void)state;
    differs("write:0", "store %4");
    differs("read:0", NULL);
    differs("call:0", NULL);
    differs("safepoint:0", "safepoint\n");
    differs("localwrite:0", "localwrite");
    differs("inevitable:0", "inev \"raw\"");
    differs("alias:0", NULL);
    differs("class:0", NULL);
    differs("offset:0", "+ 8");
    differs("order:0", NULL);
}

static void test_facts(void **state)
{
    (void)state;
    differs("fact-nosafepoint:0", NULL);
    differs("fact-readonly:0", NULL);
    differs("fact-own:0", NULL);
    differs("fact-turns:0", NULL);
    differs("fact-fresh:0", NULL);
    differs("fact-noreturn:0", NULL);
    differs("fact-returned:0", NULL);
}

/* Barriers as the emitter is told. */
static void test_placed(void **state)
{
    (void)state;
    enum barrier_kind *d, *e;
    struct ir_module *m = ir_parse("t", text, stderr), *plain = ir_parse("t", text, stderr);
    free(captured(plain, "list", &e));
    assert_int_equal(e[1], BARRIER_WRITE);
    free(captured(m, "drop:1", &d));
    assert_int_equal(d[0], e[0]);
    assert_int_equal(d[1], BARRIER_NONE);
    free(d);
    ir_module_free(m);
    m = ir_parse("t", text, stderr);
    free(captured(m, "weak:0", &d));
    assert_int_equal(d[1], BARRIER_READ);
    free(d);
    ir_module_free(m);
    m = ir_parse("t", text, stderr);
    free(captured(m, "late:0", &d)); /* from the load to the store behind it, or from a store to the next */
    assert_memory_not_equal(d, e, 5 * sizeof *d);
    unsigned before = 0, after = 0;
    for (unsigned k = 0; k < 5; k++)
        before += e[k] != BARRIER_NONE, after += d[k] != BARRIER_NONE;
    assert_in_range(after, before - 1, before);
    free(d);
    free(e);
    ir_module_free(m);
    ir_module_free(plain);
}

/* The builder leaves out an edge, but never the last one. */
static void test_edge(void **state)
{
    (void)state;
    for (unsigned lost = 0; lost < 3; lost++) {
        struct ir_module *m = ir_module_new("t");
        char spec[] = "edge:0";
        spec[5] = (char)('0' + lost);
        assert_non_null(ir_mutant_new(m, spec));
        struct ir_func *f = ir_func_new(m, "f");
        struct ir_block *b[3];
        for (unsigned k = 0; k < 3; k++)
            b[k] = ir_block_new(f);
        ir_branch(b[0], b + 1, 2, (struct ir_loc){"t", 1, 1});
        assert_int_equal(b[0]->nsuccs, lost < 2 ? 1 : 2);
        for (unsigned k = 1; k < 3; k++)
            ir_ret(b[k], NULL, (struct ir_loc){"t", 2, 1});
        ir_finish(f);
        assert_true(ir_verify(f, stderr));
        ir_module_free(m);
    }
}

static void test_specs(void **state)
{
    (void)state;
    struct ir_module *m = ir_module_new("t");
    static const char *const bad[] = {"", "drop", "drop:", "drop:x", "drop:1x", "dro:1", "lists"};
    for (unsigned k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_null(ir_mutant_new(m, bad[k]));
        assert_null(m->mutant);
    }
    ir_module_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lowered), cmocka_unit_test(test_facts),
                                       cmocka_unit_test(test_placed), cmocka_unit_test(test_edge),
                                       cmocka_unit_test(test_specs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
