#!/usr/bin/env bash
# all.bash [SEEDS] - ungil verify on the sample Lisp, the kernels, the test programs and so many random
# programs: before and after the optimiser, each file alone and whole programs.  One line for each group:
# programs, accesses, findings; and the times of compiling and of checking.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$here/../..
cc=$UNGIL_STAGE/bin/ungil-cc verify=$UNGIL_STAGE/bin/ungil-verify
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
worst=0

accesses() {
    awk '{ for (i = 1; i < NF; i++) if ($(i + 1) == "accesses") n += $i } END { print n + 0 }' "$work/out"
}

# group NAME WHOLE LEVEL FILE...: a program of all files if WHOLE is "together", else one of each.
group() {
    local name=$1 whole=$2 level=$3 programs=0 refused=0 file start compiled checked rc
    shift 3
    rm -rf "$work/o"
    mkdir "$work/o"
    start=$(date +%s%N)
    for file; do
        if "$cc" --verify $whole "$level" -w -I"$(dirname "$file")" -c "$file" \
            -o "$work/o/$(basename "$(dirname "$file")")-$(basename "$file" .c).o" 2>"$work/err"; then
            programs=$((programs + 1))
        else
            refused=$((refused + 1))
        fi
    done
    compiled=$((($(date +%s%N) - start) / 1000000))
    start=$(date +%s%N)
    : >"$work/out"
    if [ "$whole" ]; then
        rc=0
        "$cc" --verify $whole "$level" -w "$work"/o/*.o -o "$work/program" >>"$work/out" 2>&1 || rc=$?
    else
        rc=0
        for file in "$work"/o/*.o; do
            "$verify" "$level" --stats "$file" >>"$work/out" 2>&1 || rc=$?
        done
    fi
    checked=$((($(date +%s%N) - start) / 1000000))
    local line='%-20s %-5s %s %3d files, %2d refused, %5d accesses, %3d findings; '
    # shellcheck disable=SC2059 # it is the format
    printf "$line"'compiled %d ms, checked %d ms\n' \
        "$name" "${whole:+whole}" "$level" "$programs" "$refused" "$(accesses)" \
        "$(grep -c ' error: ' "$work/out" || true)" "$compiled" "$checked"
    grep -A 1 ' error: ' "$work/out" | sed 's/^/    /' || true
    [ $rc -le $worst ] || worst=$rc
}

for level in -O0 -O2; do
    group 'sample Lisp' '' $level "$source"/samples/lisp/*.c
    group 'sample Lisp' --whole-program $level "$source"/samples/lisp/*.c
    group kernels '' $level "$source"/bench/kernels/*.c
    for file in "$source"/bench/kernels/*.c; do
        group "kernel $(basename "$file" .c)" --whole-program $level "$file"
    done
    group e2e '' $level "$source"/testsuite/e2e/*.c
    group translate/run '' $level "$source"/testsuite/translate/run/*.c
    group translate/golden '' $level "$source"/testsuite/translate/golden/*.c
    group count '' $level "$source"/testsuite/count/programs/*.c
    group check '' $level "$source"/testsuite/check/programs/*.c
done
if [ "${1:-0}" -gt 0 ]; then
    cc -O1 -std=gnu17 -w "$source"/testsuite/fuzz/*.c -o "$work/generate"
    for seed in $(seq 1 "$1"); do
        "$work/generate" "$seed" "$work/$seed" >/dev/null
    done
    group "random, $1 seeds" '' -O0 "$work"/[0-9]*/*.c
fi
exit $worst
