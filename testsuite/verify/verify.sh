#!/usr/bin/env bash
# ungil verify, the independent checker: translated code by hand, with a fault at each line that says so, and
# what comes through ungil-cc --verify.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# Findings in a word or two, as the comments have them.
short='
    s/this read is not covered/read/
    s/this write is not covered by a write barrier/write/
    s/a real address is used after the transaction may have ended/late/
    s/a real address is stored/stored/
    s/a real address is returned/returned/
    s/a real address is given to translated code/given/
    s/a reference is given to .* address/reference/
    s/nothing is known at the start of the function/start/
    s/nothing is known of the value made here/value/
    s/too complex to follow/complex/
    s/the transaction may end/end/
    s/the call of a function that is not known .*/call/
    s/a call through a pointer may end the transaction/pointer/
    s/control may come back here in another transaction/twice/
    s/what cannot be undone is done by .*/inevitable/
    s/the transaction may be aborted where .*/asked/
    s/this write to raw memory .*/raw/
    s/a function that calls back may end .*/back/
    s/a real address is taken for .*/taken/
    s/an address in what .*/end/
    s/safepoints there end the transaction/leave/
    s/comes from the start of the function/start/
    s/the field is not immutable: this may write to it/writer/
'

# What is found is what the comments say, at their lines, and nothing else.
for file in "$here"/programs/*.c; do
    name=$(basename "$file" .c)
    flags=()
    ! grep -q '^/\* whole ' "$file" || flags=(--whole)
    "${UNGIL_CLANG:-clang-19}" -std=gnu17 -O0 -g -w -DUNGIL_SEGMENT -DUNGIL_VERIFY \
        -Xclang -disable-O0-optnone -Xclang -disable-llvm-passes -emit-llvm \
        -I"$UNGIL_STAGE/share/ungil/include" -c "$file" -o "$work/$name.bc"
    awk '/FOUND: / {
        text = $0; sub(/.*FOUND: /, "", text); sub(/ *[*]\/.*/, "", text)
        print FNR ": " text }' "$file" | sort >"$work/expected"
    status=0
    "$UNGIL_STAGE/bin/ungil" verify "${flags[@]}" "$work/$name.bc" >"$work/out" || status=$?
    sed -E -n '/\.h:[0-9:]* note:/d
        s/^[^:]*:([0-9]+):[0-9]+: (error|note): in [^:]*: (.*)$/\1\t\2\t\3/p' "$work/out" |
        sed "$short" |
        awk -F'\t' '$2 == "error" { if (said) print said; said = $1 ": " $3 }
            $2 == "note" && $3 == "writer" { print $1 ": writer" }
            $2 == "note" && $3 != "writer" { print said " " $3; said = "" }
            END { if (said) print said }' | sort -u >"$work/found"
    want=0
    [ ! -s "$work/expected" ] || want=1
    if cmp -s "$work/expected" "$work/found" && [ "$status" -eq $want ]; then
        pass
    else
        fail "$name: status $status; expected (<), found (>)"
        diff "$work/expected" "$work/found" || true
    fi
done

# A barrier left out of real programs is missed; the programs as they are, are not.
for file in "$here"/../check/programs/sample.c "$here"/../../bench/kernels/list.c "$here"/merged.c; do
    name=$(basename "$file" .c) level=-O0
    [ "$name" != merged ] || level=-O2
    for drop in '' 0 1 2 3 4; do
        want=$([ -n "$drop" ] && echo 1 || echo 0) status=0
        env ${drop:+"UNGIL_MUTATE=drop:$drop"} "$cc" --verify $level -w -c "$file" \
            -o "$work/$name.o" 2>"$work/err"
        [ -z "$drop" ] || grep -q 'is gone' "$work/err" || continue
        "$UNGIL_STAGE/bin/ungil" verify $level "$work/$name.o" >"$work/out" || status=$?
        if [ $status -eq "$want" ]; then pass; else fail "$name, barrier '$drop' left out: status $status"; fi
    done
done

# The compiler's own ways out of cleanups.
status=0
"$cc" --verify -O0 -w -fexceptions -c "$here/../e2e/flexible.c" -o "$work/thrown.o"
"$UNGIL_STAGE/bin/ungil" verify "$work/thrown.o" || status=$?
[ $status -eq 0 ] && pass || fail "-fexceptions: status $status"

# Exit statuses.
status=0; "$UNGIL_STAGE/bin/ungil" verify >/dev/null 2>&1 || status=$?
[ $status -eq 2 ] && pass || fail "no arguments: status $status"
echo 'int x;' >"$work/none.bc"; status=0
"$UNGIL_STAGE/bin/ungil" verify "$work/none.bc" >/dev/null 2>&1 || status=$?
[ $status -eq 2 ] && pass || fail "no bitcode: status $status"

finish
