#!/usr/bin/env bash
# Generated programs (bench/generate.sh) print the same translated as not, file by file and as a whole
# program, and each access has its barrier though every safepoint ends the transaction (the checking build);
# the generator is valid C and always writes the same.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

generate=$UNGIL_SOURCE/bench/generate.sh
ungil_cc=$UNGIL_STAGE/bin/ungil-cc
export UNGIL_CC=clang-19
for seed in 1 2 3; do
    "$generate" 500 $seed >"$work/g$seed.c"
    "$generate" 500 $seed | cmp -s - "$work/g$seed.c" || fail "seed $seed: not the same again"
    if ! clang-19 -std=gnu17 -O1 -Wall -Wextra -Werror -DUNGIL_PLAIN_MALLOC -isystem "$abi" "$work/g$seed.c" \
        -o "$work/plain" 2>"$work/err"; then
        fail "seed $seed: not valid C" && head -n 5 "$work/err"
        continue
    fi
    expected=$("$work/plain")
    [[ $expected =~ ^[0-9]+$ ]] || fail "seed $seed: prints '$expected'"
    for options in -O2 "-O1 --whole-program" "-O0 --check" "-O1 --check --whole-program"; do
        # shellcheck disable=SC2086 # words
        if ! "$ungil_cc" $options "$work/g$seed.c" -o "$work/ours" 2>"$work/err"; then
            fail "seed $seed $options: does not compile" && head -n 5 "$work/err"
        elif got=$(STM_BREAK=1 "$work/ours" 2>"$work/err") && [ "$got" = "$expected" ]; then
            pass
        else
            fail "seed $seed $options: $got, not $expected" && head -n 5 "$work/err"
        fi
    done
done
[ "$(cat "$work"/g?.c | sort | uniq -c | sort -rn | wc -l)" -gt 200 ] || fail "the seeds do not differ"
