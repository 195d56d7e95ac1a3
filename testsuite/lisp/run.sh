#!/bin/sh
# run.sh LISP_BINARY [threads ...] - the tests of samples/lisp, with each number of threads (1 and 4).
# timeout: 600
#
#   language/NAME.lisp   must print NAME.out, nothing on stderr, and exit with 0
#   errors/NAME.lisp     must print NAME.err on stderr, NAME.out (if any) on stdout, and exit with 1
#   samples/lisp/programs, at the sizes of expected/small.args, must print expected/NAME.small.txt
#   and a few command lines
#
# LISP may be a command with options: run.sh "valgrind -q /tmp/build/lisp".
# Without arguments it tests each of the builds plain, gil, stm and plainview that is there in
# $UNGIL_BUILD/lisp; with none of them it exits with 77.
# The last line is "N passed, N failed"; the exit status is 1 if any failed.

if [ $# -eq 0 ] && [ -n "$UNGIL_BUILD" ]; then
    status=77
    for build in plain gil stm plainview; do
        [ -x "$UNGIL_BUILD/lisp/$build/lisp" ] || continue
        echo "== $build"
        if "$0" "$UNGIL_BUILD/lisp/$build/lisp"; then
            [ $status -ne 77 ] || status=0
        else
            status=1
        fi
    done
    exit $status
fi
if [ $# -eq 0 ]; then
    echo "usage: run.sh LISP_BINARY [threads ...]" >&2
    exit 2
fi
case $1 in
*/*) [ -x "$1" ] && lisp=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") || lisp=$1 ;;
*) lisp=$1 ;;
esac
shift
[ $# -gt 0 ] || set -- 1 4

here=$(cd "$(dirname "$0")" && pwd)
programs=$here/../../samples/lisp/programs
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# expect NAME STATUS OUT ERR ARGUMENT...: runs lisp and compares with the files OUT and ERR.
expect() {
    name=$1 status=$2 out=$3 err=$4
    shift 4
    timeout "${LISP_TIMEOUT:-60}" $lisp "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    if [ $got -eq "$status" ] && cmp -s "$out" "$tmp/out" && cmp -s "$err" "$tmp/err"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name (exit status $got, expected $status)"
        diff "$out" "$tmp/out" | head -5
        diff "$err" "$tmp/err" | head -5
    fi
}

for threads in "$@"; do
    cd "$here/language" || exit 2
    for test in *.lisp; do
        expect "language/$test -t $threads" 0 "${test%.lisp}.out" /dev/null -t "$threads" "$test"
    done
    cd "$here/errors" || exit 2
    for test in *.lisp; do
        out=${test%.lisp}.out
        [ -e "$out" ] || out=/dev/null
        expect "errors/$test -t $threads" 1 "$out" "${test%.lisp}.err" -t "$threads" "$test"
    done
    cd "$programs" || exit 2
    while read -r name arguments; do
        expect "programs/$name.lisp $arguments -t $threads" 0 "expected/$name.small.txt" /dev/null \
            -t "$threads" "$name.lisp" $arguments
    done <expected/small.args
done

cd "$here/command-line" || exit 2
expect "--help" 0 help.out /dev/null --help
expect "--version" 0 version.out /dev/null --version
expect "no program" 2 /dev/null no-program.err
expect "unknown option" 2 /dev/null unknown-option.err -x
expect "-t without number" 2 /dev/null no-number.err -t
expect "-t 0" 2 /dev/null zero.err -t 0 arguments.lisp
expect "-t 65" 2 /dev/null too-many.err -t 65 arguments.lisp
expect "no such file" 2 /dev/null no-file.err missing.lisp
expect "arguments" 0 arguments.out /dev/null arguments.lisp 1 -22 333
expect "argument is not a number" 2 /dev/null bad-argument.err arguments.lisp 1 x
expect "empty file" 0 /dev/null /dev/null /dev/null

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
