/* options.c - the run-time options: one table (runtime.h), read from the environment once, at start.
 *
 * After mimalloc's options.c: a build has few switches, a run has many, and each has one name.  A name that
 * begins with STM_ but is not in the table is most likely a misspelling, so it is reported. */
#include "runtime.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

extern char **environ;

struct stmi_options stmi_opt = {
#define X(field, env, def, lo, hi, what) .field = def,
    STMI_OPTIONS(X)
#undef X
};

static const struct option {
    const char *env;
    unsigned long *value, lo, hi;
    const char *what;
} table[] = {
#define X(field, env, def, lo, hi, what) {env, &stmi_opt.field, lo, hi, what},
    STMI_OPTIONS(X)
#undef X
};
enum { NOPTIONS = sizeof table / sizeof table[0] };

struct stmi_files stmi_files;

static const struct file_option {
    const char *env, **value, *what;
} files[] = {
#define X(field, env, what) {env, &stmi_files.field, what},
    STMI_FILES(X)
#undef X
};
enum { NFILES = sizeof files / sizeof files[0] };

static const struct {
    const char *text;
    unsigned long value;
} words[] = {
    {"json", 2},
    {"yes", 1},
    {"true", 1},
    {"no", 0},
    {"false", 0},
    {"retries", STMI_POLICY_RETRIES},
    {"work", STMI_POLICY_WORK},
    {"age", STMI_POLICY_AGE},
};

static bool parse(const char *text, unsigned long *value)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcasecmp(text, words[i].text))
            return *value = words[i].value, true;
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 0);
    if (end == text || errno || *text == '-')
        return false;
    int shift = *end == 'k' || *end == 'K'   ? 10
                : *end == 'm' || *end == 'M' ? 20
                : *end == 'g' || *end == 'G' ? 30
                                             : 0;
    if (shift)
        end++;
    if (*end || (v << shift) >> shift != v)
        return false;
    *value = v << shift;
    return true;
}

static void set(const char *name, size_t len, const char *text)
{
    for (int i = 0; i < NOPTIONS; i++) {
        const struct option *o = &table[i];
        if (strlen(o->env) != len || memcmp(o->env, name, len))
            continue;
        unsigned long v;
        if (!parse(text, &v))
            stmi_warn("%s=%s: not a number; ignored", o->env, text);
        else if (v < o->lo || v > o->hi)
            stmi_warn("%s=%s: outside %lu..%lu; ignored", o->env, text, o->lo, o->hi);
        else
            *o->value = v;
        return;
    }
    for (int i = 0; i < NFILES; i++)
        if (strlen(files[i].env) == len && !memcmp(files[i].env, name, len)) {
            *files[i].value = *text ? text : NULL;
            return;
        }
    if ((len == 9 && !memcmp(name, "STM_COUNT", len)) || (len == 8 && !memcmp(name, "STM_SEEN", len)))
        return; /* count.c reads the one, seen.c the other */
    stmi_warn("%.*s is not an option (STM_HELP=1 lists them)", (int)len, name);
}

/* A program may carry its own defaults: strings "STM_NAME=value", ended by null (as sanitizers'
 * default_options). */
extern const char *const stm_options[] __attribute__((weak));

static void set_all(const char *const *e)
{
    for (; e && *e; e++) {
        const char *eq = strchr(*e, '=');
        if (eq && !strncmp(*e, "STM_", 4))
            set(*e, (size_t)(eq - *e), eq + 1);
    }
}

/* Collections have a price however little survives; in the cache it is paid less often the more of it is
 * used. */
static void set_nursery(void)
{
    if (stmi_opt.nursery) {
        if (stmi_opt.nursery < 4096)
            stmi_opt.nursery = 4096;
        return;
    }
    long cache = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
    cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
    stmi_opt.nursery = cache < 1l << 20 ? 1ul << 20 : cache > 4l << 20 ? 4ul << 20 : (unsigned long)cache;
}

void stmi_options_read(void)
{
    set_all(stm_options);
    set_all((const char *const *)environ);
    stmi_opt.heap_size &= ~(STMI_BLOCK * 16 - 1);
    set_nursery();
    if (stmi_opt.major && stmi_opt.major < 4096)
        stmi_opt.major = 4096;
    if (stmi_opt.help)
        for (int i = 0; i < NOPTIONS; i++)
            stmi_warn("%-16s %12lu  %s", table[i].env, *table[i].value, table[i].what);
    for (int i = 0; stmi_opt.help && i < NFILES; i++)
        stmi_warn("%-16s %12s  %s", files[i].env, *files[i].value ? *files[i].value : "-", files[i].what);
}
