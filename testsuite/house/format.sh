#!/usr/bin/env bash
# .clang-format is the law for C; no line of code is longer than 110 columns, no row of a table in doc/ than
# 200.
set -euo pipefail
cd "$UNGIL_SOURCE"
bad=0

# The files of the tree, as git knows them; without git, those that are not built.
files() {
    git ls-files --cached --others --exclude-standard --deduplicate -- "$@" 2>/dev/null ||
        for pattern; do find . -path ./build -prune -o -name "${pattern##*/}" -print; done | sed 's|^\./||'
}

mapfile -t c < <(files '*.c' '*.h')
[ ${#c[@]} -gt 200 ] || { echo "house_format: found ${#c[@]} C files only"; exit 1; }
command -v clang-format >/dev/null || { echo "house_format: no clang-format: ./dev setup"; exit 1; }
# In folders whose files' layout is what a test looks at, .clang-format says DisableFormat.
clang-format --dry-run -Werror "${c[@]}" 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: error: code should be.*/: not formatted: clang-format -i/p' | sort -u |
        head -20 |
    grep . && bad=1

mapfile -t code < <(files '*.c' '*.h' '*.def' '*.sh' '*.bash' '*.awk' '*.py' '*.cmake' '*CMakeLists.txt' dev \
    .ci/run)
awk 'length > 110 { print FILENAME ":" FNR ": " length " columns"; bad = 1 } END { exit bad }' "${code[@]}" \
    || bad=1

mapfile -t docs < <(files '*.md')
awk '/^ *\|/ && length > 200 { print FILENAME ":" FNR ": a row of " length " columns";
    bad = 1 } END { exit bad }' \
    "${docs[@]}" || bad=1

[ $bad -ne 0 ] || echo "house_format: ${#c[@]} C files, ${#code[@]} files of code, ${#docs[@]} documents"
exit $bad
