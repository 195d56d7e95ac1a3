#!/usr/bin/env bash
# bench/hand.txt places a barrier, or none, by hand at every access of the sample Lisp; our placement
# executes no more in whole-program mode.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

export UNGIL_CC=clang-19
"$cc" --count --whole-program -O1 -std=gnu17 "$UNGIL_SOURCE"/samples/lisp/*.c -o "$work/lisp" -pthread -lm
"$cc" --count -O1 -std=gnu17 "$UNGIL_SOURCE"/samples/lisp/*.c -o "$work/apart" -pthread -lm
hand=$UNGIL_SOURCE/bench/hand.txt

# number KEY read|write: from the first line of $work/counts
number() { sed -n "1s/.*\"$1\": {\"read\": \([0-9]*\), \"write\": \([0-9]*\)}.*/\1 \2/p" "$work/counts" |
    cut -d' ' -f"$([ "$2" = read ] && echo 1 || echo 2)"; }

for run in "nqueens 5" "mergesort 200 4 5" "trees 10 4" "conflict 10 5 10"; do
    read -r name arguments <<<"$run"
    for build in apart lisp; do
        # shellcheck disable=SC2086 # words
        STM_COUNT=$work/counts "$work/$build" -t 1 "$UNGIL_SOURCE/samples/lisp/programs/$name.lisp" \
            $arguments >/dev/null
        if by_hand=$(awk -f "$UNGIL_SOURCE/bench/hand.awk" "$hand" "$work/counts"); then pass;
            else fail "$name: not all accesses are placed"; fi
    done
    read -r reads writes < <(tr -cd '0-9 \n' <<<"$by_hand")
    echo "$name: by hand $reads + $writes, ours $(number final read) + $(number final write)," \
        "naive $(number naive read) + $(number naive write)"
    expect "$name: more barriers than by hand" [ $(($(number final read) + $(number final write))) \
        -le $((reads + writes)) ]
    expect "$name: by hand more than naive" \
        [ $((reads + writes)) -le $(($(number naive read) + $(number naive write))) ]
done

# A site without a placement, and a placement without a site, are found.
grep -v '^lookup symbol.global' "$hand" >"$work/less"
refused() { ! awk -f "$UNGIL_SOURCE/bench/hand.awk" "$1" "$work/counts" 2>"$work/err" >/dev/null; }
expect "missing line not found" refused "$work/less"
expect "message" grep -q 'lookup symbol.global read 1 .*has no placement' "$work/err"
{ cat "$hand"; echo 'lookup symbol.global read 2 R'; } >"$work/more"
expect "line too many not found" refused "$work/more"
