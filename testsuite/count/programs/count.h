/* count.h - what the programs share: two old objects, and main, which ends its first transaction before what
 * is measured.
 *
 * The objects are reached without an access: from locals of main. */
#define UNGIL_PLAIN_MALLOC
#include "ungil.h"

struct STM_OBJECT cell {
    long value, more;
    long fixed STM_IMMUTABLE;
    long flag STM_CHECKED_STORE;
    struct cell *next;
};

#define END_TRANSACTION() (stm_hint_commit_soon(), STM_SAFEPOINT())

#define MAIN                                                                                                 \
    int main(void)                                                                                           \
    {                                                                                                        \
        struct cell *a = STM_NEW(struct cell), *b = STM_NEW(struct cell);                                    \
        setup();                                                                                             \
        END_TRANSACTION();                                                                                   \
        return measured(a, b) == -12345;                                                                     \
    }
