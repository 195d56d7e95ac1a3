#!/usr/bin/env bash
# timeout: 120
# The helpers for gdb: a reference as the stopped thread sees it, its object, threads, segments, the log.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"

command -v gdb >/dev/null && gdb -batch -ex 'python print(1)' >/dev/null 2>&1 ||
    { echo "no gdb with Python"; exit 77; }
cd "$work"
cp "$here/show.c" .
run() { # RUNTIME COMMAND...
    local runtime=$1 options=()
    shift
    for c; do options+=(-ex "$c"); done
    "$UNGIL_STAGE/bin/ungil-cc" "--runtime=$runtime" -g -O1 show.c -o show ||
        { fail "show.c with $runtime"; return; }
    timeout 60 gdb -batch -nx -x "$UNGIL_STAGE/share/ungil/ungil-gdb.py" -ex 'set confirm off' \
        -ex 'break stop_here' -ex run "${options[@]}" ./show >out 2>&1 </dev/null ||
        true
    if grep -q 'ptrace: Operation not permitted\|Could not trace' out; then
        echo "gdb may not trace here"
        exit 77
    fi
}
has() {
    if grep -q -- "$1" out; then pass; else fail "no '$1' in:"; cat out; fi
}
for runtime in segment plainview; do
    run $runtime 'print $stm(first)->value' 'print $stm($stm(first)->next)->value' 'stm print first' \
        'stm print total' 'stm object $stm(first)->next' \
        'stm object &total' 'stm threads' 'stm segments' 'stm log' 'print $stm(first, 99)' 'stm object 5'
    has '^\$1 = 33'
    has '^\$2 = 100'
    has 'value = 33'
    has '^55$'
    has '^struct node, 16 bytes, at 0x3'
    has '^fields: 0+8:next 8+8:value'
    has 'segment [0-9]*: RW, by thread 1'
    has 'value = 100'
    has '^static total, 8 bytes'
    has '^\* thread 1: running, segment [0-9]*, in transaction, '
    has '^segment [0-9]*: base 0x.*thread 1, transaction [0-9]*: [1-9] units written'
    has 'no segment 99'
    has 'is no reference'
done
run gil 'print $stm(first)->value' 'stm print total' 'stm object first' 'stm threads' 'stm log'
has '^\$1 = 33'
has '^55$'
has '^struct node, 16 bytes, at 0x3'
has '^\* thread 1: running'
has 'no log under one lock'
