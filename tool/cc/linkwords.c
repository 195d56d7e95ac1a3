/* linkwords.c - what the linker's options mean: may other code call the program's functions by name, and does
 * the linker bind a name otherwise than the objects say?
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

static bool is_name(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.' || c == '$';
}

/* Behind blanks and comments. */
static const char *skip(const char *s)
{
    for (;;) {
        s += strspn(s, " \t\r\n");
        if (!host_starts(s, "/*"))
            return s;
        const char *end = strstr(s + 2, "*/");
        s = end ? end + 2 : s + strlen(s);
    }
}

/* Objects and archives, which may be large, begin with what no script does; bitcode, too. */
static bool may_be_script(const char *path)
{
    char magic[3] = "";
    FILE *f = host_is_special(path) ? NULL : fopen(path, "r");
    size_t n = f ? fread(magic, 1, sizeof magic - 1, f) : 0;
    if (f)
        fclose(f);
    return n && strcmp(magic, "\177E") != 0 && strcmp(magic, "!<") != 0 && strcmp(magic, "BC") != 0;
}

/* The names to which a linker script assigns. */
static void read_script(struct linkwords *l, const char *path)
{
    size_t n;
    char *text = may_be_script(path) ? host_read_file(path, &n) : NULL;
    if (!text || strlen(text) != n)
        return;
    for (const char *s = skip(text); *s; s = skip(s)) {
        bool quoted = *s == '"';
        const char *from = s + quoted;
        size_t k = quoted ? strcspn(from, "\"") : 0;
        while (!quoted && is_name(from[k]))
            k++;
        s = from + k + (quoted ? from[k] == '"' : !k);
        const char *next = skip(s);
        if (k && *next == '=' && next[1] != '=' && !(k == 1 && *from == '.')) {
            const char *to = skip(next + 1);
            size_t m = strspn(to, "0123456789") ? 0 : strcspn(to, " \t\r\n;,+-*/()");
            host_vec_add(&l->assigned, host_strndup(from, k));
            host_vec_add(&l->replaced, host_strndup(from, k));
            host_vec_add(&l->replaced, m ? host_strndup(to, m) : host_strndup(from, k));
        }
    }
}

/* Scripts are inputs, or follow -T. */
static void read_scripts(struct linkwords *l, const struct job *job, const struct host_vec *words)
{
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *w = it->words[0];
        if (it->input == INPUT_LINKER && !host_starts(w, "-"))
            read_script(l, w);
        else if (!it->input && strcmp(w, "-T") == 0 && it->words[1])
            read_script(l, it->words[1]);
        else if (!it->input && host_starts(w, "-T"))
            read_script(l, w + 2);
    }
    for (size_t i = 0; i < words->n; i++) {
        const char *s = words->v[i];
        if ((strcmp(s, "-T") == 0 || strcmp(s, "--script") == 0 || strcmp(s, "-dT") == 0) && i + 1 < words->n)
            read_script(l, words->v[i + 1]);
        else if (host_starts(s, "--script="))
            read_script(l, s + strlen("--script="));
        else if (host_starts(s, "-T"))
            read_script(l, s + 2);
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

char *linkwords_library(const struct job *job, const char *name, bool archives_only)
{
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (it->input || !host_starts(it->words[0], "-L"))
            continue;
        const char *dir = it->words[0][2] ? it->words[0] + 2 : it->words[1];
        char *shared = host_printf("%s/lib%s.so", dir, name);
        char *file =
            *name == ':' ? host_printf("%s/%s", dir, name + 1) : host_printf("%s/lib%s.a", dir, name);
        if (*name != ':' && !archives_only && host_exists(shared))
            return shared;
        if (host_exists(file))
            return file;
    }
    return NULL;
}

/* Is s the option, without its hyphens, or so much of it that the linker knows which it is?  A value may
 * follow. */
static bool is_option(const char *s, const char *option, size_t least)
{
    size_t n = strcspn(s, "=");
    return n >= least && strncmp(s, option, n) == 0 && n <= strlen(option);
}

void linkwords_read(const struct job *job, struct linkwords *l)
{
    struct host_vec v = {0};
    *l = (struct linkwords){0};
    add_words(&v, job);
    v = host_expand_response_files((int)v.n, v.v);
    read_scripts(l, job, &v);
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        if (!it->input && host_starts(it->words[0], "-l") &&
            linkwords_library(job, it->words[0][2] ? it->words[0] + 2 : it->words[1], false))
            l->open = true;
    }
    for (size_t i = 0; i < v.n; i++) {
        const char *s = v.v[i], *value = strchr(s, '=');
        bool next;
        while (*s == '-')
            s++;
        if (is_option(s, "allow-multiple-definition", strlen("allow-m")) ||
            (*s == 'z' && strstr(s, "muldefs")) ||
            (strcmp(s, "z") == 0 && i + 1 < v.n && strcmp(v.v[i + 1], "muldefs") == 0))
            l->several = v.v[i];
        bool wrap = is_option(s, "wrap", 2), defsym = is_option(s, "defsym", 4);
        if (wrap || defsym) {
            value = value ? value + 1 : i + 1 < v.n ? v.v[++i] : "";
            size_t n = strcspn(value, "=");
            host_vec_add(&l->replaced, host_strndup(value, n));
            host_vec_add(wrap ? &l->wrapped : &l->assigned, host_strndup(value, n));
            host_vec_addf(&l->replaced, wrap ? "__wrap_%s" : "%s",
                          wrap ? value : value + n + (value[n] == '='));
        } else if (!is_closed(s, &next)) {
            l->open = true;
        } else {
            i += next;
        }
    }
}
