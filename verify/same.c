/* same.c - loads that read the same: each gets the first of them, or what a store has written before, as its
 * term (values.c).  Since more addresses are equal when more loads are, that is found in rounds. */
#include "verify.h"

enum { MAX_ROUNDS = 6 };
static struct map found;
static bool changed;

/* Is p a variable that nobody writes? */
static bool is_never_written(LLVMValueRef p)
{
    if (!LLVMIsAGlobalVariable(p) || LLVMIsGlobalConstant(p) || !is_local(p))
        return LLVMIsAGlobalVariable(p) && LLVMIsGlobalConstant(p);
    for (LLVMUseRef u = LLVMGetFirstUse(p); u; u = LLVMGetNextUse(u))
        if (!LLVMIsALoadInst(LLVMGetUser(u)))
            return false;
    return true;
}

static void find(struct ins *i)
{
    if (i->op != LLVMLoad || map_get(&found, KEY(i->v)))
        return;
    LLVMValueRef p = LLVMGetOperand(i->v, 0);
    if (!bits_of(i->v) || LLVMGetVolatile(i->v) || (!is_shared(p) && !is_never_written(p)))
        return;
    struct key k = {.ask = SAME, .at = place_of_pointer(p), .size = size_of(LLVMTypeOf(i->v))};
    k.stable = is_declared_immutable(i->v, p) || is_never_written(p);
    LLVMValueRef same = find_same_load(i, &k);
    if (!same || term_has(term_of(same), i->v))
        return;
    *map_at(&found, KEY(i->v)) = 1;
    values_same(i->v, same);
    changed = true;
}

void same_start(void)
{
    unsigned round = 0;
    do {
        values_start();
        changed = false;
        program_each(find);
    } while (changed && ++round < MAX_ROUNDS);
    if (changed)
        values_start();
}
