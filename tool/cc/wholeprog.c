/* wholeprog.c - ungil-cc --whole-program (tool/whole/wholeprog.c says what it is).
 *
 * A compile step makes the ordinary object, good by itself, and two files beside it: foo.o.sum, the summary,
 * and foo.o.cmd, how it was made, with a hash of the object and of the summary: if either is another now, the
 * object counts as one without a summary.  The link step joins the summaries, and makes foo.o.wp of each
 * input whose facts say something new; these are linked.  foo.o.wp.facts holds the facts that foo.o.wp was
 * made with: if they are the same next time, and foo.o is no newer, it is used again.  So after a change of
 * one file only the files whose facts it changes are translated again, and `make CC="ungil-cc
 * --whole-program"` works as it is.  Links that share an object wait for each other (a lock on foo.o.cmd).
 *
 * A program is whole if all its objects have summaries, and nothing among the linker's options may let other
 * code call its functions by name (linkwords.c); else `ungil link --open`. */
#include "cc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char head[] = "ungil-facts 5\n";

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

static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    return strcmp(x ? x : "", y ? y : "");
}

/* FNV-1a, with which ungil tells summaries apart, too. */
#define FNV_START 0xcbf29ce484222325ul
static unsigned long fnv(unsigned long hash, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ul;
    return hash;
}

/* Of the object and of its summary: the facts of the one are good for the other alone. */
static char *identity(const char *object, const char *summary)
{
    const char *const files[] = {object, summary};
    unsigned long hash = FNV_START;
    for (int k = 0; k < 2; k++) {
        size_t n = 0;
        char *text = host_read_file(files[k], &n);
        hash = text ? fnv(hash, text, n) : hash;
        hash = (hash ^ n) * 0x100000001b3ul;
    }
    return host_printf("%016lx", hash);
}

/* Is the summary beside the object its own?  Another compiler may have made the object since, or it may have
 * been copied over. */
static bool has_summary(const char *object)
{
    size_t n;
    char *cmd = host_read_file(host_printf("%s.cmd", object), &n), *sum = host_printf("%s.sum", object);
    if (!host_exists(sum))
        return false;
    if (!cmd) /* made by this very command */
        return host_starts(object, host_temp_dir());
    if (strcmp(cmd, identity(object, sum)) == 0)
        return true;
    fprintf(stderr, "ungil-cc: note: %s is not the object that %s.sum is about: compile it again\n", object,
            object);
    return false;
}

/* Links that share an object take turns, until each has ended: foo.o.wp is made with the facts of one. */
static void wait_for_turn(char **names, size_t n)
{
    char **sorted = host_alloc((n + 1) * sizeof *sorted);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (names[i] && host_exists(host_printf("%s.cmd", names[i])))
            sorted[k++] = realpath(names[i], NULL);
    qsort(sorted, k, sizeof *sorted, by_name);
    for (size_t i = 0; i < k; i++) {
        int fd = sorted[i] ? open(host_printf("%s.cmd", sorted[i]), O_RDONLY | O_CLOEXEC) : -1;
        if (fd >= 0 && !(i && sorted[i - 1] && strcmp(sorted[i], sorted[i - 1]) == 0))
            flock(fd, LOCK_EX); /* no unlock: the end of the process is that */
    }
}

/* Its identity, the working directory and the arguments, each followed by a null byte; -o and other inputs
 * left out. */
int whole_write_command(const struct context *cx, const struct item *it, const char *object, const char *made)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    char *cwd = getcwd(NULL, 0);
    if (!f || !cwd)
        return cc_error("%s.cmd: %s", object, strerror(errno));
    fputs(identity(made, host_printf("%s.sum", object)), f);
    putc(0, f);
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
    char *end = text + n;
    text += strlen(text) + 1; /* its identity */
    host_vec_addf(&argv, "%s/ungil-cc", host_exe_dir());
    for (char *a = text + strlen(text) + 1; a < end; a += strlen(a) + 1)
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

/* The part of the joined facts that is about this summary, with the head: a file of facts by
 * itself. */
static char *section_of(const char *facts, const char *sum_path)
{
    size_t n;
    char *sum = host_read_file(sum_path, &n), *name = sum ? strstr(sum, "\nfile ") : NULL;
    if (!name)
        return NULL;
    name += 6;
    char *line = host_printf("\nfile %016lx %.*s\n", fnv(FNV_START, sum, n), (int)strcspn(name, "\n"), name);
    const char *s = strstr(facts, line), *end = s ? strstr(s + 1, "\nfile ") : NULL;
    if (s)
        return host_printf("%s%.*s", head, (int)(end ? end - s : (long)strlen(s + 1)), s + 1);
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

int whole_link(struct context *cx, char **objects)
{
    const struct job *job = cx->job;
    struct host_vec argv = {0};
    bool open = cx->words.open;
    size_t nsums = 0, n;
    char *facts_path = host_temp_path("prog.facts");
    char **names = host_alloc((job->nitems + 1) * sizeof *names);
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *o = objects[i] ? objects[i] : it->input == INPUT_LINKER ? it->words[0] : NULL;
        if (!o || host_starts(o, "-"))
            continue;
        if (has_summary(o)) {
            names[i] = host_printf("%s", o);
            nsums++;
        } else {
            open = true;
        }
    }
    cx->open = open;
    if (!nsums && !job->dry_run)
        fprintf(stderr,
                "ungil-cc: warning: no object was made with --whole-program: each counts for itself\n");
    if (!nsums || job->dry_run)
        return 0;
    host_vec_add(&argv, cx->paths.ungil);
    host_vec_add(&argv, "link");
    if (open)
        host_vec_add(&argv, "--open");
    if (job->runtime == RUNTIME_CHECK)
        host_vec_add(&argv, "--check");
    for (size_t i = 0; i < cx->words.replaced.n; i++) {
        host_vec_add(&argv, "--replaced");
        host_vec_add(&argv, cx->words.replaced.v[i]);
    }
    host_vec_add(&argv, "-o");
    host_vec_add(&argv, facts_path);
    for (size_t i = 0; i < job->nitems; i++)
        if (names[i])
            host_vec_addf(&argv, "%s.sum", names[i]);
    wait_for_turn(names, job->nitems);
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
