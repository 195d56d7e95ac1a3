#!/usr/bin/env bash
# Each file includes only what rooms.txt lets its room see, and no files include each other in a circle.
set -euo pipefail
cd "$UNGIL_SOURCE"
here=testsuite/house

# `FROM TO`, for each #include of a file of ours; where a name could be several files, the one that the
# compiler takes.
includes() {
    local file
    find tool passes runtime verify -name '*.[ch]' | sort | while read -r file; do
        sed -n 's/^# *include *"\([^"]*\)".*/\1/p; s/^# *include *<\(ungil[^>]*\)>.*/\1/p' "$file" |
            while read -r name; do
            for dir in "${file%/*}" tool tool/cc passes runtime runtime/include; do
                if [ -e "$dir/$name" ]; then
                    echo "$file $dir/$name ${name##*/}"
                    break
                fi
            done
        done
    done
}

arrows=$(mktemp)
trap 'rm -f "$arrows"' EXIT
includes >"$arrows"
[ "$(wc -l <"$arrows")" -gt 200 ] || { echo "house_includes: found $(wc -l <"$arrows") includes only";
    exit 1; }
awk -v word=includes -f $here/arrows.awk $here/rooms.txt "$arrows"
echo "house_includes: $(wc -l <"$arrows") includes, all downward, no circle"
