#!/usr/bin/env bash
# timeout: 300
# What golden/*.c become compiles in silence with each supported compiler, optimisation level and variant.
# Files that not all of them know (note "only") are left out.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cd "$here/golden"
names=("$@")
[ $# -gt 0 ] || names=(*.c)
for f in "${names[@]}"; do
    f=${f%.c}
    [ -z "$(note only "$f.c")" ] || continue
    # shellcheck disable=SC2046 # words
    "$ungil" translate $(note options "$f.c") -o "$work/$f.stm.c" "$f.c" >"$work/err" 2>&1 ||
        { fail "$f.c: not translated" && cat "$work/err"; }
done
# One compiler run takes many files: start-up is most of the time.
cd "$work"
for cc in "${compilers[@]}"; do
    for variant in SEGMENT GIL PLAINVIEW; do
        mapfile -t flags < <(flags_for $cc $variant)
        for level in -O0 -O2 -O3; do
            [ $variant = SEGMENT ] || [ $level = -O2 ] || continue # the other variants are ordinary C
            if $cc -std=gnu17 -Wall -Wextra -Werror $level "${flags[@]}" -S ./*.stm.c >err 2>&1 &&
                [ ! -s err ]; then
                pass
            else
                fail "$cc $level $variant"
                head -n 6 err
            fi
        done
    done
done
