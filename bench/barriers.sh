#!/usr/bin/env bash
# Executed accesses and barriers: the sample Lisp's programs and the kernels, in the counting build, one run
# each (counts of one thread do not vary).  Called by ./dev bench barriers.
#
#   barriers.sh --build DIR --programs DIR [--json]
#
# The counting runtime writes its summary as the first line of a JSON file (doc/measuring.md).
set -euo pipefail

build='' programs='' json=0
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    --json) json=1; shift ;;
    *) echo "barriers.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
if [ -z "$build" ] || [ -z "$programs" ]; then
    echo "barriers.sh: see its first lines" >&2
    exit 2
fi

# Sizes that take about a second each.
runs=(
    "lisp:nqueens 8" "lisp:mergesort 4000 8 50" "lisp:trees 200 8" "lisp:sqrt 10000 100" \
        "lisp:conflict 500 20 150"
    "kernel:list 1000 500" "kernel:tree 20000" "kernel:dispatch 18 20000" "kernel:arrays 20000 5"
)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# counts COMMAND...: sets summary
counts() {
    if ! STM_SEGMENTS=1 STM_COUNT=$tmp/counts "$@" >"$tmp/answer" 2>"$tmp/errors" </dev/null; then
        echo "failed: $*" >&2
        tail -n 5 "$tmp/errors" >&2
        exit 1
    fi
    summary=$(sed -n '1s|^{"summary": \(.*\),$|\1|p' "$tmp/counts")
}

separator='{'
for run in "${runs[@]}"; do
    read -r -a arguments <<<"${run#*:}"
    name=${arguments[0]}
    arguments=("${arguments[@]:1}")
    if [ "${run%%:*}" = lisp ]; then
        command=("$build/lisp/count/lisp" -t 1 "$programs/$name.lisp" "${arguments[@]}")
        whole=("$build/lisp/count_whole/lisp" "${command[@]:1}")
    else
        name=kernel_$name
        command=("$build/kernels/${name#kernel_}" "${arguments[@]}")
        whole=("$build/kernels/${name#kernel_}_whole" "${arguments[@]}")
    fi
    counts "${whole[@]}"
    final=${summary##*\"final\": }
    final=${final%%\}*}\}
    checks=${summary##*\"checks\": }
    checks=${checks%%,*}
    counts "${command[@]}"
    hand=''
    if [ "${run%%:*}" = lisp ]; then
        hand=", \"hand\": $(awk -f "$here/hand.awk" "$here/hand.txt" "$tmp/counts")"
    fi
    summary="${summary%\}}, \"whole_program\": $final, \"whole_program_checks\": $checks$hand}"
    if [ $json -eq 1 ]; then
        printf '%s\n"%s": %s' "$separator" "$name" "$summary"
        separator=','
        continue
    fi
    awk -v name="$name ${arguments[*]}" '
        function number(object, key,    s) { # of one {...} without objects inside
            s = substr(object, index(object, "\"" key "\": ") + length(key) + 4)
            return s + 0
        }
        function object(key,    s) {
            if (!index($0, "\"" key "\": {")) return ""
            s = substr($0, index($0, "\"" key "\": {"))
            return substr(s, 1, index(s, "}"))
        }
        function row(label, o,    r, w) {
            r = number(o, "read"); w = number(o, "write")
            printf "  %-20s %14d %14d", label, r, w
            if (naive > 0) printf " %8.1f %%", 100 * (r + w) / naive
            printf "\n"
        }
        {
            printf "%s\n  %-20s %14s %14s %10s\n", name, "", "read", "write", "of naive"
            row("accesses", object("accesses"))
            n = object("naive"); naive = number(n, "read") + number(n, "write")
            row("barriers, naive", n)
            p = substr($0, index($0, "\"passes\": [") + 11); p = substr(p, 1, index(p, "]") - 1)
            count = split(p, passes, "}")
            for (i = 1; i < count; i++) {
                match(passes[i], /"name": "[^"]*"/)
                pass = substr(passes[i], RSTART + 9, RLENGTH - 10)
                row("  after " pass, passes[i])
            }
            row("barriers, final", object("final"))
            row("  on fresh objects", object("final_on_fresh"))
            row("  whole program", object("whole_program"))
            if (object("hand") != "") row("placed by hand", object("hand"))
            printf "  %-20s %14d %14s\n", "checks", number($0, "checks"), ""
            row("activation bound", object("activation_bound"))
            row("transaction bound", object("transaction_bound"))
            printf "  %d transactions\n\n", number($0, "transactions")
        }' <<<"$summary"
done
[ $json -eq 0 ] || printf '\n}\n'
