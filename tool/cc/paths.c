/* paths.c - finds Ungil's own files: beside the executable, in an installation and in the build tree's stage
 * alike; else where this build put them. */
#include "cc.h"

#include <errno.h>
#include <string.h>

#ifndef UNGIL_BUILD_STAGE
#define UNGIL_BUILD_STAGE "/usr"
#endif

int paths_find(struct paths *paths)
{
    const char *exe = host_exe_dir();
    char *prefix = exe ? host_dirname(exe) : NULL;
    if (!prefix || !host_exists(host_printf("%s/share/ungil/ungil.ld", prefix)))
        prefix = host_printf("%s", UNGIL_BUILD_STAGE);
    /* Not <prefix>/include: under /usr that is a system directory already, whose includes the preprocessor
     * keeps; but ungil.h must be expanded. */
    paths->include = host_printf("%s/share/ungil/include", prefix);
    paths->lib = host_printf("%s/lib", prefix);
    paths->script = host_printf("%s/share/ungil/ungil.ld", prefix);
    paths->ungil = host_printf("%s/ungil", exe ? exe : "");
    if (!exe || !host_exists(paths->ungil))
        paths->ungil = host_printf("%s/bin/ungil", prefix);
    if (!host_exists(host_printf("%s/ungil.h", paths->include)))
        return cc_error("%s/ungil.h: %s (a broken installation?)", paths->include, strerror(ENOENT));
    return 0;
}
