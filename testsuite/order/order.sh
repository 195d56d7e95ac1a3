#!/usr/bin/env bash
# The order in which the text has events evaluated is one that the passes could count on: random full
# expressions (generate.c), compiled by gcc and clang with a model of transactions in place of the runtime
# (model/).  ORDER_SEEDS="FIRST LAST" tries others.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"

read -r first last <<<"${ORDER_SEEDS:-1 6}"
cc -O1 "$here/generate.c" -o "$work/generate"
flags=(-std=gnu17 -w -I"$here/model" -isystem "$abi" -fcf-protection=none)
for c in "${compilers[@]}"; do
    "$c" "${flags[@]}" -O1 -c "$here/model/model.c" -o "$work/model.$c.o"
done

# one COMPILER LEVEL: the program that was translated last
one() {
    "$1" "${flags[@]}" "$2" "$work/p.stm.c" "$work/model.$1.o" -o "$work/p" 2>"$work/err" || {
        fail "seed $seed: $1 $2 does not compile it: $(head -n 1 "$work/err")"
        return
    }
    for end in 0 1 2; do
        if MODEL_END=$end timeout 20 "$work/p" >"$work/out" 2>&1; then
            pass
        else
            fail "seed $seed, $1 $2 $how, MODEL_END=$end: $(tail -n 1 "$work/out")"
        fi
    done
}

for ((seed = first; seed <= last; seed++)); do
    "$work/generate" "$seed" >"$work/p.c"
    for how in "" --checked-stores; do
        # shellcheck disable=SC2086 # none or one
        if ! "$ungil" translate $how "$work/p.c" -o "$work/p.stm.c" -- -std=gnu17 -w >"$work/err" 2>&1; then
            fail "seed $seed: not translated: $(head -n 2 "$work/err")"
            continue
        fi
        for c in "${compilers[@]}"; do
            one "$c" -O0
            [ -n "$how" ] || one "$c" -O2
        done
    done
done
