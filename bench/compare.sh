#!/usr/bin/env bash
# Runs Lisp programs on several builds side by side: rounds of all builds in turn, so that a slow minute of
# the machine hits all alike; medians; answers compared.  Called by ./dev demo and ./dev bench.
#
#   compare.sh --build DIR --programs DIR [--runs N] [--json] [--builds "gil1 stm1 stm2"] PROGRAM...
#
# A build is a name and a number of threads: plain1 (libgc, no STM), gil1, stm1, stm2, ...
# Progress goes to stderr, the result to stdout.
set -euo pipefail

build='' programs='' runs=5 json=0 builds='gil1 stm1 stm2'
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    --builds) builds=$2; shift 2 ;;
    --json) json=1; shift ;;
    -*) echo "compare.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done
[[ $runs =~ ^[1-9][0-9]*$ ]] || { echo "compare.sh: --runs needs a number, not '$runs'" >&2; exit 2; }
if [ -z "$build" ] || [ -z "$programs" ] || [ $# -eq 0 ]; then
    echo "compare.sh: see its first lines" >&2
    exit 2
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Runs one program once; prints seconds; the answer goes to $tmp/PROGRAM.BUILD.
run_once() {
    local program=$1 name=${2%%[0-9]*} threads=${2##*[a-z]}
    local answer=$tmp/$1.$2 before after status=0
    before=${EPOCHREALTIME/,/.}
    STM_SEGMENTS=$threads "$build/lisp/$name/lisp" -t "$threads" "$programs/$program.lisp" \
        >"$answer" 2>"$tmp/errors" </dev/null || status=$?
    after=${EPOCHREALTIME/,/.}
    if [ $status -ne 0 ]; then
        printf '\n%s on %s failed with status %d:\n' "$program" "$2" "$status" >&2
        tail -n 5 "$tmp/errors" >&2
        return 1
    fi
    awk -v a="$before" -v b="$after" 'BEGIN { printf "%.4f\n", b - a }'
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { n = NR;
    printf "%.3f", n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 }'; }

json_string() {
    awk 'BEGIN { ORS = ""; print "\"" }
         { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); gsub(/[\001-\037]/, "?")
           print (NR > 1 ? "\\n" : "") $0 }
         END { print "\"" }' "$1"
}

# A bar of b/10 of the longest time's 40 characters.
bar() { awk -v t="$1" -v most="$2" 'BEGIN { n = int(40 * t / most + 0.5)
    for (i = 0; i < n; i++) printf "#" }'; }

separator='' all_same=true
result=$tmp/result # printed whole at the end, or not at all
[ $json -eq 0 ] || printf '{"programs": [' >"$result"
for program; do
    for ((round = 1; round <= runs; round++)); do
        printf '  %-10s round %d of %d\r' "$program" "$round" "$runs" >&2
        for b in $builds; do
            run_once "$program" "$b" >>"$tmp/times.$program.$b"
            # Every run's answer counts, not only the last one's.
            cat "$tmp/$program.$b" >"$tmp/last"
            [ -e "$tmp/$program.first" ] || cp "$tmp/last" "$tmp/$program.first"
            cmp -s "$tmp/last" "$tmp/$program.first" || touch "$tmp/$program.differs"
        done
    done
    printf '%40s\r' '' >&2
    same=true
    expected=$programs/expected/$program.txt
    [ ! -e "$expected" ] || cmp -s "$expected" "$tmp/$program.first" || same=false
    [ ! -e "$tmp/$program.differs" ] || same=false
    [ $same = true ] || all_same=false

    first=${builds%% *} last=${builds##* }
    declare -A median_of=()
    most=0
    for b in $builds; do
        median_of[$b]=$(median "$tmp/times.$program.$b")
        most=$(awk -v a="$most" -v b="${median_of[$b]}" 'BEGIN { print (a > b ? a : b) }')
    done
    base=$first
    [ -z "${median_of[gil1]:-}" ] || base=gil1
    top=$last
    [ -z "${median_of[stm2]:-}" ] || top=stm2
    speedup=$(awk -v a="${median_of[$base]}" -v b="${median_of[$top]}" \
        'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }')

    if [ $json -eq 1 ]; then
        {
            printf '%s{"name": "%s"' "$separator" "$program"
            for b in $builds; do printf ', "%s_s": %s' "$b" "${median_of[$b]}"; done
            printf ', "speedup": %s, "answer": %s, "same": %s}' "$speedup" \
                "$(json_string "$tmp/$program.first")" "$same"
        } >>"$result"
        separator=', '
        continue
    fi
    printf '%s\n' "$program"
    printf '  answer    %s%s\n' "$(head -n 1 "$tmp/$program.first" | cut -c1-60)" \
        "$([ "$(wc -l <"$tmp/$program.first")" -le 1 ] || echo ' ...')"
    if [ $same = true ]; then
        printf '            the same in all %s runs\n' "$((runs * $(wc -w <<<"$builds")))"
    else printf '            NOT THE SAME in all runs\n'; fi
    for b in $builds; do
        threads=${b##*[a-z]}
        printf '  %-5s %2d thread%s %8.3f s  %s\n' "${b%%[0-9]*}" "$threads" \
            "$([ "$threads" = 1 ] && echo ' ' || echo s)" "${median_of[$b]}" \
                "$(bar "${median_of[$b]}" "$most")"
    done
    printf '  speed-up of %s over %s: %.2fx (medians of %d)\n\n' "$top" "$base" "$speedup" "$runs"
done
if [ $json -eq 1 ]; then
    cat "$result"
    echo ']}'
fi
[ $all_same = true ] || { echo "answers differ" >&2; exit 1; }
