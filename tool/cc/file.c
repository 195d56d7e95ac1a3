/* file.c - the few questions we ask of the file system. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *host_read_file(const char *path, size_t *n)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        errno = EISDIR;
        return NULL;
    }
    size_t cap = 1 << 16, len = 0, got;
    char *s = malloc(cap);
    while (s && (got = fread(s + len, 1, cap - len - 1, f)) > 0) {
        len += got;
        if (len + 1 == cap) {
            char *bigger = realloc(s, cap *= 2);
            if (!bigger)
                free(s);
            s = bigger;
        }
    }
    char *text = NULL;
    if (s && !ferror(f)) {
        text = host_strndup(s, len);
        *n = len;
    }
    free(s);
    int saved = errno;
    fclose(f);
    errno = saved;
    return text;
}

const char *host_exe_dir(void)
{
    static char dir[4096];
    if (!dir[0]) {
        ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
        char *slash = n > 0 ? memrchr(dir, '/', (size_t)n) : NULL;
        if (!slash) {
            dir[0] = 0;
            return NULL;
        }
        *slash = 0;
    }
    return dir;
}

bool host_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool host_is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

bool host_is_writable(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return false;
    }
    return access(host_is_special(path) ? path : host_dirname(path), W_OK) == 0;
}
