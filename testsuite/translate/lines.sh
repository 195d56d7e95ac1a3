#!/usr/bin/env bash
# Messages of the compiler and the debugger speak of the source's lines: what stands behind an expression of
# several lines stands in its own line, whatever became of the expression.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >"$work/lines.c" <<'EOF'
#include "ungil.h"
#include <stdio.h>
struct STM_OBJECT node { long x; struct node *next; };
static struct node *head;
static long here(long n) { STM_SAFEPOINT(); return n; }
long mark_6(struct node *p)
{
    printf("%ld %ld %ld\n", p->x,
           here(p->next->x),

           head->x + here(3));
    long mark_12 = here(p->x++ +
                        here(
                            head->next->x));
    if (p->x &&
        here(head->x))
        p->x = here(4) +
               here(p->next->x);
    long mark_19 = ({ long t = here(1) +
                               p->x;
                      long mark_21 = t; mark_21; });
    while (here(p->x) >
           head->x)
        p->x--;
    STM_ATOMIC {
        p->x = here(
            5);
        long mark_28 = p->x; p->x += mark_28;
    }
    head = p, p->next = p->next
        ? p->next : head;
    return mark_12 + mark_19 + here(3) *
        head->x;
}
long mark_35(struct node *p) { return p->x; }
EOF
for how in "" --check --count --claims; do
    # shellcheck disable=SC2086
    "$ungil" translate $how "$work/lines.c" -o "$work/lines.stm.c" >/dev/null
    awk '
        /^#line / || /^# [0-9]/ { n = $2 - 1; next }
        { n++; while (match($0, /mark_[0-9]+/)) {
            name = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
            if (!(name in at)) at[name] = n } }
        END { for (name in at) if (name != "mark_" at[name]) print name " in line " at[name] }
    ' "$work/lines.stm.c" | sort >"$work/wrong"
    if [ -s "$work/wrong" ]; then
        fail "translate $how: $(tr '\n' ';' <"$work/wrong")"
    else
        pass
    fi
done
