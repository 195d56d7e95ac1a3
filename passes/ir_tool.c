/* ir_tool.c - ungil-ir: runs passes over text IR, for tests and for trying things out.
 *
 * Exit status: 0 done, 1 the input is wrong, 2 the command line is wrong.
 */
#include "priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef UNGIL_VERSION
#define UNGIL_VERSION "0.1"
#endif

enum { EXIT_INPUT = 1, EXIT_USAGE = 2 };

static void help(FILE *out)
{
    fputs("usage: ungil-ir [options] [FILE]\n"
          "Reads the text form of the IR (doc/ir.md) from FILE or standard input, runs passes, prints the "
          "IR.\n\n"
          "  -p LIST      run these passes only, comma-separated; \"none\": none (default: all)\n"
          "  -d LETTERS   print the IR to standard error after these passes; '*': after each\n"
          "  --verify     check the invariants after each pass\n"
          "  --stats      print a table of counts to standard error\n"
          "  --help, --version\n\n"
          "passes, in order:\n",
          out);
    for (unsigned i = 0; i < pass_count; i++)
        fprintf(out, "  %c  %-10s %s\n", pass_table[i].letter, pass_table[i].name, pass_table[i].what);
}

static int usage(const char *what, const char *arg)
{
    fprintf(stderr, "ungil-ir: %s%s%s; see ungil-ir --help\n", what, arg ? ": " : "", arg ? arg : "");
    return EXIT_USAGE;
}

/* All of in, as a string; null on a read error. */
static char *read_all(FILE *in)
{
    size_t n = 0, cap = 4096;
    char *s = ir_xcalloc(cap, 1);
    for (;;) {
        n += fread(s + n, 1, cap - n - 1, in);
        if (n < cap - 1)
            break;
        s = ir_xrealloc(s, cap *= 2);
    }
    s[n] = '\0';
    if (!ferror(in))
        return s;
    free(s);
    return NULL;
}

static void print_stats(const struct pass_stats *s)
{
    fprintf(stderr, "%-12s %9s %9s %9s %9s\n", "pass", "changes", "read", "write", "ms");
    fprintf(stderr, "%-12s %9s %9lu %9lu\n", "(accesses)", "", s->accesses.read, s->accesses.write);
    for (unsigned i = 0; i < s->npasses; i++)
        fprintf(stderr, "%-12s %9lu %9lu %9lu %9.2f\n", s->passes[i].name, s->passes[i].changes,
                s->passes[i].left.read, s->passes[i].left.write, s->passes[i].seconds * 1e3);
}

static int run(const char *path, const struct pass_options *o, bool stats)
{
    FILE *in = path ? fopen(path, "r") : stdin;
    if (!in) {
        fprintf(stderr, "ungil-ir: %s: %s\n", path, strerror(errno));
        return EXIT_INPUT;
    }
    char *text = read_all(in);
    if (path)
        fclose(in);
    if (!text) {
        fprintf(stderr, "ungil-ir: %s: %s\n", path ? path : "standard input", strerror(errno));
        return EXIT_INPUT;
    }
    struct ir_module *m = ir_parse(path ? path : "<stdin>", text, stderr);
    free(text);
    if (!m)
        return EXIT_INPUT;
    struct pass_stats s;
    passes_run(m, o, &s);
    ir_print(stdout, m);
    if (stats)
        print_stats(&s);
    free(s.passes);
    ir_module_free(m);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "ungil-ir: standard output: %s\n", strerror(errno));
        return EXIT_INPUT;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct pass_options o = {.dump_out = stderr};
    const char *path = NULL;
    bool stats = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--help")) {
            help(stdout);
            return EXIT_SUCCESS;
        }
        if (!strcmp(a, "--version")) {
            puts("ungil-ir " UNGIL_VERSION);
            return EXIT_SUCCESS;
        }
        if (!strcmp(a, "--verify"))
            o.verify = true;
        else if (!strcmp(a, "--stats"))
            stats = true;
        else if ((!strcmp(a, "-p") || !strcmp(a, "-d")) && i + 1 == argc)
            return usage("missing argument", a);
        else if (!strcmp(a, "-p"))
            o.only = argv[++i];
        else if (!strcmp(a, "-d"))
            o.dump = argv[++i];
        else if (*a == '-' && a[1])
            return usage("unknown option", a);
        else if (path)
            return usage("more than one file", a);
        else
            path = a;
    }
    if (o.only && strcmp(o.only, "none") && passes_unknown(o.only))
        return usage("unknown pass", passes_unknown(o.only));
    return run(path && strcmp(path, "-") ? path : NULL, &o, stats);
}
