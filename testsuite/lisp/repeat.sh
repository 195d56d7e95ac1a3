#!/bin/sh
# repeat.sh PLAIN GIL STM [count] - does each program of samples/lisp always print the same?
# timeout: 900
# serial
#
# Runs every program at its small size with the three builds of the interpreter, with 1, 2, 4 and 8
# threads (and STM_SEGMENTS as many), `count` times each (20), and compares with the expected output.
# A build given as "-" is left out.  Without arguments it takes those that are there in
# $UNGIL_BUILD/lisp; with none of them it exits with 77.
# The last line is "N passed, N failed"; the exit status is 1 if any failed.

if [ $# -eq 0 ] && [ -n "$UNGIL_BUILD" ]; then
    found=0
    for build in plain gil stm; do
        lisp=$UNGIL_BUILD/lisp/$build/lisp
        if [ -x "$lisp" ]; then
            found=1
        else
            lisp=-
        fi
        set -- "$@" "$lisp"
    done
    [ $found -eq 1 ] || exit 77
fi
if [ $# -lt 3 ]; then
    echo "usage: repeat.sh PLAIN GIL STM [count]" >&2
    exit 2
fi
plain=$1 gil=$2 stm=$3 count=${4:-20}
programs=$(cd "$(dirname "$0")" && pwd)/../../samples/lisp/programs
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

for lisp in "$plain" "$gil" "$stm"; do
    [ "$lisp" != - ] || continue
    for threads in 1 2 4 8; do
        while read -r name arguments; do
            i=0
            while [ $i -lt "$count" ]; do
                i=$((i + 1))
                STM_SEGMENTS=$threads timeout "${LISP_TIMEOUT:-60}" $lisp -t $threads \
                    "$programs/$name.lisp" $arguments >"$tmp/out" 2>"$tmp/err" </dev/null
                status=$?
                if [ $status -eq 0 ] && [ ! -s "$tmp/err" ] &&
                    cmp -s "$programs/expected/$name.small.txt" "$tmp/out"; then
                    passed=$((passed + 1))
                else
                    failed=$((failed + 1))
                    echo "FAILED: $lisp -t $threads $name.lisp $arguments, run $i, exit status $status"
                    head -5 "$tmp/err"
                    diff "$programs/expected/$name.small.txt" "$tmp/out" | head -5
                fi
            done
        done <"$programs/expected/small.args"
    done
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
