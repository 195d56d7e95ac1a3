# whole.bash - mutants of a link: something is wrong in what `ungil link` found out about the whole program.
# Sourced by mutants.bash, whose functions it uses.
#
# The kinds are those of one file, with `link-` before them (UNGIL_MUTATE_LINK=KIND:N).  What is mutated is
# the joined program; what comes of it are other facts, with which the files are translated again.  A random
# program, as a whole, may have false alarms about its fields (doc/verify.md): found by `ungil verify` is
# what it did not say before.

# whole_object KIND FACTS FILE OBJECT
whole_object() {
    # shellcheck disable=SC2086 # a list of words, here and below
    "$UNGIL_STAGE/bin/ungil-cc" "$1" -O1 --whole-facts="$2" $common -c "$3" -o "$4" 2>/dev/null
}

# whole_code FACTS FILE DIR: assembly, to DIR/NAME.s, and text, to DIR/NAME.stm.c
whole_code() {
    # shellcheck disable=SC2086
    "$UNGIL_STAGE/bin/ungil-cc" -O1 -S --keep="$3" --whole-facts="$1" $common "$2" \
        -o "$3/${2%.c}.s" 2>/dev/null
}

# findings BITCODE...
findings() {
    local status=0
    "$UNGIL_STAGE/bin/ungil-verify" --whole "$@" >"${1%/*}/findings" 2>&1 || status=$?
    [ $status -le 1 ] || return $status
    grep ': error: ' "${1%/*}/findings" | sort -u || true
}

# of_file FACTS FILE: the section of that file
of_file() {
    awk -v file="$2" '$1 == "file" { on = $3 == file } on' "$1"
}

# prepare_whole PROGRAM: the right things in `whole/`; places to `places`.
prepare_whole() {
    local file name
    cd "$work/programs/$1"
    mkdir -p whole/sums
    while read -r file; do
        # shellcheck disable=SC2086
        "$UNGIL_STAGE/bin/ungil-cc" --check --whole-program -O1 $common -c "$file" \
            -o "whole/sums/${file%.c}.o" 2>/dev/null || return 0
    done <files
    UNGIL_MUTATE_LINK=list "$UNGIL_STAGE/bin/ungil" link --check -o whole/facts whole/sums/*.sum \
        2>whole/kinds || return 0
    while read -r file; do
        name=${file%.c}
        whole_code whole/facts "$file" whole && whole_object --check whole/facts "$file" "whole/$name.o" &&
            whole_object --verify whole/facts "$file" "whole/$name.bc" || return 0
    done <files
    findings whole/*.bc >whole/known || return 0
    link whole/program whole/*.o || return 0
    run whole/program >whole/out
    cmp -s whole/out expected || return 0
    awk -v p="$1" '$2 > 0 { print p, "-", "link-" $1, $2 }' whole/kinds >>places
}

# writers_seen SAID SEEN: were all accesses looked at that may write the field that SAID names?  None of them
# did, then, but in fresh objects, or the mutant's program had stopped.
writers_seen() {
    local place
    grep -q '^ungil: mutant: written at ' "$1" || return 1
    while read -r place; do
        grep "\(^\|/\)${place##*/}: write of " "$2" | grep -q ': checked$' || return 1
    done < <(sed -n 's/^ungil: mutant: written at //p' "$1" | sort -u)
}

# file_verdict FILE DIR: of a file whose code differs, and in which nothing was found
file_verdict() {
    local right=whole/${1%.c}.stm.c text=$2/${1%.c}.stm.c
    if only_more "$right" "$text"; then
        echo more
    elif is_loud "$right" "$text"; then
        echo loud
    elif lines_seen all "$right" "$text" whole/program.seen; then
        echo covered
    elif lines_seen none "$right" "$text" whole/program.seen; then
        echo unrun
    else
        echo MISSED
    fi
}

# judge_whole PROGRAM KIND N
judge_whole() {
    local file name verdict='' d=$work/mutants/$1.$2.$3 what changed=() bitcode=() objects=() status=0
    mkdir "$d"
    cd "$work/programs/$1"
    UNGIL_MUTATE_LINK=${2#link-}:$3 "$UNGIL_STAGE/bin/ungil" link --check -o "$d/facts" whole/sums/*.sum \
        2>"$d/said" || verdict=stopped
    what=$(sed -n 's/^ungil: mutant: //p' "$d/said" | head -n 1)
    while [ ! "$verdict" ] && read -r file; do
        name=${file%.c}
        bitcode+=("whole/$name.bc")
        objects+=("whole/$name.o")
        cmp -s <(of_file "$d/facts" "$file") <(of_file whole/facts "$file") && continue
        whole_code "$d/facts" "$file" "$d" || verdict=stopped
        cmp -s "$d/$name.s" "whole/$name.s" && continue
        whole_object --verify "$d/facts" "$file" "$d/$name.bc" &&
            whole_object --check "$d/facts" "$file" "$d/$name.o" || verdict=stopped
        changed+=("$file")
        bitcode[-1]=$d/$name.bc
        objects[-1]=$d/$name.o
    done <files
    if [ "$verdict" ]; then
        :
    elif [ ${#changed[@]} -eq 0 ]; then
        verdict=same
    else
        local first=$d/all.bc # findings are written beside the first
        cp "${bitcode[0]}" "$first"
        findings "$first" "${bitcode[@]:1}" >"$d/found" || status=$?
        [ $status -eq 0 ] || verdict=MISSED what="$what; ungil verify died"
        grep -vxFf whole/known "$d/found" >"$d/new" && verdict=verify
        link "$d/program" "${objects[@]}" || true
        run "$d/program" >"$d/out"
        cmp -s "$d/out" expected || case $verdict in
            '') verdict=check ;;
            verify) verdict=both ;;
        esac
    fi
    if [ ! "$verdict" ] && is_known "$1" "$2" "$what"; then
        verdict=known
    elif [ ! "$verdict" ] && writers_seen "$d/said" whole/program.seen; then
        verdict=covered
    elif [ ! "$verdict" ]; then
        # The worst of the files'.
        verdict=$(for file in "${changed[@]}"; do file_verdict "$file" "$d"; done |
            awk '
                BEGIN {
                    n = split("more loud covered unrun MISSED", v, " ")
                    for (k = 1; k <= n; k++) rank[v[k]] = k
                }
                rank[$1] > rank[worst] { worst = $1 } END { print worst }')
    fi
    [ "$verdict" != MISSED ] || [ -z "${KEEP:-}" ] || cp -r "$d" "$KEEP"
    printf '%s\t%s\t%s - %s\t%s\n' "$2" "$verdict" "$1" "$3" "$what"
    rm -rf "$d"
}
export -f whole_object whole_code findings of_file prepare_whole writers_seen file_verdict judge_whole
