/* ungil-cc: a drop-in C compiler driver, `CC=ungil-cc make`.
 *
 * It reads a compiler's command line (args.c), and for each C input preprocesses, translates and compiles
 * (steps.c); everything else it leaves to the real compiler.  No shell is involved; temporary files go
 * whatever happens (temp.c); an output appears whole or not at all.
 */
#include "cc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef UNGIL_VERSION_STRING
#define UNGIL_VERSION_STRING "0"
#endif

/* Is the real compiler a clang?  By its name where that tells, else by asking. */
static bool is_clang(const struct job *job)
{
    for (size_t i = 0; i < job->real.n; i++) {
        const char *name = host_basename(job->real.v[i]);
        if (strstr(name, "clang"))
            return true;
        if (strstr(name, "gcc"))
            return false;
    }
    if (job->dry_run)
        return false;
    struct host_vec argv = {0};
    size_t n;
    host_vec_cat(&argv, &job->real);
    host_vec_add(&argv, "--version");
    char *out = host_temp_path("version");
    char *text = host_run_to(&argv, out, "/dev/null") == 0 ? host_read_file(out, &n) : NULL;
    return text && strstr(text, "clang");
}

/* Gives the whole command line, without our own options, to the real compiler. */
static int become_real(const struct job *job, const struct host_vec *argv)
{
    static const char *const own[] = {"--runtime=",       "--count",         "--check",         "--verify",
                                      "--checked-stores", "--whole-program", "--whole-facts=",  "-Rstm",
                                      "--real=",          "--keep",          "--ungil-verbose", NULL};
    struct host_vec real = {0};
    host_vec_cat(&real, &job->real);
    for (size_t i = 1; i < argv->n; i++) {
        const char *a = argv->v[i];
        if (strcmp(a, "--launch") == 0 || strcmp(a, "-Xungil") == 0)
            i++;
        else if (!host_starts_any(a, own))
            host_vec_add(&real, a);
    }
    return cc_run(job, &real, NULL);
}

static int version(const struct job *job)
{
    struct host_vec argv = {0};
    host_vec_cat(&argv, &job->real);
    host_vec_add(&argv, "--version");
    printf("ungil-cc %s (translating C compiler; the compiler behind it follows)\n", UNGIL_VERSION_STRING);
    fflush(stdout);
    host_run(&argv, "/dev/null"); /* a missing one is no reason to fail here */
    return 0;
}

/* The output of one input under -c or -S when there is no -o. */
static char *default_output(const struct job *job, const struct item *it)
{
    static const char *const extensions[2][2] = {{".o", ".bc"}, {".s", ".ll"}};
    const char *extension = extensions[job->mode == MODE_ASSEMBLY][job->emit_llvm];
    return host_printf("%s%s", host_stem(it->words[0]), extension);
}

/* Compiles one input to `path`; the file appears only when it is whole. */
static int compile_one(const struct context *cx, const struct item *it, size_t index, const char *path)
{
    const struct job *job = cx->job;
    /* Special files, and compilers that name other files after their output, write in place. */
    bool in_place = job->aux_outputs || strcmp(path, "-") == 0;
    char *out = in_place ? host_printf("%s", path) : host_output_begin(path);
    struct context with = *cx;
    /* What comes by standard input cannot be translated again. */
    bool whole = job->whole && !job->facts && job->mode == MODE_COMPILE && it->input != INPUT_FOREIGN &&
                 !in_place && !job->dry_run && strcmp(it->words[0], "-") != 0;
    if (whole)
        with.summary = host_printf("%s.sum", path);
    int status = it->input == INPUT_FOREIGN ? step_foreign(cx, it, out)
                                            : step_translate(&with, it, index, job->mode, out);
    if (status == 0 && whole)
        status = whole_write_command(cx, it, path, out);
    if (status == 0 && !job->dry_run && host_output_commit(out, path) != 0)
        return cc_error("%s: %s", path, strerror(errno));
    return status;
}

static int compile_all(const struct context *cx)
{
    const struct job *job = cx->job;
    int worst = 0;
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        int status = 0;
        if (it->input == INPUT_NONE)
            continue;
        if (it->input == INPUT_LINKER)
            fprintf(stderr, "ungil-cc: warning: %s: linker input file unused because linking not done\n",
                    it->words[0]);
        else if (job->mode == MODE_SYNTAX)
            status = it->input == INPUT_FOREIGN ? step_foreign(cx, it, NULL)
                                                : step_translate(cx, it, i, job->mode, NULL);
        else
            status = compile_one(cx, it, i, job->output ? job->output : default_output(job, it));
        if (status > worst)
            worst = status;
    }
    return worst;
}

static int compile_and_link(struct context *cx)
{
    const struct job *job = cx->job;
    char **objects = host_alloc((job->nitems + 1) * sizeof *objects);
    int worst = 0;
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (it->input == INPUT_NONE || it->input == INPUT_LINKER)
            continue;
        objects[i] = host_temp_path(host_printf("%zu-%s.o", i, host_stem(it->words[0])));
        struct context with = *cx;
        if (job->whole && it->input != INPUT_FOREIGN && !job->dry_run)
            with.summary = host_printf("%s.sum", objects[i]);
        int status = it->input == INPUT_FOREIGN ? step_foreign(cx, it, objects[i])
                                                : step_translate(&with, it, i, MODE_LINK, objects[i]);
        if (status > worst)
            worst = status;
    }
    linkwords_read(job, &cx->words);
    if (!worst && !job->dry_run && !job->no_libungil && job->runtime != RUNTIME_VERIFY)
        worst = plain_objects_check(cx, objects);
    if (!worst && job->whole)
        worst = whole_link(cx, objects);
    if (worst)
        return worst;
    const char *path = job->output ? job->output : "a.out";
    char *out = host_output_begin(path);
    int status = (job->runtime == RUNTIME_VERIFY ? step_verify : step_link)(cx, objects, out);
    if (status == 0 && !job->dry_run && host_output_commit(out, path) != 0)
        return cc_error("%s: %s", path, strerror(errno));
    return status;
}

/* Says early, and under its own name, that an output cannot be written. */
static int check_writable(const char *path)
{
    if (!path || strcmp(path, "-") == 0 || host_is_writable(path))
        return 0;
    return cc_error("cannot write %s: %s", path, strerror(errno));
}

static int run(const struct host_vec *argv)
{
    struct job job;
    int status = args_read(&job, argv);
    if (status)
        return status;
    if (job.help)
        return args_help(), 0;
    if (job.version)
        return version(&job);
    if (job.passthrough || (job.ninputs == 0 && (job.verbose || job.dry_run)))
        return become_real(&job, argv);
    if (job.ninputs == 0)
        return cc_error("no input files");
    struct context cx = {.job = &job, .facts = job.facts};
    job.argv = argv;
    if (job.facts)
        job.deps = false;
    if ((status = paths_find(&cx.paths)) || (status = check_writable(job.output)) ||
        (status = check_writable(job.deps_file)))
        return status;
    if (job.mode == MODE_PREPROCESS || job.mode == MODE_DEPS)
        return step_preprocess_only(&cx);
    if (job.output && job.ninputs > 1 && (job.mode == MODE_COMPILE || job.mode == MODE_ASSEMBLY))
        return cc_error("cannot specify -o with -c or -S and several inputs");
    cx.real_is_clang = job.runtime == RUNTIME_VERIFY || is_clang(&job); /* whose bitcode is looked at */
    return job.mode == MODE_LINK ? compile_and_link(&cx) : compile_all(&cx);
}

int main(int argc, char **argv)
{
    host_start();
    struct host_vec args = host_expand_response_files(argc, argv);
    return run(&args);
}
