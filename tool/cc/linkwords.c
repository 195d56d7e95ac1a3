/* linkwords.c - what the linker's options mean for a whole program: may other code call its functions by
 * name, and does the linker bind a name otherwise than the objects say?
 *
 * Options that are known to do neither are listed; any other makes the program open, so a spelling that is
 * not thought of costs speed and nothing else. */
#include "cc.h"

#include <stdio.h>
#include <string.h>

/* Without their hyphens; those that end in `=` may have their value in the next word. */
static const char *const closed[] = {"as-needed",
                                     "no-as-needed",
                                     "gc-sections",
                                     "no-gc-sections",
                                     "build-id",
                                     "O0",
                                     "O1",
                                     "O2",
                                     "O3",
                                     "sort-common",
                                     "no-undefined",
                                     "start-group",
                                     "end-group",
                                     "(",
                                     ")",
                                     "strip-all",
                                     "strip-debug",
                                     "s",
                                     "S",
                                     "x",
                                     "X",
                                     "eh-frame-hdr",
                                     "relax",
                                     "no-relax",
                                     "warn-common",
                                     "fatal-warnings",
                                     "demangle",
                                     "no-demangle",
                                     "enable-new-dtags",
                                     "disable-new-dtags",
                                     "print-gc-sections",
                                     "pie",
                                     "no-pie",
                                     "static",
                                     "Bstatic",
                                     "Bdynamic",
                                     "Bsymbolic",
                                     "no-keep-memory",
                                     "color-diagnostics",
                                     "cref",
                                     "hash-style=",
                                     "rpath=",
                                     "rpath-link=",
                                     "Map=",
                                     "z=",
                                     "dynamic-linker=",
                                     "icf=",
                                     "compress-debug-sections=",
                                     "build-id=",
                                     NULL};

static void add_words(struct host_vec *v, const struct job *job)
{
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *w = it->words[0];
        if (it->input || !(it->where & FOR_LINK))
            continue;
        if (host_starts(w, "-Wl,")) {
            for (const char *s = w + 4; *s; s += strcspn(s, ","), s += *s == ',')
                host_vec_add(v, host_strndup(s, strcspn(s, ",")));
        } else if (strcmp(w, "-Xlinker") == 0) {
            host_vec_add(v, it->words[1]);
        } else if (host_starts(w, "-z")) {
            host_vec_addf(v, "-z=%s", w[2] ? w + 2 : it->words[1]);
        } else if (strcmp(w, "-shared") == 0 || strcmp(w, "-rdynamic") == 0 || strcmp(w, "-r") == 0 ||
                   host_starts(w, "-T") || host_starts(w, "-u") || strcmp(w, "-e") == 0) {
            host_vec_add(v, w); /* none of the closed ones */
        }
    }
}

static bool is_closed(const char *s, bool *takes_value)
{
    *takes_value = false;
    for (const char *const *c = closed; *c; c++) {
        size_t n = strlen(*c);
        if ((*c)[n - 1] != '=' ? strcmp(s, *c) == 0 : strncmp(s, *c, n) == 0)
            return true;
        if ((*c)[n - 1] == '=' && strlen(s) == n - 1 && strncmp(s, *c, n - 1) == 0)
            return *takes_value = true;
    }
    return false;
}

/* -lNAME, -l:FILE: does one of the command's own directories have it?  Then it may be anybody's. */
static bool finds_library(const struct job *job, const char *name)
{
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (it->input || !host_starts(it->words[0], "-L"))
            continue;
        const char *dir = it->words[0][2] ? it->words[0] + 2 : it->words[1];
        if (*name == ':' ? host_exists(host_printf("%s/%s", dir, name + 1))
                         : host_exists(host_printf("%s/lib%s.a", dir, name)) ||
                               host_exists(host_printf("%s/lib%s.so", dir, name)))
            return true;
    }
    return false;
}

void linkwords_read(const struct job *job, struct linkwords *l)
{
    struct host_vec v = {0};
    *l = (struct linkwords){0};
    add_words(&v, job);
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (!it->input && host_starts(it->words[0], "-l") &&
            finds_library(job, it->words[0][2] ? it->words[0] + 2 : it->words[1]))
            l->open = true;
    }
    for (size_t i = 0; i < v.n; i++) {
        const char *s = v.v[i], *value = strchr(s, '=');
        bool next;
        while (*s == '-')
            s++;
        if (strcmp(s, "allow-multiple-definition") == 0 || (*s == 'z' && strstr(s, "muldefs")) ||
            (strcmp(s, "z") == 0 && i + 1 < v.n && strcmp(v.v[i + 1], "muldefs") == 0))
            l->several = v.v[i];
        bool wrap = host_starts(s, "wrap"), defsym = host_starts(s, "defsym");
        if (wrap || defsym) {
            value = value ? value + 1 : i + 1 < v.n ? v.v[++i] : "";
            size_t n = strcspn(value, "=");
            host_vec_add(&l->replaced, host_strndup(value, n));
            host_vec_addf(&l->replaced, wrap ? "__wrap_%s" : "%s",
                          wrap ? value : value + n + (value[n] == '='));
        } else if (!is_closed(s, &next)) {
            l->open = true;
        } else {
            i += next;
        }
    }
}
