#!/usr/bin/env bash
# The tests that doc/passes.md names exist: ir/X.ir, golden/X.c, e2e/X.c, count/programs/X.c,
# check/programs/X.c, driver and count scripts.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

tests=$UNGIL_SOURCE/testsuite
# shellcheck disable=SC2016 # no expansion meant
while read -r name; do
    if compgen -G "$tests/$name" >/dev/null || compgen -G "$tests/passes/$name" >/dev/null ||
        compgen -G "$tests/translate/$name" >/dev/null; then
        pass
    else
        fail "doc/passes.md names $name"
    fi
done < <(grep -oE '`(testsuite/)?((passes/)?ir|golden|e2e|count|check|driver)/[A-Za-z0-9_*/.-]+\.(ir|c|sh)`' \
    "$UNGIL_SOURCE/doc/passes.md" | tr -d '`' | sed 's|^testsuite/||' | sort -u)
[ $((passed + failed)) -gt 25 ] || fail "only $((passed + failed)) names found"
