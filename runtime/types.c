/* types.c - the numbers of the program's types.
 *
 * An object's header holds a 32-bit number rather than a pointer, so that it fits in 8 bytes with the
 * size.  The linker collects the descriptors in section ungil_types; programs without any have none,
 * which is why the section's bounds are weak. */
#include "runtime.h"

extern struct stm_type __start_ungil_types[] __attribute__((weak, visibility("hidden")));
extern struct stm_type __stop_ungil_types[] __attribute__((weak, visibility("hidden")));

const struct stm_type **stmi_types;
unsigned stmi_ntypes;
struct stmi_tag stmi_tags[STMI_MAX_TAGS];
int stmi_ntags;

static const struct stm_type any = {STMI_TYPE_ANY, STM_TYPE_CONSERVATIVE, 0, 0, 0, "any", NULL};
static const struct stm_type from_malloc = {STMI_TYPE_MALLOC, STM_TYPE_CONSERVATIVE, 0, 0, 0, "malloc", NULL};
static const struct stm_type weak = {STMI_TYPE_WEAK, STM_TYPE_NO_REFS, 0, 0, 0, "weak reference", NULL};

void stmi_types_init(void)
{
    size_t n = __start_ungil_types ? (size_t)(__stop_ungil_types - __start_ungil_types) : 0;
    stmi_types = stmi_calloc(n + STMI_TYPE_FIRST, sizeof *stmi_types);
    stmi_types[0] = stmi_types[STMI_TYPE_ANY] = &any;
    stmi_types[STMI_TYPE_MALLOC] = &from_malloc;
    stmi_types[STMI_TYPE_WEAK] = &weak;
    stmi_ntypes = STMI_TYPE_FIRST;
    for (struct stm_type *t = __start_ungil_types; n && t < __stop_ungil_types; t++) {
        t->id = stmi_ntypes;
        stmi_types[stmi_ntypes++] = t;
    }
}

/* Declares that a word w with (w & ~mask) == tag may hold the reference w & mask.  To be called before
 * threads start.  Words are also always tried as they are; low-bit tags are interior pointers and need no
 * call. */
void stm_register_tag(uptr mask, uptr tag)
{
    for (int i = 0; i < stmi_ntags; i++)
        if (stmi_tags[i].mask == mask && stmi_tags[i].tag == tag)
            return;
    if (stmi_ntags == STMI_MAX_TAGS)
        stmi_die("more than %d kinds of tagged words", STMI_MAX_TAGS);
    stmi_tags[stmi_ntags++] = (struct stmi_tag){mask, tag};
}
