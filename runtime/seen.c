/* seen.c - the checking build: which accesses has it looked at?
 *
 * What no run comes to, no check sees.  STM_SEEN=FILE makes a program write, when it ends by itself, a line
 * for each access that may need a barrier:
 *
 *     vm.c:48:22: read of node.value, in sum: checked
 *     vm.c:52:9: write, in set: never
 *
 * A byte for each site, set without a lock: it only ever becomes 1. */
#include "runtime.h"
#include "ungil_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const struct stm_check_site __start_ungil_checks[] __attribute__((weak, visibility("hidden")));
extern const struct stm_check_site __stop_ungil_checks[] __attribute__((weak, visibility("hidden")));

static unsigned char *seen; /* null: nobody asked */
static const char *to;      /* the program may change its environment */

static size_t count(void)
{
    return (size_t)(__stop_ungil_checks - __start_ungil_checks);
}

static void __attribute__((constructor)) start(void)
{
    to = getenv("STM_SEEN");
    if (to && *to)
        seen = stmi_calloc(count() + 1, 1);
}

void stmi_check_seen(const struct stm_check_site *site)
{
    if (seen)
        __atomic_store_n(&seen[site - __start_ungil_checks], 1, __ATOMIC_RELAXED);
}

static void __attribute__((destructor)) report(void)
{
    FILE *f = seen ? fopen(to, "w") : NULL;
    if (seen && !f)
        stmi_warn("cannot write STM_SEEN file %s: %s", to, strerror(errno));
    for (size_t i = 0; f && i < count(); i++) {
        const struct stm_check_site *s = &__start_ungil_checks[i];
        if (s->file)
            fprintf(f, "%s:%u:%u: %s%s%s, in %s: %s\n", s->file, s->line, s->col,
                    s->flags & STM_CHECK_WRITE ? "write" : "read", s->field ? " of " : "",
                    s->field ? s->field : "", s->function, seen[i] ? "checked" : "never");
    }
    if (f && fclose(f))
        stmi_warn("cannot write STM_SEEN file %s: %s", to, strerror(errno));
}
