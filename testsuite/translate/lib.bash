# lib.bash - sourced by the tests of the translation: scratch directory $work, counting, tools.
# shellcheck shell=bash
set -euo pipefail

: "${UNGIL_STAGE:?run by ctest, or set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
ungil=$UNGIL_STAGE/bin/ungil
abi=$UNGIL_STAGE/share/ungil/include
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME
export LC_ALL=C
work=$(mktemp -d)
passed=0 failed=0

finish() {
    local status=$?
    rm -rf "$work"
    if [ $status -eq 0 ] || [ $status -eq 1 ]; then
        echo "$passed passed, $failed failed"
        [ "$failed" -eq 0 ] || status=1
    fi
    exit $status
}
trap finish EXIT

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "FAILED: $*"
}

# The compilers that are installed, of those we promise to support.
compilers=()
for c in gcc clang-14 clang-19; do
    if command -v $c >/dev/null; then compilers+=($c); fi
done
flags_for() { # COMPILER VARIANT: the options that ungil-cc passes besides the user's
    printf '%s\n' "-DUNGIL_$2" -isystem "$abi" -fcf-protection=none
    case $1 in
    gcc)
        echo -Wno-implicit-fallthrough
        if [ "$2" = SEGMENT ]; then printf '%s\n' -fno-tree-cselim -fno-tree-vectorize; fi
        ;;
    clang*) if [ "$2" = SEGMENT ]; then printf -- '-fno-builtin-%s\n' memset memcpy memmove bcmp; fi ;;
    esac
}
# note NAME FILE: what a comment in the file's first lines says, as in  /* flags: -lm */
note() { sed -n "1,10s|.*$1: *\\(.*\\) \\*/.*|\\1|p" "$2" | head -n 1; }
