#!/usr/bin/env bash
# compare.bash FILE.c - the program must print the same, and exit with the same status, through plain cc and
# through ungil-cc on every runtime, at -O0 and -O2, and around gcc at -O1 and -O3; and compile in silence.
#
# In the file's first lines:  /* flags: -lm */  for both compilers;  /* runtimes: segment gil */  restricts.
set -euo pipefail

: "${UNGIL_STAGE:?run by ctest, or set UNGIL_STAGE=<build>/stage}"
file=$1
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
note() { sed -n "1,10s|.*$1: *\\(.*\\) \\*/.*|\\1|p" "$file" | head -n 1; }
read -ra flags <<<"$(note flags)"
runtimes=$(note runtimes)
failures=0

run() { # BINARY: output and status to $1.out
    local status=0
    timeout 60 "$1" one two >"$1.out" 2>&1 </dev/null || status=$?
    echo "exit status $status" >>"$1.out"
}

common=(-std=gnu17 -Wall -Wextra -pthread)
cc "${common[@]}" -O1 -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" "$file" -o "$work/plain" "${flags[@]}"
run "$work/plain"
for runtime in ${runtimes:-segment gil plainview}; do
    for level in -O0 -O2; do
        binary=$work/$runtime$level
        if ! "$UNGIL_STAGE/bin/ungil-cc" --runtime="$runtime" "${common[@]}" -Werror $level "$file" \
            -o "$binary" \
            "${flags[@]}" 2>"$work/err"; then
            echo "FAILED: $runtime $level does not compile"
            cat "$work/err"
            failures=$((failures + 1))
            continue
        fi
        if [ -s "$work/err" ]; then
            echo "FAILED: $runtime $level: not silent"
            cat "$work/err"
            failures=$((failures + 1))
        fi
        run "$binary"
        if ! diff "$work/plain.out" "$binary.out"; then
            echo "FAILED: $runtime $level differs from plain cc"
            failures=$((failures + 1))
        fi
    done
done
# With whatever the whole program proves, in transactions as short as they get (each file alone: check.sh).
if [[ " ${runtimes:-segment} " = *" segment "* ]]; then
    for kind in '--check --whole-program' --whole-program; do
        # shellcheck disable=SC2086 # a list of words
        "$UNGIL_STAGE/bin/ungil-cc" $kind "${common[@]}" -w -O1 "$file" -o "$work/one" "${flags[@]}"
        for break in 1 5; do # ends, and aborts at random
            STM_BREAK=$break run "$work/one"
            if ! diff "$work/plain.out" "$work/one.out"; then
                echo "FAILED: $kind with STM_BREAK=$break differs from plain cc"
                failures=$((failures + 1))
            fi
        done
    done
fi
# gcc vectorises at -O3, and before that unrolls loops, and must not do either through %gs.
if [ "${runtimes:-segment}" != gil ] && command -v gcc >/dev/null; then
    for level in -O1 -O3; do
        UNGIL_CC=gcc "$UNGIL_STAGE/bin/ungil-cc" "${common[@]}" -w $level "$file" -o "$work/gcc" "${flags[@]}"
        run "$work/gcc"
        if ! diff "$work/plain.out" "$work/gcc.out"; then
            echo "FAILED: gcc $level differs from plain cc"
            failures=$((failures + 1))
        fi
    done
fi
[ $failures -eq 0 ]
