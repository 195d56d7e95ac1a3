#!/usr/bin/env bash
# The same input gives the same bytes: in another directory, whose entries were made in another order, with
# another environment and locale, other addresses (ASLR) and other contents of fresh memory; translations,
# statistics, explanations, summaries, facts, assembly.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

shopt -s nullglob
root=$UNGIL_SOURCE
export UNGIL_CC=clang-19

# copy DIRECTORY SORT-OPTION: all inputs, each folder's files made in that order
copy() {
    local folder file
    for folder in samples/lisp bench/kernels testsuite/translate/golden; do
        mkdir -p "$1/$folder"
        while read -r file; do
            cp "$file" "$1/$folder/"
        done < <(printf '%s\n' "$root/$folder"/*.{c,h,def} | sort "$2")
    done
    "$root/bench/generate.sh" 2000 7 >"$1/generated.c"
}
# outputs: of every file under the current directory; the environment is the caller's
outputs() {
    local file summaries=()
    for file in samples/lisp/*.c bench/kernels/*.c testsuite/translate/golden/*.c generated.c; do
        "$ungil" translate --stats=json -Rstm "$file" -o "$file.stm" -- -std=gnu17 -w >"$file.stats" \
            2>"$file.err" || echo "failed" >>"$file.err"
        "$ungil" summarize "$file" -o "$file.sum" -- -std=gnu17 -w 2>/dev/null || true
    done
    "$ungil" explain --json samples/lisp/eval.c -- -std=gnu17 >explain.json
    summaries=(samples/lisp/*.sum)
    [ "$1" = forward ] || mapfile -t summaries < <(printf '%s\n' "${summaries[@]}" | sort -r)
    "$ungil" link "${summaries[@]}" -o prog.facts
    "$ungil" translate --facts prog.facts samples/lisp/eval.c -o whole.stm -- -std=gnu17
    "$UNGIL_STAGE/bin/ungil-cc" -O1 -std=gnu17 -S samples/lisp/eval.c -o eval.s
    find . -name '*.json' -o -name '*.s' -o -name '*.stats' -o -name '*.err' -o -name '*.stm' -o \
        -name '*.sum' -o -name '*.facts' | LC_ALL=C sort
}
declare -f outputs >"$work/outputs.bash"

copy "$work/a" -f
copy "$work/a/much/deeper/than/that" -r
other=$work/a/much/deeper/than/that
(cd "$work/a" && outputs forward >"$work/list.a")
locale=$(locale -a | grep -im1 -E 'utf-?8' || echo C)
# shellcheck disable=SC2016 # for the inner shell
(cd "$other" && env -i PATH="$PATH" HOME=/nonexistent UNGIL_STAGE="$UNGIL_STAGE" UNGIL_CC="$UNGIL_CC" \
    ungil="$ungil" LC_ALL="$locale" LANG="$locale" TZ=Asia/Tokyo \
    TMPDIR="$other" COLUMNS=33 MALLOC_PERTURB_=165 PADDING="$(printf '%09999d' 0)" \
    bash -c 'set -eu; shopt -s nullglob; . "$0"; outputs backward' "$work/outputs.bash" >"$work/list.b")
grep -v '^\./much/' "$work/list.a" >"$work/list" || true
grep -c stm "$work/list" >/dev/null || fail "nothing was translated"
[ "$(wc -l <"$work/list")" -gt 100 ] || fail "only $(wc -l <"$work/list") outputs"
cmp -s "$work/list" "$work/list.b" || fail "other outputs: $(diff "$work/list" "$work/list.b" | head -n 3)"
while read -r file; do
    if cmp -s "$work/a/$file" "$other/$file"; then pass;
        else fail "$file differs: $(diff "$work/a/$file" "$other/$file" | head -n 3)"; fi
done <"$work/list"
[ -s "$work/a/samples/lisp/eval.c.stm" ] || fail "eval.c was not translated"
