/* redirects.c - names that the linker is told to bind otherwise.
 *
 * With `--wrap=f` what refers to f and does not define it gets __wrap_f; with `--defsym=f=g`, and where a
 * linker script assigns to f, everything gets g.  In whole-program mode `ungil link` is told (linkwords.c).
 * But each file has believed something on its own: of a function of a library, what the table of externals
 * says; of one of its own, its body.  Which object did, the linker can tell: its symbols say so
 * (tool/emit/link_names.c). So the link gets a script of assertions: that no object takes a wrapped name for
 * the library's, and that none takes so, or defines, a name that is assigned. */
#include "cc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As in ungil_abi.h: the symbols of STM_TAKES and STM_TAKES_EITHER, of these and of STM_DEFINES_WEAK, and of
 * the other STM_DEFINES. */
#define NAME(n)                                                                                              \
    "\"'%s' is defined by the program, and another file takes it for a library's: rename it (" n ")\""
#define TAKEN NAME("4")
#define WEAK NAME("3")
#define DEFINED                                                                                              \
    "\"'%s' is taken for a function of the program, but no translated file defines it: if it is a "          \
    "library's, "                                                                                            \
    "include the library's header\""

#define ELSEWHERE                                                                                            \
    "\"ungil-cc: '%s' is given another address (--defsym, or a linker script), and a translated file "

int redirects_script(const struct linkwords *l, bool bodies, char **path)
{
    *path = NULL;
    if (!l->wrapped.n && !l->assigned.n)
        return 0;
    *path = host_temp_path("redirects.ld");
    FILE *f = fopen(*path, "w");
    if (!f)
        return cc_error("%s: %s", *path, strerror(errno));
    for (size_t i = 0; i < l->wrapped.n; i++) {
        const char *name = l->wrapped.v[i];
        fprintf(f,
                "ASSERT(!DEFINED(" TAKEN "), \"ungil-cc: --wrap=%s: a translated file takes '%s' for the "
                "library's: let it call __wrap_%s\")\n",
                name, name, name, name);
    }
    for (size_t i = 0; i < l->assigned.n; i++) {
        const char *name = l->assigned.v[i];
        fprintf(f, "ASSERT(!DEFINED(" TAKEN "), ", name);
        fprintf(f, ELSEWHERE "takes it for the library's: let it call the other by its name\")\n", name);
        if (!bodies)
            continue;
        fprintf(f, "ASSERT(!DEFINED(" DEFINED ") && !DEFINED(" WEAK "), ", name, name);
        fprintf(f, ELSEWHERE "that defines it knows what it does: rename it\")\n", name);
    }
    bool failed = ferror(f);
    if (fclose(f) || failed)
        return cc_error("%s: %s", *path, strerror(errno));
    return 0;
}
