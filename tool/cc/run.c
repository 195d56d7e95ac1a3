/* run.c - messages, and running the steps' commands. */
#include "cc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cc_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ungil-cc: error: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    return 2;
}

int cc_run(const struct job *job, const struct host_vec *argv, const char *err_path)
{
    if (job->verbose)
        host_vec_print(argv);
    if (job->dry_run)
        return 0;
    int status = host_run(argv, err_path);
    if (status < 0)
        return cc_error("%s: %s", argv->v[0], strerror(errno));
    if (status > 128 && status < 128 + 65) {
        cc_error("%s: ended by signal %d (%s)", argv->v[0], status - 128, strsignal(status - 128));
        return status;
    }
    return status == 0 ? 0 : status == 2 ? 2 : 1;
}
