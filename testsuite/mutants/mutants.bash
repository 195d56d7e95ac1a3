#!/usr/bin/env bash
# mutants.bash [-n COUNT] [-s SEED] [-k KIND] [-r RANDOM] - faults on purpose in the translator: found?
#
# A mutant (passes/mutate.c) is one thing that the translator takes wrong in one file: an event, a fact, a
# barrier; or that the link of a whole program does (whole.bash).  COUNT of them (1000) are drawn, by the
# seed, from all places of all kinds in the test programs and in RANDOM random programs (8): first a kind,
# then one of its places.  KIND may be an extended regular expression.  Of each:
#
#   same     its text is that of the right translation, or it compiles to the same code: no fault
#   stopped  the translator, or the compiler, stops
#   verify   `ungil verify` finds something in its file
#   check    its program, in the checking build, stops or prints something else
#   more     in its text there is all that is in the right one, in that order; only barriers came to it
#   loud     all that is gone are accesses through STM_AT and its like, with their barriers: plain now, and
#            fault at once if they lead to transactional memory
#   covered  the access without its barrier, or else all accesses of lines whose text differs, were looked at
#            by the checking build, which found nothing uncovered, as `ungil verify` has not: an earlier
#            barrier, which the passes do not relate to it, covers the place
#   known    equivalent.txt says why it is no fault
#   MISSED   none of these
#
# A place in a line whose accesses the right program never comes to is not judged (`unrun`): nothing but
# `ungil verify` could say whether it is a fault.
#
# Prints a line for each kind, and the missed ones; with KEEP=DIR, what was made of those stays there.  Exit
# status 0: none was missed.
set -euo pipefail
: "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export here source=$here/.. UNGIL_STAGE LC_ALL=C
shopt -s nullglob
unset UNGIL_CC UNGIL_CLANG UNGIL_RUNTIME UNGIL_MUTATE
for variable in ${!STM_@}; do unset "$variable"; done

count=1000 seed=1 only='' random=8 jobs=${JOBS:-2}
while getopts n:s:k:r: option; do
    case $option in
    n) count=$OPTARG ;;
    s) seed=$OPTARG ;;
    k) only=$OPTARG ;;
    r) random=$OPTARG ;;
    *) sed -n '2,/^set/{/^set/d; s/^# \{0,1\}//p;}' "$0" >&2; exit 2 ;;
    esac
done
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
# Arrays are not handed on to other shells.
export common="-std=gnu17 -w -fno-strict-aliasing -isystem . -I$source/translate/run"

# ---- the programs: a folder each, with `files` and the sources

mkdir "$work/programs" "$work/mutants"
add() { # NAME FILE...
    local folder=$work/programs/$1
    mkdir "$folder"
    cp "${@:2}" "$folder"
    (cd "$folder" && ls -- *.c) >"$folder/files"
}
for file in "$source"/e2e/*.c "$source"/translate/run/*.c "$source"/check/programs/sample.c; do
    add "$(basename "$(dirname "$file")")-$(basename "$file" .c)" "$file" "$(dirname "$file")"/*.h
done
cc -O1 -std=gnu17 -w "$source"/fuzz/*.c -o "$work/generate"
for ((k = 1; k <= random; k++)); do
    folder=$work/programs/random$k
    mkdir "$folder"
    "$work/generate" --without names --without plain "$((seed * 1000 + k))" "$folder" >/dev/null
    awk '{ print $2 }' "$folder/how" >"$folder/files"
done

# ---- builds, with UNGIL_MUTATE

translate() { # FILE TEXT
    # shellcheck disable=SC2086 # a list of words, here and below
    "$UNGIL_STAGE/bin/ungil" translate "$1" -o "$2" -- $common
}
code() { # FILE ASSEMBLY
    # shellcheck disable=SC2086
    "$UNGIL_STAGE/bin/ungil-cc" -O1 -S $common "$1" -o "$2" 2>/dev/null
}
object() { # KIND FILE OBJECT
    # shellcheck disable=SC2086
    "$UNGIL_STAGE/bin/ungil-cc" "$1" -O0 $common -c "$2" -o "$3" 2>/dev/null
}
link() { # PROGRAM OBJECT...
    "$UNGIL_STAGE/bin/ungil-cc" --check "${@:2}" -o "$1" -pthread -lm 2>/dev/null
}
is_proven() { "$UNGIL_STAGE/bin/ungil-verify" "$1" >/dev/null 2>&1; } # 1: no

run() { # PROGRAM: what it says in two settings, to stdout; the accesses looked at, to PROGRAM.seen
    local status=0
    (ulimit -c 0; STM_SEEN=$1.seen STM_BREAK=1 timeout 60 "$1" one two 2>&1) || status=$?
    echo "status $status"
    status=0
    (ulimit -c 0; HAMMER=100 STM_SEEN=$1.seen2 STM_BREAK=5 STM_SEGMENTS=3 \
        timeout 60 "$1" one two 2>&1) || status=$?
    echo "status $status"
    cat "$1.seen2" >>"$1.seen"
} 2>/dev/null

# prepare PROGRAM: right texts, code, objects and output; its places by kind to `places`.  A program that is
# not right without a mutant, or not proven, gets none.
prepare() {
    local file name objects=()
    cd "$work/programs/$1"
    while read -r file; do
        name=${file%.c}
        UNGIL_MUTATE=list translate "$file" "$name.right" 2>"$name.kinds" && code "$file" "$name.code" &&
            object --verify "$file" "$name.bc" && is_proven "$name.bc" &&
            object --check "$file" "$name.o" || return 0
        objects+=("$name.o")
    done <files
    link right "${objects[@]}" || return 0
    run ./right >expected
    run ./right >again
    cmp -s expected again || return 0
    while read -r file; do
        awk -v p="$1" -v f="$file" '$2 > 0 { print p, f, $1, $2 }' "${file%.c}.kinds"
    done <files >places
    prepare_whole "$1"
}

# ---- what becomes of a mutant

# words TEXT: one a line, with temporaries of no number.
words() {
    tr -cs '[:alnum:]_' '\n' <"$1" | sed 's/^\(stm_[a-z]*\)[0-9][0-9]*$/\1/'
}

# only_more RIGHT MUTANT
only_more() {
    local lost
    lost=$(diff <(words "$1") <(words "$2") | grep -c '^<' || true)
    [ "$lost" -eq 0 ]
}

# barriers TEXT: how many there are
barriers() { words "$1" | grep -c '^stm_\(any_\)\?\(rd\|wr\)' || true; }

# is_loud RIGHT MUTANT
is_loud() {
    local accesses barriers
    accesses=$(($(words "$1" | grep -c '^STM_AT$\|^stm_any') - $(words "$2" | grep -c '^STM_AT$\|^stm_any')))
    barriers=$(($(barriers "$1") - $(barriers "$2")))
    [ "$accesses" -gt 0 ] && [ "$barriers" -le "$accesses" ]
}

# is_unrun PLACE SEEN: are there accesses in that line, and none of them was looked at?
is_unrun() {
    local place=${1%:*}
    place=${place##*/}
    grep -q "\(^\|/\)$place:" "$2" && ! grep -q "\(^\|/\)$place:.*: checked$" "$2"
}

# lines TEXT: each line of translated code, with the file and the line of the source that it stands for, and
# temporaries of no number.
lines() {
    awk '
        /^#line / || /^# [0-9]/ { n = $2 - 1; file = $3; gsub(/^.*\/|"/, "", file); next }
        { n++; print file ":" n "\t" $0 }' "$1" |
        sed 's/\<\(stm_[a-z]*\)[0-9][0-9]*\>/\1/g'
}

# lines_seen all|none RIGHT MUTANT SEEN: were all accesses looked at that stand in source lines whose text
# differs?  Or none of them?
lines_seen() {
    local wanted
    wanted=$(diff <(lines "$2") <(lines "$3") | sed -n 's/^[<>] \([^\t]*:[0-9]*\)\t.*/\1/p' | sort -u)
    [ "$wanted" ] || return 1
    awk -F: -v wanted="$wanted" -v mode="$1" '
        BEGIN { n = split(wanted, w, "\n"); for (k = 1; k <= n; k++) line[w[k]] = 1 }
        { name = $1; sub(/.*\//, "", name) }
        (name ":" $2) in line { seen[name, $2, $3] += !($0 ~ /: never$/) }
        END {
            for (k in seen) { there++; never += !seen[k] }
            exit !there || never != (mode == "all" ? 0 : there)
        }' "$4"
}

# function_seen FILE FUNCTION: were all accesses of a function looked at?
function_seen() {
    awk -v file="$1" -v function_="$2" '
        { name = $0; sub(/:.*/, "", name); sub(/.*\//, "", name) }
        name == file && $0 ~ ", in " function_ ": [a-z]*$" { there++; never += / never$/ }
        END { exit !there || never > 0 }' right.seen
}

# all_seen FILE RIGHT MUTANT KIND PLACE FUNCTION: was the access looked at whose barrier it was; or all in
# lines whose text differs, or in the whole function?
all_seen() {
    case $4 in
    drop | weak | late) # which say where the access is
        grep -q "\(^\|/\)${5##*/}: .*: checked$" right.seen
        ;;
    class) # which may concern other accesses, too
        [ $(($(barriers "$2") - $(barriers "$3"))) -eq 1 ] &&
            grep -q "\(^\|/\)${5##*/}: .*: checked$" right.seen || lines_seen all "$2" "$3" right.seen
        ;;
    moved*) # it may serve any access of the function
        function_seen "$1" "$6"
        ;;
    *) lines_seen all "$2" "$3" right.seen || function_seen "$1" "$6" ;;
    esac
}

# is_known PROGRAM KIND WHAT
is_known() {
    grep -v '^#' "$here/equivalent.txt" | cut -d'	' -f1 | grep -qxF "$1 $2 $3"
}

# found DIR FILE: does something find the mutant whose text is in DIR?  To `verdict`.
found() {
    local f objects=()
    verdict=stopped
    object --verify "$2" "$1/bc" && object --check "$2" "$1/o" || return 0
    verdict=''
    is_proven "$1/bc" || verdict=$([ $? -eq 1 ] && echo verify || echo MISSED)
    while read -r f; do
        if [ "$f" = "$2" ]; then objects+=("$1/o"); else objects+=("${f%.c}.o"); fi
    done <files
    link "$1/program" "${objects[@]}" || true
    run "$1/program" >"$1/out"
    cmp -s "$1/out" expected && return
    case $verdict in
    '') verdict=check ;;
    verify) verdict=both ;;
    esac
}

# judge PROGRAM FILE KIND N: a line of the table of verdicts.  FILE is - for a mutant of the link.
judge() {
    if [ "$2" = - ]; then
        judge_whole "$1" "$3" "$4"
        return
    fi
    local file=$2 kind=$3 name=${2%.c} verdict='' d what place
    d=$work/mutants/$1.$name.$kind.$4
    mkdir "$d"
    cd "$work/programs/$1"
    export UNGIL_MUTATE=$kind:$4
    translate "$file" "$d/text" 2>"$d/said" || verdict=stopped
    what=$(sed -n 's/^ungil: mutant: //p' "$d/said" | head -n 1)
    place=${what##* at } place=${place%% in *}
    if [ "$verdict" ]; then
        :
    elif is_unrun "$place" right.seen; then
        verdict=unrun
    elif cmp -s "$d/text" "$name.right" ||
        { code "$file" "$d/code" && cmp -s "$d/code" "$name.code"; }; then
        verdict=same
    else
        found "$d" "$file"
    fi
    if [ "$verdict" = MISSED ]; then
        what="$what; ungil verify died"
    elif [ "$verdict" ]; then
        :
    elif only_more "$name.right" "$d/text"; then
        verdict=more
    elif is_loud "$name.right" "$d/text"; then
        verdict=loud
    elif all_seen "$file" "$name.right" "$d/text" "$kind" "$place" "${what##* in }"; then
        verdict=covered
    elif is_known "$1" "$kind" "$what"; then
        verdict=known
    else
        verdict=MISSED
    fi
    [ $verdict != MISSED ] || [ -z "${KEEP:-}" ] || cp -r "$d" "$KEEP"
    printf '%s\t%s\t%s %s %s\t%s\n' "$kind" "$verdict" "$1" "$file" "$4" "$what"
    rm -rf "$d"
}
export -f translate code object link is_proven run prepare words only_more barriers is_loud is_unrun lines \
    lines_seen function_seen all_seen is_known found judge
# shellcheck source=testsuite/mutants/whole.bash
. "$here/whole.bash"

find "$work/programs" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort |
    xargs -P "$jobs" -I{} bash -c 'set -euo pipefail; prepare "$1"' prepare {}
cat "$work"/programs/*/places >"$work/places"
[ -s "$work/places" ] || { echo "no program is right" >&2; exit 2; }
for folder in "$work"/programs/*; do
    [ -e "$folder/places" ] ||
        echo "left out: $(basename "$folder"), not right without a mutant, or not proven" >&2
done

# Draws: a kind, then a place of it; none twice.
awk -v count="$count" -v seed="$seed" -v only="$only" '
    !only || $3 ~ "^(" only ")$" {
        if (!($3 in total)) kinds[nkinds++] = $3
        m = ++n[$3]; from[$3, m] = total[$3]; where[$3, m] = $1 " " $2; total[$3] += $4
    }
    END {
        srand(seed)
        for (tries = 0; made < count && tries < 50 * count; tries++) {
            k = kinds[int(rand() * nkinds)]
            at = int(rand() * total[k])
            if ((k, at) in drawn) continue
            drawn[k, at] = 1
            for (m = n[k]; from[k, m] > at; m--);
            print where[k, m], k, at - from[k, m]
            made++
        }
    }' "$work/places" >"$work/drawn"

xargs -P "$jobs" -L 1 bash -c 'set -uo pipefail; judge "$@"' judge <"$work/drawn" >"$work/verdicts"

sort "$work/verdicts" | awk -F'\t' '
    BEGIN {
        ncolumns = split("verify check both stopped same more loud covered known unrun MISSED", column, " ")
        line = sprintf("%-18s %5s", "kind", "all")
        for (k = 1; k <= ncolumns; k++) line = line sprintf(" %7s", column[k])
        print line
    }
    function row(name, n, v,    k, line) {
        line = sprintf("%-18s %5d", name, n)
        for (k = 1; k <= ncolumns; k++) line = line sprintf(" %7d", v[name, column[k]])
        print line
    }
    $1 != last && last != "" { row(last, n[last], v) }
    { n[$1]++; v[$1, $2]++; v["all", $2]++; total++; last = $1 }
    $2 == "MISSED" { missed[nmissed++] = $1 ": " $3 ": " $4 }
    END {
        row(last, n[last], v)
        row("all", total, v)
        for (k = 0; k < nmissed; k++) print "MISSED: " missed[k]
    }' | tee "$work/table"
[ "$(wc -l <"$work/verdicts")" -eq "$(wc -l <"$work/drawn")" ] && ! grep -q '^MISSED' "$work/table"
