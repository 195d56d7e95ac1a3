/* golden.c - before and after: each file of ir/ holds an idea, input, options and expectation.
 *
 *   ; prose
 *   ; run: place,available      passes to run ("all": the whole table; "none": parse and print only)
 *   func @f(1) -> ref { ... }   input
 *   ; expect:                   or "; expect-error:"
 *   func @f(1) -> ref { ... }   exactly what ir_print prints after (or the parser's message, for input named
 *                               "t")
 *
 * UNGIL_UPDATE=1 in the environment rewrites the expectations; look at the difference before you commit it.
 */
#include "ir.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char *s = calloc(1, 1 << 20);
    size_t n = fread(s, 1, (1 << 20) - 1, in);
    assert_true(n > 0 && n < (1 << 20) - 1);
    fclose(in);
    return s;
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

/* What comes of text: the printed module, or the message. */
static char *result_of(const char *text, const char *run, bool *failed)
{
    char *message;
    size_t n;
    FILE *err = open_memstream(&message, &n);
    struct ir_module *m = ir_parse("t", text, err);
    fclose(err);
    *failed = !m;
    if (!m)
        return message;
    free(message);
    /* printing and parsing again changes nothing */
    char *once = print(m);
    struct ir_module *again = ir_parse("again", once, stderr);
    assert_non_null(again);
    char *twice = print(again);
    assert_string_equal(once, twice);
    free(once);
    free(twice);
    ir_module_free(again);
    struct pass_options o = {.verify = true, .only = strcmp(run, "all") ? run : NULL};
    passes_run(m, &o, NULL);
    char *s = print(m);
    ir_module_free(m);
    return s;
}

static void show_difference(const char *path, const char *want, const char *got)
{
    unsigned line = 1;
    const char *w = want, *g = got;
    while (*w && *w == *g) {
        if (*w == '\n') {
            line++;
            want = w + 1;
            got = g + 1;
        }
        w++, g++;
    }
    print_error("%s: line %u of the expectation\n  want: %.*s\n  got:  %.*s\n", path, line,
                (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"), got);
}

static bool run_file(const char *path)
{
    char *text = read_file(path), run[256] = "";
    const char *r = strstr(text, "; run: ");
    char *e = strstr(text, "\n; expect");
    if (!r || sscanf(r, "; run: %255s", run) != 1 || !e) {
        print_error("%s: no \"; run:\" or \"; expect:\"\n", path);
        free(text);
        return false;
    }
    *e++ = '\0';
    size_t head = strcspn(e, "\n");
    bool want_error = !strncmp(e, "; expect-error:", head), failed;
    const char *want = e + head + (e[head] == '\n');
    char *got = result_of(text, run, &failed);
    bool same = !strcmp(want, got) && failed == want_error;
    if (!same && getenv("UNGIL_UPDATE")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        fprintf(out, "%s\n; expect%s:\n%s", text, failed ? "-error" : "", got);
        fclose(out);
    } else if (!same) {
        show_difference(path, want, got);
    }
    free(got);
    free(text);
    return same;
}

static void test_golden(void **state)
{
    (void)state;
    glob_t g;
    unsigned failed = 0;
    assert_int_equal(glob(TEST_DIR "/ir/*.ir", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        failed += !run_file(g.gl_pathv[i]);
    assert_true(g.gl_pathc >= 40);
    globfree(&g);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
