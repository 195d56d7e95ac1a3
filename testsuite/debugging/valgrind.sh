#!/usr/bin/env bash
# timeout: 180
# Programs of the gil build under valgrind: right output, and no complaint but of what is wrong in the
# program.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"

command -v valgrind >/dev/null || { echo "no valgrind"; exit 77; }
cd "$work"
check() {
    rc=0
    STM_HEAP_SIZE=256m timeout 150 valgrind -q --error-exitcode=9 \
        --suppressions="$UNGIL_STAGE/share/ungil/valgrind.supp" ./prog >out 2>err || rc=$?
}
build() { "$UNGIL_STAGE/bin/ungil-cc" --runtime=gil -gdwarf-4 -O1 "$@" -o prog -pthread || fail "$*"; }

# collections, threads, large objects; several marking threads
build "$here/../e2e/list.c"
./prog >expect
export STM_MAJOR=64k STM_NURSERY=64k STM_MARKERS=2
check
if [ $rc = 0 ] && cmp -s expect out; then pass; else fail "list.c: status $rc"; cat err; fi

# a word without a value, used in the program itself
cat >wrong.c <<'END'
#include "ungil.h"
#include <stdlib.h>
struct STM_OBJECT cell { int value; };
static struct cell *last;
int main(int argc, char **argv)
{
    volatile int undefined[16];
    (void)argv;
    undefined[0] = 1;
    last = STM_NEW(struct cell);
    if (undefined[argc + 2] > 12345)
        last->value = 1;
    return 0;
}
END
build wrong.c
check
if [ $rc = 9 ] && grep -q 'uninitialised' err; then pass; else fail "wrong.c: status $rc"; cat err; fi
