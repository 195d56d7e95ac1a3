/* ungil_count.h - what `ungil translate --count` adds to the code of ungil_abi.h, which is included before
 * it.
 *
 * Each access that may need a barrier has a site, an entry of the file's table stm_sites (section
 * ungil_sites), and passes its pointer through STM_COUNT before the barrier; each function that has such an
 * access declares an activation.  The runtime's part is runtime/count.c (doc/measuring.md). */
#ifndef UNGIL_COUNT_H
#define UNGIL_COUNT_H

#define STM_SITE_READ 0u
#define STM_SITE_WRITE 1u
#define STM_SITE_UPDATE 2u    /* ++, +=: read and written, one write barrier */
#define STM_SITE_IMMUTABLE 1u /* flag: of an immutable field */
#define STM_SITE_MOVED 2u     /* flag: no access, but a barrier that stands for accesses elsewhere */

struct stm_site {
    const char *file, *function;
    const char *field;  /* "struct.field", or null */
    const char *passes; /* "naive", "facts" (of the whole program) and the names of the passes, in order, with
                           commas between */
    const char
        *after; /* for each of them a letter: the barrier at this access after it: r, w, or - for none */
    unsigned line, col;
    unsigned kind, flags;
    stm_uptr reserved;
};

/* One run of a function.  Ids grow; the activation entered last has the greatest. */
struct stm_activation {
    stm_uptr id;
};

stm_uptr stm_count_enter(void);
void stm_count_leave(struct stm_activation *a);
void stm_count_check(void); /* the function looks whether its transaction has ended */
stm_uptr stm_count_at(const struct stm_site *site, const struct stm_activation *a,
                      stm_uptr p); /* returns p */

#define STM_ACTIVATION                                                                                       \
    struct stm_activation stm_act                                                                            \
        __attribute__((__cleanup__(stm_count_leave), __unused__)) = {stm_count_enter()};
#define STM_COUNT_CHECK stm_count_check()
#define STM_COUNT(k, p) stm_count_at(&stm_sites[k], &stm_act, (stm_uptr)(p))

#endif
