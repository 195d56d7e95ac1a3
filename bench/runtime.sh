#!/usr/bin/env bash
# The runtime against its rivals: bench/sets.c unsynchronised, with a mutex, with GCC's libitm in two modes,
# and translated; then what a transaction costs (bench/transactions.c).  Called by ./dev bench runtime.
#
#   runtime.sh --build DIR [--runs N] [--seconds S] [--json]
#
# Rounds of all contenders in turn, so that a slow minute of the machine hits all alike; medians.  Figures
# of the sets are throughput as a ratio to the unsynchronised program on one thread, in the text with the
# least and the greatest round's in brackets.
set -euo pipefail

build='' runs=5 seconds=0.4 json=0
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --json) json=1; shift ;;
    *) echo "runtime.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
if [ -z "$build" ] || ! [[ $runs =~ ^[1-9][0-9]*$ ]]; then
    echo "runtime.sh: see its first lines" >&2
    exit 2
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
structures='list tree hash counters'
contenders='ours mutex'
[ ! -x "$build/sets/sets_itm" ] || contenders+=' libitm libitm_ml_wt'

# one CONTENDER STRUCTURE THREADS: operations per second.  On a busy machine the thread may not have run at
# all: again.
one() {
    local program=$build/sets/sets_$1 environment=() ops=0 try
    case $1 in
    libitm) program=$build/sets/sets_itm ;;
    libitm_ml_wt) program=$build/sets/sets_itm environment=(env ITM_DEFAULT_METHOD=ml_wt) ;;
    esac
    for ((try = 0; try < 5; try++)); do
        ops=$("${environment[@]}" timeout 60 "$program" "$2" "$3" "$seconds" 2>"$tmp/errors") ||
            { echo "runtime.sh: $1 $2 $3 failed: $(tail -n 3 "$tmp/errors")" >&2; return 1; }
        [ "$ops" = 0 ] || break
    done
    echo "$ops"
}

# a word of transactions.c's command line, after its name
cost() {
    timeout 60 "$build/sets/transactions" "$@" 2>"$tmp/errors" ||
        { echo "runtime.sh: transactions $* failed: $(tail -n 3 "$tmp/errors")" >&2; return 1; }
}

# FILE: median, least, greatest
spread() { sort -g "$1" | awk '{ v[NR] = $1 } END { printf "%.6g %.6g %.6g",
    (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'; }

costs=("empty" "commit 1" "commit 10" "commit 1000" "stack 1024" "stack 16384" "stack 262144" blocking
    "work 1 1" "work 2 1" "work 1 5" "work 2 5" "work 1 15" "work 2 15" "work 1 100" "work 2 100")
for ((round = 1; round <= runs; round++)); do
    printf '  round %d of %d\r' "$round" "$runs" >&2
    for s in $structures; do
        base=$(one none "$s" 1)
        for c in $contenders; do
            for t in 1 2; do
                ops=$(one "$c" "$s" "$t")
                awk -v a="$ops" -v b="$base" 'BEGIN { print a / b }' >>"$tmp/$s.$c.$t"
            done
        done
    done
    for c in "${costs[@]}"; do
        # shellcheck disable=SC2086 # words
        cost $c >>"$tmp/${c// /_}"
    done
    cost young >>"$tmp/young"
    for markers in 1 2; do
        STM_MARKERS=$markers cost major 32 >>"$tmp/major_$markers"
    done
    for us in 1 5 15 100; do
        paste <(tail -n 1 "$tmp/work_2_$us") <(tail -n 1 "$tmp/work_1_$us") |
            awk '{ print $1 / $2 }' >>"$tmp/scaling_$us"
    done
done
printf '%40s\r' '' >&2

median() { spread "$tmp/$1" | awk -v f="${2:-%.3f}" '{ printf f, $1 }'; }

if [ $json -eq 1 ]; then
    printf '{"sets": {'
    outer=''
    for s in $structures; do
        printf '%s"%s": {' "$outer" "$s"
        inner=''
        for c in $contenders; do
            printf '%s"%s": [%s, %s]' "$inner" "$c" "$(median "$s.$c.1")" "$(median "$s.$c.2")"
            inner=', '
        done
        printf '}'
        outer=', '
    done
    printf '}, "tx_ns": {"empty": %s, "commit_1": %s, "commit_10": %s, "commit_1000": %s}, ' \
        "$(median empty %.1f)" "$(median commit_1 %.1f)" "$(median commit_10 %.1f)" \
            "$(median commit_1000 %.1f)"
    printf '"scaling": {"1us": %s, "5us": %s, "15us": %s, "100us": %s}, ' \
        "$(median scaling_1)" "$(median scaling_5)" "$(median scaling_15)" "$(median scaling_100)"
    printf '"stack_ns": {"1k": %s, "16k": %s, "256k": %s}, ' \
        "$(median stack_1024 %.1f)" "$(median stack_16384 %.1f)" "$(median stack_262144 %.1f)"
    printf '"blocking_ns": %s, ' "$(median blocking %.1f)"
    printf '"collect_ms_per_mb": {"young": %s, "major_1": %s, "major_2": %s}}\n' \
        "$(median young)" "$(median major_1)" "$(median major_2)"
    exit
fi

ratio() { spread "$tmp/$1" | awk '{ printf "%5.2f [%.2f-%.2f]", $1, $2, $3 }'; }
printf 'Throughput as a ratio to no synchronisation on one thread: median [least-greatest] of %d rounds\n' \
    "$runs"
printf '%-10s %-14s %-20s %-20s\n' '' '' '1 thread' '2 threads'
for s in $structures; do
    for c in $contenders; do
        printf '%-10s %-14s %-20s %-20s\n' "$s" "$c" "$(ratio "$s.$c.1")" "$(ratio "$s.$c.2")"
    done
done
nanoseconds() { spread "$tmp/$1" | awk '{ printf "%9.1f ns [%.1f-%.1f]", $1, $2, $3 }'; }
printf '\nOne transaction\n'
for c in empty "commit 1" "commit 10" "commit 1000" "stack 1024" "stack 16384" "stack 262144" blocking; do
    printf '  %-14s %s\n' "$c" "$(nanoseconds "${c// /_}")"
done
printf '\nTwo threads over one, transactions of so many microseconds\n'
for us in 1 5 15 100; do
    printf '  %-14s %s\n' "$us" "$(ratio "scaling_$us")"
done
milliseconds() { spread "$tmp/$1" | awk '{ printf "%6.3f ms [%.3f-%.3f]", $1, $2, $3 }'; }
printf '\nCollections, for each MB live\n'
printf '  %-14s %s\n' young "$(milliseconds young)"
for markers in 1 2; do
    printf '  %-14s %s\n' "major, $markers" "$(milliseconds "major_$markers")"
done
