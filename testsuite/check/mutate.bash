#!/usr/bin/env bash
# mutate.bash [-a ARGUMENTS] FILE.c [CFLAGS...] - for each barrier that the passes left in the file: is its
# loss noticed?
#
# Translates the file in the checking build without the barrier, runs the program with a transaction's end
# at each safepoint (STM_BREAK=1), and says for each barrier whether the first uncovered access is the one
# that had it:
#   caught: a read barrier at f.c:12:3 in g
#   elsewhere: ... (another access was found uncovered)
#   covered: ... (nothing was, and the line has a comment that says why: it begins with `covered:`)
#   NOT caught: ...
# The last line is the count.  Exit status 0: none was elsewhere or not caught.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
arguments=()
if [ "${1:-}" = -a ]; then
    read -ra arguments <<<"$2"
    shift 2
fi
file=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STM_BREAK=1

# one N OPTIONS...: to $work/N.out; nothing when there is no such barrier.  The moved ones come last.
one() {
    local dropped status=0 place found mutant=drop:$1
    [ "$1" -lt "$drops" ] || mutant=moved:$(($1 - drops))
    UNGIL_MUTATE=$mutant "$UNGIL_STAGE/bin/ungil-cc" --check -O0 -w "${@:2}" "$file" -o "$work/$1" \
        -pthread -lm 2>"$work/$1.err" || {
        echo "NOT caught: does not compile" >"$work/$1.out"
        return
    }
    dropped=$(sed -n 's/^ungil: mutant: a \(.*\) is gone,/\1/p' "$work/$1.err")
    [ -n "$dropped" ] || { rm -f "$work/$1"; return 0; }
    place=${dropped#*at }
    case $dropped in moved*) place= ;; esac # any of the accesses that it stands for may be the first
    (ulimit -c 0; exec timeout 60 "$work/$1" ${arguments[@]+"${arguments[@]}"}) >/dev/null 2>"$work/$1.err" \
        || status=$?
    rm -f "$work/$1"
    found=$(sed -n 's/^ungil: access without barrier: \([^ ]*\): .*/\1/p' "$work/$1.err")
    if [ $status -eq 0 ] && [ -n "$place" ] && sed -n "$(cut -d: -f2 <<<"$place")p" "$file" |
        grep -q '/[*] covered:'; then
        echo "covered: $dropped"
    elif [ $status -ne 134 ] || [ -z "$found" ]; then
        echo "NOT caught: $dropped"
    elif [ -n "$place" ] && [ "$found" != "${place%% in *}" ]; then
        echo "elsewhere: $dropped: $found"
    else
        echo "caught: $dropped"
    fi >"$work/$1.out"
}

drops=$(UNGIL_MUTATE=list "$UNGIL_STAGE/bin/ungil" translate "$file" -o "$work/none.c" -- -w 2>&1 |
    awk '$1 == "drop" { print $2 }')
# Two at a time, until there are no more.
for ((n = 0; ; n += 2)); do
    one $n "$@" 2>/dev/null & # the shell says of each that it was aborted
    one $((n + 1)) "$@" 2>/dev/null
    wait $!
    [ -e "$work/$n.out" ] && cat "$work/$n.out"
    [ -e "$work/$((n + 1)).out" ] || break
    cat "$work/$((n + 1)).out"
done | tee "$work/all"
total=$(wc -l <"$work/all")
caught=$(grep -c '^caught' "$work/all" || true)
covered=$(grep -c '^covered' "$work/all" || true)
echo "$caught of $total caught, $covered covered otherwise"
[ "$caught" -gt 0 ] && [ $((caught + covered)) -eq "$total" ]
