/* externals.c - the table of functions outside translated code (annotations.md R13), read from a text file.
 *
 * `__builtin_NAME` is NAME, whichever name the table has: the compiler calls the function, or does what it
 * would.
 *
 * A function that no line names and that is declared in a system header is unknown: the transaction becomes
 * inevitable and pointer arguments are resolved by the constness of their parameters. */
#include "analysis/externals.h"

#include <stdio.h>
#include <string.h>

#include "analysis/libc.h"
#include "base/util.h"

static struct {
    struct map names;
    struct arena arena;
} table; /* one table a process, loaded by main */

static bool bad(const char *file, unsigned line, const char *what, const char *word)
{
    fprintf(stderr, "%s:%u: error: %s '%s'\n", file, line, what, word);
    return false;
}

static bool parse_args(struct external *e, const char *s)
{
    unsigned n = 0;
    for (; *s && *s != '.'; s++) {
        if (!strchr("-rwuesvx", *s) || n + 1 >= sizeof e->args)
            return false;
        e->args[n++] = *s;
    }
    if (*s) {
        if (strncmp(s, "...", 3) || (s[3] != 'f' && s[3] != 'w') || s[4])
            return false;
        e->rest = s[3];
    }
    return true;
}

static bool parse_effect(struct external *e, char *s)
{
    static const struct {
        const char *name;
        enum ext_effect effect;
    } effects[] = {{"pure", EXT_PURE}, {"inev", EXT_INEV}, {"block", EXT_BLOCK}};
    for (unsigned i = 0; i < sizeof effects / sizeof *effects; i++)
        if (!strcmp(s, effects[i].name)) {
            e->effect = effects[i].effect;
            return true;
        }
    if (*s == '=') {
        e->effect = EXT_MAPPED;
        e->mapped = arena_strn(&table.arena, s + 1, strlen(s + 1));
        return true;
    }
    if (!strncmp(s, "no:", 3)) {
        e->effect = EXT_UNSUPPORTED;
        char *h = arena_strn(&table.arena, s + 3, strlen(s + 3));
        e->mapped = h;
        for (; *h; h++)
            if (*h == '_' && strncmp(h, "_DROP", 5) && strncmp(h, "_BLOCKING", 9))
                *h = ' ';
        return true;
    }
    return false;
}

bool externals_load(const char *file)
{
    static unsigned loaded;
    loaded++;
    FILE *f = fopen(file, "r");
    if (!f) {
        fprintf(stderr, "ungil: error: cannot read the table of externals %s\n", file);
        return false;
    }
    char buf[512];
    bool ok = true;
    for (unsigned line = 1; fgets(buf, sizeof buf, f); line++) {
        char *save, *w = strtok_r(buf, " \t\n", &save);
        if (!w || *w == '#')
            continue;
        struct external *e = arena_alloc(&table.arena, sizeof *e);
        e->name = arena_strn(&table.arena, w, strlen(w));
        w = strtok_r(NULL, " \t\n", &save);
        if (!w || !parse_effect(e, w)) {
            ok = bad(file, line, "unknown effect", w ? w : "");
            continue;
        }
        while ((w = strtok_r(NULL, " \t\n", &save))) {
            if (!strcmp(w, "fresh"))
                e->fresh = true;
            else if (!strcmp(w, "twice"))
                e->twice = true;
            else if (!strcmp(w, "noreturn"))
                e->noreturn = true;
            else if (!strcmp(w, "unless-raw"))
                e->unless_raw = true;
            else if (!strcmp(w, "safepoint"))
                e->safepoint = true;
            else if (!strcmp(w, "later"))
                e->later = true;
            else if (!strcmp(w, "keeps"))
                e->keeps = true;
            else if (!strcmp(w, "writes"))
                e->writes = true;
            else if (!parse_args(e, w))
                ok = bad(file, line, "unknown argument modes or flag", w);
        }
        uint64_t key = hash_bytes(e->name, strlen(e->name)) | 1;
        const struct external *before = map_get(&table.names, key); /* of another table, perhaps */
        e->table = loaded;
        if (before && before->table == loaded)
            ok = bad(file, line, "a second line for", e->name);
        map_put(&table.names, key, e);
    }
    fclose(f);
    return ok;
}

static const struct external *line_of(const char *name)
{
    const struct external *e = map_get(&table.names, hash_bytes(name, strlen(name)) | 1);
    return e && !strcmp(e->name, name) ? e : NULL;
}

const struct external *external_find(const char *name)
{
    const struct external *e = line_of(name);
    if (!e && !strncmp(name, BUILTIN, strlen(BUILTIN)))
        return line_of(name + strlen(BUILTIN));
    return e || strncmp(name, "__", 2) != 0 || !libc_has(name) ? e : line_of(name + 2); /* __strtok_r */
}

/* Output that may wait for the commit: a stand-in calls the runtime's, with resolved arguments. */
bool external_is_output(const struct external *e)
{
    return e && e->effect == EXT_MAPPED &&
           (!strncmp(e->mapped, "stm_f", 5) || !strncmp(e->mapped, "stm_p", 5) ||
            !strncmp(e->mapped, "stm_v", 5)) &&
           strcmp(e->mapped, "stm_free");
}
