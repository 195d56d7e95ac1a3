#!/usr/bin/env bash
# timeout: 600
# clang-tidy's bugprone checks over all files; ./dev lint adds the analyzer's, which take ten times as long.
set -euo pipefail
cd "$UNGIL_SOURCE"
LINT_CHECKS='-clang-analyzer-*' JOBS=2 bash testsuite/house/lint.bash "$UNGIL_BUILD"
