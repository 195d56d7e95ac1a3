#!/usr/bin/env bash
# Programs under AddressSanitizer: right output, what is wrong on the stack is found, and nothing is
# said of leaks, since statics are not where they seem to be and the heap's pointers are not seen.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"
# shellcheck source=testsuite/debugging/sanitizers.bash
. "$(dirname "$0")/sanitizers.bash"

cd "$work"
needs -fsanitize=address

cat >counts.c <<'END'
#include "ungil.h"
#include <stdio.h>
#include <stdlib.h>
struct STM_OBJECT node { struct node *next; char *text; };
static struct node *list;
static long n;
int main(int argc, char **argv)
{
    char local[4] = "abc";
    list = STM_NEW(struct node);
    list->text = malloc(10);
    n++;
    printf("%ld\n", n);
    return argc > 1 ? local[argc + 3] : 0;
}
END
for cc in "${compilers[@]}"; do
    for runtime in plainview gil; do
        "$UNGIL_STAGE/bin/ungil-cc" --real="$cc" --runtime=$runtime -g -O0 -fsanitize=address counts.c \
            -o prog ||
            fail "$cc $runtime: does not compile"
        rc=0
        ./prog >out 2>err || rc=$?
        [ "$rc $(cat out)" = "0 1" ] && pass || fail "$cc $runtime: status $rc: $(cat out) $(head -n 3 err)"
        rc=0
        ./prog 1 >out 2>err || rc=$?
        grep -q 'stack-buffer-overflow' err && pass || fail "$cc $runtime: an overflow not found: status $rc"
    done
done

# A scope that has ended is entered again by an abort, and frames with their red zones are left.
cat >scopes.c <<'END'
#include "ungil.h"
#include <stdio.h>
#include <string.h>
long total;
__attribute__((noinline)) static void fill(long *p, int i) { p[i & 3] += 1; }
__attribute__((noinline)) static void deep(int n)
{
    char red[40];
    memset(red, n, sizeof red);
    if (n)
        deep(n - 1);
    else
        STM_SAFEPOINT();
    total += red[7] != n;
}
int main(void)
{
    for (int i = 0; i < 2000; i++) {
        deep(i % 20);
        {
            long v[4] = { 0 };
            STM_SAFEPOINT();
            fill(v, i);
            total += v[i & 3];
        }
        {
            long w[4] = { 1 };
            fill(w, i);
            STM_SAFEPOINT();
        }
    }
    printf("%ld\n", total);
    return 0;
}
END
for cc in "${compilers[@]}"; do
    "$UNGIL_STAGE/bin/ungil-cc" --real="$cc" --runtime=plainview -g -O1 -fsanitize=address scopes.c -o prog
    rc=0
    STM_BREAK=9 ./prog >out 2>err || rc=$?
    [ "$rc $(cat out)" = "0 2000" ] && pass || fail "$cc: scopes: status $rc: $(head -n 3 err)"
done
finish
