/* analyses.c - orders, dominators and the dataflow solver against slow definitions on random graphs; the
 * verifier against broken IR; of what memory bytes are believed immutable; which functions keep none of what
 * they make. */
#include "priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_BLOCKS = 24, GRAPHS = 2000 };

static uint64_t rng;
static unsigned rnd(unsigned n)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(rng >> 33) % n;
}

static const struct ir_loc loc;

/* A random graph, every block reachable after ir_finish. */
static struct ir_func *random_graph(struct ir_module *m, unsigned seed)
{
    rng = seed * 977u + 5;
    struct ir_func *f = ir_func_new(m, "g");
    unsigned n = 2 + rnd(MAX_BLOCKS - 2);
    for (unsigned i = 0; i < n; i++)
        ir_block_new(f);
    for (unsigned i = 0; i < n; i++) {
        struct ir_block *to[3];
        unsigned k = rnd(4);
        for (unsigned e = 0; e < k; e++)
            to[e] = f->blocks[1 + rnd(n - 1)];
        if (k)
            ir_branch(f->blocks[i], to, k, loc);
        else if (i)
            ir_ret(f->blocks[i], NULL, loc);
        else
            ir_jump(f->blocks[i], f->blocks[1], loc);
    }
    ir_finish(f);
    return f;
}

/* Blocks reachable from b without passing through `without`. */
static void reach(const struct ir_block *b, const struct ir_block *without, bool *seen)
{
    if (b == without || seen[b->id])
        return;
    seen[b->id] = true;
    for (unsigned i = 0; i < b->nsuccs; i++)
        reach(b->succs[i], without, seen);
}

static void test_dominators(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < GRAPHS; seed++) {
        struct ir_module *m = ir_module_new("m");
        struct ir_func *f = random_graph(m, seed);
        ir_compute_dominators(f);
        assert_int_equal(f->nrpo, f->nblocks);
        for (unsigned a = 0; a < f->nblocks; a++) {
            bool seen[MAX_BLOCKS] = {false};
            reach(f->blocks[0], f->blocks[a], seen);
            for (unsigned b = 0; b < f->nblocks; b++)
                assert_int_equal(ir_dominates(f->blocks[a], f->blocks[b]), !seen[b]);
            if (a) {
                const struct ir_block *idom = f->blocks[a]->idom;
                assert_true(idom != f->blocks[a] && ir_dominates(idom, f->blocks[a]));
                for (unsigned b = 0; b < f->nblocks; b++) /* the nearest one */
                    if (b != a && ir_dominates(f->blocks[b], f->blocks[a]))
                        assert_true(ir_dominates(f->blocks[b], idom));
            }
        }
        assert_null(f->blocks[0]->idom);
        ir_module_free(m);
    }
}

/* Reverse post-order: in an acyclic graph every edge goes forward. */
static void test_rpo(void **state)
{
    (void)state;
    struct ir_module *m = ir_module_new("m");
    struct ir_func *f = ir_func_new(m, "f");
    for (unsigned i = 0; i < 200; i++)
        ir_block_new(f);
    for (unsigned i = 0; i + 1 < 200; i++) {
        struct ir_block *to[] = {f->blocks[i + 1], f->blocks[i + 1 + rnd(199 - i)]};
        ir_branch(f->blocks[i], to, 2, loc);
    }
    ir_ret(f->blocks[199], NULL, loc);
    ir_finish(f);
    ir_compute_rpo(f);
    for (unsigned i = 0; i < f->nblocks; i++) {
        assert_ptr_equal(f->rpo[f->blocks[i]->rpo], f->blocks[i]);
        for (unsigned k = 0; k < f->blocks[i]->nsuccs; k++)
            assert_true(f->blocks[i]->rpo < f->blocks[i]->succs[k]->rpo);
    }
    ir_module_free(m);
}

/* ---- the solver: random gen and kill sets of 70 bits (more than a word), against plain iteration ---- */

enum { BITS = 70 };
struct sets {
    bool gen[MAX_BLOCKS][BITS], kill[MAX_BLOCKS][BITS], edge_kill[MAX_BLOCKS][BITS];
};

static void transfer(void *ctx, struct ir_block *b, word *bits)
{
    const struct sets *s = ctx;
    for (unsigned k = 0; k < BITS; k++) {
        if (s->kill[b->id][k])
            bit_clear(bits, k);
        if (s->gen[b->id][k])
            bit_set(bits, k);
    }
}

/* An edge out of an odd block to a block with a higher number kills, and bit 0 takes what bit 1 was. */
static bool killing_edge(const struct ir_block *from, const struct ir_block *to)
{
    return from->id % 2 && to->id > from->id;
}

static void edge(void *ctx, struct ir_block *from, struct ir_block *to, unsigned pred, const word *state,
                 word *bits)
{
    const struct sets *s = ctx;
    assert_ptr_equal(to->preds[pred], from);
    (bit_get(state, 1) ? bit_set : bit_clear)(bits, 0);
    for (unsigned k = 0; killing_edge(from, to) && k < BITS; k++)
        if (s->edge_kill[from->id][k])
            bit_clear(bits, k);
}

/* The solution at the near side of each block by sweeping until nothing changes, one bool at a time. */
static void slow_solution(const struct ir_func *f, const struct sets *s, bool backward, bool may,
                          bool in[][BITS])
{
    static bool out[MAX_BLOCKS][BITS];
    for (unsigned b = 0; b < f->nblocks; b++)
        for (unsigned k = 0; k < BITS; k++)
            out[b][k] = !may;
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned n = 0; n < f->nblocks; n++) {
            const struct ir_block *b = f->blocks[n];
            unsigned edges = backward ? b->nsuccs : b->npreds;
            for (unsigned k = 0; k < BITS; k++) {
                bool v = edges && !may;
                for (unsigned e = 0; e < edges; e++) {
                    const struct ir_block *far = (backward ? b->succs : b->preds)[e];
                    const struct ir_block *from = backward ? b : far, *to = backward ? far : b;
                    bool x =
                        out[far->id][k ? k : 1] && !(killing_edge(from, to) && s->edge_kill[from->id][k]);
                    v = may ? v || x : v && x;
                }
                in[n][k] = v;
                bool o = (v && !s->kill[n][k]) || s->gen[n][k];
                changed |= o != out[n][k];
                out[n][k] = o;
            }
        }
    }
}

static void test_solver(void **state)
{
    (void)state;
    static struct sets s;
    static bool want[MAX_BLOCKS][BITS];
    for (unsigned seed = 0; seed < GRAPHS; seed++) {
        struct ir_module *m = ir_module_new("m");
        struct ir_func *f = random_graph(m, seed);
        for (unsigned b = 0; b < MAX_BLOCKS; b++)
            for (unsigned k = 0; k < BITS; k++) {
                s.gen[b][k] = !rnd(3);
                s.kill[b][k] = !rnd(3);
                s.edge_kill[b][k] = !rnd(4);
            }
        struct dataflow df = {.func = f,
                              .nbits = BITS,
                              .backward = seed & 1,
                              .may = seed & 2,
                              .ctx = &s,
                              .transfer = transfer,
                              .edge = edge};
        dataflow_solve(&df);
        slow_solution(f, &s, df.backward, df.may, want);
        word *bits = calloc(df.nwords, sizeof *bits);
        for (unsigned b = 0; b < f->nblocks; b++) {
            dataflow_at(&df, f->blocks[b], bits);
            for (unsigned k = 0; k < BITS; k++)
                assert_int_equal(bit_get(bits, k), want[b][k]);
        }
        free(bits);
        dataflow_free(&df);
        ir_module_free(m);
    }
}

/* ---- the verifier finds each kind of damage (what the text form can say is in ir/error_*.ir) ---- */

struct damaged {
    struct ir_module *m;
    struct ir_func *f;
    struct ir_block *b0, *b1, *b2;
    struct ir_inst *p, *load, *phi;
};

static struct damaged fine(void)
{
    struct damaged d = {.m = ir_parse("d",
                                      "func @f(1) -> ref {\n"
                                      "b0:\n  %0 = param 0 : ref\n  rbar %0 object 8 #0\n  %1 = load %0 "
                                      "object 8 #0 : ref\n  branch b1, b2\n"
                                      "b1:\n  jump b2\n"
                                      "b2:\n  %2 = phi [b0: %0], [b1: %1] : ref\n  ret %2\n}\n",
                                      stderr)};
    d.f = d.m->funcs[0];
    d.b0 = d.f->blocks[0];
    d.b1 = d.f->blocks[1];
    d.b2 = d.f->blocks[2];
    d.p = d.b0->first;
    d.load = d.p->next->next;
    d.phi = d.b2->first;
    assert_true(ir_verify(d.f, stderr));
    return d;
}

/* Verifies that the verifier complains with `what` in its message. */
static void expect(struct damaged d, const char *what)
{
    char *message;
    size_t n;
    FILE *err = open_memstream(&message, &n);
    bool good = ir_verify(d.f, err);
    fclose(err);
    if (good || !strstr(message, what))
        print_error("want: %s\ngot:  %s", what, message);
    assert_false(good);
    assert_non_null(strstr(message, what));
    assert_false(ir_verify(d.f, NULL));
    free(message);
    ir_module_free(d.m);
}

static void test_verifier(void **state)
{
    (void)state;
    struct damaged d;
    d = fine(), d.f->nblocks = 0, expect(d, "no blocks");
    d = fine(), d.b1->id = 2, expect(d, "is not block");
    d = fine(), d.b1->nsuccs = 0, expect(d, "jump with 0 successors");
    d = fine(), d.b0->succs[0] = d.b2, expect(d, "two edges");
    d = fine(), d.b1->succs[0] = d.b0, expect(d, "not among that block's predecessors");
    d = fine(), d.b2->npreds = 1, expect(d, "not among that block's predecessors");
    d = fine(), d.b1->preds[1] = d.b1, d.b1->npreds = 2, expect(d, "has no edge to it");
    d = fine(), d.b2->preds[0] = d.b1, d.b2->preds[1] = d.b0, expect(d, "not in order");
    d = fine(), d.load->prev = d.p, expect(d, "broken links");
    d = fine(), d.load->block = d.b1, expect(d, "broken links");
    d = fine(), d.load->id = 0, expect(d, "defined twice");
    d = fine(), d.load->id = 99, expect(d, "value %99");
    d = fine(), d.load->access = -1, expect(d, "access number");
    d = fine(), d.p->access = 0, expect(d, "access number");
    d = fine(), d.p->index = 1, expect(d, "param 1 of 1");
    d = fine(), d.p->flags = IRI_REMOVED, expect(d, "not a barrier");
    d = fine(), d.p->cls = 7, expect(d, "out of range");
    d = fine(), d.load->nargs = 0, expect(d, "load with 0 operands");
    d = fine(), d.load->args[0] = NULL, expect(d, "not a value");
    d = fine(), d.load->args[0] = d.load->prev, expect(d, "not a value");
    d = fine(), d.load->args[0] = d.load, expect(d, "does not dominate");
    d = fine(), d.phi->nargs = 1, expect(d, "1 operands for 2");
    d = fine(), d.phi->args[0] = d.phi, expect(d, "not defined on the edge");
    d = fine(), d.b2->last->nargs = 2, expect(d, "ret with 2");
    d = fine(), d.load->prev->access = 5, expect(d, "barrier for access 5");
    d = fine(), d.load->op = 99, expect(d, "operation 99");
}

/* A sub lies in an inner, too, but no pointer to a sub leads there; to those of a lent one does. */
static const char believed[] = "whole\n"
                               "record \"{sub}\" 16\n"
                               "member \"a\" \"i8\" 0 0 0 8\n"
                               "member \"c\" \"i8\" 8 8 0 8\n"
                               "record \"{inner}\" 24 object\n"
                               "member \"a\" \"i8\" 8 8 0 8\n"
                               "member \"c\" \"i8\" 16 16 0 8\n"
                               "record \"{lent}\" 40 object\n"
                               "member \"a\" \"i8\" 8 24 16 8\n"
                               "member \"c\" \"i8\" 16 32 16 8\n"
                               "view \"{lent}\" \"{sub}\" 8 24 16 part\n"
                               "func @f(2) -> int {\n"
                               "b0:\n"
                               "  %0 = param 0 : ref\n"
                               "  %1 = param 1 : ref\n"
                               "  store %0 object 8 +16 \"sub.c\" #0 in \"{inner}\" 16 16 0 8\n"
                               "  %2 = load %0 object 8 +16 \"sub.c\" #1 in \"{inner}\" 16 16 0 8 : int\n"
                               "  %3 = load %1 address 8 \"sub.c\" #2 in \"{sub}\" 8 8 0 8 : int\n"
                               "  %4 = load %1 address 8 \"sub.a\" #3 in \"{sub}\" 0 0 0 8 own : int\n"
                               "  ret\n"
                               "}\n";

static void test_believed(void **state)
{
    (void)state;
    static const struct ir_believed want[] = {{"sub.c", {"{sub}", 8, 8, 0, 8, false, false}},
                                              {"sub.a", {"{sub}", 0, 0, 0, 8, false, false}},
                                              {"sub.c", {"{lent}", 16, 32, 16, 8, false, false}}};
    struct pass_options only = {.only = "immutable"};
    for (unsigned tell = 0; tell < 2; tell++) {
        struct ir_module *m = ir_parse("believed", believed, stderr);
        assert_non_null(m);
        m->tell_believed = tell;
        passes_run(m, &only, NULL);
        assert_int_equal(m->nbelieved, tell ? 3 : 0);
        for (unsigned k = 0; k < m->nbelieved; k++) {
            const struct ir_believed *b = m->believed[k];
            assert_string_equal(b->name, want[k].name);
            assert_string_equal(b->at.view, want[k].at.view);
            assert_int_equal(b->at.lo, want[k].at.lo);
            assert_int_equal(b->at.hi, want[k].at.hi);
            assert_int_equal(b->at.step, want[k].at.step);
            assert_int_equal(b->at.size, want[k].at.size);
        }
        ir_module_free(m);
    }
}

#define FUNC(name, flags, params, ...) "func @" name "(" params ") -> ref " flags "{\nb0:\n" __VA_ARGS__ "}\n"
#define MADE(n, name) "  %" n " = call @" name "() nosafepoint noinev fresh : ref\n"

static const char makers[] = FUNC("own", "", "0",
                                  "  %0 = alloc \"T\" : ref\n  store %0 object 8 +8 \"T.x\" #0\n  ret %0\n")
    FUNC("wraps", "", "0",
         MADE("0", "own") MADE("1", "library") "  store %0 object 8 +8 \"T.x\" #0\n  ret %0\n")
        FUNC("again", "", "0", MADE("0", "again") "  ret %0\n") FUNC(
            "shows", "", "1",
            "  %0 = param 0 : ref\n" MADE("1", "own") "  store %0 object 8 +8 \"T.x\" #0\n  ret %1\n")
            FUNC("passes", "", "0", MADE("0", "own") "  %1 = call @other(%0) : int\n  ret %0\n") FUNC(
                "by_pointer", "", "1",
                "  %0 = param 0 : any\n" MADE("1", "own") "  %2 = icall %0(%1) : int\n  ret %1\n")
                FUNC("wraps_one", "", "0",
                     MADE("0", "shows") "  ret %0\n") FUNC("twice", "", "0", MADE("0", "own") "  ret %0\n")
                    FUNC("twice", "", "0", MADE("0", "own") "  ret %0\n") FUNC("weak", "replaceable ", "0",
                                                                               MADE("0", "own") "  ret %0\n")
                        FUNC("wraps_weak", "", "0", MADE("0", "weak") "  ret %0\n")
                            FUNC("at_times", "", "0", MADE("0", "own") "  ret %0\n") FUNC(
                                "all", "", "0",
                                MADE("0", "own")
                                    MADE("1", "wraps") MADE("2", "again") MADE("3", "shows") MADE(
                                        "4", "passes") MADE("5", "by_pointer")
                                        MADE("6", "wraps_one") MADE("7", "twice") MADE("8", "weak") MADE(
                                            "9", "wraps_weak")
                                            MADE("10", "at_times") "  %11 = call @at_times() : ref\n" MADE(
                                                "12", "library") "  ret %0\n");

static void test_makers(void **state)
{
    (void)state;
    static const char *const keep_none[] = {"own", "wraps", "library"};
    static const char *const others[] = {"again", "shows", "passes",     "by_pointer", "wraps_one", "twice",
                                         "weak",  "other", "wraps_weak", "at_times",   "uncalled"};
    struct ir_module *m = ir_parse("makers", makers, stderr);
    assert_non_null(m);
    for (unsigned round = 0; round < 2; round++) { /* asked in another order */
        struct makers *x = makers_new(m);
        for (unsigned k = 0; k < sizeof others / sizeof *others; k++) {
            unsigned at = round ? (unsigned)(sizeof others / sizeof *others) - 1 - k : k;
            if (makers_keep_none(x, others[at]))
                fail_msg("%s", others[at]);
        }
        for (unsigned k = 0; k < sizeof keep_none / sizeof *keep_none; k++)
            if (!makers_keep_none(x, keep_none[k]))
                fail_msg("%s", keep_none[k]);
        makers_free(x);
    }
    ir_module_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dominators), cmocka_unit_test(test_rpo),      cmocka_unit_test(test_solver),
        cmocka_unit_test(test_verifier),   cmocka_unit_test(test_believed), cmocka_unit_test(test_makers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
