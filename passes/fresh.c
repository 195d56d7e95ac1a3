/* fresh.c - removes barriers on objects allocated in this transaction.
 *
 * Requires: placed barriers.  Leaves the control flow alone.  An object is fresh from its allocation to the
 * next safepoint, *not* merely to the next allocation or collection: the runtime's generation boundary is
 * the transaction (runtime.md).  `available` subsumes this pass; it stands apart so that the counts tell how
 * much freshness alone is worth.
 */
#include "priv.h"

unsigned long fresh_run(struct ir_module *m)
{
    return facts_remove_covered(m, true, "fresh");
}
