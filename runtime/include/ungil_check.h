/* ungil_check.h - what `ungil translate --check` adds to the code of ungil_abi.h, which is included before
 * it.
 *
 * Each access that may need a barrier has a site, an entry of the file's table stm_checks (section
 * ungil_checks), and passes the address that it is about to touch through STM_CHECK, after the barrier if
 * one is left there.  The runtime's part is runtime/check.c (doc/measuring.md). */
#ifndef UNGIL_CHECK_H
#define UNGIL_CHECK_H

/* A value that is looked at may be one that nobody uses: `sp--;`.  The product build warns of those. */
#pragma GCC diagnostic ignored "-Wunused-value"

#define STM_CHECK_WRITE 1u     /* flags: written, or read and written */
#define STM_CHECK_IMMUTABLE 2u /* the field was declared immutable */
#define STM_CHECK_INFERRED 4u  /* a read whose field the whole program was found never to change */

struct stm_check_site {
    const char *file, *function;
    const char *field; /* "struct.field", or null */
    unsigned line, col, flags;
    long bits; /* of a bit-field, for which the struct around it is checked: where it begins; else -1 */
    const char *view;        /* of a write, or null: what the pointer points to that it goes through, */
    long lo, hi, step, size; /* and the bytes there (doc/ir.md) */
};

/* Bytes that are believed immutable: [x, x + size) for each x from lo to hi, step apart, in the record that
 * the translator calls `view`; or, `part` not null, that have records of that view in them, to which all that
 * is believed of those applies.  layout tells records of the same view apart, of which something was declared
 * in a file; 0: inferred of all of them, where memory was made as one. */
struct stm_check_field {
    const char *view;
    unsigned long layout;
    long lo, hi, step, size;
    const char *name, *part;
    unsigned long part_layout;
};
/* The type is such a record, or an array of them. */
struct stm_check_type {
    const struct stm_type *type;
    const char *view;
    unsigned long layout;
    long lo, hi, step;
};

void stm_check_at(const struct stm_check_site *site, stm_uptr p, stm_size n);

/* p is the value of a pointer that the program says leads to a private stack (STM_PRIVATE_STACK); top not
 * null: the address of the pointer, which it says is the top of one (STM_PRIVATE_TOP).  where:
 * "file:line:col: name". */
void stm_check_private(const void *p, const void *top, const char *where);

/* p is the value of a pointer that the program says is never a reference (STM_RAW), or is going to be.
 * where: the same. */
void stm_check_raw(const volatile void *p, const char *where);

/* A function that is not translated is about to be called, and may write to what p points into: it is looked
 * at before, and again when next something is checked.  Return: p.  where: "file:line:col: function".  view
 * not null: by its type p points `off` bytes into such a record. */
void *stm_check_out(const char *where, const volatile void *p, const char *view, unsigned long layout,
                    long off);

/* p is the owner, behind its barrier; n bytes at offset off of it are touched. */
STM_INLINE stm_uptr stm_check_(const struct stm_check_site *site, stm_uptr off, stm_size n, stm_uptr p)
{
    stm_check_at(site, p + off, n);
    return p;
}
#define STM_CHECK(k, off, n, p) stm_check_(&stm_checks[k], (off), (n), (stm_uptr)(p))

/* p may be any pointer: `real` computes the real address of the number q, which is p, with whatever barrier.
 */
#define STM_CHECK_ANY(k, n, p, q, real)                                                                      \
    __extension__({                                                                                          \
        stm_uptr q = (stm_uptr)(p);                                                                          \
        void *q##_ = (void *)(real);                                                                         \
        stm_check_at(&stm_checks[k], q, (n));                                                                \
        q##_;                                                                                                \
    })

#endif
