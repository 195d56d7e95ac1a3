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
worst=0 total=0

accesses() {
    awk '{ for (i = 1; i < NF; i++) if ($(i + 1) == "accesses") n += $i } END { print n + 0 }' "$work/out"
}

# group NAME WHOLE LEVEL FILE...: each file alone, or, if WHOLE is --whole-program, a program of all.  A file
# that cannot be translated counts as a failure.
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
            worst=2
            grep -m 1 'error: ' "$work/err" >&2 || cat "$work/err" >&2
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
    total=$((total + $(grep -c ' error: ' "$work/out" || true)))
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
    # Programs by themselves are whole programs, too.
    for file in "$source"/testsuite/e2e/*.c "$source"/testsuite/translate/run/*.c; do
        group "$(basename "$file" .c)" --whole-program $level "$file"
    done
    group e2e '' $level "$source"/testsuite/e2e/*.c
    group translate/run '' $level "$source"/testsuite/translate/run/*.c
    group translate/golden '' $level "$source"/testsuite/translate/golden/*.c
    group count '' $level "$source"/testsuite/count/programs/*.c
    group check '' $level "$source"/testsuite/check/programs/sample.c
    group check --whole-program $level "$source"/testsuite/check/programs/sample.c
done
# Files by themselves: what a whole program proves of such programs' fields is more than the checker can prove
# again.  Files that are not translated are nobody's claim here.
random_programs() { # LEVEL SEEDS
    local seed how file whole findings=0 refused=0 programs=0 rc objects
    for seed in $(seq 1 "$2"); do
        rm -rf "$work/d"
        mkdir "$work/d"
        # Those that call their functions as a library's are stopped at the link.
        "$work/generate" --without names "$seed" "$work/d" >/dev/null
        objects=() rc=0
        while read -r how file; do
            [ "$how" != plain ] || continue
            (cd "$work/d" && "$cc" --verify "$1" -std=gnu17 -w -fno-strict-aliasing -isystem . -g \
                -c "$file" -o "${file%.c}.o") 2>"$work/err" || rc=3
            objects+=("${file%.c}.o")
        done <"$work/d/how"
        if [ $rc -ne 0 ]; then
            refused=$((refused + 1))
            continue
        fi
        programs=$((programs + 1))
        (cd "$work/d" && "$verify" "$1" "${objects[@]}") >"$work/out" 2>&1 || rc=$?
        [ $rc -eq 0 ] || [ $worst -ge $rc ] || worst=$rc
        findings=$((findings + $(grep -c ' error: ' "$work/out" || true)))
        [ $rc -eq 0 ] || grep ' error: ' "$work/out" | sed "s/^/    seed $seed: /" || true
    done
    total=$((total + findings))
    echo "random $1: $programs programs, $refused refused, $findings findings"
}

if [ "${1:-0}" -gt 0 ]; then
    cc -O1 -std=gnu17 -w "$source"/testsuite/fuzz/*.c -o "$work/generate"
    random_programs -O0 "$1"
    random_programs -O2 "$1"
fi
echo "$total findings in all"
exit $worst
