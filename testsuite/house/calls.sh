#!/usr/bin/env bash
# Each file calls only what rooms.txt lets its room see, and no files call each other in a circle but for
# those in circles.txt.  What a file calls, or takes the address of, is what its object leaves undefined.
set -euo pipefail
cd "$UNGIL_SOURCE"
here=testsuite/house

# `SYMBOL FILE TYPE`: FILE needs it, if TYPE is U, or else defines it.
symbols() {
    local target part
    for target in passes:ungil_passes passes:ungil-ir tool:ungil tool/cc:ungil_host tool/cc:ungil-cc \
        runtime:ungil_segment verify:ungil-verify; do
        part=${target%:*}
        [ -d "$UNGIL_BUILD/$part/CMakeFiles/${target#*:}.dir" ] || continue # ungil-verify, without LLVM
        (cd "$UNGIL_BUILD/$part/CMakeFiles/${target#*:}.dir" &&
            find . -name '*.c.o' -print0 | sort -z | xargs -0 nm -A --format=posix) |
            sed -n "s|^\./\([^:]*\)\.o: \([^ ]*\) \([A-Z]\) *.*|\2 $part/\1 \3|p"
    done | while read -r symbol file type; do
        [ -e "$file" ] || continue # left behind by an older build
        echo "$symbol $file $type"
    done
}

# `FROM TO NAME...`: programs of their own share no symbols, but for the library that both link.
arrows() {
    awk '
        function program(file) {
            if (match(file, /^(runtime|verify|tool\/cc)\//))
                return substr(file, 1, RLENGTH)
            return "ungil"
        }
        $3 != "U" && $1 != "main" { where[program($2), $1] = $2 }
        $3 == "U" { uses[++n] = $1; by[n] = $2 }
        END {
            for (i = 1; i <= n; i++) {
                key = program(by[i]) SUBSEP uses[i]
                if (!(key in where) || where[key] == by[i])
                    continue
                pair = by[i] " " where[key]
                if (!(pair in names))
                    order[++m] = pair
                names[pair] = names[pair] " " uses[i]
            }
            for (i = 1; i <= m; i++)
                print order[i] names[order[i]]
        }'
}

arrows=$(mktemp)
trap 'rm -f "$arrows"' EXIT
symbols | arrows >"$arrows"
[ "$(wc -l <"$arrows")" -gt 400 ] || { echo "house_calls: found $(wc -l <"$arrows") arrows only"; exit 1; }
awk -v word=calls -f $here/arrows.awk $here/rooms.txt $here/circles.txt "$arrows"
echo "house_calls: $(wc -l <"$arrows") arrows between files, as in rooms.txt and circles.txt"
