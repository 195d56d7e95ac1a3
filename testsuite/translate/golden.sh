#!/usr/bin/env bash
# timeout: 120
# Golden tests: the translation of golden/*.c, without headers and #line, is golden/*.expect.  A file may
# have a note "options".
# UPDATE=1 golden.sh [NAME...] writes the expectations anew: read them before you commit them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# Of the translated text: the descriptors at its head, then the lines that come from the user's own file.
strip() {
    awk -v file="$1" '
        /^#line / { mine = index($0, "\"" file "\"") > 0; seen = 1; next }
        /^#include / || /^STM_(DEFINES|TAKES|NEEDS|CALLS)/ { next }
        (!seen || mine) && NF { print }' |
        sed 's/\(stm_static_[0-9]*\) __attribute__((__section__("ungil_[a-z]*")[^;=]*)))/\1/;
              s/\(stm_type_[0-9]*\) __attribute__((__section__("ungil_types")[^;=]*)))/\1/'
}

cd "$here/golden"
names=("$@")
[ $# -gt 0 ] || names=(*.c)
for f in "${names[@]}"; do
    f=${f%.c}
    # shellcheck disable=SC2046 # words
    if ! "$ungil" translate --verify $(note options "$f.c") -o - "$f.c" >"$work/out" 2>"$work/err"; then
        fail "$f.c: not translated"
        cat "$work/err"
        continue
    fi
    strip "$f.c" <"$work/out" >"$work/got"
    if [ -n "${UPDATE:-}" ]; then
        cp "$work/got" "$f.expect"
    fi
    if [ -s "$work/err" ]; then
        fail "$f.c: not silent"
        cat "$work/err"
    elif diff -u "$f.expect" "$work/got"; then
        pass
    else
        fail "$f.c"
    fi
done
