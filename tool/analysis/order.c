/* order.c - which orders of evaluation must be forced.
 *
 * The IR has the events of a full expression in one order, and the passes remove barriers that an earlier
 * event in that order has made superfluous.  C leaves the order of most operands open (6.5p3): gcc evaluates
 * arguments from the right, clang an assignment's value before its target.  Where another order could break
 * what the passes assumed, the emitter puts the operands into temporaries, in the IR's order; only there, so
 * that ordinary code stays as it was written.
 *
 * What may break, for an operand a that comes before b in the IR:
 *
 *   END with anything     the barrier of p->f, then the end of the transaction, then the access to p->f
 *   TURN(a), READ(b)      b reads without a barrier because the transaction is inevitable by then
 *   TURN(a), ACT(b)       b does what cannot be undone
 *   LOG(a), WRITE(b)      b writes what a has made known to the log: written before, it is lost at an abort,
 *                         and seen by others
 *   MARK(a), READ(b), and VIEW in any operand
 *                         b reads what a marks.  Without VIEW either order will do: memory is as it was when
 *                         the transaction began, or was validated last.  With it, b may have read what a
 *                         commit has changed since, and a's mark comes too late to show it.
 *   FOLLOW and CHANGE     two loads of a pointer are one value to the passes, if nothing changes it between
 *                         them; and what is behind it then is one object
 *
 * A CHANGE is a call, or a store of a pointer.  Other writes cannot matter: what one operand assigns and
 * another reads is undefined in C (6.5p2).
 *
 * Two assumptions about the compilers, gcc and clang: they evaluate one operand as a whole before they begin
 * with another (calls never mix, 6.5.2.2p10; the rest of two operands might, in C, but does not); and of what
 * they delay beyond that, the store of a postfix operator, the barrier is not delayed. */
#include "analysis/order.h"

/* Is there one of the events in an operand, and one of the others in another? */
static bool apart(const unsigned *v, unsigned n, unsigned events, unsigned others)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < n; k++)
            if (i != k && v[i] & events && v[k] & others)
                return true;
    return false;
}

bool order_matters(const unsigned *v, unsigned n)
{
    unsigned all = 0, before = 0;
    bool covers = false, matters = false;
    for (unsigned i = 0; i < n; i++) {
        covers |= before & (ORDER_MARK | ORDER_LOG) && v[i] & ORDER_READ;
        matters |= before & ORDER_TURN && v[i] & (ORDER_READ | ORDER_ACT);
        matters |= before & ORDER_LOG && v[i] & ORDER_WRITE;
        before |= v[i];
        all |= v[i];
    }
    return matters || (covers && all & (ORDER_VIEW | ORDER_TURN)) || apart(v, n, ORDER_END, ~0u) ||
           apart(v, n, ORDER_FOLLOW, ORDER_CHANGE);
}

bool order_matters_before(unsigned last, unsigned own)
{
    return own && (last & ORDER_END || (last & ORDER_TURN && own & ORDER_READ));
}
