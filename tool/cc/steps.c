/* steps.c - the commands that ungil-cc runs.
 *
 *     in.c --clang -E--> in.i --ungil translate--> in.stm.c --cc--> in.o
 *
 * (a) clang 19 preprocesses, whatever the real compiler is, keeping includes of system headers: so the text
 * has
 *     one meaning, and compiles with any compiler's own headers.
 * (b) ungil translates it.
 * (c) The real compiler compiles the result, with the user's options.
 */
#include "cc.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_words(struct host_vec *argv, const struct item *it)
{
    host_vec_add(argv, it->words[0]);
    if (it->words[1])
        host_vec_add(argv, it->words[1]);
}

static void add_options(struct host_vec *argv, const struct job *job, unsigned where)
{
    for (size_t i = 0; i < job->nitems; i++)
        if (!job->items[i].input && (job->items[i].where & where))
            add_words(argv, &job->items[i]);
}

/* ---- (a) ---- */

static void begin_preprocess(struct host_vec *argv, const struct context *cx, unsigned where)
{
    host_vec_add(argv, cx->job->clang);
    host_vec_add(argv, "-Qunused-arguments");
    add_options(argv, cx->job, where);
    host_vec_add(argv, "-DUNGIL_TRANSLATE");
    host_vec_addf(argv, "-I%s", cx->paths.include);
}

/* The dependency file's name where -MF gives none, as clang chooses it: after the output, else after the
 * input. */
static char *deps_name(const struct job *job, const char *input, enum mode mode)
{
    const char *o = job->output;
    if (!o || strcmp(o, "-") == 0 || host_is_special(o))
        return host_printf("%s.d", host_stem(input));
    const char *named = mode == MODE_LINK && job->ninputs > 1 ? input : o;
    return host_printf("%.*s%s.d", (int)(host_basename(o) - o), o, host_stem(named));
}

/* The dependency file's options.  Returns its name; the place to write it for now is in *begun. */
static const char *add_deps(struct host_vec *argv, const struct job *job, const struct item *input,
                            enum mode mode, char **begun)
{
    const char *file = job->deps_file ? job->deps_file : deps_name(job, input->words[0], mode);
    *begun = strcmp(file, "-") == 0 ? "-" : host_output_begin(file);
    host_vec_add(argv, job->deps_user_only ? "-MMD" : "-MD");
    host_vec_add(argv, "-MF");
    host_vec_add(argv, *begun);
    if (!job->deps_target) {
        host_vec_add(argv, "-MQ");
        if (job->output && mode != MODE_LINK)
            host_vec_add(argv, job->output);
        else
            host_vec_addf(argv, "%s.o", host_stem(input->words[0]));
    }
    host_vec_cat(argv, &job->deps_rest);
    return file;
}

int step_preprocess_only(const struct context *cx)
{
    const struct job *job = cx->job;
    struct host_vec argv = {0};
    begin_preprocess(&argv, cx, FOR_CPP | FOR_ONLY_E);
    host_vec_add(&argv, job->mode_option);
    char *out = NULL;
    const char *deps_file = job->deps_file;
    if (job->output && strcmp(job->output, "-") != 0) {
        out = host_output_begin(job->output);
        host_vec_add(&argv, "-o");
        host_vec_add(&argv, out);
    }
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (it->input == INPUT_NONE || it->input == INPUT_LINKER)
            continue;
        if (!deps_file && job->deps)
            deps_file = deps_name(job, it->words[0], job->mode);
        host_vec_add(&argv, "-x");
        host_vec_add(&argv, it->language ? it->language : it->input == INPUT_FOREIGN ? "none" : "c");
        host_vec_add(&argv, it->words[0]);
    }
    if (job->deps)
        host_vec_add(&argv, job->deps_user_only ? "-MMD" : "-MD");
    if (deps_file) {
        host_vec_add(&argv, "-MF");
        host_vec_add(&argv, deps_file);
    }
    host_vec_cat(&argv, &job->deps_rest);
    int status = cc_run(job, &argv, NULL);
    if (status == 0 && out && !job->dry_run && host_output_commit(out, job->output) != 0)
        return cc_error("%s: %s", job->output, strerror(errno));
    return status;
}

/* ---- (b) and (c) ---- */

/* Does the identifier occur in the program's own text?  Lines that begin with # are includes, markers and
 * macro definitions; words in comments and strings count, which is on the safe side. */
static bool mentions(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (*line == '#')
            continue;
        const char *end = strchr(line, '\n');
        if (!end)
            end = line + strlen(line);
        for (const char *s = line; (s = memmem(s, (size_t)(end - s), word, n)); s++) {
            bool before = s > line && (isalnum((unsigned char)s[-1]) || s[-1] == '_');
            bool after = s + n < end && (isalnum((unsigned char)s[n]) || s[n] == '_');
            if (!before && !after)
                return true;
        }
    }
    return false;
}

/* -D options beyond those with reserved names: a macro that the text does not mention cannot expand in it
 * again, and a system header may want it (PCRE2_CODE_UNIT_WIDTH, FUSE_USE_VERSION). */
static void add_header_macros(struct host_vec *argv, const struct job *job, const char *text)
{
    for (size_t i = 0; text && i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (it->macro && !(it->where & FOR_COMPILE) && !mentions(text, it->macro))
            add_words(argv, it);
    }
}

static void begin_compile(struct host_vec *argv, const struct context *cx)
{
    static const char *const macros[] = {"-DUNGIL_SEGMENT", "-DUNGIL_GIL",     "-DUNGIL_PLAINVIEW",
                                         "-DUNGIL_SEGMENT", "-DUNGIL_SEGMENT", "-DUNGIL_SEGMENT"};
    if (cx->job->runtime == RUNTIME_VERIFY)
        host_vec_add(argv, cx->job->clang);
    else
        host_vec_cat(argv, &cx->job->real);
    /* gcc's -Wextra looks for a comment that says "fall through", and preprocessing has removed the comments.
     * First, so that a user who asks for the warning by name has it. */
    if (!cx->real_is_clang)
        host_vec_add(argv, "-Wno-implicit-fallthrough");
    add_options(argv, cx->job, FOR_COMPILE);
    /* clang says nothing of if ((a == b)) where a macro made it; the macros have been expanded. */
    if (cx->real_is_clang)
        host_vec_add(argv, "-Wno-parentheses-equality");
    /* Through %gs, gcc 12 crashes on `p->b++; if (x) p->b = 0;`, where it makes the second store
     * unconditional, and what it vectorises, loops or not, it makes forget %gs. */
    if (!cx->real_is_clang && !strcmp(macros[cx->job->runtime], "-DUNGIL_SEGMENT")) {
        host_vec_add(argv, "-fno-tree-cselim");
        host_vec_add(argv, "-fno-tree-vectorize");
    }
    host_vec_add(argv, macros[cx->job->runtime]);
    /* Bitcode as the front end makes it for the optimiser, which ungil-verify runs itself. */
    static const char *const bitcode[] = {"-DUNGIL_VERIFY",
                                          "-g",
                                          "-emit-llvm",
                                          "-Xclang",
                                          "-disable-O0-optnone",
                                          "-Xclang",
                                          "-disable-llvm-passes",
                                          "-D__NO_INLINE__",
                                          "-w",
                                          NULL};
    if (cx->job->runtime == RUNTIME_VERIFY)
        host_vec_adds(argv, bitcode);
    host_vec_add(argv, "-isystem"); /* as a system header: its macros raise no warnings in the user's code */
    host_vec_add(argv, cx->paths.include);
#if defined __x86_64__ || defined __i386__
    host_vec_add(argv, "-fcf-protection=none"); /* an abort returns into the middle of a function */
#endif
    /* In the text an access to a member of a union is one to a place of the member's type, of which a
     * compiler may think that no other member shares it. */
    host_vec_add(argv, "-fno-strict-aliasing");
    /* clang makes memory intrinsics of loops, which it then cannot lower for %gs: a fatal error. */
    static const char *const no_builtin[] = {"-fno-builtin-memset", "-fno-builtin-memcpy",
                                             "-fno-builtin-memmove", "-fno-builtin-bcmp", NULL};
    if (cx->real_is_clang && cx->job->runtime != RUNTIME_GIL && cx->job->runtime != RUNTIME_PLAINVIEW)
        host_vec_adds(argv, no_builtin);
}

/* Would the real compiler take the user's own file with these options, -Werror among them? */
static bool original_compiles(const struct context *cx, const struct item *input)
{
    struct host_vec argv = {0};
    if (strcmp(input->words[0], "-") == 0)
        return false;
    host_vec_cat(&argv, &cx->job->real);
    for (size_t i = 0; i < cx->job->nitems; i++)
        if (!cx->job->items[i].input && (cx->job->items[i].where & (FOR_COMPILE | FOR_CPP)))
            add_words(&argv, &cx->job->items[i]);
    host_vec_add(&argv, "-DUNGIL_PLAIN_MALLOC");
    host_vec_add(&argv, "-isystem");
    host_vec_add(&argv, cx->paths.include);
    host_vec_add(&argv, "-S");
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, host_temp_path("original.s"));
    host_vec_add(&argv, "-x");
    host_vec_add(&argv, input->input == INPUT_CPP ? "cpp-output" : "c");
    host_vec_add(&argv, input->words[0]);
    return cc_run(cx->job, &argv, "/dev/null") == 0;
}

static void show(const char *path)
{
    size_t n;
    char *text = host_read_file(path, &n);
    if (text)
        fwrite(text, 1, n, stderr);
}

/* -Wno-error does not take back -Werror=NAME. */
static void forget_werror(struct host_vec *argv)
{
    size_t n = 0;
    for (size_t i = 0; i < argv->n; i++)
        if (!host_starts(argv->v[i], "-Werror") && strcmp(argv->v[i], "-pedantic-errors") != 0)
            argv->v[n++] = argv->v[i];
    argv->n = n;
    host_vec_add(argv, "-Wno-error");
}

/* Step (c) under -Werror: a warning that only our inserted code raises must not stop the user's build, and
 * one in the user's own code must.  The user's own file is the judge. */
static int compile_werror(const struct context *cx, struct host_vec *argv, const struct item *input)
{
    char *log = host_temp_path("diagnostics");
    if (isatty(STDERR_FILENO))
        host_vec_add(argv, "-fdiagnostics-color=always");
    int status = cc_run(cx->job, argv, log);
    if (status == 1 && original_compiles(cx, input)) {
        forget_werror(argv);
        status = cc_run(cx->job, argv, NULL);
        if (status == 0)
            fprintf(stderr,
                    "ungil-cc: note: %s: -Werror not applied: the warnings are in translated code only\n",
                    input->words[0]);
        return status;
    }
    if (!cx->job->dry_run)
        show(log);
    return status;
}

static int compile_translated(const struct context *cx, const struct item *input, const char *translated,
                              enum mode mode, const char *out)
{
    struct host_vec argv = {0};
    size_t n;
    begin_compile(&argv, cx);
    add_header_macros(&argv, cx->job, cx->job->dry_run ? NULL : host_read_file(translated, &n));
    /* The name of a temporary directory must not get into the object. */
    if (!cx->job->keep)
        host_vec_addf(&argv, "-fdebug-prefix-map=%s=.", host_temp_dir());
    host_vec_add(&argv, mode == MODE_SYNTAX ? "-fsyntax-only" : mode == MODE_ASSEMBLY ? "-S" : "-c");
    if (mode != MODE_SYNTAX) {
        host_vec_add(&argv, "-o");
        host_vec_add(&argv, out);
    }
    host_vec_add(&argv, "-x");
    host_vec_add(&argv, "c");
    host_vec_add(&argv, translated);
    return cx->job->werror ? compile_werror(cx, &argv, input) : cc_run(cx->job, &argv, NULL);
}

static int translate(const struct context *cx, const struct item *input, const char *preprocessed,
                     const char *translated)
{
    struct host_vec argv = {0};
    size_t n;
    host_vec_add(&argv, cx->paths.ungil);
    host_vec_add(&argv, "translate");
    if (cx->job->runtime == RUNTIME_COUNT)
        host_vec_add(&argv, "--count");
    if (cx->job->runtime == RUNTIME_CHECK)
        host_vec_add(&argv, "--check");
    if (cx->job->runtime == RUNTIME_VERIFY)
        host_vec_add(&argv, "--claims");
    if (cx->job->checked_stores)
        host_vec_add(&argv, "--checked-stores");
    if (!cx->real_is_clang)
        host_vec_add(&argv, "--for-gcc");
    if (cx->facts) {
        host_vec_add(&argv, "--facts");
        host_vec_add(&argv, cx->facts);
    }
    host_vec_cat(&argv, &cx->job->translate_options);
    host_vec_add(&argv, "--preprocessed");
    host_vec_add(&argv, preprocessed);
    host_vec_add(&argv, "--main-file");
    host_vec_add(&argv, strcmp(input->words[0], "-") == 0 ? "<stdin>" : input->words[0]);
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, translated);
    host_vec_add(&argv, "--");
    add_options(&argv, cx->job, FOR_PARSE);
    add_header_macros(&argv, cx->job, cx->job->dry_run ? NULL : host_read_file(preprocessed, &n));
    return cc_run(cx->job, &argv, NULL);
}

/* The translator's options for the parse, and the input. */
static int summarize(const struct context *cx, const struct item *input, const char *preprocessed)
{
    struct host_vec argv = {0};
    size_t n;
    host_vec_add(&argv, cx->paths.ungil);
    host_vec_add(&argv, "summarize");
    if (cx->job->checked_stores)
        host_vec_add(&argv, "--checked-stores");
    if (!cx->real_is_clang)
        host_vec_add(&argv, "--for-gcc");
    host_vec_add(&argv, "--preprocessed");
    host_vec_add(&argv, preprocessed);
    host_vec_add(&argv, "--main-file");
    host_vec_add(&argv, strcmp(input->words[0], "-") == 0 ? "<stdin>" : input->words[0]);
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, cx->summary);
    host_vec_add(&argv, "--");
    add_options(&argv, cx->job, FOR_PARSE);
    add_header_macros(&argv, cx->job, cx->job->dry_run ? NULL : host_read_file(preprocessed, &n));
    return cc_run(cx->job, &argv, NULL);
}

static int preprocess(const struct context *cx, const struct item *input, enum mode mode, const char *out)
{
    struct host_vec argv = {0};
    char *begun = NULL;
    const char *deps = NULL;
    begin_preprocess(&argv, cx, FOR_CPP);
    if (cx->job->werror && cx->real_is_clang)
        host_vec_add(&argv, "-Werror");
    static const char *const how[] = {"-E", "-dD", "-fkeep-system-includes", NULL};
    host_vec_adds(&argv, how);
    if (cx->job->deps)
        deps = add_deps(&argv, cx->job, input, mode, &begun);
    host_vec_add(&argv, "-x");
    host_vec_add(&argv, "c");
    host_vec_add(&argv, input->words[0]);
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, out);
    int status = cc_run(cx->job, &argv, NULL);
    if (status == 0 && deps && !cx->job->dry_run && strcmp(begun, "-") != 0 &&
        host_output_commit(begun, deps) != 0)
        return cc_error("%s: %s", deps, strerror(errno));
    return status;
}

/* Where in.i and in.stm.c go: our temporary directory, or where --keep says. A directory for each input,
 * since two inputs may have one name. */
static char *intermediate(const struct context *cx, const struct item *input, size_t index,
                          const char *extension)
{
    const struct job *job = cx->job;
    char *stem = strcmp(input->words[0], "-") == 0 ? "stdin" : host_stem(input->words[0]);
    if (!job->keep) {
        char *dir = host_temp_path(host_printf("%zu", index));
        mkdir(dir, 0777);
        return host_printf("%s/%s%s", dir, stem, extension);
    }
    const char *dir = job->keep_dir;
    if (dir)
        mkdir(dir, 0777);
    else
        dir = job->output && !host_is_special(job->output) ? host_dirname(job->output) : ".";
    return host_printf("%s/%s%s", dir, stem, extension);
}

int step_translate(const struct context *cx, const struct item *input, size_t index, enum mode mode,
                   const char *out)
{
    if (cx->job->refused)
        return cc_error("%s", cx->job->refused);
    const char *preprocessed = input->words[0];
    char *translated = intermediate(cx, input, index, ".stm.c");
    /* cc's -c of a link is still a compilation into an object. */
    enum mode compile_mode = mode == MODE_LINK ? MODE_COMPILE : mode;
    int status = 0;
    if (input->input == INPUT_C) {
        preprocessed = intermediate(cx, input, index, ".i");
        status = preprocess(cx, input, mode, preprocessed);
    }
    if (status == 0 && cx->summary)
        status = summarize(cx, input, preprocessed);
    if (status == 0)
        status = translate(cx, input, preprocessed, translated);
    if (status == 0 && cx->job->save_temps && compile_mode == MODE_COMPILE && !cx->job->emit_llvm) {
        status =
            compile_translated(cx, input, translated, MODE_ASSEMBLY, intermediate(cx, input, index, ".s"));
        if (status != 0)
            return status;
    }
    if (status == 0)
        status = compile_translated(cx, input, translated, compile_mode, out);
    return status;
}

int step_foreign(const struct context *cx, const struct item *input, const char *out)
{
    const struct job *job = cx->job;
    static const char *const mode_options[] = {"-c", "-c", "-S", "-fsyntax-only", "-E", "-M"};
    struct host_vec argv = {0};
    host_vec_cat(&argv, &job->real);
    add_options(&argv, job, FOR_CPP | FOR_COMPILE);
    host_vec_add(&argv, mode_options[job->mode]);
    if (job->deps) {
        host_vec_add(&argv, job->deps_user_only ? "-MMD" : "-MD");
        if (job->deps_file) {
            host_vec_add(&argv, "-MF");
            host_vec_add(&argv, job->deps_file);
        }
        host_vec_cat(&argv, &job->deps_rest);
    }
    if (input->language) {
        host_vec_add(&argv, "-x");
        host_vec_add(&argv, input->language);
    }
    host_vec_add(&argv, input->words[0]);
    if (out) {
        host_vec_add(&argv, "-o");
        host_vec_add(&argv, out);
    }
    return cc_run(job, &argv, NULL);
}

/* ---- linking ---- */

static char *libungil(const struct context *cx)
{
    return host_printf("%s/libungil_%s%s.a", cx->paths.lib, runtime_name(cx->job->runtime),
                       cx->job->tsan ? "_tsan" : "");
}

static void add_libungil(struct host_vec *argv, const struct context *cx)
{
    /* -Xlinker, not -Wl: a path may hold a comma. */
    static const char *const script[] = {"-Xlinker", "-T", "-Xlinker", NULL};
    host_vec_adds(argv, script);
    host_vec_add(argv, cx->paths.script);
    host_vec_add(argv, libungil(cx));
    host_vec_add(argv, "-pthread");
}

/* After the optimiser, if the user asked for one. */
static bool is_optimised(const struct job *job)
{
    bool o = false;
    for (size_t i = 0; i < job->nitems; i++)
        if (!job->items[i].input && host_starts(job->items[i].words[0], "-O"))
            o = strcmp(job->items[i].words[0], "-O0") != 0;
    return o;
}

static int run_verify(const struct context *cx, const struct host_vec *files)
{
    struct host_vec argv = {0};
    host_vec_addf(&argv, "%s/ungil-verify", host_exe_dir());
    if (is_optimised(cx->job))
        host_vec_add(&argv, "-O2");
    if (cx->job->whole && !cx->open)
        host_vec_add(&argv, "--whole");
    host_vec_cat(&argv, files);
    return cc_run(cx->job, &argv, NULL);
}

int step_verify(const struct context *cx, char **objects, const char *out)
{
    const struct job *job = cx->job;
    struct host_vec all = {0};
    int worst = 0;
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *word = it->words[0], *o = objects[i];
        size_t n = strlen(word);
        if (!o && it->input == INPUT_LINKER && n > 2 && strcmp(word + n - 2, ".o") == 0)
            o = word;
        if (!o)
            continue;
        struct host_vec one = {0};
        host_vec_add(&one, o);
        host_vec_add(&all, o);
        int status = job->whole ? 0 : run_verify(cx, &one);
        worst = status > worst ? status : worst;
    }
    if (job->whole)
        worst = run_verify(cx, &all);
    FILE *f = job->dry_run || worst ? NULL : fopen(out, "w"); /* there is no program, but make wants a file */
    if (f)
        fclose(f);
    return worst;
}

int step_link(const struct context *cx, char **objects, const char *out)
{
    const struct job *job = cx->job;
    struct host_vec argv = {0};
    host_vec_cat(&argv, &job->real);
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (objects[i])
            host_vec_add(&argv, objects[i]);
        else if (it->input ? it->input == INPUT_LINKER : (it->where & FOR_LINK) != 0)
            add_words(&argv, it);
    }
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, out);
    if (!job->no_libungil) {
        if (job->unsupported_linker)
            return cc_error("gold and mold cannot add to a linker script; link with GNU ld or lld");
        char *lib = libungil(cx), *script;
        if (!host_exists(lib))
            return cc_error("%s: %s", lib, strerror(ENOENT));
        if (cx->words.several)
            return cc_error(
                "several definitions of one function (%s): translated code does not know which runs",
                cx->words.several);
        /* what `ungil link` was told is known to all files */
        int status = redirects_script(&cx->words, !job->whole || cx->open, &script);
        if (status != 0)
            return status;
        if (script)
            host_vec_add(&argv, script);
        add_libungil(&argv, cx);
    }
    return cc_run(job, &argv, NULL);
}
