/* libc.c - is a name one of the C library's functions?
 *
 * The table of externals says what functions do; it has those that programs use, not all that there are.  A
 * program that declares `dup` itself, in a header of its own or in a block, means the C library's all the
 * same if it defines none.  The library is asked for its names: it knows them best.  What it is asked is
 * whether a function may be its own, so that a variable's name does no harm (callee.c). */
#include "analysis/libc.h"

#include <dlfcn.h>

bool libc_has(const char *name)
{
    static const char *const files[] = {"libc.so.6", "libm.so.6"};
    static void *lib[sizeof files / sizeof *files]; /* open to the end: it is asked of each call */
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        lib[i] = lib[i] ? lib[i] : dlopen(files[i], RTLD_LAZY);
        if (lib[i] && dlsym(lib[i], name))
            return true;
    }
    return false;
}
