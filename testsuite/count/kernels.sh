#!/usr/bin/env bash
# The benchmarks' kernels count plausibly: each prints in the counting build what it prints without
# translation; no pass adds executed barriers; each bound is at most the next; two runs count the same; and
# the counted sites add up to the summary.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

kernels=$(cd "$here/../../bench/kernels" && pwd)
for source in "$kernels"/*.c; do
    name=$(basename "$source" .c)
    case $name in
    list) arguments=(200 50) ;;
    tree) arguments=(2000) ;;
    dispatch) arguments=(12 2000) ;;
    arrays) arguments=(3000 2) ;;
    *) arguments=() ;;
    esac
    if ! "$cc" --count -O2 "$source" -o "$work/$name" 2>"$work/log" || [ -s "$work/log" ]; then
        fail "$name does not compile in silence" && head -n 5 "$work/log"
        continue
    fi
    gcc -O1 -I"$UNGIL_STAGE/include" "$source" -o "$work/$name.plain" || { fail "$name: plain build" &&
        continue; }
    "$work/$name.plain" "${arguments[@]}" >"$work/expected"
    STM_COUNT=$work/one "$work/$name" "${arguments[@]}" >"$work/answer" 2>&1 || fail "$name: exit status"
    STM_COUNT=$work/two "$work/$name" "${arguments[@]}" >/dev/null 2>&1 || fail "$name: exit status"
    expect "$name: another answer" cmp -s "$work/expected" "$work/answer"
    expect "$name: two runs count differently" cmp -s "$work/one" "$work/two"
    expect "$name: see above" awk -v name="$name" '
        function sum(text) { match(text, /"read": [0-9]+/); r = substr(text, RSTART + 8, RLENGTH - 8);
            match(text, /"write": [0-9]+/)
                             return r + substr(text, RSTART + 9, RLENGTH - 9) }
        function of(key) { return sum(substr($0, index($0, "\"" key "\": {"))) }
        function check(ok, what) { if (!ok) { print name ": " what; bad = 1 } }
        NR == 1 {
            n = split(substr($0, index($0, "\"passes\": [")), passes, "{")
            last = of("naive"); final = of("final"); accesses = of("accesses")
            check(accesses >= last, "more barriers than accesses")
            for (i = 2; i <= n && passes[i] ~ /"name"/; i++) {
                check(sum(passes[i]) <= last, "a pass adds: " passes[i]); last = sum(passes[i])
            }
            check(last == final, "final is not the last pass")
            check(of("transaction_bound") <= of("activation_bound"), "bounds")
            check(of("activation_bound") + of("final_on_fresh") <= accesses, "activation bound")
            check(of("activation_bound") > 0, "nothing counted")
        }
        /"file"/ {
            match($0, /"executed": [0-9]+/); executed = substr($0, RSTART + 12, RLENGTH - 12) + 0
            if (!/"moved": true/) total += executed
            match($0, /"after": "[^"]*"/)
            if (substr($0, RSTART + RLENGTH - 2, 1) != "-") barriers += executed
        }
        END { check(total == accesses, "sites add up to " total " accesses");
            check(barriers == final, "sites add up to " barriers " barriers"); exit bad }
    ' "$work/one"
done
