#!/usr/bin/env bash
# run.sh PROGRAM SECONDS [SEED] - runs the stress program for SECONDS in all, in rounds that differ in
# threads, segments, nursery, marker wraps, transaction length and signals; prints one line for each round
# and the sums.  Fails at the first wrong round, and says how to
# repeat it.  What a round does depends on the seed; in which order, on the machine.
set -euo pipefail

program=$1
seconds=$2
seed=${3:-1}
round_seconds=$((seconds < 60 ? 2 : 10))
err=$(mktemp)
trap 'rm -f "$err"' EXIT

# A number of the runtime's statistics: field NAME of the line of JSON.
field() {
    sed -n "s/,\"threads\".*//; s/.*\"$1\":{\\{0,1\\}\\(\"all\":\\)\\{0,1\\}\\([0-9]*\\).*/\\2/p" "$err" |
        tail -n 1
}

pick() { # WORD...: one of them, by the seed and the round
    local hash
    hash=$(cksum <<<"$seed $round $#" | cut -d' ' -f1)
    shift $((hash / 7 % $#))
    echo "$1"
}

declare -A sum=()
start=$(date +%s)
for ((round = 0; $(date +%s) - start < seconds; round++)); do
    settings=(
        STM_STATS=json
        STM_SEGMENTS="$(pick 2 3 4)"
        STM_NURSERY="$(pick 16k 64k 256k 1m 2m)"
        STM_MAJOR="$(pick 64k 256k 1m 16m 32m 4m)"
        STM_VERSION_MAX="$(pick 50 1000 65535 3000 65535 65535 65535)"
        STM_LENGTH="$(pick 1k 4k 16k 64k 256k 256k 256k 256k)"
        STM_TICK="$(pick 1000 100 0 1000 1000 1000 1000 1000 1000)"
        STM_RETRIES="$(pick 10 1 3 10 10 10 10 10 10 10)"
    )
    [ $((round % 3)) -ne 1 ] || settings+=("STRESS_ALARM=1000")
    arguments=("$round_seconds" $((seed * 1000 + round)) "$(pick 2 3 4 5 6 2 3 4 5 6 2)")
    status=0
    line=$(env "${settings[@]}" timeout $((round_seconds * 10 + 60)) "$program" "${arguments[@]}" 2>"$err") ||
        status=$?
    if [ $status -ne 0 ] || [[ $line != *" bad 0 "* ]]; then
        printf 'FAILED (status %d): %s\n' $status "env ${settings[*]} $program ${arguments[*]}"
        printf '%s\n' "$line"
        cat "$err"
        exit 1
    fi
    printf '%3d: %s threads, %s: %s\n' $round "${arguments[2]}" "${settings[*]:1}" "$line"
    read -r -a words <<<"$line"
    for ((i = 0; i + 1 < ${#words[@]}; i += 2)); do
        sum[${words[i]}]=$((${sum[${words[i]}]:-0} + words[i + 1]))
    done
    for name in commits aborts inevitable young major wraps; do
        sum[$name]=$((${sum[$name]:-0} + $(field $name || echo 0)))
    done
done
printf '%d rounds, %d s: %d operations, %d bad reads; %d commits, %d aborts, %d inevitable; ' \
    $round $(($(date +%s) - start)) \
    "${sum[operations]}" "${sum[bad]}" "${sum[commits]}" "${sum[aborts]}" "${sum[inevitable]}"
printf '%d young and %d major collections, %d marker wraps; %d finalizers, %d signals\n' \
    "${sum[young]}" "${sum[major]}" \
    "${sum[wraps]}" "${sum[finalized]}" "${sum[alarms]}"
[ "${sum[operations]}" -gt 10000 ] && [ "${sum[aborts]}" -gt 0 ] && [ "${sum[major]}" -gt 0 ]
