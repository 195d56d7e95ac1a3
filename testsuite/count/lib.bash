# lib.bash - sourced by the tests of the counting build and of explain: what those of the translation have,
# and more.
# shellcheck shell=bash
# shellcheck source=testsuite/translate/lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../translate/lib.bash"

cc=$UNGIL_STAGE/bin/ungil-cc
unset STM_COUNT
export STM_SEGMENTS=1

# expect WHAT COMMAND...: passes if the command succeeds
expect() {
    local what=$1
    shift
    if "$@"; then pass; else fail "$what"; fi
}
