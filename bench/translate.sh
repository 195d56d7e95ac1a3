#!/usr/bin/env bash
# What translation costs, against the size of the file: user seconds and peak memory of `ungil translate`,
# of ungil-cc -O2 -c and of clang-19 -O2 -c, on programs that generate.sh makes.  Called by ./dev bench
# translate.
#
#   translate.sh --build DIR [--sizes "1000 10000"] [--json]
#
# Progress goes to stderr, the result to stdout.
set -euo pipefail

build='' sizes='1000 10000 50000 100000 200000' json=0
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --sizes) sizes=$2; shift 2 ;;
    --json) json=1; shift ;;
    *) echo "translate.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
[ -n "$build" ] || { echo "translate.sh: see its first lines" >&2; exit 2; }
[ -x /usr/bin/time ] || { echo "translate.sh: /usr/bin/time is missing (Debian package time)" >&2; exit 2; }
clang=${UNGIL_CC:-clang-19}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$build/stage/bin

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# cost COMMAND...: sets seconds and kb
cost() {
    local status=0
    /usr/bin/time -o "$tmp/cost" -f '%U %S %M' "$@" >"$tmp/out" 2>&1 </dev/null || status=$?
    if [ $status -ne 0 ]; then
        echo "failed: $*" >&2
        tail -n 5 "$tmp/out" >&2
        exit 1
    fi
    read -r seconds system kb <"$tmp/cost"
    seconds=$(awk -v u="$seconds" -v s="$system" 'BEGIN { printf "%.2f", u + s }')
}

separator='['
[ $json -eq 1 ] || printf '%8s  %-20s %-20s %-20s %s\n' lines 'ungil translate' 'ungil-cc -O2 -c' \
    "${clang##*/} -O2 -c" 'ungil-cc/clang'
for size in $sizes; do
    echo "$size lines" >&2
    "$here/generate.sh" "$size" >"$tmp/big.c"
    lines=$(wc -l <"$tmp/big.c")
    cost "$bin/ungil" translate "$tmp/big.c" -o "$tmp/big.stm.c"
    t_s=$seconds t_kb=$kb
    cost "$bin/ungil-cc" -O2 -c "$tmp/big.c" -o "$tmp/big.o"
    u_s=$seconds u_kb=$kb
    cost "$clang" -DUNGIL_PLAIN_MALLOC -I"$here/../runtime/include" -O2 -c "$tmp/big.c" -o "$tmp/big.o"
    ratio=$(awk -v a="$u_s" -v b="$seconds" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')
    if [ $json -eq 1 ]; then
        printf '%s{"lines": %d, ' "$separator" "$lines"
        printf '"%s": {"s": %s, "kb": %d}, ' \
            translate "$t_s" "$t_kb" ungil_cc "$u_s" "$u_kb" clang "$seconds" "$kb"
        printf '"ratio": %s}' "$ratio"
        separator=$',\n'
    else
        printf '%8d  %8.2f s %6d MB %8.2f s %6d MB %8.2f s %6d MB %9.2fx\n' \
            "$lines" "$t_s" $((t_kb / 1024)) "$u_s" $((u_kb / 1024)) \
            "$seconds" $((kb / 1024)) "$ratio"
    fi
done
[ $json -eq 0 ] || printf ']\n'
