#!/usr/bin/env bash
# Exact executed counts of tiny programs.  programs/NAME.c says in comments what to expect,
#
#   /* count: naive 10 0  final 1 0  activation 1 0  transaction 1 0 */
#
# reads and writes each; also accesses, raw, and after:PASS.  Passes get better: `final` may be given as an
# upper bound, `final<=10 0`.  Each program runs from a clean state: main ends its first transaction before
# what it measures.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# number TEXT KEY read|write: from {"KEY": {"read": 1, "write": 2}}
number() {
    local form="\"$2\": {"
    case $2 in after:*) form="{\"name\": \"${2#after:}\", " ;; esac
    sed -n "s/.*$form\"read\": \([0-9]*\), \"write\": \([0-9]*\)}.*/\1 \2/p" <<<"$1" |
        cut -d" " -f"$([ "$3" = read ] && echo 1 || echo 2)"
}

check() { # NAME SUMMARY KEY READ WRITE
    local key=$3 most=0 what
    case $key in *'<=') key=${key%<=} most=1 ;; esac
    case $key in activation | transaction) what=${key}_bound ;; *) what=$key ;; esac
    local r w
    r=$(number "$2" "$what" read) w=$(number "$2" "$what" write)
    if [ -z "$r" ] || { [ $most = 0 ] && { [ "$r" != "$4" ] || [ "$w" != "$5" ]; }; } ||
        { [ $most = 1 ] && { [ "$r" -gt "$4" ] || [ "$w" -gt "$5" ]; }; }; then
        fail "$1: $key is ${r:-?} ${w:-?}, not $4 $5"
    else
        pass
    fi
}

for source in "$here"/programs/*.c; do
    name=$(basename "$source" .c)
    if ! "$cc" --count -O2 "$source" -o "$work/$name" >"$work/log" 2>&1; then
        fail "$name does not compile" && head -n 5 "$work/log"
        continue
    fi
    if ! STM_COUNT=json "$work/$name" >"$work/out" 2>"$work/summary"; then
        fail "$name failed" && head -n 5 "$work/summary"
        continue
    fi
    summary=$(cat "$work/summary")
    while read -r -a words; do
        for ((i = 0; i + 2 < ${#words[@]}; i += 3)); do
            check "$name" "$summary" "${words[i]}" "${words[i + 1]}" "${words[i + 2]}"
        done
    done < <(sed -n 's|^/\* count: \(.*\) \*/$|\1|p' "$source")
    grep -q '^/\* count: ' "$source" || fail "$name says nothing to expect"
done
