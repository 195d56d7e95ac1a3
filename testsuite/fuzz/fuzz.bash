#!/usr/bin/env bash
# fuzz.bash [-q] [-s SEED] [-n COUNT] [-t SECONDS] [-F|-W|-O FEATURES] [-k DIR] - random programs
# (generate.c) through every build: all must print the same.
#
#   -s SEED      the first seed (1)
#   -n COUNT     how many (1; with -t: as many as there is time for)
#   -t SECONDS   stop after so long
#   -q           quick: fewer builds for each
#   -b BUILDS    these and no others (words out of: check whole segment segment_whole gil check0 plainview)
#   -1           stop at the first finding
#   -z           small programs
#   -F FEATURES  programs with these features always (names with commas between, NAME* for all that begin so;
#                -l lists them)
#   -W FEATURES  never with these
#   -O FEATURES  with these and no others
#   -k DIR       where the files of findings stay (default: $TMPDIR)
#
# Builds: plain gcc and clang, which must agree; gil; segment; the checking build, which stops at an access
# without barrier; file by file and in whole-program mode, around clang and gcc and at -O0 to -O3 in turn.
# Runs: with transactions that end at each safepoint, or end and abort at random; with collections all the
# time; with one segment and several; with markers that wrap; with threads that share (HAMMER).  What fails
# is printed with how to repeat it, and its files stay; `how-failed` there is for reduce.bash. What is
# refused with an error that refusals.txt knows is counted, and no finding.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=testsuite/fuzz/builds.bash
. "$here/builds.bash"
seed=1 count='' seconds='' builds='' quick=0 first=0 list=0 features=() kept=${TMPDIR:-/tmp}
while getopts qs:n:t:b:1zF:W:O:k:l option; do
    case $option in
    q) quick=1 ;;
    s) seed=$OPTARG ;;
    n) count=$OPTARG ;;
    t) seconds=$OPTARG ;;
    b) builds=$OPTARG ;;
    1) first=1 ;;
    z) features+=(--small) ;;
    F) features+=(--with "$OPTARG") ;;
    W) features+=(--without "$OPTARG") ;;
    O) features+=(--only "$OPTARG") ;;
    k) kept=$OPTARG ;;
    l) list=1 ;;
    *) exit 2 ;;
    esac
done
[ -n "$count$seconds" ] || count=1
work=$(mktemp -d "${TMPDIR:-/tmp}/ungil-fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT
cc -O1 -std=gnu17 -w "$here"/*.c -o "$work/generate"
if [ $list = 1 ]; then
    "$work/generate" --list
    exit
fi
failures=0 done=0 refused=0
declare -A used options real

failed() { # KIND BUILD SETTINGS WHAT
    local keep=$kept/ungil-fuzz-seed-$seed again
    failures=$((failures + 1))
    rm -rf "$keep"
    mkdir -p "$keep"
    cp "$work"/d/*.[ch] "$work/d/how" "$keep"
    printf 'kind=%q\nbuild_options=%q\nsettings=%q\n' "$1" "${options[$2]-} ${real[$2]-}" "$3" \
        >"$keep/how-failed"
    again="$here/fuzz.bash -s $seed ${features[*]@Q}"
    [ -z "$builds" ] || again+=" -b ${builds@Q}"
    again=${again//\'--small\'/-z} again=${again//\'--with\'/-F}
    again=${again//\'--without\'/-W} again=${again//\'--only\'/-O}
    echo "FAILED: seed $seed: $1: $2 (${options[$2]-} ${real[$2]-}) $3: $4"
    echo "  features:$(sed -n '1s/.*Features://; 1s/ \*\/$//p' "$work/d/prog.h")"
    echo "  files: $keep; again: UNGIL_STAGE=$UNGIL_STAGE $again"
}

# The message of a build that stopped: one that refusals.txt has?
is_known_refusal() {
    local pattern
    while read -r pattern; do
        case $pattern in '' | '#'*) continue ;; esac
        grep -Eq -- "$pattern" "$work/d/log" && return 0
    done <"$here/refusals.txt"
    return 1
}

one_seed() {
    local s=$seed name order=(check whole segment) k=0 level feature
    local small="STM_NURSERY=4096 STM_MAJOR=4096 STM_LENGTH=1024"
    rm -rf "$work/d"
    mkdir "$work/d"
    options=() real=()
    "$work/generate" ${features[@]+"${features[@]}"} "$s" "$work/d" || exit 2
    for feature in $(sed -n '1s/.*Features://; 1s/ \*\/$//p' "$work/d/prog.h"); do
        used[$feature]=$((${used[$feature]-0} + 1))
    done
    if ! fuzz_plain "$work/d" || ! fuzz_plain_agrees "$work/d"; then
        failed generator plain '' "$(head -n 3 "$work/d/log")"
        return
    fi
    [ $quick = 1 ] || order+=(segment_whole gil check0 plainview)
    # shellcheck disable=SC2206 # a list of words
    [ -z "$builds" ] || order=($builds)
    for name in "${order[@]}"; do
        level=$(((s + k) % 4))
        case $name in
        check | segment) options[$name]="-O$level" ;;
        whole) options[$name]="--whole-program -O$level" ;;
        segment_whole) options[$name]="--whole-program -O$(((level + 1) % 4))" ;;
        check0) options[$name]="--checked-stores -O0" ;;
        *) options[$name]="--runtime=$name -O$level" ;;
        esac
        case $name in check* | whole) options[$name]="--check ${options[$name]}" ;; esac
        [ $(((s / 4 + k) % 2)) -eq 0 ] || fuzz_is_clangs "$work/d" || real[$name]=--real=gcc
        k=$((k + 1))
    done
    for name in "${order[@]}"; do
        [ $first = 0 ] || [ $failures = 0 ] || break
        if ! fuzz_build "$work/d" "$name" "${options[$name]} ${real[$name]-}"; then
            if is_known_refusal; then
                refused=$((refused + 1))
                break # others say the same
            else
                failed build "$name" '' "$(grep -m 3 -E 'error|ungil' "$work/d/log")"
            fi
            continue
        fi
        case $name in
        gil) one_run gil "STM_NURSERY=4096 STM_SLICE=1" || true ;;
        segment*)
            one_run "$name" "STM_SEGMENTS=3 HAMMER=2000" &&
                one_run "$name" "STM_BREAK=$((s + 2)) STM_SEGMENTS=2 $small" || true
            ;;
        *)
            one_run "$name" "STM_BREAK=1 STM_SEGMENTS=3 HAMMER=200" &&
                one_run "$name" "STM_BREAK=$((s + 2)) STM_SEGMENTS=2 $small" &&
                one_run "$name" "STM_BREAK=$((s + 3)) STM_SEGMENTS=1 STM_VERSION_MAX=3 $small" &&
                one_run "$name" "STM_SEGMENTS=2 STM_TICK=50 STM_SLICE=20" || true
            ;;
        esac
    done
}

one_run() { # BUILD SETTINGS
    fuzz_run "$work/d" "$1" "$2" && return 0
    failed "$fuzz_kind" "$1" "$2" "$fuzz_what"
    return 1
}

while { [ -z "$count" ] || [ $done -lt "$count" ]; } &&
    { [ -z "$seconds" ] || [ $SECONDS -lt "$seconds" ]; }; do
    one_seed
    seed=$((seed + 1)) done=$((done + 1))
    [ $first = 0 ] || [ $failures = 0 ] || break
done
for feature in $(printf '%s\n' "${!used[@]}" | sort); do
    printf '%s %d, ' "$feature" "${used[$feature]}"
done | sed 's/, $/\n/' | fold -s -w 140
echo "$done programs in $SECONDS s, $failures findings, $refused refused"
[ $failures -eq 0 ] && [ $done -gt 0 ]
