/* available.c - removes barriers that have been done already, on every path, in this transaction.
 *
 * Requires: placed barriers.  Leaves the control flow alone.  The analysis is facts.c; with copies looked
 * through in both directions and phis joined per edge it goes beyond PyPy's read pass (features.md section
 * 2), which is its model.  It does not move barriers: a read in a loop whose object is not read before the
 * loop stays one barrier for each iteration.
 */
#include "priv.h"

unsigned long available_run(struct ir_module *m)
{
    return facts_remove_covered(m, false, "available");
}
