/* claims.c - what is taken as said, since no code shows it: the table externals.txt, and what the translator
 * tells of each file (section ungil_claims; tool/emit/claims.c), one line each:
 *
 *     object NAME SIZE     structs of this name and size are STM_OBJECTs
 *     external NAME        is declared in a system header, and not translated
 *     back NAME            ... and may call translated code before it returns
 *     nosafepoint NAME     is declared STM_NO_SAFEPOINT or STM_TRANSACTION_PURE, and not defined here
 *     fresh NAME           is declared STM_ALLOC_FN, and not defined here
 *     immutable NAME.OFF SIZE   the field there is declared STM_IMMUTABLE
 *     view A B             a pointer to a struct A becomes one to a struct B; "*": to anything else
 *     unless F A B         likewise, in what goes into function F or comes out, unless F only makes memory
 *     filled A             pointers to a struct A are given to a memset
 *     alternative A B      structs or unions A and B begin at one place of a union, or the one is the union
 *     points A.OFF B       the member of A there is a pointer to a B
 *
 * What the translator found out about translated functions is not among them: that is found anew. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static char **lines;
static size_t nlines, caplines;
static struct map known; /* interned line -> 1 */

static struct map table; /* interned name -> entry */
struct entry {
    char *effect, *args;
    bool back;
};

void claims_add(const char *text, size_t n)
{
    for (const char *end = text + n, *next; text < end && *text; text = next) {
        next = memchr(text, '\n', (size_t)(end - text));
        char *line = strndup(text, (size_t)((next ? next : end) - text));
        PUSH(lines, nlines, caplines, line);
        *map_at(&known, KEY(intern(line))) = 1;
        next = next ? next + 1 : end;
    }
}

bool claims_read(const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0;)
        claims_add(line, (size_t)n);
    free(line);
    return f && !fclose(f);
}

bool claims_has(const char *word, const char *name)
{
    char buf[600];
    snprintf(buf, sizeof buf, "%s %s", word, name);
    return map_get(&known, KEY(intern(buf)));
}

/* The C library gives some of its functions other names for the linker (__isoc99_sscanf, fopen64), and those
 * that check sizes (_FORTIFY_SOURCE: __strcpy_chk). */
static const char *c_name(const char *name)
{
    static const char *const prefixes[] = {"__isoc99_", "__isoc23_", "__xpg_"};
    static char buf[256];
    size_t n = strlen(name);
    for (unsigned k = 0; k < sizeof prefixes / sizeof *prefixes; k++)
        if (!strncmp(name, prefixes[k], strlen(prefixes[k])))
            return name + strlen(prefixes[k]);
    const bool checks = n > 6 && !strncmp(name, "__", 2) && !strcmp(name + n - 4, "_chk");
    if (n >= sizeof buf || (!checks && (n < 3 || strcmp(name + n - 2, "64"))))
        return name;
    n -= checks ? 6 : 2;
    memcpy(buf, checks ? name + 2 : name, n);
    buf[n] = 0;
    return buf;
}

/* Functions of the compiler's own: __muldc3, __divsc3, ... */
static bool is_complex_arithmetic(const char *name)
{
    return (!strncmp(name, "__mul", 5) || !strncmp(name, "__div", 5)) && name[5] && !strcmp(name + 6, "c3");
}

bool claims_external(const char *name)
{
    return is_complex_arithmetic(name) || claims_has("external", name) ||
           claims_has("external", c_name(name));
}

bool claims_read_externals(const char *path)
{
    FILE *f = fopen(path, "r");
    char buf[512];
    if (!f)
        return false;
    while (fgets(buf, sizeof buf, f)) {
        char *save, *name = strtok_r(buf, " \t\n", &save), *effect = strtok_r(NULL, " \t\n", &save), *w;
        if (!name || *name == '#' || !effect)
            continue;
        struct entry *e = xzalloc(sizeof *e);
        *e = (struct entry){.effect = strdup(effect), .args = strdup("")};
        while ((w = strtok_r(NULL, " \t\n", &save))) {
            if (!strcmp(w, "safepoint"))
                e->back = true;
            else if (strspn(w, "-rwuesvx") == strcspn(w, "."))
                e->args = strdup(w);
        }
        *map_at(&table, KEY(intern(name))) = KEY(e);
        if (*effect == '=') { /* the runtime's function is given less */
            struct entry *mapped = xzalloc(sizeof *mapped);
            *mapped = (struct entry){.effect = e->effect, .args = strdup(e->args), .back = e->back};
            char *to = mapped->args;
            for (const char *from = e->args; *from; from++)
                if (*from != 'x')
                    *to++ = *from;
            *to = 0;
            *map_at(&table, KEY(intern(effect + 1))) = KEY(mapped);
        }
    }
    fclose(f);
    return true;
}

static const struct entry *find(const char *name)
{
    const struct entry *e = AT(struct entry, map_get(&table, KEY(intern(name))));
    e = e ? e : AT(struct entry, map_get(&table, KEY(intern(c_name(name)))));
    return e || strncmp(name, "__", 2) != 0 ? e : AT(struct entry, map_get(&table, KEY(intern(name + 2))));
}

bool claims_irreversible(const char *name)
{
    return claims_has("inev", name) || claims_has("inev", c_name(name));
}

bool claims_listed(const char *name)
{
    return find(name);
}

char claims_argument(const char *name, unsigned k)
{
    const struct entry *e = find(name);
    return (char)(!e ? 0 : k < strcspn(e->args, ".") ? e->args[k] : strstr(e->args, "...w") ? 'w' : 0);
}

int claims_format(const char *name)
{
    const struct entry *e = find(name);
    return e && strstr(e->args, "...f") ? (int)strcspn(e->args, ".") - 1 : -1;
}

bool claims_writes(const char *name)
{
    const struct entry *e = find(name);
    return !e || strcmp(e->effect, "pure") || e->back || strpbrk(e->args, "wuev") || strstr(e->args, "...w");
}

bool claims_calls_back(const char *name)
{
    const struct entry *e = find(name);
    return (e && e->back) || claims_has("back", name) || claims_has("back", c_name(name));
}

void claims_each(const char *word, void (*f)(const char *rest))
{
    size_t len = strlen(word);
    for (size_t k = 0; k < nlines; k++)
        if (!strncmp(lines[k], word, len) && lines[k][len] == ' ')
            f(lines[k] + len + 1);
}
