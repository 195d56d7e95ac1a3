#!/usr/bin/env bash
# reduce.bash [-t SECONDS] SEED [OPTIONS] - makes the first finding of `fuzz.bash -s SEED OPTIONS` small, by
# cvise.
#
# First features are left out (which is quick and says what it is about), and a small program with the same
# kind of finding is looked for among the next seeds; then text is left out.  A smaller program is
# the same finding if the build says the same, or the run fails in the same way (builds.bash), and if it is
# still C of one meaning: gcc and clang compile it without warnings about values and prototypes, print the
# same at all levels, and sanitizers find nothing. The result is one file, $TMPDIR/ungil-reduced-SEED.c,
# with how to repeat it in its head.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
export UNGIL_STAGE
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=testsuite/fuzz/builds.bash
. "$here/builds.bash"

# kind, build_options and settings as in how-failed.
fails_alike() { # DIR-OF-THE-FINDING
    local said
    if [ "$kind" = build ]; then
        ! fuzz_build . built "$build_options" || return 1
        said=$(grep -m1 -E 'error' log | sed 's/^[^ ]*[0-9]: //; s/.[a-z0-9_]*[0-9].: //')
        [ -n "$said" ] && [ "$said" = "$(cat "$1/said" 2>/dev/null || echo "$said")" ] || return
        echo "$said" >said
        return
    fi
    fuzz_build . built "$build_options" || return
    for _ in 1 2 3; do
        if ! fuzz_run . built "$settings"; then
            [ "$fuzz_kind" = "$kind" ]
            return
        fi
        # Threads meet by chance.
        [ "$kind" = "torn sums" ] || [ "$kind" = "lost updates" ] || return 1
    done
    return 1
}

# What cvise runs, in a folder with the files: reduce.bash --same DIR-OF-THE-FINDING
if [ "${1-}" = --same ]; then
    dir=$2
    # shellcheck source=/dev/null
    . "$dir/how-failed"
    cp "$dir/how" how
    [ -e fuzz_system.h ] || cp "$dir/fuzz_system.h" .
    strict=(-Werror=uninitialized -Werror=maybe-uninitialized -Werror=implicit-function-declaration
        -Werror=return-type -Werror=int-conversion -Werror=incompatible-pointer-types
        -Werror=strict-prototypes -Wno-builtin-declaration-mismatch)
    fuzz_common=(-std=gnu17 -fno-strict-aliasing -isystem .)
    fuzz_plain . "cc -O1 ${strict[*]}" || exit 1
    fuzz_common=(-std=gnu17 -w -fno-strict-aliasing -isystem .)
    fails_alike "$dir" || exit 1
    # The dear part last.
    fuzz_plain . "cc -O0" other && cmp -s expected other || exit 1
    fuzz_plain . "clang-19 -O2" other && cmp -s expected other || exit 1
    ASAN_OPTIONS=detect_leaks=0 \
        fuzz_plain . "cc -O0 -fsanitize=undefined,address -fno-sanitize-recover=all" other &&
        cmp -s expected other || exit 1
    exit 0
fi

seconds=900
if [ "${1-}" = -t ]; then
    seconds=$2
    shift 2
fi
[[ ${1-} =~ ^[0-9]+$ ]] || { echo "usage: reduce.bash [-t SECONDS] SEED [OPTIONS of fuzz.bash]" >&2; exit 2; }
command -v cvise >/dev/null || { echo "reduce: cvise is missing (Debian: cvise)" >&2; exit 2; }
seed=$1
shift
work=$(mktemp -d "${TMPDIR:-/tmp}/ungil-reduce.XXXXXX")
trap 'rm -rf "$work"' EXIT
say() { echo "reduce: $*" >&2; }

finding() { # OPTIONS: its folder is $work/ungil-fuzz-seed-$seed
    rm -rf "$work/ungil-fuzz-seed-$seed"
    ! "$here/fuzz.bash" -1 -s "$seed" -n 1 -k "$work" "$@" >"$work/log" 2>&1 &&
        [ -e "$work/ungil-fuzz-seed-$seed/how-failed" ]
}
value() { sed -n "s/^$1=//p" "$work/ungil-fuzz-seed-$seed/how-failed"; }

finding "$@" || { cat "$work/log" >&2; say "no finding: seed $seed $*"; exit 1; }
options=("$@") kind=$(value kind)
grep -m1 FAILED "$work/log" >&2
features=$(sed -n 's/^  features: *//p' "$work/log" | head -n 1)
for feature in $features; do
    if finding "$@" -O "$feature" && [ "$(value kind)" = "$kind" ]; then
        options=("$@" -O "$feature")
        break
    fi
done
for ((first = seed; seed < first + 10; seed++)); do # a small program with the same
    if finding ${options[@]+"${options[@]}"} -z && [ "$(value kind)" = "$kind" ]; then
        options+=(-z)
        break
    fi
done
[[ " ${options[*]} " == *" -z "* ]] || seed=$first
finding ${options[@]+"${options[@]}"} || { say "it does not come again"; exit 1; }
dir=$work/ungil-fuzz-seed-$seed command="./dev fuzz: fuzz.bash -s $seed ${options[*]}"
what=$(grep -m1 FAILED "$work/log")
say "$what"
mapfile -t files < <(fuzz_files "$dir")
mkdir "$work/small"
cp "$dir"/*.[ch] "$work/small"
cd "$work/small"
cat >"$work/same.sh" <<END
#!/usr/bin/env bash
exec "$here/reduce.bash" --same "$dir"
END
chmod +x "$work/same.sh"
mkdir "$work/try"
cp ./*.[ch] "$work/try"
(cd "$work/try" && "$work/same.sh") || {
    say "the finding is not one by the rules of reduction: $dir"
    cp -r "$dir" "${TMPDIR:-/tmp}"
    exit 1
}
[ ! -e "$work/try/said" ] || cp "$work/try/said" "$dir/said"
timeout -s INT "$seconds" cvise --n "${JOBS:-$(nproc)}" --timeout 120 "$work/same.sh" prog.h "${files[@]}" \
    >"$work/cvise.log" 2>&1 || true

result=${TMPDIR:-/tmp}/ungil-reduced-$seed.c
{
    # shellcheck source=/dev/null
    . "$dir/how-failed"
    # shellcheck disable=SC2154 # how-failed has it
    printf '/* kind: %s\n * seed: %s, %s\n * build: ungil-cc %s; run: %s\n * %s */\n' "$kind" "$seed" \
        "$command" "$build_options" \
        "$settings" "${what//\*\//}"
    for file in prog.h "${files[@]}"; do
        grep -q '[^[:space:]]' "$file" || continue
        printf '/* ---- file: %s */\n' "$file"
        cat "$file"
    done
} >"$result"
say "$(cat ./*.[ch] | wc -l) lines"
echo "$result"
