/* site.c - places in C: from an offset in an executable to function, file and line.
 *
 * llvm-addr2line or addr2line, whichever is there, does the work: one process for some hundred addresses of
 * a module.  The former comes first, since binutils' does not see what clang has inlined, as barriers are.
 * Addresses are return addresses, so what is asked about is the byte before, which belongs to the call.
 * Without a tool, or without debug information, what is left is the function, or the offset. */
#include "conflicts/report.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { AT_ONCE = 256 };

/* Starts the first tool that there is, with its standard output at the pipe's end. */
static pid_t start(char **argv, int out)
{
    static const char *const tools[] = {"llvm-addr2line", "llvm-addr2line-19", "addr2line"};
    const char *own = getenv("UNGIL_ADDR2LINE");
    posix_spawn_file_actions_t fa;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&fa))
        return -1;
    bool ok = !posix_spawn_file_actions_adddup2(&fa, out, 1) &&
              !posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", 1, 0);
    for (unsigned i = 0; ok && i < sizeof tools / sizeof *tools; i++) {
        argv[0] = (char *)(own && *own ? own : tools[i]);
        if (!posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ))
            break;
        pid = -1;
        if (own && *own)
            break;
    }
    posix_spawn_file_actions_destroy(&fa);
    return pid;
}

/* A frame: two lines, function and file:line. */
static struct site frame_of(struct report *r, const char *function, char *where)
{
    struct site c = {.function = strcmp(function, "??") ? arena_printf(&r->arena, "%s", function) : NULL};
    char *discriminator = strstr(where, " (");
    if (discriminator)
        *discriminator = 0;
    char *colon = strrchr(where, ':');
    unsigned long at = colon ? strtoul(colon + 1, NULL, 10) : 0;
    if (at && where[0] != '?') {
        *colon = 0;
        c.file = arena_printf(&r->arena, "%s", where);
        c.line = (unsigned)at;
    }
    return c;
}

static bool is_barrier(const struct site *c)
{
    size_t n = c->file ? strlen(c->file) : 0, m = strlen("ungil_abi.h");
    return n >= m && !strcmp(c->file + n - m, "ungil_abi.h");
}

/* For each place: its address, then frames from the innermost inlined function outwards; barriers are such,
 * and not what is meant. */
static void take(struct report *r, FILE *f, struct place **places, unsigned n)
{
    char *line = NULL, *where = NULL;
    size_t cap = 0, where_cap = 0;
    struct site *c = NULL;
    for (unsigned i = 0; getline(&line, &cap, f) >= 0;) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "0x", 2)) {
            c = i < n ? &places[i++]->c : NULL;
            continue;
        }
        if (getline(&where, &where_cap, f) < 0)
            break;
        where[strcspn(where, "\n")] = 0;
        if (c && ((!c->file && !c->function) || is_barrier(c)))
            *c = frame_of(r, line, where);
    }
    free(line);
    free(where);
}

static void find_some(struct report *r, struct place **places, unsigned n)
{
    char *argv[AT_ONCE + 5] = {NULL, (char *)"-afi", (char *)"-e", (char *)places[0]->module_name};
    int out[2];
    for (unsigned i = 0; i < n; i++)
        argv[4 + i] = arena_printf(&r->arena, "0x%lx", (unsigned long)places[i]->offset - 1);
    argv[4 + n] = NULL;
    if (pipe(out))
        return;
    pid_t pid = start(argv, out[1]);
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    if (f && pid > 0)
        take(r, f, places, n);
    if (f)
        fclose(f);
    else
        close(out[0]);
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
}

static int by_module(const void *a, const void *b)
{
    const struct place *x = *(struct place *const *)a, *y = *(struct place *const *)b;
    return x->module != y->module   ? (x->module < y->module ? -1 : 1)
           : x->offset != y->offset ? (x->offset < y->offset ? -1 : 1)
                                    : 0;
}

void sites_find(struct report *r)
{
    if (!r->nplaces)
        return;
    struct place **v = xrealloc(NULL, r->nplaces * sizeof *v);
    memcpy(v, r->places, r->nplaces * sizeof *v);
    qsort(v, r->nplaces, sizeof *v, by_module);
    for (unsigned i = 0, n; i < r->nplaces; i += n) {
        n = 1;
        while (i + n < r->nplaces && n < AT_ONCE && v[i + n]->module == v[i]->module)
            n++;
        if (v[i]->module_name && !access(v[i]->module_name, R_OK))
            find_some(r, v + i, n);
    }
    for (unsigned i = 0; i < r->nplaces; i++)
        if (is_barrier(&v[i]->c))
            v[i]->c.file = NULL; /* better none than that */
    free(v);
}
