#!/usr/bin/env bash
# timeout: 600
# Programs of run/*.c print the same through plain cc and through ungil-cc, with each real compiler, at -O0
# and -O2, on the gil and the segment runtime.  A file may say /* flags: -lm */ or /* runtimes: gil */ in
# its first lines.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

run() { # BINARY
    local status=0
    timeout 60 "$1" one two >"$work/out" 2>&1 </dev/null || status=$?
    echo "exit status $status" >>"$work/out"
}

names=("$@")
[ $# -gt 0 ] || names=("$here"/run/*.c)
for f in "${names[@]}"; do
    base=$(basename "$f" .c)
    read -ra flags <<<"$(note flags "$f")"
    read -ra runtimes <<<"$(note runtimes "$f")"
    [ ${#runtimes[@]} -gt 0 ] || runtimes=(gil segment)
    read -ra ccs <<<"$(note compilers "$f")" # <stdatomic.h> is clang's, and only clang knows what it becomes
    [ ${#ccs[@]} -gt 0 ] || ccs=(gcc clang-19)
    common=(-std=gnu17 -w -pthread "${flags[@]}")
    gcc "${common[@]}" -O1 -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" "$f" -o "$work/plain" ||
        { fail "$base: plain gcc" && continue; }
    run "$work/plain"
    cp "$work/out" "$work/expected"
    loud=1 # show the first failure of each file only
    for cc in "${ccs[@]}"; do
        command -v $cc >/dev/null || continue
        for runtime in "${runtimes[@]}"; do
            for level in -O0 -O2; do
                what="$base: $cc $level $runtime"
                if ! UNGIL_CC=$cc "$UNGIL_STAGE/bin/ungil-cc" --runtime="$runtime" "${common[@]}" $level \
                    "$f" -o "$work/prog" >"$work/err" 2>&1; then
                    fail "$what: does not compile"
                    [ -z "$loud" ] || cut -c 1-400 "$work/err" | head -n 20
                    loud=
                    continue
                fi
                run "$work/prog"
                if diff "$work/expected" "$work/out" >"$work/diff"; then pass; else
                    fail "$what: differs from plain cc"
                    head -n 10 "$work/diff"
                fi
            done
        done
    done
done
# Random programs without annotations, where csmith is installed.
if [ $# -eq 0 ] && command -v csmith >/dev/null && header=$(dpkg -L libcsmith-dev 2>/dev/null |
    grep '/csmith\.h$'); then
    cd "$work"
    for seed in $(seq 1 "${CSMITH_SEEDS:-30}"); do
        csmith --seed "$seed" --no-packed-struct --max-funcs 4 --quiet >r.c
        gcc -w -O1 -I"$(dirname "$header")" r.c -o plain && timeout 5 ./plain >expected ||
            continue # some run for ever
        # each seed in one of the eight ways
        ccs=(clang-19 gcc) levels=(-O0 -O2) runtimes=(gil segment)
        cc=${ccs[seed % 2]} level=${levels[seed / 2 % 2]} runtime=${runtimes[seed / 4 % 2]}
        if UNGIL_CC=$cc "$UNGIL_STAGE/bin/ungil-cc" --runtime="$runtime" -w $level -I"$(dirname "$header")" \
            r.c -o prog 2>err &&
            timeout 60 ./prog >out && cmp -s out expected; then
            pass
        else
            fail "csmith --seed $seed: $cc $level $runtime"
            head -n 3 err
        fi
    done
fi
