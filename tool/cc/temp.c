/* temp.c - temporary files that never outlive the process.
 *
 * Two kinds. Intermediate files lie in one directory made for this process; children get it as their TMPDIR,
 * so what a killed compiler leaves behind goes with it. Outputs are written beside their final place, under
 * a name with our process id, and renamed into it: rename is atomic only within a file system.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *dir;               /* null until made */
static struct host_vec outputs; /* begun, not committed; a removed entry is "" */

const char *host_temp_dir(void)
{
    if (dir)
        return dir;
    const char *base = getenv("TMPDIR");
    char *template = host_printf("%s/ungil-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(template)) {
        fprintf(stderr, "ungil-cc: error: cannot make a temporary directory %s: %s\n", template,
                strerror(errno));
        exit(2);
    }
    dir = template;
    return dir;
}

char *host_temp_path(const char *name)
{
    return host_printf("%s/%s", host_temp_dir(), name);
}

char *host_output_begin(const char *path)
{
    static unsigned serial;
    if (host_is_special(path))
        return host_printf("%s", path);
    const char *base = host_basename(path);
    /* The extension stays last: compilers and linkers look at it. */
    char *temporary =
        host_printf("%.*s.ungil-%ld-%u-%s", (int)(base - path), path, (long)getpid(), serial++, base);
    host_vec_add(&outputs, temporary);
    return temporary;
}

static void forget(const char *temporary)
{
    for (size_t i = 0; i < outputs.n; i++)
        if (strcmp(outputs.v[i], temporary) == 0)
            outputs.v[i] = "";
}

int host_output_commit(const char *temporary, const char *path)
{
    if (strcmp(temporary, path) == 0)
        return 0;
    if (rename(temporary, path) != 0)
        return -1;
    forget(temporary);
    return 0;
}

/* Removes the entries of a directory, then itself. We made it, so it holds what our children wrote, few
 * levels deep. */
static void remove_tree(const char *path, int depth)
{
    DIR *d = opendir(path);
    if (d) {
        for (struct dirent *e; (e = readdir(d));) {
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                continue;
            char *inner = host_printf("%s/%s", path, e->d_name);
            if (unlink(inner) != 0 && (errno == EISDIR || errno == EPERM) && depth < 8)
                remove_tree(inner, depth + 1);
        }
        closedir(d);
    }
    rmdir(path);
}

void host_temp_remove_all(void)
{
    for (size_t i = 0; i < outputs.n; i++)
        if (outputs.v[i][0])
            unlink(outputs.v[i]);
    outputs.n = 0;
    if (dir)
        remove_tree(dir, 0);
    dir = NULL;
}
