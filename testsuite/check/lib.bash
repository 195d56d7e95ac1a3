# lib.bash - sourced by the tests of the checking build.
# shellcheck shell=bash
# shellcheck source=testsuite/translate/lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../translate/lib.bash"

cc=$UNGIL_STAGE/bin/ungil-cc
unset UNGIL_MUTATE STM_BREAK STM_SEGMENTS
