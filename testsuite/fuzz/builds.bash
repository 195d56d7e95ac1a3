# builds.bash - how a random program is built and run, for fuzz.bash and reduce.bash.  Not to be run.
#
# A program is a folder with `how` (generate.c) and the files that it names.  What a build says is in `log`
# there.
# shellcheck shell=bash

unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME UNGIL_MUTATE
for variable in ${!STM_@}; do unset "$variable"; done
export LC_ALL=C
fuzz_common=(-std=gnu17 -w -fno-strict-aliasing -isystem .)

fuzz_files() { awk '{ print $2 }' "$1/how"; }

# Some constructs are clang's alone, or mean something else to gcc.
fuzz_is_clangs() { grep -Eq '^/\* Made .* (assume|condbreak) ' "$1/prog.h"; }

# What is right: the plain build's output, in `expected`.
fuzz_plain() { # DIR [COMPILER-AND-OPTIONS]
    local compiler=${2:-cc -O1}
    ! fuzz_is_clangs "$1" || compiler=${compiler/#cc /clang-19 }
    # shellcheck disable=SC2046,SC2086 # lists of words
    (cd "$1" && $compiler "${fuzz_common[@]}" -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" $(fuzz_files .) \
        -o plain -pthread &&
        timeout 20 ./plain >"${3:-expected}") >"$1/log" 2>&1
}

# No compiler's choice: another one, at another level, prints the same.
fuzz_plain_agrees() { # DIR
    fuzz_plain "$1" "clang-19 -O2" other || return
    cmp -s "$1/expected" "$1/other" && return
    echo "plain gcc and clang differ: $(cat "$1/expected"), $(cat "$1/other")" >"$1/log"
    return 1
}

fuzz_build() { # DIR NAME OPTIONS
    local apart=${3/--whole-program/} how file objects=() flags status=0
    rm -f "$1"/*.o "$1"/*.sum
    while read -r how file; do
        case $how in
        plain) flags=(cc -O1) ;;
        # shellcheck disable=SC2206 # a list of words
        apart) flags=("$UNGIL_STAGE/bin/ungil-cc" $apart) ;;
        # shellcheck disable=SC2206
        *) flags=("$UNGIL_STAGE/bin/ungil-cc" $3) ;;
        esac
        (cd "$1" && timeout 120 "${flags[@]}" "${fuzz_common[@]}" -g -c "$file" -o "${file%.c}.o") \
            >>"$1/log.new" 2>&1 || status=$?
        objects+=("${file%.c}.o")
        [ $status -eq 0 ] || break
    done <"$1/how"
    # shellcheck disable=SC2086
    [ $status -ne 0 ] || (cd "$1" && timeout 120 "$UNGIL_STAGE/bin/ungil-cc" $3 "${fuzz_common[@]}" \
        -g "${objects[@]}" -o "$2" -pthread) \
        >>"$1/log.new" 2>&1 || status=$?
    mv "$1/log.new" "$1/log"
    return $status
}

# As the plain build?  If not: fuzz_kind, a word or two that the same fault has again, and fuzz_what.
fuzz_run() { # DIR NAME SETTINGS
    local status=0
    # shellcheck disable=SC2086 # a list of words; and not the shell's own word on what was aborted
    { (ulimit -c 0; exec env $3 timeout 60 "$1/$2" >"$1/out" 2>"$1/err") || status=$?; } 2>/dev/null
    [ $status -eq 0 ] && cmp -s "$1/out" "$1/expected" && return 0
    fuzz_kind=output
    [ $status -eq 0 ] || fuzz_kind="status $status"
    if grep -q "torn sums" "$1/out"; then
        fuzz_kind="torn sums"
    elif grep -q "lost updates" "$1/out"; then
        fuzz_kind="lost updates"
    elif grep -q "access without barrier" "$1/err"; then
        fuzz_kind="access without barrier"
    elif grep -q "immutable" "$1/err"; then
        fuzz_kind="immutable"
    fi
    fuzz_what="status $status; $(head -n 3 "$1/err"); $(head -n 4 "$1/out"), not $(cat "$1/expected")"
    return 1
}
