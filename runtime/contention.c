/* contention.c - who wins: when a transaction that was aborted shall begin inevitable.
 *
 * Validation is at commit, against what others have committed: the first committer wins, so one of those in
 * conflict always gets through, but a long transaction may lose to short ones for ever.  Nobody can hold
 * back only those that would hurt it: they do not know what it will read, and its view would miss what they
 * commit.  What does help is to hold back all commits, which is to be inevitable; the only question is from
 * when on, since the others then wait for as long as it takes.  In STM_POLICY:
 *
 *   retries  after STM_RETRIES aborts.
 *   work     when what it has lost in aborts is as much as the others would lose by waiting once for it: ski
 *            rental (Karlin,
 *            Manasse, Rudolph and Sleator, Algorithmica 1988), at most twice the cost of knowing
 *            beforehand.  The others wait as long as its longest attempt took, and for waking up; so short
 *            transactions try more often than long ones.
 *   age      at once, unless another that was aborted before has the right: one at a time, as in Greedy
 *            (Guerraoui,
 *            Herlihy and Pochon, PODC 2005), but the age counts from the first abort.
 *
 * Under each, STM_RETRIES aborts are the most; then the transaction begins inevitable, with nothing read, so
 * that nothing can abort it: it commits within STM_RETRIES + 1 tries. */
#include "runtime.h"

#define WAKE_UP                                                                                              \
    100000ull /* cycles: some 40 us from the end of an inevitable transaction until who slept for it runs */

static struct stmi_thread *_Atomic elder; /* the policy by age: who begins inevitable, or does so already */

void stmi_lost(struct stmi_thread *t, unsigned long long cycles)
{
    if (!t->retries++)
        t->lost = t->longest = 0;
    t->lost += cycles;
    if (cycles > t->longest)
        t->longest = cycles;
}

static bool lost_enough(const struct stmi_thread *t)
{
    int others = stmi_world.nheld - 1;
    return others > 0 && t->lost >= (unsigned)others * (t->longest + WAKE_UP);
}

static bool is_elder(struct stmi_thread *t)
{
    struct stmi_thread *nobody = NULL;
    return elder == t || atomic_compare_exchange_strong(&elder, &nobody, t);
}

bool stmi_must_win(struct stmi_thread *t)
{
    if (t->retries >= (int)stmi_opt.retries)
        return true;
    if (!t->retries || stmi_opt.policy == STMI_POLICY_RETRIES)
        return false;
    return stmi_opt.policy == STMI_POLICY_WORK ? lost_enough(t) : is_elder(t);
}

void stmi_elder_done(struct stmi_thread *t)
{
    if (elder == t)
        elder = NULL;
}
