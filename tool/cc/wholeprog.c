/* wholeprog.c - ungil-cc --whole-program (tool/whole/wholeprog.c says what it is).
 *
 * A compile step makes the ordinary object, good by itself, and two files beside it: foo.o.sum, the summary,
 * and foo.o.cmd, how it was made.  The link step joins the summaries, and makes foo.o.wp of each input whose
 * facts say something new; these are linked.  foo.o.wp.facts holds the facts that foo.o.wp was made with: if
 * they are the same next time, and foo.o is no newer, it is used again.  So after a change of one file only
 * the files whose facts it changes are translated again, and `make CC="ungil-cc --whole-program"` works as
 * it is.
 *
 * A program is whole if all its objects have summaries.  With an archive, an object without one, another
 * language's source or -shared among the inputs, unseen code may call functions by name: `ungil link
 * --open`. */
#include "cc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char head[] = "ungil-facts 4\n";

static int write_whole(const char *path, const char *text, size_t n)
{
    char *out = host_output_begin(path);
    FILE *f = fopen(out, "wb");
    bool ok = f && fwrite(text, 1, n, f) == n;
    ok = f && !fclose(f) && ok;
    return ok && host_output_commit(out, path) == 0 ? 0 : cc_error("%s: %s", path, strerror(errno));
}

static bool is_other_input(const struct job *job, const struct item *it, const char *arg)
{
    for (size_t i = 0; i < job->nitems; i++)
        if (job->items[i].input && &job->items[i] != it && strcmp(job->items[i].words[0], arg) == 0)
            return strcmp(it->words[0], arg) != 0;
    return false;
}

/* The working directory and the arguments, each followed by a null byte; -o and other inputs left out. */
int whole_write_command(const struct context *cx, const struct item *it, const char *object)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    char *cwd = getcwd(NULL, 0);
    if (!f || !cwd)
        return cc_error("%s.cmd: %s", object, strerror(errno));
    fputs(cwd, f);
    putc(0, f);
    for (size_t i = 1; i < cx->job->argv->n; i++) {
        const char *a = cx->job->argv->v[i];
        if (strcmp(a, "-o") == 0) {
            i++;
            continue;
        }
        if (host_starts(a, "-o") || is_other_input(cx->job, it, a))
            continue;
        fputs(a, f);
        putc(0, f);
    }
    fclose(f);
    return write_whole(host_printf("%s.cmd", object), text, n);
}

/* Makes `out` again, with facts, as `object` was made. */
static int run_command(const struct context *cx, const char *object, const char *facts, const char *out)
{
    size_t n;
    char *text = host_read_file(host_printf("%s.cmd", object), &n), *here = getcwd(NULL, 0);
    struct host_vec argv = {0};
    if (!text || !here)
        return cc_error("%s.cmd: %s", object, strerror(errno));
    host_vec_addf(&argv, "%s/ungil-cc", host_exe_dir());
    for (char *a = text + strlen(text) + 1; a < text + n; a += strlen(a) + 1)
        host_vec_add(&argv, a);
    host_vec_addf(&argv, "--whole-facts=%s%s%s", *facts == '/' ? "" : here, *facts == '/' ? "" : "/", facts);
    host_vec_add(&argv, "-o");
    host_vec_addf(&argv, "%s%s%s", *out == '/' ? "" : here, *out == '/' ? "" : "/", out);
    if (chdir(text))
        return cc_error("%s: %s", text, strerror(errno));
    int status = cc_run(cx->job, &argv, NULL);
    if (chdir(here))
        return cc_error("%s: %s", here, strerror(errno));
    return status;
}

/* The part of the joined facts that is about the file of this summary, with the head: a file of facts by
 * itself. */
static char *section_of(const char *facts, const char *sum_path)
{
    size_t n;
    char *sum = host_read_file(sum_path, &n), *name = sum ? strstr(sum, "\nfile ") : NULL;
    if (!name)
        return NULL;
    name += 6;
    size_t len = strcspn(name, "\n");
    for (const char *s = strstr(facts, "\nfile "); s; s = strstr(s + 1, "\nfile ")) {
        const char *is = strchr(s + 6, ' '), *end = strstr(s + 1, "\nfile ");
        if (is && strncmp(is + 1, name, len) == 0 && is[1 + len] == '\n')
            return host_printf("%s%.*s", head, (int)(end ? end - s : (long)strlen(s + 1)), s + 1);
    }
    return NULL;
}

static bool newer(const char *a, const char *b)
{
    struct stat x, y;
    if (stat(a, &x) || stat(b, &y))
        return false;
    return x.st_mtim.tv_sec != y.st_mtim.tv_sec ? x.st_mtim.tv_sec > y.st_mtim.tv_sec
                                                : x.st_mtim.tv_nsec > y.st_mtim.tv_nsec;
}

/* Brings object's .wp up to date; its path in *made. */
static int retranslate(const struct context *cx, const struct item *it, size_t index, const char *object,
                       const char *facts, char **made)
{
    char *facts_path = host_printf("%s.wp.facts", object),
         *section = section_of(facts, host_printf("%s.sum", object)), *old;
    size_t n;
    *made = host_printf("%s.wp", object);
    if (!section)
        return cc_error("%s.sum: is not in the join", object);
    old = host_read_file(facts_path, &n);
    if (old && strcmp(old, section) == 0 && host_exists(*made) && !newer(object, *made))
        return 0;
    int status = write_whole(facts_path, section, strlen(section));
    if (status)
        return status;
    if (it->input == INPUT_LINKER) {
        status = run_command(cx, object, facts_path, *made);
    } else {
        struct context with = *cx;
        with.facts = facts_path;
        status = step_translate(&with, it, index, MODE_LINK, *made);
    }
    if (status)
        unlink(facts_path);
    return status;
}

static bool is_shared(const struct job *job)
{
    for (size_t i = 0; i < job->nitems; i++)
        if (!job->items[i].input &&
            (strcmp(job->items[i].words[0], "-shared") == 0 ||
             strcmp(job->items[i].words[0], "-rdynamic") == 0 || strcmp(job->items[i].words[0], "-r") == 0))
            return true;
    return false;
}

int whole_link(struct context *cx, char **objects)
{
    const struct job *job = cx->job;
    struct host_vec argv = {0};
    bool open = is_shared(job);
    size_t nsums = 0, n;
    char *facts_path = host_temp_path("prog.facts");
    char **names = host_alloc((job->nitems + 1) * sizeof *names);
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *o = objects[i] ? objects[i] : it->input == INPUT_LINKER ? it->words[0] : NULL;
        if (!o || host_starts(o, "-"))
            continue;
        if (host_exists(host_printf("%s.sum", o))) {
            names[i] = host_printf("%s", o);
            nsums++;
        } else if (!strstr(host_basename(o), ".so")) {
            open = true;
        }
    }
    cx->open = open;
    if (!nsums || job->dry_run)
        return 0;
    host_vec_add(&argv, cx->paths.ungil);
    host_vec_add(&argv, "link");
    if (open)
        host_vec_add(&argv, "--open");
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, facts_path);
    for (size_t i = 0; i < job->nitems; i++)
        if (names[i])
            host_vec_addf(&argv, "%s.sum", names[i]);
    int status = cc_run(job, &argv, NULL);
    if (status)
        return status;
    char *facts = host_read_file(facts_path, &n);
    if (!facts)
        return cc_error("%s: %s", facts_path, strerror(errno));
    for (size_t i = 0; i < job->nitems && !status; i++)
        if (names[i])
            status = retranslate(cx, &job->items[i], i, names[i], facts, &objects[i]);
    return status;
}
