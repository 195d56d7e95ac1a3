#!/usr/bin/env bash
# unmend.bash [-a] [-k PATTERN] [-t SECONDS] [-w DIR] - does the fuzzer find what was mended?
#
#   -a           only try whether every edit still applies
#   -k PATTERN   only mends whose name has this extended regular expression
#   -t SECONDS   so long for each (180)
#   -w DIR       keep the copy of the tree there, for the next time
#
# unmend.txt is a list of mends of the translator, each with a few words of the source that take it out.  In a
# copy of the tree each is taken out by itself, the translator is built, and fuzz.bash runs with the feature
# that the list names, from seed 1, until it finds something.  What it finds must not be found by the tree as
# it is.  Prints a row for each; the exit status is 0 if all were found.
#
# An edit that does not apply, or applies twice, is an error: then the source has changed, and the list must.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
only='' pattern=. seconds=180 keep=''
while getopts ak:t:w: option; do
    case $option in
    a) only=apply ;;
    k) pattern=$OPTARG ;;
    t) seconds=$OPTARG ;;
    w) keep=$OPTARG ;;
    *) sed -n '2,/^set/{/^set/d; s/^# \{0,1\}//p;}' "$0" >&2; exit 2 ;;
    esac
done
[ -n "$only" ] || : "${UNGIL_STAGE:?set UNGIL_STAGE=<build>/stage}"
work=$(mktemp -d "${TMPDIR:-/tmp}/ungil-unmend.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=${keep:-$work/tree}

error() {
    echo "unmend.bash: $name: $*" >&2
    errors=$((errors + 1))
}

# ---- the list: names, and of each what, by, and its edits (file, old, new in turns)

declare -A what by edits
names=() errors=0
read_list() {
    local line word file='' old='' number=0
    name=unmend.txt
    while IFS= read -r line; do
        number=$((number + 1)) word=${line%% *}
        case $word in
        '' | '#'*) continue ;;
        mend)
            name=${line#* }
            [ -z "${what[$name]-}" ] || error "line $number: twice"
            names+=("$name") what[$name]='' by[$name]='' edits[$name]=''
            ;;
        what) what[$name]=${line#* } ;;
        by) by[$name]=${line#* } ;;
        in) file=${line#* } ;;
        -) old=${line#- } ;;
        +) # the new text may be empty
            line=${line#+}
            edits[$name]+=$file$'\n'$old$'\n'${line# }$'\n'
            ;;
        *) error "line $number: not understood: $line" ;;
        esac
    done <"$here/unmend.txt"
}

# edit FILE OLD NEW: its text with NEW in the place of OLD, which must be there once.
edit() {
    old=$2 new=$3 awk '
        (at = index($0, ENVIRON["old"])) {
            rest = substr($0, at + length(ENVIRON["old"]))
            times += 1 + (index(rest, ENVIRON["old"]) > 0)
            $0 = substr($0, 1, at - 1) ENVIRON["new"] rest
        }
        { print }
        END { exit times != 1 }' "$1"
}

# apply FROM-TREE TO-TREE: the edits of $name.
apply() {
    local file old new from
    while IFS= read -r file && IFS= read -r old && IFS= read -r new; do
        from=$2/$file
        [ -f "$from" ] || from=$1/$file
        [ -f "$from" ] || { error "no file $file"; return 1; }
        edit "$from" "$old" "$new" >"$work/text" || { error "not once in $file: $old"; return 1; }
        mkdir -p "$(dirname "$2/$file")"
        cp "$work/text" "$2/$file"
    done < <(printf %s "${edits[$name]}")
}

# ---- the copy

copied=(CMakeLists.txt cmake runtime passes tool verify bench testsuite samples)
copy() { # what differs, so that it is built again
    local file
    (cd "$root" && find "${copied[@]}" -type f -printf '%h\n') | sort -u |
        (cd "$tree" && xargs -d '\n' mkdir -p)
    (cd "$root" && find "${copied[@]}" -type f) | while IFS= read -r file; do
        cmp -s "$root/$file" "$tree/$file" || cp "$root/$file" "$tree/$file"
    done
}
build() { cmake --build "$tree/build" --parallel "${JOBS:-2}" --target ungil ungil-cc; }
prepare() {
    mkdir -p "$tree"
    copy
    if ! { cmake -S "$tree" -B "$tree/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        ${UNGIL_LLVM_PREFIX:+"-DUNGIL_LLVM_PREFIX=$UNGIL_LLVM_PREFIX"} && build; } >"$work/log" 2>&1; then
        cat "$work/log" >&2
        exit 2
    fi
    cp -r "$UNGIL_STAGE/lib" "$tree/build/stage"
}

restore() {
    local file old new
    while IFS= read -r file && IFS= read -r old && IFS= read -r new; do
        cp "$root/$file" "$tree/$file"
        touch "$tree/$file" # newer than what was built
    done < <(printf %s "${edits[$name]}")
}

fuzz() { # STAGE OPTIONS
    UNGIL_STAGE=$1 TMPDIR=$work "$here/fuzz.bash" -1 "${@:2}" >"$work/said" 2>&1
}

one() {
    local features builds start=$SECONDS found seed kind
    apply "$tree" "$tree" || { restore; return; }
    if ! build >"$work/log" 2>&1; then
        error "does not build: $(grep -m 3 error "$work/log")"
        restore
        return
    fi
    read -r features builds <<<"${by[$name]}"
    start=$SECONDS
    fuzz "$tree/build/stage" -t "$seconds" -O "$features" -b "$builds" || true
    found=$(sed -n 's/^FAILED: seed //p' "$work/said" | head -n 1)
    seed=${found%%:*} kind=${found#*: }
    restore
    if [ -z "$found" ]; then
        row '' "" "NOT FOUND: $(tail -n 1 "$work/said")"
        missed=$((missed + 1))
    elif ! fuzz "$UNGIL_STAGE" -s "$seed" -n 1 -O "$features" -b "$builds"; then
        row "$seed" "" "found by the tree as it is, too"
        missed=$((missed + 1))
    else
        row "$seed" $((SECONDS - start)) "${kind%%: *}"
    fi
}

row() { # SEED SECONDS RESULT
    printf '| %s | %s | %s | %s | %s | %s |\n' "${what[$name]}" "${by[$name]%% *}" "${by[$name]#* }" \
        "$1" "$2" "$3"
}

read_list
missed=0 done=0
for name in "${names[@]}"; do
    [[ $name =~ $pattern ]] || continue
    [[ ${edits[$name]} && ${what[$name]} && ${by[$name]} = *' '* ]] || error "not whole"
    done=$((done + 1))
    rm -rf "$work/edited"
    mkdir "$work/edited"
    apply "$root" "$work/edited" || true
done
[ $errors = 0 ] || exit 2
if [ -n "$only" ]; then
    echo "$done mends, whose edits apply"
    exit
fi
prepare
echo '| mend taken out | feature | build | seed | s | found as |'
echo '| --- | --- | --- | --- | --- | --- |'
for name in "${names[@]}"; do
    [[ ! $name =~ $pattern ]] || one
done
echo "$done mends, $missed not found, $errors errors"
[ $errors = 0 ] && [ $missed = 0 ] && [ $done -gt 0 ]
