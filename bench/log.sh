#!/usr/bin/env bash
# What the conflict log costs: sample programs on two threads with STM_LOG and without, in turn; medians of
# the processors' time. Called by ./dev bench log.
#
#   log.sh --build DIR --programs DIR [--runs N] [--json]
set -euo pipefail

build='' programs='' runs=5 json=0
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    --json) json=1; shift ;;
    *) echo "log.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
if [ -z "$build" ] || [ -z "$programs" ] || ! [[ $runs =~ ^[1-9][0-9]*$ ]]; then
    echo "log.sh: see its first lines" >&2
    exit 2
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset STM_LOG
# conflicts are many in the first, and few in the others
runs_of=("conflict 400 50" "mergesort" "trees")

# seconds FILE COMMAND...: appends the time that it took of processors
seconds() {
    local to=$1
    shift
    { TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>"$tmp/errors"; } 2>"$tmp/time" ||
        { cat "$tmp/errors" >&2; return 1; }
    awk '{ print $1 + $2 }' "$tmp/time" >>"$to"
}
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { printf "%.4f",
    (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

for ((round = 1; round <= runs; round++)); do
    for run in "${runs_of[@]}"; do
        read -r name arguments <<<"$run"
        for log in off on; do
            # shellcheck disable=SC2206 # words
            command=("$build/lisp/stm/lisp" -t 2 "$programs/$name.lisp" $arguments)
            [ $log = off ] || command=(env "STM_LOG=$tmp/log" "${command[@]}")
            seconds "$tmp/$name.$log" "${command[@]}"
        done
    done
done
first=1
[ $json = 0 ] || printf '{'
for run in "${runs_of[@]}"; do
    name=${run%% *}
    off=$(median "$tmp/$name.off") on=$(median "$tmp/$name.on")
    ratio=$(awk -v a="$on" -v b="$off" 'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }')
    if [ $json = 1 ]; then
        [ $first = 1 ] || printf ', '
        printf '"%s": {"off_s": %s, "on_s": %s, "ratio": %s}' "$name" "$off" "$on" "$ratio"
    else
        printf '%-12s %7.3f s without, %7.3f s with STM_LOG  %6.3fx\n' "$name" "$off" "$on" "$ratio"
    fi
    first=0
done
[ $json = 0 ] || printf '}\n'
