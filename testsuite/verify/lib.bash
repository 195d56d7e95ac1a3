# lib.bash - sourced by the tests of the independent checker.
# shellcheck shell=bash
# shellcheck source=testsuite/translate/lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../translate/lib.bash"

cc=$UNGIL_STAGE/bin/ungil-cc
unset UNGIL_MUTATE
