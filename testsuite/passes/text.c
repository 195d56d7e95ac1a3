/* text.c - the parser against garbage: mutations of good texts must end in a module that round-trips, or in
 * one located error. */
#include "ir.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t rng = 1;
static unsigned rnd(unsigned n)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(rng >> 33) % n;
}

static char *print(const struct ir_module *m)
{
    char *s;
    size_t n;
    FILE *out = open_memstream(&s, &n);
    ir_print(out, m);
    fclose(out);
    return s;
}

/* Parses text; checks the round trip or the form of the message.  True if it parsed. */
static bool try_text(const char *text)
{
    char *message;
    size_t n;
    FILE *err = open_memstream(&message, &n);
    struct ir_module *m = ir_parse("t", text, err);
    fclose(err);
    if (!m) {
        unsigned line, col;
        int used = 0;
        assert_int_equal(sscanf(message, "t:%u:%u: error: %n", &line, &col, &used), 2);
        assert_true(used > 0 && line > 0 && col > 0);
        assert_true(n > 2 && !strcmp(message + n - 2, "^\n")); /* the caret line, and nothing after it */
        free(message);
        return false;
    }
    assert_int_equal(n, 0);
    free(message);
    char *once = print(m);
    struct ir_module *again = ir_parse("t2", once, stderr);
    assert_non_null(again);
    char *twice = print(again);
    assert_string_equal(once, twice);
    struct pass_options o = {.verify = true};
    passes_run(again, &o, NULL); /* whatever parses can be compiled */
    free(once);
    free(twice);
    ir_module_free(m);
    ir_module_free(again);
    return true;
}

/* The golden files: input and expectation at once; comments are part of the game. */
static char *corpus[256];
static unsigned ncorpus;

static int load_corpus(void **state)
{
    (void)state;
    glob_t g;
    if (glob(TEST_DIR "/ir/*.ir", 0, NULL, &g))
        return -1;
    for (size_t i = 0; i < g.gl_pathc && ncorpus < 256; i++) {
        FILE *in = fopen(g.gl_pathv[i], "r");
        char *s = calloc(1, 65536);
        if (in && fread(s, 1, 65535, in) > 0)
            corpus[ncorpus++] = s;
        else
            free(s);
        if (in)
            fclose(in);
    }
    globfree(&g);
    return ncorpus ? 0 : -1;
}

static int free_corpus(void **state)
{
    (void)state;
    while (ncorpus)
        free(corpus[--ncorpus]);
    return 0;
}

static void mutate(char *s, size_t cap)
{
    static const char bits[] = "%#@!:;[](){},=->b0123456789 \n\"\\xphistoreload\x01\xff";
    size_t n = strlen(s);
    for (unsigned k = 1 + rnd(3); k > 0 && n > 4; k--, n = strlen(s)) {
        size_t at = rnd((unsigned)n), len = 1 + rnd(8);
        if (at + len > n)
            len = n - at;
        switch (rnd(6)) {
        case 0:
            s[at] = bits[rnd(sizeof bits - 1)];
            break;
        case 1:
            memmove(s + at, s + at + len, n - at - len + 1);
            break;
        case 2: /* double a stretch */
            if (n + len + 1 < cap)
                memmove(s + at + len, s + at, n - at + 1);
            break;
        case 3: { /* exchange two characters */
            size_t b = rnd((unsigned)n);
            char c = s[at];
            s[at] = s[b];
            s[b] = c;
            break;
        }
        case 4: { /* double or drop a line */
            char *bol = s + at, *eol;
            while (bol > s && bol[-1] != '\n')
                bol--;
            eol = bol + strcspn(bol, "\n");
            size_t line = (size_t)(eol - bol) + (*eol == '\n');
            if (rnd(2))
                memmove(bol, bol + line, strlen(bol + line) + 1);
            else if (n + line + 1 < cap)
                memmove(bol + line, bol, strlen(bol) + 1);
            break;
        }
        case 5: /* another digit */
            while (s[at] && (s[at] < '0' || s[at] > '9'))
                at++;
            if (s[at])
                s[at] = (char)('0' + rnd(10));
            break;
        }
    }
}

static void test_mutations(void **state)
{
    (void)state;
    static char s[131072];
    unsigned good = 0, bad = 0;
    for (unsigned k = 0; k < 30000; k++) {
        strcpy(s, corpus[rnd(ncorpus)]);
        char *expect = strstr(s, "\n; expect");
        if (expect)
            *expect = '\0';
        mutate(s, sizeof s);
        if (try_text(s))
            good++;
        else
            bad++;
    }
    assert_true(good > 1000 && bad > 1000);
}

static void test_truncations(void **state)
{
    (void)state;
    for (unsigned k = 0; k < ncorpus; k++) {
        char *copy = strdup(corpus[k]);
        for (size_t n = strlen(copy); n-- > 0;) {
            copy[n] = '\0';
            if (n % 3 == 0)
                try_text(copy);
        }
        free(copy);
    }
}

static void test_noise(void **state)
{
    (void)state;
    char s[200];
    for (unsigned k = 0; k < 20000; k++) {
        unsigned n = rnd(199);
        for (unsigned i = 0; i < n; i++)
            s[i] = (char)(1 + rnd(255));
        s[n] = '\0';
        try_text(s);
    }
    assert_true(try_text(""));
    assert_true(try_text("\n ; nothing\n\n"));
    assert_true(try_text("; only a comment"));
}

static void test_big_numbers(void **state)
{
    (void)state;
    assert_false(try_text("func @f(0) -> int {\nb0:\n  %4194304 = null : ref\n  ret\n}\n"));
    assert_true(try_text("func @f(0) -> int {\nb0:\n  %4194303 = null : ref\n  ret\n}\n"));
    assert_true(try_text("func @f(2147483647) -> int {\nb0:\n  ret\n}\n"));
    assert_false(try_text("func @f(2147483648) -> int {\nb0:\n  ret\n}\n"));
    assert_true(try_text("func @f(0) -> int {\nb0:\n  %0 = null : any\n  store %0 address 4294967295 "
                         "#2147483647  !\"\":4294967295:0\n  ret\n}\n"));
    assert_false(try_text(
        "func @f(0) -> int {\nb0:\n  %0 = null : any\n  store %0 address 4294967296 #0\n  ret\n}\n"));
    assert_false(try_text("func @f(0) -> int {\nb0:\n  %01 = null : any\n  ret\n}\n"));
}

static void test_message(void **state)
{
    (void)state;
    char *message;
    size_t n;
    FILE *err = open_memstream(&message, &n);
    assert_null(ir_parse("dir/f.ir", "func @f(0) -> int {\nb0:\n\t%0 = copy %9 : ref\n  ret\n}\n", err));
    fclose(err);
    assert_string_equal(
        message,
        "dir/f.ir:3:12: error: %9 is not defined in this function\n\t%0 = copy %9 : ref\n\t          ^\n");
    free(message);
    assert_null(ir_parse("f", "func", NULL)); /* no stream, no message */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutations),   cmocka_unit_test(test_truncations), cmocka_unit_test(test_noise),
        cmocka_unit_test(test_big_numbers), cmocka_unit_test(test_message),
    };
    return cmocka_run_group_tests(tests, load_corpus, free_corpus);
}
