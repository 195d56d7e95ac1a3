#!/usr/bin/env bash
# A few of the faults on purpose (./dev mutants passes draws a thousand): none is missed, and
# each of the two finds something.
# timeout: 900
set -euo pipefail
: "${UNGIL_STAGE:?run by ctest, or set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
"$here/mutants.bash" -n 120 -r 2 -s 1 >"$work/table" || status=$?
cat "$work/table"
# Something is found by each, or the checks do not look.
awk '$1 == "all" { exit !($3 > 0 && $5 > 0) }' "$work/table" || { echo "FAILED: nothing is found"; exit 1; }
exit $status
