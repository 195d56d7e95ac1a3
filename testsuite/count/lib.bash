# lib.bash - sourced by the tests of the counting build and of explain: scratch directory $work, counting.
# shellcheck shell=bash
set -euo pipefail

: "${UNGIL_STAGE:?run by ctest, or set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
ungil=$UNGIL_STAGE/bin/ungil
cc=$UNGIL_STAGE/bin/ungil-cc
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME STM_COUNT
export LC_ALL=C STM_SEGMENTS=1
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
# expect WHAT COMMAND...: passes if the command succeeds
expect() {
    local what=$1
    shift
    if "$@"; then pass; else fail "$what"; fi
}
