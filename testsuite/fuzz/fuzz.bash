#!/usr/bin/env bash
# fuzz.bash [-q] [-s SEED] [-n COUNT] [-t SECONDS] - random programs (generate.c) through every build: all must print the same.
#
#   -s SEED     the first seed (1)
#   -n COUNT    how many (1; with -t: as many as there is time for)
#   -t SECONDS  stop after so long
#   -q          quick: fewer builds for each
#
# Builds: plain cc; gil; segment; the checking build, which stops at an access without barrier; file by file and in
# whole-program mode, at several levels of optimisation, around clang and gcc in turn.  Runs: with transactions that end at each
# safepoint, or end and abort at random; with collections all the time; with one segment and several; with markers that wrap.
# What fails is printed with how to repeat it, and its files stay in $TMPDIR.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seed=1 count='' seconds='' quick=0
while getopts qs:n:t: option; do
    case $option in
    q) quick=1 ;;
    s) seed=$OPTARG ;;
    n) count=$OPTARG ;;
    t) seconds=$OPTARG ;;
    *) exit 2 ;;
    esac
done
[ -n "$count$seconds" ] || count=1
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME UNGIL_TEST_DROP
for variable in ${!STM_@}; do unset "$variable"; done
export LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/ungil-fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT
common=(-std=gnu17 -w)
cc -O1 "${common[@]}" "$here"/*.c -o "$work/generate"
failures=0 done=0

failed() { # WHAT
    local keep=${TMPDIR:-/tmp}/ungil-fuzz-seed-$seed
    failures=$((failures + 1))
    rm -rf "$keep"
    mkdir -p "$keep"
    cp "$work"/d/* "$keep"
    echo "FAILED: seed $seed: $1"
    echo "  files: $keep; again: UNGIL_STAGE=$UNGIL_STAGE $here/fuzz.bash -s $seed"
}

# build NAME OPTIONS...: false, and says so, if it does not compile
build() {
    (cd "$work/d" && "$UNGIL_STAGE/bin/ungil-cc" "${common[@]}" "${@:2}" a.c b.c -o "$1" -pthread) >"$work/d/log" 2>&1 && return 0
    failed "$* does not compile: $(head -n 3 "$work/d/log")"
    return 1
}

# run NAME SETTINGS...: with these STM_ options, as the plain build?
run() {
    local status=0
    # not the shell's own word on what was aborted
    { (ulimit -c 0; exec env "${@:2}" timeout 60 "$work/d/$1" >"$work/d/out" 2>"$work/d/err") || status=$?; } 2>/dev/null
    [ $status -eq 0 ] && cmp -s "$work/d/out" "$work/d/expected" && return 0
    failed "$* (${options[$1]}): status $status; $(head -n 3 "$work/d/err"); $(cat "$work/d/out"), not $(cat "$work/d/expected")"
    return 1
}

declare -A options
one_seed() {
    local s=$seed real=() name small=(STM_NURSERY=4096 STM_MAJOR=4096 STM_LENGTH=1024)
    [ $((s % 3)) -ne 0 ] || real=(--real=gcc)
    rm -rf "$work/d"
    mkdir "$work/d"
    "$work/generate" "$s" "$work/d"
    if ! (cd "$work/d" && cc "${common[@]}" -O1 -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" a.c b.c -o plain && timeout 60 ./plain >expected); then
        failed "the plain build"
        return
    fi
    options=([check]="--check -O2" [whole]="--check --whole-program -O1" [gil]="--runtime=gil -O0")
    [ $quick = 1 ] || options+=([check0]="--check --checked-stores -O0" [segment]="-O2" [segment_whole]="--whole-program -O3" [plainview]="--runtime=plainview -O1")
    for name in "${!options[@]}"; do
        # shellcheck disable=SC2086 # a list of words
        build "$name" ${options[$name]} ${real[@]+"${real[@]}"} || continue
        if [ "$name" = gil ]; then
            run gil STM_NURSERY=4096 STM_SLICE=1 || true
            continue
        fi
        run "$name" STM_BREAK=1 STM_SEGMENTS=3 &&
            run "$name" STM_BREAK=$((s + 2)) STM_SEGMENTS=2 "${small[@]}" &&
            run "$name" STM_BREAK=$((s + 3)) STM_SEGMENTS=1 STM_VERSION_MAX=3 "${small[@]}" &&
            run "$name" STM_SEGMENTS=2 STM_TICK=50 STM_SLICE=20 || true
    done
}

while { [ -z "$count" ] || [ $done -lt "$count" ]; } && { [ -z "$seconds" ] || [ $SECONDS -lt "$seconds" ]; }; do
    one_seed
    seed=$((seed + 1)) done=$((done + 1))
done
echo "$done programs, $failures failures"
[ $failures -eq 0 ] && [ $done -gt 0 ]
