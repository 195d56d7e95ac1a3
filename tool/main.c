/* main.c - the command line of `ungil`.
 *
 * Exit status: 0 done; 1 the input is at fault, and diagnostics say where; 2 the command line is, or a file
 * or a program is missing: one line says so.  Output goes to a temporary beside the target and is renamed at
 * the end, so there is never half a file. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/externals.h"
#include "analysis/globals.h"
#include "ast/dump.h"
#include "base/util.h"
#include "conflicts/conflicts.h"
#include "emit/emit.h"
#include "lower/lower.h"
#include "outcome/clones.h"
#include "outcome/history.h"
#include "parse/parse.h"
#include "report/explain.h"
#include "report/stats.h"
#include "source/diag.h"
#include "source/source.h"
#include "whole/wholeprog.h"

static const char usage[] =
    "usage: ungil COMMAND [OPTIONS] FILE.c [-- COMPILER-OPTIONS]\n"
    "\n"
    "commands\n"
    "  translate   write the instrumented C (-o FILE, default FILE.stm.c; - is standard output)\n"
    "  check       diagnostics only\n"
    "  explain     the source with each access's barrier: why it stayed, or which pass removed it\n"
    "  summarize   write what whole-program mode must know of the file (-o FILE, default FILE.sum)\n"
    "  link        join summaries: ungil link FILE.sum... -o prog.facts\n"
    "  conflicts   what aborts, inevitable transactions and waits cost a run: ungil conflicts FILE, made by "
    "STM_LOG=FILE\n"
    "  verify      prove of what ungil-cc --verify built that no barrier is missing: ungil verify --help\n"
    "  ir          print the intermediate representation after the passes (-d: after each)\n"
    "  ast         print the syntax tree as ungil sees it\n"
    "\n"
    "options\n"
    "  -o, --output FILE      where to write\n"
    "      --stats[=json]     print accesses and barriers, by kind and pass, to standard output;\n"
    "                         without -o nothing is written\n"
    "      --count            translate for the counting build (ungil-cc --count; doc/measuring.md)\n"
    "      --check            translate, link: for the checking build (ungil-cc --check; doc/measuring.md)\n"
    "      --claims           translate for ungil verify (ungil-cc --verify; doc/verify.md)\n"
    "  -Rstm                  a remark for each barrier that stays and each cause of inevitability\n"
    "      --json             explain: JSON instead of text\n"
    "      --html FILE        explain: a page, to FILE\n"
    "      --counts FILE      explain: with the counts that a counting build wrote (STM_COUNT=FILE)\n"
    "      --checked-stores   before a store of an integer or a pointer look whether it changes anything: "
    "reads instead of writes\n"
    "                         where it does not (STM_CHECKED_STORE on a field does this for one)\n"
    "      --preprocessed     the input is the output of clang -E -dD -fkeep-system-includes\n"
    "      --main-file FILE   with --preprocessed: the file's name in messages\n"
    "      --for-gcc              gcc will compile the result: macros in #pragma pack mean nothing to it\n"
    "      --externals FILE   a further table of functions outside translated code\n"
    "      --facts FILE       translate with what ungil link found out about the whole program\n"
    "      --open             link: code that is not translated may call the program's functions by name, or "
    "write its objects\n"
    "      --replaced NAME        link: the linker is told to bind the symbol otherwise (--wrap, --defsym)\n"
    "      --entered NAME         link: a library calls the function by its name\n"
    "      --without LIST     leave out these passes, of those that ungil-ir --help lists, comma-separated: "
    "to see what one does\n"
    "  -d, --dump LETTERS     print the IR to standard error after the passes with these letters ('*': all)\n"
    "      --verify           check the IR after each pass\n"
    "  -h, --help             this text\n"
    "      --version          the version\n"
    "\n"
    "environment\n"
    "  UNGIL_CLANG            the preprocessor (default clang-19)\n"
    "\n"
    "exit status: 0 done, 1 errors in the input, 2 usage or a missing file or program\n"
    "To compile and link in one step use ungil-cc.\n";

struct options {
    const char *command, *input, *output, *main_file, *externals, *dump, *without;
    bool preprocessed, stats, json, verify, count, check, claims, remarks, checked_stores;
    const char *html, *counts, *facts;
    bool for_gcc;
    struct link_options link;
    struct names replaced, entered;
    const char *const *inputs;
    unsigned ninputs; /* link */
    const char *const *cflags;
    unsigned ncflags;
};

static int fail(const char *fmt, const char *what)
{
    fputs("ungil: error: ", stderr);
    fprintf(stderr, fmt, what);
    fputc('\n', stderr);
    return 2;
}

static char path[PATH_MAX + 64]; /* of beside() or resource(), until the next call */

/* The file of this name, counted from the directory that we are in. */
static char *beside(const char *name)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = 0;
    char *slash = strrchr(exe, '/');
    snprintf(path, sizeof path, "%.*s/%s", (int)(slash ? slash - exe : 1), slash ? exe : ".", name);
    return path;
}

static char *resource(const char *name)
{
    char installed[PATH_MAX];
    snprintf(installed, sizeof installed, "../share/ungil/%s", name);
    if (access(beside(installed), R_OK))
        snprintf(path, sizeof path, "%s/%s", UNGIL_SOURCE_DATA, name);
    return path;
}

static char *read_file(const char *name, size_t *n)
{
    FILE *f = fopen(name, "rb");
    struct stat st;
    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) || S_ISDIR(st.st_mode)) {
        fclose(f);
        errno = EISDIR;
        return NULL;
    }
    size_t cap = (size_t)st.st_size + 4096;
    char *p = xrealloc(NULL, cap);
    *n = 0;
    for (size_t k; (k = fread(p + *n, 1, cap - *n - 1, f)) > 0;) {
        *n += k;
        if (*n + 1 >= cap)
            p = xrealloc(p, cap *= 2);
    }
    fclose(f);
    p[*n] = 0;
    return p;
}

static int write_file(const char *name, const struct str *s)
{
    if (!strcmp(name, "-"))
        return fwrite(s->s, 1, s->n, stdout) == s->n && !fflush(stdout)
                   ? 0
                   : fail("cannot write: %s", strerror(errno));
    struct stat st;
    if (!stat(name, &st) && !S_ISREG(st.st_mode)) { /* a device, a pipe: cannot be replaced */
        FILE *f = fopen(name, "wb");
        bool ok = f && fwrite(s->s, 1, s->n, f) == s->n;
        ok = f && !fclose(f) && ok;
        return ok ? 0 : fail("cannot write %s", name);
    }
    char *tmp = xrealloc(NULL, strlen(name) + 32);
    sprintf(tmp, "%s.tmp%ld", name, (long)getpid());
    FILE *f = fopen(tmp, "wb");
    bool ok = f && fwrite(s->s, 1, s->n, f) == s->n;
    if (f)
        ok = !fclose(f) && ok;
    ok = ok && !rename(tmp, name);
    if (!ok) {
        int e = errno;
        unlink(tmp);
        fprintf(stderr, "ungil: error: cannot write %s: %s\n", name, strerror(e));
    }
    free(tmp);
    return ok ? 0 : 2;
}

static int load_source(struct unit *u, const struct options *o)
{
    size_t n;
    u->src.for_gcc = o->for_gcc;
    if (!o->preprocessed) {
        if (access(o->input, R_OK)) {
            fprintf(stderr, "ungil: error: cannot read %s: %s\n", o->input, strerror(errno));
            return 2;
        }
        char *dir = arena_printf(&u->arena, "-I%s", resource("include"));
        const char **args = xrealloc(NULL, (o->ncflags + 1) * sizeof *args);
        for (unsigned i = 0; i < o->ncflags; i++)
            args[i] = o->cflags[i];
        args[o->ncflags] = dir;
        int rc = source_preprocess(&u->src, o->input, args, o->ncflags + 1);
        free(args);
        return rc;
    }
    char *raw = read_file(o->input, &n);
    if (!raw) {
        fprintf(stderr, "ungil: error: cannot read %s: %s\n", o->input, strerror(errno));
        return 2;
    }
    source_clean(&u->src, o->main_file ? o->main_file : o->input, raw, n);
    return 0;
}

/* Of the user's options, those that libclang's parse of preprocessed text needs: no -o, -c, inputs; of -D
 * only reserved names, unless ungil-cc preprocessed, which passes those that are needed. */
static const char **parse_flags(const struct options *o, unsigned *n)
{
    const char **v = xrealloc(NULL, (o->ncflags + 1) * sizeof *v);
    *n = 0;
    for (unsigned i = 0; i < o->ncflags; i++) {
        const char *a = o->cflags[i];
        if (!strcmp(a, "-o") || !strcmp(a, "-include") || !strcmp(a, "-imacros")) {
            i++;
            continue;
        }
        if (!strcmp(a, "-D") || !strcmp(a, "-U")) {
            if (i + 1 < o->ncflags && (o->preprocessed || o->cflags[i + 1][0] == '_')) {
                v[(*n)++] = a;
                v[(*n)++] = o->cflags[i + 1];
            }
            i++;
            continue;
        }
        if (!o->preprocessed && (!strncmp(a, "-D", 2) || !strncmp(a, "-U", 2)) && a[2] != '_')
            continue;
        if (!strcmp(a, "-c") || !strncmp(a, "-W", 2) || !strncmp(a, "-o", 2))
            continue;
        v[(*n)++] = a;
    }
    return v;
}

/* Directories of -isystem are taken for the program's, or those of some library, unless they are among the
 * system's own. */
static void project_dir(struct unit *u, const char *dir)
{
    static const char *const own[] = {"/usr/include", "/usr/local/include", "/usr/lib/gcc",
                                      UNGIL_RESOURCE_DIR};
    char *real = realpath(dir, NULL);
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    bool system = false;
    for (unsigned i = 0; real && i < sizeof own / sizeof *own; i++)
        system |= !strncmp(real, own[i], strlen(own[i])) && strchr("/", real[strlen(own[i])]);
    if (!system)
        ptr_push(&u->project_dirs.v, &u->project_dirs.n, &u->project_dirs.cap, arena_strn(&u->arena, dir, n));
    free(real);
}

static void project_dirs(struct unit *u, const struct options *o)
{
    static const char *const words[] = {"-isystem", "-idirafter"};
    for (unsigned i = 0; i < o->ncflags; i++)
        for (unsigned k = 0; k < sizeof words / sizeof *words; k++) {
            size_t n = strlen(words[k]);
            if (strncmp(o->cflags[i], words[k], n))
                continue;
            if (o->cflags[i][n])
                project_dir(u, o->cflags[i] + n);
            else if (i + 1 < o->ncflags)
                project_dir(u, o->cflags[i + 1]);
        }
    char *path = getenv("C_INCLUDE_PATH"), *save;
    path = path ? arena_strn(&u->arena, path, strlen(path)) : NULL;
    for (char *dir = path ? strtok_r(path, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save))
        project_dir(u, dir);
}

/* What the options say of linking (parse/linkage.c). */
static void linkage_flags(struct unit *u, const struct options *o)
{
    bool pic = false, hidden = false, fixed = false;
    for (unsigned i = 0; i < o->ncflags; i++) {
        const char *a = o->cflags[i], *std = !strncmp(a, "-std=", 5)    ? a + 5
                                             : !strncmp(a, "--std=", 6) ? a + 6
                                                                        : "";
        if (!strcmp(a, "-fPIC") || !strcmp(a, "-fpic"))
            pic = true;
        else if (!strncmp(a, "-fno-pi", 7) || !strncmp(a, "-fno-PI", 7) || !strcmp(a, "-fPIE") ||
                 !strcmp(a, "-fpie"))
            pic = false;
        else if (!strncmp(a, "-fvisibility=", 13))
            hidden = strcmp(a + 13, "default") != 0;
        else if (!strcmp(a, "-fno-semantic-interposition"))
            fixed = true;
        else if (!strcmp(a, "-fsemantic-interposition"))
            fixed = false;
        else if (!strcmp(a, "-fgnu89-inline") || !strcmp(a, "-ansi") || strstr(std, "89") ||
                 strstr(std, "90") || strstr(std, "199409"))
            u->gnu89_inline = true;
        else if (!strcmp(a, "-fno-gnu89-inline") || *std)
            u->gnu89_inline = false;
    }
    u->interposable = pic && !hidden && !fixed;
}

static int output(struct unit *u, const struct options *o, struct pass_stats *stats)
{
    int rc = 0;
    bool want_text = !strcmp(o->command, "translate") && (!o->stats || o->output);
    if (!strcmp(o->command, "ir"))
        ir_print(stdout, u->ir);
    enum barrier_kind *decisions = passes_decisions(u->ir, u->naccesses);
    struct str text = {0};
    ir_mutate(u->ir, IR_PLACED, decisions);
    emit(u, decisions, &text);
    ir_mutant_end(u->ir);
    free(decisions);
    if (diag_errors) {
        rc = 1;
    } else if (want_text) {
        const char *name = o->output;
        if (!name) {
            size_t n = strlen(o->input);
            bool c = n > 2 && !strcmp(o->input + n - 2, ".c");
            name = arena_printf(&u->arena, "%.*s.stm.c", (int)(c ? n - 2 : n), o->input);
        }
        rc = write_file(name, &text);
    }
    str_free(&text);
    if (!rc && o->stats) {
        unsigned lines, annotated;
        const char *file = o->main_file ? o->main_file : o->input;
        stats_count_lines(file, &lines, &annotated);
        (o->json ? stats_json : stats_text)(stdout, file, lines, annotated, stats);
    }
    return rc;
}

/* `ungil explain`, and remarks. */
static int explain_output(struct unit *u, const struct options *o)
{
    struct explanation e;
    bool command = !strcmp(o->command, "explain");
    int rc = explain(u, o->counts, &e) ? 0 : 2;
    if (!rc && o->remarks)
        explain_remarks(stderr, &e);
    if (!rc && o->html) {
        struct str page = {0};
        explain_html(&page, &e);
        rc = write_file(o->html, &page);
        str_free(&page);
    }
    if (!rc && command && (!o->html || o->json || o->output)) {
        struct str text = {0};
        FILE *f = open_memstream(&text.s, &text.n);
        if (!f)
            return fail("%s", strerror(errno));
        (o->json ? explain_json : explain_text)(f, &e);
        fclose(f);
        rc = write_file(o->output ? o->output : "-", &text);
        free(text.s);
    }
    explanation_free(&e);
    return rc;
}

static int summarize(struct unit *u, const struct options *o)
{
    struct str text = {0};
    const char *dot = strrchr(o->input, '.');
    wholeprog_summary(u, &text);
    int rc =
        write_file(o->output ? o->output
                             : arena_printf(&u->arena, "%.*s.sum",
                                            dot ? (int)(dot - o->input) : (int)strlen(o->input), o->input),
                   &text);
    str_free(&text);
    return rc;
}

static char *read_input(const char *name, size_t *n)
{
    char *text = read_file(name, n);
    if (!text)
        fprintf(stderr, "ungil: error: cannot read %s: %s\n", name, strerror(errno));
    return text;
}

static int apply_facts(struct unit *u, const struct options *o)
{
    size_t n;
    char *text = read_input(o->facts, &n);
    int rc = text ? wholeprog_apply(u, text, o->facts) : 2;
    free(text);
    return rc;
}

static int link_summaries(const struct options *o)
{
    char **texts = xrealloc(NULL, o->ninputs * sizeof *texts);
    size_t *sizes = xrealloc(NULL, o->ninputs * sizeof *sizes);
    struct str out = {0};
    int rc = 0;
    unsigned n = 0;
    for (; n < o->ninputs && !rc; n++)
        rc = (texts[n] = read_input(o->inputs[n], &sizes[n])) ? 0 : 2;
    struct link_options with = o->link;
    with.mutant = getenv("UNGIL_MUTATE_LINK");
    if (!rc)
        rc = wholeprog_link(texts, sizes, o->inputs, n, &with, &out);
    if (!rc)
        rc = write_file(o->output ? o->output : "prog.facts", &out);
    for (unsigned k = 0; k < n; k++)
        free(texts[k]);
    free(texts);
    free(sizes);
    str_free(&out);
    return rc;
}

static void report_immutable(const struct ir_inst *i, void *ctx)
{
    bool error = ctx;
    fprintf(
        stderr,
        "%s:%u:%u: %s: '%s' is STM_IMMUTABLE, and this store is not known to be to an object allocated in "
        "the same transaction: keep that in a local variable until it is complete; make what returns it in "
        "another file STM_ALLOC_FN, or static inline\n",
        i->loc.file ? i->loc.file : "", i->loc.line, i->loc.col, error ? "error" : "warning",
        i->sym ? i->sym : "");
    diag_errors += error;
}

static void report_broken(const struct ir_func *f, const struct ir_inst *end, void *ctx)
{
    (void)ctx;
    const char *file = end->loc.file ? end->loc.file : "";
    fprintf(stderr, "%s:%u:%u: error: '%s' is %s, but here the transaction may end%s%s\n", file,
            end->loc.line, end->loc.col, f->name, f->promise, end->op == IR_CALL ? ", in " : "",
            end->op == IR_CALL ? end->sym : "");
    fprintf(stderr, "%s:%u:%u: note: take %s away: callers rely on it\n", file, end->loc.line, end->loc.col,
            f->promise);
    diag_errors++;
}

static int run(const struct options *o)
{
    struct unit u = {0};
    if (!externals_load(resource("externals.txt")) || (o->externals && !externals_load(o->externals)))
        return 2;
    int rc = load_source(&u, o);
    if (rc)
        goto done;
    unsigned n;
    const char **flags = parse_flags(o, &n);
    linkage_flags(&u, o);
    project_dirs(&u, o);
    rc = ast_parse(&u, flags, n);
    free(flags);
    if (rc)
        goto done;
    if (!strcmp(o->command, "ast")) {
        ast_dump(stdout, &u);
        goto done;
    }
    classify_globals(&u);
    u.checked_stores = o->checked_stores;
    u.mutant = getenv("UNGIL_MUTATE");
    lower(&u);
    if (diag_errors) {
        rc = 1;
        goto done;
    }
    if (!strcmp(o->command, "summarize")) {
        rc = summarize(&u, o);
        goto done;
    }
    bool history = o->count || o->remarks || !strcmp(o->command, "explain");
    if (history)
        history_start(&u);
    if (o->facts && (rc = apply_facts(&u, o)))
        goto done;
    struct pass_options po = {
        .verify = o->verify, .dump = o->dump, .dump_out = stderr, .without = o->without};
    struct pass_stats stats = {0};
    if (history)
        history_run(&u, &po, &stats);
    else
        passes_run(u.ir, &po, &stats);
    if (passes_broken_promises(u.ir, report_broken, NULL)) {
        rc = 1;
        free(stats.passes);
        goto done;
    }
    clones_adopt(&u);
    passes_immutable_stores(u.ir, report_immutable, o->facts ? u.ir : NULL);
    u.count = o->count;
    u.check = o->check;
    u.claims = o->claims;
    rc = output(&u, o, &stats);
    if (!rc && u.history && (o->remarks || !strcmp(o->command, "explain")))
        rc = explain_output(&u, o);
    free(stats.passes);
done:
    if (diag_errors)
        fprintf(stderr, "%u error%s generated.\n", diag_errors, diag_errors == 1 ? "" : "s");
    ast_free(&u);
    if (u.ir)
        ir_module_free(u.ir);
    history_free(u.history);
    clones_free(&u);
    source_free(&u.src);
    free(u.access_nodes);
    free(u.funcs);
    free(u.globals);
    arena_free(&u.arena);
    return rc;
}

/* The argument that getopt has not understood: one of several letters it has not left yet. */
static const char *wrong_option(char *const *argv)
{
    const char *left = argv[optind - 1];
    return !optopt || (left[0] == '-' && left[1] == optopt && !left[2]) ? left : argv[optind];
}

static int parse_options(int argc, char **argv, struct options *o)
{
    enum {
        STATS = 256,
        PREPROCESSED,
        MAIN_FILE,
        EXTERNALS,
        VERIFY,
        VERSION,
        FACTS,
        OPEN,
        FOR_GCC,
        REPLACED,
        ENTERED,
        COUNT,
        CHECK,
        CLAIMS,
        CHECKED_STORES,
        JSON,
        HTML,
        COUNTS,
        WITHOUT
    };
    static const struct option longs[] = {{"output", required_argument, NULL, 'o'},
                                          {"stats", optional_argument, NULL, STATS},
                                          {"preprocessed", no_argument, NULL, PREPROCESSED},
                                          {"main-file", required_argument, NULL, MAIN_FILE},
                                          {"externals", required_argument, NULL, EXTERNALS},
                                          {"dump", required_argument, NULL, 'd'},
                                          {"verify", no_argument, NULL, VERIFY},
                                          {"count", no_argument, NULL, COUNT},
                                          {"check", no_argument, NULL, CHECK},
                                          {"claims", no_argument, NULL, CLAIMS},
                                          {"checked-stores", no_argument, NULL, CHECKED_STORES},
                                          {"without", required_argument, NULL, WITHOUT},
                                          {"json", no_argument, NULL, JSON},
                                          {"html", required_argument, NULL, HTML},
                                          {"counts", required_argument, NULL, COUNTS},
                                          {"help", no_argument, NULL, 'h'},
                                          {"facts", required_argument, NULL, FACTS},
                                          {"open", no_argument, NULL, OPEN},
                                          {"for-gcc", no_argument, NULL, FOR_GCC},
                                          {"replaced", required_argument, NULL, REPLACED},
                                          {"entered", required_argument, NULL, ENTERED},
                                          {"version", no_argument, NULL, VERSION},
                                          {0}};
    /* what follows -- is the compiler's */
    int own = argc;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--")) {
            own = i;
            o->cflags = (const char *const *)argv + i + 1;
            o->ncflags = (unsigned)(argc - i - 1);
            break;
        }
    o->link.replaced = &o->replaced;
    o->link.entered = &o->entered;
    opterr = 0;
    for (int c; (c = getopt_long(own, argv, ":o:d:hR:", longs, NULL)) != -1;) {
        switch (c) {
        case 'o':
            o->output = optarg;
            break;
        case 'd':
            o->dump = optarg;
            break;
        case STATS:
            o->stats = true;
            o->json = optarg && !strcmp(optarg, "json");
            if (optarg && strcmp(optarg, "json") && strcmp(optarg, "text"))
                return fail("--stats is text or json, not '%s'", optarg);
            break;
        case PREPROCESSED:
            o->preprocessed = true;
            break;
        case MAIN_FILE:
            o->main_file = optarg;
            break;
        case EXTERNALS:
            o->externals = optarg;
            break;
        case VERIFY:
            o->verify = true;
            break;
        case FACTS:
            o->facts = optarg;
            break;
        case OPEN:
            o->link.open = true;
            break;
        case FOR_GCC:
            o->for_gcc = true;
            break;
        case REPLACED:
            ptr_push(&o->replaced.v, &o->replaced.n, &o->replaced.cap, optarg);
            break;
        case ENTERED:
            ptr_push(&o->entered.v, &o->entered.n, &o->entered.cap, optarg);
            break;
        case COUNT:
            o->count = true;
            break;
        case CHECK:
            o->check = o->link.check = true;
            break;
        case CLAIMS:
            o->claims = true;
            break;
        case CHECKED_STORES:
            o->checked_stores = true;
            break;
        case JSON:
            o->json = true;
            break;
        case HTML:
            o->html = optarg;
            break;
        case COUNTS:
            o->counts = optarg;
            break;
        case WITHOUT:
            o->without = optarg;
            if (passes_unknown(optarg))
                return fail("--without names no pass: %s", passes_unknown(optarg));
            if (passes_named(optarg, "place"))
                return fail("without the pass %s there would be no barriers at all", "place");
            break;
        case 'R':
            if (!optarg || strcmp(optarg, "stm"))
                return fail("-R is -Rstm, not -R%s", optarg ? optarg : "");
            o->remarks = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        case VERSION:
            puts("ungil " UNGIL_VERSION_STRING);
            exit(0);
        case ':':
            return fail("option '%s' needs an argument; try ungil --help", argv[optind - 1]);
        default:
            return fail(optopt ? "unknown option '%s' (the compiler's stand behind --); try ungil --help"
                               : "unknown option '%s'; try ungil --help",
                        wrong_option(argv));
        }
    }
    if (optind >= own) {
        fputs(usage, stderr);
        return 2;
    }
    o->command = argv[optind++];
    static const char *const commands[] = {"translate", "check", "explain", "summarize", "link", "ir", "ast"};
    bool known = false;
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
        known |= !strcmp(o->command, commands[i]);
    if (!known)
        return fail("unknown command '%s'; try ungil --help", o->command);
    if (optind >= own)
        return fail("%s: no input file", o->command);
    o->inputs = (const char *const *)argv + optind;
    o->ninputs = (unsigned)(own - optind);
    o->input = argv[optind++];
    if (optind < own && strcmp(o->command, "link"))
        return fail("one input file at a time, '%s' is one too many", argv[optind]);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    if (argc > 1 && !strcmp(argv[1], "conflicts")) /* options of its own: ungil conflicts --help */
        return conflicts_main(argc - 1, argv + 1);
    if (argc > 1 &&
        !strcmp(argv[1], "verify")) { /* a program of its own, which shares nothing with this one */
        char *checker = beside("ungil-verify");
        execv(checker, argv + 1);
        return fail("cannot run %s", checker);
    }
    int rc = parse_options(argc, argv, &o);
    return rc ? rc : !strcmp(o.command, "link") ? link_summaries(&o) : run(&o);
}
