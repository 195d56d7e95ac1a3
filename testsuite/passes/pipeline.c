/* pipeline.c - running the passes: counts, decisions, selection, dumps, and the time that a huge function
 * takes. */
#include "ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static const char text[] = "func @f(2) -> ref {\n"
                           "b0:\n"
                           "  %0 = param 0 : ref\n"
                           "  %1 = param 1 : raw\n"
                           "  %2 = load %0 object 8 #0 : ref\n"
                           "  %3 = load %0 object 8 #1 : ref\n"
                           "  %4 = load %2 object 8 #2 immutable : ref\n"
                           "  %5 = load %1 address 8 #3 : ref\n"
                           "  %6 = call @g() : int\n"
                           "  store %2 object 8 #4\n"
                           "  %7 = update %2 object 8 #5 : int\n"
                           "  %8 = alloc : ref\n"
                           "  store %8 object 8 #7\n"
                           "  ret %3\n"
                           "}\n";

static void test_stats(void **state)
{
    (void)state;
    struct ir_module *m = ir_parse("t", text, stderr);
    struct pass_stats s;
    passes_run(m, NULL, &s);
    assert_int_equal(s.accesses.read, 3);
    assert_int_equal(s.accesses.write, 3);
    assert_int_equal(s.naive.read, 2);
    assert_int_equal(s.naive.write, 3);
    assert_int_equal(s.final.read, 1);
    assert_int_equal(s.final.write, 1);
    assert_int_equal(s.npasses, pass_count);
    for (unsigned i = 0; i < pass_count; i++)
        assert_string_equal(s.passes[i].name, pass_table[i].name);
    assert_int_equal(s.passes[pass_count - 1].left.read, 1);
    free(s.passes);
    ir_module_free(m);
}

static void test_decisions(void **state)
{
    (void)state;
    static const enum barrier_kind want[] = {BARRIER_READ, BARRIER_NONE,  BARRIER_NONE,
                                             BARRIER_NONE, BARRIER_WRITE, BARRIER_NONE,
                                             BARRIER_NONE, BARRIER_NONE,  BARRIER_NONE};
    struct ir_module *m = ir_parse("t", text, stderr);
    enum barrier_kind *d = passes_decisions(m, 9); /* before any pass: nothing is placed */
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(d[i], BARRIER_NONE);
    free(d);
    passes_run(m, NULL, NULL);
    d = passes_decisions(m, 9);
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(d[i], want[i]);
    free(d);
    free(passes_decisions(m, 0));
    ir_module_free(m);
}

/* Which pass removed which barrier, for explain. */
static void test_blame(void **state)
{
    (void)state;
    struct ir_module *m = ir_parse("t", text, stderr);
    passes_run(m, NULL, NULL);
    const struct ir_inst **b = passes_barriers(m, 8);
    assert_string_equal(b[1]->pass, "available");
    assert_string_equal(b[5]->pass, "available");
    assert_string_equal(b[7]->pass, "fresh");
    assert_true(b[7]->flags & IRI_REMOVED);
    assert_null(b[0]->pass);
    assert_false(b[0]->flags & IRI_REMOVED);
    assert_null(b[2]); /* immutable */
    assert_null(b[3]); /* raw */
    assert_null(b[6]); /* no such access */
    free(b);
    ir_module_free(m);
}

static void test_only_and_dump(void **state)
{
    (void)state;
    struct ir_module *m = ir_parse("t", text, stderr);
    struct pass_stats s;
    char *dump;
    size_t n;
    FILE *out = open_memstream(&dump, &n);
    struct pass_options o = {.only = "available,place", .dump = "a", .dump_out = out, .verify = true};
    passes_run(m, &o, &s);
    fclose(out);
    assert_int_equal(s.npasses, 2); /* in the table's order */
    assert_string_equal(s.passes[0].name, "place");
    assert_string_equal(s.passes[1].name, "available");
    assert_int_equal(strncmp(dump, "; after available: 3 changes\nfunc @f", 35), 0);
    struct ir_module *again = ir_parse("dump", dump, stderr); /* a dump pastes into a test */
    assert_non_null(again);
    ir_module_free(again);
    free(dump);
    free(s.passes);
    ir_module_free(m);
}

static void test_table(void **state)
{
    (void)state;
    for (unsigned i = 0; i < pass_count; i++)
        for (unsigned k = 0; k < i; k++) {
            assert_true(pass_table[i].letter != pass_table[k].letter);
            assert_string_not_equal(pass_table[i].name, pass_table[k].name);
        }
}

/* ---- huge functions ---- */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* whatever else runs on the machine */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const struct ir_loc loc;
static struct ir_inst *access(struct ir_block *b, enum ir_op op, struct ir_inst *target, int *number)
{
    struct ir_inst *i = ir_emit(b, op, IRC_REF, loc);
    ir_add_arg(i, target);
    i->access = (*number)++;
    i->size = 8;
    return i;
}

/* An interpreter's loop: a header that dispatches to `ops` instructions, each a few diamonds over `vars`
 * variables and values loaded from them, and back.  Every variable has a phi in the header, and two values
 * in three live across blocks. */
static struct ir_module *interpreter(unsigned ops, unsigned diamonds, unsigned vars, int *accesses)
{
    struct ir_module *m = ir_module_new("big");
    struct ir_func *f = ir_func_new(m, "eval");
    struct ir_block *entry = ir_block_new(f), *head = ir_block_new(f),
                    **op = calloc(ops, sizeof(struct ir_block *));
    uint64_t rng = 7;
    for (unsigned v = 0; v < vars; v++)
        ir_var_write(entry, ir_var_new(f, IRC_REF), ir_emit(entry, IR_OPAQUE, IRC_REF, loc));
    ir_jump(entry, head, loc);
    for (unsigned k = 0; k < ops; k++)
        op[k] = ir_block_new(f);
    ir_branch(head, op, ops, loc);
    for (unsigned k = 0; k < ops; k++) {
        struct ir_block *b = op[k];
        ir_seal(b);
        for (unsigned d = 0; d < diamonds; d++) {
            rng = rng * 6364136223846793005u + 1442695040888963407u;
            unsigned v = (unsigned)(rng >> 33) % vars;
            struct ir_block *arm = ir_block_new(f), *join = ir_block_new(f);
            struct ir_inst *x = access(b, IR_LOAD, ir_var_read(b, v), accesses);
            ir_branch(b, (struct ir_block *[]){arm, join}, 2, loc);
            ir_seal(arm);
            struct ir_inst *y = access(arm, IR_LOAD, x, accesses);
            if (rng >> 62)
                ir_var_write(arm, (v + 1) % vars, y);
            ir_jump(arm, join, loc);
            ir_seal(join);
            access(join, IR_STORE, x, accesses);
            access(join, IR_LOAD, ir_var_read(join, (v + 1) % vars), accesses);
            b = join;
        }
        if (k % 3 == 0)
            ir_emit(b, IR_SAFEPOINT, IRC_INT, loc);
        if (k == 0)
            ir_ret(b, NULL, loc);
        else
            ir_jump(b, head, loc);
    }
    ir_finish(f);
    free(op);
    return m;
}

/* n functions, each of which reads and writes its parameter and calls the one before or behind it by name:
 * the worst order for what travels along calls, in one direction or the other. */
static struct ir_module *chain(unsigned n, bool forward, int *accesses)
{
    struct ir_module *m = ir_module_new("chain");
    char name[32];
    for (unsigned k = 0; k < n; k++) {
        snprintf(name, sizeof name, "f%06u", k);
        struct ir_func *f = ir_func_new(m, name);
        struct ir_block *b = ir_block_new(f);
        f->nparams = 1;
        f->ret = IRC_REF;
        f->is_static = forward ? k : k + 1 < n;
        struct ir_inst *p = ir_emit(b, IR_PARAM, IRC_REF, loc);
        struct ir_inst *next = access(b, IR_LOAD, p, accesses);
        if (forward ? k + 1 < n : k) {
            struct ir_inst *call = ir_emit(b, IR_CALL, IRC_REF, loc);
            snprintf(name, sizeof name, "f%06u", forward ? k + 1 : k - 1);
            call->sym = ir_intern(m, name);
            ir_add_arg(call, p);
            access(b, IR_LOAD, call, accesses);
        }
        access(b, IR_STORE, next, accesses);
        access(b, IR_LOAD, p, accesses);
        ir_ret(b, p, loc);
        ir_finish(f);
    }
    return m;
}

static void time_module(const char *what, struct ir_module *m, int accesses, double t0, double t1,
                        double limit)
{
    struct pass_stats s;
    passes_run(m, NULL, &s);
    double t2 = seconds();
    print_message("%s: %d accesses, %u functions, %u blocks and %u values in the first: built in %.2f s, "
                  "passes %.2f s; reads %lu -> %lu, writes %lu -> %lu\n",
                  what, accesses, m->nfuncs, m->funcs[0]->nblocks, m->funcs[0]->nvalues, t1 - t0, t2 - t1,
                  s.naive.read, s.final.read, s.naive.write, s.final.write);
    for (unsigned i = 0; i < s.npasses; i++)
        print_message("    %-10s %.3f s\n", s.passes[i].name, s.passes[i].seconds);
    assert_true(t2 - t0 < limit);
    assert_true(s.final.read < s.naive.read);
    free(s.passes);
    ir_module_free(m);
}

static void time_chain(const char *what, bool forward, double limit)
{
    int accesses = 0;
    double t0 = seconds();
    struct ir_module *m = chain(10000, forward, &accesses);
    time_module(what, m, accesses, t0, seconds(), limit);
}

static void time_it(const char *what, unsigned ops, unsigned diamonds, unsigned vars, double limit)
{
    int accesses = 0;
    double t0 = seconds();
    struct ir_module *m = interpreter(ops, diamonds, vars, &accesses);
    time_module(what, m, accesses, t0, seconds(), limit);
}

static void test_time(void **state)
{
    (void)state;
    /* generous: sanitizers and a busy machine included */
    time_it("dispatch loop", 500, 10, 30, 20);
    time_it("one long path", 1, 5000, 30, 20);
    time_it("many variables", 250, 20, 300, 20);
    time_chain("functions, callee first", false, 20);
    time_chain("functions, callers first", true, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats),         cmocka_unit_test(test_decisions), cmocka_unit_test(test_blame),
        cmocka_unit_test(test_only_and_dump), cmocka_unit_test(test_table),     cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
