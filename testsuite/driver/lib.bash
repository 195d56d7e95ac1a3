# lib.bash - for the tests of ungil-cc: sourced by each. Makes a scratch directory $work and enters it;
# $TMPDIR is an empty directory that must be empty again at the end.
# shellcheck shell=bash
set -euo pipefail

: "${UNGIL_STAGE:?run by ctest, or set UNGIL_STAGE=<build>/stage}"
export PATH=$UNGIL_STAGE/bin:$PATH
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS MFLAGS
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
work=$(mktemp -d)
mkdir "$work/tmp" "$work/dir with spaces"
export TMPDIR=$work/tmp
cd "$work"

failures=0
finish() {
    local status=$?
    if [ -n "$(ls -A "$work/tmp")" ]; then
        echo "FAILED: temporaries left: $(ls -A "$work/tmp")"
        failures=$((failures + 1))
    fi
    cd /
    rm -rf "$work"
    [ $failures -eq 0 ] || status=1
    exit $status
}
trap finish EXIT

failed() {
    echo "FAILED (line ${BASH_LINENO[1]}): $*"
    failures=$((failures + 1))
}

# expect_status STATUS COMMAND...: runs it, keeps its output in ./out and ./err.
expect_status() {
    local wanted=$1 got=0
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
    if [ "$got" -ne "$wanted" ]; then
        failed "$*: exit status $got, not $wanted"
        sed 's/^/    /' "$work/err"
    fi
}

ok() { expect_status 0 "$@"; }

# The command's standard error is exactly one line, of our own.
one_line_error() {
    if [ "$(wc -l <"$work/err")" -ne 1 ] || ! grep -q '^ungil-cc: error: ' "$work/err"; then
        failed "not one line 'ungil-cc: error: ...':"
        sed 's/^/    /' "$work/err"
    fi
}

# prints EXPECTED COMMAND...
prints() {
    local wanted=$1 got
    shift
    got=$("$@" 2>&1 </dev/null) || true
    [ "$got" = "$wanted" ] || failed "$*: printed '$got', not '$wanted'"
}

there() { local f; for f; do [ -e "$f" ] || failed "$f is missing"; done; }
absent() { local f; for f; do [ ! -e "$f" ] || failed "$f should not be there"; done; }
has() { grep -q -- "$2" "$1" || { failed "$1 lacks '$2'"; head -n 20 "$1" | sed 's/^/    /'; }; }
lacks() { ! grep -q -- "$2" "$1" || failed "$1 has '$2'"; }

# No file but those named (and the scratch files) is in the directory.
only() {
    local extra
    extra=$(find . -maxdepth 1 -type f ! -name out ! -name err | sed 's|^\./||' | sort |
        grep -vxF -f <(printf '%s\n' "$@") || true)
    [ -z "$extra" ] || failed "unexpected files: $extra"
}
