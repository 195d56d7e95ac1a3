#!/usr/bin/env bash
# Bad input: each of bad/*.c is rejected with exactly the messages of bad/*.err, exit status 1 and no output
# file; the other mistakes (files, programs, options) with one line and exit status 2.  UPDATE=1 writes the
# expectations anew.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cd "$here/bad"
names=("$@")
[ $# -gt 0 ] || names=(*.c)
mkdir "$work/dir"
for f in "${names[@]}"; do
    f=${f%.c}
    status=0
    echo before >"$work/dir/out.c"
    "$ungil" translate -o "$work/dir/out.c" "$f.c" >"$work/out" 2>"$work/err" || status=$?
    sed -i "s|$abi/||; s|[^ ]*/ungil.h|ungil.h|" "$work/err"
    [ -z "${UPDATE:-}" ] || cp "$work/err" "$f.err"
    if [ $status -ne 1 ]; then
        fail "$f.c: exit status $status, not 1"
    elif [ -s "$work/out" ] || [ "$(ls "$work/dir")" != out.c ] ||
        [ "$(cat "$work/dir/out.c")" != before ]; then
        fail "$f.c: something was written: $(ls "$work/dir")"
    elif diff -u "$f.err" "$work/err"; then
        pass
    else
        fail "$f.c"
    fi
done

# one_line STATUS PATTERN COMMAND...
one_line() {
    local wanted=$1 pattern=$2 status=0
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    if [ $status -eq "$wanted" ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "$pattern" "$work/err" &&
        [ ! -s "$work/out" ]; then
        pass
    else
        fail "$*: exit status $status, not $wanted, or not one line with '$pattern'"
        cat "$work/out" "$work/err"
    fi
}
cd "$work"
echo 'int x;' >good.c
echo 'frobnicate sometimes' >bad.externals
one_line 2 'cannot read nothing.c' "$ungil" translate nothing.c
one_line 2 'cannot read nothing.i' "$ungil" translate --preprocessed nothing.i
one_line 2 'cannot read dir: Is a directory' "$ungil" translate --preprocessed dir
one_line 2 'cannot run /nonexistent: No such file' env UNGIL_CLANG=/nonexistent "$ungil" translate good.c \
    -o out.stm.c
one_line 2 'cannot write nowhere/out.c' "$ungil" translate good.c -o nowhere/out.c
one_line 2 "unknown command 'frob'" "$ungil" frob good.c
one_line 2 'no input file' "$ungil" translate
one_line 2 'one input file at a time' "$ungil" translate good.c good.c
one_line 2 "stats is text or json, not 'xml'" "$ungil" translate --stats=xml good.c
one_line 2 "without names no pass: frob" "$ungil" translate --without=clone,frob good.c
one_line 2 "without the pass place there would be no barriers" "$ungil" translate --without place good.c
one_line 2 "cannot read the table of externals" "$ungil" translate --externals nothing good.c
one_line 2 "bad.externals:1: error: unknown effect 'sometimes'" "$ungil" translate --externals bad.externals \
    good.c
printf 'again pure\nonce pure\nagain inev\n' >twice.externals
one_line 2 "twice.externals:3: error: a second line for 'again'" "$ungil" translate --externals \
    twice.externals good.c
one_line 2 "unknown option '--frob'" "$ungil" translate --frob good.c
one_line 2 "unknown option '-DFOO' (the compiler's stand behind --)" "$ungil" check good.c -DFOO
one_line 2 "unknown option '-I.' (the compiler's stand behind --)" "$ungil" explain -I. good.c
one_line 2 "unknown option '-D' (the compiler's stand behind --)" "$ungil" check good.c -D

# warnings: what is done is not what stands there, or what is promised not seen to be so
cat >alloc.c <<'C'
#include <stdlib.h>
#include "ungil.h"
struct STM_OBJECT obj { int type; long v STM_IMMUTABLE; };
static unsigned long made;
STM_ALLOC_FN(n) struct obj *plain(size_t n) { struct obj *o = malloc(n); if (!o) abort(); return o; }
STM_ALLOC_FN(n) struct obj *filled(size_t n, int t) { struct obj *o = malloc(n); o->type = t; return o; }
STM_ALLOC_FN(n) struct obj *counted(size_t n) { made++; return malloc(n); }
struct obj *kept;
void complete(void) { kept = plain(16); kept->v = 4; }
C
"$ungil" translate alloc.c -o "$work/alloc.out" 2>"$work/err"
if [ "$(grep -c "warning: the body of '.*' is replaced by the runtime's allocation: this is left out" \
    "$work/err")" -eq 2 ] && grep -q '^alloc.c:6:82: warning' "$work/err" &&
    grep -q '^alloc.c:7:49' "$work/err"; then pass; else
    fail "what an allocator's body does"; cat "$work/err"; fi
if grep -q "^alloc.c:9:.*'obj.v' is STM_IMMUTABLE, and this store is not known .*: keep that in a local" \
    "$work/err"; then pass; else fail "an immutable field"; fi
rm alloc.c

if [ -z "$(find . -name '*.stm.c*')" ]; then pass; else fail "output left: $(ls)"; fi
