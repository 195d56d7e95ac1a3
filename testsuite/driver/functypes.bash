# functypes.bash - for the tests of indirect calls by type (tool/whole/fnflow.c): sourced by each.
#
# Each case is a way in which a function may come to be called through another type than its own, or one
# that looks like it. `loud` passes a safepoint, `quiet` does not; calls through quiet's type pass none,
# unless loud gets there.
# shellcheck shell=bash source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

cat >types.h <<'C'
#include "ungil.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
struct a; struct b;
typedef int (*quiet_fn)(struct a *);
typedef int (*loud_fn)(struct b *);
struct x { long n; quiet_fn f; };
struct y { long n; loud_fn f; };
C
cat >base.c <<'C'
#include "types.h"
quiet_fn hook;
int loud(struct b *b) { STM_SAFEPOINT(); return b != NULL; }
int quiet(struct a *a) { return a != NULL; }
int call(void) { return hook(NULL); }
int call_x(struct x *x) { return x->f(NULL); }
int main(void)
{
    static loud_fn volatile keep;
    keep = loud;
    hook = quiet;
    return call() + keep(NULL);
}
C
flags=(-w -std=gnu17 -Wno-error=incompatible-function-pointer-types -Wno-error=incompatible-pointer-types
    -Wno-error=int-conversion)
ok ungil summarize base.c -o base.sum -- "${flags[@]}"

# calls NAME: links base.c and the C files on standard input, with --- between them; sets $line to what is
# said of calls through quiet's type.
calls() {
    rm -f part*.c part*.sum facts
    awk 'BEGIN { n = 1 } /^---$/ { n++; next } { print > "part" n ".c" }'
    local f
    for f in part*.c; do
        sed -i -e '1i #include "types.h"' -e '1i extern quiet_fn hook; int loud(struct b *);' \
            -e '1i int quiet(struct a *); int call_x(struct x *);' "$f"
        ok ungil summarize "$f" -o "${f%.c}.sum" -- "${flags[@]}"
    done
    ok ungil link base.sum part*.sum -o facts
    line=$(grep -F 'icall .icall:i4(p{a})' facts | sort -u)
    [ -n "$line" ] || failed "$1: no line for the type"
    cases=$((cases + 1))
}
cases=0
merged() {
    calls "$1"
    [[ $line != *nosafepoint* ]] || failed "$1: a call through quiet's type may reach loud"
}
apart() { calls "$1"; [[ $line == *nosafepoint* ]] || failed "$1: nothing of loud's type gets there"; }
